/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/rule.h"

const struct rule rules[RULE_ROWS] = {
	[RULE_READABLE] = { "readable", "RFC 5280 section 4.1", NULL },
};
