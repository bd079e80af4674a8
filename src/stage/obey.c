/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/obey.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "format/format.h"
#include "model/anchor.h"
#include "model/pick.h"
#include "model/request.h"
#include "model/staged.h"
#include "model/staple.h"
#include "model/store.h"
#include "stage/checked.h"
#include "stage/folder.h"
#include "stage/output.h"

/* One request on its way. */
struct obey {
	struct folder *own;
	const struct folder *others; /* the distribution's */
	size_t other_count;
	const struct anchor *want;
	size_t request; /* its index */
	struct staged *staged;
};

static bool same(const struct anchor *a, const struct anchor *b)
{
	bool certificate = a->names == ANCHOR_CERTIFICATE || a->names == ANCHOR_FINGERPRINT;

	return (a->names == b->names || (certificate && b->names == ANCHOR_CERTIFICATE)) &&
	       memcmp(a->id, b->id, ID_LEN) == 0;
}

/* Whether an entry that is no other certificate is about this one. */
static bool about(const struct anchor *entry, const struct anchor *of)
{
	if (entry->names == ANCHOR_ISSUER_SERIAL && of->readable)
		return bytes_equal(entry->cert.issuer, of->cert.issuer) &&
		       bytes_equal(entry->cert.serial, of->cert.serial);
	if (entry->names == ANCHOR_KEY && of->cert.spki.len > 0)
		return bytes_equal(entry->cert.spki, of->cert.spki);
	return same(of, entry);
}

/* Whether an entry is about another certificate for which p11-kit takes this one too. */
static bool shares(const struct anchor *entry, const struct anchor *of)
{
	return !about(entry, of) && entry->readable && of->readable &&
	       (bytes_equal(entry->cert.spki, of->cert.spki) ||
		(bytes_equal(entry->cert.issuer, of->cert.issuer) &&
		 bytes_equal(entry->cert.serial, of->cert.serial)));
}

/* What entries are looked for: by what they are about, and by what they mean where they stand. */
struct search {
	bool (*related)(const struct anchor *entry, const struct anchor *of);
	bool (*is)(const struct anchor *meaning, const struct anchor *of);
};

/* The first such entry of a folder, or NULL. */
static const struct anchor *find(const struct folder *folder, const struct anchor *of,
				 const struct search *search, const struct folder_file **ret_file)
{
	for (size_t i = 0; i < folder->count; i++) {
		const struct folder_file *file = &folder->all[i];
		bool read = file->part != TRUST_BLACKLIST || folder->old;

		for (size_t k = 0; !file->gone && read && k < file->store->count; k++) {
			struct anchor meaning;

			if (!search->related(&file->store->anchors[k], of))
				continue;
			folder_meaning(file, &file->store->anchors[k], &meaning);
			if (!search->is(&meaning, of))
				continue;
			*ret_file = file;
			return &file->store->anchors[k];
		}
	}
	return NULL;
}

/* Whether a folder has such an entry; *ret_path is the file's, owned. */
static bool has(const struct folder *folder, const struct anchor *of, const struct search *search,
		char **ret_path)
{
	const struct folder_file *file = NULL;
	bool found = find(folder, of, search, &file) != NULL;

	if (found)
		*ret_path = mem_print("%s/%s", folder->path, file->name);
	return found;
}

static bool others_have(const struct obey *o, const struct search *search, char **ret_path)
{
	for (size_t i = 0; i < o->other_count; i++)
		if (has(&o->others[i], o->want, search, ret_path))
			return true;
	return false;
}

static bool forbids(const struct anchor *meaning, const struct anchor *of)
{
	(void)of;
	return meaning->distrusted == PURPOSES_ALL;
}

static bool trusts(const struct anchor *meaning, const struct anchor *of)
{
	return same(of, meaning) && anchor_trusted(meaning) != 0;
}

/* All that an anchor says, as bytes. */
static bool spell(const struct anchor *anchor, struct buf *to)
{
	const struct anchor *all = anchor;
	const struct pick one = { &all, 1 };
	const struct style style = { 0 };
	struct err err = { 0 };

	return format_p11kit.write(&one, &style, to, &err);
}

static bool says_the_same(const struct anchor *meaning, const struct anchor *of)
{
	const struct folder_file nowhere = { .part = TRUST_BLACKLIST + 1 };
	struct buf a = { 0 }, b = { 0 };
	struct anchor bare;
	bool equal;

	folder_meaning(&nowhere, of, &bare);
	equal = same(of, meaning) && spell(meaning, &a) && spell(&bare, &b) &&
		bytes_equal(buf_view(&a), buf_view(&b));
	buf_done(&a);
	buf_done(&b);
	return equal;
}

