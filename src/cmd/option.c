/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/option.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "cmd/guess.h"

struct parse {
	const struct option_set *sets;
	size_t set_count;
	int argc, at; /* `at`: the next argument to look at */
	char **argv;
};

static const struct option *find(const struct parse *p, const char *name, size_t len, char letter,
				 void **ret_values)
{
	for (size_t i = 0; i < p->set_count; i++)
		for (const struct option *row = p->sets[i].rows; row != NULL && row->name != NULL; row++)
			if (name != NULL ? strlen(row->name) == len && memcmp(row->name, name, len) == 0
					 : row->letter != 0 && row->letter == letter) {
				*ret_values = p->sets[i].values;
				return row;
			}
	return NULL;
}

static bool store_choice(const struct option *row, const char *text, int *value, struct err *err)
{
	struct buf known = { 0 };
	const char *word;

	for (unsigned i = 0; (word = row->words(i)) != NULL; i++) {
		if (strcmp(word, text) == 0) {
			*value = (int)i;
			buf_done(&known);
			return true;
		}
		buf_print(&known, "%s%s", i > 0 ? ", " : "", word);
	}
	buf_byte(&known, '\0');
	err_set(err, ERR_USAGE, "--%s: there is no '%s'; it is one of %s", row->name, text,
		(const char *)known.at);
	buf_done(&known);
	return false;
}

static bool store_number(const struct option *row, const char *text, int *value, struct err *err)
{
	int number = 0;
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 9 || text[digits] != '\0')
		return err_set(err, ERR_USAGE, "--%s: '%s' is no number", row->name, text);
	for (const char *p = text; *p != '\0'; p++)
		number = number * 10 + (*p - '0');
	*value = number;
	return true;
}

static void store_more(struct option_list *list, const char *text)
{
	list->all = mem_grow(list->all, list->count, sizeof(*list->all));
	list->all[list->count++] = text;
}

static bool store(const struct option *row, void *values, const char *text, struct err *err)
{
	char *at = (char *)values + row->offset;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)(void *)at = true;
		return true;
	case OPTION_COUNT:
		++*(int *)(void *)at;
		return true;
	case OPTION_TEXT:
		*(const char **)(void *)at = text;
		return true;
	case OPTION_CHOICE:
		return store_choice(row, text, (int *)(void *)at, err);
	case OPTION_TIME:
		return clock_read(text, (int64_t *)(void *)at) ||
		       err_set(err, ERR_USAGE,
			       "--%s: '%s' is no time; write 2026-11-23, 2026-11-23T09:00:00Z or Unix "
			       "seconds",
			       row->name, text);
	case OPTION_NUMBER:
		return store_number(row, text, (int *)(void *)at, err);
	case OPTION_LIST:
		store_more((struct option_list *)(void *)at, text);
		return true;
	}
	return false;
}

static bool takes_value(const struct option *row)
{
	return row->kind != OPTION_FLAG && row->kind != OPTION_COUNT;
}

/* What other programs call it: openssl verify, certtool, curl. */
static const struct guess_word foreign[] = {
	{ "CAfile", "store" },
	{ "cafile", "store" },
	{ "CApath", "store" },
	{ "capath", "store" },
	{ "cacert", "store" },
	{ "load-ca-certificate", "store" },
	{ "trusted", "store" },
	{ "untrusted", "intermediates" },
	{ "host", "name" },
	{ "hostname", "name" },
	{ "verify-hostname", "name" },
	{ "verify_hostname", "name" },
	{ "verify_ip", "name" },
	{ "servername", "name" },
	{ "attime", "at" },
	{ "time", "at" },
	{ "load-crl", "crl" },
	{ "CRLfile", "crl" },
	{ "crlfile", "crl" },
	{ "crl_check", "revocation" },
	{ "verify_depth", "max-depth" },
	{ "verify-purpose", "purpose" },
	{ "x509_strict", "strict" },
	{ "sha256", "fingerprint" },
	{ "alias", "label" },
	{ "nickname", "label" },
	{ "keystore", "to" },
	{ "store", "to" },
	{ NULL, NULL },
};

