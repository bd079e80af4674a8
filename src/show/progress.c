/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>
#include <unistd.h>

#include "show/show.h"

void show_progress(const struct show *show, const char *fmt, ...)
{
	va_list ap;

	if (!isatty(fileno(show->notes)))
		return;
	fputs("\r\033[K", show->notes); /* the line's start, and nothing behind it */
	va_start(ap, fmt);
	vfprintf(show->notes, fmt, ap);
	va_end(ap);
	fflush(show->notes);
}
