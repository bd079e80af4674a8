/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The certificate database of NSS: a directory with cert9.db (certificates and
 * trust), key4.db (the key that trust is signed with) and pkcs11.txt (modules).
 * NSS's own softokn reads it in the helper process, since only that checks the
 * signatures; the schema is nobody else's business. cert8.db, what NSS before 3.35
 * wrote, is not read.
 *
 * The modules of pkcs11.txt are programs, and are named and not loaded. What NSS
 * adds to every database, Mozilla's list, is the place "mozilla" and not here.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/root.h"
#include "format/modules.h"
#include "medium/listing.h"
#include "medium/medium.h"
#include "medium/nss_write.h"
#include "medium/p11kit.h"
#include "medium/token.h"
#include "model/place.h"
#include "model/store.h"

/* What softokn opens of a directory, by what it is called there. */
enum part { PART_CERTIFICATES, PART_KEYS, PARTS };
static const char *const parts[PARTS] = { "cert9.db", "key4.db" };

struct database {
	const struct root *root;
	const char *path; /* of the directory */
	char *owned;      /* `path` where it is not the user's; or NULL */
	bool has[PARTS];
	bool as_copy;    /* softokn would leave the root, or write */
	bool unfinished; /* a write was begun and not ended */
	struct trustdir files;
	struct scratch copies;
	int fd; /* what softokn is given */
};

static const char old_kind[] = "an NSS database of the old kind (cert8.db), which is not read; an NSS that "
			       "still has libnssdbm3.so makes a "
			       "cert9.db of it: certutil -K -X -d sql:DIRECTORY";

/*
 * Whether SQLite would take a write back before it reads, which it cannot do
 * read-only. The journal of one that was ended is empty, or begins with zeros.
 */
static bool is_unfinished(const struct database *db, const char *path)
{
	char *journal = mem_print("%s-journal", path);
	struct err none = { 0 };
	int fd = root_is_file(db->root, journal) ? root_open_file(db->root, journal, &none) : -1;
	char first = 0;
	bool ret = fd >= 0 && read(fd, &first, 1) == 1 && first != 0;

	if (fd >= 0)
		close(fd);
	free(journal);
	return ret;
}

/*
 * Whether a file is what softokn expects, and whether it may open it itself: a
 * link could lead out of the root, and of a database with a write-ahead log
 * SQLite makes files beside it even to read (https://www.sqlite.org/wal.html).
 */
static bool look_at_part(struct database *db, enum part part, struct err *err)
{
	static const char magic[16] = "SQLite format 3";
	enum { WRITE_VERSION = 18, HEAD };
	char *path = listing_path(db->path, parts[part]), *link = root_link(db->root, path);
	uint8_t head[HEAD + 1] = { 0 };
	ssize_t n = -1;
	int fd = -1;

	db->has[part] = root_has(db->root, path) || link != NULL;
	if (!db->has[part])
		goto out;
	fd = root_is_file(db->root, path) ? root_open_file(db->root, path, err) : -1;
	if (fd < 0 && err->code == ERR_NONE)
		err_set(err, ERR_DAMAGED, "%s", link != NULL ? "a dangling link" : "no regular file");
	else if (fd >= 0 && (n = read(fd, head, sizeof(head))) < 0)
		err_set(err, ERR_SYSTEM, "%s", strerror(errno));
	else if (fd >= 0 && (n < HEAD || memcmp(head, magic, sizeof(magic)) != 0))
		err_set(err, ERR_DAMAGED, n == 0 ? "an empty file" : "no SQLite file");
	db->unfinished |= is_unfinished(db, path);
	db->as_copy |=
		db->unfinished || (link != NULL && !root_is_host(db->root)) || head[WRITE_VERSION] == 2;
out:
	if (fd >= 0)
		close(fd);
	if (err->code != ERR_NONE)
		err_in(err, "'%s'", parts[part]);
	free(link);
	free(path);
	return err->code == ERR_NONE;
}

static bool look(struct database *db, struct err *err)
{
	char *old = listing_path(db->path, "cert8.db");
	bool has_old = root_has(db->root, old), ok = true;

	free(old);
	if (!root_is_directory(db->root, db->path))
		return root_has(db->root, db->path)
			       ? err_set(err, ERR_UNKNOWN, "no directory with an NSS database (cert9.db)")
			       : err_set(err, ERR_ABSENT, "%s", strerror(ENOENT));
	for (unsigned i = 0; ok && i < PARTS; i++)
		ok = look_at_part(db, i, err);
	if (ok && !db->has[PART_CERTIFICATES])
		return err_set(err, has_old ? ERR_UNSUPPORTED : ERR_UNKNOWN, "%s",
			       has_old ? old_kind : "no NSS database (cert9.db) in this directory");
	if (ok && !db->has[PART_KEYS])
		return err_set(
			err, ERR_DAMAGED,
			"there is no key4.db beside cert9.db, without which NSS opens no database; bring "
			"both back from where they were copied");
	return ok;
}

/* The files that make up the database, also what a program left that died while it wrote. */
static bool is_part(const char *name)
{
	static const char *const behind[] = { "", "-journal", "-wal" };

	for (unsigned i = 0; i < PARTS; i++)
		for (size_t k = 0; k < sizeof(behind) / sizeof(behind[0]); k++)
			if (strncmp(name, parts[i], strlen(parts[i])) == 0 &&
			    strcmp(name + strlen(parts[i]), behind[k]) == 0)
				return true;
	return false;
}

