/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs in the helper process. What is read with libarchive: formats and filters
 * are enabled one by one, since those of mtree and of external programs open
 * files and start processes; data is taken block by block and every block is
 * charged, since archive_read_next_header() inflates what was not read within
 * one call that cannot be interrupted.
 */
#include "medium/unpack.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "medium/helper.h"
#include "medium/image.h"
#include "medium/libarchive.h"
#include "medium/seal.h"
#include "medium/sniff.h"
#include "medium/unpack_keep.h"
#include "medium/unpack_out.h"

static struct libarchive la;

enum { ROOM = 1 << 18 }; /* bytes that are read at once */

/* One archive that is being read. */
struct level {
	struct unpack *u;
	uint32_t unit;
	const char *prefix; /* what stands in front of its paths: "", or "/a.whl!" */
	unsigned depth;
	enum note_level damage; /* what it is if a part cannot be read: an error where it was meant */
};

/* Bytes in order: of a descriptor, or of a member of an archive. */
struct feed {
	struct unpack *u;
	struct archive *from; /* NULL: `fd` */
	int fd;
	bool seekable; /* read at `pos`: its offset is not this process's alone */
	off_t pos;
	const char *path;   /* for notes */
	struct bytes block; /* the last that was taken */
	uint64_t at, given; /* where it stands, and up to where it was passed on */
	struct buf room;    /* of a descriptor's blocks, and of small ones that were joined */
	bool end, bad;      /* `bad`: a note says how */
	enum note_level damage;
};

/* --- bytes --- */

static bool next_of_file(struct feed *f)
{
	ssize_t n;

	do
		n = f->seekable ? pread(f->fd, f->room.at, f->room.room, f->pos)
				: read(f->fd, f->room.at, f->room.room);
	while (n < 0 && errno == EINTR);
	if (n < 0) {
		unpack_note(f->u, NOTE_ERROR, f->path, "%s", strerror(errno));
		f->bad = true;
	}
	f->end = n <= 0;
	f->at += f->block.len;
	f->block = (struct bytes){ f->room.at, f->end ? 0 : (size_t)n };
	f->pos += (off_t)f->block.len;
	f->u->in += f->block.len;
	unpack_charge(f->u, 0);
	return !f->end;
}

static const char *said(struct archive *archive)
{
	const char *text = la.archive_error_string(archive);

	return text != NULL ? text : "what is in it makes no sense";
}

/* The next block. False: that was all, or the rest cannot be read. */
static bool feed_next(struct feed *f)
{
	const void *at;
	size_t len;
	la_int64_t offset;
	int got;

	while (!f->end && f->from != NULL) {
		got = la.archive_read_data_block(f->from, &at, &len, &offset);
		f->block.len = 0;
		f->end = got == ARCHIVE_EOF || (got < ARCHIVE_WARN && got != ARCHIVE_RETRY);
		if (f->end && got != ARCHIVE_EOF) {
			unpack_note(f->u, f->damage, f->path, "the rest cannot be read: %s", said(f->from));
			f->bad = true;
		}
		unpack_charge(f->u, f->end ? 0 : len);
		if (f->end || len == 0 || offset < 0)
			continue;
		f->block = (struct bytes){ at, len };
		f->at = (uint64_t)offset;
		return true;
	}
	return !f->end && next_of_file(f);
}

/* Has at least SNIFF_HEAD bytes in the first block, or all there are. */
static struct bytes feed_head(struct feed *f)
{
	struct buf joined = { 0 };

	if (!feed_next(f) || f->block.len >= SNIFF_HEAD || f->at > 0)
		return f->at == 0 ? f->block : (struct bytes){ NULL, 0 };
	do {
		if (f->at != joined.len)
			break; /* a hole: what is behind it is not the head */
		buf_bytes(&joined, f->block);
	} while (joined.len < SNIFF_HEAD && feed_next(f));
	if (f->from != NULL && f->at > joined.len)
		unpack_note(f->u, NOTE_INFO, f->path,
			    "a file with holes, of which only the head is looked at");
	buf_done(&f->room);
	f->room = joined;
	f->block = buf_view(&joined);
	f->at = 0;
	return f->block;
}

