/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change/apply.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "change/back.h"
#include "change/database.h"
#include "change/draft.h"
#include "change/journal.h"
#include "change/state.h"
#include "change/tell.h"
#include "medium/helper.h"
#include "model/edit.h"

enum { MODE_FILE = 0644, MODE_DIRECTORY = 0755, SET_GROUP = 02000, TRIES = 5 };

/* A change that is being done; drafts[i] belongs to entry.all[i]. */
struct work {
	struct state *state;
	struct folders folders;
	struct entry entry;
	struct draft *drafts;
	int *locks; /* of databases */
	size_t lock_count;
	struct applied *ret;
};

static char *copy(const char *text)
{
	return text != NULL ? mem_string(text, strlen(text)) : NULL;
}

/* The user, and who became root by a program that says so. */
static char *who(void)
{
	const char *before = getenv("SUDO_USER");
	const struct passwd *user;

	if (before == NULL)
		before = getenv("DOAS_USER");
	if (geteuid() == 0)
		return before != NULL && *before != '\0' ? mem_print("root (%s)", before)
							 : mem_string("root", 4);
	user = getpwuid(geteuid());
	return user != NULL ? copy(user->pw_name) : mem_print("user %u", (unsigned)geteuid());
}

/* --- looking --- */

/* Whoever makes a file in a directory with set-group-ID makes it for that group. */
static void new_owner(const struct draft *draft, struct stand *ret)
{
	struct stat st;

	ret->uid = geteuid();
	ret->gid = getegid();
	if (draft->dir < 0 || fstat(draft->dir, &st) != 0 || (st.st_mode & SET_GROUP) == 0)
		return;
	ret->gid = st.st_gid;
	if (ret->was.kind == WAS_DIRECTORY)
		ret->mode |= SET_GROUP;
}

static enum was_kind leaves(enum edit_kind kind)
{
	return kind == EDIT_FILE        ? WAS_FILE
	       : kind == EDIT_LINK      ? WAS_LINK
	       : kind == EDIT_DIRECTORY ? WAS_DIRECTORY
					: WAS_ABSENT;
}

/* How the path is to stand. */
static void decide(const struct edit *edit, const struct draft *draft, struct touched *touched)
{
	const struct stand *before = &touched->before;
	struct stand *after = &touched->after;

	if (edit->as != NULL) {
		stand_copy(edit->as, after);
		free(after->was.target);
	} else if (edit->kind == EDIT_FILE && before->was.kind == WAS_FILE) {
		stand_copy(before, after);
	}
	after->was = (struct was){ .kind = leaves(edit->kind), .target = copy(edit->target) };
	if (edit->kind == EDIT_FILE) {
		buf_bytes(&after->content, buf_view(&edit->content));
		digest_sha256(buf_view(&edit->content), after->was.id);
	}
	if (edit->as != NULL || (edit->kind == EDIT_FILE && before->was.kind == WAS_FILE))
		return;
	after->mode = edit->mode != 0                ? edit->mode
		      : edit->kind == EDIT_DIRECTORY ? MODE_DIRECTORY
						     : MODE_FILE;
	new_owner(draft, after);
}

static bool holds_already(const struct touched *touched)
{
	const struct stand *a = &touched->before, *b = &touched->after;

	if (!was_same(&a->was, &b->was))
		return false;
	return a->was.kind != WAS_FILE || (a->mode == b->mode && a->uid == b->uid && a->gid == b->gid);
}

static bool check_kind(const struct edit *edit, const struct was *now, struct err *err)
{
	bool directory = now->kind == WAS_DIRECTORY;

	if (edit->kind == EDIT_DIRECTORY)
		return directory || now->kind == WAS_ABSENT ||
		       err_set(err, ERR_UNSUPPORTED, "'%s' is no directory", edit->path);
	return !directory || (edit->kind == EDIT_REMOVE && edit->was.kind == WAS_DIRECTORY) ||
	       err_set(err, ERR_UNSUPPORTED, "'%s' is a directory; it is not replaced", edit->path);
}

static bool lock_database(struct work *w, const struct draft *draft, struct err *err)
{
	int fd = database_lock(draft->dir, draft->name, draft->touched->path, err);

	if (fd < 0)
		return false;
	w->locks = mem_grow(w->locks, w->lock_count, sizeof(*w->locks));
	w->locks[w->lock_count++] = fd;
	return true;
}