static bool attaches(const struct anchor *anchor, const struct extension *one)
{
	const struct extension *found = anchor_attached(anchor, one->oid);

	return found != NULL && bytes_equal(found->whole, one->whole);
}

/* Whether an entry trusts where, or for longer than, the wish does. */
static bool says_more(const struct anchor *meaning, const struct anchor *of)
{
	if (!trusts(meaning, of))
		return false;
	if (anchor_trusted(meaning) & ~anchor_trusted(of))
		return true;
	for (size_t i = 0; i < of->attached_count; i++)
		if (!bytes_equal(of->attached[i].oid, exts[EXT_EXTENDED_KEY_USAGE].oid) &&
		    !bytes_equal(of->attached[i].oid, staple_reject) && !attaches(meaning, &of->attached[i]))
			return true;
	for (unsigned i = 0; i < PURPOSE_COUNT; i++)
		if (of->distrust_after[i] != CLOCK_NONE &&
		    of->distrust_after[i] != meaning->distrust_after[i])
			return true;
	return false;
}

/* Whether another certificate with the key is trusted with other limits: p11-kit staples limits to keys. */
static bool limits_otherwise(const struct anchor *meaning, const struct anchor *of)
{
	struct anchor as = *meaning;

	as.cert = of->cert;
	memcpy(as.id, of->id, ID_LEN);
	memcpy(as.distrust_after, of->distrust_after, sizeof(as.distrust_after));
	return anchor_trusted(meaning) != 0 && bytes_equal(meaning->cert.spki, of->cert.spki) &&
	       !says_the_same(&as, of);
}

static bool any(const struct anchor *meaning, const struct anchor *of)
{
	return same(of, meaning);
}

static bool trusts_any(const struct anchor *meaning, const struct anchor *of)
{
	(void)of;
	return anchor_trusted(meaning) != 0;
}

static const struct search forbidding = { about, forbids }, trusting = { about, trusts },
			   saying_the_same = { about, says_the_same }, saying_more = { about, says_more },
			   naming = { about, any }, forbidding_with = { shares, forbids },
			   limiting_otherwise = { shares, limits_otherwise },
			   trusting_with = { shares, trusts_any };

/* Entries that go: of a file, about a certificate, by what they mean there. */
struct going {
	const struct folder_file *file;
	const struct anchor *of, *keep;
};

static bool forbidding_goes(const struct anchor *entry, const void *data)
{
	const struct going *going = data;
	struct anchor meaning;

	folder_meaning(going->file, entry, &meaning);
	return about(entry, going->of) && forbids(&meaning, going->of);
}

/* Whatever is said of the certificate, and what is stapled to its key by a file without it. */
static bool trusting_goes(const struct anchor *entry, const void *data)
{
	const struct going *going = data;

	return entry != going->keep && about(entry, going->of) && !forbidding_goes(entry, data);
}

static bool cut_file(struct folder_file *file, const struct anchor *of, const struct anchor *keep,
		     bool (*goes)(const struct anchor *, const void *), struct err *err)
{
	const struct going going = { file, of, keep };

	return folder_cut(file, goes, &going, err);
}

/* The file with `keep` comes last: the others are compared with it as long as it stands. */
static bool cut(const struct obey *o, const struct folder_file *kept, const struct anchor *keep,
		bool (*goes)(const struct anchor *, const void *), struct err *err)
{
	struct folder_file *last = NULL;

	for (size_t i = 0; i < o->own->count; i++) {
		struct folder_file *file = &o->own->all[i];

		if (file == kept)
			last = file;
		else if (!cut_file(file, o->want, keep, goes, err))
			return false;
	}
	return last == NULL || cut_file(last, o->want, keep, goes, err);
}

static unsigned turns(const struct folder *folder)
{
	unsigned all = 0;

	for (size_t i = 0; i < folder->count; i++)
		all += folder->all[i].turns;
	return all;
}

/* Puts a file for the anchor, which says in it what it is to say there. */
static bool put(const struct obey *o, enum trust_part part, const struct anchor *anchor,
		const struct format *format, const char *suffix, struct err *err)
{
	const struct style style = { 0 };
	const struct pick one = { &anchor, 1 };
	struct buf content = { 0 };
	char *stem = output_stem(anchor, OUTPUT_STEM);
	bool ok = checked_write(format, &one, &style, &content, err);

	if (ok)
		folder_put(o->own, part, stem, suffix, &content);
	free(stem);
	buf_done(&content);
	return ok;
}

static bool put_forbidden(const struct obey *o, struct err *err)
{
	struct anchor anchor = *o->want;

	anchor.trusted = 0;
	anchor.distrusted = PURPOSES_ALL;
	anchor.attached_count = 0;
	if (anchor.names == ANCHOR_CERTIFICATE)
		return put(o, folder_forbidding(o->own), &anchor, &format_pem, ".pem", err);
	return put(o, folder_forbidding(o->own), &anchor, &format_p11kit, ".p11-kit", err);
}

