/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "expect.h"

#include <stdio.h>
#include <string.h>

#include "check/judge.h"

/* "profile", or "profile:serial-zero" for a reason that has the word in brackets, as rows of the profile do.
 */
static bool is_expected(const struct reason *reason, const char *expected)
{
	const char *code = reasons_table[reason->code].code, *colon = strchr(expected, ':');
	size_t len = colon != NULL ? (size_t)(colon - expected) : strlen(expected);
	char word[64] = "";

	if (strlen(code) != len || strncmp(code, expected, len) != 0)
		return false;
	if (colon != NULL)
		snprintf(word, sizeof(word), "(%s)", colon + 1);
	return strstr(reason->text, word) != NULL;
}

bool expected(const char *const *expect, size_t count, const struct verdict *verdict)
{
	static const struct reasons none = { 0 };
	const struct reasons *reasons = verdict->best != NULL ? &verdict->best->reasons : &none;
	bool accept = strcmp(expect[0], "accepted") == 0, seen[16] = { false };

	if (accept != (verdict->outcome == OUTCOME_ACCEPTED))
		return false;
	for (size_t i = 0; i < reasons->count; i++) {
		bool told = false;

		for (size_t k = 0; k < count; k++)
			if (is_expected(&reasons->all[i], expect[k]))
				told = seen[k] = true;
		if (!told)
			return false;
	}
	for (size_t k = 0; k < count && !accept; k++)
		if (!seen[k])
			return false;
	return true;
}

void expect_tell(const struct verdict *verdict)
{
	printf("# outcome %s, %zu paths, %u signatures\n",
	       verdict->outcome == OUTCOME_ACCEPTED ? "accepted" : "rejected", verdict->tried,
	       verdict->signatures);
	for (size_t i = 0; i < verdict->count; i++) {
		const struct attempt *attempt = &verdict->attempts[i];

		printf("#  path of %zu%s%s\n", attempt->path.count,
		       attempt->path.anchored ? "" : ", no anchor",
		       attempt == verdict->best ? ", the best" : "");
		for (size_t k = 0; k < attempt->reasons.count; k++)
			printf("#    %s at %zu: %s (%s)\n", reasons_table[attempt->reasons.all[k].code].code,
			       attempt->reasons.all[k].depth, attempt->reasons.all[k].text,
			       attempt->reasons.all[k].source);
	}
}