/* What stands there now, into the entry, and what is to stand there. */
static bool look(struct work *w, const struct edit *edit, struct touched *touched, struct err *err)
{
	struct draft draft;
	const struct was *now = &touched->before.was;

	if (edit->path[0] != '/')
		return err_set(err, ERR_USAGE, "'%s' is no absolute path", edit->path);
	if (!draft_begin(&w->folders, 0, 0, touched, &draft, err))
		return false;
	touched->before.was.kind = WAS_ABSENT;
	if (draft.dir >= 0 && !stand_read(draft.dir, draft.name, true, &touched->before, &draft.which, err))
		return err_in(err, "%s", edit->path);
	if (!check_kind(edit, now, err))
		return false;
	if (edit->was.kind != WAS_UNKNOWN && edit->kind != EDIT_DIRECTORY &&
	    edit->was.kind != WAS_DIRECTORY && !was_same(now, &edit->was))
		texts_add_new(&w->ret->stale, edit->path);
	decide(edit, &draft, touched);
	if (edit->database && now->kind == WAS_FILE && !lock_database(w, &draft, err))
		return false;
	w->drafts[w->entry.count] = draft;
	return true;
}

/* Two stores may share a file or directory: they must want the same. */
static bool is_again(const struct edits *edits, size_t index, struct err *err, bool *ret_bad)
{
	const struct edit *edit = &edits->all[index];

	for (size_t i = 0; i < index; i++) {
		const struct edit *other = &edits->all[i];

		if (other->kind == EDIT_RUN || strcmp(other->path, edit->path) != 0)
			continue;
		*ret_bad = other->kind != edit->kind ||
			   !bytes_equal(buf_view(&other->content), buf_view(&edit->content)) ||
			   (edit->kind == EDIT_LINK && strcmp(other->target, edit->target) != 0);
		if (*ret_bad)
			err_set(err, ERR_UNSUPPORTED,
				"two stores want '%s' to be different things; change one of them at a time",
				edit->path);
		return true;
	}
	return false;
}

static void add_program(struct work *w, const struct edit *edit)
{
	struct touched *touched = &w->entry.all[w->entry.count++];

	*touched = (struct touched){ .kind = EDIT_RUN, .path = copy(edit->path), .store = copy(edit->store) };
	buf_bytes(&touched->input, buf_view(&edit->content));
	buf_bytes(&touched->undo, buf_view(&edit->undo));
}

static bool look_all(struct work *w, const struct edits *edits, size_t *ret_changes, struct err *err)
{
	bool ok = true, bad = false;

	for (size_t i = 0; ok && !bad && i < edits->count; i++) {
		const struct edit *edit = &edits->all[i];
		struct touched *touched = &w->entry.all[w->entry.count];

		if (edit->kind == EDIT_RUN) {
			add_program(w, edit);
			continue;
		}
		if (is_again(edits, i, err, &bad))
			continue;
		*touched = (struct touched){ .kind = edit->kind,
					     .path = copy(edit->path),
					     .store = copy(edit->store),
					     .database = edit->database };
		ok = look(w, edit, touched, err);
		w->entry.count++;
		if (ok && holds_already(touched)) {
			struct entry dropped = { .all = mem_copy(touched, sizeof(*touched)), .count = 1 };

			entry_done(&dropped);
			w->entry.count--;
		} else {
			(*ret_changes)++;
		}
	}
	if (!ok || bad)
		return false;
	return w->ret->stale.count == 0 ||
	       err_set(err, ERR_CHANGED, "'%s'%s changed by another meanwhile; nothing was done: try again",
		       w->ret->stale.all[0], w->ret->stale.count > 1 ? " and others were" : " was");
}

/* --- doing --- */

static bool sync_file_systems(const struct work *w, struct err *err)
{
	uint64_t done = 0;

	for (size_t i = 0; i < w->folders.count; i++) {
		struct stat st;

		if (fstat(w->folders.all[i].fd, &st) != 0 || (i > 0 && st.st_dev == done))
			continue;
		done = st.st_dev;
		if (syncfs(w->folders.all[i].fd) != 0)
			return write_failed(err, "sync the file system of", w->folders.all[i].path);
	}
	return true;
}

static bool make_all(struct work *w, const bool *exact, struct err *err)
{
	size_t files = 0;

	for (size_t i = 0; i < w->entry.count; i++)
		files += w->entry.all[i].kind == EDIT_FILE;
	for (size_t i = 0; i < w->entry.count; i++) {
		struct touched *touched = &w->entry.all[i];
		struct which which = w->drafts[i].which;

		if (touched->kind == EDIT_RUN)
			continue;
		/* Again: its directory may have been made just now; and the entry has its id. */
		if (!draft_begin(&w->folders, w->entry.id, i, touched, &w->drafts[i], err))
			return false;
		if (w->drafts[i].dir < 0)
			return err_set(err, ERR_ABSENT, "the directory of '%s' is not there", touched->path);
		w->drafts[i].which = which;
		if (!draft_make(&w->drafts[i], exact[i], files <= WRITE_FEW, err))
			return false;
	}
	return files <= WRITE_FEW || sync_file_systems(w, err);
}

