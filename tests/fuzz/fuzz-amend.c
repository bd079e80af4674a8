/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every format whose files can be changed in place, or the one that $FORMAT names, on
 * whatever libFuzzer thinks of: a certificate is put into the file and taken out again,
 * and so is one that was there; all others stay, and nothing is done twice.
 */
#include "../chains/maker.h"
#include "../corpus/look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "format/format.h"
#include "model/anchor.h"
#include "model/request.h"
#include "model/store.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct store *corp; /* the one that is put in; never in a seed */

static void stop(const struct format *format, const char *what, const char *text)
{
	fprintf(stderr, "%s: %s: %s\n", format->kind.name, what, text);
	abort();
}

static bool amend(const struct format *format, struct bytes file, enum request_kind kind,
		  const struct anchor *anchor, struct buf *to)
{
	const struct amend_terms terms = { .at = 1748736000 };
	struct requests requests = { 0 };
	struct err err = { 0 };
	bool done = false, ok;

	requests_add(&requests, kind, anchor);
	ok = format->amend(file, &requests, &terms, &done, to, &err);
	if (!ok && err.text[0] == '\0')
		stop(format, "not changed", "without a word");
	if (ok && done == bytes_equal(file, buf_view(to)))
		stop(format, request_words[kind],
		     done ? "done, and the file is the same" : "not done, and the file is another");
	requests_done(&requests);
	return ok;
}

/* All certificates of `before` but `but` are in `after`, as distrusted as they were. Labels in odd text may
 * go. */
static void others_stay(const struct format *format, const struct store *before, const struct store *after,
			const struct anchor *but)
{
	for (size_t i = 0; i < before->count; i++) {
		const struct anchor *was = &before->anchors[i], *is;

		if (was->names != ANCHOR_CERTIFICATE || memcmp(was->id, but->id, ID_LEN) == 0)
			continue;
		is = store_find(after, was->id);
		if (is == NULL)
			stop(format, "another certificate", "is lost");
		if ((is->distrusted & ~is->spread) != (was->distrusted & ~was->spread))
			stop(format, "another certificate", "is not what it was");
	}
}

/* What the changed file says; nothing where the last certificate of it is gone. */
static struct store *again(const struct format *format, const struct buf *file)
{
	struct err err = { 0 };
	struct store *store = look(format, buf_view(file), &err);

	return store != NULL ? store : store_new("nothing");
}

static void put_in_and_take_out(const struct format *format, struct bytes file, const struct store *before)
{
	const struct anchor *anchor = &corp->anchors[0];
	struct buf with = { 0 }, same = { 0 }, without = { 0 };
	struct store *put, *taken;

	if (!amend(format, file, REQUEST_TRUST, anchor, &with))
		goto out;
	put = again(format, &with);
	if (store_find(put, anchor->id) == NULL)
		stop(format, "what was put in", "is not there");
	others_stay(format, before, put, anchor);
	if (!amend(format, buf_view(&with), REQUEST_TRUST, anchor, &same) ||
	    !bytes_equal(buf_view(&with), buf_view(&same)))
		stop(format, "what was put in", "is put in again");
	if (!amend(format, buf_view(&with), REQUEST_REMOVE, anchor, &without))
		stop(format, "what was put in", "is not taken out");
	taken = again(format, &without);
	if (store_find(taken, anchor->id) != NULL)
		stop(format, "what was taken out", "is there");
	others_stay(format, before, taken, anchor);
	store_free(put);
	store_free(taken);
out:
	buf_done(&with);
	buf_done(&same);
	buf_done(&without);
}

static void take_out(const struct format *format, struct bytes file, const struct store *before,
		     const struct anchor *anchor)
{
	struct buf without = { 0 };
	struct store *taken;
	const struct anchor *left;

	if (!amend(format, file, REQUEST_REMOVE, anchor, &without))
		goto out;
	taken = again(format, &without);
	left = store_find(taken, anchor->id);
	if (left != NULL && (left->trusted != 0 || left->distrusted == 0))
		stop(format, "what was taken out", "is there");
	others_stay(format, before, taken, anchor);
	store_free(taken);
out:
	buf_done(&without);
}

static void change(const struct format *format, struct bytes file)
{
	struct err err = { 0 };
	struct store *before = look(format, file, &err);

	if (before == NULL)
		return;
	put_in_and_take_out(format, file, before);
	if (before->count > 0 && before->anchors[0].names == ANCHOR_CERTIFICATE)
		take_out(format, file, before, &before->anchors[0]);
	store_free(before);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): libFuzzer's signature */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct recipe *recipe = maker_recipe("corp");
	const char *only = getenv("FORMAT");

	(void)argc;
	(void)argv;
	for (size_t i = 0; only != NULL && strcmp(only, "?") == 0 && formats[i] != NULL; i++)
		if (formats[i]->amend != NULL)
			puts(formats[i]->kind.name);
	if (only != NULL && strcmp(only, "?") == 0)
		exit(0);
	maker_say(recipe, "ca");
	maker_certificate(recipe);
	corp = store_new("corp");
	store_add(corp, buf_view(&recipe->der), 0);
	corp->anchors[0].trusted = PURPOSES_ALL;
	store_finish(corp);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *only = getenv("FORMAT");

	for (size_t i = 0; formats[i] != NULL; i++)
		if (formats[i]->amend != NULL && (only == NULL || strcmp(only, formats[i]->kind.name) == 0))
			change(formats[i], (struct bytes){ data, size });
	return 0;
}
