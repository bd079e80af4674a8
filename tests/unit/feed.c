/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include "feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "format/format.h"
#include "model/anchor.h"
#include "make.h"

enum { NOW = 1795392000 };

struct store *feed(const struct format *format, struct bytes file, struct err *err)
{
	struct store *store = store_new("fed");
	uint8_t *copy = mem_copy(file.at, file.len);

	*err = (struct err){ 0 };
	if (format->read((struct bytes){ copy, file.len }, store, err))
		assert_int_equal(err->code, ERR_NONE);
	else
		assert_true(err->code != ERR_NONE && err->text[0] != '\0');
	free(copy);
	return store;
}

struct store *feed_well(const struct format *format, struct bytes file)
{
	struct err err;
	struct store *store = feed(format, file, &err);

	if (err.code != ERR_NONE)
		fail_msg("%s: %s", format->kind.name, err.text);
	return store;
}

void feed_write(const struct format *format, const struct store *store, struct buf *to)
{
	struct style style = { .at = NOW };
	struct pick pick = { .anchors = mem_zero((store->count + 1) * sizeof(const struct anchor *)) };
	struct err err = { 0 };

	for (size_t i = 0; i < store->count; i++)
		pick.anchors[pick.count++] = &store->anchors[i];
	if (!format->write(&pick, &style, to, &err))
		fail_msg("%s: %s", format->kind.name, err.text);
	pick_done(&pick);
}

struct store *feed_roots(unsigned count)
{
	struct store *store = store_new("made");

	for (unsigned i = 1; i <= count; i++) {
		char *cn = mem_print("Root %u", i), *label = mem_print("root%u", i);
		struct make how = { .cn = cn, .key = 1, .serial = i };
		struct buf der = { 0 };
		struct anchor *anchor;

		make_cert(&how, &der);
		anchor = store_add(store, buf_view(&der), 0);
		anchor->trusted = PURPOSES_ALL;
		store_label(store, anchor, bytes_of(label));
		buf_done(&der);
		free(label);
		free(cn);
	}
	return store;
}

static void same_attached(const struct anchor *a, const struct anchor *b)
{
	assert_int_equal(a->attached_count, b->attached_count);
	for (size_t i = 0; i < a->attached_count; i++)
		assert_true(bytes_equal(a->attached[i].whole, b->attached[i].whole));
}

void feed_same_key(const struct anchor *a, const struct anchor *b)
{
	uint8_t x[ID_LEN] = { 0 }, y[ID_LEN] = { 0 };

	assert_int_equal(anchor_key_id(a, x), anchor_key_id(b, y));
	assert_memory_equal(x, y, ID_LEN);
}

void feed_same(const struct store *a, const struct store *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		const struct anchor *x = &a->anchors[i], *y = &b->anchors[i];

		assert_int_equal(x->names, y->names);
		assert_memory_equal(x->id, y->id, ID_LEN);
		feed_same_key(x, y);
		assert_int_equal(x->trusted & ~x->distrusted, y->trusted & ~y->distrusted);
		assert_int_equal(x->distrusted, y->distrusted);
		assert_int_equal(x->mozilla_policy, y->mozilla_policy);
		assert_memory_equal(x->distrust_after, y->distrust_after, sizeof(x->distrust_after));
		assert_string_equal(x->label, y->label);
		same_attached(x, y);
	}
}

bool feed_noted(const struct store *store, enum note_level level, const char *words)
{
	for (size_t i = 0; i < store->note_count; i++)
		if (store->notes[i].level == level && strstr(store->notes[i].text, words) != NULL)
			return true;
	return false;
}

void feed_round(const struct format *format, const struct store *store)
{
	struct buf file = { 0 };
	struct store *back;

	feed_write(format, store, &file);
	back = feed_well(format, buf_view(&file));
	assert_true(format_of(buf_view(&file)) == format);
	feed_same(store, back);
	store_free(back);
	buf_done(&file);
}

static size_t warnings(const struct store *store)
{
	size_t count = 0;

	for (size_t i = 0; i < store->note_count; i++)
		count += store->notes[i].level != NOTE_INFO;
	return count;
}

void feed_cut(const struct format *format, struct bytes file, bool (*whole)(struct bytes cut))
{
	struct store *all = feed_well(format, file);

	for (size_t len = 0; len < file.len; len++) {
		struct bytes cut = { file.at, len };
		struct err err;
		struct store *some = feed(format, cut, &err);

		format_of(cut);
		if (some->count < all->count && err.code == ERR_NONE && warnings(some) <= warnings(all) &&
		    !(whole != NULL && whole(cut)))
			fail_msg("%s, cut at byte %zu: %zu of %zu anchors, and not a word", format->kind.name,
				 len, some->count, all->count);
		store_free(some);
	}
	store_free(all);
}

bool feed_run(struct buf *to, const char *fmt, ...)
{
	char *command = NULL;
	va_list ap;
	FILE *pipe;
	int byte;

	va_start(ap, fmt);
	assert_true(vasprintf(&command, fmt, ap) >= 0);
	va_end(ap);
	fflush(NULL);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	while ((byte = getc(pipe)) != EOF)
		if (to != NULL)
			buf_byte(to, (unsigned)byte);
	free(command);
	return pclose(pipe) == 0;
}

bool feed_has_trust_module(void)
{
	return feed_run(NULL,
			"test -e \"$(pkg-config --variable=p11_module_path p11-kit-1)/p11-kit-trust.so\"");
}

char *feed_directory(void)
{
	const char *base = getenv("TMPDIR");
	char *name = mem_print("%s/anchorage-test-XXXXXX", base != NULL ? base : "/tmp");

	assert_non_null(mkdtemp(name));
	return name;
}

void feed_remove(char *directory)
{
	assert_true(feed_run(NULL, "rm -r '%s'", directory));
	free(directory);
}

void feed_file(const char *directory, const char *name, struct bytes content)
{
	char *path = mem_print("%s/%s", directory, name);
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	if (content.len > 0)
		assert_int_equal(fwrite(content.at, 1, content.len, file), content.len);
	assert_int_equal(fclose(file), 0);
	free(path);
}

void feed_load(const char *directory, const char *name, struct buf *to)
{
	char *path = mem_print("%s/%s", directory, name);
	FILE *file = fopen(path, "rb");
	int byte;

	assert_non_null(file);
	while ((byte = getc(file)) != EOF)
		buf_byte(to, (unsigned)byte);
	fclose(file);
	free(path);
}
