/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scene.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../unit/make.h"

#include "base/base64.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/texts.h"
#include "change/apply.h"
#include "change/journal.h"
#include "change/state.h"
#include "change/undo.h"
#include "model/store.h"
#include "stage/stager.h"

enum { AT = 1790000000 };

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	printf("Bail out! %s\n", what);
	exit(99);
}

/* --- the tree --- */

static char *in_tree(const struct scene *scene, const char *path)
{
	return mem_print("%s%s", scene->top, path);
}

static void put_file(const struct scene *scene, const char *path, struct bytes content)
{
	char *full = in_tree(scene, path);
	int fd;

	for (char *slash = full + strlen(scene->top); (slash = strchr(slash + 1, '/')) != NULL;) {
		*slash = '\0';
		mkdir(full, 0755);
		*slash = '/';
	}
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	must(fd >= 0 && write(fd, content.at, content.len) == (ssize_t)content.len, full);
	close(fd);
	free(full);
}

static void certificate(const char *name, unsigned key, struct buf *ret_pem, struct buf *ret_der)
{
	const struct make how = { .cn = name, .key = key };

	make_cert(&how, ret_der);
	buf_text(ret_pem, "-----BEGIN CERTIFICATE-----\n");
	base64_write(buf_view(ret_der), 64, ret_pem);
	buf_text(ret_pem, "-----END CERTIFICATE-----\n");
}

static void put_packaged(const struct scene *scene, const char *name, unsigned key)
{
	char *path = mem_print("/usr/share/ca-certificates/mozilla/%s.crt", name);
	struct buf pem = { 0 }, der = { 0 };

	certificate(name, key, &pem, &der);
	put_file(scene, path, buf_view(&pem));
	buf_done(&pem);
	buf_done(&der);
	free(path);
}

static void empty(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char *below;

		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		below = mem_print("%s/%s", path, entry->d_name);
		if (unlink(below) != 0) {
			empty(below);
			rmdir(below);
		}
		free(below);
	}
	if (dir != NULL)
		closedir(dir);
}

/* In a store of its own: entries move when another is added. */
static void request(struct scene *scene, enum request_kind kind, const char *name, unsigned key)
{
	struct buf pem = { 0 }, der = { 0 };
	struct anchor *anchor;

	certificate(name, key, &pem, &der);
	anchor = store_add(store_part(scene->store, name), buf_view(&der), 0);
	anchor->trusted = PURPOSES_ALL;
	requests_add(&scene->requests, kind, anchor);
	buf_done(&pem);
	buf_done(&der);
}

/* --- the change --- */

static bool stage(const struct scene *scene, const struct requests *requests, struct staged *ret,
		  struct err *err)
{
	const struct terms terms = { .at = AT };
	const struct target target = { .name = (char *)(uintptr_t) "system",
				       .stager = stager_system(&scene->root) };

	must(target.stager != NULL, "the tree is no system that is known");
	return target.stager->stage(&scene->root, &target, requests, &terms, ret, err);
}

static bool open_state(const struct scene *scene, struct state *ret, struct err *err)
{
	struct texts left = { 0 };
	unsigned id;
	bool ok = state_open(&scene->root, STATE_PATH, true, ret, err) &&
		  state_lock(ret, NULL, NULL, NULL, err) && apply_recover(ret, &id, &left, err) &&
		  left.count == 0;

	texts_done(&left);
	return ok;
}

static int finish(bool ok, const struct err *err)
{
	if (!ok && getenv("CRASH_VERBOSE") != NULL)
		fprintf(stderr, "# %s\n", err->text);
	return ok ? 0 : 1;
}

int scene_change(void *data)
{
	const struct scene *scene = data;
	const struct change change = { .command = "add", .summary = "a change", .at = AT };
	struct applied applied = { 0 };
	struct staged staged = { 0 };
	struct state state;
	struct err err = { 0 };
	bool ok = open_state(scene, &state, &err) && stage(scene, &scene->requests, &staged, &err) &&
		  apply_edits(&state, &change, &staged.edits, &applied, &err);

	applied_done(&applied);
	staged_done(&staged);
	state_done(&state);
	return finish(ok, &err);
}

int scene_undo(void *data)
{
	const struct scene *scene = data;
	const struct change change = { .command = "undo", .summary = "an undo", .at = AT, .undoes = 1 };
	struct conflicts conflicts = { 0 };
	struct applied applied = { 0 };
	struct entries all = { 0 };
	struct entry entry = { 0 };
	struct edits edits = { 0 };
	struct state state;
	struct err err = { 0 };
	bool ok = open_state(scene, &state, &err) && journal_list(&state, &all, &err) &&
		  journal_read(&state, 1, &entry, &err) &&
		  undo_stage(&scene->root, &entry, &all, false, &edits, &conflicts, &err) &&
		  conflicts.count == 0 && apply_edits(&state, &change, &edits, &applied, &err);

	conflicts_done(&conflicts);
	applied_done(&applied);
	edits_done(&edits);
	entry_done(&entry);
	entries_done(&all);
	state_done(&state);
	return finish(ok, &err);
}

