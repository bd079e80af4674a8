/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "format/format.h"
#include "medium/listing.h"
#include "medium/medium.h"
#include "model/anchor.h"
#include "model/pick.h"
#include "model/place.h"
#include "stage/checked.h"
#include "stage/put.h"
#include "stage/stager.h"

const struct registry registries[] = {
	{ "docker", "docker/certs.d", "Docker" },
	{ "containerd", "containerd/certs.d", "containerd" },
	{ "containers", "containers/certs.d", "podman, buildah and skopeo" },
	{ "podman", "containers/certs.d", "podman, buildah and skopeo" },
	{ NULL, NULL, NULL },
};

const struct registry *registry_of(const char *target)
{
	for (const struct registry *row = registries; row->name != NULL; row++) {
		size_t len = strlen(row->name);

		if (strncmp(target, row->name, len) == 0 && target[len] == ':' && target[len + 1] != '\0')
			return row;
	}
	return NULL;
}

static bool ends(const char *name, const char *suffix)
{
	size_t len = strlen(name), n = strlen(suffix);

	return len > n && strcmp(name + len - n, suffix) == 0;
}

/* A DNS name or an address, with a port or without; containerd's "_default" as well. */
static bool is_host(const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:[]";

	return strspn(text, plain) == strlen(text) && text[0] != '.' && text[0] != '-' && strlen(text) < 256;
}

char *registry_path(const char *target, const char *config, struct err *err)
{
	const struct registry *row = registry_of(target);
	const char *rest = row != NULL ? target + strlen(row->name) + 1 : NULL;

	if (row != NULL && rest[0] == '/') {
		const char *slash = strrchr(rest, '/');
		bool file = ends(rest, ".crt") || ends(rest, ".pem");

		return mem_string(rest, file && slash > rest ? (size_t)(slash - rest) : strlen(rest));
	}
	if (row == NULL || !is_host(rest)) {
		err_set(err, ERR_USAGE, "'%s' names no registry; docker:HOST, or docker:HOST:PORT", target);
		return NULL;
	}
	return mem_print("%s/%s/%s", config != NULL ? config : "/etc", row->directory, rest);
}

/* A file of the directory that is read as CAs. */
struct ca_file {
	char *path;
	struct store *store;
};

struct directory {
	const struct root *root;
	const struct target *target;
	struct listing names;
	struct ca_file *files;
	size_t count;
	struct staged staged;
};

static void directory_done(struct directory *d)
{
	for (size_t i = 0; i < d->count; i++) {
		free(d->files[i].path);
		store_free(d->files[i].store);
	}
	free(d->files);
	listing_done(&d->names);
}

static bool read_file(struct directory *d, const char *name, struct err *err)
{
	char *path = listing_path(d->target->path, name);
	struct place place;
	struct store *store;

	place_set(&place, path, "pem");
	place_add_path(&place, path);
	store = medium_read(&place, d->root, err);
	place_done(&place);
	if (store == NULL) {
		free(path);
		return false;
	}
	d->files = mem_grow(d->files, d->count, sizeof(*d->files));
	d->files[d->count++] = (struct ca_file){ path, store };
	return true;
}

static bool read_all(struct directory *d, struct err *err)
{
	const char *path = d->target->path;

	if (!root_is_directory(d->root, path))
		return !root_has(d->root, path) ||
		       err_set(err, ERR_UNSUPPORTED, "'%s' is no directory; a registry's CAs are in one",
			       path);
	if (!listing_read(d->root, path, &d->names, err))
		return err_in(err, "%s", path);
	for (size_t i = 0; i < d->names.count; i++)
		if (ends(d->names.names[i], ".crt") && !read_file(d, d->names.names[i], err))
			return false;
	return true;
}

/* Letters, digits, and what file names have besides; no more of it than a file name may have. */
static char *stem_of(const struct target *target, const struct anchor *anchor)
{
	enum { MOST = 100 };
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
	struct buf name = { 0 };
	char *ret;

	if (target->label != NULL)
		buf_text(&name, target->label);
	anchor_name(anchor, &name);
	ret = mem_string((const char *)name.at, name.len < MOST ? name.len : MOST);
	for (char *c = ret; *c != '\0'; c++)
		if (strchr(plain, *c) == NULL || (c == ret && (*c == '.' || *c == '-')))
			*c = '_';
	buf_done(&name);
	return ret;
}

/* A path that neither the directory nor an edit has. */
static char *free_path(const struct directory *d, const struct anchor *anchor)
{
	char *stem = stem_of(d->target, anchor), *ret = mem_print("%s/%s.crt", d->target->path, stem);

	for (unsigned i = 2; root_has(d->root, ret) || edits_find(&d->staged.edits, ret) != NULL; i++) {
		free(ret);
		ret = mem_print("%s/%s-%u.crt", d->target->path, stem, i);
	}
	free(stem);
	return ret;
}

static bool holds(const struct directory *d, const struct anchor *anchor)
{
	for (size_t i = 0; i < d->count; i++)
		if (store_find(d->files[i].store, anchor->id) != NULL)
			return true;
	return false;
}

