/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>
#include <stdlib.h>

#include "base/mem.h"
#include "cmd/input.h"

struct list_options {
	int filter;
	const char *purpose;
};

static const struct option options[] = {
	{ "filter", 'f', OPTION_CHOICE, offsetof(struct list_options, filter), "WHAT", input_filter_word,
	  "which entries: trust-policy (default), ca-anchors, blocklist, certificates, all" },
	{ "purpose", 'p', OPTION_TEXT, offsetof(struct list_options, purpose), "PURPOSE", input_purpose_word,
	  "only what is trusted or distrusted for this: server-auth, client-auth, email, code-signing, any, "
	  "an OID" },
	{ 0 },
};

static enum status list_run(struct run *run, void *values, int argc, char **argv)
{
	const struct list_options *o = values;
	struct inputs in = { 0 };
	struct buf oid = { 0 };
	struct wanted wanted;
	struct err err = { 0 };
	struct listed *listed = NULL;
	struct pick *picks = NULL;
	enum status status = STATUS_TROUBLE;

	if (!input_purpose(o->purpose, &wanted, &oid, &err)) {
		cmd_fail(run, &err);
		goto out;
	}
	input_stores(run, argc, argv, &in);
	if (in.count == 0)
		goto out;
	picks = mem_zero(in.count * sizeof(*picks));
	listed = mem_zero(in.count * sizeof(*listed));
	for (size_t i = 0; i < in.count; i++) {
		pick_from(in.stores[i], (enum filter)o->filter, &wanted, &picks[i]);
		listed[i] = (struct listed){ in.stores[i], &picks[i], &wanted };
	}
	show_list(&run->show, listed, in.count, in.failed, in.failed_count);
	status = in.incomplete ? STATUS_TROUBLE : STATUS_OK;
out:
	for (size_t i = 0; picks != NULL && i < in.count; i++)
		pick_done(&picks[i]);
	free(picks);
	free(listed);
	inputs_done(&in);
	buf_done(&oid);
	return status;
}

const struct cmd cmd_list = {
	.name = "list",
	.args = "[STORE]...",
	.brief = "the anchors of a store",
	.options = options,
	.size = sizeof(struct list_options),
	.run = list_run,
};