/* `before`, and that another's fate is the same, as people are to know; free() it. */
static char *shared_fate(const struct obey *o, const char *before, const char *fate)
{
	char *path = NULL, *text;

	if (!has(o->own, o->want, &trusting_with, &path))
		others_have(o, &trusting_with, &path);
	text = path == NULL ? mem_print("%s", before)
			    : mem_print("%s%s'%s' has another with its key, or its issuer and serial number, "
					"which p11-kit then %s too",
					before, before[0] != '\0' ? "; " : "", path, fate);
	free(path);
	return text;
}

static void outcome(const struct obey *o, unsigned was, const char *fate)
{
	char *text = fate != NULL ? shared_fate(o, "", fate) : NULL;

	staged_outcome(o->staged, o->request, turns(o->own) != was ? OUTCOME_DONE : OUTCOME_ALREADY, "%s",
		       text != NULL ? text : "");
	free(text);
}

static bool is_plain(const struct anchor *want)
{
	for (unsigned i = 0; i < PURPOSE_COUNT; i++)
		if (want->distrust_after[i] != CLOCK_NONE)
			return false;
	return want->trusted == PURPOSES_ALL && want->distrusted == 0 && want->attached_count == 0;
}

static bool cannot(const struct obey *o, const char *fmt, char *path)
{
	char *text = mem_print("'%s' %s", path != NULL ? path : "", fmt);

	staged_outcome(o->staged, o->request, OUTCOME_CANNOT, "%s", path != NULL ? text : fmt);
	free(text);
	free(path);
	return true;
}

static bool trust(const struct obey *o, struct err *err)
{
	unsigned was = turns(o->own);
	const struct folder_file *kept = NULL;
	const struct anchor *keep;
	char *path = NULL;
	bool ok, lifted;

	if (o->want->names != ANCHOR_CERTIFICATE)
		return cannot(o, "only a certificate can be trusted; give its file", NULL);
	if (others_have(o, &forbidding, &path))
		return cannot(o, "forbids it, and belongs to the distribution", path);
	if (others_have(o, &saying_more, &path))
		return cannot(
			o,
			"trusts it for more, belongs to the distribution, and p11-kit goes by either: a "
			"certificate of its list cannot be limited here, only forbidden",
			path);
	if (has(o->own, o->want, &forbidding_with, &path) || others_have(o, &forbidding_with, &path))
		return cannot(o,
			      "forbids a certificate with its key, or its issuer and serial number, and "
			      "p11-kit then "
			      "takes it for forbidden too; lift that first",
			      path);
	if (has(o->own, o->want, &limiting_otherwise, &path))
		return cannot(o,
			      "trusts a certificate with its key for other things, and p11-kit keeps one set "
			      "of limits "
			      "for a key: ask for the same, or remove that one first",
			      path);
	ok = cut(o, NULL, NULL, forbidding_goes, err);
	lifted = turns(o->own) != was;
	keep = ok ? find(o->own, o->want, &saying_the_same, &kept) : NULL;
	ok = ok && cut(o, kept, keep, trusting_goes, err);
	if (ok && keep == NULL && !others_have(o, &saying_the_same, &path))
		ok = is_plain(o->want) ? put(o, TRUST_ANCHORS, o->want, &format_pem, ".pem", err)
				       : put(o, TRUST_TOP, o->want, &format_p11kit, ".p11-kit", err);
	free(path);
	if (ok)
		outcome(o, was, lifted ? "trusts again" : NULL);
	return ok;
}

static bool remove_it(const struct obey *o, struct err *err)
{
	unsigned was = turns(o->own);
	const struct folder_file *file;
	char *path = NULL, *text, *whole;
	bool ok = cut(o, NULL, NULL, trusting_goes, err);

	if (!ok)
		return false;
	if (!others_have(o, &trusting, &path)) {
		outcome(o, was, NULL);
		return true;
	}
	if (find(o->own, o->want, &forbidding, &file) == NULL)
		ok = put_forbidden(o, err);
	if (ok) {
		text = mem_print("'%s' of the distribution has it, so that it is forbidden", path);
		whole = shared_fate(o, text, "forbids");
		staged_outcome(o->staged, o->request,
			       turns(o->own) != was ? OUTCOME_FORBIDDEN : OUTCOME_ALREADY, "%s", whole);
		free(text);
		free(whole);
	}
	free(path);
	return ok;
}

