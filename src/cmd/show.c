/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <ctype.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "cmd/host.h"
#include "cmd/input.h"
#include "model/anchor.h"
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

/* What is asked: stores that were named, or all of the host. */
struct asked {
	struct inputs in;
	struct host host;
	const struct store **stores; /* owned; those that could be read, and for a host NULL for others */
	size_t count;
	bool all, incomplete;
};

static bool ask(struct run *run, int argc, char **argv, struct asked *ret)
{
	*ret = (struct asked){ .all = argc == 0 };
	if (!ret->all) {
		input_stores(run, argc, argv, &ret->in);
		ret->count = ret->in.count;
		ret->incomplete = ret->in.incomplete;
	} else if (host_find(run, &ret->host)) {
		host_read(run, &ret->host);
		ret->count = ret->host.count;
		ret->incomplete = ret->host.incomplete;
	} else {
		return false;
	}
	ret->stores = mem_zero((ret->count + 1) * sizeof(*ret->stores));
	for (size_t i = 0; i < ret->count; i++)
		ret->stores[i] = ret->all ? ret->host.all[i].store : ret->in.stores[i];
	return true;
}

static void asked_done(struct asked *asked)
{
	free(asked->stores);
	inputs_done(&asked->in);
	host_done(&asked->host);
}

/* Who signed it, as far as names and key identifiers tell; NULL: nobody here. */
static const struct anchor *issuer_in(const struct store *store, const struct anchor *of)
{
	for (size_t i = 0; i < store->count; i++)
		if (anchor_issued(&store->anchors[i], of))
			return &store->anchors[i];
	return NULL;
}

static bool show_one(struct run *run, const struct anchor *anchor, const struct asked *asked, bool file)
{
	const struct anchor **found = mem_zero((asked->count + 1) * sizeof(const struct anchor *));
	const struct anchor **issuer = mem_zero((asked->count + 1) * sizeof(const struct anchor *));
	bool any = false, from = file && anchor->readable && !anchor->cert.self_issued;

	for (size_t i = 0; i < asked->count; i++) {
		if (asked->stores[i] == NULL)
			continue;
		found[i] = store_find(asked->stores[i], anchor->id);
		any = any || found[i] != NULL;
		issuer[i] = from ? issuer_in(asked->stores[i], anchor) : NULL;
	}
	for (size_t i = 0; i < asked->count; i++)
		if (found[i] != NULL && anchor->names == ANCHOR_FINGERPRINT)
			anchor = found[i]; /* a store with the certificate itself says more */
	if (asked->all)
		show_matrix(&run->show, anchor, asked->host.all, found, from ? issuer : NULL, asked->count);
	else
		show_certificate(&run->show, anchor, asked->stores, found, from ? issuer : NULL,
				 asked->count);
	free(found);
	free(issuer);
	return any;
}

static enum status answer(struct run *run, const char *text, bool file, struct meant *meant,
			  const struct asked *asked)
{
	enum status status = STATUS_TROUBLE;
	struct match match;
	struct err err = { 0 };

	match_read(text, &match);
	for (size_t i = 0; !file && i < asked->count; i++)
		if (asked->stores[i] != NULL)
			find_in(asked->stores[i], &match, meant);
	if (meant->count > 1)
		return ambiguous(run, text, file, meant);
	if (meant->count == 1) {
		status = show_one(run, meant->all[0].anchor, asked, file) ? STATUS_OK : STATUS_NO;
	} else if (asked->count > 0) {
		err_set(&err, ERR_ABSENT, "no certificate like '%s' in %s%s", text,
			asked->count == 1 && !asked->all ? asked->stores[0]->place : "any of these stores",
			hint(text));
		cmd_fail(run, &err);
		status = STATUS_NO;
	}
	if (asked->all && asked->count == 0) {
		err_set(&err, ERR_ABSENT, "no trust store is known here; name one behind the certificate");
		cmd_fail(run, &err);
	}
	/* Of all stores some can never be read; that counts where the answer may lie in them. */
	if (asked->incomplete && !(asked->all && status == STATUS_OK))
		status = STATUS_TROUBLE;
	return status;
}

static enum status show_run(struct run *run, void *values, int argc, char **argv)
{
	struct store *file = NULL;
	struct asked asked = { 0 };
	struct meant meant = { 0 };
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
	if (ask(run, argc - 1, argv + 1, &asked))
		status = answer(run, argv[0], file != NULL, &meant, &asked);
out:
	free(meant.all);
	asked_done(&asked);
	store_free(file);
	return status;
}

const struct cmd cmd_show = {
	.name = "show",
	.args = "CERT [STORE]...",
	.brief = "everything about one certificate, and which stores hold it",
	.run = show_run,
};
