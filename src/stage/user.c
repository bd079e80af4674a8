/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/user.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "format/format.h"
#include "medium/nss_write.h"
#include "model/anchor.h"
#include "model/pick.h"
#include "stage/certdir.h"
#include "stage/checked.h"
#include "stage/put.h"
#include "stage/stager.h"

static const char header[] =
	"# Made by anchorage: leads the programs of this user's sessions to the user's own trust anchors.\n"
	"# It goes with the last of them (anchorage remove --user); what is changed here is lost.\n";

enum kept { KEPT_OWN, KEPT_FORBIDDEN, KEPT };
static const char *const folders[KEPT] = { "anchors", "distrusted" };

struct user {
	const struct root *root;
	const struct user_home *home;
	const struct target *target;
	const struct terms *terms;
	char *bundle, *own, *variables, *paths[KEPT]; /* owned */
	struct certdir kept[KEPT];
	struct pick will[KEPT];   /* what is in each when all is done; anchors borrowed */
	struct requests at[KEPT]; /* what is requested of each directory: TRUST adds, REMOVE drops */
	struct requests nss;
	size_t *nss_of; /* each of `nss`: its request */
	enum outcome_kind *became;
	const char **texts; /* borrowed; of each request, or NULL */
	struct staged staged;
};

char *user_variables_path(const struct user_home *home)
{
	return mem_print("%s/environment.d/60-anchorage.conf", home->config);
}

static void user_begin(struct user *u)
{
	u->bundle = mem_print("%s/anchorage/ca-bundle.pem", u->home->data);
	u->own = mem_print("%s/anchorage/own.pem", u->home->data);
	u->variables = user_variables_path(u->home);
	for (enum kept k = 0; k < KEPT; k++) {
		u->paths[k] = mem_print("%s/anchorage/%s", u->home->data, folders[k]);
		u->kept[k] = (struct certdir){
			.root = u->root, .path = u->paths[k], .suffix = ".pem", .store = "user"
		};
	}
}

static void user_done(struct user *u)
{
	free(u->bundle);
	free(u->own);
	free(u->variables);
	for (enum kept k = 0; k < KEPT; k++) {
		certdir_done(&u->kept[k]);
		pick_done(&u->will[k]);
		requests_done(&u->at[k]);
		free(u->paths[k]);
	}
	requests_done(&u->nss);
	free(u->nss_of);
	free(u->became);
	free(u->texts);
	staged_done(&u->staged);
}

static size_t index_in(const struct pick *pick, const struct anchor *anchor)
{
	for (size_t i = 0; i < pick->count; i++)
		if (memcmp(pick->anchors[i]->id, anchor->id, ID_LEN) == 0)
			return i;
	return SIZE_MAX;
}

static bool has(const struct user *u, enum kept k, const struct anchor *anchor)
{
	return index_in(&u->will[k], anchor) != SIZE_MAX;
}

static void keep(struct user *u, enum kept k, const struct anchor *anchor)
{
	struct pick *pick = &u->will[k];

	if (has(u, k, anchor))
		return;
	pick->anchors = mem_grow(pick->anchors, pick->count, sizeof(const struct anchor *));
	pick->anchors[pick->count++] = anchor;
	if (certdir_find(&u->kept[k], anchor->id) == NULL)
		requests_add(&u->at[k], REQUEST_TRUST, anchor);
}

static void drop(struct user *u, enum kept k, const struct anchor *anchor)
{
	struct pick *pick = &u->will[k];
	size_t at = index_in(pick, anchor);

	if (at == SIZE_MAX)
		return;
	memmove(&pick->anchors[at], &pick->anchors[at + 1],
		(--pick->count - at) * sizeof(const struct anchor *));
	requests_add(&u->at[k], REQUEST_REMOVE, anchor);
}

static bool load(struct user *u, struct err *err)
{
	for (enum kept k = 0; k < KEPT; k++) {
		if (!certdir_read(&u->kept[k], err))
			return false;
		for (size_t i = 0; i < u->kept[k].count; i++) {
			const struct store *store = u->kept[k].files[i].store;

			for (size_t n = 0; n < store->count; n++)
				if (!has(u, k, &store->anchors[n])) {
					struct pick *pick = &u->will[k];

					pick->anchors = mem_grow(pick->anchors, pick->count,
								 sizeof(const struct anchor *));
					pick->anchors[pick->count++] = &store->anchors[n];
				}
		}
	}
	return true;
}

