/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Edits done to a tree of the test's own, the plain way: no journal, no sync, and what they replace is held
 * against it. */
#ifndef UNIT_PERFORM_H
#define UNIT_PERFORM_H

#include "model/request.h"
#include "model/staged.h"

struct stager;

/* What the stager makes of the requests for `path` (NULL: a system) in the tree; fails the test if it cannot.
 */
void perform_stage(const struct stager *stager, const char *tree, const char *path,
		   const struct requests *requests, struct staged *ret);

/* But for those that run something. */
void perform_edits(const char *tree, const struct edits *edits);

/* Stages, performs, and stages again, which must then find nothing to do. The outcome of the first request.
 */
enum outcome_kind perform(const struct stager *stager, const char *tree, const char *path,
			  enum request_kind kind, const struct anchor *anchor);

#endif
