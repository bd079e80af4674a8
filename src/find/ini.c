/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   file    ::= section*
 *   section ::= "[" NAME "]" line*
 *   line    ::= KEY "=" value       |  blank value      which goes on with the key above
 */
#include "find/ini.h"

#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/texts.h"

enum {
	LINE = 195,   /* inih cuts lines at 200 bytes, unless it was built otherwise */
	SECTION = 49, /* and names of sections here */
};

struct reader {
	const char *name, *page;
	ini_section *section;
	void *user;
	struct err *err;
	struct texts names; /* of sections */
	bool failed;
};

static void add_words(struct texts *to, const char *value)
{
	while (*(value += strspn(value, " \t\r\n")) != '\0') {
		size_t len = strcspn(value, " \t\r\n");

		texts_take(to, mem_string(value, len));
		value += len;
	}
}

/* Sets a member; a key that is given again, also in another file, takes the place of the former, if it may;
 * lists grow. What is wrong with it, or NULL. */
static const char *set(void *row, const struct ini_key *keys, const char *name, const char *value)
{
	char *member = row, **text;

	while (keys->name != NULL && strcmp(keys->name, name) != 0)
		keys++;
	if (keys->name == NULL)
		return "which is unknown";
	member += keys->offset;
	text = (char **)(void *)member;
	if ((keys->kind == INI_ONE || keys->kind == INI_SOME) && value[0] == '\0')
		return "which is empty: take it out, or say what is meant";
	if (keys->kind == INI_ONE && *text != NULL)
		return "and has it twice: each section has a name of its own, and each of its keys one value";
	if (keys->kind == INI_WORDS || keys->kind == INI_SOME) {
		add_words((struct texts *)(void *)member, value);
	} else if (keys->kind == INI_LIST) {
		texts_add((struct texts *)(void *)member, value);
	} else {
		free(*text);
		*text = mem_string(value, strlen(value));
	}
	return NULL;
}

/* inih's callback: 0 would only be counted as an error of some line. */
static int take(void *user, const char *section, const char *name, const char *value)
{
	struct reader *r = user;
	const struct ini_key *keys = NULL;
	const char *wrong;
	void *row;

	if (r->failed)
		return 0;
	row = r->section(r->user, section, &keys, r->err);
	if (row == NULL) {
		r->failed = true;
		err_in(r->err, "%s", r->name);
	} else if ((wrong = set(row, keys, name, value)) != NULL) {
		r->failed = true;
		err_set(r->err, ERR_USAGE, "%s: [%s] has a key '%s', %s; see %s", r->name, section, name,
			wrong, r->page);
	}
	return !r->failed;
}

static bool lines_fit(const char *text, const char *name, struct err *err)
{
	unsigned line = 1;

	for (; *text != '\0'; line++) {
		size_t len = strcspn(text, "\n");

		if (len > LINE)
			return err_set(
				err, ERR_LIMIT,
				"%s: line %u has %zu bytes, %d are allowed; go on in the next, indented",
				name, line, len, LINE);
		text += len + (text[len] == '\n');
	}
	return true;
}

/* A line that is a section, or NULL. What is indented goes on with a key, if there is one above (`in_key`).
 */
static char *section_of(const char *line, size_t len, bool in_key)
{
	size_t indent = strspn(line, " \t"), name;

	if (indent >= len || line[indent] != '[' || (indent > 0 && in_key))
		return NULL;
	name = strcspn(line + indent + 1, "]\n");
	return mem_string(line + indent + 1, name);
}

/* Two names that inih cuts to the same would be one section. */
static bool name_differs(struct reader *r, const char *name)
{
	for (size_t i = 0; i < r->names.count; i++)
		if (strncmp(r->names.all[i], name, SECTION) == 0 && strcmp(r->names.all[i], name) != 0)
			return err_set(r->err, ERR_LIMIT,
				       "%s: the sections [%s] and [%s] differ behind the first %d bytes of "
				       "their names only, which is too late",
				       r->name, r->names.all[i], name, SECTION);
	texts_add_new(&r->names, name);
	return true;
}

/* inih says nothing of a section without keys; that it is there, and whether it is known, counts all the
 * same. `name` is cut as inih cuts it. */
static bool section_known(struct reader *r, char *name)
{
	const struct ini_key *keys = NULL;

	if (!name_differs(r, name))
		return false;
	name[strnlen(name, SECTION)] = '\0';
	return r->section(r->user, name, &keys, r->err) != NULL || err_in(r->err, "%s", r->name);
}

static bool sections_known(struct reader *r, const char *text)
{
	bool known = true, in_key = false;

	while (known && *text != '\0') {
		size_t len = strcspn(text, "\n");
		char *name = section_of(text, len, in_key);

		in_key = name == NULL && (in_key || strchr("; \t\r\n#", text[0]) == NULL);
		known = name == NULL || section_known(r, name);
		free(name);
		text += len + (text[len] == '\n');
	}
	texts_done(&r->names);
	return known;
}

bool ini_read(struct bytes text, const char *name, const char *page, ini_section *section, void *user,
	      struct err *err)
{
	struct reader r = { .name = name, .page = page, .section = section, .user = user, .err = err };
	char *string = mem_string((const char *)text.at, text.len);
	int line;
	bool ok = strlen(string) == text.len ||
		  err_set(err, ERR_DAMAGED, "%s: a zero byte, at byte %zu", name, strlen(string));

	ok = ok && lines_fit(string, name, err) && sections_known(&r, string);
	line = ok ? ini_parse_string(string, take, &r) : 0;
	ok = ok && !r.failed;
	if (ok && line != 0)
		ok = err_set(err, ERR_USAGE, "%s: line %d is no '[section]' and no 'key = value'", name,
			     line);
	free(string);
	return ok;
}
