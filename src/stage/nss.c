/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * NSS databases: cert9.db and key4.db are copied to a private directory, NSS's own
 * softokn changes the copy (medium/nss_write.h), and what comes of it, read once more,
 * becomes the edits. So a change of a database is done with all others, or not at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/mem.h"
#include "base/root.h"
#include "base/text.h"
#include "medium/listing.h"
#include "medium/medium.h"
#include "medium/nss_write.h"
#include "medium/scratch.h"
#include "model/anchor.h"
#include "stage/put.h"
#include "stage/stager.h"

enum part { PART_CERTIFICATES, PART_KEYS, PARTS };
static const char *const parts[PARTS] = { "cert9.db", "key4.db" };

struct database {
	const struct root *root;
	const struct target *target;
	char *path; /* of the directory; owned */
	bool fresh; /* there is none yet */
	struct buf was[PARTS];
	struct scratch copy;
	struct nss_wish *wishes;
	struct nss_result *results;
	size_t *request_of; /* each wish's request */
	size_t count;
};

static bool is_part(const char *name)
{
	return strcmp(name, parts[PART_CERTIFICATES]) == 0 || strcmp(name, parts[PART_KEYS]) == 0 ||
	       strcmp(name, "pkcs11.txt") == 0 || strcmp(name, "cert8.db") == 0;
}

/* The directory, also where one of its files is named, or as NSS's tools name it. */
static bool name_directory(struct database *db, const char *path, struct err *err)
{
	const char *slash;

	if (strncmp(path, "dbm:", 4) == 0)
		return err_set(err, ERR_UNSUPPORTED,
			       "dbm: databases are not written; name it without 'dbm:'");
	path += strncmp(path, "sql:", 4) == 0 ? 4 : 0;
	slash = strrchr(path, '/');
	if (!is_part(slash != NULL ? slash + 1 : path))
		db->path = mem_string(path, strlen(path));
	else if (slash == NULL)
		db->path = mem_string(".", 1);
	else
		db->path = mem_string(path, slash == path ? 1 : (size_t)(slash - path));
	for (size_t len = strlen(db->path); len > 1 && db->path[len - 1] == '/'; len--)
		db->path[len - 1] = '\0';
	return true;
}

/* A journal that was ended is empty, or begins with zeros. */
static bool is_busy(const struct database *db, const char *part)
{
	static const char *const behind[] = { "-journal", "-wal" };
	bool ret = false;

	for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++) {
		char *name = mem_print("%s/%s%s", db->path, part, behind[i]);
		struct err none = { 0 };
		int fd = root_is_file(db->root, name) ? root_open_file(db->root, name, &none) : -1;
		char first = 0;

		ret |= fd >= 0 && read(fd, &first, 1) == 1 && first != 0;
		if (fd >= 0)
			close(fd);
		free(name);
	}
	return ret;
}

static bool read_part(struct database *db, enum part part, struct err *err)
{
	char *path = listing_path(db->path, parts[part]), *link = root_link(db->root, path);
	bool ok = link == NULL ||
		  err_set(err, ERR_UNSUPPORTED, "'%s' is a link to '%s'; name the directory that it leads to",
			  parts[part], link);

	if (ok && is_busy(db, parts[part]))
		ok = err_set(err, ERR_BUSY,
			     "a program is writing to '%s', or died while it wrote; close the browser or "
			     "program that uses it (after a crash, start it once more and close it), and try "
			     "again",
			     parts[part]);
	ok = ok && (root_read(db->root, path, &db->was[part], err) || err_in(err, "'%s'", parts[part]));
	free(link);
	free(path);
	return ok;
}

static bool has(const struct database *db, const char *name)
{
	char *path = listing_path(db->path, name);
	char *link = root_link(db->root, path);
	bool ret = root_has(db->root, path) || link != NULL;

	free(link);
	free(path);
	return ret;
}

