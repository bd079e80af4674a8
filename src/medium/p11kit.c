/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/p11kit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/root.h"
#include "medium/medium.h"
#include "medium/token.h"
#include "medium/wire.h"
#include "model/place.h"
#include "model/store.h"

bool trust_path_scan(struct trust_path *path, struct store *into, struct err *err)
{
	struct stat st;
	int fd = root_open_at(path->root, path->path, O_PATH);
	bool ok = false;

	if (fd < 0 || fstat(fd, &st) != 0) {
		err_set(err, errno == ENOENT || errno == ENOTDIR ? ERR_ABSENT : ERR_SYSTEM, "%s",
			strerror(errno));
		goto out;
	}
	path->directory = S_ISDIR(st.st_mode);
	ok = true;
	if (path->directory)
		ok = trustdir_scan(path->root, path->path, into, &path->files, err);
	else if (S_ISREG(st.st_mode)) /* a pipe cannot be looked at twice */
		trustdir_alone(path->root, path->path, &path->files);
out:
	if (fd >= 0)
		close(fd);
	return ok;
}

void trust_path_done(struct trust_path *path)
{
	if (path->fd >= 0 && path->copies.path == NULL)
		close(path->fd);
	scratch_done(&path->copies);
	trustdir_done(&path->files);
	buf_done(&path->records);
	path->fd = -1;
}

/* What comes out of a pipe, as a file without a name. */
static int memory_of(int pipe, struct err *err)
{
	struct buf all = { 0 };
	int fd = -1;

	if (!root_await(pipe, err) || !root_read_fd(pipe, &all, err))
		goto out;
	fd = memfd_create("anchorage", MFD_CLOEXEC);
	if (fd >= 0 && fd_write(fd, buf_view(&all)))
		goto out;
	err_set(err, ERR_SYSTEM, "%s", strerror(errno));
	if (fd >= 0)
		close(fd);
	fd = -1;
out:
	buf_done(&all);
	return fd;
}

/* A file's descriptor for the module: it opens it again by /proc, inside no root but this very file. */
static bool open_file(struct trust_path *path, struct err *err)
{
	int fd = fd_above(root_open_at(path->root, path->path, O_RDONLY));
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		err_set(err, ERR_SYSTEM, "%s", strerror(errno));
	} else if (S_ISREG(st.st_mode) || path->directory) {
		path->fd = fd;
		return true;
	} else if (S_ISFIFO(st.st_mode) && root_is_host(path->root)) {
		path->fd = memory_of(fd, err);
	} else {
		err_set(err, ERR_UNSUPPORTED, "neither a regular file nor a directory");
	}
	if (fd >= 0)
		close(fd);
	return path->fd >= 0;
}

static bool open_path(struct trust_path *path, struct store *into, struct err *err)
{
	if (!trust_path_scan(path, into, err))
		return false;
	if (!path->directory || (root_is_host(path->root) && !path->files.odd))
		return open_file(path, err);
	if (!trustdir_copy(&path->files, 0, path->files.count, &path->copies, err))
		return false;
	path->fd = path->copies.fd;
	return true;
}

/* Looking for the file that kills the module. */
struct search {
	struct trust_path *path;
	struct store *into;
	int silence_ms;
	unsigned runs, faults;
	int64_t until;
	struct err stop; /* set: not all was searched */
};

static void blame(struct search *s, struct trust_file *file, const char *death)
{
	char *path = trustdir_file(&s->path->files, file);

	store_note_file(
		s->into, NOTE_ERROR, path, NOTE_NOWHERE,
		"p11-kit's trust module %s; this file is not read, and every program that uses p11-kit "
		"may fail in the same way: repair it or take it away",
		death);
	file->blamed = true;
	s->faults++;
	free(path);
}

