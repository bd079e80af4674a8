/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Persistence files, held against what p11-kit's own module makes of them. */
#include "unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "feed.h"
#include "format/format.h"
#include "model/der.h"
#include "module.h"
#include "persist-cases.h"

/* The lines that module_read() prints for certificates, without labels: those the module makes up. */
static void describe(const struct store *store, struct buf *to)
{
	for (size_t i = 0; i < store->count; i++) {
		const struct anchor *anchor = &store->anchors[i];
		struct buf serial = { 0 };

		if (anchor->names == ANCHOR_KEY && anchor->distrusted != PURPOSES_ALL)
			continue; /* an extension for a key of no certificate */
		buf_text(to, "cert ");
		anchor->cert.der.len > 0 ? text_hex(anchor->cert.der, to) : buf_byte(to, '-');
		buf_print(to, " trusted=%d distrusted=%d", anchor->trusted != 0,
			  anchor->distrusted == PURPOSES_ALL);
		if (anchor->names == ANCHOR_CERTIFICATE) {
			buf_byte(to, '\n');
			continue;
		}
		buf_text(to, " issuer=");
		anchor->cert.issuer.len > 0 ? text_hex(anchor->cert.issuer, to) : buf_byte(to, '-');
		buf_text(to, " serial=");
		if (anchor->cert.serial.len > 0)
			der_write(&serial, DER_INTEGER, anchor->cert.serial);
		serial.len > 0 ? text_hex(buf_view(&serial), to) : buf_byte(to, '-');
		buf_text(to, " key=");
		anchor->cert.spki.len > 0 ? text_hex(anchor->cert.spki, to) : buf_byte(to, '-');
		buf_byte(to, '\n');
		buf_done(&serial);
	}
}

/* Takes " name=…" out of every line, up to the next space or the end. */
static void without(struct buf *text, const char *name)
{
	struct buf out = { 0 };
	size_t n = strlen(name);

	for (size_t i = 0; i < text->len; i++) {
		if (text->at[i] == ' ' && text->len - i > n && memcmp(text->at + i, name, n) == 0)
			for (i++; i < text->len && text->at[i] != ' ' && text->at[i] != '\n';)
				i++;
		buf_byte(&out, text->at[i]);
	}
	buf_done(text);
	*text = out;
}

/* The module's certificate lines for a file, in the form of describe(). */
static bool module_says(const char *dir, struct bytes file, struct buf *ret)
{
	static const char nothing[] = "cert - trusted=0 distrusted=0 ";
	struct buf all = { 0 };
	bool ok;

	feed_file(dir, "x.p11-kit", file);
	ok = module_read(dir, &all);
	without(&all, " policy=");
	without(&all, " server=");
	without(&all, " email=");
	without(&all, " label=");
	buf_byte(&all, '\0');
	for (char *line = (char *)all.at, *next; *line != '\0'; line = next) {
		next = strchr(line, '\n') + 1;
		if (strncmp(line, "cert ", 5) != 0 || strncmp(line, nothing, strlen(nothing)) == 0)
			continue;
		if (strncmp(line, "cert -", 6) != 0)
			strcpy(strstr(line, " issuer="), "\n");
		buf_text(ret, strtok(line, "\n"));
		buf_byte(ret, '\n');
	}
	buf_done(&all);
	return ok;
}

static int by_line(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct buf *text)
{
	char *copy = mem_string((char *)text->at, text->len), *save = NULL, *lines[64];
	size_t count = 0;

	for (char *line = strtok_r(copy, "\n", &save); line != NULL && count < 64;
	     line = strtok_r(NULL, "\n", &save))
		lines[count++] = line;
	if (count > 0)
		qsort(lines, count, sizeof(lines[0]), by_line);
	text->len = 0;
	for (size_t i = 0; i < count; i++)
		buf_print(text, "%s\n", lines[i]);
	free(copy);
}

/* A directory for the module; skips the test if there is no module. */
static char *module_directory(void)
{
	if (feed_has_trust_module())
		return feed_directory();
	print_message("no p11-kit trust module here\n");
	skip();
	return NULL;
}

static void p11_kit_makes_of_each_fault_what_the_note_says(void **state)
{
	char *dir = module_directory();

	(void)state;
	for (size_t i = 0; i < fault_count; i++) {
		struct buf file = { 0 }, text = { 0 };

		persist_expand(faults[i].text, &file);
		assert_true(module_says(dir, buf_view(&file), &text));
		buf_byte(&text, '\0');
		if (faults[i].refused || faults[i].dropped)
			assert_null(strstr((char *)text.at, "trusted=1"));
		buf_done(&file);
		buf_done(&text);
	}
	feed_remove(dir);
}

static void the_module_sees_what_was_written(void **state)
{
	char *dir = module_directory();
	struct store *store = persist_everything();
	struct buf file = { 0 }, ours = { 0 }, theirs = { 0 };

	(void)state;
	feed_write(&format_p11kit, store, &file);
	assert_true(module_says(dir, buf_view(&file), &theirs));
	describe(store, &ours);
	sort(&ours);
	sort(&theirs);
	assert_int_equal(ours.len, theirs.len);
	assert_memory_equal(ours.at, theirs.at, ours.len);
	store_free(store);
	buf_done(&file);
	buf_done(&ours);
	buf_done(&theirs);
	feed_remove(dir);
}

