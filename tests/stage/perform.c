/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * perform [-e] ROOT [trust|remove|distrust|lift FILE]...
 *
 * Stages the system of ROOT and does the edits in the plainest way, so that a stager
 * can be held against its distribution's program without a journal between. Says what
 * it does, a line each, and how long staging took. Programs are named and not run.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "medium/file.h"
#include "model/request.h"
#include "model/staged.h"
#include "model/store.h"
#include "stage/stager.h"

static void die(const char *what, const char *why)
{
	printf("error %s: %s\n", what, why);
	exit(1);
}

static void write_file(const char *path, struct bytes content)
{
	char *temp = mem_print("%s.perform", path);
	FILE *file = fopen(temp, "w");

	if (file == NULL || (content.len > 0 && fwrite(content.at, 1, content.len, file) != content.len) ||
	    fclose(file) != 0 || chmod(temp, 0644) != 0 || rename(temp, path) != 0)
		die(path, strerror(errno));
	free(temp);
}

static void print_lines(const char *word, const struct buf *text)
{
	const char *at = (const char *)text->at, *end = at + text->len;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));

		newline = newline != NULL ? newline : end;
		printf("%s %.*s\n", word, (int)(newline - at), at);
		at = newline + 1;
	}
}

static void do_edit(const struct edit *edit, const char *path)
{
	switch (edit->kind) {
	case EDIT_FILE:
		printf("file %s\n", edit->path);
		write_file(path, buf_view(&edit->content));
		break;
	case EDIT_LINK:
		printf("link %s -> %s\n", edit->path, edit->target);
		if ((unlink(path) != 0 && errno != ENOENT) || symlink(edit->target, path) != 0)
			die(path, strerror(errno));
		break;
	case EDIT_REMOVE:
		printf("remove %s\n", edit->path);
		if (unlink(path) != 0)
			die(path, strerror(errno));
		break;
	case EDIT_DIRECTORY:
		printf("directory %s\n", edit->path);
		if (mkdir(path, 0755) != 0)
			die(path, strerror(errno));
		break;
	case EDIT_RUN:
		printf("run %s\n", edit->path);
		print_lines("in", &edit->content);
		print_lines("undo", &edit->undo);
		break;
	}
}

static void request(struct requests *requests, struct store *store, const char *word, const char *file)
{
	struct root host;
	struct err err = { 0 };
	size_t first = store->count;

	if (!root_open(NULL, &host, &err) || !file_read(file, &host, NULL, store, &err))
		die(file, err.text);
	for (int kind = 0; kind < REQUEST_KINDS; kind++)
		for (size_t i = first; strcmp(word, request_words[kind]) == 0 && i < store->count; i++)
			requests_add(requests, (enum request_kind)kind, &store->anchors[i]);
	root_done(&host);
}

static void run(const struct root *root, const struct requests *requests, const struct terms *terms)
{
	const struct stager *stager = stager_system(root);
	struct target target = { .name = mem_string("system", 6), .stager = stager };
	struct staged staged = { 0 };
	struct err err = { 0 };
	struct timespec from, to;

	if (stager == NULL)
		die("system", "none that is known");
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	if (!stager->stage(root, &target, requests, terms, &staged, &err))
		die(stager->name, err.text);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	for (size_t i = 0; i < staged.edits.count; i++) {
		char *path =
			mem_print("%s%s", root_is_host(root) ? "" : root->path, staged.edits.all[i].path);

		do_edit(&staged.edits.all[i], path);
		free(path);
	}
	for (size_t i = 0; i < staged.outcome_count; i++)
		printf("outcome %zu %s %s\n", staged.outcomes[i].request,
		       outcome_words[staged.outcomes[i].kind],
		       staged.outcomes[i].text != NULL ? staged.outcomes[i].text : "");
	for (size_t i = 0; i < staged.notes.count; i++)
		printf("note %s\n", staged.notes.all[i]);
	printf("system %s: %zu edits, %ld us\n", stager->name, staged.edits.count,
	       (long)((to.tv_sec - from.tv_sec) * 1000000 + (to.tv_nsec - from.tv_nsec) / 1000));
	staged_done(&staged);
	target_done(&target);
}

int main(int argc, char **argv)
{
	struct terms terms = { .at = 1700000000 };
	struct requests requests = { 0 };
	struct root root;
	struct err err = { 0 };
	int at = 1;

	if (argc > at && strcmp(argv[at], "-e") == 0) {
		terms.allow_empty = true;
		at++;
	}
	if (argc <= at || !root_open(argv[at], &root, &err))
		die("root", err.text);
	/* One file a word: a store that grows would move what a request borrows. */
	struct store **stores = mem_zero((size_t)argc * sizeof(*stores));

	for (int i = at + 1; i + 1 < argc; i += 2) {
		stores[i] = store_new(argv[i + 1]);
		request(&requests, stores[i], argv[i], argv[i + 1]);
	}
	run(&root, &requests, &terms);
	for (int i = 0; i < argc; i++)
		store_free(stores[i]);
	free(stores);
	requests_done(&requests);
	root_done(&root);
	return 0;
}
