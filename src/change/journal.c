/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "change/entry.h"
#include "change/state.h"
#include "change/write.h"
#include "medium/pack.h"

const char *const entry_words[ENTRY_STATES] = {
	[ENTRY_PREPARED] = "interrupted", [ENTRY_UNTOLD] = "untold",           [ENTRY_DONE] = "done",
	[ENTRY_UNDONE] = "undone",        [ENTRY_ROLLED_BACK] = "rolled-back",
};

/* A file's name behind its number, by state. */
static const char *const suffixes[ENTRY_STATES] = {
	[ENTRY_PREPARED] = ".prepared.tar",
	[ENTRY_UNTOLD] = ".untold.tar",
	[ENTRY_DONE] = ".tar",
	[ENTRY_ROLLED_BACK] = ".rolled-back.tar",
};

#define DRAFT ".new-" /* an archive that is being written */

enum { NAME = 64 };

static void name_of(unsigned id, enum entry_state as, char ret[NAME])
{
	snprintf(ret, NAME, "%06u%s", id, suffixes[as]);
}

/* A file of the history, by its name. */
struct found {
	unsigned id;
	enum entry_state state;
};

struct founds {
	struct found *all;
	size_t count;
	struct texts odd; /* names of what is no entry */
};

static bool parse_name(const char *name, struct found *ret)
{
	char *end;
	unsigned long id = strtoul(name, &end, 10);

	if (name[0] < '0' || name[0] > '9' || id == 0 || id > INT32_MAX)
		return false;
	for (unsigned i = 0; i < ENTRY_STATES; i++)
		if (suffixes[i] != NULL && strcmp(end, suffixes[i]) == 0) {
			char again[NAME];

			*ret = (struct found){ (unsigned)id, (enum entry_state)i };
			name_of(ret->id, ret->state, again);
			return strcmp(again, name) == 0;
		}
	return false;
}

static int by_id(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	return x->id != y->id ? (x->id > y->id) - (x->id < y->id) : (int)x->state - (int)y->state;
}

static void founds_done(struct founds *founds)
{
	free(founds->all);
	texts_done(&founds->odd);
}

/* The files of the history, oldest first. */
static bool find_all(const struct state *state, struct founds *ret, struct err *err)
{
	int fd = openat(state->journal, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;

	*ret = (struct founds){ 0 };
	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return write_failed(err, "read the history in", state->path);
	}
	errno = 0;
	while ((entry = readdir(dir)) != NULL) {
		struct found found;

		if (parse_name(entry->d_name, &found)) {
			ret->all = mem_grow(ret->all, ret->count, sizeof(*ret->all));
			ret->all[ret->count++] = found;
		} else if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
			texts_add(&ret->odd, entry->d_name);
		}
		errno = 0;
	}
	if (errno != 0) {
		write_failed(err, "read the history in", state->path);
		closedir(dir);
		founds_done(ret);
		return false;
	}
	closedir(dir);
	if (ret->count > 0)
		qsort(ret->all, ret->count, sizeof(*ret->all), by_id);
	return true;
}

/* --- reading --- */

static void take_content(const struct pack *pack, const char *when, size_t index, struct stand *stand)
{
	char name[NAME];
	const struct packed *file;

	snprintf(name, sizeof(name), "%s/%zu", when, index);
	file = stand->was.kind == WAS_FILE ? pack_find(pack, name) : NULL;
	if (file != NULL)
		buf_bytes(&stand->content, buf_view(&file->content));
}

/* What an entry would put back must be what it says that it was. */
static bool check_content(const struct stand *stand, const char *path, struct err *err)
{
	uint8_t id[DIGEST_LEN];

	digest_sha256(buf_view(&stand->content), id);
	return stand->was.kind != WAS_FILE || memcmp(id, stand->was.id, DIGEST_LEN) == 0 ||
	       err_set(err, ERR_DAMAGED, "what it kept of '%s' is not what stood there", path);
}

