/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is told of a request to a store of some kind: done or not, and what such a store cannot say. */
#ifndef STAGE_ANSWER_H
#define STAGE_ANSWER_H

#include <stdbool.h>
#include <stddef.h>

struct request;
struct staged;

/*
 * Adds the outcome of the request with this index. `done`: edits make it so; `can`: set of enum
 * kind_can; `forbidden`: the store says so of its certificate, once all is done.
 */
void answer(struct staged *staged, size_t index, const struct request *request, unsigned can, bool done,
	    bool forbidden);

#endif
