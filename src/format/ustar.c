/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   archive ::= (header content padding)* zeros[1024]
 *   header  ::= name[100] mode[8] uid[8] gid[8] size[12] mtime[12] checksum[8] type[1] linkname[100]
 *               "ustar" NUL "00" uname[32] gname[32] devmajor[8] devminor[8] prefix[155] zeros[12]
 *
 * Numbers are octal digits with a NUL behind them. The checksum is the sum of the header's bytes
 * where it is spaces itself; its NUL stands before a space.
 */
#include "format/ustar.h"

#include <string.h>

#include "base/err.h"

enum { BLOCK = 512, NAME = 100, MODE = 100, UID = 108, GID = 116, SIZE = 124, TIME = 136, SUM = 148 };
enum { TYPE = 156, MAGIC = 257, MAJOR = 329, MINOR = 337 };
#define MOST 077777777777 /* of eleven octal digits */

static void number(char *header, size_t at, size_t digits, uint64_t value)
{
	for (size_t i = digits; i-- > 0; value >>= 3)
		header[at + i] = (char)('0' + (value & 7));
}

bool ustar_file(const char *name, struct bytes content, int64_t at, struct buf *to, struct err *err)
{
	static const uint8_t zeros[BLOCK];
	const size_t over = content.len % BLOCK;
	char header[BLOCK] = { 0 };
	unsigned sum = 0;

	if (strlen(name) >= NAME || content.len > MOST)
		return err_set(err, ERR_LIMIT, "'%s' is too %s for a tar archive", name,
			       strlen(name) >= NAME ? "long a name" : "large");
	memcpy(header, name, strlen(name));
	number(header, MODE, 7, 0600);
	number(header, UID, 7, 0);
	number(header, GID, 7, 0);
	number(header, SIZE, 11, content.len);
	number(header, TIME, 11, at < 0 ? 0 : at > MOST ? MOST : (uint64_t)at);
	memset(header + SUM, ' ', 8);
	header[TYPE] = '0';
	memcpy(header + MAGIC, "ustar\00000", 8);
	number(header, MAJOR, 7, 0);
	number(header, MINOR, 7, 0);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (uint8_t)header[i];
	number(header, SUM, 6, sum);
	header[SUM + 6] = '\0';
	buf_bytes(to, (struct bytes){ (const uint8_t *)header, BLOCK });
	buf_bytes(to, content);
	if (over > 0)
		buf_bytes(to, (struct bytes){ zeros, BLOCK - over });
	return true;
}

void ustar_end(struct buf *to)
{
	static const uint8_t zeros[2 * BLOCK];

	buf_bytes(to, (struct bytes){ zeros, sizeof(zeros) });
}
