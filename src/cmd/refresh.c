/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mem.h"
#include "cmd/refreshing.h"
#include "stage/stager.h"

struct refresh_options {
	struct change_options change;
	struct refresh_terms terms;
	struct option_list against;
};

static const struct option options[] = {
	SOURCE_OPTIONS(struct refresh_options, terms.source),
	{ "max-shrink", 0, OPTION_NUMBER, offsetof(struct refresh_options, terms.max_shrink), "PERCENT", NULL,
	  "how many anchors fewer a newer list may have (default: 20)" },
	{ "allow-shrink", 0, OPTION_FLAG, offsetof(struct refresh_options, terms.allow_shrink), NULL, NULL,
	  "take a list that has fewer than that" },
	{ "allow-older", 0, OPTION_FLAG, offsetof(struct refresh_options, terms.allow_older), NULL, NULL,
	  "take a list that is older than the one that is here" },
	{ "check-against", 0, OPTION_LIST, offsetof(struct refresh_options, against), "FILE|DIR", NULL,
	  "chains that must still verify afterwards; may be repeated" },
	CHANGE_OPTIONS(struct refresh_options, change),
	{ 0 },
};

static void preset(void *values)
{
	((struct refresh_options *)values)->terms.max_shrink = MAX_SHRINK;
}

static enum status from_source(struct refreshing *r)
{
	struct changing *changing = r->changing;
	size_t targets = changing->count;
	enum status status;

	if (!refreshing_request(r, &status))
		return status;
	changing->passing = true; /* a newer list of its own is to count */
	changing->summary = mem_print("refresh %s%s from %s", changing->targets[0].name,
				      targets > 1 ? " and others" : "", r->source.name);
	return change_perform(changing);
}

static bool find_targets(struct changing *changing, int argc, char **argv)
{
	for (int i = 0; i < argc; i++)
		if (!change_target(changing, argv[i]))
			return false;
	if (argc > 0 && changing->options->to.count == 0)
		return true;
	/* Where only stores of packages were changed, no system need be known. */
	return (changing->count > 0 && stager_system(&changing->run->root) == NULL) ||
	       change_targets(changing);
}

/* Nothing can be put right in a store that is not there, unless it is made anew by what was done to it. */
static bool all_there(const struct changing *changing)
{
	struct err err = { 0 };

	for (size_t i = 0; i < changing->count; i++) {
		const struct target *target = &changing->targets[i];

		if (target->path != NULL && changing->tasks[i].requests.count == 0 &&
		    !root_has(&changing->run->root, target->path)) {
			err_set(&err, ERR_ABSENT,
				"%s: there is no such store; 'anchorage stores' tells which there are",
				target->name);
			cmd_fail(changing->run, &err);
			return false;
		}
	}
	return true;
}

static enum status refresh_run(struct run *run, void *values, int argc, char **argv)
{
	const struct refresh_options *o = values;
	struct changing changing = { .run = run, .options = &o->change, .against = &o->against };
	struct refreshing refreshing = { .run = run, .terms = &o->terms, .changing = &changing };
	const bool named = argc > 0 || o->change.to.count > 0;
	enum status status = STATUS_TROUBLE;

	if (o->terms.max_shrink > 100)
		return cmd_usage(run, "--max-shrink: it is a percentage, from 0 to 100");
	if (o->terms.source.from == NULL &&
	    (o->terms.source.sha256 != NULL || o->terms.source.signature != NULL))
		return cmd_usage(run, "--sha256 and --signature are about what --from names");
	if ((!named && o->terms.source.from == NULL && !again_request(&changing, true, &refreshing.again)) ||
	    !find_targets(&changing, argc, argv) ||
	    (named && !again_request(&changing, false, &refreshing.again))) {
	} else if (o->terms.source.from != NULL) {
		status = from_source(&refreshing);
	} else if (all_there(&changing)) {
		changing.summary = mem_print("repair %s%s", changing.targets[0].name,
					     changing.count > 1 ? " and others" : "");
		status = change_perform(&changing);
	}
	change_done(&changing);
	refreshing_done(&refreshing);
	return status;
}

const struct cmd cmd_refresh = {
	.name = "refresh",
	.args = "[STORE...]",
	.brief = "bring a store up to date from a reviewed source, or mend it",
	.options = options,
	.size = sizeof(struct refresh_options),
	.changes = true,
	.preset = preset,
	.run = refresh_run,
};
