/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * name_hash() and name_hash_old() against OpenSSL's own links: every certificate
 * with a subject of its own is written to a file, one run of `openssl rehash
 * -compat` makes a link of each hash to each file.
 */
#include "corpus.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "format/armor.h"
#include "model/cert.h"
#include "model/name.h"

enum { MOST = 4000, SHOWN = 10 };

struct row {
	uint32_t hash, old;
	bool has, has_old;       /* we have one */
	bool linked, linked_old; /* a link of that name is there */
	char *subject;
};

struct rows {
	struct seen files, subjects;
	char dir[4096];
	struct row *all; /* by the number in the file's name */
	size_t count;
};

static void add(struct bytes der, void *data)
{
	struct rows *rows = data;
	struct buf pem = { 0 };
	struct err err;
	struct cert cert;
	struct row *row;
	char *path;
	FILE *file;

	if (rows->count >= MOST || !cert_read(der, &cert, &err) || seen_before(&rows->subjects, cert.subject))
		return;
	path = mem_print("%s/%zu.pem", rows->dir, rows->count);
	rows->all = mem_grow(rows->all, rows->count, sizeof(*rows->all));
	row = &rows->all[rows->count++];
	*row = (struct row){ 0 };
	row->has = name_hash(cert.subject, &row->hash);
	row->has_old = name_hash_old(cert.subject, &row->old);
	name_text(cert.subject, &pem);
	row->subject = text_escaped(buf_view(&pem));
	pem.len = 0;
	armor_write(&pem, "CERTIFICATE", der);
	file = fopen(path, "w");
	if (file == NULL || fwrite(pem.at, 1, pem.len, file) != pem.len || fclose(file) != 0)
		abort();
	free(path);
	buf_done(&pem);
}

static void add_file(const char *path, struct bytes file, void *data)
{
	struct rows *rows = data;

	(void)path;
	if (rows->count < MOST && !seen_before(&rows->files, file))
		corpus_harvest(file, add, rows);
}

/* One link "0123abcd.0" to "17.pem": which of our hashes is it? */
static bool link_is_ours(struct rows *rows, const char *name)
{
	char target[64], *path = mem_print("%s/%s", rows->dir, name);
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	unsigned long hash = strtoul(name, NULL, 16), number;
	struct row *row;

	free(path);
	if (n < 0)
		return true;
	target[n] = '\0';
	number = strtoul(target, NULL, 10);
	if (number >= rows->count)
		return false;
	row = &rows->all[number];
	if (row->has && row->hash == hash)
		row->linked = true;
	else if (row->has_old && row->old == hash)
		row->linked_old = true;
	else
		tap_say("%s -> %s: ours are %08x and %08x for %s", name, target, row->hash, row->old,
			row->subject);
	return row->linked || row->linked_old;
}

static int take_away(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void compare(struct rows *rows)
{
	size_t wrong = 0, linked = 0, half = 0;
	struct dirent **names;
	int count = scandir(rows->dir, &names, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		wrong += !link_is_ours(rows, names[i]->d_name);
		free(names[i]);
	}
	free(names);
	for (size_t i = 0; i < rows->count; i++) {
		const struct row *row = &rows->all[i];

		linked += row->linked && row->linked_old;
		if (row->linked == row->linked_old)
			continue;
		half++;
		tap_say("only one of %08x and %08x is a link of OpenSSL's, for %s", row->hash, row->old,
			row->subject);
	}
	tap_say("%zu certificates with different subjects, %zu have both links", rows->count, linked);
	tap(wrong == 0, "OpenSSL makes no link whose name is not one of our two hashes");
	tap(half == 0, "a certificate that OpenSSL links is linked by both of our hashes");
	tap(linked * 10 >= rows->count * 9, "OpenSSL links at least nine of ten of them");
}

int main(void)
{
	struct corpus corpus = corpus_find();
	struct rows rows = { 0 };
	const char *builddir = getenv("builddir");
	char *command;

	snprintf(rows.dir, sizeof(rows.dir), "%s/hash.XXXXXX", builddir != NULL ? builddir : ".");
	if (mkdtemp(rows.dir) == NULL)
		abort();
	for (size_t i = 0; machine_stores[i] != NULL; i++)
		corpus_each(machine_stores[i], add_file, &rows);
	for (size_t i = 0; i < corpus.count; i++)
		corpus_each(corpus.dirs[i], add_file, &rows);
	command = mem_print("openssl rehash -compat '%s' >/dev/null 2>&1", rows.dir);
	if (rows.count == 0)
		tap_skip("the hashes of subjects", "neither corpora nor stores are on this machine");
	else if (system("openssl rehash -help >/dev/null 2>&1") != 0)
		tap_skip("the hashes of subjects", "openssl rehash is not on this machine");
	else if (system(command) == 0 || rows.count > 0)
		compare(&rows);
	nftw(rows.dir, take_away, 16, FTW_DEPTH | FTW_PHYS);
	for (size_t i = 0; i < rows.count; i++)
		free(rows.all[i].subject);
	free(rows.all);
	free(command);
	seen_done(&rows.files);
	seen_done(&rows.subjects);
	corpus_done(&corpus);
	return tap_end();
}
