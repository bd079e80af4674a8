/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/roots.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"

enum { FIELDS = 7 };

/* As many fields as there are, parted by tabs. */
static unsigned split(struct bytes line, struct bytes field[FIELDS])
{
	unsigned count = 0;

	for (;;) {
		const uint8_t *tab = line.len > 0 ? memchr(line.at, '\t', line.len) : NULL;
		size_t len = tab != NULL ? (size_t)(tab - line.at) : line.len;

		if (count < FIELDS)
			field[count] = (struct bytes){ line.at, len };
		count++;
		if (tab == NULL)
			return count;
		line = bytes_skip(line, len + 1);
	}
}

static int nibble(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_id(struct bytes hex, uint8_t ret[ID_LEN])
{
	if (hex.len != (size_t)2 * ID_LEN)
		return false;
	for (size_t i = 0; i < ID_LEN; i++) {
		int high = nibble(hex.at[2 * i]), low = nibble(hex.at[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

static char *text_or_null(struct bytes field)
{
	return bytes_equal(field, bytes_of("-")) ? NULL : mem_string((const char *)field.at, field.len);
}

static bool read_time(struct bytes field, int64_t *ret)
{
	char *text = text_or_null(field);
	bool ok;

	*ret = CLOCK_NONE;
	ok = text == NULL || clock_read(text, ret);
	free(text);
	return ok;
}

static bool read_row(struct bytes line, struct root_row *row)
{
	struct bytes field[FIELDS];

	*row = (struct root_row){ .last = NULL };
	if (split(line, field) != FIELDS || field[6].len == 0)
		return false;
	row->last = text_or_null(field[1]);
	row->until = text_or_null(field[2]);
	row->name = mem_string((const char *)field[6].at, field[6].len);
	row->servers = bytes_equal(field[5], bytes_of("both")) || bytes_equal(field[5], bytes_of("server"));
	return read_id(field[0], row->id) && read_time(field[3], &row->distrust_after[0]) &&
	       read_time(field[4], &row->distrust_after[1]);
}

static int by_id(const void *a, const void *b)
{
	return memcmp(((const struct root_row *)a)->id, ((const struct root_row *)b)->id, ID_LEN);
}

bool roots_read(struct bytes text, struct roots *ret, struct err *err)
{
	*ret = (struct roots){ 0 };
	for (unsigned number = 1; text.len > 0; number++) {
		const uint8_t *end = memchr(text.at, '\n', text.len);
		struct bytes line = { text.at, end != NULL ? (size_t)(end - text.at) : text.len };

		text = bytes_skip(text, line.len + 1);
		if (line.len == 0 || line.at[0] == '#')
			continue;
		ret->all = mem_grow(ret->all, ret->count, sizeof(*ret->all));
		if (!read_row(line, &ret->all[ret->count++]))
			return err_set(err, ERR_DAMAGED, "line %u is no row of the table of roots", number);
	}
	if (ret->count > 1)
		qsort(ret->all, ret->count, sizeof(*ret->all), by_id);
	return true;
}

const struct root_row *roots_find(const struct roots *roots, const uint8_t id[ID_LEN])
{
	struct root_row key = { .last = NULL };

	if (roots->count == 0)
		return NULL;
	memcpy(key.id, id, ID_LEN);
	return bsearch(&key, roots->all, roots->count, sizeof(*roots->all), by_id);
}

void roots_done(struct roots *roots)
{
	for (size_t i = 0; i < roots->count; i++) {
		free(roots->all[i].last);
		free(roots->all[i].until);
		free(roots->all[i].name);
	}
	free(roots->all);
	*roots = (struct roots){ 0 };
}
