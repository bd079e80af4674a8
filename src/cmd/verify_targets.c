/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/verify.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "medium/listing.h"

enum { MANY = 16 }; /* targets, from which on whether one is a directory is seen when it is read */

void targets_add_take(struct targets *targets, struct target target)
{
	targets->all = mem_grow(targets->all, targets->count, sizeof(*targets->all));
	targets->all[targets->count++] = target;
}

/* The files in it; what lies deeper, and what is no file, is said. */
bool targets_add_directory(struct run *run, const char *path, struct targets *targets, struct err *err)
{
	struct listing listing = { 0 };
	size_t others = 0;

	if (!listing_read(&run->root, path, &listing, err))
		return err_in(err, "%s", path);
	for (size_t i = 0; i < listing.count; i++) {
		char *below = listing_path(path, listing.names[i]);

		if (root_is_file(&run->root, below)) {
			targets_add_take(targets, (struct target){ .path = below, .listed = true });
			continue;
		}
		others++;
		free(below);
	}
	if (others > 0)
		cmd_say(run, "%s: %zu %s not looked into; name %s to verify what is in %s", path, others,
			others == 1 ? "entry that is no file is" : "entries that are no files are",
			others == 1 ? "it" : "them", others == 1 ? "it" : "them");
	listing_done(&listing);
	return true;
}

static bool starts_server(const char *text)
{
	const char *scheme = strstr(text, "://");

	return scheme != NULL && scheme > text && strchr(text, '/') == scheme + 1;
}

/* "HOST", "HOST:PORT" or "smtp://…" are servers, which this version does not ask. */
static bool is_server(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";
	const char *colon, *dot;

	if (strchr(text, '/') != NULL)
		return starts_server(text);
	colon = strrchr(text, ':');
	dot = strrchr(text, '.');
	if (colon != NULL && colon[1] != '\0' && colon[1 + strspn(colon + 1, "0123456789")] == '\0')
		return true;
	return text[strspn(text, letters)] == '\0' && dot != NULL && dot > text && dot[1] != '\0';
}

static bool add(struct run *run, const char *text, bool many, struct targets *targets, struct err *err)
{
	bool input = strcmp(text, "-") == 0, server = !input && is_server(text);
	bool unseen = many && !input && !server;

	if (!unseen && !input && root_is_directory(&run->root, text))
		return targets_add_directory(run, text, targets, err);
	if (server && !root_has(&run->root, text))
		return err_set(
			err, ERR_UNSUPPORTED,
			"there is no file '%s', and this version does not ask servers; save its chain to a "
			"file, as with 'openssl s_client -showcerts', and name the file",
			text);
	targets_add_take(targets,
			 (struct target){ .path = mem_string(text, strlen(text)), .unseen = unseen });
	return true;
}

/* What a search has met may be a pipe that nobody ever writes to. */
static bool add_met(struct run *run, const char *text, struct targets *targets, struct err *err)
{
	struct stat st;

	if (root_stat(&run->root, text, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return err_set(err, ERR_UNSUPPORTED, "%s: no regular file; name it as an argument to read it",
			       text);
	return add(run, text, false, targets, err);
}

/* The names on standard input, each ended by a NUL; the last one may lack it. */
static bool add_listed(struct run *run, struct targets *targets, struct err *err)
{
	struct buf list = { 0 };
	bool ok = root_read_fd(STDIN_FILENO, &list, err) || err_in(err, "standard input");

	buf_byte(&list, '\0');
	for (size_t at = 0; ok && at + 1 < list.len; at += strlen((char *)list.at + at) + 1) {
		struct err one = { 0 };

		if (list.at[at] != '\0' && !add_met(run, (char *)list.at + at, targets, &one)) {
			cmd_fail(run, &one);
			targets->incomplete = true;
		}
	}
	buf_done(&list);
	return ok;
}

bool targets_find(struct run *run, bool null, int argc, char **argv, struct targets *ret)
{
	struct err err = { 0 };
	unsigned inputs = null ? 1 : 0;
	bool ok = true;

	for (int i = 0; i < argc; i++)
		inputs += strcmp(argv[i], "-") == 0;
	if (inputs > 1) {
		cmd_usage(run, "standard input can be read once: '-' or --null, and not twice");
		return false;
	}
	for (int i = 0; i < argc; i++) {
		struct err one = { 0 };

		if (!add(run, argv[i], argc >= MANY, ret, &one)) {
			cmd_fail(run, &one);
			ret->incomplete = true;
		}
	}
	if (null)
		ok = add_listed(run, ret, &err);
	if (!ok)
		cmd_fail(run, &err);
	else if (ret->count == 0 && !ret->incomplete)
		ok = cmd_usage(run, "there is nothing to verify: no file in what was named") == STATUS_OK;
	return ok && ret->count > 0;
}

void targets_done(struct targets *targets)
{
	for (size_t i = 0; i < targets->count; i++)
		free(targets->all[i].path);
	free(targets->all);
	*targets = (struct targets){ 0 };
}
