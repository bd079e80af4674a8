/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/unpacked.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "medium/helper.h"
#include "model/store.h"

struct listener {
	struct unpacked *to;
	struct store *notes;
	const char *name;
	int file; /* that is being written, or -1 */
	bool ended;
	struct err stop; /* why it ended early */
};

static void note(const struct listener *l, enum note_level level, struct bytes path, const char *text)
{
	char *file =
		mem_print("%s%s%.*s", l->name, path.len > 0 ? "!" : "", (int)path.len, (const char *)path.at);

	store_note_file(l->notes, level, file, NOTE_NOWHERE, "%s", text);
	free(file);
}

static bool write_at(int fd, struct bytes bytes, uint64_t at)
{
	while (bytes.len > 0) {
		ssize_t n = pwrite(fd, bytes.at, bytes.len, (off_t)at);

		if (n < 0 && errno != EINTR)
			return false;
		bytes = bytes_skip(bytes, n > 0 ? (size_t)n : 0);
		at += n > 0 ? (uint64_t)n : 0;
	}
	return true;
}

static struct unpacked_entry *add(struct listener *l, const struct unpack_record *record)
{
	struct unpacked_unit *unit = &l->to->units[record->unit];
	struct unpacked_entry *entry;

	unit->all = mem_grow(unit->all, unit->count, sizeof(*unit->all));
	entry = &unit->all[unit->count++];
	*entry = (struct unpacked_entry){ .type = record->type };
	entry->path = arena_text(&l->to->arena, record->path);
	if (record->type == UNPACK_LINK || record->type == UNPACK_HARD)
		entry->target = arena_text(&l->to->arena, record->text);
	return entry;
}

