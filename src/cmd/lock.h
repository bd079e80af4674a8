/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way into a change that every command has: the lock, and what an interrupted run left. */
#ifndef CMD_LOCK_H
#define CMD_LOCK_H

#include "change/state.h"
#include "cmd/cmd.h"

/*
 * Opens the state of the system, or with `user` of this user, takes its lock, and takes
 * back what a killed run had begun; who is waited for and what was found is said.
 * state_done() in any case.
 */
bool lock_state(const struct run *run, bool user, struct state *ret, struct err *err);

#endif