static bool exchange_all(struct work *w, struct err *err)
{
	for (size_t i = 0; i < w->entry.count; i++)
		if (w->entry.all[i].kind != EDIT_RUN && !draft_exchange(&w->drafts[i], err))
			return false;
	for (size_t i = 0; i < w->entry.count; i++)
		if (w->entry.all[i].kind != EDIT_RUN && !draft_end(&w->drafts[i], err))
			return false;
	return folders_sync(&w->folders, err);
}

/* What is said of a failure that could not be taken back stands in front: it matters more. */
static void take_back(struct work *w, struct err *err)
{
	struct texts left = { 0 };
	struct err second;
	bool ok = false;

	/* Again where others change the same names at this moment: it looks at what is there each time. */
	for (int i = 0; i < TRIES && !ok; i++) {
		texts_done(&left);
		left = (struct texts){ 0 };
		ok = back_all(w->state->root, &w->entry, &left, &second);
	}
	if (ok && journal_drop(w->state, w->entry.id, &second)) {
		w->ret->id = 0;
	} else {
		struct err first = *err;

		err_set(err, ERR_SYSTEM,
			"entry %u of the history is half done, and the next change will take it back: %.400s "
			"(it was begun, and failed: %.400s)",
			w->entry.id, second.text, first.text);
	}
	for (size_t i = 0; i < left.count; i++)
		texts_take(
			&w->ret->said,
			mem_print("'%s' was changed by another meanwhile, and left as it is", left.all[i]));
	texts_done(&left);
}

static bool perform(struct work *w, const bool *exact, struct err *err)
{
	if (!journal_prepare(w->state, &w->entry, err))
		return false;
	w->ret->id = w->entry.id;
	if (make_all(w, exact, err) && exchange_all(w, err) &&
	    journal_finish(w->state, &w->entry,
			   tell_any(w->state->root, &w->entry) ? ENTRY_UNTOLD : ENTRY_DONE, err))
		return true;
	take_back(w, err);
	return false;
}

/* The entry is done only then: whoever comes after a death tells them. */
static void tell_programs(struct work *w)
{
	struct err err;

	w->ret->program_failed = !tell_all(w->state->root, &w->entry, &w->ret->said);
	if (w->entry.state == ENTRY_UNTOLD && !journal_finish(w->state, &w->entry, ENTRY_DONE, &err))
		texts_take(&w->ret->said,
			   mem_print("%s; the programs will be told again by the next change", err.text));
}

/* Whether an edit asks for the times too, by the entry's rows: these are fewer. */
static bool *exact_of(const struct work *w, const struct edits *edits)
{
	bool *exact = mem_zero(w->entry.count + 1);

	for (size_t i = 0; i < w->entry.count; i++) {
		const struct edit *edit = edits_find(edits, w->entry.all[i].path);

		exact[i] = edit != NULL && edit->as != NULL;
	}
	return exact;
}

bool apply_edits(struct state *state, const struct change *change, const struct edits *edits,
		 struct applied *ret, struct err *err)
{
	struct work w = { .state = state, .folders = { .root = state->root }, .ret = ret };
	size_t changes = 0;
	bool *exact = NULL;
	bool ok;

	*ret = (struct applied){ 0 };
	w.entry = (struct entry){ .command = copy(change->command),
				  .summary = copy(change->summary),
				  .who = who(),
				  .at = change->at,
				  .undoes = change->undoes,
				  .all = mem_zero((edits->count + 1) * sizeof(*w.entry.all)) };
	w.drafts = mem_zero((edits->count + 1) * sizeof(*w.drafts));
	helper_hold();
	ok = look_all(&w, edits, &changes, err);
	if (ok && changes > 0) {
		exact = exact_of(&w, edits);
		ok = perform(&w, exact, err);
		if (ok)
			tell_programs(&w);
	}
	for (size_t i = 0; i < w.lock_count; i++)
		close(w.locks[i]);
	free(w.locks);
	free(w.drafts);
	free(exact);
	folders_done(&w.folders);
	entry_done(&w.entry);
	helper_release();
	return ok;
}

void applied_done(struct applied *applied)
{
	texts_done(&applied->stale);
	texts_done(&applied->said);
	*applied = (struct applied){ 0 };
}
