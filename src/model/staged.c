/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/staged.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const char *const outcome_words[OUTCOME_KINDS] = { "done", "already", "absent", "forbidden", "cannot" };

static char *print(const char *fmt, va_list ap)
{
	char text[1024];
	int len = vsnprintf(text, sizeof(text), fmt, ap);

	return len <= 0 ? NULL : mem_string(text, strlen(text));
}

void staged_outcome(struct staged *staged, size_t request, enum outcome_kind kind, const char *fmt, ...)
{
	struct outcome *outcome;
	va_list ap;

	staged->outcomes = mem_grow(staged->outcomes, staged->outcome_count, sizeof(*staged->outcomes));
	outcome = &staged->outcomes[staged->outcome_count++];
	va_start(ap, fmt);
	*outcome = (struct outcome){ request, kind, print(fmt, ap) };
	va_end(ap);
}

struct output_file *staged_file(struct staged *staged, const char *path, const struct kind *kind)
{
	struct output_file *file;

	staged->files = mem_grow(staged->files, staged->file_count, sizeof(*staged->files));
	file = &staged->files[staged->file_count++];
	*file = (struct output_file){ .path = mem_string(path, strlen(path)),
				      .kind = kind,
				      .filter = FILTER_ALL,
				      .wanted = { .any = true } };
	return file;
}

void staged_note(struct staged *staged, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = print(fmt, ap);
	va_end(ap);
	if (text != NULL)
		texts_take(&staged->notes, text);
}

void staged_done(struct staged *staged)
{
	edits_done(&staged->edits);
	for (size_t i = 0; i < staged->outcome_count; i++)
		free(staged->outcomes[i].text);
	free(staged->outcomes);
	for (size_t i = 0; i < staged->file_count; i++)
		free(staged->files[i].path);
	free(staged->files);
	texts_done(&staged->notes);
	free(staged->declare);
	*staged = (struct staged){ 0 };
}