/* The system trusts it for TLS servers. */
static const struct anchor *in_system(const struct user *u, const struct anchor *anchor)
{
	const struct anchor *ret = store_find(u->home->system, anchor->id);

	return ret != NULL && ret->cert.der.len > 0 &&
			       anchor_serves(ret, PURPOSE_SERVER_AUTH, (struct bytes){ NULL, 0 })
		       ? ret
		       : NULL;
}

/* With its certificate, from wherever that is known. */
static const struct anchor *whole(const struct user *u, const struct anchor *anchor)
{
	const struct anchor *ret = anchor->cert.der.len > 0 && anchor->names == ANCHOR_CERTIFICATE
					   ? anchor
					   : store_find(u->home->system, anchor->id);

	for (enum kept k = 0; k < KEPT && (ret == NULL || ret->cert.der.len == 0); k++)
		ret = certdir_find(&u->kept[k], anchor->id);
	return ret != NULL && ret->cert.der.len > 0 ? ret : NULL;
}

static void trust(struct user *u, size_t i, const struct anchor *anchor)
{
	bool serves = anchor->trusted & PURPOSE_BIT(PURPOSE_SERVER_AUTH);
	bool was = has(u, KEPT_OWN, anchor) && !has(u, KEPT_FORBIDDEN, anchor);

	drop(u, KEPT_FORBIDDEN, anchor);
	if (serves)
		keep(u, KEPT_OWN, anchor);
	else
		drop(u, KEPT_OWN, anchor);
	u->became[i] = was || !serves ? OUTCOME_ALREADY : OUTCOME_DONE;
	if (!serves)
		u->texts[i] =
			"in the NSS database alone: it is not for server-auth, and a bundle knows nothing "
			"else";
}

static void forbid(struct user *u, size_t i, const struct anchor *anchor, enum outcome_kind outcome)
{
	u->became[i] =
		has(u, KEPT_FORBIDDEN, anchor) && !has(u, KEPT_OWN, anchor) ? OUTCOME_ALREADY : outcome;
	drop(u, KEPT_OWN, anchor);
	keep(u, KEPT_FORBIDDEN, anchor);
	u->texts[i] = "Node.js, Deno and what has its anchors built in cannot be told by a variable";
}

static void decide(struct user *u, size_t i, const struct request *request)
{
	const struct anchor *anchor = whole(u, request->anchor);
	enum request_kind kind = request->kind;
	bool listed = in_system(u, request->anchor) != NULL;

	if (anchor == NULL) {
		u->became[i] =
			kind == REQUEST_TRUST || kind == REQUEST_DISTRUST ? OUTCOME_CANNOT : OUTCOME_ALREADY;
		u->texts[i] = u->became[i] == OUTCOME_CANNOT
				      ? "the certificate itself is needed: give its file"
				      : NULL;
		anchor = request->anchor;
		if (u->became[i] == OUTCOME_CANNOT)
			return;
	} else if (kind == REQUEST_TRUST) {
		trust(u, i, request->anchor);
	} else if (kind == REQUEST_DISTRUST || (kind == REQUEST_REMOVE && listed)) {
		forbid(u, i, anchor, kind == REQUEST_DISTRUST ? OUTCOME_DONE : OUTCOME_FORBIDDEN);
		kind = REQUEST_DISTRUST;
	} else {
		bool was = has(u, KEPT_FORBIDDEN, anchor) ||
			   (kind == REQUEST_REMOVE && has(u, KEPT_OWN, anchor));

		drop(u, KEPT_FORBIDDEN, anchor);
		if (kind == REQUEST_REMOVE)
			drop(u, KEPT_OWN, anchor);
		u->became[i] = was ? OUTCOME_DONE : OUTCOME_ALREADY;
	}
	u->nss_of = mem_grow(u->nss_of, u->nss.count, sizeof(*u->nss_of));
	u->nss_of[u->nss.count] = i;
	requests_add(&u->nss, kind, kind == REQUEST_TRUST ? request->anchor : anchor);
}

/* What the last word on each certificate is. */
static void settle(struct user *u, enum kept k, struct requests *ret)
{
	for (size_t i = 0; i < u->at[k].count; i++) {
		const struct request *request = &u->at[k].all[i];

		if (has(u, k, request->anchor) == (request->kind == REQUEST_TRUST))
			requests_add(ret, request->kind, request->anchor);
	}
}

