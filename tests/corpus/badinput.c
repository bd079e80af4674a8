/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every file of the badinput corpus through every format: nothing crashes, nothing
 * is slow, and what cannot be read is said. A crash names the file on standard error.
 */
#include "corpus.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "format/format.h"
#include "look.h"
#include "model/store.h"

enum { SHOWN = 10, MOST_MS = 2000 };

struct run {
	const struct format *format;
	size_t files, anchors, notes, refused, silent, wordless, slow, splits, unlike;
	double slowest;
	char *slowest_path;
};

static const char *now_reading = "", *now_format = "";

static void blame(void)
{
	static const char text[] = "\n# while reading ";
	ssize_t n = write(2, text, sizeof(text) - 1);

	n += write(2, now_reading, strlen(now_reading));
	n += write(2, " as ", 4);
	n += write(2, now_format, strlen(now_format));
	n += write(2, "\n", 1);
	(void)n;
}

static void on_signal(int number)
{
	blame();
	signal(number, SIG_DFL);
	raise(number);
}

/* The sanitizer's hook: it ends the process without a signal. */
void __asan_on_error(void);
void __asan_on_error(void)
{
	blame();
}

static double cpu_ms(void)
{
	struct timespec at;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
	return (double)at.tv_sec * 1e3 + (double)at.tv_nsec / 1e6;
}

static void time_it(struct run *run, const char *path, double took)
{
	if (took > MOST_MS && run->slow++ < SHOWN)
		tap_say("%s: %s took %.0f ms", run->format->kind.name, path, took);
	if (took <= run->slowest)
		return;
	run->slowest = took;
	free(run->slowest_path);
	run->slowest_path = mem_string(path, strlen(path));
}

static void read_one(const char *path, struct bytes file, void *data)
{
	struct run *run = data;
	double start = cpu_ms();
	struct err err = { 0 };
	struct store *store;

	now_reading = path;
	run->format->probe(file);
	store = look(run->format, file, &err);
	run->files++;
	if (store == NULL) {
		run->refused++;
		if ((err.code == ERR_NONE || err.text[0] == '\0') && run->wordless++ < SHOWN)
			tap_say("%s: %s: refused without a word", run->format->kind.name, path);
	} else {
		run->anchors += store->count;
		run->notes += store->note_count;
		if (file.len > 0 && !look_says_something(store) && run->silent++ < SHOWN)
			tap_say("%s: %s: no anchor, no note, no error", run->format->kind.name, path);
	}
	store_free(store);
	time_it(run, path, cpu_ms() - start);
}

/* Reads one part behind another, as a large file is read: nothing more in the second is no error. */
static bool read_part(const struct format *format, struct bytes part, bool first, struct store *into)
{
	struct err err = { 0 };

	return format->read(part, into, &err) || ((!first || format->searched) && err.code == ERR_ABSENT);
}

static bool same(const struct store *a, const struct store *b)
{
	/* A note may come twice, once for each half of what it is about. */
	if (a->count != b->count || (a->note_room > 0) != (b->note_room > 0))
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (memcmp(a->anchors[i].id, b->anchors[i].id, ID_LEN) != 0 ||
		    a->anchors[i].trusted != b->anchors[i].trusted ||
		    strcmp(a->anchors[i].label, b->anchors[i].label) != 0)
			return false;
	return true;
}

/* Where a format says that a file may be cut, the parts give together what the whole gives. */
static void split_one(const char *path, struct bytes file, void *data)
{
	enum { PLACES = 8 };
	struct run *run = data;
	const struct format *format = run->format;
	struct store *whole = store_new("whole");
	size_t before = 0;

	now_reading = path;
	if (read_part(format, file, true, whole))
		for (size_t i = 1; i < PLACES; i++) {
			struct bytes head = { file.at, file.len * i / PLACES };
			size_t cut = format->split(head);
			struct store *parts = store_new("parts");

			if (cut > before && cut <= head.len) {
				run->splits++;
				head.len = cut;
				if ((!read_part(format, head, true, parts) ||
				     !read_part(format, bytes_skip(file, cut), false, parts) ||
				     !same(whole, parts)) &&
				    run->unlike++ < SHOWN)
					tap_say("%s: %s, cut at %zu: not the same", format->kind.name, path,
						cut);
			} else if (cut > head.len && run->unlike++ < SHOWN) {
				tap_say("%s: %s, cut at %zu: behind its end", format->kind.name, path, cut);
			}
			before = cut;
			store_free(parts);
		}
	store_free(whole);
}

static void probe_one(const char *path, struct bytes file, void *data)
{
	const struct format *format;
	size_t *recognised = data;

	now_reading = path;
	format = format_of(file);
	*recognised += format != NULL;
}

static void read_all(const char *dir, const struct format *format)
{
	struct run run = { .format = format };

	now_format = format->kind.name;
	corpus_each(dir, read_one, &run);
	tap_say("%s: %zu files, %zu anchors, %zu notes, %zu refused; the slowest took %.1f ms: %s",
		format->kind.name, run.files, run.anchors, run.notes, run.refused, run.slowest,
		run.slowest_path != NULL ? run.slowest_path : "none");
	tap(run.files > 0 && run.silent == 0, "%s: every file gives an anchor, a note or an error",
	    format->kind.name);
	tap(run.wordless == 0, "%s: every refusal has a text", format->kind.name);
	tap(run.slow == 0, "%s: no file takes more than %d ms", format->kind.name, MOST_MS);
	if (format->split != NULL) {
		corpus_each(dir, split_one, &run);
		tap(run.splits > 0 && run.unlike == 0,
		    "%s: %zu times cut where it may be cut, the parts are the whole", format->kind.name,
		    run.splits);
	}
	free(run.slowest_path);
}

int main(void)
{
	struct corpus corpus = corpus_find();
	const char *dir = corpus_named(&corpus, "badinput");
	size_t recognised = 0;

	signal(SIGSEGV, on_signal);
	signal(SIGABRT, on_signal);
	signal(SIGBUS, on_signal);
	signal(SIGFPE, on_signal);
	if (dir == NULL) {
		tap_skip("hostile files through every format",
			 corpus.missing != NULL ? corpus.missing : "no badinput among the corpora");
	} else {
		now_format = "format_of";
		corpus_each(dir, probe_one, &recognised);
		tap(recognised > 0, "some of the files are recognised");
		for (size_t i = 0; formats[i] != NULL; i++)
			if (formats[i]->read != NULL)
				read_all(dir, formats[i]);
	}
	corpus_done(&corpus);
	return tap_end();
}
