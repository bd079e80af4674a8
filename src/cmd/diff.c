/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/diff.h"
#include "check/hosts.h"

#include "cmd/input.h"
#include "model/store.h"

/* Two hosts, store by store. */
static enum status diff_hosts(struct run *run, const struct store *before, const struct store *after)
{
	const struct store *single = before->part_count == 0 ? before : after;
	struct hosts hosts;
	enum status status;

	if (single->part_count == 0)
		return cmd_usage(
			run,
			"%s is one store and the other is an inventory of several; FILE!NAME names one "
			"of them",
			single->place);
	hosts_diff(before, after, &hosts);
	show_hosts(&run->show, before, after, &hosts);
	status = hosts.unread > 0 ? STATUS_TROUBLE : hosts.count > 0 ? STATUS_NO : STATUS_OK;
	hosts_done(&hosts);
	return status;
}

/* Something is missing that should have been read; a place that nobody could read is no such thing. */
static bool damaged(const struct store *store)
{
	for (size_t i = 0; i < store->note_count; i++)
		if (store->notes[i].level == NOTE_ERROR)
			return true;
	for (size_t i = 0; i < store->part_count; i++)
		if (!store->parts[i]->unread && store_incomplete(store->parts[i]))
			return true;
	return false;
}

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
	if (before->part_count > 0 || after->part_count > 0) {
		status = diff_hosts(run, before, after);
	} else {
		diff_stores(before, after, &diff);
		show_diff(&run->show, before, after, &diff);
		status = diff.count > 0 ? STATUS_NO : STATUS_OK;
	}
	if (damaged(before) || damaged(after))
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
