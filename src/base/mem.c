/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A tool that must survive a power cut at any instruction gains nothing from
 * unwinding after malloc() fails: the journal covers a sudden death anyway.
 */
#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

_Noreturn void mem_out(void)
{
	fputs("anchorage: out of memory\n", stderr);
	_Exit(2);
}

static void *must(void *p)
{
	if (p == NULL)
		mem_out();
	return p;
}

void *mem_zero(size_t size)
{
	return must(calloc(1, size > 0 ? size : 1));
}

void *mem_copy(const void *from, size_t size)
{
	void *to = must(malloc(size > 0 ? size : 1));

	if (size > 0)
		memcpy(to, from, size);
	return to;
}

char *mem_string(const char *from, size_t len)
{
	char *to = must(malloc(len + 1));

	if (len > 0)
		memcpy(to, from, len);
	to[len] = '\0';
	return to;
}

char *mem_print(const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	return must(n < 0 ? NULL : text);
}

void *mem_grow(void *array, size_t count, size_t size)
{
	if (count & (count - 1)) /* between two powers of two there is room left */
		return array;
	if (count > SIZE_MAX / 2 / size)
		mem_out();
	array = must(realloc(array, (count > 0 ? 2 * count : 1) * size));
	mem_huge(array, 2 * count * size);
	return array;
}

void mem_huge(void *at, size_t size)
{
	enum { PAGE = 4 << 10, HUGE_PAGE = 2 << 20 };
	/* The whole of the mapping that malloc() made: a part would split it, and realloc() then copy it. */
	uintptr_t from = (uintptr_t)at & ~(uintptr_t)(PAGE - 1);
	uintptr_t to = ((uintptr_t)at + size + PAGE - 1) & ~(uintptr_t)(PAGE - 1);

	if (size >= HUGE_PAGE)
		madvise((void *)from, to - from, MADV_HUGEPAGE); /* a wish: nothing depends on it */
}
