/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every archive of the badinput corpus, and what libarchive's own tests have
 * uuencoded, as an image: the process that reads it does not die, nothing is slow,
 * and what cannot be read is said.
 */
#include "corpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "medium/medium.h"
#include "medium/sniff.h"
#include "model/place.h"
#include "model/store.h"

enum { SHOWN = 10, MOST_S = 60 };

struct run {
	struct root root; /* the host */
	char *path;       /* of the file that is read */
	size_t files, anchors, refused, silent, dead, slow;
};

/* The body of uuencode(1), where there is one. */
static void decode(struct bytes text, struct buf *to)
{
	bool on = false;

	while (text.len > 0) {
		const uint8_t *end = memchr(text.at, '\n', text.len);
		struct bytes line = { text.at, end != NULL ? (size_t)(end - text.at) : text.len };
		size_t len = line.len > 0 ? (size_t)(line.at[0] - 32) & 63 : 0;

		if (on && bytes_start(line, bytes_of("end")))
			return;
		for (size_t i = 1; on && i + 3 < line.len && len > 0; i += 4) {
			uint32_t four = 0;

			for (size_t k = 0; k < 4; k++)
				four = four << 6 | ((uint32_t)(line.at[i + k] - 32) & 63);
			for (size_t k = 0; k < 3 && len > 0; k++, len--)
				buf_byte(to, four >> (16 - 8 * k) & 0xff);
		}
		on = on || bytes_start(line, bytes_of("begin "));
		text = bytes_skip(text, line.len + 1);
	}
}

static bool died(const char *text)
{
	return strstr(text, "the process that reads it") != NULL;
}

static void read_image(struct run *run, const char *name)
{
	struct place place;
	struct err err = { 0 };
	struct store *store;
	time_t begun = time(NULL);
	bool dead, says;

	place_set(&place, name, "image");
	place_add_path(&place, run->path);
	store = medium_read(&place, &run->root, &err);
	place_done(&place);
	dead = store == NULL && died(err.text);
	says = store == NULL ? err.text[0] != '\0' : store->count > 0 || store->note_count > 0;
	for (size_t i = 0; store != NULL && i < store->note_count; i++)
		dead = dead || died(store->notes[i].text);
	run->files++;
	run->refused += store == NULL;
	run->anchors += store != NULL ? store->count : 0;
	if (dead && run->dead++ < SHOWN)
		tap_say("%s: %s", name, store == NULL ? err.text : "the process died");
	if (!says && run->silent++ < SHOWN)
		tap_say("%s: nothing is said", name);
	if (time(NULL) - begun > MOST_S && run->slow++ < SHOWN)
		tap_say("%s: took %ld s", name, (long)(time(NULL) - begun));
	store_free(store);
}

static void visit(const char *path, struct bytes file, void *data)
{
	struct run *run = data;
	struct buf decoded = { 0 };
	size_t len = strlen(path);
	FILE *to;

	if (len > 3 && strcmp(path + len - 3, ".uu") == 0)
		decode(file, &decoded);
	else if (sniff_archive(file))
		buf_bytes(&decoded, file);
	if (decoded.len > 0 && (to = fopen(run->path, "wb")) != NULL) {
		bool ok = fwrite(decoded.at, 1, decoded.len, to) == decoded.len;

		if (fclose(to) == 0 && ok)
			read_image(run, path);
	}
	buf_done(&decoded);
}

int main(void)
{
	struct corpus corpus = corpus_find();
	const char *dir = corpus_named(&corpus, "badinput"), *temp = getenv("TMPDIR");
	struct run run = { .root = { .fd = -1 } };
	int fd;

	run.path = mem_print("%s/anchorage-archive-XXXXXX", temp != NULL ? temp : "/tmp");
	fd = mkstemp(run.path);
	if (dir == NULL || fd < 0) {
		tap_skip("hostile archives as images",
			 corpus.missing != NULL ? corpus.missing : "no badinput among the corpora");
	} else {
		corpus_each(dir, visit, &run);
		tap_say("%zu archives, %zu certificates, %zu refused", run.files, run.anchors, run.refused);
		tap(run.files > 0 && run.dead == 0, "no archive kills the process that reads it");
		tap(run.silent == 0, "every archive gives certificates, a note or an error");
		tap(run.slow == 0, "no archive takes more than %d seconds", MOST_S);
	}
	if (fd >= 0) {
		close(fd);
		unlink(run.path);
	}
	free(run.path);
	corpus_done(&corpus);
	return tap_end();
}
