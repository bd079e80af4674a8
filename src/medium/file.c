/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/file.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/root.h"
#include "format/format.h"
#include "format/payload.h"
#include "model/store.h"

/* Inputs that people take for a store and that are none we read: told by name, with the way out. */
static const struct {
	struct bytes head;
	const char *is;
} strangers[] = {
#define HEAD(text)                                                                                           \
	{                                                                                                    \
		(const uint8_t *)(text), sizeof(text) - 1                                                    \
	}
	{ HEAD("\xff\xfe"), "UTF-16 text; convert it to UTF-8 first" },
	{ HEAD("\xfe\xff"), "UTF-16 text; convert it to UTF-8 first" },
	{ HEAD("PK\x03\x04"), "a zip archive; it is read if its file is named" },
	{ HEAD("\x1f\x8b"), "compressed by gzip; it is read if its file is named" },
	{ HEAD("\x28\xb5\x2f\xfd"), "compressed by zstd; it is read if its file is named" },
	{ HEAD("\xfd"
	       "7zXZ"),
	  "compressed by xz; it is read if its file is named" },
	{ HEAD("!<arch>\n"), "a .deb or ar archive; it is read if its file is named" },
	{ HEAD("\xed\xab\xee\xdb"), "an rpm package; it is read if its file is named" },
	{ HEAD("SQLite format 3"),
	  "an SQLite file; an NSS database is read by its directory, or if it is called cert9.db" },
	{ HEAD("ssh-"), "an SSH public key" },
#undef HEAD
};

static const char *stranger(struct bytes bytes)
{
	if (bytes.len == 0)
		return "an empty file";
	for (size_t i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++)
		if (bytes_start(bytes, strangers[i].head))
			return strangers[i].is;
	if (payload_other(bytes) != NULL)
		return payload_other(bytes);
	if (bytes.len > 2 && bytes.at[0] == 0x30)
		return "DER, but no certificate";
	return "not a certificate, a bundle or a trust store of a kind known here";
}

/* How far a file that is read in parts has come. */
struct progress {
	const char *path;
	const struct format *format;
	size_t base;    /* the offset of this part */
	unsigned lines; /* newlines before it */
	size_t parts;
	bool entry; /* one of a directory */
};

static unsigned count_lines(struct bytes text)
{
	enum { STEP = 128 }; /* a compiler makes vectors of it; lines of 64 are too short for memchr() */
	unsigned lines = 0;

	for (; text.len >= STEP; text = bytes_skip(text, STEP)) {
		uint8_t some = 0;

		for (size_t i = 0; i < STEP; i++)
			some = (uint8_t)(some + (text.at[i] == '\n'));
		lines += some;
	}
	for (size_t i = 0; i < text.len; i++)
		lines += text.at[i] == '\n';
	return lines;
}

/* Gives what a reader added since `anchors` and `notes` the file and the place in it they came from. */
static void stamp(struct store *store, size_t anchors, size_t notes, const struct progress *p,
		  struct bytes part)
{
	const char *file = arena_text(&store->arena, bytes_of(p->path));
	size_t counted = 0; /* most notes come in order, and errors are without limit */
	unsigned lines = 0;
	bool text = notes < store->note_count && (part.len == 0 || memchr(part.at, 0, part.len) == NULL);

	for (; anchors < store->count; anchors++) {
		struct origin *origin = &store->anchors[anchors].origin;

		if (origin->file == NULL)
			origin->file = file;
		if (origin->line > 0)
			origin->line += p->lines;
		if (p->format->searched) /* 0 is a place in a part */
			origin->at += p->base;
	}
	for (; notes < store->note_count; notes++) {
		struct note *note = &store->notes[notes];

		if (note->file != NULL) /* an inventory's, about the store that it was made of */
			continue;
		note->file = file;
		if (note->at == NOTE_NOWHERE || note->at > part.len)
			continue;
		if (text) {
			if (note->at < counted)
				counted = lines = 0;
			lines += count_lines(bytes_skip((struct bytes){ part.at, note->at }, counted));
			counted = note->at;
			note->line = p->lines + lines + 1;
		}
		note->at += p->base;
	}
}