static bool open_copy(struct database *db, struct err *err)
{
	struct listing listing;

	if (!listing_read(db->root, db->path, &listing, err))
		return false;
	db->files = (struct trustdir){ .root = db->root, .path = db->path };
	for (size_t i = 0; i < listing.count; i++) {
		if (!is_part(listing.names[i]))
			continue;
		db->files.files = mem_grow(db->files.files, db->files.count, sizeof(*db->files.files));
		db->files.files[db->files.count++] =
			(struct trust_file){ .name = mem_string(listing.names[i], strlen(listing.names[i])) };
	}
	listing_done(&listing);
	if (!trustdir_copy(&db->files, 0, db->files.count, &db->copies, err))
		return false;
	db->fd = db->copies.fd;
	return true;
}

static bool open_database(struct database *db, struct err *err)
{
	if (db->as_copy)
		return open_copy(db, err);
	db->fd = fd_above(root_open_at(db->root, db->path, O_RDONLY | O_DIRECTORY));
	return db->fd >= 0 || err_set(err, ERR_SYSTEM, "%s", strerror(errno));
}

static void close_database(struct database *db)
{
	if (db->fd >= 0 && db->copies.path == NULL)
		close(db->fd);
	scratch_done(&db->copies);
	trustdir_done(&db->files);
	free(db->owned);
}

/* What else programs that use this database trust, or do not. */
static void note_modules(const struct database *db, struct store *into)
{
	char *path = listing_path(db->path, "pkcs11.txt");
	struct buf text = { 0 };
	struct modules_at at = { 0 };
	struct module module;
	struct err err = { 0 };

	if (!root_is_file(db->root, path) || !root_read(db->root, path, &text, &err)) {
		if (err.code != ERR_NONE)
			store_note_file(into, NOTE_WARN, path, NOTE_NOWHERE, "%s", err.text);
		goto out;
	}
	at.text = buf_view(&text);
	while (modules_next(&at, &module)) {
		size_t before = into->note_count;

		if (module.internal)
			continue;
		store_note_file(into, NOTE_WARN, path, NOTE_NOWHERE,
				"programs that use this database load the module '%.*s' (%.*s) with it, "
				"which may trust or forbid more: it is not run, and nothing of it is listed",
				(int)module.name.len, (const char *)module.name.at, (int)module.library.len,
				(const char *)module.library.at);
		if (into->note_count > before)
			into->notes[before].line = module.line;
	}
out:
	buf_done(&text);
	free(path);
}

static bool take(const struct token_answer *answer, const char *place, struct store *into, struct err *err)
{
	struct token_said said = { .place = place, .query = "", .records = buf_view(&answer->notes) };
	size_t read = 0;

	token_store(&said, into);
	trust_paths_hear(NULL, 0, buf_view(&answer->said), into);
	if (answer->death != NULL)
		return err_set(err, ERR_DAMAGED, "%s", answer->death);
	for (size_t i = 0; i < answer->count; i++) {
		const struct token_slot *slot = &answer->slots[i];

		if (slot->death != NULL)
			return err_set(err, ERR_DAMAGED, "NSS's softokn %s while it read the database",
				       slot->death);
		if (!slot->matched)
			continue;
		said.records = buf_view(&slot->records);
		token_store(&said, into);
		read++;
	}
	return read > 0 || err_set(err, ERR_DAMAGED, "NSS's softokn shows no database in it");
}

static bool ask(const struct database *db, const char *place, struct store *into, struct err *err)
{
	struct token_answer answer = { 0 };
	struct token_question question = {
		.from = TOKEN_NSS,
		.module = nss_softokn(err),
		.writable = db->unfinished,
		.fds = &db->fd,
		.fd_count = 1,
		.silence_ms = token_tuning.silence_ms,
	};
	bool ok;

	if (question.module == NULL)
		return false;
	if (db->unfinished)
		store_note_file(
			into, NOTE_WARN, place, NOTE_NOWHERE,
			"a program is writing to it, or died while it wrote: a copy is read, in which "
			"what was not finished is taken back");
	ok = token_ask(&question, &answer, err) && take(&answer, place, into, err);
	token_answer_done(&answer);
	free((char *)(uintptr_t)question.module);
	return ok;
}

/* The directory, also where one of its files was named, or as NSS's tools name it. */
static void name_database(struct database *db, const char *path)
{
	const char *slash;

	db->path = strncmp(path, "sql:", 4) == 0 ? path + 4 : path;
	slash = strrchr(db->path, '/');
	if (!root_is_file(db->root, db->path))
		return;
	if (slash == NULL)
		db->path = ".";
	else
		db->path = db->owned =
			mem_string(db->path, slash == db->path ? 1 : (size_t)(slash - db->path));
}

static bool nss_read(const struct place *place, const struct root *root, struct store *into, struct err *err)
{
	struct database db = { .root = root, .fd = -1, .copies = { .fd = -1 } };
	char *file;
	bool ok;

	*err = (struct err){ .code = ERR_NONE };
	name_database(&db, place->paths[0]);
	file = listing_path(db.path, parts[PART_CERTIFICATES]);
	if (into->how == NULL)
		into->how = "NSS's softokn";
	/* A trust object is looked for by issuer and serial number
	 * (nssTrustDomain_FindTrustForCertificate()). */
	into->apart = true;
	ok = look(&db, err) && open_database(&db, err) &&
	     ask(&db, arena_text(&into->arena, bytes_of(file)), into, err);
	if (ok)
		note_modules(&db, into);
	free(file);
	close_database(&db);
	return ok;
}

const struct medium medium_nss = {
	.kind = { "nss", "NSS certificate database (cert9.db)",
		  CAN_MANY | CAN_LABEL | CAN_PURPOSE | CAN_DISTRUST | CAN_NEUTRAL | CAN_NO_CERTIFICATE },
	.read = nss_read,
};
