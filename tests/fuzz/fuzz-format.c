/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every format, or the one that $FORMAT names, on whatever libFuzzer thinks of:
 * reading says something, and what was read is read again from whatever format it
 * is written in.
 */
#include "../corpus/look.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "format/format.h"
#include "model/pick.h"
#include "model/store.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void stop(const struct format *format, const char *what, const char *text)
{
	fprintf(stderr, "%s: %s: %s\n", format->kind.name, what, text);
	abort();
}

/* Whether each certificate of `from` is among those of `back`. */
static bool has_all(const struct pick *from, const struct store *back)
{
	for (size_t i = 0; i < from->count; i++)
		if (from->anchors[i]->names == ANCHOR_CERTIFICATE &&
		    store_find(back, from->anchors[i]->id) == NULL)
			return false;
	return true;
}

static size_t certificates(const struct pick *from)
{
	size_t count = 0;

	for (size_t i = 0; i < from->count; i++)
		count += from->anchors[i]->names == ANCHOR_CERTIFICATE;
	return count;
}

static void write_and_read(const struct format *format, const struct store *store)
{
	struct wanted all = { .any = true };
	struct style style = { .comments = true, .at = 0 };
	struct buf written = { 0 };
	struct err err = { 0 };
	struct store *back;
	struct pick pick;

	pick_from(store, FILTER_CERTIFICATES, &all, &pick);
	if (certificates(&pick) == 0)
		goto out;
	if (!format->write(&pick, &style, &written, &err)) {
		if (err.text[0] == '\0')
			stop(format, "not written", "without a word");
		goto out;
	}
	if (format->read == NULL)
		goto out;
	back = look(format, buf_view(&written), &err);
	if (back == NULL)
		stop(format, "what it wrote it does not read", err.text);
	if (!has_all(&pick, back))
		stop(format, "what it wrote", "is less when it is read");
	store_free(back);
out:
	buf_done(&written);
	pick_done(&pick);
}

static void read_one(const struct format *format, struct bytes file)
{
	struct err err = { 0 };
	struct store *store = look(format, file, &err);

	if (store == NULL && (err.code == ERR_NONE || err.text[0] == '\0'))
		stop(format, "refused", "without a word");
	if (store != NULL && file.len > 0 && !look_says_something(store))
		stop(format, "read", "without an anchor or a note");
	for (size_t i = 0; store != NULL && formats[i] != NULL; i++)
		if (formats[i]->write != NULL)
			write_and_read(formats[i], store);
	store_free(store);
}

/* FORMAT=? prints what it may be. */
/* NOLINTNEXTLINE(readability-non-const-parameter): libFuzzer's signature */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *only = getenv("FORMAT");

	(void)argc;
	(void)argv;
	if (only == NULL || strcmp(only, "?") != 0)
		return 0;
	for (size_t i = 0; formats[i] != NULL; i++)
		if (formats[i]->read != NULL)
			puts(formats[i]->kind.name);
	exit(0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *only = getenv("FORMAT");

	format_of((struct bytes){ data, size });
	for (size_t i = 0; formats[i] != NULL; i++)
		if (formats[i]->read != NULL && (only == NULL || strcmp(only, formats[i]->kind.name) == 0))
			read_one(formats[i], (struct bytes){ data, size });
	return 0;
}
