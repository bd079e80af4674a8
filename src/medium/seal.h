/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A helper process that only computes: from then on it can read, write and close
 * what is open, take memory and look at the clock, and nothing else. By
 * seccomp(2) on x86-64 and arm64, elsewhere and under a sanitizer by limits alone:
 * no new files, none written, no processes.
 */
#ifndef MEDIUM_SEAL_H
#define MEDIUM_SEAL_H

void seal_process(void);

#endif
