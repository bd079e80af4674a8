/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include "trust.h"

#include <stdlib.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/root.h"
#include "feed.h"
#include "format/armor.h"
#include "medium/medium.h"
#include "model/place.h"

char *trust_directory(void)
{
	char *directory = feed_directory();

	trust_folder(directory, "anchors");
	trust_folder(directory, "blocklist");
	trust_folder(directory, "blacklist");
	return directory;
}

void trust_folder(const char *directory, const char *name)
{
	char *path = mem_print("%s/%s", directory, name);

	assert_int_equal(mkdir(path, 0755), 0);
	free(path);
}

void trust_pem(const char *directory, const char *name, const struct make *how)
{
	struct buf der = { 0 }, pem = { 0 };

	make_cert(how, &der);
	armor_write(&pem, "CERTIFICATE", buf_view(&der));
	feed_file(directory, name, buf_view(&pem));
	buf_done(&der);
	buf_done(&pem);
}

void trust_der(const char *directory, const char *name, const struct make *how)
{
	struct buf der = { 0 };

	make_cert(how, &der);
	feed_file(directory, name, buf_view(&der));
	buf_done(&der);
}

void trust_text(const char *directory, const char *name, const char *text)
{
	feed_file(directory, name, bytes_of(text));
}

struct store *trust_read(const char *kind, const char *root, const char *path, struct err *err)
{
	struct place place;
	struct root inside;
	struct store *store;

	assert_true(root_open(root, &inside, err));
	place_set(&place, path, kind);
	place_add_path(&place, path);
	store = medium_read(&place, &inside, err);
	place_done(&place);
	root_done(&inside);
	return store;
}

struct store *trust_read_well(const char *kind, const char *root, const char *path)
{
	struct err err = { 0 };
	struct store *store = trust_read(kind, root, path, &err);

	if (store == NULL)
		fail_msg("%s", err.text);
	return store;
}

const struct anchor *trust_anchor(const struct store *store, const struct make *how)
{
	const struct anchor *found = NULL;
	struct buf der = { 0 };

	make_cert(how, &der);
	for (size_t i = 0; i < store->count; i++)
		if (bytes_equal(store->anchors[i].cert.der, buf_view(&der)))
			found = &store->anchors[i];
	if (found == NULL)
		fail_msg("'%s' is not among the %zu anchors", how->cn, store->count);
	buf_done(&der);
	return found;
}

static bool ends(const char *text, const char *with)
{
	size_t len = strlen(text), tail = strlen(with);

	return len >= tail && strcmp(text + len - tail, with) == 0;
}

bool trust_noted(const struct store *store, enum note_level level, const char *file, const char *words)
{
	for (size_t i = 0; i < store->note_count; i++) {
		const struct note *note = &store->notes[i];

		if (note->level == level && (note->file == NULL) == (file[0] == '\0') &&
		    (note->file == NULL || ends(note->file, file)) && strstr(note->text, words) != NULL)
			return true;
	}
	return false;
}

unsigned trust_notes(const struct store *store, enum note_level level)
{
	unsigned n = 0;

	for (size_t i = 0; i < store->note_count; i++)
		n += store->notes[i].level == level;
	return n;
}

const char *trust_fake(void)
{
	static char path[1024];
	char self[1000] = "";

	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	*strrchr(self, '/') = '\0';
	snprintf(path, sizeof(path), "%s/fake-module.so", self); /* beside the test */
	return path;
}

bool trust_module_is_here(void)
{
	static int here = -1;

	if (here < 0) {
		here = feed_has_trust_module();
		if (here == 0)
			print_message("skipped: p11-kit's trust module is not here\n");
	}
	return here > 0;
}
