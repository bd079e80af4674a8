/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/request.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/store.h"

const char *const request_words[REQUEST_KINDS] = { "trust", "remove", "distrust", "lift" };

void requests_add(struct requests *requests, enum request_kind kind, const struct anchor *anchor)
{
	requests->all = mem_grow(requests->all, requests->count, sizeof(*requests->all));
	requests->all[requests->count++] = (struct request){ kind, anchor };
}

void requests_join(struct requests *requests, const struct requests *more)
{
	for (size_t i = 0; i < more->count; i++)
		requests_add(requests, more->all[i].kind, more->all[i].anchor);
}

bool requests_about(const struct requests *requests, const struct anchor *anchor)
{
	for (size_t i = 0; i < requests->count; i++)
		if (memcmp(requests->all[i].anchor->id, anchor->id, ID_LEN) == 0)
			return true;
	return false;
}

void requests_done(struct requests *requests)
{
	free(requests->all);
	*requests = (struct requests){ 0 };
}