static bool distrust(const struct obey *o, struct err *err)
{
	unsigned was = turns(o->own);
	const struct folder_file *file;
	char *path = NULL;
	bool ok = true;

	if (o->want->names == ANCHOR_FINGERPRINT)
		return cannot(
			o,
			"only its fingerprint is known, and p11-kit forbids certificates, keys, and issuers "
			"with serial numbers; give the certificate's file",
			NULL);
	if (find(o->own, o->want, &forbidding, &file) == NULL && !others_have(o, &forbidding, &path))
		ok = put_forbidden(o, err);
	free(path);
	if (ok)
		outcome(o, was, "forbids");
	return ok;
}

static bool lift(const struct obey *o, struct err *err)
{
	unsigned was = turns(o->own);
	char *path = NULL;

	if (!cut(o, NULL, NULL, forbidding_goes, err))
		return false;
	if (others_have(o, &forbidding, &path))
		return cannot(o, "forbids it, and belongs to the distribution", path);
	outcome(o, was, turns(o->own) != was ? "trusts again" : NULL);
	return true;
}

/* The certificate of which only the fingerprint was given, where a folder has it. */
static const struct anchor *known(struct obey *o, const struct anchor *anchor)
{
	const struct folder_file *file;
	const struct anchor *found = NULL;

	if (anchor->names != ANCHOR_FINGERPRINT)
		return anchor;
	found = find(o->own, anchor, &naming, &file);
	for (size_t i = 0; found == NULL && i < o->other_count; i++)
		found = find(&o->others[i], anchor, &naming, &file);
	return found != NULL ? found : anchor;
}

bool obey_requests(struct folder *folders, size_t count, const struct requests *requests,
		   struct staged *staged, struct err *err)
{
	static bool (*const deeds[REQUEST_KINDS])(const struct obey *, struct err *) = {
		[REQUEST_TRUST] = trust,
		[REQUEST_REMOVE] = remove_it,
		[REQUEST_DISTRUST] = distrust,
		[REQUEST_LIFT] = lift,
	};
	bool ok = true;

	for (size_t i = 0; ok && i < requests->count; i++) {
		struct obey o = { &folders[0], &folders[1], count - 1, NULL, i, staged };
		const struct anchor *want = known(&o, requests->all[i].anchor);
		struct store *copy = NULL;

		/* An entry of ours may be freed by the deed. */
		if (want != requests->all[i].anchor) {
			copy = store_new("");
			want = store_add(copy, want->cert.der, 0);
		}
		o.want = want;
		ok = deeds[requests->all[i].kind](&o, err) || err_in(err, "%s", folders[0].path);
		store_free(copy);
	}
	return ok;
}

/* Why p11-kit does not do what was asked for, or NULL. */
static const char *amiss(const struct request *request, const struct anchor *now)
{
	uint16_t trusted = now != NULL ? anchor_trusted(now) : 0,
		 distrusted = now != NULL ? now->distrusted : 0;

	switch (request->kind) {
	case REQUEST_TRUST:
		if (trusted == 0 && distrusted == 0)
			return "p11-kit makes nothing of the file in which it is: take that away, and add it "
			       "again";
		return anchor_trusted(request->anchor) & ~trusted
			       ? "p11-kit would not trust it all the same: its key, or its issuer and serial "
				 "number, are "
				 "forbidden or limited by another entry; lift that first"
			       : NULL;
	case REQUEST_REMOVE:
		return trusted != 0 ? "p11-kit would trust it all the same" : NULL;
	case REQUEST_DISTRUST:
		return distrusted != PURPOSES_ALL ? "p11-kit would not forbid it all the same" : NULL;
	case REQUEST_LIFT:
		return distrusted == PURPOSES_ALL ? "p11-kit forbids it all the same: another entry forbids "
						    "its key, or its issuer and "
						    "serial number; lift that first"
						  : NULL;
	default:
		return NULL;
	}
}

void obey_check(const struct store *result, const struct requests *requests, bool bundles,
		struct staged *staged)
{
	for (size_t i = 0; i < staged->outcome_count; i++) {
		struct outcome *outcome = &staged->outcomes[i];
		const struct request *request = &requests->all[outcome->request];
		const struct anchor *now = store_find(result, request->anchor->id);
		const char *why = outcome->kind == OUTCOME_CANNOT ? NULL : amiss(request, now);

		if (why != NULL) {
			bool done = request->kind == REQUEST_LIFT && outcome->kind == OUTCOME_DONE;
			const char *file = now != NULL ? now->origin.file : NULL;

			outcome->kind = done ? OUTCOME_DONE : OUTCOME_CANNOT; /* one of several is lifted */
			free(outcome->text);
			outcome->text = mem_print("%s%s%s", why, file != NULL ? "; it is in " : "",
						  file != NULL ? file : "");
		} else if (request->kind == REQUEST_TRUST && outcome->text == NULL && bundles &&
			   now != NULL && now->readable && !anchor_authority(now)) {
			outcome->text =
				mem_print("it is no CA: the bundles that are made for programs leave it out");
		}
	}
}
