/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void texts_take(struct texts *texts, char *text)
{
	texts->all = mem_grow(texts->all, texts->count, sizeof(*texts->all));
	texts->all[texts->count++] = text;
}

void texts_add(struct texts *texts, const char *text)
{
	texts_take(texts, mem_string(text, strlen(text)));
}

bool texts_have(const struct texts *texts, const char *text)
{
	for (size_t i = 0; i < texts->count; i++)
		if (strcmp(texts->all[i], text) == 0)
			return true;
	return false;
}

void texts_add_new(struct texts *texts, const char *text)
{
	if (!texts_have(texts, text))
		texts_add(texts, text);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void texts_sort(struct texts *texts)
{
	if (texts->count > 1)
		qsort(texts->all, texts->count, sizeof(*texts->all), by_bytes);
}

void texts_done(struct texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		free(texts->all[i]);
	free(texts->all);
	*texts = (struct texts){ 0 };
}
