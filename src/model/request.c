/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/request.h"

#include <stdlib.h>

#include "base/mem.h"

const char *const request_words[REQUEST_KINDS] = { "trust", "remove", "distrust", "lift" };

void requests_add(struct requests *requests, enum request_kind kind, const struct anchor *anchor)
{
	requests->all = mem_grow(requests->all, requests->count, sizeof(*requests->all));
	requests->all[requests->count++] = (struct request){ kind, anchor };
}

void requests_done(struct requests *requests)
{
	free(requests->all);
	*requests = (struct requests){ 0 };
}
