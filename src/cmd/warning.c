/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/warning.h"

#include <string.h>

#include "base/err.h"
#include "check/danger.h"
#include "cmd/guess.h"

const struct warning_row change_warnings[WARNING_ROWS] = {
	[WARNING_CONSTRAINTS_IGNORED] = { "constraints-ignored", SEVERITY_HIGH, false,
					  "No file of this store can say what the certificate is limited to: "
					  "every program that reads it trusts the certificate without these "
					  "limits." },
	[WARNING_BREAKS_CHAIN] = { "breaks-chain", SEVERITY_HIGH, true,
				   "A chain that was given with --check-against verifies now, and would not "
				   "afterwards." },
	[WARNING_BRINGS_BACK] = { "brings-back", SEVERITY_HIGH, false,
				  "The list adds anchors that have expired, or that Mozilla's list had and "
				  "dropped: it may be older than what is here, whatever it says of itself." },
	[WARNING_SHRINKS] = { "shrinks", SEVERITY_HIGH, false,
			      "More than a fifth of the store's anchors would go, and nobody asked for that: "
			      "what the store is made of has lost them." },
	[WARNING_TAKES_ALONG] = { "takes-along", SEVERITY_MEDIUM, false,
				  "Anchors of the store would go that nobody asked about: what the store is "
				  "made of has lost them." },
	[WARNING_CONSTRAINTS_LOST] = { "constraints-lost", SEVERITY_MEDIUM, false,
				       "What the certificate is limited to is kept beside it by the store. "
				       "Programs that read a file which cannot say it trust the certificate "
				       "without these limits." },
	[WARNING_REPLACES_ANOTHER] = { "replaces-another", SEVERITY_MEDIUM, false,
				       "The certificate that is to be replaced has another subject: it is "
				       "not the same CA with a new certificate." },
	[WARNING_PACKAGE_OWNED] = { "package-owned", SEVERITY_MEDIUM, false,
				    "The store is a file of a package. Its next upgrade brings its own file "
				    "back; 'anchorage refresh' then does the change again. A variable or a "
				    "setting that leads the program to the system's store lasts." },
	/* With --yes or an answer it is accepted: --force has said that it is meant. */
	[WARNING_CHANGED_SINCE] = { "changed-since", SEVERITY_MEDIUM, false,
				    "Somebody has changed the file after the change that is taken back. It "
				    "becomes as it was before that change, and what was done to it since is "
				    "lost." },
	[WARNING_HARD_LINKS] = { "hard-links", SEVERITY_LOW, false,
				 "A file that is replaced has other names (hard links). A new file takes "
				 "this "
				 "name, and the others keep the old one: they are no longer one file, and an "
				 "undo does not make them one again." },
};

const struct warning_row *warning_at(size_t index)
{
	size_t count = 0;

	if (index < WARNING_ROWS)
		return &change_warnings[index];
	while (count < index - WARNING_ROWS && dangers[count].code != NULL)
		count++;
	return dangers[count].code != NULL ? &dangers[count] : NULL;
}

static bool warning_code(const char *word, size_t len, struct err *err)
{
	struct guess guess = { .typed = word, .len = len };
	const struct warning_row *row;
	char hint[GUESS_TEXT];

	for (size_t i = 0; (row = warning_at(i)) != NULL; i++) {
		if (strlen(row->code) == len && memcmp(row->code, word, len) == 0)
			return true;
		guess_offer(&guess, row->code);
	}
	return err_set(err, ERR_USAGE, "there is no warning '%.*s' to accept%s", (int)(len < 100 ? len : 100),
		       word, guess_text(&guess, "", hint));
}

bool warning_codes(const char *list, struct err *err)
{
	bool ok = true;

	while (ok && *list != '\0') {
		size_t len = strcspn(list, ",");

		ok = warning_code(list, len, err);
		list += len + (list[len] == ',');
	}
	return ok;
}
