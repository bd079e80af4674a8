/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What has to be agreed to before a change: warnings, by --accept, --yes, or a person at a terminal. */
#ifndef CMD_ACCEPT_H
#define CMD_ACCEPT_H

#include <stdbool.h>

struct change_options;
struct run;
struct texts;
struct warning;
struct warnings;

/* Whether the code is among those of --accept. */
bool accept_has(const struct change_options *options, const char *code);

/* Whether it is, by its name or by --yes; `asked`: by a person on a terminal. */
bool accept_is(const struct change_options *options, const struct warning *warning, bool asked);

/* The codes that are neither accepted by name nor by --yes; `asked`: by a person on a terminal. */
void accept_missing(const struct change_options *options, const struct warnings *warnings, bool asked,
		    struct texts *ret);
bool accept_can_ask(void); /* there is a person at a terminal, who sees what is asked */
bool accept_ask(const struct run *run, const char *question); /* y or yes */

#endif