static bool add_file(struct directory *d, const struct anchor *anchor, int64_t at, struct err *err)
{
	struct pick pick = { .anchors = &anchor, .count = 1 };
	struct style style = { .at = at };
	char *path = free_path(d, anchor);
	struct buf text = { 0 };
	bool ok = put_directory(&d->staged.edits, d->root, d->target->name, d->target->path, err) &&
		  checked_write(format_named("pem"), &pick, &style, &text, err) &&
		  put_file(&d->staged.edits, d->root, d->target->name, path, buf_view(&text), 0644, err);

	for (size_t i = 0; ok && i < d->names.count; i++)
		if (strcmp(d->names.names[i], "hosts.toml") == 0)
			staged_note(&d->staged,
				    "'%s/hosts.toml' is there: containerd reads the files that it names, and "
				    "no other; add there: ca = [\"%s\"]",
				    d->target->path, path);
	buf_done(&text);
	free(path);
	return ok;
}

static bool trust(struct directory *d, size_t i, const struct anchor *anchor, int64_t at, struct err *err)
{
	if (anchor->cert.der.len == 0) {
		staged_outcome(&d->staged, i, OUTCOME_CANNOT, "the certificate itself is needed");
		return true;
	}
	if (!(anchor->trusted & PURPOSE_BIT(PURPOSE_SERVER_AUTH))) {
		staged_outcome(&d->staged, i, OUTCOME_CANNOT,
			       "a registry's CAs are for server-auth and nothing else");
		return true;
	}
	if (holds(d, anchor)) {
		staged_outcome(&d->staged, i, OUTCOME_ALREADY, "%s", "");
		return true;
	}
	staged_outcome(&d->staged, i, OUTCOME_DONE, "%s", "");
	return add_file(d, anchor, at, err);
}

/* Some of several in a file: the others stay as they stand there. */
static bool take_out(struct directory *d, const struct ca_file *file, const struct requests *requests,
		     int64_t at, struct err *err)
{
	const struct format *pem = format_named("pem");
	struct amend_terms terms = { .at = at };
	bool *done = mem_zero((requests->count + 1) * sizeof(*done)), ok;
	struct buf was = { 0 }, text = { 0 };

	ok = root_read(d->root, file->path, &was, err) &&
	     pem->amend(buf_view(&was), requests, &terms, done, &text, err) &&
	     put_file(&d->staged.edits, d->root, d->target->name, file->path, buf_view(&text), 0644, err);
	buf_done(&was);
	buf_done(&text);
	free(done);
	return ok || err_in(err, "%s", file->path);
}

static bool leaves(const struct request *request)
{
	return request->kind == REQUEST_REMOVE || request->kind == REQUEST_DISTRUST;
}

/* A file of which nothing is left goes. */
static bool leave_out(struct directory *d, const struct ca_file *file, const struct requests *requests,
		      int64_t at, struct err *err)
{
	struct requests out = { 0 };
	bool ok = true;

	for (size_t i = 0; i < requests->count; i++)
		if (leaves(&requests->all[i]) && store_find(file->store, requests->all[i].anchor->id) != NULL)
			requests_add(&out, REQUEST_REMOVE, requests->all[i].anchor);
	if (out.count > 0 && out.count == file->store->count)
		ok = put_nothing(&d->staged.edits, d->root, d->target->name, file->path, err);
	else if (out.count > 0)
		ok = take_out(d, file, &out, at, err);
	requests_done(&out);
	return ok;
}

static bool one(struct directory *d, size_t i, const struct request *request, int64_t at, struct err *err)
{
	if (request->kind == REQUEST_TRUST)
		return trust(d, i, request->anchor, at, err);
	if (request->kind == REQUEST_DISTRUST)
		staged_outcome(&d->staged, i, OUTCOME_ABSENT,
			       "such a directory cannot forbid, and the system's store counts beside it");
	else
		staged_outcome(&d->staged, i,
			       request->kind == REQUEST_REMOVE && holds(d, request->anchor) ? OUTCOME_DONE
											    : OUTCOME_ALREADY,
			       "%s", "");
	return true;
}

static bool registry_stage(const struct root *root, const struct target *target,
			   const struct requests *requests, const struct terms *terms, struct staged *ret,
			   struct err *err)
{
	struct directory d = { .root = root, .target = target };
	bool ok = read_all(&d, err);

	for (size_t i = 0; ok && i < requests->count; i++)
		ok = one(&d, i, &requests->all[i], terms->at, err);
	for (size_t i = 0; ok && i < d.count; i++)
		ok = leave_out(&d, &d.files[i], requests, terms->at, err);
	if (ok) {
		staged_file(&d.staged, target->path, &format_named("pem")->kind);
		*ret = d.staged;
	} else {
		staged_done(&d.staged);
	}
	directory_done(&d);
	return ok;
}

const struct stager stager_registry = {
	.name = "registry",
	.brief = "the CAs of a registry of containers (certs.d)",
	.stage = registry_stage,
};
