/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   file   ::= module (empty line)+ …
 *   module ::= line+
 *   line   ::= "#" comment | "library=" path | "name=" text
 *            | "parameters=" … | "NSS=" … "Flags=" flag ("," flag)* …
 *
 * (NSS, lib/util/utilmod.c.) The module with the flag "internal" is softokn itself.
 * Names in front of "=" are without regard to case.
 */
#include "format/modules.h"

#include <strings.h>

/* The next line without its end, and whether there was one. */
static bool line_next(struct modules_at *at, struct bytes *ret)
{
	struct bytes rest = bytes_skip(at->text, at->pos);
	const uint8_t *newline = rest.len > 0 ? memchr(rest.at, '\n', rest.len) : NULL;
	size_t len = newline != NULL ? (size_t)(newline - rest.at) : rest.len;

	at->line++;
	at->pos += newline != NULL ? len + 1 : len;
	*ret = (struct bytes){ rest.at, len };
	while (ret->len > 0 && (ret->at[ret->len - 1] == '\r' || ret->at[ret->len - 1] == ' '))
		ret->len--;
	return rest.len > 0;
}

static bool value_of(struct bytes line, const char *name, struct bytes *ret)
{
	size_t len = strlen(name);

	if (line.len < len || strncasecmp((const char *)line.at, name, len) != 0)
		return false;
	*ret = bytes_skip(line, len);
	return true;
}

/* Whether a word of the list is this one. */
static bool has_word(struct bytes list, const char *word)
{
	size_t len = strlen(word), end;

	for (; list.len > 0; list = bytes_skip(list, end + 1)) {
		for (end = 0; end < list.len && strchr(", \"", list.at[end]) == NULL;)
			end++;
		if (end == len && strncasecmp((const char *)list.at, word, len) == 0)
			return true;
		if (end < list.len && list.at[end] == ' ')
			return false;
	}
	return false;
}

/* Whether the list behind "Flags=" has this word; "slotFlags=" is another. */
static bool has_flag(struct bytes line, const char *flag)
{
	static const char name[] = "flags=";
	struct bytes rest = line, list;

	for (; rest.len > 0; rest = bytes_skip(rest, 1))
		if ((rest.len == line.len || rest.at[-1] == ' ') && value_of(rest, name, &list) &&
		    has_word(list, flag))
			return true;
	return false;
}

bool modules_next(struct modules_at *at, struct module *ret)
{
	struct bytes line, value;
	bool any = false;

	*ret = (struct module){ .internal = false };
	while (line_next(at, &line)) {
		if (line.len == 0 && any)
			return true;
		if (line.len == 0 || line.at[0] == '#')
			continue;
		if (!any)
			ret->line = at->line;
		any = true;
		if (!value_of(line, "library=", &ret->library) && !value_of(line, "name=", &ret->name) &&
		    value_of(line, "NSS=", &value))
			ret->internal = has_flag(value, "internal");
	}
	return any;
}