static bool read_part(struct bytes part, struct progress *p, struct store *into, struct err *err)
{
	size_t anchors = into->count, notes = into->note_count;
	bool ok;

	if (p->format == NULL)
		p->format = format_of(part);
	if (p->format == NULL)
		return err_set(err, ERR_UNKNOWN, "%s", stranger(part));
	if (p->entry && p->format->searched)
		return err_set(err, ERR_UNKNOWN,
			       "a program; what is compiled into it is listed where it is named");
	if (into->kind == NULL)
		into->kind = &p->format->kind;
	ok = p->format->read(part, into, err);
	if (!ok && (p->parts > 0 || p->format->searched) && err->code == ERR_ABSENT)
		ok = true; /* nothing more behind what was read */
	if (!ok && (into->count > anchors || p->parts > 0)) {
		store_note(into, NOTE_ERROR, NOTE_NOWHERE, "only the first %zu entries could be read: %s",
			   into->count, err->text);
		ok = true;
	}
	stamp(into, anchors, notes, p, part);
	p->base += part.len;
	p->lines += count_lines(part);
	p->parts++;
	return ok;
}

bool file_read_bytes(const char *path, struct bytes bytes, const struct format *format, struct store *into,
		     struct err *err)
{
	struct progress p = { .path = path, .format = format };

	return read_part(bytes, &p, into, err);
}

/* Whether something was found that counts, if only as a warning. */
static bool found(const struct store *store)
{
	bool ret = store->count > 0;

	for (size_t i = 0; !ret && i < store->note_count; i++)
		ret = store->notes[i].level >= NOTE_WARN;
	return ret;
}

/* Up to `want` bytes in the buffer. False only if reading fails; *ret_end: there is no more. */
static bool fill(int fd, struct buf *buf, size_t want, bool *ret_end, struct err *err)
{
	while (buf->len < want && !*ret_end) {
		ssize_t n = read(fd, buf_room(buf, want - buf->len), want - buf->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_SYSTEM, "%s", strerror(errno));
		*ret_end = n == 0;
		buf->len += (size_t)n;
	}
	return true;
}

static bool too_large(struct err *err)
{
	return err_set(err, ERR_LIMIT, "larger than %zu MiB, which is the limit for one file",
		       LIMIT_FILE_SIZE >> 20);
}

/*
 * A large bundle is read through a window, so that memory holds the certificates
 * and not their PEM too. The window grows where the format finds no place to cut.
 */
static bool read_window(int fd, struct progress *p, struct store *into, struct err *err)
{
	enum { WINDOW = 128 << 10 };
	struct buf buf = { 0 };
	size_t want = WINDOW;
	bool end = false, ok = true;

	while (ok && fill(fd, &buf, want, &end, err)) {
		size_t cut;

		if (end) {
			ok = read_part(buf_view(&buf), p, into, err);
			break;
		}
		if (p->format == NULL)
			p->format = format_of(buf_view(&buf));
		cut = p->format != NULL && p->format->split != NULL ? p->format->split(buf_view(&buf)) : 0;
		if (p->base + buf.len > LIMIT_FILE_SIZE) {
			ok = too_large(err);
		} else if (p->format == NULL && buf.len > LIMIT_FILE_UNKNOWN) {
			ok = err_set(err, ERR_UNKNOWN, "%s", stranger(buf_view(&buf)));
		} else if (cut == 0) {
			want = 2 * buf.len;
		} else {
			ok = read_part((struct bytes){ buf.at, cut }, p, into, err);
			memmove(buf.at, buf.at + cut, buf.len - cut);
			buf.len -= cut;
			want = buf.len < WINDOW ? WINDOW : 2 * buf.len;
		}
	}
	ok = ok && end;
	if (ok && p->format != NULL && p->format->searched && !found(into))
		ok = false; /* and the last part said so */
	buf_done(&buf);
	return ok;
}

static bool read_file(const char *path, const struct root *root, struct progress *p, struct store *into,
		      struct err *err)
{
	bool input = strcmp(path, "-") == 0;
	int fd = input ? STDIN_FILENO : root_open_file(root, path, err);
	struct stat st;
	bool large = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
		     (uintmax_t)st.st_size > LIMIT_FILE_SIZE;
	bool ok = fd >= 0 && (large ? too_large(err) : read_window(fd, p, into, err));

	if (fd >= 0 && !input)
		close(fd);
	return ok;
}

bool file_read(const char *path, const struct root *root, const struct format *format, struct store *into,
	       struct err *err)
{
	struct progress p = { .path = path, .format = format };

	return read_file(path, root, &p, into, err);
}

bool file_read_entry(const char *path, const struct root *root, const struct format *format,
		     struct store *into, struct err *err)
{
	struct progress p = { .path = path, .format = format, .entry = true };

	if (root_has(root, path) && !root_is_file(root, path))
		return err_set(err, ERR_UNSUPPORTED, "a pipe, a socket or a device; it is not read");
	if (read_file(path, root, &p, into, err))
		return true;
	return err->code == ERR_ABSENT ? err_set(err, ERR_ABSENT, "a dangling link") : false;
}