/* libarchive's view of a feed: without holes. */
static la_ssize_t give(struct archive *archive, void *data, const void **ret)
{
	static const uint8_t zeros[1 << 16];
	struct feed *f = data;
	size_t skip, len;

	(void)archive;
	while (f->at + f->block.len <= f->given)
		if (!feed_next(f))
			return f->bad ? ARCHIVE_FATAL : 0;
	if (f->at > f->given) {
		len = f->at - f->given < sizeof(zeros) ? (size_t)(f->at - f->given) : sizeof(zeros);
		*ret = zeros;
		unpack_charge(f->u, len);
	} else {
		skip = (size_t)(f->given - f->at);
		*ret = f->block.at + skip;
		len = f->block.len - skip;
	}
	f->given += len;
	return (la_ssize_t)len;
}

static la_int64_t seek(struct archive *archive, void *data, la_int64_t offset, int whence)
{
	struct feed *f = data;
	off_t at = offset;

	(void)archive;
	at += whence == SEEK_CUR ? (off_t)f->given : whence == SEEK_END ? lseek(f->fd, 0, SEEK_END) : 0;
	if (!f->seekable || at < 0)
		return ARCHIVE_FATAL;
	if (whence == SEEK_CUR && offset > 0) /* what another process reads */
		f->u->in += (uint64_t)offset;
	f->pos = at;
	f->at = f->given = (uint64_t)at;
	f->block.len = 0;
	f->end = false;
	unpack_charge(f->u, 0);
	return at;
}

/* --- archives --- */

/* A file that is no archive. */
static void plain_file(struct feed *f, const struct level *level, const char *path, uint64_t size)
{
	struct keep k = { .u = f->u, .unit = level->unit, .path = path, .full = f->path };
	const char *closed = sniff_closed(f->block);
	uint64_t end = 0;

	if (closed != NULL)
		unpack_note(f->u, NOTE_INFO, f->path, "%s", closed);
	keep_begin(&k, f->block, size);
	if (f->block.len > 0)
		do {
			end = f->at + f->block.len;
			keep_block(&k, f->block, f->at, end >= size);
		} while (feed_next(f));
	keep_end(&k, end > size || f->bad || size == UINT64_MAX ? end : size);
}

static void inside(struct feed *f, const struct level *level, bool whole);

/* NOLINTNEXTLINE(misc-no-recursion): no deeper than LIMIT_IMAGE_DEPTH */
static void file(struct feed *f, const struct level *level, const char *path, uint64_t size)
{
	struct unpack *u = f->u;
	struct bytes head = feed_head(f);
	bool go = sniff_inside(head, path) || (keep_asked_inside(u->want, f->path) && sniff_archive(head));
	struct level within = { .u = u, .depth = level->depth + 1 };
	char *prefix;

	if (go && within.depth > LIMIT_IMAGE_DEPTH) {
		unpack_note(u, NOTE_ERROR, f->path,
			    "archives in one another deeper than %d; it is not looked into",
			    LIMIT_IMAGE_DEPTH);
		go = false;
	}
	if (!go) {
		plain_file(f, level, path, size);
		return;
	}
	within.unit = ++u->units;
	within.damage = sniff_layer(path) || keep_asked_inside(u->want, f->path) ? level->damage : NOTE_WARN;
	unpack_tell(u, UNPACK_UNIT, level->unit, within.unit, bytes_of(path), bytes_of(""));
	/* Layers, and what a .deb holds, are no folders of their own. */
	prefix = sniff_layer(path) ? mem_print("%s", level->prefix) : mem_print("%s!", f->path);
	within.prefix = prefix;
	inside(f, &within, false);
	free(prefix);
	while (feed_next(f))
		; /* rather here, where each block is charged, than in archive_read_next_header() */
}