bool scene_recover(struct scene *scene)
{
	struct state state;
	struct err err = { 0 };
	bool ok = open_state(scene, &state, &err);

	if (!ok)
		printf("# the next start: %s\n", err.text);
	state_done(&state);
	return ok;
}

/* --- pictures --- */

static void add_item(struct picture *picture, const char *path, const char *full, const struct stat *st)
{
	struct buf what = { 0 };
	struct item item = { .path = mem_string(path, strlen(path)) };

	buf_print(&what, "%o %u:%u ", st->st_mode, st->st_uid, st->st_gid);
	if (S_ISLNK(st->st_mode)) {
		char target[PATH_MAX];
		ssize_t len = readlink(full, target, sizeof(target));

		buf_bytes(&what, (struct bytes){ (const uint8_t *)target, len > 0 ? (size_t)len : 0 });
	} else if (S_ISREG(st->st_mode)) {
		int fd = open(full, O_RDONLY);
		ssize_t n;

		while (fd >= 0 && (n = read(fd, buf_room(&what, 4096), 4096)) > 0)
			what.len += (size_t)n;
		close(fd);
	}
	buf_byte(&what, '\0');
	item.what = (char *)what.at;
	item.exact = S_ISREG(st->st_mode) ? mem_print("%lld.%09ld %s", (long long)st->st_mtim.tv_sec,
						      st->st_mtim.tv_nsec, item.what)
					  : mem_string(item.what, strlen(item.what));
	picture->all = mem_grow(picture->all, picture->count, sizeof(*picture->all));
	picture->all[picture->count++] = item;
}

static void walk(const struct scene *scene, const char *path, bool temporaries, struct picture *ret)
{
	char *full = in_tree(scene, path);
	DIR *dir = opendir(full);
	const struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char *below = mem_print("%s/%s", path, entry->d_name), *at = in_tree(scene, below);
		struct stat st;

		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    strcmp(below, STATE_PATH) != 0 && lstat(at, &st) == 0 &&
		    (temporaries || strncmp(entry->d_name, ".anchorage-", 11) != 0)) {
			add_item(ret, below, at, &st);
			if (S_ISDIR(st.st_mode))
				walk(scene, below, temporaries, ret);
		}
		free(below);
		free(at);
	}
	if (dir != NULL)
		closedir(dir);
	free(full);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct item *)a)->path, ((const struct item *)b)->path);
}

void picture_take(const struct scene *scene, bool temporaries, struct picture *ret)
{
	*ret = (struct picture){ 0 };
	walk(scene, "", temporaries, ret);
	must(ret->count > 0, "the tree is empty");
	qsort(ret->all, ret->count, sizeof(*ret->all), by_path);
}

void picture_done(struct picture *picture)
{
	for (size_t i = 0; i < picture->count; i++) {
		free(picture->all[i].path);
		free(picture->all[i].what);
		free(picture->all[i].exact);
	}
	free(picture->all);
	*picture = (struct picture){ 0 };
}

static const struct item *find(const struct picture *picture, const char *path)
{
	for (size_t i = 0; i < picture->count; i++)
		if (strcmp(picture->all[i].path, path) == 0)
			return &picture->all[i];
	return NULL;
}

static bool alike(const struct item *a, const struct item *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a->what, b->what) == 0;
}

static const char *different(const struct picture *now, const struct picture *than, bool exact)
{
	for (size_t i = 0; i < now->count; i++)
		if (find(than, now->all[i].path) == NULL)
			return now->all[i].path;
	for (size_t i = 0; i < than->count; i++) {
		const struct item *item = find(now, than->all[i].path);

		if (item == NULL || strcmp(exact ? item->exact : item->what,
					   exact ? than->all[i].exact : than->all[i].what) != 0)
			return than->all[i].path;
	}
	return NULL;
}

/* A directory may be there before what is in it. */
static bool is_one_of(const struct scene *scene, const struct item *now, const char *path)
{
	const struct item *old = find(&scene->old, path), *new = find(&scene->new, path);

	return alike(now, old) || alike(now, new) || (now != NULL && strtol(now->what, NULL, 8) == 040700);
}

const char *scene_mixed(const struct scene *scene)
{
	static char said[256];
	const struct picture *sides[] = { NULL, &scene->old, &scene->new };
	struct picture now;
	const char *bad = NULL;

	picture_take(scene, false, &now);
	sides[0] = &now;
	for (size_t k = 0; bad == NULL && k < 3; k++)
		for (size_t i = 0; bad == NULL && i < sides[k]->count; i++)
			if (!is_one_of(scene, find(&now, sides[k]->all[i].path), sides[k]->all[i].path))
				bad = sides[k]->all[i].path;
	if (bad != NULL)
		snprintf(said, sizeof(said), "'%s' is neither old nor new", bad);
	picture_done(&now);
	return bad != NULL ? said : NULL;
}