static bool parse(const struct pack_source *source, const struct found *found, bool contents,
		  struct entry *ret, struct err *err)
{
	const struct packed *json = source->got.count > 0 ? &source->got.all[0] : NULL;
	struct entry entry = { .id = found->id, .state = found->state };
	bool ok;

	if (source->damage != NULL)
		return err_set(err, ERR_DAMAGED, "%s", source->damage);
	if (json == NULL || strcmp(json->name, "entry.json") != 0)
		return err_set(err, ERR_DAMAGED, "it has no entry.json");
	ok = entry_read(buf_view(&json->content), &entry, err);
	for (size_t i = 0; ok && contents && i < entry.count; i++) {
		struct touched *touched = &entry.all[i];

		take_content(&source->got, "before", i, &touched->before);
		take_content(&source->got, "after", i, &touched->after);
		ok = check_content(&touched->before, touched->path, err) &&
		     check_content(&touched->after, touched->path, err);
	}
	if (ok)
		*ret = entry;
	else
		entry_done(&entry);
	return ok;
}

/* A descriptor that is none of the standard ones, which the helper has of its own. */
static int open_entry(const struct state *state, const struct found *found)
{
	char name[NAME];

	name_of(found->id, found->state, name);
	return fd_above(openat(state->journal, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
}

static void note(struct entries *entries, const char *name, const char *text)
{
	texts_take(&entries->notes, mem_print("'%s' in the history: %s", name, text));
}

static void take_entries(const struct pack_source *sources, const struct founds *founds, size_t first,
			 struct entries *ret)
{
	for (size_t i = first; i < founds->count; i++) {
		struct entry entry;
		struct err err;
		char name[NAME];

		name_of(founds->all[i].id, founds->all[i].state, name);
		if (sources[i - first].fd < 0) {
			note(ret, name, "it cannot be opened");
		} else if (!parse(&sources[i - first], &founds->all[i], false, &entry, &err)) {
			note(ret, name, err.text);
		} else {
			ret->all = mem_grow(ret->all, ret->count, sizeof(*ret->all));
			ret->all[ret->count++] = entry;
		}
	}
}

bool entry_stands(const struct entry *entry)
{
	return entry->state == ENTRY_DONE || entry->state == ENTRY_UNTOLD;
}

/* An undo that was itself undone took nothing back: the newest is asked first. */
static void mark_undone(struct entries *entries)
{
	for (size_t i = entries->count; i-- > 0;) {
		const struct entry *later = &entries->all[i];

		if (!entry_stands(later) || later->undoes == 0)
			continue;
		for (size_t j = 0; j < i; j++)
			if (entries->all[j].id == later->undoes && entry_stands(&entries->all[j])) {
				entries->all[j].state = ENTRY_UNDONE;
				entries->all[j].undone_by = later->id;
			}
	}
}

/* All archives by one helper, entry.json alone of each. */
static bool read_entries(const struct state *state, const struct founds *founds, size_t first,
			 struct entries *ret, struct err *err)
{
	size_t count = founds->count - first, opened = 0;
	struct pack_source *sources = mem_zero((count + 1) * sizeof(*sources)),
			   *open = mem_zero((count + 1) * sizeof(*open));
	bool ok;

	for (size_t i = 0; i < count; i++) {
		sources[i].fd = open_entry(state, &founds->all[first + i]);
		if (sources[i].fd >= 0)
			open[opened++].fd = sources[i].fd;
	}
	ok = opened == 0 || pack_read(open, opened, 1, err);
	for (size_t i = 0, j = 0; i < count; i++)
		if (sources[i].fd >= 0)
			sources[i] = open[j++];
	if (ok)
		take_entries(sources, founds, first, ret);
	for (size_t i = 0; i < count; i++) {
		if (sources[i].fd >= 0)
			close(sources[i].fd);
		pack_done(&sources[i].got);
		free(sources[i].damage);
	}
	free(sources);
	free(open);
	return ok;
}

bool journal_list(const struct state *state, struct entries *ret, struct err *err)
{
	struct founds founds = { 0 };
	size_t first;
	bool ok;

	*ret = (struct entries){ 0 };
	if (state->journal < 0)
		return true;
	if (!find_all(state, &founds, err))
		return false;
	first = founds.count > LIMIT_HISTORY ? founds.count - LIMIT_HISTORY : 0;
	if (first > 0)
		texts_take(&ret->notes, mem_print("%zu entries before these are not shown", first));
	for (size_t i = 0; i < founds.odd.count; i++)
		note(ret, founds.odd.all[i], "it is no entry");
	ok = founds.count == 0 || read_entries(state, &founds, first, ret, err);
	if (ok)
		mark_undone(ret);
	else
		entries_done(ret);
	founds_done(&founds);
	return ok;
}

static bool find_one(const struct state *state, unsigned id, struct found *ret, struct err *err)
{
	struct founds founds = { 0 };
	bool is = false;

	if (state->journal >= 0 && !find_all(state, &founds, err))
		return false;
	for (size_t i = 0; !is && i < founds.count; i++)
		if ((is = founds.all[i].id == id))
			*ret = founds.all[i];
	founds_done(&founds);
	return is ||
	       err_set(err, ERR_ABSENT, "the history has no entry %u (anchorage history lists them)", id);
}

bool journal_read(const struct state *state, unsigned id, struct entry *ret, struct err *err)
{
	struct pack_source source = { .fd = -1 };
	struct found found = { 0 };
	bool ok;

	if (!find_one(state, id, &found, err))
		return false;
	source.fd = open_entry(state, &found);
	ok = source.fd >= 0 || write_failed(err, "open entry", "of the history");
	ok = ok && pack_read(&source, 1, LIMIT_PACKED, err);
	ok = ok && parse(&source, &found, true, ret, err);
	if (!ok)
		err_in(err, "entry %u of the history", id);
	if (source.fd >= 0)
		close(source.fd);
	pack_done(&source.got);
	free(source.damage);
	return ok;
}

/* --- writing --- */

static bool pack_content(const char *when, size_t index, const struct stand *stand, int64_t at,
			 struct buf *to, struct err *err)
{
	char name[NAME];

	snprintf(name, sizeof(name), "%s/%zu", when, index);
	return stand->was.kind != WAS_FILE || pack_file(name, buf_view(&stand->content), at, to, err);
}

/* What could not be read could not be taken back, neither by undo nor after a death. */
static bool check_entry(const struct entry *entry, struct bytes json, struct err *err)
{
	struct entry again = { .id = entry->id };
	uint64_t size = 0;
	bool ok = entry_read(json, &again, err);

	for (size_t i = 0; i < entry->count; i++)
		size += entry->all[i].before.content.len + entry->all[i].after.content.len;
	if (ok && (json.len > LIMIT_HISTORY_ENTRY || size > LIMIT_HISTORY_ENTRY - json.len))
		ok = err_set(err, ERR_LIMIT, "more than %zu MiB", LIMIT_HISTORY_ENTRY >> 20);
	entry_done(&again);
	return ok || err_in(err, "nothing was changed, since this could not be taken back later");
}

static bool pack_entry(const struct entry *entry, struct buf *to, struct err *err)
{
	struct buf json = { 0 };
	bool ok;

	entry_write(entry, &json);
	ok = check_entry(entry, buf_view(&json), err) &&
	     pack_file("entry.json", buf_view(&json), entry->at, to, err);
	buf_done(&json);
	for (size_t i = 0; ok && i < entry->count; i++)
		ok = pack_content("before", i, &entry->all[i].before, entry->at, to, err) &&
		     pack_content("after", i, &entry->all[i].after, entry->at, to, err);
	pack_end(to);
	return ok;
}

/* Under another name until it is whole: an archive that is there can be relied on. */
static bool put_entry(const struct state *state, unsigned id, struct bytes tar, struct err *err)
{
	char draft[NAME], name[NAME];
	bool ok;
	int fd;

	snprintf(draft, sizeof(draft), DRAFT "%06u", id);
	name_of(id, ENTRY_PREPARED, name);
	unlinkat(state->journal, draft, 0);
	fd = openat(state->journal, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return write_failed(err, "write the history in", state->path);
	ok = write_all(fd, draft, tar, err) &&
	     (fsync(fd) == 0 || write_failed(err, "write the history in", state->path));
	close(fd);
	ok = ok && (renameat(state->journal, draft, state->journal, name) == 0 ||
		    write_failed(err, "write the history in", state->path));
	if (!ok) {
		unlinkat(state->journal, draft, 0);
		return false;
	}
	if (write_sync_directory(state->journal, err))
		return true;
	unlinkat(state->journal, name, 0);
	return false;
}

bool journal_prepare(struct state *state, struct entry *entry, struct err *err)
{
	struct founds founds;
	struct buf tar = { 0 };
	bool ok;

	if (!find_all(state, &founds, err))
		return false;
	entry->id = founds.count > 0 ? founds.all[founds.count - 1].id + 1 : 1;
	entry->state = ENTRY_PREPARED;
	ok = entry->id <= INT32_MAX || err_set(err, ERR_LIMIT,
					       "it has no number left; move what is in '%s/journal' away to "
					       "begin anew",
					       state->path);
	ok = ok && pack_entry(entry, &tar, err) && put_entry(state, entry->id, buf_view(&tar), err);
	buf_done(&tar);
	founds_done(&founds);
	return ok || err_in(err, "the history");
}

/* The oldest go; never one that something is still to be done for, and never the newest. It is no matter if
 * that fails. */
static void prune(const struct state *state)
{
	struct founds founds;
	uint64_t size = 0;
	struct err err;

	if (!find_all(state, &founds, &err))
		return;
	for (size_t i = founds.count; i-- > 0;) {
		struct stat st;
		char name[NAME];

		name_of(founds.all[i].id, founds.all[i].state, name);
		if (fstatat(state->journal, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			size += (uint64_t)st.st_size;
		if (i + 1 < founds.count && founds.all[i].state > ENTRY_UNTOLD &&
		    (founds.count - i > LIMIT_HISTORY || size > LIMIT_HISTORY_SIZE))
			unlinkat(state->journal, name, 0);
	}
	founds_done(&founds);
}

bool journal_finish(struct state *state, struct entry *entry, enum entry_state as, struct err *err)
{
	char from[NAME], to[NAME];

	name_of(entry->id, entry->state, from);
	name_of(entry->id, as, to);
	if (renameat(state->journal, from, state->journal, to) != 0)
		return write_failed(err, "finish the history's", from);
	if (!write_sync_directory(state->journal, err)) {
		renameat(state->journal, to, state->journal, from);
		return false;
	}
	entry->state = as;
	prune(state);
	return true;
}

bool journal_drop(struct state *state, unsigned id, struct err *err)
{
	char name[NAME];

	name_of(id, ENTRY_PREPARED, name);
	if (unlinkat(state->journal, name, 0) != 0 && errno != ENOENT)
		return write_failed(err, "take out of the history", name);
	return write_sync_directory(state->journal, err);
}

unsigned journal_first(const struct state *state, enum entry_state in)
{
	struct founds founds;
	unsigned id = 0;
	struct err err;

	if (state->journal < 0 || !find_all(state, &founds, &err))
		return 0;
	for (size_t i = 0; i < founds.odd.count; i++)
		if (strncmp(founds.odd.all[i], DRAFT, strlen(DRAFT)) == 0)
			unlinkat(state->journal, founds.odd.all[i], 0);
	for (size_t i = 0; id == 0 && i < founds.count; i++)
		if (founds.all[i].state == in)
			id = founds.all[i].id;
	founds_done(&founds);
	return id;
}