/* "./a//b/" is "/a//b": begins with a slash, and does not end with one. */
static char *clean(const char *path)
{
	size_t len;

	while (path[0] == '/' || (path[0] == '.' && path[1] == '/'))
		path++;
	len = strlen(path);
	while (len > 0 && path[len - 1] == '/')
		len--;
	if (len == 1 && path[0] == '.')
		len = 0;
	return mem_print("/%.*s", (int)len, path);
}

/* NOLINTNEXTLINE(misc-no-recursion): no deeper than LIMIT_IMAGE_DEPTH */
static void regular(struct archive *archive, struct archive_entry *entry, const struct level *level,
		    const char *path, const char *full)
{
	struct feed f = { .u = level->u, .from = archive, .fd = -1, .path = full, .damage = level->damage };
	int64_t size = la.archive_entry_size(entry);
	/* a zip that was written as a stream does not tell it */
	uint64_t bytes = la.archive_entry_size_is_set(entry) && size >= 0 ? (uint64_t)size : UINT64_MAX;

	if (level->unit > 0 || share_takes(f.u, bytes))
		file(&f, level, path, bytes);
	if (level->unit == 0)
		share_end(f.u);
	buf_done(&f.room);
}

/* NOLINTNEXTLINE(misc-no-recursion): no deeper than LIMIT_IMAGE_DEPTH */
static void entry_of(struct archive *archive, struct archive_entry *entry, const struct level *level,
		     const char *path)
{
	struct unpack *u = level->u;
	const char *hard = la.archive_entry_hardlink(entry), *soft = la.archive_entry_symlink(entry);
	int64_t size = la.archive_entry_size(entry);
	char *full = mem_print("%s%s", level->prefix, path), *target = hard != NULL ? clean(hard) : NULL;
	unsigned type = la.archive_entry_filetype(entry);

	if ((soft != NULL && strlen(soft) > LIMIT_IMAGE_PATH) ||
	    (hard != NULL && strlen(hard) > LIMIT_IMAGE_PATH)) {
		unpack_note(u, NOTE_WARN, full, "a link to a name that is too long; it is left out");
	} else if (hard != NULL && size <= 0) {
		unpack_tell(u, UNPACK_HARD, level->unit, 0, bytes_of(path), bytes_of(target));
	} else if (type == AE_IFREG || hard != NULL) {
		regular(archive, entry, level, path, full);
		if (hard != NULL) /* cpio: the last of the names has the content */
			unpack_tell(u, UNPACK_HARD, level->unit, 0, bytes_of(target), bytes_of(path));
	} else if (type == AE_IFLNK && soft != NULL) {
		unpack_tell(u, UNPACK_LINK, level->unit, 0, bytes_of(path), bytes_of(soft));
	} else if (type == AE_IFDIR) {
		unpack_tell(u, UNPACK_DIRECTORY, level->unit, keep_asked(u->want, full), bytes_of(path),
			    bytes_of(""));
	} else {
		unpack_tell(u, UNPACK_ODD, level->unit, 0, bytes_of(path), bytes_of(""));
	}
	free(full);
	free(target);
}

/* NOLINTNEXTLINE(misc-no-recursion): no deeper than LIMIT_IMAGE_DEPTH */
static void entry(struct archive *archive, struct archive_entry *entry, const struct level *level)
{
	struct unpack *u = level->u;
	const char *name = la.archive_entry_pathname(entry);
	char *path;

	if (++u->entries > LIMIT_IMAGE_ENTRIES)
		unpack_stop(u, ERR_LIMIT, "more than %d files in it, which is the limit",
			    LIMIT_IMAGE_ENTRIES);
	if (name == NULL) {
		unpack_note(u, NOTE_WARN, level->prefix, "a file whose name cannot be read is left out");
		return;
	}
	u->names += strlen(name);
	if (u->names > LIMIT_IMAGE_NAMES)
		unpack_stop(u, ERR_LIMIT, "more than %zu MiB of file names, which is the limit",
			    LIMIT_IMAGE_NAMES >> 20);
	/* libarchive since 3.7 takes the name that gzip may have kept. */
	path = clean(la.archive_format(archive) == ARCHIVE_FORMAT_RAW ? "data" : name);
	if (strlen(path) > LIMIT_IMAGE_PATH)
		unpack_note(u, NOTE_WARN, level->prefix,
			    "a file whose name is longer than %d bytes is left out", LIMIT_IMAGE_PATH);
	else if (path[1] != '\0')
		entry_of(archive, entry, level, path);
	free(path);
	unpack_charge(u, 0);
}

