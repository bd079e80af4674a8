/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/trustdir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/root.h"
#include "format/armor.h"
#include "medium/listing.h"
#include "medium/scratch.h"
#include "model/der.h"
#include "model/store.h"

const char *const trust_parts[TRUST_PARTS] = {
	[TRUST_TOP] = "",
	[TRUST_ANCHORS] = "anchors",
	[TRUST_BLOCKLIST] = "blocklist",
	[TRUST_BLACKLIST] = "blacklist",
};

struct scan {
	struct trustdir *dir;
	struct store *into;
	enum trust_part part;
	char *folder;
};

static void add_file(struct scan *scan, const char *name)
{
	struct trustdir *dir = scan->dir;

	dir->files = mem_grow(dir->files, dir->count, sizeof(*dir->files));
	dir->files[dir->count++] = (struct trust_file){
		.name = mem_print("%s%s%s", trust_parts[scan->part], scan->part != TRUST_TOP ? "/" : "",
				  name),
		.part = scan->part,
	};
}

static bool is_part(const char *name)
{
	for (size_t i = TRUST_TOP + 1; i < TRUST_PARTS; i++)
		if (strcmp(name, trust_parts[i]) == 0)
			return true;
	return false;
}

/* An entry that is none of a file, `path` for people. */
static void passed(struct scan *scan, const char *name, const char *path, mode_t mode)
{
	if (S_ISDIR(mode)) {
		if (scan->part != TRUST_TOP || !is_part(name))
			store_note_file(scan->into, NOTE_WARN, path, NOTE_NOWHERE,
					"a directory that p11-kit passes over: nothing below it counts");
		return;
	}
	scan->dir->odd = true;
	store_note_file(scan->into, NOTE_WARN, path, NOTE_NOWHERE,
			"no regular file, and not read: p11-kit itself would wait for it");
}

static void scan_entry(struct scan *scan, const char *name)
{
	char *path = listing_path(scan->folder, name);
	int fd = root_open_at(scan->dir->root, path, O_PATH);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		store_note_file(scan->into, errno == ENOENT ? NOTE_WARN : NOTE_ERROR, path, NOTE_NOWHERE,
				errno == ENOENT ? "a link to nothing" : "%s", strerror(errno));
	else if (S_ISREG(st.st_mode))
		add_file(scan, name);
	else
		passed(scan, name, path, st.st_mode);
	if (fd >= 0)
		close(fd);
	free(path);
}

static bool scan_part(struct scan *scan, struct err *err)
{
	struct listing listing;
	bool ok = listing_read(scan->dir->root, scan->folder, &listing, err);

	for (size_t i = 0; ok && i < listing.count; i++)
		scan_entry(scan, listing.names[i]);
	if (ok)
		listing_done(&listing);
	return ok;
}

static int by_name(const void *a, const void *b)
{
	const struct trust_file *x = a, *y = b;

	return strcmp(x->name, y->name);
}

bool trustdir_scan(const struct root *root, const char *path, struct store *into, struct trustdir *ret,
		   struct err *err)
{
	struct err part = { 0 };

	*ret = (struct trustdir){ .root = root, .path = path };
	for (size_t i = TRUST_TOP; i < TRUST_PARTS; i++) {
		struct scan scan = { .dir = ret, .into = into, .part = (enum trust_part)i };
		bool ok;

		scan.folder =
			i == TRUST_TOP ? mem_string(path, strlen(path)) : listing_path(path, trust_parts[i]);
		ok = scan_part(&scan, &part);
		free(scan.folder);
		if (ok)
			continue;
		if (i == TRUST_TOP) {
			*err = part;
			return false;
		}
		if (part.code == ERR_ABSENT) /* or a file of that name, which is one of the top's */
			continue;
		store_note_file(into, NOTE_ERROR, path, NOTE_NOWHERE, "%s/: %s", trust_parts[i], part.text);
	}
	if (ret->count > 1)
		qsort(ret->files, ret->count, sizeof(*ret->files), by_name);
	return true;
}

void trustdir_alone(const struct root *root, const char *path, struct trustdir *ret)
{
	*ret = (struct trustdir){ .root = root, .path = path, .alone = true, .count = 1 };
	ret->files = mem_zero(sizeof(*ret->files));
	ret->files[0].name = mem_string("", 0);
}

void trustdir_done(struct trustdir *dir)
{
	for (size_t i = 0; i < dir->count; i++) {
		free(dir->files[i].name);
		free(dir->files[i].why);
	}
	free(dir->files);
	*dir = (struct trustdir){ 0 };
}

char *trustdir_file(const struct trustdir *dir, const struct trust_file *file)
{
	return dir->alone ? mem_string(dir->path, strlen(dir->path)) : listing_path(dir->path, file->name);
}

