/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ctype.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "cmd/input.h"
#include "model/match.h"
#include "model/store.h"

enum { MOST_TOLD = 12 };

/* The certificates a CERT could mean, each once. */
struct meant {
	struct candidate {
		const struct anchor *anchor;
		const struct store *store;
	} * all; /* owned */
	size_t count;
};

static void add(struct meant *meant, const struct anchor *anchor, const struct store *store)
{
	for (size_t i = 0; i < meant->count; i++)
		if (memcmp(meant->all[i].anchor->id, anchor->id, ID_LEN) == 0)
			return;
	meant->all = mem_grow(meant->all, meant->count, sizeof(*meant->all));
	meant->all[meant->count++] = (struct candidate){ anchor, store };
}

static void find_in(const struct store *store, const struct match *match, struct meant *meant)
{
	for (size_t i = 0; i < store->count; i++)
		if (match == NULL || match_anchor(match, &store->anchors[i]))
			add(meant, &store->anchors[i], store);
}

/* A CERT is a file if one of that name is there; what else it could be then does not count. */
static bool is_file(const struct run *run, const char *text)
{
	return strcmp(text, "-") == 0 || (root_has(&run->root, text) && !root_is_directory(&run->root, text));
}

/* What is written like a path is meant as one; that it is not there is another answer than "not trusted". */
static bool is_path(const char *text)
{
	static const char *const ends[] = { ".pem", ".crt", ".cer", ".der", ".p7b", ".p12", ".pfx", ".jks" };
	size_t len = strlen(text);

	if (text[0] == '/' || strncmp(text, "./", 2) == 0 || strncmp(text, "../", 3) == 0)
		return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (len > strlen(ends[i]) && strcasecmp(text + len - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

static enum status ambiguous(const struct run *run, const char *text, bool file, const struct meant *meant)
{
	struct err err = { 0 };

	err_set(&err, ERR_USAGE, "'%s' %s %zu certificates; name one by its fingerprint%s", text,
		file ? "holds" : "could mean", meant->count,
		file ? ", and the file behind it as a STORE" : "");
	cmd_fail(run, &err);
	for (size_t i = 0; i < meant->count && (i < MOST_TOLD || run->show.verbose > 0); i++)
		show_candidate(&run->show, meant->all[i].anchor, meant->all[i].store);
	if (meant->count > MOST_TOLD && run->show.verbose == 0)
		cmd_say(run, "and %zu more; -v names them all", meant->count - MOST_TOLD);
	return STATUS_TROUBLE;
}

/* Digits that are no fingerprint were looked for as words: said, since it is mostly not meant. */
static const char *hint(const char *text)
{
	size_t digits = 0;

	for (const char *p = text; *p != '\0'; p++)
		if (isxdigit((unsigned char)*p))
			digits++;
		else if (*p != ':')
			return "";
	return digits == 0    ? ""
	       : digits < 8   ? "; of a fingerprint eight digits or more are needed"
	       : digits == 40 ? "; this is as long as a SHA-1 fingerprint, and they are looked up by SHA-256"
			      : "";
}

static bool show_one(struct run *run, const struct anchor *anchor, const struct inputs *in)
{
	const struct anchor **found = mem_zero((in->count + 1) * sizeof(const struct anchor *));
	bool any = false;

	for (size_t i = 0; i < in->count; i++) {
		found[i] = store_find(in->stores[i], anchor->id);
		any = any || found[i] != NULL;
	}
	for (size_t i = 0; i < in->count; i++)
		if (found[i] != NULL && anchor->names == ANCHOR_FINGERPRINT)
			anchor = found[i]; /* a store with the certificate itself says more */
	show_certificate(&run->show, anchor, (const struct store *const *)in->stores, found, in->count);
	free(found);
	return any;
}

static enum status show_run(struct run *run, void *values, int argc, char **argv)
{
	struct store *file = NULL;
	struct inputs in = { 0 };
	struct meant meant = { 0 };
	struct match match;
	struct err err = { 0 };
	enum status status = STATUS_TROUBLE;

	(void)values;
	if (argc < 1)
		return cmd_usage(run, "which certificate? a fingerprint, a file, or words of its subject");
	if (is_file(run, argv[0]) || is_path(argv[0])) {
		file = input_store(run, argv[0]);
		if (file == NULL)
			goto out;
		find_in(file, NULL, &meant);
		if (meant.count == 0) {
			err_set(&err, ERR_UNKNOWN, "%s: no certificate in this file", argv[0]);
			cmd_fail(run, &err);
			goto out;
		}
	}
	input_stores(run, argc - 1, argv + 1, &in);
	if (file == NULL) {
		match_read(argv[0], &match);
		for (size_t i = 0; i < in.count; i++)
			find_in(in.stores[i], &match, &meant);
	}
	if (meant.count > 1) {
		status = ambiguous(run, argv[0], file != NULL, &meant);
	} else if (meant.count == 1) {
		status = show_one(run, meant.all[0].anchor, &in) ? STATUS_OK : STATUS_NO;
	} else if (in.count > 0) {
		err_set(&err, ERR_ABSENT, "no certificate like '%s' in %s%s", argv[0],
			in.count == 1 ? in.stores[0]->place : "any of these stores", hint(argv[0]));
		cmd_fail(run, &err);
		status = STATUS_NO;
	}
	if (in.incomplete)
		status = STATUS_TROUBLE;
out:
	free(meant.all);
	inputs_done(&in);
	store_free(file);
	return status;
}

const struct cmd cmd_show = {
	.name = "show",
	.args = "CERT [STORE]...",
	.brief = "everything about one certificate, and which stores hold it",
	.run = show_run,
};