/* All entries. False: it is no archive. */
/* NOLINTNEXTLINE(misc-no-recursion): no deeper than LIMIT_IMAGE_DEPTH */
static bool entries(struct archive *archive, const struct feed *f, const struct level *level)
{
	struct archive_entry *one;
	bool any = false;
	int got;

	while ((got = la.archive_read_next_header(archive, &one)) != ARCHIVE_EOF) {
		if (got == ARCHIVE_RETRY)
			continue;
		if (got < ARCHIVE_WARN && !any && la.archive_format(archive) == 0)
			return false;
		if (got < ARCHIVE_WARN) {
			if (!f->bad)
				unpack_note(level->u, level->damage, level->prefix,
					    "the rest cannot be read: %s", said(archive));
			return true;
		}
		if (!any && la.archive_format(archive) == ARCHIVE_FORMAT_RAW &&
		    la.archive_filter_count(archive) == 1)
			return false;
		any = true;
		entry(archive, one, level);
	}
	return true;
}

/* A zip's table of contents is at its end: what has no end yet is gathered first, as far as allowed. */
static bool spool(struct feed *f, struct buf *ret)
{
	do
		if (f->at != ret->len)
			return false;
		else
			buf_bytes(ret, f->block);
	while (ret->len <= LIMIT_IMAGE_SPOOL && feed_next(f));
	if (f->end && !f->bad)
		return true;
	unpack_note(f->u, NOTE_INFO, f->path,
		    "a large zip in an archive; what its table of contents leaves out is read too");
	buf_done(&f->room);
	f->room = *ret;
	*ret = (struct buf){ 0 };
	f->block = buf_view(&f->room);
	f->at = 0;
	return false;
}

static struct archive *open_archive(struct feed *f, bool whole, const struct buf *spooled, bool *ret_ok)
{
	struct archive *archive = la.archive_read_new();
	int got;

	if (archive == NULL)
		mem_out();
	la.archive_read_support_filter_bzip2(archive);
	la.archive_read_support_filter_gzip(archive);
	la.archive_read_support_filter_lz4(archive);
	la.archive_read_support_filter_lzma(archive);
	la.archive_read_support_filter_rpm(archive);
	la.archive_read_support_filter_xz(archive);
	la.archive_read_support_filter_zstd(archive);
	la.archive_read_support_format_ar(archive);
	la.archive_read_support_format_cpio(archive);
	la.archive_read_support_format_iso9660(archive);
	la.archive_read_support_format_tar(archive);
	la.archive_read_support_format_zip(archive);
	if (whole)
		la.archive_read_support_format_raw(archive); /* one file that is compressed and no archive */
	if (spooled->len > 0) {
		got = la.archive_read_open_memory(archive, spooled->at, spooled->len);
	} else {
		la.archive_read_set_read_callback(archive, give);
		if (whole && f->from == NULL)
			la.archive_read_set_seek_callback(archive, seek);
		la.archive_read_set_callback_data(archive, f);
		got = la.archive_read_open1(archive);
	}
	*ret_ok = got >= ARCHIVE_WARN;
	return archive;
}

/* Goes to `at`, and to the first byte from there that is not zero. */
static bool move_on(struct feed *f, uint64_t at)
{
	if (f->from == NULL && f->seekable) {
		f->pos = (off_t)at;
		f->at = at;
		f->block.len = 0;
		f->end = false;
	} else if (at < f->at) {
		return false;
	}
	f->given = at;
	for (;;) {
		while (f->given < f->at + f->block.len && f->given >= f->at)
			if (f->block.at[f->given - f->at] != 0)
				return true;
			else
				f->given++;
		if (!feed_next(f))
			return false;
	}
}

/*
 * A tar that was cut between or in headers is at its end for libarchive, where it
 * looked ahead to the end of a small file to tell the format.
 */