static bool put_folder(struct user *u, enum kept k, struct err *err)
{
	struct requests settled = { 0 };
	bool ok;

	settle(u, k, &settled);
	ok = certdir_drop(&u->kept[k], &settled, u->terms->at, &u->staged.edits, err);
	for (size_t i = 0; ok && i < settled.count; i++) {
		char *path = NULL;

		if (settled.all[i].kind == REQUEST_TRUST)
			ok = certdir_add(&u->kept[k], NULL, settled.all[i].anchor, u->terms->at,
					 &u->staged.edits, &path, err);
		free(path);
	}
	requests_done(&settled);
	return ok;
}

static bool put_pem(struct user *u, const char *path, const struct pick *pick, struct err *err)
{
	struct style style = { .at = u->terms->at }; /* no comments: labels are not kept */
	struct buf text = { 0 };
	bool ok = checked_write(&format_pem, pick, &style, &text, err) &&
		  put_file(&u->staged.edits, u->root, "user", path, buf_view(&text), 0644, err);

	buf_done(&text);
	return ok;
}

/* What the system trusts for TLS servers and is not forbidden, and then the own. */
static bool put_bundle(struct user *u, struct err *err)
{
	const struct store *system = u->home->system;
	struct pick all = { 0 };
	size_t listed = 0;
	bool ok;

	for (size_t i = 0; i < system->count + u->will[KEPT_OWN].count; i++) {
		const struct anchor *anchor = i < system->count
						      ? in_system(u, &system->anchors[i])
						      : u->will[KEPT_OWN].anchors[i - system->count];

		if (anchor == NULL || has(u, KEPT_FORBIDDEN, anchor) ||
		    (i < system->count && has(u, KEPT_OWN, anchor)))
			continue;
		listed += i < system->count;
		all.anchors = mem_grow(all.anchors, all.count, sizeof(const struct anchor *));
		all.anchors[all.count++] = anchor;
	}
	ok = listed > 0 || u->terms->allow_empty ||
	     err_set(err, ERR_ABSENT,
		     "the system has no anchors for TLS servers: with the bundle that would be made, "
		     "programs "
		     "would trust nothing else than the user's own; see 'anchorage list system'");
	ok = ok && put_pem(u, u->bundle, &all, err);
	pick_done(&all);
	return ok;
}

/* A file of this name that somebody else wrote is not ours to replace. */
static bool is_ours(const struct user *u, struct err *err)
{
	struct buf text = { 0 };
	bool ok = !root_has(u->root, u->variables) || root_read(u->root, u->variables, &text, err);

	if (ok && text.len > 0 && !bytes_start(buf_view(&text), bytes_of("# Made by anchorage")))
		ok = err_set(err, ERR_UNSUPPORTED, "'%s' was not made by anchorage: move it away",
			     u->variables);
	buf_done(&text);
	return ok;
}

static void settings_of(const struct user *u, struct settings *ret)
{
	bool own = u->will[KEPT_OWN].count > 0, forbidden = u->will[KEPT_FORBIDDEN].count > 0;

	/* The directory has no hash links, so that OpenSSL finds nothing in it, and Go what is in the bundle.
	 */
	settings_make(own || forbidden ? u->bundle : NULL, own ? u->own : NULL,
		      forbidden ? u->paths[KEPT_OWN] : NULL, ret);
}

static bool put_variables(struct user *u, struct err *err)
{
	char *directory = mem_print("%s/environment.d", u->home->config);
	struct settings settings;
	struct buf text = { 0 };
	bool ok;

	settings_of(u, &settings);
	buf_text(&text, header);
	settings_text(&settings, &text);
	ok = is_ours(u, err) && put_directory(&u->staged.edits, u->root, "user", directory, err) &&
	     put_file(&u->staged.edits, u->root, "user", u->variables, buf_view(&text), 0644, err);
	settings_done(&settings);
	buf_done(&text);
	free(directory);
	return ok;
}

static bool put_made(struct user *u, struct err *err)
{
	struct edits *edits = &u->staged.edits;
	bool own = u->will[KEPT_OWN].count > 0, forbidden = u->will[KEPT_FORBIDDEN].count > 0;

	if (!own && !forbidden)
		return put_nothing(edits, u->root, "user", u->bundle, err) &&
		       put_nothing(edits, u->root, "user", u->own, err) &&
		       (!root_has(u->root, u->variables) ||
			(is_ours(u, err) && put_nothing(edits, u->root, "user", u->variables, err)));
	return put_directory(edits, u->root, "user", u->paths[KEPT_OWN], err) && put_bundle(u, err) &&
	       (own ? put_pem(u, u->own, &u->will[KEPT_OWN], err)
		    : put_nothing(edits, u->root, "user", u->own, err)) &&
	       put_variables(u, err);
}

