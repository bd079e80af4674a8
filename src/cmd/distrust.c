/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>

#include "base/clock.h"
#include "cmd/certs.h"
#include "cmd/change.h"
#include "cmd/cost.h"
#include "cmd/summary.h"

struct distrust_options {
	struct change_options change;
	struct option_list against;
	bool lift;
};

static const struct option options[] = {
	{ "lift", 0, OPTION_FLAG, offsetof(struct distrust_options, lift), NULL, NULL,
	  "allow it again: take away what forbids it" },
	{ "check-against", 0, OPTION_LIST, offsetof(struct distrust_options, against), "FILE|DIR", NULL,
	  "chains that must still verify afterwards; may be repeated" },
	CHANGE_OPTIONS(struct distrust_options, change),
	{ 0 },
};

static enum status distrust_run(struct run *run, void *values, int argc, char **argv)
{
	const struct distrust_options *o = values;
	const enum request_kind kind = o->lift ? REQUEST_LIFT : REQUEST_DISTRUST;
	struct changing changing = { .run = run, .options = &o->change, .against = &o->against };
	struct certs certs = { 0 };
	enum status status = STATUS_TROUBLE;

	if (argc < 1)
		return cmd_usage(run, "which certificate? a fingerprint, a file, or words of its subject");
	if (change_targets(&changing) && certs_request(&changing, kind, argc, argv, &certs)) {
		if (!o->lift)
			cost_tell(&changing, CLOCK_NONE);
		changing.summary = summary_of(&changing, o->lift ? "allow again" : "distrust");
		status = change_perform(&changing);
	}
	change_done(&changing);
	certs_done(&certs);
	return status;
}

const struct cmd cmd_distrust = {
	.name = "distrust",
	.args = "CERT...",
	.brief = "forbid a certificate, or allow it again",
	.options = options,
	.size = sizeof(struct distrust_options),
	.changes = true,
	.run = distrust_run,
};