static void check_end(struct archive *archive, const struct feed *f, uint64_t begin,
		      const struct level *level)
{
	uint64_t last = begin + (uint64_t)la.archive_read_header_position(archive);

	if ((la.archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK) != ARCHIVE_FORMAT_TAR ||
	    la.archive_filter_count(archive) != 1 || f->bad || f->given < last)
		return;
	if (f->given == last)
		unpack_note(level->u, level->unit == 0 ? NOTE_WARN : NOTE_INFO, level->prefix,
			    "there is no mark at its end; a part of it may be missing");
	else if (f->given - last < 512)
		unpack_note(level->u, level->damage, level->prefix, "the rest cannot be read: it is cut");
}

/*
 * Everything in the archive that a feed is. An initramfs is several behind each
 * other, the first often not compressed: cpio's end is a file of this name.
 */
/* NOLINTNEXTLINE(misc-no-recursion): no deeper than LIMIT_IMAGE_DEPTH */
static void inside(struct feed *f, const struct level *level, bool whole)
{
	enum { TRAILER = 124 };
	struct buf spooled = { 0 };
	uint64_t begin = 0;
	const char *closed;
	bool more, known, first = true;

	if (whole && feed_next(f) && (closed = sniff_closed(f->block)) != NULL)
		unpack_stop(level->u, ERR_UNSUPPORTED, "%s", closed);
	if (!whole && sniff_zip(f->block))
		spool(f, &spooled);
	do {
		struct archive *archive = open_archive(f, whole && first, &spooled, &known);

		known = known && entries(archive, f, level);
		if (known)
			check_end(archive, f, begin, level);
		more = known && la.archive_filter_count(archive) == 1 &&
		       (la.archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK) == ARCHIVE_FORMAT_CPIO;
		if (more)
			begin +=
				((uint64_t)la.archive_read_header_position(archive) + TRAILER) & ~UINT64_C(3);
		if (!known && first && whole)
			unpack_stop(level->u, ERR_UNKNOWN,
				    "it cannot be read as the archive it is taken for (%s)", said(archive));
		if (!known && !f->bad)
			unpack_note(level->u, first ? level->damage : NOTE_INFO, level->prefix,
				    first ? "it begins as an archive does, and cannot be read as one"
					  : "there is something behind the archive that is none");
		la.archive_read_free(archive);
		first = false;
		if (more && (more = move_on(f, begin)))
			begin = f->given;
	} while (more);
	buf_done(&spooled);
}

/* --- the process --- */

static void read_input(const struct level *top, const struct unpack_input *input)
{
	struct feed f = { .u = top->u, .fd = input->fd, .path = "", .damage = NOTE_ERROR };
	off_t end = lseek(f.fd, 0, SEEK_END);
	uint64_t size = end > 0 ? (uint64_t)end : 0;

	f.seekable = end >= 0;
	buf_room(&f.room, ROOM);
	if (input->path == NULL) {
		inside(&f, top, true);
	} else {
		f.path = input->path;
		f.u->entries++;
		if (share_takes(f.u, size))
			file(&f, top, f.path, size);
		else
			f.u->in += size;
		share_end(f.u);
	}
	buf_done(&f.room);
}

void unpack_run(const void *job_of, int out)
{
	const struct unpack_job *job = job_of;
	struct unpack u = { .want = job->want, .out = out, .until = helper_now() + LIMIT_IMAGE_MS };
	struct level top = { .u = &u, .prefix = "", .damage = NOTE_ERROR };
	struct err err;

	/* Names as they are: libarchive turns those of some archives into those of the locale. */
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		setlocale(LC_CTYPE, "C.utf8");
	if (!libarchive_load(&la, &err))
		unpack_stop(&u, err.code, "%s", err.text);
	share_begin(&u, job);
	seal_process();
	for (size_t i = 0; i < job->count; i++)
		read_input(&top, &job->inputs[i]);
	unpack_tell(&u, UNPACK_END, 0, u.bytes, bytes_of(""), bytes_of(""));
	unpack_flush(&u);
}
