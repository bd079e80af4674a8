/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/unpacked.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "medium/helper.h"
#include "medium/unpack_share.h"
#include "model/store.h"

/* One of the processes that read it together. */
struct stream {
	struct helper helper;
	struct buf in; /* what it has told; up to `at` it was taken */
	size_t at;
	bool closed;
	uint32_t *units; /* its numbers of archives are its own: ours of them */
	size_t unit_count;
	uint64_t bytes; /* that have come out of what it reads */
};

_Static_assert((int)SHARES <= (int)HELPERS, "all are heard at once");

struct listener {
	struct unpacked *to;
	struct store *notes;
	const char *name;
	const struct unpacked_watch *watch;
	int file; /* that is being written, or -1 */
	struct stream streams[SHARES];
	size_t count, turn; /* whose word it is */
	uint64_t size;      /* of what is read */
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
	struct unpacked_unit *unit = &l->to->units[l->streams[l->turn].units[record->unit]];
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
	return entry->stage <= LIMIT_IMAGE_FILES ||
	       err_set(&l->stop, ERR_LIMIT,
		       "more than %d files that could be trust stores, which is the limit",
		       LIMIT_IMAGE_FILES);
}

static bool lied(struct listener *l)
{
	return err_set(&l->stop, ERR_LIED, "it told of what cannot be");
}

static bool take_data(struct listener *l, const struct unpack_record *record)
{
	l->to->kept += record->text.len;
	if (l->file < 0 || record->number > INT64_MAX / 2)
		return lied(l);
	if (l->to->kept > LIMIT_IMAGE_KEPT)
		return err_set(&l->stop, ERR_LIMIT,
			       "more than %zu MiB of what could be trust stores, which is the limit",
			       LIMIT_IMAGE_KEPT >> 20);
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
	struct stream *from = &l->streams[l->turn];

	if (record->number != from->unit_count)
		return lied(l);
	add(l, record)->unit = (uint32_t)to->unit_count;
	from->units = mem_grow(from->units, from->unit_count, sizeof(*from->units));
	from->units[from->unit_count++] = (uint32_t)to->unit_count;
	to->units = mem_grow(to->units, to->unit_count, sizeof(*to->units));
	to->units[to->unit_count++] = (struct unpacked_unit){ 0 };
	return true;
}

/* Of all that the processes have said of it. */
static uint64_t come_out(const struct listener *l)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < l->count; i++)
		bytes += l->streams[i].bytes;
	return bytes;
}

/* Each process minds the limits of what it does itself; what all do together is minded here. */
static bool within_limits(struct listener *l, const struct unpack_record *record)
{
	struct unpacked *to = l->to;
	uint64_t bytes;

	to->told += record->path.len + (record->type == UNPACK_DATA ? 0 : record->text.len) + 64;
	to->entries += record->type <= UNPACK_FILE || record->type == UNPACK_UNIT;
	if (record->type == UNPACK_BACK || record->type == UNPACK_END || record->type == UNPACK_ALIVE)
		l->streams[l->turn].bytes = record->number;
	bytes = come_out(l);
	if (to->told > LIMIT_IMAGE_NAMES * 2 || (l->count > 1 && to->entries > LIMIT_IMAGE_ENTRIES))
		return err_set(&l->stop, ERR_LIMIT,
			       "more than %d files in it, or %zu MiB of their names, which is the limit",
			       LIMIT_IMAGE_ENTRIES, LIMIT_IMAGE_NAMES >> 20);
	if (l->count > 1 &&
	    (bytes > LIMIT_IMAGE_BYTES || bytes > LIMIT_IMAGE_FREE + l->size * LIMIT_IMAGE_RATIO))
		return err_set(&l->stop, ERR_LIMIT, "%llu MiB came out of it, which is more than the limit",
			       (unsigned long long)(bytes >> 20));
	return true;
}

static bool turn_to(struct listener *l, uint64_t who)
{
	if ((l->turn == 0) == (who == 0) || who >= l->count)
		return lied(l);
	l->turn = (size_t)who;
	return true;
}