void trustdir_tell(struct trustdir *dir, struct bytes rest, bool certificate)
{
	char *name;
	struct trust_file *file;

	while (rest.len > 0 && rest.at[0] == '/')
		rest = bytes_skip(rest, 1);
	name = mem_string((const char *)rest.at, rest.len);
	file = dir->count == 0 ? NULL
			       : bsearch(&(struct trust_file){ .name = name }, dir->files, dir->count,
					 sizeof(*dir->files), by_name);
	if (file != NULL) {
		file->told = true;
		file->certificates += certificate;
	}
	free(name);
}

static const char *base_of(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash != NULL ? slash + 1 : name;
}

/* ":", and since p11-kit 0.25 the number of the line and another: what is behind them; else nothing. */
static struct bytes behind_place(struct bytes text, struct bytes *line)
{
	size_t digits = 0;

	*line = (struct bytes){ NULL, 0 };
	if (!bytes_start(text, bytes_of(":")))
		return *line;
	text = bytes_skip(text, 1);
	while (digits < text.len && text.at[digits] >= '0' && text.at[digits] <= '9')
		digits++;
	if (digits > 0 && digits < text.len && text.at[digits] == ':') {
		*line = (struct bytes){ text.at, digits };
		text = bytes_skip(text, digits + 1);
	}
	return bytes_start(text, bytes_of(" ")) ? bytes_skip(text, 1) : (struct bytes){ NULL, 0 };
}

/* "p11-kit: BASENAME: REASON", "p11-kit: BASENAME:LINE: REASON" */
bool trustdir_hear(struct trustdir *dir, struct bytes line)
{
	struct bytes who = bytes_of("p11-kit: ");
	bool heard = false;

	if (!bytes_start(line, who))
		return false;
	line = bytes_skip(line, who.len);
	for (size_t i = 0; i < dir->count; i++) {
		struct trust_file *file = &dir->files[i];
		struct bytes name = bytes_of(base_of(file->name)), number,
			     why = behind_place(bytes_skip(line, name.len), &number);

		if (!bytes_start(line, name) || why.at == NULL)
			continue;
		heard = true;
		if (file->why == NULL)
			file->why = mem_print("%s%.*s%s%.*s", number.len > 0 ? "line " : "", (int)number.len,
					      (const char *)number.at, number.len > 0 ? ": " : "",
					      (int)why.len, (const char *)why.at);
	}
	return heard;
}

static bool is_readme(const struct trust_file *file)
{
	size_t len = strlen("README");

	return file->part == TRUST_TOP && strncmp(file->name, "README", len) == 0 &&
	       (file->name[len] == '\0' || file->name[len] == '.');
}

/* What is at stake where something is passed over. */
static const char *loss_of(const struct trust_file *file, struct bytes content)
{
	static const char word[] = "x-distrusted";

	if (file->part == TRUST_BLOCKLIST || file->part == TRUST_BLACKLIST)
		return ": what it is to forbid is NOT forbidden";
	if (content.len > 0 && memmem(content.at, content.len, word, strlen(word)) != NULL)
		return ": if it is to forbid something, that is NOT forbidden";
	return "";
}

static void report_unread(const struct trustdir *dir, const struct trust_file *file, const char *path,
			  struct bytes content, struct store *into)
{
	bool empty = content.len == 0;
	enum note_level level = is_readme(file) ? NOTE_INFO : dir->alone && !empty ? NOTE_ERROR : NOTE_WARN;

	store_note_file(into, level, path, NOTE_NOWHERE, "p11-kit makes nothing of this file%s%s%s%s",
			loss_of(file, content), empty ? " (it is empty)" : "",
			file->why != NULL ? "; it says: " : "", file->why != NULL ? file->why : "");
}

static bool is_certificate(const struct armor *block)
{
	return bytes_equal(block->type, bytes_of("CERTIFICATE")) ||
	       bytes_equal(block->type, bytes_of("TRUSTED CERTIFICATE")) ||
	       bytes_equal(block->type, bytes_of("X509 CERTIFICATE"));
}

static int by_der(const void *a, const void *b)
{
	const struct bytes *x = a, *y = b;

	if (x->len != y->len)
		return x->len < y->len ? -1 : 1;
	return x->len > 0 ? memcmp(x->at, y->at, x->len) : 0;
}

/* The certificates that a file made, sorted; free() them. */
static struct bytes *made_by(const char *path, const struct store *store, size_t *ret_count)
{
	struct bytes *ret = mem_zero((store->count + 1) * sizeof(*ret));
	size_t n = 0;

	for (size_t i = 0; i < store->count; i++)
		if (store->anchors[i].origin.file != NULL && store->anchors[i].cert.der.len > 0 &&
		    strcmp(store->anchors[i].origin.file, path) == 0)
			ret[n++] = store->anchors[i].cert.der;
	if (n > 1)
		qsort(ret, n, sizeof(*ret), by_der);
	*ret_count = n;
	return ret;
}

static void report_block(const char *loss, const char *path, const struct armor *block, struct store *into)
{
	size_t count = into->note_count;

	store_note_file(into, NOTE_WARN, path, block->at,
			"p11-kit makes nothing of the certificate that begins here%s", loss);
	if (into->note_count > count)
		into->notes[count].line = block->line;
}

