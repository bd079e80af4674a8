/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include "images.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "make.h"
#include "medium/medium.h"
#include "model/name.h"
#include "model/place.h"

int image_begin(void **state)
{
	struct work *work = calloc(1, sizeof(*work));
	struct err err;
	char *tmp;

	assert_non_null(work);
	work->was = getenv("TMPDIR") != NULL ? mem_print("%s", getenv("TMPDIR")) : NULL;
	work->dir = feed_directory();
	tmp = mem_print("%s/tmp", work->dir);
	assert_int_equal(mkdir(tmp, 0700), 0);
	assert_int_equal(setenv("TMPDIR", tmp, 1), 0);
	free(tmp);
	assert_true(root_open(work->dir, &work->root, &err));
	*state = work;
	return 0;
}

int image_end(void **state)
{
	struct work *work = *state;

	assert_true(feed_run(NULL, "test -z \"$(ls -A '%s/tmp')\"", work->dir)); /* nothing is left behind */
	if (work->was != NULL)
		setenv("TMPDIR", work->was, 1);
	else
		unsetenv("TMPDIR");
	free(work->was);
	root_done(&work->root);
	feed_remove(work->dir);
	free(work);
	return 0;
}

void image_put(const struct work *work, const char *name, struct buf *content)
{
	feed_file(work->dir, name, buf_view(content));
	buf_done(content);
	*content = (struct buf){ 0 };
}

void image_run(const struct work *work, const char *command)
{
	assert_true(feed_run(NULL, "cd '%s' && %s", work->dir, command));
}

struct store *image_read_kind(const struct work *work, const char *kind, const char *what, struct err *err)
{
	struct place place;
	struct store *store;

	place_set(&place, what, kind);
	place_add_path(&place, what);
	*err = (struct err){ 0 };
	store = medium_read(&place, &work->root, err);
	place_done(&place);
	return store;
}

struct store *image_read_well(const struct work *work, const char *what)
{
	struct err err;
	struct store *store = image_read_kind(work, NULL, what, &err);

	if (store == NULL)
		fail_msg("%s", err.text);
	return store;
}

void image_refused(const struct work *work, const char *what, const char *words)
{
	struct err err;
	struct store *store = image_read_kind(work, NULL, what, &err);

	if (store != NULL)
		fail_msg("%s: it is read", what);
	if (strstr(err.text, words) == NULL)
		fail_msg("'%s' does not say '%s'", err.text, words);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void image_names_are(const struct store *store, const char *names)
{
	char **all = mem_zero((store->count + 1) * sizeof(*all));
	struct buf got = { 0 };

	for (size_t i = 0; i < store->count; i++) {
		struct buf name = { 0 };

		name_short(store->anchors[i].cert.subject, &name);
		all[i] = mem_string((const char *)name.at, name.len);
		buf_done(&name);
	}
	qsort(all, store->count, sizeof(*all), by_text);
	for (size_t i = 0; i < store->count; i++) {
		buf_print(&got, "%s ", all[i]);
		free(all[i]);
	}
	buf_byte(&got, 0);
	free(all);
	assert_string_equal((const char *)got.at, names);
	buf_done(&got);
}

void image_holds(const struct work *work, const char *what, const char *names)
{
	struct store *store = image_read_well(work, what);

	image_names_are(store, names);
	store_free(store);
}

void image_some(struct buf *to)
{
	struct buf binary = { 0 }, der = { 0 };

	for (int i = 0; i < 1000; i++)
		buf_be32(&binary, (uint32_t)i);
	pem_cert(&binary, "Birch", 2);
	buf_be32(&binary, 0);
	make_cert(&(struct make){ .cn = "Dogwood", .key = 4 }, &der);
	tar_add(to, "./etc/", TAR_FOLDER, NULL, bytes_of(""));
	tar_cert(to, "./etc/alder", "Alder", 1);
	tar_add(to, "./usr/bin/program", TAR_FILE, NULL, buf_view(&binary));
	tar_cert(to, "./etc/certs/cedar.pem", "Cedar", 3);
	tar_add(to, "./etc/certs/dogwood.crt", TAR_FILE, NULL, buf_view(&der));
	tar_text(to, "./etc/certs/README", "nothing");
	tar_text(to, "./etc/empty.pem", "");
	tar_end(to);
	buf_done(&binary);
	buf_done(&der);
}