static bool begin_file(struct listener *l, struct unpacked_entry *entry)
{
	char name[16];

	entry->stage = ++l->to->stages;
	l->to->files++;
	snprintf(name, sizeof(name), "%u", entry->stage);
	if (l->file >= 0)
		close(l->file);
	l->file = openat(l->to->stage, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (l->file < 0)
		return err_set(&l->stop, ERR_SYSTEM, "what is in it cannot be written: %s", strerror(errno));
	return entry->stage <= LIMIT_IMAGE_FILES || err_set(&l->stop, ERR_LIED, "it told of too many files");
}

static bool take_data(struct listener *l, const struct unpack_record *record)
{
	l->to->kept += record->text.len;
	if (l->file < 0 || l->to->kept > LIMIT_IMAGE_KEPT || record->number > INT64_MAX / 2)
		return err_set(&l->stop, ERR_LIED, "it told of what cannot be");
	if (!write_at(l->file, record->text, record->number))
		return err_set(&l->stop, ERR_SYSTEM, "what is in it cannot be written: %s", strerror(errno));
	return true;
}

static bool end_file(struct listener *l, const struct unpack_record *record)
{
	/* What was not told is a hole. A size that no file system takes is as good as none. */
	if (l->file >= 0 && record->number <= INT64_MAX / 2)
		(void)!ftruncate(l->file, (off_t)record->number);
	if (l->file >= 0)
		close(l->file);
	l->file = -1;
	return true;
}

static bool begin_unit(struct listener *l, const struct unpack_record *record)
{
	struct unpacked *to = l->to;

	if (record->number != to->unit_count || to->unit_count > LIMIT_IMAGE_ENTRIES)
		return err_set(&l->stop, ERR_LIED, "it told of what cannot be");
	add(l, record)->unit = (uint32_t)record->number;
	to->units = mem_grow(to->units, to->unit_count, sizeof(*to->units));
	to->units[to->unit_count++] = (struct unpacked_unit){ 0 };
	return true;
}

static bool take(struct listener *l, const struct unpack_record *record)
{
	char text[1024];

	l->to->told += record->path.len + (record->type == UNPACK_DATA ? 0 : record->text.len) + 64;
	if (record->unit >= l->to->unit_count || l->to->told > LIMIT_IMAGE_NAMES * 2)
		return err_set(&l->stop, ERR_LIED, "it told of what cannot be");
	snprintf(text, sizeof(text), "%.*s", (int)record->text.len, (const char *)record->text.at);
	switch (record->type) {
	case UNPACK_FILE:
		return begin_file(l, add(l, record));
	case UNPACK_DATA:
		return take_data(l, record);
	case UNPACK_FILE_END:
		return end_file(l, record);
	case UNPACK_UNIT:
		return begin_unit(l, record);
	case UNPACK_NOTE:
		note(l, record->number < NOTE_ERROR ? (enum note_level)record->number : NOTE_ERROR,
		     record->path, text);
		return true;
	case UNPACK_ALIVE:
		return true;
	case UNPACK_STOP:
		return err_set(&l->stop, (enum err_code)record->number, "%s", text);
	case UNPACK_END:
		l->ended = true;
		return true;
	case UNPACK_DIRECTORY:
		add(l, record)->wanted = record->number == 1;
		return true;
	default:
		l->to->files += record->type == UNPACK_OTHER;
		add(l, record);
		return true;
	}
}

/* All records of which the bytes are there; the rest stays. */
static bool take_all(struct listener *l, struct buf *in)
{
	struct unpack_record record;
	enum unpack_got got;
	size_t at = 0;

	while ((got = unpack_next(buf_view(in), &at, &record)) == UNPACK_GOT)
		if (!take(l, &record))
			return false;
	if (got == UNPACK_BAD)
		return err_set(&l->stop, ERR_LIED, "it told of what cannot be");
	memmove(in->at, in->at + at, in->len - at);
	in->len -= at;
	return true;
}

static void listen_to(struct listener *l, struct helper *helper)
{
	struct buf in = { 0 }, fate = { 0 };
	enum helper_got got;

	while ((got = helper_read(helper, &in, LIMIT_IMAGE_IDLE_MS)) == HELPER_MORE)
		if (!take_all(l, &in))
			break;
	if (got == HELPER_STOPPED) {
		err_set(&l->stop, ERR_SYSTEM, "interrupted");
	} else if (got == HELPER_SILENT) {
		/* libarchive 3.6 hangs on a gzip that is made of itself, and who knows on what else. */
		err_set(&l->stop, ERR_LIMIT, "libarchive got no further with it for %d seconds",
			LIMIT_IMAGE_IDLE_MS / 1000);
	} else if (got == HELPER_CLOSED && !l->ended && l->stop.code == ERR_NONE) {
		helper_end(helper, true);
		helper_fate(helper, &fate);
		err_set(&l->stop, ERR_DAMAGED, "the process that reads it %.*s", (int)fate.len,
			(const char *)fate.at);
	}
	if (l->stop.code == ERR_LIED)
		err_in(&l->stop, "the process that reads it");
	buf_done(&in);
	buf_done(&fate);
}

bool unpacked_read(const struct unpack_job *job, const char *name, int stage, struct store *notes,
		   struct unpacked *ret, struct err *err)
{
	struct listener l = { .to = ret, .notes = notes, .name = name, .file = -1 };
	int *keep = mem_zero((job->count + 1) * sizeof(*keep));
	struct helper_job run = { .run = unpack_run,
				  .arg = job,
				  .keep = keep,
				  .keep_count = job->count,
				  .memory = LIMIT_IMAGE_MEMORY };
	struct helper helper;
	bool ok;

	*ret = (struct unpacked){ .stage = stage, .unit_count = 1 };
	ret->units = mem_grow(NULL, 0, sizeof(*ret->units));
	ret->units[0] = (struct unpacked_unit){ 0 };
	for (size_t i = 0; i < job->count; i++)
		keep[i] = job->inputs[i].fd;
	ok = helper_start(&run, &helper, err);
	free(keep);
	if (!ok)
		return false;
	listen_to(&l, &helper);
	helper_done(&helper);
	if (l.file >= 0)
		close(l.file);
	if (l.stop.code == ERR_NONE)
		return true;
	if (ret->units[0].count == 0 || l.stop.code == ERR_SYSTEM || l.stop.code == ERR_UNSUPPORTED) {
		*err = l.stop;
		return false;
	}
	note(&l, NOTE_ERROR, bytes_of(""), l.stop.text);
	return true;
}

void unpacked_done(struct unpacked *unpacked)
{
	for (size_t i = 0; i < unpacked->unit_count; i++)
		free(unpacked->units[i].all);
	free(unpacked->units);
	arena_done(&unpacked->arena);
	*unpacked = (struct unpacked){ 0 };
}

bool unpacked_load(const struct unpacked *unpacked, uint32_t stage, size_t most, struct buf *to)
{
	char name[16];
	int fd;
	ssize_t n = -1;

	snprintf(name, sizeof(name), "%u", stage);
	fd = openat(unpacked->stage, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	while (fd >= 0 && to->len <= most) {
		n = read(fd, buf_room(to, 1 << 16), 1 << 16);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		to->len += (size_t)n;
	}
	if (fd >= 0)
		close(fd);
	return n == 0;
}
