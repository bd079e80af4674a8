/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/clock_doubt.h"

#include "base/clock.h"
#include "check/evidence.h"
#include "check/judge.h"
#include "check/member.h"
#include "check/question.h"
#include "check/reason.h"
#include "check/rule.h"
#include "check/trust.h"

enum { DAY = 86400, STORE_OF_SIZE = 10 };
static const int64_t LONG_AGO = INT64_C(30) * 365 * DAY;

static bool before(int64_t at, int64_t event)
{
	return event != CLOCK_NONE && at < event - DAY;
}

static int64_t newest_start(const struct path *path)
{
	int64_t newest = CLOCK_NONE;

	for (size_t i = 0; i < path->count; i++)
		if (path->at[i]->readable && path->at[i]->cert.not_before > newest)
			newest = path->at[i]->cert.not_before;
	return newest;
}

static void add(const struct trial *trial, const char *what, int64_t event)
{
	char now[CLOCK_TEXT], then[CLOCK_TEXT];

	clock_text(trial->question->at, now);
	clock_text(event, then);
	reasons_add(trial->reasons, REASON_CLOCK_WRONG, NULL, 0, "the clock of this machine",
		    "the clock of this machine says %s, %s %s", now, what, then);
}

void clock_doubt_check(const struct trial *trial)
{
	const struct clock_facts *facts = &trial->evidence->clock;
	const struct trust *trust = judge_trust(trial->judge);
	int64_t at = trial->question->at, newest = newest_start(trial->path);

	if (facts->given)
		return;
	if (before(at, facts->built))
		add(trial, "but this program was built on", facts->built);
	else if (before(at, trust->newest_start))
		add(trial, "but the store has an anchor made on", trust->newest_start);
	else if (facts->unsynchronised && before(at, newest))
		add(trial, "no time service keeps it, and a certificate of the chain is valid only from",
		    newest);
	else if (trust->anchors >= STORE_OF_SIZE && at > trust->newest_end + DAY)
		add(trial, "but the last anchor of the whole store ended on", trust->newest_end);
	else if (facts->built != CLOCK_NONE && at > facts->built + LONG_AGO)
		add(trial, "more than thirty years after this program was built, which was on", facts->built);
}
