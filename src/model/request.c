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

bool request_names(const struct request *request, const struct anchor *entry)
{
	const struct anchor *named = request->anchor;

	if (named->names == ANCHOR_ISSUER_SERIAL)
		return entry->cert.issuer.len > 0 && bytes_equal(named->cert.issuer, entry->cert.issuer) &&
		       bytes_equal(named->cert.serial, entry->cert.serial);
	if (named->names == ANCHOR_KEY)
		return entry->cert.spki.len > 0 && bytes_equal(named->cert.spki, entry->cert.spki);
	return memcmp(named->id, entry->id, ID_LEN) == 0;
}

bool requests_repeat(const struct requests *requests, size_t index)
{
	const struct request *request = &requests->all[index];

	for (size_t i = 0; i < index; i++)
		if (requests->all[i].kind == request->kind &&
		    memcmp(requests->all[i].anchor->id, request->anchor->id, ID_LEN) == 0)
			return true;
	return false;
}
