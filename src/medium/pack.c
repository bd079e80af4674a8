/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the helper tells of the archives that it reads:
 *
 *   record ::= u8 type, be32 source, be32 length of name, be64 length of content, name, content
 */
#include "medium/pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "format/ustar.h"
#include "medium/helper.h"
#include "medium/libarchive.h"
#include "medium/seal.h"

static struct libarchive la;

enum { ROOM = 1 << 16, HEAD = 17, FILES = 'F', DAMAGE = 'D', END = 'E' };

/* --- in the helper --- */

/* Ends the helper; its last words are the error's text. */
static _Noreturn void stop(const char *why)
{
	(void)!write(2, why, strlen(why));
	_exit(1);
}

struct read_job {
	struct pack_source *all;
	size_t count, most;
};

struct reading {
	int fd, out;
	uint8_t room[ROOM];
	struct buf content;
	size_t left; /* bytes that may still be told */
};

static ssize_t give(struct archive *archive, void *data, const void **ret)
{
	struct reading *r = data;
	ssize_t n;

	(void)archive;
	do
		n = read(r->fd, r->room, sizeof(r->room));
	while (n < 0 && errno == EINTR);
	*ret = r->room;
	return n;
}

static void tell(const struct reading *r, int type, size_t source, struct bytes name, struct bytes content)
{
	struct buf head = { 0 };

	buf_byte(&head, (unsigned)type);
	buf_be32(&head, (uint32_t)source);
	buf_be32(&head, (uint32_t)name.len);
	buf_be64(&head, content.len);
	buf_bytes(&head, name);
	if (!fd_write(r->out, buf_view(&head)) || !fd_write(r->out, content))
		_exit(1);
	buf_done(&head);
}

/* The content of the entry at hand. False: it is cut, or too much. */
static bool read_content(struct archive *archive, struct reading *r)
{
	la_ssize_t n;

	r->content.len = 0;
	while ((n = la.archive_read_data(archive, buf_room(&r->content, ROOM), ROOM)) > 0) {
		r->content.len += (size_t)n;
		if (r->content.len > r->left)
			return false;
	}
	return n == 0;
}

static const char *read_entries(struct archive *archive, struct reading *r, size_t source, size_t most)
{
	struct archive_entry *entry;
	int got = ARCHIVE_OK;

	for (size_t i = 0; i < most; i++) {
		const char *name;

		got = la.archive_read_next_header(archive, &entry);
		if (got != ARCHIVE_OK)
			break;
		name = la.archive_entry_pathname(entry);
		if (la.archive_entry_filetype(entry) != AE_IFREG || name == NULL)
			return "it holds what was not written by anchorage";
		if (!read_content(archive, r))
			return "it is cut, or larger than anchorage makes it";
		r->left -= r->content.len;
		tell(r, FILES, source, bytes_of(name), buf_view(&r->content));
	}
	return got == ARCHIVE_OK || got == ARCHIVE_EOF ? NULL : "it is no archive, or damaged";
}

static void read_run(const void *arg, int out)
{
	const struct read_job *job = arg;
	struct reading *r = mem_zero(sizeof(*r));
	struct bytes nothing = { NULL, 0 };
	size_t all = LIMIT_HISTORY_ENTRY;
	struct err err;

	if (!libarchive_load(&la, &err))
		stop(err.text);
	seal_process();
	r->out = out;
	for (size_t i = 0; i < job->count; i++) {
		struct archive *archive = la.archive_read_new();
		const char *damage = "it is no archive";

		if (archive == NULL)
			mem_out();
		r->fd = job->all[i].fd;
		r->left = all;
		la.archive_read_support_format_tar(archive);
		if (la.archive_read_open(archive, r, NULL, give, NULL) == ARCHIVE_OK)
			damage = read_entries(archive, r, i, job->most);
		all = r->left;
		if (damage != NULL)
			tell(r, DAMAGE, i, bytes_of(damage), nothing);
		la.archive_read_free(archive);
	}
	tell(r, END, 0, nothing, nothing);
}

/* --- our side --- */

