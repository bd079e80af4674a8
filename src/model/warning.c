/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/warning.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

const char *const severity_words[SEVERITIES] = { "info", "low", "medium", "high", "critical" };

struct warning *warnings_add(struct warnings *warnings, const struct warning_row *row,
			     const struct anchor *anchor, const char *fmt, ...)
{
	struct warning *warning;
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	warnings->all = mem_grow(warnings->all, warnings->count, sizeof(*warnings->all));
	warning = &warnings->all[warnings->count++];
	*warning = (struct warning){ row, anchor, mem_string(text, strlen(text)), NULL };
	return warning;
}

bool warnings_have(const struct warnings *warnings, const struct warning *like)
{
	for (size_t i = 0; i < warnings->count; i++)
		if (warnings->all[i].row == like->row && strcmp(warnings->all[i].text, like->text) == 0)
			return true;
	return false;
}

void warnings_done(struct warnings *warnings)
{
	for (size_t i = 0; i < warnings->count; i++) {
		free(warnings->all[i].text);
		free(warnings->all[i].advice);
	}
	free(warnings->all);
	*warnings = (struct warnings){ 0 };
}
