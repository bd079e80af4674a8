/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A change in one line, as the history lists it. */
#ifndef CMD_SUMMARY_H
#define CMD_SUMMARY_H

struct changing;

/* "trust Corp Root (1a2b3c4d5e6f7081), remove Old Root (…) in system, nss:/home/x", of requests and targets.
 * Yours. */
char *summary_of(const struct changing *changing, const char *verb);

#endif