/* There are more certificates in the file than it made: which? */
static void report_blocks(const struct trust_file *file, const char *path, struct bytes content,
			  struct store *into)
{
	struct armor_at at = { .line = 1 };
	struct armor block;
	struct buf der = { 0 };
	size_t count, where;
	struct bytes *made = made_by(path, into, &count);

	while (armor_next(content, &at, &block)) {
		struct bytes first = { NULL, 0 };

		if (!is_certificate(&block))
			continue;
		der.len = 0;
		if (armor_decode(&block, &der, &where)) {
			size_t size = der_size(buf_view(&der)); /* OpenSSL's trust stands behind it */

			first = (struct bytes){ der.at, size < der.len ? size : der.len };
		}
		if (first.len == 0 || bsearch(&first, made, count, sizeof(*made), by_der) == NULL)
			report_block(loss_of(file, content), path, &block, into);
	}
	buf_done(&der);
	free(made);
}

static size_t count_blocks(struct bytes content)
{
	struct armor_at at = { .line = 1 };
	struct armor block;
	size_t n = 0;

	while (armor_next(content, &at, &block))
		n += is_certificate(&block);
	return n;
}

static void report_file(const struct trustdir *dir, const struct trust_file *file, struct store *into)
{
	char *path = trustdir_file(dir, file);
	struct buf all = { 0 };
	struct err err = { 0 };

	if (!root_read(dir->root, path, &all, &err))
		store_note_file(into, NOTE_ERROR, path, NOTE_NOWHERE, "%s", err.text);
	else if (!file->told)
		report_unread(dir, file, path, buf_view(&all), into);
	else if (file->why != NULL)
		store_note_file(into, NOTE_WARN, path, NOTE_NOWHERE, "p11-kit says: %s", file->why);
	if (file->certificates > 0 && count_blocks(buf_view(&all)) > file->certificates)
		report_blocks(file, path, buf_view(&all), into);
	buf_done(&all);
	free(path);
}

/* p11-kit up to 0.23 reads this folder and not blocklist/: only what it did tells. */
static bool report_old(const struct trustdir *dir, struct store *into)
{
	size_t files = 0;

	for (size_t i = 0; i < dir->count; i++) {
		if (dir->files[i].part != TRUST_BLACKLIST)
			continue;
		if (dir->files[i].told)
			return false;
		files++;
	}
	if (files > 0) {
		char *path = listing_path(dir->path, trust_parts[TRUST_BLACKLIST]);

		store_note_file(
			into, NOTE_WARN, path, NOTE_NOWHERE,
			"p11-kit reads '%s' and no longer '%s': what %zu file%s in it %s to forbid is "
			"NOT forbidden; move %s",
			trust_parts[TRUST_BLOCKLIST], trust_parts[TRUST_BLACKLIST], files,
			files > 1 ? "s" : "", files > 1 ? "are" : "is", files > 1 ? "them" : "it");
		free(path);
	}
	return true;
}

void trustdir_report(const struct trustdir *dir, struct store *into)
{
	bool old = report_old(dir, into);

	for (size_t i = 0; i < dir->count; i++)
		if (!dir->files[i].blamed && (!old || dir->files[i].part != TRUST_BLACKLIST))
			report_file(dir, &dir->files[i], into);
}

/* Its parts, and the files in them. What cannot be read is left out. */
static bool copy_into(const struct trustdir *dir, size_t first, size_t count, const struct scratch *to,
		      struct err *err)
{
	struct buf content = { 0 };
	size_t total = 0;
	bool ok = true;

	for (size_t i = TRUST_TOP + 1; ok && i < TRUST_PARTS; i++)
		ok = mkdirat(to->fd, trust_parts[i], 0700) == 0 ||
		     err_set(err, ERR_SYSTEM, "'%s/%s': %s", to->path, trust_parts[i], strerror(errno));
	for (size_t i = first; ok && i < first + count; i++) {
		char *path = trustdir_file(dir, &dir->files[i]);
		struct err why;

		content.len = 0;
		if (root_read(dir->root, path, &content, &why)) {
			total += content.len;
			if (total > LIMIT_TOKEN_TOTAL)
				ok = err_set(err, ERR_LIMIT, "more than %zu MiB of files, which is the limit",
					     LIMIT_TOKEN_TOTAL >> 20);
			else if (!fd_write_new(to->fd, dir->files[i].name, buf_view(&content)))
				ok = err_set(err, ERR_SYSTEM, "a copy of '%s' cannot be written: %s", path,
					     strerror(errno));
		}
		free(path);
	}
	buf_done(&content);
	return ok;
}

bool trustdir_copy(const struct trustdir *dir, size_t first, size_t count, struct scratch *ret,
		   struct err *err)
{
	bool ok = false;

	*ret = (struct scratch){ .fd = -1 };
	for (unsigned place = 0; !ok && place < SCRATCH_PLACES && scratch_make_from(&place, ret, err);) {
		ok = copy_into(dir, first, count, ret, err);
		if (!ok)
			scratch_done(ret);
	}
	return ok;
}