struct packed *pack_add(struct pack *pack, const char *name)
{
	pack->all = mem_grow(pack->all, pack->count, sizeof(*pack->all));
	pack->all[pack->count] = (struct packed){ .name = mem_string(name, strlen(name)) };
	return &pack->all[pack->count++];
}

const struct packed *pack_find(const struct pack *pack, const char *name)
{
	for (size_t i = 0; i < pack->count; i++)
		if (strcmp(pack->all[i].name, name) == 0)
			return &pack->all[i];
	return NULL;
}

void pack_done(struct pack *pack)
{
	for (size_t i = 0; i < pack->count; i++) {
		free(pack->all[i].name);
		buf_done(&pack->all[i].content);
	}
	free(pack->all);
	*pack = (struct pack){ 0 };
}

/* How it ended, where that was not well. */
static bool fate(struct helper *helper, struct err *err)
{
	struct buf how = { 0 };

	helper_end(helper, true);
	if (!helper->killed && helper->status == 0)
		return true;
	if (helper->said.len > 0)
		err_set(err, ERR_SYSTEM, "%.*s", (int)helper->said.len, (const char *)helper->said.at);
	else {
		helper_fate(helper, &how);
		err_set(err, ERR_SYSTEM, "the process that reads and writes archives %.*s", (int)how.len,
			(const char *)how.at);
	}
	buf_done(&how);
	return false;
}

bool pack_file(const char *name, struct bytes content, int64_t at, struct buf *to, struct err *err)
{
	return ustar_file(name, content, at, to, err);
}

void pack_end(struct buf *to)
{
	ustar_end(to);
}

/* Takes the records that are whole. False: they are none of ours. */
static bool take_records(struct buf *heard, struct pack_source *all, size_t count, bool *ret_end)
{
	struct cursor c = { .all = buf_view(heard) };
	size_t done = 0;

	while (cursor_left(&c) >= HEAD) {
		int type = cursor_byte(&c);
		uint32_t source = cursor_be32(&c), name = cursor_be32(&c);
		uint64_t len = cursor_be64(&c);
		struct bytes text, content;

		if ((type != FILES && type != DAMAGE && type != END) || (type != END && source >= count) ||
		    name > ROOM || len > LIMIT_HISTORY_ENTRY + ROOM ||
		    (type == FILES && all[source].got.count > LIMIT_PACKED))
			return false;
		if (cursor_left(&c) < name + len)
			break;
		text = cursor_take(&c, name);
		content = cursor_take(&c, (size_t)len);
		done = c.pos;
		*ret_end = type == END;
		if (type == FILES) {
			char *as = mem_string((const char *)text.at, text.len);

			buf_bytes(&pack_add(&all[source].got, as)->content, content);
			free(as);
		} else if (type == DAMAGE && all[source].damage == NULL) {
			all[source].damage = mem_string((const char *)text.at, text.len);
		}
	}
	if (done > 0) {
		memmove(heard->at, heard->at + done, heard->len - done);
		heard->len -= done;
	}
	return true;
}

bool pack_read(struct pack_source *all, size_t count, size_t most, struct err *err)
{
	const struct read_job what = { all, count, most };
	struct helper_job job = { .run = read_run, .arg = &what, .keep_count = count };
	int *keep = mem_zero((count + 1) * sizeof(*keep));
	struct helper helper = { 0 };
	struct buf heard = { 0 };
	bool ok, end = false;

	for (size_t i = 0; i < count; i++)
		keep[i] = all[i].fd;
	job.keep = keep;
	ok = helper_start(&job, &helper, err);
	while (ok && !end) {
		enum helper_got got = helper_read(&helper, &heard, LIMIT_IMAGE_IDLE_MS);

		if (got == HELPER_CLOSED)
			ok = fate(&helper, err) &&
			     err_set(err, ERR_LIED, "the process that reads archives fell silent");
		else if (got != HELPER_MORE)
			ok = err_set(err, ERR_LIMIT, "%s",
				     got == HELPER_STOPPED ? "interrupted" : "libarchive is silent");
		else if (!take_records(&heard, all, count, &end))
			ok = err_set(err, ERR_LIED, "the process that reads archives told what cannot be");
	}
	helper_done(&helper);
	buf_done(&heard);
	free(keep);
	return ok;
}
