/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The warnings of changes that come from the stores concerned and from what was asked, beside those of the
 * certificate itself (check/danger.h); and all of them by name.
 */
#ifndef CMD_WARNING_H
#define CMD_WARNING_H

#include <stdbool.h>
#include <stddef.h>

#include "model/warning.h"

struct err;

enum change_warning {
	WARNING_CONSTRAINTS_IGNORED,
	WARNING_BREAKS_CHAIN,
	WARNING_BRINGS_BACK,
	WARNING_SHRINKS,
	WARNING_TAKES_ALONG,
	WARNING_CONSTRAINTS_LOST,
	WARNING_REPLACES_ANOTHER,
	WARNING_CHANGED_SINCE,
	WARNING_PACKAGE_OWNED,
	WARNING_HARD_LINKS,
	WARNING_ROWS,
};
extern const struct warning_row change_warnings[WARNING_ROWS];

/* The rows of both tables, by index; NULL behind the last. */
const struct warning_row *warning_at(size_t index);

/* Whether `list`, words with commas between, are codes of warnings; err names the one that is not. */
bool warning_codes(const char *list, struct err *err);

#endif
