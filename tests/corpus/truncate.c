/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The fixtures of every format, tests/corpus/<format>/, are what their names say;
 * and each that can be read, cut after every byte, is either read as far as it
 * goes with something said about the rest, or refused: never silently less.
 */
#include "corpus.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "format/format.h"
#include "look.h"
#include "model/der.h"
#include "model/pick.h"
#include "model/store.h"

enum { SHOWN = 5 };

/* A file ending in .hex is hex digits, with comments from # to the end of the line. */
static void read_hex(struct bytes text, struct buf *to)
{
	unsigned half = 0, digits = 0;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		if (c == '#')
			while (i < text.len && text.at[i] != '\n')
				i++;
		if (!isxdigit(c))
			continue;
		half = half << 4 | (unsigned)(c <= '9' ? c - '0' : tolower(c) - 'a' + 10);
		if (++digits % 2 == 0)
			buf_byte(to, half & 0xff);
	}
}

static bool ends(const char *text, const char *with)
{
	size_t a = strlen(text), b = strlen(with);

	return a >= b && strcmp(text + a - b, with) == 0;
}

static size_t count_of(struct bytes in, const char *what)
{
	size_t count = 0;
	const uint8_t *hit;

	while (in.len > 0 && (hit = memmem(in.at, in.len, what, strlen(what))) != NULL) {
		in = bytes_skip(in, (size_t)(hit - in.at) + strlen(what));
		count++;
	}
	return count;
}

/* What stands behind the last END line; nothing if there is none, or it is not whole. */
static struct bytes behind_end(struct bytes file)
{
	const uint8_t *hit;
	struct bytes rest = file, line = { NULL, 0 };

	while (rest.len > 0 && (hit = memmem(rest.at, rest.len, "-----END ", 9)) != NULL)
		rest = line = bytes_skip(rest, (size_t)(hit - rest.at) + 9);
	hit = line.len > 0 ? memmem(line.at, line.len, "-----", 5) : NULL;
	return hit != NULL ? (struct bytes){ hit + 5, line.len - (size_t)(hit - line.at) - 5 }
			   : (struct bytes){ NULL, 0 };
}

/* Whether every PEM block is closed and nothing has begun behind the last. */
static bool whole_text(struct bytes file)
{
	static const char begin[] = "-----BEGIN";
	struct bytes tail = behind_end(file);
	size_t line = tail.len;

	if (tail.at == NULL || count_of(file, "-----BEGIN ") != count_of(file, "-----END "))
		return false;
	while (line > 0 && tail.at[line - 1] != '\n' && tail.at[line - 1] != '\r')
		line--;
	struct bytes last = bytes_skip(tail, line);

	return count_of(tail, "\n[") == 0 &&
	       (last.len == 0 || last.len >= sizeof(begin) || !bytes_start(bytes_of(begin), last));
}

static bool whole_der(struct bytes file)
{
	while (file.len > 0 && der_size(file) > 0 && der_size(file) <= file.len)
		file = bytes_skip(file, der_size(file));
	return file.len == 0;
}

/* The last lines of an object, behind which nothing has to be. */
static bool whole_objects(struct bytes file)
{
	struct bytes lasts[] = { bytes_of("\nCKA_TRUST_STEP_UP_APPROVED "),
				 bytes_of("\nCKA_TRUST_CODE_SIGNING ") };

	while (file.len > 0 && (file.at[file.len - 1] == '\n' || file.at[file.len - 1] == '\r'))
		file.len--;
	for (const uint8_t *line; file.len > 0 && (line = memrchr(file.at, '\n', file.len)) != NULL;) {
		struct bytes last = { line, file.len - (size_t)(line - file.at) };

		if (bytes_start(last, lasts[0]) || bytes_start(last, lasts[1]))
			return true;
		if (last.len > 2 && last.at[1] != '#')
			return false;
		file.len -= last.len;
	}
	return false;
}

/* A list of which each line stands for itself. */
static bool whole_lines(const struct format *format, struct bytes file)
{
	return format == &format_blocked && file.len > 0 && file.at[file.len - 1] == '\n';
}

/* A program, in which each block stands for itself. */
static bool whole_program(const struct format *format, struct bytes file)
{
	return format == &format_embedded &&
	       count_of(file, "-----BEGIN ") == count_of(file, "-----END CERTIFICATE-----");
}

static void write_first(const struct format *format, const struct store *from, size_t count, struct buf *to)
{
	struct wanted all = { .any = true };
	struct style style = { 0 };
	struct err err;
	struct pick pick;

	pick_from(from, FILTER_CERTIFICATES, &all, &pick);
	pick.count = count < pick.count ? count : pick.count;
	if (!format->write(&pick, &style, to, &err))
		abort();
	pick_done(&pick);
}

/* Whether nobody can know that something was behind: what a smaller store looks like. */
static bool whole(const struct format *format, const struct store *full, size_t count, struct bytes file)
{
	struct buf written = { 0 };
	bool same = false;

	if (whole_text(file) || whole_objects(file) || whole_lines(format, file) ||
	    whole_program(format, file) || (file.len > 0 && file.at[0] == DER_SEQUENCE && whole_der(file)))
		return true;
	if (format->write != NULL) {
		write_first(format, full, count, &written);
		same = bytes_equal(buf_view(&written), file);
	}
	buf_done(&written);
	return same;
}

static bool same_anchor(const struct anchor *a, const struct anchor *b)
{
	return a->trusted == b->trusted && a->distrusted == b->distrusted &&
	       memcmp(a->distrust_after, b->distrust_after, sizeof(a->distrust_after)) == 0 &&
	       a->attached_count == b->attached_count && strcmp(a->label, b->label) == 0;
}

