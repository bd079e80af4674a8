/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A borrowed view of memory: never owns, never frees, cheap to copy. An empty
 * view has len 0; its pointer may then be NULL.
 */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
	const uint8_t *at;
	size_t len;
};

static inline struct bytes bytes_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static inline bool bytes_equal(struct bytes a, struct bytes b)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): NULL only where len is 0 */
	return a.len == b.len && (a.len == 0 || memcmp(a.at, b.at, a.len) == 0);
}

static inline bool bytes_start(struct bytes all, struct bytes with)
{
	return all.len >= with.len && (with.len == 0 || memcmp(all.at, with.at, with.len) == 0);
}

/* What is left of `all` behind its first n bytes; empty if there are fewer. */
static inline struct bytes bytes_skip(struct bytes all, size_t n)
{
	return n < all.len ? (struct bytes){ all.at + n, all.len - n } : (struct bytes){ NULL, 0 };
}

#endif
