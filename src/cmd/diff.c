/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/diff.h"
#include "check/hosts.h"

#include "cmd/input.h"
#include "model/store.h"

struct diff_options {
	const char *purpose;
};

static const struct option options[] = {
	{ "purpose", 'p', OPTION_TEXT, offsetof(struct diff_options, purpose), "PURPOSE", input_purpose_word,
	  "only what is trusted or distrusted for this: server-auth, client-auth, email, code-signing, any, "
	  "an OID" },
	{ 0 },
};

/* Two hosts, store by store. */
static enum status diff_hosts(struct run *run, const struct store *before, const struct store *after,
			      const struct wanted *wanted)
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
	hosts_diff(before, after, wanted, &hosts);
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
	const struct diff_options *o = values;
	struct diff diff = { 0 };
	struct buf oid = { 0 };
	struct wanted wanted;
	struct err err = { 0 };
	enum status status = STATUS_TROUBLE;

	if (argc != 2)
		return cmd_usage(run, "it takes two stores: what was, and what is");
	if (!input_purpose(o->purpose, &wanted, &oid, &err)) {
		cmd_fail(run, &err);
		goto out;
	}
	before = input_store(run, argv[0]);
	after = before != NULL ? input_store(run, argv[1]) : NULL;
	if (before == NULL || after == NULL)
		goto out;
	if (before->part_count > 0 || after->part_count > 0) {
		status = diff_hosts(run, before, after, &wanted);
	} else {
		diff_stores(before, after, &wanted, &diff);
		show_diff(&run->show, before, after, &diff);
		status = diff.count > 0 ? STATUS_NO : STATUS_OK;
	}
	if (damaged(before) || damaged(after))
		status = STATUS_TROUBLE;
out:
	diff_done(&diff);
	buf_done(&oid);
	store_free(before);
	store_free(after);
	return status;
}

const struct cmd cmd_diff = {
	.name = "diff",
	.args = "OLD NEW",
	.brief = "what two stores do not agree on",
	.options = options,
	.size = sizeof(struct diff_options),
	.run = diff_run,
};
