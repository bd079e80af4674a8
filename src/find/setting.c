/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "find/setting.h"

#include <ctype.h>
#include <string.h>

void setting_begin(struct setting *setting, struct bytes file, const char *key)
{
	*setting = (struct setting){ .rest = file, .key = key };
}

static bool blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct bytes trimmed(struct bytes text)
{
	while (text.len > 0 && blank(text.at[0]))
		text = bytes_skip(text, 1);
	while (text.len > 0 && blank(text.at[text.len - 1]))
		text.len--;
	return text;
}

static int plain(int c)
{
	return c == '_' ? '-' : tolower(c);
}

/* Whether `text` is the word `key`, as its first `len` characters. */
static bool same(struct bytes text, const char *key, size_t len)
{
	if (text.len != len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (plain(text.at[i]) != plain((unsigned char)key[i]))
			return false;
	return true;
}

/* "[http "https://x/"]" and "[http.'x']" are sections of http. */
static bool section_fits(struct bytes section, const char *key, size_t len)
{
	struct bytes first = section;

	for (first.len = 0; first.len < section.len && strchr(" .\"\t", section.at[first.len]) == NULL;)
		first.len++;
	return same(first, key, len);
}

static bool wanted(const struct setting *setting, struct bytes name)
{
	const char *dot = strchr(setting->key, '.');

	if (same(name, setting->key, strlen(setting->key)))
		return true;
	return dot != NULL && same(name, dot + 1, strlen(dot + 1)) &&
	       section_fits(setting->section, setting->key, (size_t)(dot - setting->key));
}

static struct bytes unquoted(struct bytes value)
{
	const uint8_t *end;

	if (value.len > 1 && (value.at[0] == '"' || value.at[0] == '\'') &&
	    (end = memchr(value.at + 1, value.at[0], value.len - 1)) != NULL)
		return (struct bytes){ value.at + 1, (size_t)(end - value.at) - 1 };
	for (size_t i = 1; i < value.len; i++)
		if ((value.at[i] == '#' || value.at[i] == ';') && blank(value.at[i - 1]))
			value.len = i;
	return trimmed(value);
}

static bool read_line(struct setting *setting, struct bytes line)
{
	struct bytes name;
	size_t len = 0;

	line = trimmed(line);
	if (line.len == 0 || line.at[0] == '#' || line.at[0] == ';')
		return false;
	if (line.at[0] == '[' && line.at[line.len - 1] == ']') {
		setting->section = trimmed((struct bytes){ line.at + 1, line.len - 2 });
		return false;
	}
	while (line.len > 0 && (line.at[0] == '-' || line.at[0] == ':' || blank(line.at[0])))
		line = bytes_skip(line, 1); /* curl's options, YAML's lists, Ruby's symbols */
	while (len < line.len && !blank(line.at[len]) && line.at[len] != '=' && line.at[len] != ':')
		len++;
	name = (struct bytes){ line.at, len };
	line = trimmed(bytes_skip(line, len));
	if (line.len > 0 && (line.at[0] == '=' || line.at[0] == ':'))
		line = trimmed(bytes_skip(line, 1));
	if (line.len == 0 || !wanted(setting, name))
		return false;
	setting->value = unquoted(line);
	return setting->value.len > 0;
}

bool setting_next(struct setting *setting)
{
	while (setting->rest.len > 0) {
		const uint8_t *end = memchr(setting->rest.at, '\n', setting->rest.len);
		struct bytes line = { setting->rest.at,
				      end != NULL ? (size_t)(end - setting->rest.at) : setting->rest.len };

		setting->rest = bytes_skip(setting->rest, line.len + 1);
		setting->line++;
		if (read_line(setting, line))
			return true;
	}
	return false;
}