static bool has_note(const struct store *store, const char *text)
{
	for (size_t i = 0; i < store->note_count; i++)
		if (strcmp(store->notes[i].text, text) == 0)
			return true;
	return false;
}

/* What is wrong with reading `cut`, of which the whole is `full`; NULL: nothing. */
static const char *judge(const struct format *format, const struct store *full, const struct store *store,
			 struct bytes cut)
{
	bool odd = full->note_count > 0;
	bool less = store->count < full->count, said = false;

	if (store->count > full->count)
		return "it has more anchors than the whole";
	for (size_t i = 0; i < store->count; i++) {
		if (memcmp(store->anchors[i].id, full->anchors[i].id, ID_LEN) != 0)
			return "it has an anchor that the whole has not";
		less = less || !same_anchor(&store->anchors[i], &full->anchors[i]);
	}
	/* What is said of the whole does not count, unless it is odd throughout. */
	for (size_t i = 0; i < store->note_count; i++)
		said = said || odd || !has_note(full, store->notes[i].text);
	if (less && !said && !whole(format, full, store->count, cut))
		return "it is less than the whole, and nothing is said";
	return NULL;
}

static void cut_everywhere(const struct format *format, const char *name, struct bytes file)
{
	size_t wrong = 0;
	struct err err = { 0 };
	struct store *full = look(format, file, &err);

	for (size_t len = 0; full != NULL && len < file.len; len++) {
		struct bytes cut = { file.at, len };
		struct store *store = look(format, cut, &err);
		const char *text = NULL;

		if (store != NULL)
			text = judge(format, full, store, cut);
		else if (err.text[0] == '\0')
			text = "it is refused without a word";
		if (text != NULL && wrong++ < SHOWN)
			tap_say("%s, the first %zu bytes: %s", name, len, text);
		store_free(store);
		err = (struct err){ 0 };
	}
	tap(full != NULL && wrong == 0, "%s cut after every byte is never silently less", name);
	store_free(full);
}

/* Whether reading gives what the first word of the fixture's name promises. */
static void hold_to_name(const struct format *format, const char *name, const char *base, struct bytes file)
{
	struct err err = { 0 };
	struct store *store = look(format, file, &err);
	enum note_level worst = NOTE_INFO;

	for (size_t i = 0; store != NULL && i < store->note_count; i++)
		worst = store->notes[i].level > worst ? store->notes[i].level : worst;
	if (strncmp(base, "good-", 5) == 0)
		tap(store != NULL && store->count + store->part_count > 0 && worst == NOTE_INFO &&
			    format_of(file) == format,
		    "%s is recognised and read without a warning", name);
	else if (strncmp(base, "odd-", 4) == 0)
		tap(store != NULL && store->count > 0 && store->note_count > 0,
		    "%s is read, and what is odd is said", name);
	else
		tap(strncmp(base, "bad-", 4) == 0 &&
			    (store == NULL ? err.text[0] != '\0'
					   : store->count == 0 && store->note_count > 0),
		    "%s gives no anchor, and why is said", name);
	store_free(store);
}

static struct bytes readme;

static void try_fixture(const char *path, struct bytes file, void *data)
{
	const struct format *format = data;
	const char *base = strrchr(path, '/') + 1;
	char *name = mem_print("%s/%s", format->kind.name, base);
	struct buf bytes = { 0 };

	if (ends(base, ".hex"))
		read_hex(file, &bytes);
	else
		buf_bytes(&bytes, file);
	if (count_of(readme, name) == 0)
		tap(false, "%s has its sentence in tests/corpus/README", name);
	hold_to_name(format, name, base, buf_view(&bytes));
	if (strncmp(base, "bad-", 4) != 0)
		cut_everywhere(format, name, buf_view(&bytes));
	buf_done(&bytes);
	free(name);
}

/* The anchors of a PEM fixture as another format writes them are a fixture as well. */
static void try_written(const char *path, struct bytes file, void *data)
{
	const struct format *format = data;
	char *name = mem_print("%s/%s written as %s", "pem", strrchr(path, '/') + 1, format->kind.name);
	struct err err = { 0 };
	struct store *from = look(&format_pem, file, &err), *back;
	struct buf written = { 0 };

	if (from == NULL)
		abort();
	write_first(format, from, from->count, &written);
	back = look(format, buf_view(&written), &err);
	tap(back != NULL && back->count == from->count &&
		    memcmp(back->anchors[0].id, from->anchors[0].id, ID_LEN) == 0,
	    "%s is read back", name);
	cut_everywhere(format, name, buf_view(&written));
	buf_done(&written);
	store_free(back);
	store_free(from);
	free(name);
}

static void keep(const char *path, struct bytes file, void *data)
{
	struct buf *to = data;

	(void)path;
	buf_bytes(to, file);
}

int main(void)
{
	char *bundle = corpus_fixture("pem/good-bundle.pem"), *text = corpus_fixture("README");
	struct buf kept = { 0 };

	corpus_each(text, keep, &kept);
	readme = buf_view(&kept);
	for (size_t i = 0; formats[i] != NULL; i++) {
		const struct format *format = formats[i];
		char *dir = corpus_fixture(format->kind.name);

		if (format->read != NULL)
			corpus_each(dir, try_fixture, (void *)(uintptr_t)format);
		if (format->read != NULL && format->write != NULL)
			corpus_each(bundle, try_written, (void *)(uintptr_t)format);
		free(dir);
	}
	buf_done(&kept);
	free(bundle);
	free(text);
	return tap_end();
}