static bool read_parts(struct database *db, struct err *err)
{
	static const char old[] =
		"an NSS database of the old kind (cert8.db), which is not written; an NSS that still has "
		"libnssdbm3.so makes a cert9.db of it: certutil -K -X -d sql:DIRECTORY";
	bool certificates = has(db, parts[PART_CERTIFICATES]), keys = has(db, parts[PART_KEYS]);

	if (root_has(db->root, db->path) && !root_is_directory(db->root, db->path))
		return err_set(err, ERR_UNKNOWN, "no directory with an NSS database (cert9.db)");
	db->fresh = !certificates && !keys;
	if (db->fresh)
		return !has(db, "cert8.db") || err_set(err, ERR_UNSUPPORTED, "%s", old);
	if (!certificates || !keys)
		return err_set(
			err, ERR_DAMAGED,
			"there is no '%s' beside '%s', without which NSS opens no database; bring both "
			"back from where they were copied",
			parts[certificates ? PART_KEYS : PART_CERTIFICATES],
			parts[certificates ? PART_CERTIFICATES : PART_KEYS]);
	return read_part(db, PART_CERTIFICATES, err) && read_part(db, PART_KEYS, err);
}

static bool write_copy(const struct database *db, enum part part, struct err *err)
{
	return fd_write_new(db->copy.fd, parts[part], buf_view(&db->was[part])) ||
	       err_set(err, ERR_SYSTEM, "a copy of '%s' cannot be written: %s", parts[part], strerror(errno));
}

static bool copy(struct database *db, struct err *err)
{
	if (!scratch_make(&db->copy, err))
		return false;
	for (enum part i = 0; i < PARTS && !db->fresh; i++)
		if (!write_copy(db, i, err))
			return false;
	return true;
}

/*
 * What NSS's tools take for the name of a token stands before a colon (PK11_FindCertFromNickname()), and what
 * begins with "pkcs11:" for an URI.
 */
static char *nickname_of(const struct target *target, const struct anchor *anchor)
{
	struct buf name = { 0 };
	char *ret;

	if (target->label != NULL)
		buf_text(&name, target->label);
	anchor_name(anchor, &name);
	ret = text_escaped(buf_view(&name));
	for (char *c = ret; *c != '\0'; c++)
		if (*c == ':')
			*c = '-';
	buf_done(&name);
	return ret;
}

/* Trusted for everything is what one says who asks for nothing: to NSS that is a CA of servers. */
static uint16_t purposes_for(const struct anchor *anchor, bool *ret_at_least)
{
	*ret_at_least = anchor->trusted == PURPOSES_ALL;
	return *ret_at_least ? PURPOSE_BIT(PURPOSE_SERVER_AUTH) : anchor->trusted & nss_purposes;
}

static void wish_for(struct database *db, const struct requests *requests, struct staged *staged)
{
	db->wishes = mem_zero((requests->count + 1) * sizeof(*db->wishes));
	db->results = mem_zero((requests->count + 1) * sizeof(*db->results));
	db->request_of = mem_zero((requests->count + 1) * sizeof(*db->request_of));
	for (size_t i = 0; i < requests->count; i++) {
		const struct request *request = &requests->all[i];
		struct nss_wish wish = { .kind = request->kind, .anchor = request->anchor };
		bool adds = request->kind == REQUEST_TRUST || request->kind == REQUEST_DISTRUST;

		wish.trusted = purposes_for(request->anchor, &wish.at_least);
		if (request->kind == REQUEST_TRUST && wish.trusted == 0 &&
		    (request->anchor->distrusted & nss_purposes) == 0) {
			staged_outcome(
				staged, i, OUTCOME_CANNOT,
				"NSS trusts for server-auth, client-auth, email and code-signing only");
			continue;
		}
		if (db->fresh && !adds) {
			staged_outcome(staged, i, OUTCOME_ALREADY, "%s", "");
			continue;
		}
		wish.nickname = nickname_of(db->target, request->anchor);
		db->request_of[db->count] = i;
		db->wishes[db->count++] = wish;
	}
}

static bool tell(const struct database *db, struct staged *staged)
{
	bool changed = false;

	for (size_t i = 0; i < db->count; i++) {
		const struct nss_wish *wish = &db->wishes[i];
		const struct nss_result *result = &db->results[i];
		enum outcome_kind kind = result->did == NSS_ALREADY   ? OUTCOME_ALREADY
					 : result->did == NSS_REFUSED ? OUTCOME_CANNOT
								      : OUTCOME_DONE;
		const char *text = result->did == NSS_REFUSED ? result->text : NULL;

		if (result->did == NSS_KEPT)
			text = "its private key is in the database: the certificate stays there, without "
			       "trust";
		else if (result->did == NSS_DONE && wish->kind == REQUEST_TRUST && wish->at_least)
			text = "for server-auth; other purposes are to be named";
		changed |= result->did == NSS_DONE || result->did == NSS_KEPT;
		staged_outcome(staged, db->request_of[i], kind, "%s", text != NULL ? text : "");
	}
	return changed;
}

