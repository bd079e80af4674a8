/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/stand.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const char *const was_words[WAS_KINDS] = {
	[WAS_UNKNOWN] = "unknown", [WAS_ABSENT] = "absent",       [WAS_FILE] = "file",
	[WAS_LINK] = "link",       [WAS_DIRECTORY] = "directory",
};

bool was_same(const struct was *a, const struct was *b)
{
	if (a->kind != b->kind || a->kind == WAS_UNKNOWN)
		return false;
	if (a->kind == WAS_FILE)
		return memcmp(a->id, b->id, DIGEST_LEN) == 0;
	return a->kind != WAS_LINK || strcmp(a->target, b->target) == 0;
}

void was_copy(const struct was *from, struct was *ret)
{
	*ret = *from;
	if (from->target != NULL)
		ret->target = mem_string(from->target, strlen(from->target));
}

void stand_copy(const struct stand *from, struct stand *ret)
{
	*ret = *from;
	was_copy(&from->was, &ret->was);
	ret->content = (struct buf){ 0 };
	ret->attributes = NULL;
	ret->attribute_count = 0;
	for (size_t i = 0; i < from->attribute_count; i++) {
		const struct xattr *one = &from->attributes[i];
		struct xattr copy = { .name = mem_string(one->name, strlen(one->name)) };

		buf_bytes(&copy.value, buf_view(&one->value));
		ret->attributes = mem_grow(ret->attributes, ret->attribute_count, sizeof(*ret->attributes));
		ret->attributes[ret->attribute_count++] = copy;
	}
}

void stand_done(struct stand *stand)
{
	for (size_t i = 0; i < stand->attribute_count; i++) {
		free(stand->attributes[i].name);
		buf_done(&stand->attributes[i].value);
	}
	free(stand->attributes);
	free(stand->was.target);
	buf_done(&stand->content);
	*stand = (struct stand){ 0 };
}
