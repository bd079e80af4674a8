/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>

#include "base/mem.h"
#include "cmd/host.h"
#include "cmd/input.h"
#include "cmd/meant.h"
#include "model/anchor.h"
#include "model/match.h"
#include "model/store.h"

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
			meant_find(meant, asked->stores[i], &match);
	if (meant->count > 1)
		return meant_ambiguous(run, text, file, meant);
	if (meant->count == 1) {
		status = show_one(run, meant->all[0].anchor, asked, file) ? STATUS_OK : STATUS_NO;
	} else if (asked->count > 0) {
		err_set(&err, ERR_ABSENT, "no certificate like '%s' in %s%s", text,
			asked->count == 1 && !asked->all && asked->stores[0] != NULL ? asked->stores[0]->place
										     : "any of these stores",
			meant_hint(text));
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
	if (meant_file(run, argv[0])) {
		file = input_store(run, argv[0]);
		if (file == NULL)
			goto out;
		meant_find(&meant, file, NULL);
		if (meant.count == 0) {
			err_set(&err, ERR_UNKNOWN, "%s: no certificate in this file", argv[0]);
			cmd_fail(run, &err);
			goto out;
		}
	}
	if (ask(run, argc - 1, argv + 1, &asked))
		status = answer(run, argv[0], file != NULL, &meant, &asked);
out:
	meant_done(&meant);
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
