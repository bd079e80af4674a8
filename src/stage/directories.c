/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/directories.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "medium/listing.h"
#include "medium/medium.h"
#include "model/edit.h"
#include "model/staged.h"
#include "model/store.h"
#include "stage/declared.h"
#include "stage/folder.h"
#include "stage/obey.h"
#include "stage/put.h"
#include "stage/resulting.h"
#include "stage/stager.h"

enum { SOURCE_MODE = 0644 };

bool directories_are(const struct directories *directories, const struct root *root)
{
	for (size_t i = 0; i < DIRECTORIES_MOST && directories->paths[i] != NULL; i++)
		if (root_is_directory(root, directories->paths[i]))
			return true;
	return false;
}

static bool put_source(const struct folder *folder, const struct folder_file *file, const char *name,
		       struct edits *edits, struct err *err)
{
	char *path = listing_path(folder->path, file->name);
	char *above = mem_string(path, (size_t)(strrchr(path, '/') - path));
	bool ok = true;

	if (file->gone && !file->fresh)
		ok = put_nothing(edits, folder->root, name, path, err);
	else if (file->changed && !file->gone)
		ok = put_directory(edits, folder->root, name, above, err) &&
		     put_file(edits, folder->root, name, path, buf_view(&file->content), SOURCE_MODE, err);
	free(above);
	free(path);
	return ok;
}

/* The old folder is counted as read where it is the only one: that p11-kit does not read it is no news then.
 */
static bool known_old(const struct folder *folders, size_t count, const struct note *note)
{
	for (size_t i = 0; note->file != NULL && i < count; i++)
		if (folders[i].old && bytes_start(bytes_of(note->file), bytes_of(folders[i].path)) &&
		    strstr(note->file, "/blacklist") != NULL)
			return true;
	return false;
}

static void tell(const struct store *result, const struct folder *folders, size_t count,
		 struct staged *staged)
{
	for (size_t i = 0; i < count; i++)
		if (folders[i].old)
			staged_note(staged,
				    "%s: blacklist/ is read by p11-kit before 0.24 alone; if this system's "
				    "is newer, "
				    "rename it to blocklist",
				    folders[i].path);
	for (size_t i = 0; i < result->note_count; i++)
		if (result->notes[i].level == NOTE_WARN && !known_old(folders, count, &result->notes[i]))
			staged_note(staged, "%s%s%s",
				    result->notes[i].file != NULL ? result->notes[i].file : "",
				    result->notes[i].file != NULL ? ": " : "", result->notes[i].text);
}

static bool keep_ways(const struct way *way, const struct root *root, const char *name, struct staged *staged,
		      struct err *err)
{
	bool ok = true;

	for (; ok && way != NULL && way->path != NULL; way++) {
		char *now = root_link(root, way->path), *above;

		if (now == NULL && root_has(root, way->path)) {
			staged_note(
				staged,
				"'%s' is no link to '%s' as it should be: programs that read it do not see "
				"what is changed",
				way->path, way->target);
		} else if (now == NULL && way->make) {
			above = mem_string(way->path, (size_t)(strrchr(way->path, '/') - way->path));
			ok = put_directory(&staged->edits, root, name, above, err) &&
			     put_link(&staged->edits, root, name, way->path, way->target, err);
			free(above);
		}
		free(now);
	}
	return ok;
}

bool directories_stage(const struct directories *directories, const struct root *root,
		       const struct target *target, const struct requests *requests,
		       const struct terms *terms, struct staged *ret, struct err *err)
{
	struct folder folders[DIRECTORIES_MOST] = { 0 };
	const struct extract *extract = &directories->extract;
	struct staged staged = { 0 };
	struct store *result = NULL;
	size_t count = 0;
	bool ok = true;

	for (; count < DIRECTORIES_MOST && directories->paths[count] != NULL; count++)
		ok = ok && folder_read(root, directories->paths[count], &folders[count], err);
	ok = ok && obey_requests(folders, count, requests, &staged, err);
	if (ok)
		result = resulting_store(folders, count, err);
	ok = result != NULL;
	for (size_t i = 0; ok && i < folders[0].count; i++)
		ok = put_source(&folders[0], &folders[0].all[i], target->name, &staged.edits, err);
	if (ok) {
		obey_check(result, requests, extract->rows != NULL, &staged);
		tell(result, folders, count, &staged);
		for (size_t i = 0; i < count; i++)
			staged_file(&staged, directories->paths[i], &medium_p11kit.kind);
	}
	if (ok && extract->rows != NULL)
		ok = extract_stage(extract, root, target->name, result, terms, &staged, err) &&
		     keep_ways(directories->ways, root, target->name, &staged, err);
	if (ok) {
		declared_instead(root, &staged);
		*ret = staged;
	} else {
		staged_done(&staged);
	}
	store_free(result);
	for (size_t i = 0; i < count; i++)
		folder_done(&folders[i]);
	return ok;
}

static bool p11kit_stage(const struct root *root, const struct target *target,
			 const struct requests *requests, const struct terms *terms, struct staged *ret,
			 struct err *err)
{
	const struct directories alone = { .paths = { target->path } };

	if (root_has(root, target->path) && !root_is_directory(root, target->path))
		return err_set(err, ERR_UNSUPPORTED,
			       "'%s' is a file, of which p11-kit makes anchors; name a trust directory, or "
			       "the file as "
			       "pem:%s",
			       target->path, target->path);
	return directories_stage(&alone, root, target, requests, terms, ret, err);
}

const struct stager stager_p11kit = {
	.name = "p11-kit",
	.brief = "a trust directory of p11-kit",
	.stage = p11kit_stage,
};
