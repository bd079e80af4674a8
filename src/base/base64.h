/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Base64, RFC 4648 section 4, for the bodies of PEM blocks (RFC 7468). Reading
 * by table at memory speed, since a bundle is nothing but base64; white space is
 * skipped, anything else ends it. Not constant-time: for public data only.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/bytes.h"

struct buf;

/* Upper bound of what `len` characters decode to. */
static inline size_t base64_room(size_t len)
{
	return len / 4 * 3 + 3;
}

/*
 * Decodes into `to`, which has base64_room(text.len) bytes. False if a character
 * is foreign, padding is wrong, or the last group is cut; *ret_len is what was
 * decoded before that, *ret_at the offset in `text` of what was wrong.
 */
bool base64_read(struct bytes text, uint8_t *to, size_t *ret_len, size_t *ret_at);

/* Lines of `width` characters, each ended by a newline; width 0: one line, no newline. */
void base64_write(struct bytes from, size_t width, struct buf *to);

#endif
