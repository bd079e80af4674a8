/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>

#include "base/clock.h"
#include "cmd/certs.h"
#include "cmd/change.h"
#include "cmd/cost.h"
#include "cmd/summary.h"

struct remove_options {
	struct change_options change;
	struct option_list against;
};

static const struct option options[] = {
	{ "check-against", 0, OPTION_LIST, offsetof(struct remove_options, against), "FILE|DIR", NULL,
	  "chains that must still verify afterwards; may be repeated" },
	CHANGE_OPTIONS(struct remove_options, change),
	{ 0 },
};

static enum status remove_run(struct run *run, void *values, int argc, char **argv)
{
	const struct remove_options *o = values;
	struct changing changing = { .run = run, .options = &o->change, .against = &o->against };
	struct certs certs = { 0 };
	enum status status = STATUS_TROUBLE;

	if (argc < 1)
		return cmd_usage(run, "which certificate? a fingerprint, a file, or words of its subject");
	if (change_targets(&changing) && certs_request(&changing, REQUEST_REMOVE, argc, argv, &certs)) {
		cost_tell(&changing, CLOCK_NONE);
		changing.summary = summary_of(&changing, "remove");
		status = change_perform(&changing);
	}
	change_done(&changing);
	certs_done(&certs);
	return status;
}

const struct cmd cmd_remove = {
	.name = "remove",
	.args = "CERT...",
	.brief = "take an anchor away",
	.options = options,
	.size = sizeof(struct remove_options),
	.changes = true,
	.run = remove_run,
};
