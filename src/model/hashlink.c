/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/hashlink.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEX = 8, MOST_DIGITS = 9 };

void hashlink_name(uint32_t hash, unsigned number, char ret[HASHLINK_NAME])
{
	snprintf(ret, HASHLINK_NAME, "%08x.%u", hash, number);
}

bool hashlink_read(const char *name, uint32_t *ret_hash, unsigned *ret_number)
{
	const char *digits;
	size_t count;

	if (strspn(name, "0123456789abcdef") != HEX || name[HEX] != '.')
		return false;
	digits = name + HEX + 1;
	count = strspn(digits, "0123456789");
	if (count == 0 || digits[count] != '\0')
		return false;
	*ret_hash = (uint32_t)strtoul(name, NULL, 16);
	*ret_number = count > MOST_DIGITS || (digits[0] == '0' && count > 1)
			      ? HASHLINK_NEVER
			      : (unsigned)strtoul(digits, NULL, 10);
	return true;
}

bool hashlink_is(const char *name)
{
	uint32_t hash;
	unsigned number;

	return hashlink_read(name, &hash, &number);
}
