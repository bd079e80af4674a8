/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/diff.h"

#include "cmd/input.h"
#include "model/store.h"

static enum status diff_run(struct run *run, void *values, int argc, char **argv)
{
	struct store *before = NULL, *after = NULL;
	struct diff diff = { 0 };
	enum status status = STATUS_TROUBLE;

	(void)values;
	if (argc != 2)
		return cmd_usage(run, "it takes two stores: what was, and what is");
	before = input_store(run, argv[0]);
	after = before != NULL ? input_store(run, argv[1]) : NULL;
	if (before == NULL || after == NULL)
		goto out;
	diff_stores(before, after, &diff);
	show_diff(&run->show, before, after, &diff);
	status = diff.count > 0 ? STATUS_NO : STATUS_OK;
	if (store_incomplete(before) || store_incomplete(after))
		status = STATUS_TROUBLE;
out:
	diff_done(&diff);
	store_free(before);
	store_free(after);
	return status;
}

const struct cmd cmd_diff = {
	.name = "diff",
	.args = "OLD NEW",
	.brief = "what two stores do not agree on",
	.run = diff_run,
};
