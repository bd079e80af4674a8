/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The value of a key in a configuration file, leniently enough for the files of
 * git, pip, npm, curl, wget, gem, cargo, php, conda and kubectl alike:
 *
 *   [section] or [section "sub"]     # and ; begin comments
 *   key = value, key: value, key value, --key value, "-" in front, quotes around the value
 *
 * Case, and "-" against "_", do not matter in keys. No file is included by another.
 */
#ifndef FIND_SETTING_H
#define FIND_SETTING_H

#include "base/bytes.h"

struct setting {
	struct bytes rest; /* what is not yet read */
	const char *key;   /* "key", or "section.key" */
	unsigned line;     /* of the value, from 1 */
	struct bytes section;
	struct bytes value; /* without quotes */
};

void setting_begin(struct setting *setting, struct bytes file, const char *key);
bool setting_next(struct setting *setting); /* the next line that sets it */

#endif