/* Asks about some of the files. How it died is the caller's to free; NULL: all of them were read. */
static char *try_files(struct search *s, size_t first, size_t count)
{
	struct token_answer answer = { 0 };
	struct token_question question = { .from = TOKEN_PATHS, .fd_count = 1, .silence_ms = s->silence_ms };
	struct scratch copies;
	char *death = NULL;

	if (!trustdir_copy(&s->path->files, first, count, &copies, &s->stop))
		return NULL;
	question.fds = &copies.fd;
	if (token_ask_once(&question, &answer, &s->stop)) {
		char **found = answer.death != NULL ? &answer.death
			       : answer.count > 0   ? &answer.slots[0].death
						    : &death;

		death = *found;
		*found = NULL;
	}
	if (death == NULL && answer.count > 0) {
		buf_bytes(&s->path->records, buf_view(&answer.slots[0].records));
		trust_paths_hear(s->path, 1, buf_view(&answer.said), s->into);
	}
	token_answer_done(&answer);
	scratch_done(&copies);
	return death;
}

struct range {
	size_t first, count;
};

/* Halves what kills the module until single files are left; what does not is read on the way. */
static void search(struct search *s, struct range all)
{
	enum { DEPTH = 64 }; /* halvings of anything that can be counted */
	struct range todo[DEPTH] = { all };
	size_t waiting = 1;

	while (waiting > 0 && s->stop.code == ERR_NONE) {
		struct range now = todo[--waiting];
		size_t half = now.count / 2;
		char *death = NULL;

		if (s->runs++ >= LIMIT_TOKEN_RUNS)
			err_set(&s->stop, ERR_LIMIT, "%d helpers were started", LIMIT_TOKEN_RUNS);
		else if (helper_now() > s->until)
			err_set(&s->stop, ERR_LIMIT, "it took %d seconds", LIMIT_TOKEN_ALL_MS / 1000);
		else if (now.count > 0)
			death = try_files(s, now.first, now.count);
		if (death != NULL && now.count == 1) {
			blame(s, &s->path->files.files[now.first], death);
		} else if (death != NULL) {
			todo[waiting++] = (struct range){ now.first + half, now.count - half };
			todo[waiting++] = (struct range){ now.first, half };
		}
		free(death);
	}
}

bool trust_path_recover(struct trust_path *path, const struct token_slot *dead, struct store *into,
			struct err *err)
{
	struct search s = {
		.path = path,
		.into = into,
		.silence_ms = dead->silent ? token_tuning.retry_ms : token_tuning.silence_ms,
		.until = helper_now() + LIMIT_TOKEN_ALL_MS,
	};
	size_t count = path->files.count;

	if (!path->directory)
		return err_set(err, ERR_DAMAGED, "p11-kit's trust module %s; the file is not read",
			       dead->death);
	if (count == 0)
		return err_set(err, ERR_DAMAGED, "p11-kit's trust module %s, and there is no file to blame",
			       dead->death);
	/* It died of all of them already. */
	if (count > 1)
		search(&s, (struct range){ 0, count / 2 });
	search(&s, (struct range){ count > 1 ? count / 2 : 0, count > 1 ? count - count / 2 : count });
	if (s.stop.code != ERR_NONE)
		store_note_file(
			into, NOTE_ERROR, path->path, NOTE_NOWHERE,
			"p11-kit's trust module %s, and the search for the cause ended early: %s; not all "
			"is read",
			dead->death, s.stop.text);
	else if (s.faults == 0)
		store_note_file(
			into, NOTE_WARN, path->path, NOTE_NOWHERE,
			"p11-kit's trust module %s with all files at once, and with none of them alone; "
			"all are read",
			dead->death);
	return true;
}

void trust_paths_hear(struct trust_path *paths, size_t count, struct bytes said, struct store *into)
{
	unsigned lines = 0;

	while (said.len > 0) {
		const uint8_t *end = memchr(said.at, '\n', said.len);
		struct bytes line = { said.at, end != NULL ? (size_t)(end - said.at) : said.len };
		/* A path by descriptor is about what the scan has seen itself: a dangling link. */
		bool heard = line.len == 0 || memmem(line.at, line.len, "/proc/self/fd/", 14) != NULL;

		for (size_t i = 0; i < count; i++)
			heard |= trustdir_hear(&paths[i].files, line);
		if (!heard && lines++ < LIMIT_TOKEN_LINES)
			store_note(into, NOTE_WARN, NOTE_NOWHERE, "a PKCS#11 module says: %.*s",
				   (int)line.len, (const char *)line.at);
		said = bytes_skip(said, line.len + 1);
	}
	if (lines > LIMIT_TOKEN_LINES)
		store_note(into, NOTE_WARN, NOTE_NOWHERE, "a PKCS#11 module says %u lines more",
			   lines - LIMIT_TOKEN_LINES);
}

