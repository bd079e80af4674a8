/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/certs.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cmd/input.h"
#include "cmd/meant.h"
#include "model/anchor.h"
#include "model/match.h"
#include "model/store.h"

enum { SHORT = 8 }; /* bytes of a fingerprint that are shown */

static void keep(struct certs *certs, struct store *store)
{
	certs->read = mem_grow(certs->read, certs->read_count, sizeof(struct store *));
	certs->read[certs->read_count++] = store;
}

/* What is in the stores that are changed. What cannot be read is said when it is staged. */
static void read_targets(struct changing *changing, struct certs *certs)
{
	for (size_t i = 0; i < changing->count && !certs->targets_read; i++) {
		char *name = change_reads(changing, &changing->targets[i]);
		struct store *store = name != NULL ? input_quietly(changing->run, name) : NULL;

		free(name);
		if (store != NULL)
			keep(certs, store);
	}
	certs->targets_read = true;
}

static void find_in_host(struct changing *changing, const struct match *match, struct certs *certs,
			 struct meant *meant)
{
	if (!certs->host_read && host_find(changing->run, &certs->host)) {
		struct run quiet = *changing->run;

		quiet.show.quiet = true;
		host_read(&quiet, &certs->host);
	}
	certs->host_read = true;
	for (size_t i = 0; i < certs->host.count; i++)
		if (certs->host.all[i].store != NULL)
			meant_find(meant, certs->host.all[i].store, match);
}

bool certs_ask(struct changing *changing, enum request_kind kind, const struct anchor *anchor)
{
	const struct requests *asked = &changing->requests;
	struct buf name = { 0 };
	struct err err = { 0 };

	for (size_t i = 0; i < asked->count; i++) {
		if (memcmp(asked->all[i].anchor->id, anchor->id, ID_LEN) != 0)
			continue;
		if (asked->all[i].kind == kind)
			return true;
		anchor_name(anchor, &name);
		buf_text(&name, " (");
		text_hex((struct bytes){ anchor->id, SHORT }, &name);
		err_set(&err, ERR_USAGE,
			"of '%.*s)' both '%s' and '%s' are asked; nothing was changed. Ask for one of them",
			(int)name.len, (const char *)name.at, request_words[asked->all[i].kind],
			request_words[kind]);
		cmd_fail(changing->run, &err);
		buf_done(&name);
		return false;
	}
	requests_add(&changing->requests, kind, anchor);
	return true;
}

static bool request_all(struct changing *changing, enum request_kind kind, const struct meant *meant)
{
	bool ok = true;

	for (size_t i = 0; ok && i < meant->count; i++)
		ok = certs_ask(changing, kind, meant->all[i].anchor);
	return ok;
}

static bool request_file(struct changing *changing, enum request_kind kind, const char *text,
			 struct certs *certs)
{
	struct store *store = input_store(changing->run, text);
	struct meant meant = { 0 };
	struct err err = { 0 };
	bool ok = true;

	if (store == NULL)
		return false;
	keep(certs, store);
	meant_find(&meant, store, NULL);
	if (meant.count == 0)
		err_set(&err, ERR_UNKNOWN, "%s: no certificate in this file", text);
	else if (store_incomplete(store))
		err_set(&err, ERR_DAMAGED, "not all of '%s' could be read, so nothing is changed", text);
	else
		ok = request_all(changing, kind, &meant);
	meant_done(&meant);
	return ok && (err.code == ERR_NONE || (cmd_fail(changing->run, &err), false));
}

bool certs_find(struct changing *changing, const char *text, struct certs *certs, const struct anchor **ret)
{
	struct meant meant = { 0 };
	struct match match;
	struct err err = { 0 };
	bool ok = true;

	read_targets(changing, certs);
	match_read(text, &match);
	for (size_t i = 0; i < certs->read_count; i++)
		meant_find(&meant, certs->read[i], &match);
	if (meant.count == 0)
		find_in_host(changing, &match, certs, &meant);
	*ret = meant.count == 1 ? meant.all[0].anchor : NULL;
	if (meant.count > 1) {
		ok = false;
		meant_ambiguous(changing->run, text, false, &meant);
	} else if (meant.count == 0 && !certs->absent_ok) {
		ok = err_set(&err, ERR_ABSENT,
			     "no certificate like '%s' in any store here%s; nothing was changed", text,
			     meant_hint(text));
		cmd_fail(changing->run, &err);
	}
	meant_done(&meant);
	return ok;
}

static bool request_named(struct changing *changing, enum request_kind kind, const char *text,
			  struct certs *certs)
{
	const struct anchor *anchor;

	if (!certs_find(changing, text, certs, &anchor))
		return false;
	return anchor == NULL || certs_ask(changing, kind, anchor);
}

bool certs_request(struct changing *changing, enum request_kind kind, int argc, char **argv,
		   struct certs *ret)
{
	bool ok = true;

	for (int i = 0; ok && i < argc; i++)
		ok = meant_file(changing->run, argv[i]) ? request_file(changing, kind, argv[i], ret)
							: request_named(changing, kind, argv[i], ret);
	return ok;
}

void certs_done(struct certs *certs)
{
	for (size_t i = 0; i < certs->read_count; i++)
		store_free(certs->read[i]);
	free(certs->read);
	host_done(&certs->host);
}
