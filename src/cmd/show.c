/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>

#include "base/mem.h"
#include "cmd/input.h"
#include "cmd/meant.h"
#include "model/match.h"
#include "model/store.h"

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
	input_stores(run, argc - 1, argv + 1, &in);
	if (file == NULL) {
		match_read(argv[0], &match);
		for (size_t i = 0; i < in.count; i++)
			meant_find(&meant, in.stores[i], &match);
	}
	if (meant.count > 1) {
		status = meant_ambiguous(run, argv[0], file != NULL, &meant);
	} else if (meant.count == 1) {
		status = show_one(run, meant.all[0].anchor, &in) ? STATUS_OK : STATUS_NO;
	} else if (in.count > 0) {
		err_set(&err, ERR_ABSENT, "no certificate like '%s' in %s%s", argv[0],
			in.count == 1 ? in.stores[0]->place : "any of these stores", meant_hint(argv[0]));
		cmd_fail(run, &err);
		status = STATUS_NO;
	}
	if (in.incomplete)
		status = STATUS_TROUBLE;
out:
	meant_done(&meant);
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