char *user_nss_path(const struct root *root, const struct user_home *home)
{
	char *old = mem_print("%s/.pki/nssdb", home->home);

	if (root_is_directory(root, old))
		return old;
	free(old);
	return mem_print("%s/pki/nssdb", home->data);
}

/* Moves the edits; a directory above both is made once. */
static void join_edits(struct edits *to, struct edits *from)
{
	while (from->count > 0) {
		const struct edit *there = edits_find(to, from->all[0].path);

		if (there == NULL || there->kind != EDIT_DIRECTORY) {
			to->all = mem_grow(to->all, to->count, sizeof(*to->all));
			to->all[to->count++] = from->all[0];
			from->all[0] = (struct edit){ .kind = EDIT_RUN };
		}
		edits_drop(from, 0);
	}
}

/* The edits and what became of it, into ours. */
static void join(struct user *u, struct staged *nss)
{
	join_edits(&u->staged.edits, &nss->edits);
	for (size_t i = 0; i < nss->outcome_count; i++) {
		const struct outcome *outcome = &nss->outcomes[i];
		size_t request = u->nss_of[outcome->request];

		if (outcome->kind == OUTCOME_CANNOT)
			staged_note(&u->staged, "the user's NSS database: %s", outcome->text);
		if (outcome->kind == OUTCOME_DONE && u->became[request] == OUTCOME_ALREADY)
			u->became[request] = OUTCOME_DONE;
	}
	for (size_t i = 0; i < nss->file_count; i++)
		staged_file(&u->staged, nss->files[i].path, nss->files[i].kind);
	for (size_t i = 0; i < nss->notes.count; i++)
		staged_note(&u->staged, "%s", nss->notes.all[i]);
}

/* Without softokn there is hardly a program that would read the database. */
static bool stage_nss(struct user *u, struct err *err)
{
	struct target target = { .name = (char *)(uintptr_t) "user", .stager = &stager_nss };
	struct staged nss = { 0 };
	char *softokn;
	bool ok;

	if (u->nss.count == 0)
		return true;
	softokn = nss_softokn(err);
	if (softokn == NULL) {
		staged_note(&u->staged, "the user's NSS database, which Chromium reads, is left out: %s",
			    err->text);
		*err = (struct err){ .code = ERR_NONE };
		return true;
	}
	free(softokn);
	target.path = user_nss_path(u->root, u->home);
	ok = stager_nss.stage(u->root, &target, &u->nss, u->terms, &nss, err) ||
	     err_in(err, "%s", target.path);
	if (ok)
		join(u, &nss);
	staged_done(&nss);
	free(target.path);
	return ok;
}

static bool user_stage(const struct root *root, const struct target *target, const struct requests *requests,
		       const struct terms *terms, struct staged *ret, struct err *err)
{
	struct user u = { .root = root, .home = target->user, .target = target, .terms = terms };
	bool ok;

	if (u.home == NULL || u.home->system == NULL)
		return err_set(err, ERR_USAGE, "the system's store is needed to make a user's");
	user_begin(&u);
	u.became = mem_zero((requests->count + 1) * sizeof(*u.became));
	u.texts = mem_zero((requests->count + 1) * sizeof(*u.texts));
	ok = load(&u, err);
	for (size_t i = 0; ok && i < requests->count; i++)
		decide(&u, i, &requests->all[i]);
	ok = ok && put_folder(&u, KEPT_OWN, err) && put_folder(&u, KEPT_FORBIDDEN, err) &&
	     put_made(&u, err) && stage_nss(&u, err);
	if (ok) {
		for (size_t i = 0; i < requests->count; i++)
			staged_outcome(&u.staged, i, u.became[i], "%s", u.texts[i] != NULL ? u.texts[i] : "");
		staged_file(&u.staged, u.bundle, &format_pem.kind)->wanted =
			(struct wanted){ .purpose = PURPOSE_SERVER_AUTH };
		*ret = u.staged;
		u.staged = (struct staged){ 0 };
	}
	user_done(&u);
	return ok;
}

bool user_settings(const struct root *root, const struct user_home *home, struct settings *ret,
		   struct err *err)
{
	struct user u = { .root = root, .home = home };
	bool ok;

	user_begin(&u);
	ok = load(&u, err);
	if (ok)
		settings_of(&u, ret);
	user_done(&u);
	return ok;
}

const struct stager stager_user = {
	.name = "user",
	.brief = "what this user trusts beside the system",
	.stage = user_stage,
};
