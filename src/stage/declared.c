/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/declared.h"

#include <fcntl.h>
#include <linux/stat.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "base/text.h"
#include "format/armor.h"
#include "format/format.h"
#include "medium/file.h"
#include "model/anchor.h"
#include "model/staged.h"
#include "model/store.h"
#include "stage/stager.h"

/* Why nothing can be written there, or NULL. */
static const char *sealed(const struct root *root, const char *path)
{
	int fd = root_open_at(root, path, O_PATH | O_NOFOLLOW);
	const char *why = NULL;
	struct statvfs fs;
	struct statx st;

	if (fd < 0)
		return NULL;
	if (fstatvfs(fd, &fs) == 0 && fs.f_flag & ST_RDONLY)
		why = "is on a read-only file system";
	else if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &st) == 0 &&
		 st.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND))
		why = "is immutable (chattr +i or +a)";
	close(fd);
	return why;
}

/* The nearest directory above that is there; owned. */
static char *above(const struct root *root, const char *path)
{
	char *directory = mem_string(path, strlen(path)), *slash;

	while ((slash = strrchr(directory, '/')) != NULL && slash > directory) {
		*slash = '\0';
		if (root_is_directory(root, directory))
			return directory;
	}
	directory[directory[0] == '/' ? 1 : 0] = '\0';
	return directory;
}

/* The first edit's path that cannot be written, with why; NULL: all can. */
static char *first_sealed(const struct root *root, const struct edits *edits, const char **ret_why)
{
	char *last = NULL, *found = NULL;

	for (size_t i = 0; found == NULL && i < edits->count; i++) {
		const struct edit *edit = &edits->all[i];
		char *directory;

		if (edit->kind == EDIT_RUN)
			continue;
		directory = above(root, edit->path);
		if (last == NULL || strcmp(last, directory) != 0)
			*ret_why = sealed(root, directory);
		if (*ret_why != NULL)
			found = mem_string(directory, strlen(directory));
		else if (edit->was.kind != WAS_ABSENT && (*ret_why = sealed(root, edit->path)) != NULL)
			found = mem_string(edit->path, strlen(edit->path));
		free(last);
		last = directory;
	}
	free(last);
	return found;
}

static void indented(struct buf *to, const char *indent, struct bytes text)
{
	while (text.len > 0) {
		const uint8_t *end = memchr(text.at, '\n', text.len);
		size_t len = end != NULL ? (size_t)(end - text.at) : text.len;

		buf_text(to, indent);
		buf_bytes(to, (struct bytes){ text.at, len });
		buf_byte(to, '\n');
		text = bytes_skip(text, len + 1);
	}
}

/* What somebody wrote, and not what is made from it. */
static bool is_source(const struct edit *edit)
{
	size_t len = strlen(edit->path), tail = strlen(".p11-kit");
	static const char *const parts[] = { "/anchors/", "/blocklist/", "trust-source/", "ca-trust/source/",
					     "/pki/trust/" };

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (strstr(edit->path, parts[i]) != NULL)
			return true;
	return len > tail && strcmp(edit->path + len - tail, ".p11-kit") == 0;
}

static void butane(const struct edits *edits, struct buf *to)
{
	buf_text(to, "# Butane; it becomes Ignition by: butane --strict FILE\n"
		     "variant: fcos\nversion: 1.5.0\nstorage:\n  files:\n");
	for (size_t i = 0; i < edits->count; i++)
		if (edits->all[i].kind == EDIT_FILE && is_source(&edits->all[i])) {
			buf_print(to,
				  "    - path: %s\n      mode: 0644\n      overwrite: true\n      contents:\n"
				  "        inline: |\n",
				  edits->all[i].path);
			indented(to, "          ", buf_view(&edits->all[i].content));
		}
}

static void by_shell(const struct edits *edits, struct buf *to)
{
	for (size_t i = 0; i < edits->count; i++)
		if (edits->all[i].kind == EDIT_FILE && is_source(&edits->all[i])) {
			buf_print(to, "install -D -m 0644 /dev/stdin '%s' <<'END'\n", edits->all[i].path);
			buf_bytes(to, buf_view(&edits->all[i].content));
			buf_text(to, "END\n");
		}
}

/* By which means the system is made, by what is there. */
static const struct means {
	const char *sign;
	const char *begin;
	void (*write)(const struct edits *edits, struct buf *to);
} means[] = {
	{ "/usr/sbin/transactional-update", "# in the shell of: transactional-update shell\n", by_shell },
	{ "/run/ostree-booted", "", butane },
	{ "/ostree", "", butane },
	{ "/", "# when the image is made:\n", by_shell },
};

/* NULL: no source would change, and what is made of them is made by the system's own tool. */
static char *snippet(const struct root *root, const struct edits *edits)
{
	const struct means *by = means;
	struct buf text = { 0 };
	size_t sources = 0;

	for (size_t i = 0; i < edits->count; i++)
		sources += edits->all[i].kind != EDIT_DIRECTORY && is_source(&edits->all[i]);
	if (sources == 0)
		return NULL;
	while (!root_has(root, by->sign))
		by++;
	buf_text(&text, by->begin);
	by->write(edits, &text);
	for (size_t i = 0; i < edits->count; i++)
		if (edits->all[i].kind == EDIT_REMOVE && is_source(&edits->all[i]))
			buf_print(&text, "# and without %s\n", edits->all[i].path);
	buf_byte(&text, '\0');
	return (char *)text.at;
}

