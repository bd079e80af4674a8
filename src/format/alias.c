/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "format/alias.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "model/anchor.h"

enum { NUMBER = 16 }; /* room for the number behind a name */

void aliases_for(size_t most, struct aliases *ret)
{
	ret->mask = 1;
	while (ret->mask < 2 * most)
		ret->mask = 2 * ret->mask + 1;
	ret->all = mem_zero((ret->mask + 1) * sizeof(*ret->all));
}

static struct alias *place_of(const struct aliases *aliases, const char *text)
{
	size_t at = 5381;

	for (const char *p = text; *p != '\0'; p++)
		at = at * 33 + (uint8_t)*p;
	while (aliases->all[at & aliases->mask].text != NULL &&
	       strcmp(aliases->all[at & aliases->mask].text, text) != 0)
		at++;
	return &aliases->all[at & aliases->mask];
}

static unsigned small(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? c + 32u : c;
}

/* Cut where a name is longer than a label may be: a name in a certificate has no end, JKS's has 64 KiB. */
static void add_safe(struct bytes name, struct buf *to)
{
	for (size_t i = 0; i < name.len && to->len < LIMIT_LABEL - NUMBER; i++)
		if (name.at[i] > ' ' && name.at[i] < 0x7f)
			buf_byte(to, small(name.at[i]));
}

static void stem_of(const char *prefix, const struct anchor *anchor, struct buf *to)
{
	struct buf name = { 0 };

	anchor_name(anchor, &name);
	if (prefix != NULL)
		add_safe(bytes_of(prefix), to);
	add_safe(buf_view(&name), to);
	if (to->len == 0)
		buf_text(to, "unlabeled");
	buf_done(&name);
}

void alias_taken(struct aliases *aliases, struct bytes text)
{
	struct buf alias = { 0 };
	struct alias *place;

	for (size_t i = 0; i < text.len; i++)
		buf_byte(&alias, small(text.at[i]));
	buf_byte(&alias, '\0');
	place = place_of(aliases, (const char *)alias.at);
	if (place->text == NULL)
		place->text = (char *)alias.at; /* the buffer moves into the table */
	else
		buf_done(&alias);
}

const char *alias_new(struct aliases *aliases, const char *prefix, const struct anchor *anchor)
{
	struct buf stem = { 0 }, text = { 0 };
	struct alias *first, *place;

	stem_of(prefix, anchor, &stem);
	buf_bytes(&text, buf_view(&stem));
	buf_byte(&text, '\0');
	first = place = place_of(aliases, (const char *)text.at);
	while (place->text != NULL) {
		text.len = 0;
		buf_bytes(&text, buf_view(&stem));
		buf_print(&text, "-%u", ++first->next);
		buf_byte(&text, '\0');
		place = place_of(aliases, (const char *)text.at);
	}
	place->text = (char *)text.at; /* the buffer moves into the table */
	buf_done(&stem);
	return place->text;
}

void aliases_done(struct aliases *aliases)
{
	for (size_t i = 0; i <= aliases->mask; i++)
		free(aliases->all[i].text);
	free(aliases->all);
}
