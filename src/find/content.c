/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   PEM      "-----BEGIN " [ "X509 " | "TRUSTED " ] "CERTIFICATE-----", anywhere
 *   JKS      FE ED FE ED, or CE CE CE CE, and a version of 1 or 2
 *   NSS      an SQLite file called cert9.db; cert8.db is Berkeley DB
 *   PKCS#12  a SEQUENCE of the file's length that begins with the INTEGER 3
 *   embedded is PEM in an ELF file
 *   DER      a SEQUENCE of the file's length that begins with a SEQUENCE and an explicit version
 */
#include "find/content.h"

#include <string.h>

#include "base/bytes.h"

static const char end_of_line[] = "CERTIFICATE-----";
enum { END = sizeof(end_of_line) - 1, LONGEST = 11 + 8 + END };

void content_begin(struct content *content, const char *name)
{
	*content = (struct content){ .name = name };
}

static bool ends(const uint8_t *block, size_t len, const char *with)
{
	size_t n = strlen(with);

	return len >= n && memcmp(block + len - n, with, n) == 0;
}

static bool begins(const uint8_t *block, size_t before)
{
	if (ends(block, before, "X509 "))
		before -= 5;
	else if (ends(block, before, "TRUSTED "))
		before -= 8;
	return ends(block, before, "-----BEGIN ");
}

/* The length of a SEQUENCE with its head; 0: it is none. *ret_head: of its head. */
static uint64_t sequence(struct bytes at, size_t *ret_head)
{
	uint64_t size = 0;
	size_t octets;

	if (at.len < 8 || at.at[0] != 0x30)
		return 0;
	octets = at.at[1] & 0x7f;
	if (at.at[1] < 0x82 || octets > 4)
		return 0;
	for (size_t i = 0; i < octets; i++)
		size = size << 8 | at.at[2 + i];
	*ret_head = 2 + octets;
	return size + 2 + octets;
}

static void start(struct content *content, struct bytes head)
{
	static const uint8_t jks[] = { 0xfe, 0xed, 0xfe, 0xed, 0, 0, 0 },
			     jceks[] = { 0xce, 0xce, 0xce, 0xce, 0, 0, 0 };
	const struct bytes jks_head = { jks, sizeof(jks) }, jceks_head = { jceks, sizeof(jceks) };
	struct bytes in;
	size_t skip = 0, inner;

	if ((bytes_start(head, jks_head) || bytes_start(head, jceks_head)) && head.len > 7 &&
	    (head.at[7] == 1 || head.at[7] == 2))
		content->kind = "jks";
	else if ((bytes_start(head, bytes_of("SQLite format 3")) && strcmp(content->name, "cert9.db") == 0) ||
		 (head.len > 0 && strcmp(content->name, "cert8.db") == 0))
		content->kind = "nss";
	content->program = bytes_start(head, bytes_of("\177ELF"));
	content->size = content->kind == NULL ? sequence(head, &skip) : 0;
	if (content->size == 0)
		return;
	in = bytes_skip(head, skip);
	if (in.len > 3 && in.at[0] == 2 && in.at[1] == 1 && in.at[2] == 3 && in.at[3] == 0x30) {
		content->kind = "pkcs12";
	} else if (sequence(in, &inner) > 0 && in.len > inner + 4 && in.at[inner] == 0xa0 &&
		   in.at[inner + 1] == 3 && in.at[inner + 2] == 2) {
		content->kind = "der";
		content->count = 1;
	}
}

size_t content_look(struct content *content, uint8_t *block, size_t len)
{
	const uint8_t *at = block, *end = block + len, *found;
	size_t kept;

	if (!content->begun) {
		content->begun = true;
		start(content, (struct bytes){ block, len });
		if (content->kind != NULL)
			return 0;
	} else if (content->kind != NULL && content->count == 0) {
		return 0;
	}
	while ((size_t)(end - at) >= END &&
	       (found = memmem(at, (size_t)(end - at), end_of_line, END)) != NULL) {
		at = found + END;
		if (begins(block, (size_t)(found - block))) {
			content->kind = content->program ? "embedded" : "pem";
			content->count++;
		}
	}
	/* What follows the last mark, as far as it could be the start of another. */
	kept = (size_t)(end - at) < LONGEST - 1 ? (size_t)(end - at) : LONGEST - 1;
	memmove(block, end - kept, kept);
	return kept;
}

void content_end(struct content *content, uint64_t size)
{
	if (content->size > 0 && content->size != size)
		content->kind = NULL; /* it began like one, and is something else */
}
