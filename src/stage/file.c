/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Stores that are one file: a bundle, OpenSSL's trusted certificates, Java's key
 * stores. The file is changed in place and all else in it kept (format/amend.h). Where
 * the path is a link, what it leads to is the store, and the link stays.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "format/format.h"
#include "model/anchor.h"
#include "model/store.h"
#include "stage/answer.h"
#include "stage/checked.h"
#include "stage/put.h"
#include "stage/stager.h"

/* Both are PEM, and either may hold blocks of the other. */
static bool is_pem(const struct format *format)
{
	return format == &format_pem || format == &format_trusted;
}

/* What is changed, while it is. */
struct change {
	const struct format *format;
	char *path; /* owned; where the file is once links are followed */
	bool fresh; /* there is none yet */
	struct buf old, new;
	struct store *store; /* what the new file holds */
	bool *done;
};

static void change_done(struct change *c)
{
	free(c->path);
	buf_done(&c->old);
	buf_done(&c->new);
	store_free(c->store);
	free(c->done);
}

/* The file as it stands; a PEM file that is not there begins empty. */
static bool load(struct change *c, const struct root *root, const struct target *target, struct err *err)
{
	const struct format *is;

	c->path = root_resolve(root, target->path);
	if (c->path == NULL)
		return err_set(err, ERR_SYSTEM, "%s", strerror(errno));
	if (!root_read(root, c->path, &c->old, err)) {
		c->fresh = err->code == ERR_ABSENT;
		return c->fresh &&
		       (is_pem(c->format) ||
			err_set(err, ERR_ABSENT, "there is no such file; 'anchorage export' makes one"));
	}
	if (!root_is_file(root, c->path))
		return err_set(err, ERR_UNSUPPORTED, "it is a FIFO; only a file is replaced");
	is = format_of(buf_view(&c->old));
	return is == c->format || (is_pem(c->format) && (is == NULL || is_pem(is))) ||
	       err_set(err, ERR_UNSUPPORTED, "it is %s%s%s and no %s",
		       is != NULL ? "of the kind '" : "of no kind that is known",
		       is != NULL ? is->kind.name : "", is != NULL ? "'" : "", c->format->kind.brief);
}

static size_t anchors_in(const struct store *store)
{
	size_t count = 0;

	for (size_t i = 0; i < store->count; i++)
		count += anchor_trusted(&store->anchors[i]) != 0;
	return count;
}

static bool forbidden_in(const struct store *store, const struct request *request)
{
	for (size_t i = 0; i < store->count; i++)
		if (request_names(request, &store->anchors[i]) && store->anchors[i].distrusted != 0)
			return true;
	return false;
}

/* The edit, which replaces what was read here and nothing that came since. */
static bool put(const struct change *c, const struct root *root, const struct target *target,
		struct staged *staged, struct err *err)
{
	if (c->fresh)
		return put_file(&staged->edits, root, target->name, c->path, buf_view(&c->new), 0, err);
	put_over(&staged->edits, target->name, c->path, buf_view(&c->old), buf_view(&c->new));
	return true;
}

static bool stage_file(const struct format *format, const struct root *root, const struct target *target,
		       const struct requests *requests, const struct terms *terms, struct staged *ret,
		       struct err *err)
{
	const struct amend_terms how = { .at = terms->at,
					 .password = terms->password,
					 .prefix = target->label };
	struct change c = { .format = format, .done = mem_zero(requests->count + 1) };
	struct staged staged = { 0 };
	bool ok = load(&c, root, target, err) &&
		  checked_amend(format, buf_view(&c.old), requests, &how, c.done, &c.new, &c.store, err);

	if (ok && !terms->allow_empty && anchors_in(c.store) == 0 &&
	    !bytes_equal(buf_view(&c.old), buf_view(&c.new)))
		ok = err_set(err, ERR_USAGE,
			     "it would be left without anchors, and what uses it would accept nobody; "
			     "--allow-empty does it all the same");
	ok = ok && (bytes_equal(buf_view(&c.old), buf_view(&c.new)) || put(&c, root, target, &staged, err));
	if (ok) {
		for (size_t i = 0; i < requests->count; i++)
			answer(&staged, i, &requests->all[i], format->kind.can, c.done[i],
			       forbidden_in(c.store, &requests->all[i]));
		staged_file(&staged, c.path, &format->kind);
		if (strcmp(c.path, target->path) != 0)
			staged_note(&staged, "'%s' is reached through a link; the file is '%s'", target->path,
				    c.path);
		*ret = staged;
	} else {
		staged_done(&staged);
		err_in(err, "%s", target->path);
	}
	change_done(&c);
	return ok;
}

static bool stage_der(const struct root *root, const struct target *target, const struct requests *requests,
		      const struct terms *terms, struct staged *ret, struct err *err)
{
	(void)root;
	(void)requests;
	(void)terms;
	(void)ret;
	return err_set(err, ERR_UNSUPPORTED,
		       "%s: a DER file holds its one certificate and is not changed; remove the file, or put "
		       "another beside it, or make a PEM bundle with 'anchorage export'",
		       target->path);
}

#define STAGE(name)                                                                                          \
	static bool stage_##name(const struct root *root, const struct target *target,                       \
				 const struct requests *requests, const struct terms *terms,                 \
				 struct staged *ret, struct err *err)                                        \
	{                                                                                                    \
		return stage_file(&format_##name, root, target, requests, terms, ret, err);                  \
	}
STAGE(pem)
STAGE(trusted)
STAGE(jks)
STAGE(pkcs12)

const struct stager stager_der = { .name = "der", .brief = "a DER file", .stage = stage_der };
const struct stager stager_pem = {
	.name = "pem", .brief = "a PEM bundle", .closed = true, .stage = stage_pem
};
const struct stager stager_trusted = { .name = "trusted",
				       .brief = "a file of OpenSSL's trusted certificates",
				       .closed = true,
				       .stage = stage_trusted };
const struct stager stager_jks = {
	.name = "jks", .brief = "a Java key store", .closed = true, .stage = stage_jks
};
const struct stager stager_pkcs12 = {
	.name = "pkcs12", .brief = "a PKCS#12 trust store", .closed = true, .stage = stage_pkcs12
};