void trust_path_store(struct trust_path *path, struct store *into)
{
	struct token_said said = {
		.records = buf_view(&path->records),
		.place = path->path,
		.uri = path->uri,
		.query = "",
	};
	struct wire wire;

	token_store(&said, into);
	for (size_t at = 0; wire_next(said.records, &at, &wire) == WIRE_GOT;)
		if (wire_has(&wire, WIRE_REST))
			trustdir_tell(&path->files, wire.field[WIRE_REST],
				      wire.type == WIRE_CERTIFICATE && wire_has(&wire, WIRE_VALUE));
	trustdir_report(&path->files, into);
}

static const struct token_slot *slot_of(const struct token_answer *answer, int fd)
{
	const struct token_slot *found = NULL;
	char *name = mem_print("/proc/self/fd/%d", fd);

	for (size_t i = 0; found == NULL && i < answer->count; i++)
		if (strcmp(answer->slots[i].description, name) == 0)
			found = &answer->slots[i];
	free(name);
	return found;
}

/* What the answer says of one path. False: nothing. */
static bool take_path(struct trust_path *path, const struct token_answer *answer, struct store *into,
		      struct err *err)
{
	const struct token_slot *slot = slot_of(answer, path->fd);

	if (slot == NULL)
		return err_set(err, ERR_DAMAGED, "%s",
			       answer->death != NULL ? answer->death
						     : "p11-kit's trust module does not show it");
	if (slot->death != NULL && !trust_path_recover(path, slot, into, err))
		return false;
	if (slot->death == NULL)
		buf_bytes(&path->records, buf_view(&slot->records));
	trust_path_store(path, into);
	return true;
}

static bool ask_paths(struct trust_path *paths, size_t count, struct token_answer *ret, struct err *err)
{
	int *fds = mem_zero(count * sizeof(*fds));
	struct token_question question = {
		.from = TOKEN_PATHS,
		.fds = fds,
		.silence_ms = token_tuning.silence_ms,
	};
	bool ok;

	for (size_t i = 0; i < count; i++)
		if (paths[i].fd >= 0)
			fds[question.fd_count++] = paths[i].fd;
	ok = token_ask(&question, ret, err);
	free(fds);
	return ok;
}

static bool p11kit_read(const struct place *place, const struct root *root, struct store *into,
			struct err *err)
{
	struct trust_path *paths = mem_zero(place->path_count * sizeof(*paths));
	struct token_answer answer = { 0 };
	size_t count = place->path_count, opened = 0, read = 0;

	if (into->how == NULL)
		into->how = "p11-kit's trust module";
	err_set(err, ERR_USAGE, "there is no path to read");
	for (size_t i = 0; i < count; i++) {
		paths[i] = (struct trust_path){ .root = root, .path = place->paths[i], .fd = -1 };
		if (open_path(&paths[i], into, err))
			opened++;
		else if (count > 1)
			store_note_file(into, NOTE_ERROR, paths[i].path, NOTE_NOWHERE, "%s", err->text);
	}
	if (opened == 0 || !ask_paths(paths, count, &answer, err))
		goto out;
	trust_paths_hear(paths, count, buf_view(&answer.said), into);
	for (size_t i = 0; i < count; i++) {
		if (paths[i].fd < 0)
			continue;
		if (take_path(&paths[i], &answer, into, err))
			read++;
		else if (count > 1)
			store_note_file(into, NOTE_ERROR, paths[i].path, NOTE_NOWHERE, "%s", err->text);
	}
out:
	for (size_t i = 0; i < count; i++)
		trust_path_done(&paths[i]);
	free(paths);
	token_answer_done(&answer);
	return read > 0;
}

const struct medium medium_p11kit = {
	.kind = { "p11-kit", "p11-kit trust directory or file", CAN_ALL & ~(unsigned)CAN_DISTRUST_AFTER_ANY },
	.no_lines = true,
	.read = p11kit_read,
};