/* The line of an anchor's issuer among the module's that begin with `kind`; NULL: there is none. */
static const char *line_of(const struct buf *text, const char *kind, const struct anchor *anchor,
			   char room[4096])
{
	struct buf issuer = { 0 };
	const char *found = NULL;

	buf_text(&issuer, "issuer=");
	text_hex(anchor->cert.issuer, &issuer);
	buf_byte(&issuer, '\0');
	for (const char *line = (const char *)text->at; *line != '\0'; line = strchr(line, '\n') + 1) {
		size_t len = strcspn(line, "\n");

		if (strncmp(line, kind, strlen(kind)) != 0 || len >= 4096)
			continue;
		memcpy(room, line, len);
		room[len] = '\0';
		if (strstr(room, (char *)issuer.at) != NULL) {
			found = room;
			break;
		}
	}
	buf_done(&issuer);
	return found;
}

static void the_module_tells_the_dates_the_policy_and_the_labels_that_were_written(void **state)
{
	char *dir = module_directory(), room[4096];
	struct store *store = persist_everything();
	struct buf file = { 0 }, text = { 0 }, label = { 0 };
	const char *line;

	(void)state;
	feed_write(&format_p11kit, store, &file);
	feed_file(dir, "x.p11-kit", buf_view(&file));
	assert_true(module_read(dir, &text));
	buf_byte(&text, '\0');
	line = line_of(&text, "cert 3", &store->anchors[2], room);
	assert_non_null(strstr(line, " policy=1 server=241130235959Z email=20510102030405Z "));
	line = line_of(&text, "cert 3", &store->anchors[3], room);
	assert_non_null(strstr(line, " policy=- server=- email=- "));
	line = line_of(&text, "cert 3", &store->anchors[0], room);
	buf_text(&label, " label=");
	text_hex(bytes_of(store->anchors[0].label), &label);
	buf_byte(&label, '\0');
	assert_non_null(strstr(line, (char *)label.at));
	store_free(store);
	buf_done(&file);
	buf_done(&text);
	buf_done(&label);
	feed_remove(dir);
}

static void the_module_trusts_for_the_purposes_that_were_written(void **state)
{
	static const struct {
		size_t index;
		const char *words;
	} rows[] = {
		{ 1, " server=" MODULE_UNKNOWN " email=" MODULE_ANCHOR " code=" MODULE_UNKNOWN },
		{ 2, " server=" MODULE_ANCHOR " email=" MODULE_ANCHOR " code=" MODULE_ANCHOR },
		{ 3, " server=" MODULE_NOT " email=" MODULE_NOT " code=" MODULE_NOT },
		{ 4, " code=" MODULE_NOT },
		{ 5, " server=" MODULE_UNKNOWN " email=" MODULE_UNKNOWN " code=" MODULE_UNKNOWN },
	};
	char *dir = module_directory(), room[4096];
	struct store *store = persist_everything();
	struct buf file = { 0 }, text = { 0 };

	(void)state;
	feed_write(&format_p11kit, store, &file);
	feed_file(dir, "x.p11-kit", buf_view(&file));
	assert_true(module_read(dir, &text));
	buf_byte(&text, '\0');
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *line = line_of(&text, "nss ", &store->anchors[rows[i].index], room);

		assert_non_null(line);
		if (strstr(line, rows[i].words) == NULL)
			fail_msg("'%s' is not in '%s'", rows[i].words, line);
	}
	store_free(store);
	buf_done(&file);
	buf_done(&text);
	feed_remove(dir);
}

/* One byte, line or pair of lines of the file changed, by a number. */
static void mutate(const struct buf *file, unsigned seed, struct buf *to)
{
	unsigned random = seed * 2654435761u;
	size_t at = (random >> 8) % file->len, line = at, end = at;

	while (line > 0 && file->at[line - 1] != '\n')
		line--;
	while (end < file->len && file->at[end++] != '\n')
		;
	buf_bytes(to, (struct bytes){ file->at, line });
	switch (seed % 4) {
	case 0: /* gone */
		break;
	case 1: /* twice */
		buf_bytes(to, (struct bytes){ file->at + line, end - line });
		buf_bytes(to, (struct bytes){ file->at + line, end - line });
		break;
	default: /* another byte in it */
		buf_bytes(to, (struct bytes){ file->at + line, end - line });
		to->at[at] = (uint8_t) "\"%:[]#\n truefalse018"[random % 20];
	}
	buf_bytes(to, (struct bytes){ file->at + end, file->len - end });
}

static void where_no_warning_is_given_the_module_reads_the_same(void **state)
{
	enum { TRIES = 400 };
	char *dir = module_directory();
	struct store *store = persist_everything();
	struct buf file = { 0 };
	size_t compared = 0;

	(void)state;
	feed_write(&format_p11kit, store, &file);
	for (unsigned seed = 0; seed < TRIES; seed++) {
		struct buf changed = { 0 }, ours = { 0 }, theirs = { 0 };
		struct store *read;
		struct err err;
		bool warned = false;

		mutate(&file, seed, &changed);
		read = feed(&format_p11kit, buf_view(&changed), &err);
		for (size_t i = 0; i < read->note_count; i++)
			warned |= read->notes[i].level != NOTE_INFO;
		if (!warned && err.code == ERR_NONE) {
			compared++;
			assert_true(module_says(dir, buf_view(&changed), &theirs));
			describe(read, &ours);
			sort(&ours);
			sort(&theirs);
			if (!bytes_equal(buf_view(&ours), buf_view(&theirs)))
				fail_msg("change %u: the module reads something else", seed);
		}
		store_free(read);
		buf_done(&changed);
		buf_done(&ours);
		buf_done(&theirs);
	}
	assert_true(compared > 20);
	store_free(store);
	buf_done(&file);
	feed_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(p11_kit_makes_of_each_fault_what_the_note_says),
		cmocka_unit_test(the_module_sees_what_was_written),
		cmocka_unit_test(the_module_tells_the_dates_the_policy_and_the_labels_that_were_written),
		cmocka_unit_test(the_module_trusts_for_the_purposes_that_were_written),
		cmocka_unit_test(where_no_warning_is_given_the_module_reads_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