static bool take(struct listener *l, const struct unpack_record *record)
{
	char text[1024];

	if (record->unit >= l->streams[l->turn].unit_count)
		return lied(l);
	if (!within_limits(l, record))
		return false;
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
	case UNPACK_ELSEWHERE:
		return turn_to(l, record->number);
	case UNPACK_BACK:
		return turn_to(l, 0);
	case UNPACK_END:
		l->ended = l->turn == 0;
		return l->ended || lied(l);
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
static bool take_all(struct listener *l)
{
	struct unpack_record record;
	enum unpack_got got = UNPACK_GOT;
	struct stream *from;

	while (!l->ended) {
		from = &l->streams[l->turn];
		got = unpack_next(buf_view(&from->in), &from->at, &record);
		if (got == UNPACK_SHORT)
			break;
		if (got == UNPACK_BAD)
			return lied(l);
		if (!take(l, &record))
			return false;
	}
	for (size_t i = 0; i < l->count; i++) {
		from = &l->streams[i];
		if (from->at == 0) /* it may have said nothing, and there is no buffer */
			continue;
		memmove(from->in.at, from->in.at + from->at, from->in.len - from->at);
		from->in.len -= from->at;
		from->at = 0;
	}
	return true;
}

/* More of whoever tells more: who is ahead of its turn may go on until that is too much to be kept. */
static enum helper_got hear(struct listener *l)
{
	struct helper *helpers[SHARES];
	struct buf *to[SHARES];
	size_t who[SHARES], count = 0, which;
	enum helper_got got;

	if (l->streams[l->turn].closed)
		return HELPER_CLOSED;
	for (size_t i = 0; i < l->count; i++) {
		struct stream *stream = &l->streams[i];

		if (stream->closed || (i != l->turn && stream->in.len > LIMIT_IMAGE_AHEAD))
			continue;
		helpers[count] = &stream->helper;
		to[count] = &stream->in;
		who[count++] = i;
	}
	got = helper_read_any(helpers, to, count, LIMIT_IMAGE_IDLE_MS, &which);
	if (got != HELPER_CLOSED)
		return got;
	l->streams[who[which]].closed = true;
	return who[which] == l->turn ? HELPER_CLOSED : HELPER_MORE;
}

static void listen_to(struct listener *l)
{
	struct buf fate = { 0 };
	enum helper_got got = HELPER_MORE;
	struct helper *helper;

	while (!l->ended && (got = hear(l)) == HELPER_MORE) {
		if (!take_all(l))
			break;
		if (l->watch->call != NULL)
			l->watch->call(l->watch->user, l->name, come_out(l), l->to->entries);
	}
	helper = &l->streams[l->turn].helper;
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
	buf_done(&fate);
}

/* As many as pay; if one cannot be started none was. */
static bool start(struct listener *l, const struct unpack_job *job, struct err *err)
{
	int *keep = mem_zero((job->count + 1) * sizeof(*keep));
	struct unpack_job part = *job;
	struct helper_job run = { .run = unpack_run,
				  .arg = &part,
				  .keep = keep,
				  .keep_count = job->count,
				  .memory = LIMIT_IMAGE_MEMORY };
	bool ok = true;

	part.shares = share_count(job);
	for (size_t i = 0; i < job->count; i++) {
		struct stat st;

		keep[i] = job->inputs[i].fd;
		l->size += fstat(keep[i], &st) == 0 && st.st_size > 0 ? (uint64_t)st.st_size : 0;
	}
	for (; ok && l->count < part.shares; l->count += ok) {
		struct stream *stream = &l->streams[l->count];

		part.share = (unsigned)l->count;
		ok = helper_start(&run, &stream->helper, err);
		stream->units = mem_zero(sizeof(*stream->units)); /* 0 is 0 */
		stream->unit_count = 1;
	}
	free(keep);
	return ok;
}

static void stop(struct listener *l)
{
	for (size_t i = 0; i < SHARES; i++) {
		struct stream *stream = &l->streams[i];

		if (i < l->count)
			helper_done(&stream->helper);
		buf_done(&stream->in);
		free(stream->units);
	}
	if (l->file >= 0)
		close(l->file);
}

bool unpacked_read(const struct unpack_job *job, const char *name, int stage, struct store *notes,
		   const struct unpacked_watch *watch, struct unpacked *ret, struct err *err)
{
	struct listener l = { .to = ret, .notes = notes, .name = name, .watch = watch, .file = -1 };
	bool ok;

	*ret = (struct unpacked){ .stage = stage, .unit_count = 1 };
	ret->units = mem_grow(NULL, 0, sizeof(*ret->units));
	ret->units[0] = (struct unpacked_unit){ 0 };
	ok = start(&l, job, err);
	if (ok)
		listen_to(&l);
	stop(&l);
	if (!ok || l.stop.code == ERR_NONE)
		return ok;
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
