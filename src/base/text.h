/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Text that came from somewhere else. Labels, names in certificates and file
 * names may hold terminal escapes, bidirectional overrides or no valid UTF-8;
 * they reach a terminal only through text_escape() and JSON only through
 * text_utf8(). Both are unambiguous: two different inputs give two outputs.
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/bytes.h"

struct buf;

/*
 * For people: printable UTF-8 stays, a backslash is doubled, control, format and
 * bidirectional characters become \u{202E}, bytes that are no UTF-8 \xNN.
 */
void text_escape(struct bytes from, struct buf *to);

/*
 * For programs: valid UTF-8 stays as it is, every other byte becomes \xNN (lower
 * case), and so does a backslash that would look like the beginning of one: \x5c.
 */
void text_utf8(struct bytes from, struct buf *to);
void text_from_utf8(struct bytes from, struct buf *to); /* the way back: every \xNN is a byte */

/*
 * Serialised JSON that is the same to every reader of JSON and safe on a terminal:
 * what text_escape() would not let through becomes \u202e, as JSON has it.
 */
void text_json(struct bytes json, struct buf *to);

/* The first two as strings of their own; free() them. */
char *text_escaped(struct bytes from);
char *text_valid(struct bytes from);

/*
 * The next character of *rest, which is moved behind it. A byte that starts no
 * valid UTF-8 sequence (RFC 3629) gives TEXT_BAD and is one byte long.
 */
#define TEXT_BAD UINT32_MAX
uint32_t text_rune(struct bytes *rest);

/* UTF-16, the high byte first, as passwords of key stores are hashed; what is no UTF-8 byte by byte. */
void text_utf16(struct bytes from, struct buf *to);
void text_from_utf16(struct bytes bmp, struct buf *to); /* half of a pair by itself becomes no UTF-8 */

size_t text_columns(struct bytes utf8); /* width on a terminal, of text without controls */

void text_hex(struct bytes from, struct buf *to); /* lower case, no separators */

/*
 * A word for a shell: in single quotes, or as it is where nothing of it means anything to one. text_escape()
 * leaves it as it is unless the word itself has what that escapes.
 */
void text_quote(const char *word, struct buf *to);
void text_shell(const char *word, struct buf *to);

/* White space within a line, and a line without it at both ends. */
bool text_white(uint8_t c);
struct bytes text_trim(struct bytes line);

/* Whether `words` all occur in `in`; words are parted by spaces, ASCII case does not matter. */
bool text_has_words(struct bytes in, const char *words);

#endif
