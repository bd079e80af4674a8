/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Allocation that cannot fail: out of memory ends the process (see mem.c).
 * Everything returned is freed with free().
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

_Noreturn void mem_out(void);
void *mem_zero(size_t size);
void *mem_copy(const void *from, size_t size);
char *mem_string(const char *from, size_t len); /* adds the final NUL */
char *mem_print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Room for one more element: `count` is the number of elements in use, and the
 * array was only ever grown by this function, from NULL. Doubles as it goes.
 */
void *mem_grow(void *array, size_t count, size_t size);

/*
 * Asks the kernel for huge pages under memory that will be filled from end to end:
 * a fault for each 2 MiB and not for each 4 KiB. Small pieces are left alone.
 */
void mem_huge(void *at, size_t size);

#endif
