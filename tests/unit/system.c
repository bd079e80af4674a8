/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"
#include "system.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "feed.h"
#include "format/armor.h"
#include "make.h"
#include "perform.h"

int system_begin(void **state)
{
	struct system *system = mem_zero(sizeof(*system));

	system->dir = feed_directory();
	assert_true(root_open(system->dir, &system->root, &system->err));
	system->terms.at = 1700000000;
	*state = system;
	return 0;
}

int system_end(void **state)
{
	struct system *system = *state;

	staged_done(&system->staged);
	requests_done(&system->requests);
	store_free(system->store);
	root_done(&system->root);
	feed_remove(system->dir);
	free(system);
	return 0;
}

static void directories(const struct system *system, const char *path)
{
	for (const char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		char *above = mem_print("%s%.*s", system->dir, (int)(slash - path), path);

		mkdir(above, 0755);
		free(above);
	}
}

void system_file(const struct system *system, const char *path, struct bytes content)
{
	char *full = mem_print("%s%s", system->dir, path);

	directories(system, path);
	unlink(full);
	feed_file(system->dir, path + 1, content);
	free(full);
}

void system_text(const struct system *system, const char *path, const char *content)
{
	system_file(system, path, bytes_of(content));
}

void system_link(const struct system *system, const char *path, const char *target)
{
	char *full = mem_print("%s%s", system->dir, path);

	directories(system, path);
	unlink(full);
	assert_int_equal(symlink(target, full), 0);
	free(full);
}

void system_pem(const char *name, unsigned key, struct buf *to)
{
	struct buf der = { 0 };

	make_cert(&(struct make){ .cn = name, .key = key }, &der);
	armor_write(to, "CERTIFICATE", buf_view(&der));
	buf_done(&der);
}

void system_cert(const struct system *system, const char *path, const char *name, unsigned key)
{
	struct buf pem = { 0 };

	system_pem(name, key, &pem);
	system_file(system, path, buf_view(&pem));
	buf_done(&pem);
}

const struct anchor *system_anchor(struct system *system, const char *name, unsigned key)
{
	struct buf der = { 0 };

	store_free(system->store);
	system->store = store_new("requests");
	make_cert(&(struct make){ .cn = name, .key = key }, &der);
	store_add(system->store, buf_view(&der), 0)->trusted = PURPOSES_ALL;
	buf_done(&der);
	return system->store->anchors;
}

void system_wish(struct system *system, enum request_kind kind, const char *name, unsigned key)
{
	requests_done(&system->requests);
	requests_add(&system->requests, kind, system_anchor(system, name, key));
}

static bool stage(struct system *system, const struct target *target)
{
	staged_done(&system->staged);
	system->err = (struct err){ 0 };
	if (!target->stager->stage(&system->root, target, &system->requests, &system->terms, &system->staged,
				   &system->err))
		return false;
	perform_edits(system->dir, &system->staged.edits);
	return true;
}

bool system_stage(struct system *system, const struct stager *stager)
{
	return stage(system, &(struct target){ .name = (char *)"system", .stager = stager });
}

bool system_stage_store(struct system *system, const char *kind, const char *path)
{
	struct target target = { .stager = stager_kind(kind), .path = mem_string(path, strlen(path)) };
	bool ok;

	assert_non_null(target.stager);
	ok = stage(system, &target);
	target_done(&target);
	return ok;
}

bool system_has(const struct system *system, const char *path)
{
	char *full = mem_print("%s%s", system->dir, path);
	struct stat st;
	bool has = lstat(full, &st) == 0;

	free(full);
	return has;
}

bool system_leads(const struct system *system, const char *link, const char *target)
{
	char *text = root_link(&system->root, link);
	bool leads = text != NULL && strcmp(text, target) == 0;

	free(text);
	return leads;
}

unsigned system_count(const struct system *system, const char *path, const char *text)
{
	struct buf file = { 0 };
	struct err err;
	unsigned count = 0;

	if (root_read(&system->root, path, &file, &err)) {
		buf_byte(&file, '\0');
		for (const char *at = (const char *)file.at; (at = strstr(at, text)) != NULL; at++)
			count++;
	}
	buf_done(&file);
	return count;
}

bool system_holds(const struct system *system, const char *path, const char *text)
{
	return system_count(system, path, text) > 0;
}

bool system_notes(const struct system *system, const char *words)
{
	for (size_t i = 0; i < system->staged.notes.count; i++)
		if (strstr(system->staged.notes.all[i], words) != NULL)
			return true;
	return false;
}

enum outcome_kind system_outcome(const struct system *system)
{
	assert_int_equal(system->staged.outcome_count, 1);
	return system->staged.outcomes[0].kind;
}