/* --- what is settled --- */

static const char *history_of(const struct scene *scene, bool undo, bool new)
{
	struct entries all = { 0 };
	struct state state;
	struct err err = { 0 };
	size_t done = 0, most = 0;
	const char *bad = NULL;

	if (!state_open(&scene->root, STATE_PATH, false, &state, &err) || !journal_list(&state, &all, &err))
		bad = "the history cannot be read";
	for (size_t i = 0; bad == NULL && i < all.count; i++) {
		if (all.all[i].state == ENTRY_PREPARED)
			bad = "an entry of the history is only prepared";
		done += all.all[i].state == ENTRY_DONE || all.all[i].state == ENTRY_UNDONE;
	}
	most = undo ? (new ? 1 : 2) : (new ? 1 : 0);
	if (bad == NULL && all.notes.count > 0)
		bad = "there is something odd in the history";
	if (bad == NULL && done != most)
		bad = "the history tells of something else than what was done";
	entries_done(&all);
	state_done(&state);
	return bad;
}

const char *scene_settled(struct scene *scene, bool undo, bool *ret_new)
{
	static char said[256];
	struct picture now;
	const char *from_old, *from_new;

	picture_take(scene, true, &now);
	/* What was not to change is what it was, with its time; what was done anew has a new time. */
	from_old = different(&now, &scene->old, true);
	from_new = different(&now, &scene->new, false);
	*ret_new = from_new == NULL;
	if (from_old != NULL && from_new != NULL)
		snprintf(said, sizeof(said), "neither old ('%s') nor new ('%s')", from_old, from_new);
	picture_done(&now);
	return from_old != NULL && from_new != NULL ? said : history_of(scene, undo, *ret_new);
}

/* --- beginning and end --- */

static void write_tree(const struct scene *scene)
{
	static const char conf[] = "mozilla/Alder.crt\nmozilla/Birch.crt\n";

	put_packaged(scene, "Alder", 1);
	put_packaged(scene, "Birch", 2);
	put_file(scene, "/etc/ca-certificates.conf", bytes_of(conf));
	put_file(scene, "/usr/sbin/update-ca-certificates", bytes_of("#!/bin/sh\n"));
	put_file(scene, "/etc/ssl/certs/keep", bytes_of("theirs\n"));
	put_file(scene, "/var/lib/keep", bytes_of("theirs\n"));
}

/* Time does not pass between one tree and the next. */
static void settle_times(const struct scene *scene, const struct picture *picture)
{
	const struct timespec at[2] = { { .tv_sec = AT - 1000 }, { .tv_sec = AT - 1000, .tv_nsec = 5 } };

	for (size_t i = 0; i < picture->count; i++) {
		char *full = in_tree(scene, picture->all[i].path);

		utimensat(AT_FDCWD, full, at, AT_SYMLINK_NOFOLLOW);
		free(full);
	}
}

void scene_reset(struct scene *scene, bool changed)
{
	const struct requests none = { 0 };
	const struct change change = { .command = "refresh", .summary = "the beginning", .at = AT };
	struct applied applied = { 0 };
	struct staged staged = { 0 };
	struct picture now;
	struct state state;
	struct err err = { 0 };
	char *path;

	empty(scene->top);
	write_tree(scene);
	must(state_open(&scene->root, STATE_PATH, true, &state, &err) && stage(scene, &none, &staged, &err) &&
		     apply_edits(&state, &change, &staged.edits, &applied, &err),
	     err.text);
	applied_done(&applied);
	staged_done(&staged);
	state_done(&state);
	path = in_tree(scene, STATE_PATH);
	empty(path);
	rmdir(path);
	free(path);
	picture_take(scene, true, &now);
	settle_times(scene, &now);
	picture_done(&now);
	if (changed)
		must(scene_change(scene) == 0, "the change itself fails");
}

void scene_begin(struct scene *scene, const char *below)
{
	struct err err = { 0 };

	*scene = (struct scene){ .store = store_new("made") };
	snprintf(scene->top, sizeof(scene->top), "%s/anchorage-crash-XXXXXX", below);
	must(mkdtemp(scene->top) != NULL && root_open(scene->top, &scene->root, &err), "no place for a tree");
	request(scene, REQUEST_TRUST, "Corp", 3);
	request(scene, REQUEST_REMOVE, "Birch", 2);
	scene_reset(scene, false);
	picture_take(scene, true, &scene->old);
	must(scene_change(scene) == 0, "the change itself fails");
	picture_take(scene, true, &scene->new);
	must(different(&scene->new, &scene->old, false) != NULL, "the change changes nothing");
}

void scene_end(struct scene *scene)
{
	empty(scene->top);
	rmdir(scene->top);
	root_done(&scene->root);
	requests_done(&scene->requests);
	picture_done(&scene->old);
	picture_done(&scene->new);
	store_free(scene->store);
}
