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
#include "model/staple.h"
#include "model/store.h"
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
	if (!root_read(root, c->path, &c->old, err))
		return err->code == ERR_ABSENT &&
		       (is_pem(c->format) ||
			err_set(err, ERR_ABSENT, "there is no such file; 'anchorage export' makes one"));
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

/* What the kind cannot say of this anchor, as a clause for people; NULL: nothing. */
static const char *unsaid(const struct anchor *anchor, unsigned can)
{
	bool purpose = (can & CAN_PURPOSE) == 0 && anchor_trusted(anchor) != PURPOSES_ALL, limited = false;

	for (size_t i = 0; i < anchor->attached_count; i++)
		limited =
			limited || (!bytes_equal(anchor->attached[i].oid, exts[EXT_EXTENDED_KEY_USAGE].oid) &&
				    !bytes_equal(anchor->attached[i].oid, staple_reject));
	limited = limited && (can & CAN_CONSTRAIN) == 0;
	return purpose && limited ? "it is trusted for every purpose and without its constraints there"
	       : purpose          ? "it is trusted for every purpose there"
	       : limited          ? "it is trusted without its constraints there"
				  : NULL;
}

static bool forbidden_in(const struct store *store, const struct request *request)
{
	for (size_t i = 0; i < store->count; i++)
		if (request_names(request, &store->anchors[i]) && store->anchors[i].distrusted != 0)
			return true;
	return false;
}

static void tell(const struct change *c, const struct requests *requests, struct staged *staged)
{
	const struct kind *kind = &c->format->kind;

	for (size_t i = 0; i < requests->count; i++) {
		const struct request *request = &requests->all[i];
		enum outcome_kind outcome = c->done[i] ? OUTCOME_DONE : OUTCOME_ALREADY;
		const char *text = NULL;

		if (request->kind == REQUEST_TRUST)
			text = unsaid(request->anchor, kind->can);
		else if (request->kind == REQUEST_DISTRUST && (kind->can & CAN_DISTRUST) == 0)
			outcome = OUTCOME_ABSENT,
			text = "such a file cannot forbid; it leaves the certificate out";
		else if (request->kind == REQUEST_DISTRUST && !forbidden_in(c->store, request))
			outcome = OUTCOME_ABSENT, text = "only its name is known, and not the certificate, "
							 "which this file would need to "
							 "forbid it; it is left out";
		else if (request->kind == REQUEST_LIFT && (kind->can & CAN_DISTRUST) == 0)
			text = "such a file cannot forbid; 'anchorage add' puts a certificate back";
		staged_outcome(staged, i, outcome, "%s", text != NULL ? text : "");
	}
}

/* The edit, which replaces what was read here and nothing that came since. */
static bool put(const struct change *c, const struct root *root, const struct target *target,
		struct staged *staged, struct err *err)
{
	size_t before = staged->edits.count;
	uint8_t id[DIGEST_LEN];

	if (!put_file(&staged->edits, root, target->name, c->path, buf_view(&c->new), 0, err))
		return false;
	digest_sha256(buf_view(&c->old), id);
	if (staged->edits.count > before && staged->edits.all[before].was.kind == WAS_FILE &&
	    memcmp(staged->edits.all[before].was.id, id, DIGEST_LEN) != 0)
		return err_set(err, ERR_SYSTEM, "it changed while it was read; try again");
	return true;
}

static bool stage_file(const struct format *format, const struct root *root, const struct target *target,
		       const struct requests *requests, const struct terms *terms, struct staged *ret,
		       struct err *err)
{
	const struct amend_terms how = { terms->at, terms->password, target->label };
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
		tell(&c, requests, &staged);
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

const struct stager stager_pem = { .name = "pem", .brief = "a PEM bundle", .stage = stage_pem };
const struct stager stager_trusted = { .name = "trusted",
				       .brief = "a file of OpenSSL's trusted certificates",
				       .stage = stage_trusted };
const struct stager stager_jks = { .name = "jks", .brief = "a Java key store", .stage = stage_jks };
const struct stager stager_pkcs12 = { .name = "pkcs12",
				      .brief = "a PKCS#12 trust store",
				      .stage = stage_pkcs12 };