void declared_instead(const struct root *root, struct staged *staged)
{
	const char *why = NULL;
	char *path = first_sealed(root, &staged->edits, &why);

	if (path == NULL)
		return;
	for (size_t i = 0; i < staged->outcome_count; i++) {
		struct outcome *outcome = &staged->outcomes[i];

		if (outcome->kind != OUTCOME_DONE && outcome->kind != OUTCOME_FORBIDDEN)
			continue;
		outcome->kind = OUTCOME_CANNOT;
		free(outcome->text);
		outcome->text = mem_print("'%s' %s; write it where the system is made from", path, why);
	}
	staged_note(staged, "'%s' %s: nothing is changed", path, why);
	staged->declare = snippet(root, &staged->edits);
	edits_done(&staged->edits);
	free(path);
}

/* Nix's strings: a quote, a backslash and ${ are written with a backslash. */
static void nix_string(struct bytes text, struct buf *to)
{
	char *safe = text_valid(text);

	buf_byte(to, '"');
	for (const char *p = safe; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\' || (*p == '$' && p[1] == '{'))
			buf_byte(to, '\\');
		buf_byte(to, *p >= 0 && *p < ' ' ? ' ' : (unsigned char)*p);
	}
	buf_byte(to, '"');
	free(safe);
}

static bool nix_is(const struct root *root)
{
	return root_has(root, "/etc/NIXOS");
}

/* The bundle that the configuration makes; empty where there is none yet. */
static const char nix_bundle[] = "/etc/ssl/certs/ca-certificates.crt";

struct nix {
	struct buf trust, forbid, words; /* what to write, and what to take out */
};

static void nix_request(struct nix *nix, const struct store *now, const struct request *request, size_t index,
			struct staged *ret)
{
	const struct anchor *anchor = request->anchor, *there = store_find(now, anchor->id);
	bool wish = request->kind == REQUEST_TRUST || request->kind == REQUEST_LIFT;
	struct buf name = { 0 };

	anchor_name(there != NULL ? there : anchor, &name);
	if (wish == (there != NULL)) {
		staged_outcome(ret, index, OUTCOME_ALREADY, "%s", "");
	} else {
		staged_outcome(ret, index, OUTCOME_CANNOT, "%s",
			       "NixOS makes its bundle from its configuration: declare it there, and run "
			       "nixos-rebuild switch");
		if (request->kind == REQUEST_TRUST && anchor->names == ANCHOR_CERTIFICATE) {
			struct buf pem = { 0 };

			armor_write(&pem, "CERTIFICATE", anchor->cert.der);
			buf_text(&nix->trust, "  ''\n");
			indented(&nix->trust, "    ", buf_view(&pem));
			buf_text(&nix->trust, "  ''\n");
			buf_done(&pem);
		} else if (request->kind == REQUEST_LIFT) {
			buf_text(&nix->words, "# take out of security.pki.caCertificateBlacklist: ");
			nix_string(buf_view(&name), &nix->words);
			buf_byte(&nix->words, '\n');
		} else {
			buf_text(&nix->forbid, "  ");
			nix_string(buf_view(&name), &nix->forbid);
			buf_byte(&nix->forbid, '\n');
		}
	}
	buf_done(&name);
}

static bool nix_stage(const struct root *root, const struct target *target, const struct requests *requests,
		      const struct terms *terms, struct staged *ret, struct err *err)
{
	struct store *now = store_new(nix_bundle);
	struct staged staged = { 0 };
	struct nix nix = { 0 };
	struct buf all = { 0 };
	bool ok = true;

	(void)target;
	(void)terms;
	if (root_is_file(root, nix_bundle))
		ok = file_read(nix_bundle, root, &format_pem, now, err) || err_in(err, "%s", nix_bundle);
	store_finish(now);
	for (size_t i = 0; ok && i < requests->count; i++)
		nix_request(&nix, now, &requests->all[i], i, &staged);
	if (nix.trust.len > 0)
		buf_print(&all, "security.pki.certificates = [\n%.*s];\n", (int)nix.trust.len,
			  (char *)nix.trust.at);
	if (nix.forbid.len > 0)
		buf_print(&all,
			  "# of nixpkgs' list; one that security.pki.certificates has is taken out there\n"
			  "security.pki.caCertificateBlacklist = [\n%.*s];\n",
			  (int)nix.forbid.len, (char *)nix.forbid.at);
	buf_bytes(&all, buf_view(&nix.words));
	if (all.len > 0)
		staged.declare = mem_string((char *)all.at, all.len);
	staged_file(&staged, nix_bundle, &format_pem.kind);
	if (ok)
		*ret = staged;
	else
		staged_done(&staged);
	buf_done(&nix.trust);
	buf_done(&nix.forbid);
	buf_done(&nix.words);
	buf_done(&all);
	store_free(now);
	return ok;
}

const struct stager stager_nixos = {
	.name = "nixos",
	.brief = "NixOS, which makes its bundle from its configuration",
	.is = nix_is,
	.stage = nix_stage,
};