static bool put_part(const struct database *db, enum part part, struct edits *edits, struct err *err)
{
	static const struct root host = { .fd = -1 };
	char *from = listing_path(db->copy.path, parts[part]), *to = listing_path(db->path, parts[part]);
	struct buf now = { 0 };
	bool ok = root_read(&host, from, &now, err);

	if (ok && !bytes_equal(buf_view(&now), buf_view(&db->was[part]))) {
		struct edit *edit = edits_add(edits, EDIT_FILE, to);

		edit->content = now;
		now = (struct buf){ 0 };
		edit->mode = 0600;
		edit->database = true;
		edit->store = mem_string(db->target->name, strlen(db->target->name));
		/* What was copied, and not what may stand there by now. */
		edit->was.kind = db->fresh ? WAS_ABSENT : WAS_FILE;
		if (!db->fresh)
			digest_sha256(buf_view(&db->was[part]), edit->was.id);
	}
	buf_done(&now);
	free(from);
	free(to);
	return ok;
}

static bool put(const struct database *db, struct edits *edits, struct err *err)
{
	size_t begun = edits->count;

	if (db->fresh && !put_directory(edits, db->root, db->target->name, db->path, err))
		return false;
	for (size_t i = begun; i < edits->count; i++)
		edits->all[i].mode = 0700;
	return put_part(db, PART_KEYS, edits, err) && put_part(db, PART_CERTIFICATES, edits, err);
}

/* A new database belongs to who makes it: root's, in the home of another, is of no use to that one. */
static void note_owner(const struct database *db, struct staged *staged)
{
	char *above = mem_string(db->path, strlen(db->path)), *slash;
	struct stat st;

	while (!root_is_directory(db->root, above) && (slash = strrchr(above, '/')) != NULL && slash > above)
		*slash = '\0';
	if (root_stat(db->root, above, &st) && st.st_uid != 0 && st.st_uid != geteuid())
		staged_note(staged,
			    "the new database will belong to user %u, and '%s' to user %u: run it as that "
			    "one, or "
			    "then chown -R %u '%s'",
			    (unsigned)geteuid(), above, (unsigned)st.st_uid, (unsigned)st.st_uid, db->path);
	free(above);
}

static void database_done(struct database *db)
{
	nss_results_done(db->results, db->count);
	for (size_t i = 0; i < db->count; i++)
		free((char *)(uintptr_t)db->wishes[i].nickname);
	free(db->wishes);
	free(db->results);
	free(db->request_of);
	for (enum part i = 0; i < PARTS; i++)
		buf_done(&db->was[i]);
	scratch_done(&db->copy);
	free(db->path);
}

static bool change(struct database *db, const struct terms *terms, struct staged *staged, struct err *err)
{
	struct nss_job job = { .password = terms->password };

	if (!copy(db, err))
		return false;
	job.directory = db->copy.fd;
	job.wishes = db->wishes;
	job.count = db->count;
	if (!nss_write(&job, db->results, err))
		return false;
	if (!tell(db, staged))
		return true;
	if (db->fresh)
		note_owner(db, staged);
	return put(db, &staged->edits, err);
}

static bool nss_stage(const struct root *root, const struct target *target, const struct requests *requests,
		      const struct terms *terms, struct staged *ret, struct err *err)
{
	struct database db = { .root = root, .target = target, .copy = { .fd = -1 } };
	struct staged staged = { 0 };
	char *file = NULL;
	bool ok;

	*err = (struct err){ .code = ERR_NONE };
	ok = name_directory(&db, target->path, err) && read_parts(&db, err);
	if (ok) {
		wish_for(&db, requests, &staged);
		file = listing_path(db.path, parts[PART_CERTIFICATES]);
		staged_file(&staged, file, &medium_nss.kind);
		free(file);
	}
	ok = ok && (db.count == 0 || change(&db, terms, &staged, err));
	database_done(&db);
	if (ok)
		*ret = staged;
	else
		staged_done(&staged);
	return ok;
}

const struct stager stager_nss = {
	.name = "nss",
	.brief = "NSS certificate databases",
	.closed = true,
	.stage = nss_stage,
};