/* "; did you mean '--json'?", or "". */
static const char *hint_for(const struct parse *p, const char *text, size_t len, char room[GUESS_TEXT])
{
	struct guess guess = { .typed = text, .len = len };

	for (size_t i = 0; i < p->set_count; i++)
		for (const struct option *row = p->sets[i].rows; row != NULL && row->name != NULL; row++)
			guess_offer(&guess, row->name);
	for (size_t i = 0; i < p->set_count; i++)
		for (const struct option *row = p->sets[i].rows; row != NULL && row->name != NULL; row++)
			guess_translate(&guess, foreign, row->name);
	return guess_text(&guess, "--", room);
}

static bool unknown(const struct parse *p, const char *text, size_t len, struct err *err)
{
	char hint[GUESS_TEXT];

	return err_set(err, ERR_USAGE, "there is no option '--%.*s'%s", (int)len, text,
		       hint_for(p, text, len, hint));
}

static bool parse_long(struct parse *p, const char *text, struct err *err)
{
	size_t len = strcspn(text, "=");
	const char *value = text[len] == '=' ? text + len + 1 : NULL;
	void *values = NULL;
	const struct option *row = find(p, text, len, 0, &values);

	if (row == NULL)
		return unknown(p, text, len, err);
	if (!takes_value(row) && value != NULL)
		return err_set(err, ERR_USAGE, "--%s takes no value", row->name);
	if (takes_value(row) && value == NULL) {
		if (p->at >= p->argc)
			return err_set(err, ERR_USAGE, "--%s needs a value: %s", row->name, row->arg);
		value = p->argv[p->at++];
	}
	return store(row, values, value, err);
}

/* "-CAfile" and "-yes" are no letters. */
static bool unknown_letter(const struct parse *p, char letter, const char *word, struct err *err)
{
	char hint[GUESS_TEXT];

	return err_set(err, ERR_USAGE, "there is no option '-%c'%s", letter,
		       hint_for(p, word, strcspn(word, "="), hint));
}

static bool parse_letters(struct parse *p, const char *letters, struct err *err)
{
	const char *start = letters;

	for (; *letters != '\0'; letters++) {
		void *values = NULL;
		const struct option *row = find(p, NULL, 0, *letters, &values);
		const char *value = letters + 1;

		if (row == NULL)
			return unknown_letter(p, *letters, start, err);
		if (!takes_value(row)) {
			if (!store(row, values, NULL, err))
				return false;
			continue;
		}
		if (*value == '\0' && p->at >= p->argc)
			return err_set(err, ERR_USAGE, "-%c needs a value: %s", *letters, row->arg);
		return store(row, values, *value != '\0' ? value : p->argv[p->at++], err);
	}
	return true;
}

bool option_parse(const struct option_set *sets, size_t set_count, bool stop, int *argc, char **argv,
		  struct err *err)
{
	struct parse p = { sets, set_count, *argc, 0, argv };
	struct err first = { 0 };
	bool ended = false;
	int kept = 0;

	while (p.at < p.argc) {
		char *text = p.argv[p.at++];
		bool ok = true;

		if (ended || text[0] != '-' || text[1] == '\0') {
			argv[kept++] = text;
			ended = ended || stop;
		} else if (strcmp(text, "--") == 0) {
			ended = true;
		} else if (text[1] == '-') {
			ok = parse_long(&p, text + 2, err);
		} else {
			ok = parse_letters(&p, text + 1, err);
		}
		if (!ok && first.code == ERR_NONE)
			first = *err;
	}
	*argc = kept;
	if (first.code != ERR_NONE)
		*err = first;
	return first.code == ERR_NONE;
}

void option_done(const struct option_set *set)
{
	for (const struct option *row = set->rows; row != NULL && row->name != NULL; row++)
		if (row->kind == OPTION_LIST) {
			struct option_list *list =
				(struct option_list *)(void *)((char *)set->values + row->offset);

			free(list->all);
			*list = (struct option_list){ 0 };
		}
}
