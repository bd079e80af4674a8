/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "check/danger.h"
#include "check/limit.h"
#include "cmd/change.h"
#include "cmd/input.h"
#include "model/anchor.h"
#include "model/der.h"
#include "model/match.h"
#include "model/staple.h"
#include "model/store.h"

struct add_options {
	struct change_options change;
	struct option_list purposes, dns, networks, mail, fingerprints;
	int64_t not_after;
	const char *label;
};

static const struct option options[] = {
	{ "purpose", 'p', OPTION_LIST, offsetof(struct add_options, purposes), "PURPOSE", input_purpose_word,
	  "trust it for this only; may be repeated (default: for all)" },
	{ "permit-dns", 0, OPTION_LIST, offsetof(struct add_options, dns), "DOMAIN", NULL,
	  "trust it only for hosts of this domain; may be repeated" },
	{ "permit-ip", 0, OPTION_LIST, offsetof(struct add_options, networks), "NETWORK", NULL,
	  "trust it only for addresses of this network; may be repeated" },
	{ "permit-email", 0, OPTION_LIST, offsetof(struct add_options, mail), "ADDRESS", NULL,
	  "trust it only for this mailbox or mail domain; may be repeated" },
	{ "not-after", 0, OPTION_TIME, offsetof(struct add_options, not_after), "TIME", NULL,
	  "trust only what it issues until then" },
	{ "fingerprint", 0, OPTION_LIST, offsetof(struct add_options, fingerprints), "SHA256", NULL,
	  "add only the certificate with this fingerprint, and nothing if it is not there" },
	{ "label", 0, OPTION_TEXT, offsetof(struct add_options, label), "NAME", NULL,
	  "what to call it where a store has names" },
	CHANGE_OPTIONS(struct add_options, change),
	{ 0 },
};

static void preset(void *values)
{
	((struct add_options *)values)->not_after = CLOCK_NONE;
}

/* What is being added: the files as read, and the anchors as they are to be. */
struct adding {
	struct run *run;
	const struct add_options *o;
	struct store **sources; /* owned */
	const char **files;     /* of each, borrowed */
	size_t count;
	struct store *wanted; /* owned */
	size_t *from;         /* for each anchor of `wanted`, the source; owned */
	uint16_t purposes;
	struct buf eku, names; /* Extensions to attach; empty: none */
	struct store *system;  /* what is trusted now; may be NULL */
};

/* --purpose: bits for those with a row, and an extKeyUsage that has all of them. */
static bool read_purposes(struct adding *adding, struct err *err)
{
	const struct option_list *list = &adding->o->purposes;
	struct buf oids = { 0 }, value = { 0 };
	bool ok = true, any = list->count == 0;

	for (size_t i = 0; ok && i < list->count; i++) {
		struct wanted wanted;
		struct buf oid = { 0 };

		ok = input_purpose(list->all[i], &wanted, &oid, err);
		any = any || (ok && wanted.any);
		if (ok && !wanted.any)
			der_write(&oids, DER_OID,
				  wanted.purpose < PURPOSE_ROWS ? purposes[wanted.purpose].der : wanted.oid);
		if (ok && !wanted.any && wanted.purpose < PURPOSE_COUNT)
			adding->purposes |= PURPOSE_BIT(wanted.purpose);
		buf_done(&oid);
	}
	if (any) {
		adding->purposes = PURPOSES_ALL;
	} else if (ok) {
		der_write(&value, DER_SEQUENCE, buf_view(&oids));
		staple_write_extension(exts[EXT_EXTENDED_KEY_USAGE].oid, true, buf_view(&value),
				       &adding->eku);
	}
	buf_done(&oids);
	buf_done(&value);
	return ok;
}

static bool read_limits(struct adding *adding, struct err *err)
{
	const struct add_options *o = adding->o;
	const struct limit limit = { o->dns.all,        o->dns.count, o->networks.all,
				     o->networks.count, o->mail.all,  o->mail.count };

	return !limit_any(&limit) || limit_write(&limit, &adding->names, err);
}

/* Digits of a whole SHA-256: a prefix is no check. */
static bool read_fingerprints(const struct adding *adding, struct err *err)
{
	for (size_t i = 0; i < adding->o->fingerprints.count; i++) {
		struct match match;

		match_read(adding->o->fingerprints.all[i], &match);
		if (strlen(match.hex) != 2 * ID_LEN)
			return err_set(
				err, ERR_USAGE,
				"--fingerprint: '%s' is no SHA-256 fingerprint, which has 64 hex digits",
				adding->o->fingerprints.all[i]);
	}
	return true;
}

static bool asked_for(const struct adding *adding, const struct anchor *anchor)
{
	for (size_t i = 0; i < adding->o->fingerprints.count; i++) {
		struct match match;

		match_read(adding->o->fingerprints.all[i], &match);
		if (match_anchor(&match, anchor))
			return true;
	}
	return adding->o->fingerprints.count == 0;
}

static bool read_source(struct adding *adding, const char *text, struct err *err)
{
	struct store *store = input_store(adding->run, text);

	if (store == NULL)
		return false;
	adding->sources = mem_grow(adding->sources, adding->count, sizeof(struct store *));
	adding->files = mem_grow(adding->files, adding->count, sizeof(*adding->files));
	adding->files[adding->count] = text;
	adding->sources[adding->count++] = store;
	if (store_incomplete(store))
		return err_set(err, ERR_DAMAGED, "not all of '%s' could be read, so nothing is added", text);
	for (size_t i = 0; i < store->count; i++)
		if (store->anchors[i].names == ANCHOR_CERTIFICATE)
			return true;
	return err_set(err, ERR_UNKNOWN, "%s: no certificate in this file", text);
}

/* The anchor as it is to be, of a certificate as it was read. */
static void want(struct adding *adding, size_t source, const struct anchor *read)
{
	const struct add_options *o = adding->o;
	struct store *to = adding->wanted;
	struct anchor *anchor = store_add(to, read->cert.der, NOTE_NOWHERE);

	adding->from = mem_grow(adding->from, to->count - 1, sizeof(*adding->from));
	adding->from[to->count - 1] = source;
	store_label(to, anchor, bytes_of(o->label != NULL ? o->label : read->label));
	anchor->trusted = PURPOSES_ALL;
	if (adding->eku.len > 0)
		staple_add(to, anchor, buf_view(&adding->eku));
	if (adding->names.len > 0)
		store_attach(to, anchor, buf_view(&adding->names));
	for (size_t i = 0; o->not_after != CLOCK_NONE && i < PURPOSE_COUNT; i++)
		if ((anchor->trusted >> i & 1) && (adding->purposes != PURPOSES_ALL ||
						   (i < PURPOSE_ROWS && purposes[i].distrust_after != 0)))
			anchor->distrust_after[i] = o->not_after;
}

/* The same certificate from another file. */
static bool is_wanted(const struct store *wanted, const struct anchor *anchor)
{
	for (size_t i = 0; i < wanted->count; i++)
		if (memcmp(wanted->anchors[i].id, anchor->id, ID_LEN) == 0)
			return true;
	return false;
}

static bool want_all(struct adding *adding, struct err *err)
{
	adding->wanted = store_new("to be added");
	for (size_t i = 0; i < adding->count; i++)
		for (size_t k = 0; k < adding->sources[i]->count; k++) {
			const struct anchor *anchor = &adding->sources[i]->anchors[k];

			if (anchor->names == ANCHOR_CERTIFICATE && asked_for(adding, anchor) &&
			    !is_wanted(adding->wanted, anchor))
				want(adding, i, anchor);
		}
	if (adding->wanted->count == 0)
		return err_set(err, ERR_ABSENT,
			       "no certificate here has the fingerprint that was given with --fingerprint; "
			       "nothing was changed. Ask who sent it which one it must be");
	store_finish(adding->wanted);
	return true;
}

/* Whether others than the owner may change what is read: the file, or the directory that it is in. */
static bool shared(const struct root *root, const char *path)
{
	enum { OTHERS = S_IWGRP | S_IWOTH };
	const char *slash = strrchr(path, '/');
	char *parent;
	struct stat st;
	bool yes;

	if (strcmp(path, "-") == 0 || !root_stat(root, path, &st) || !S_ISREG(st.st_mode))
		return false;
	if (st.st_mode & OTHERS)
		return true;
	parent = slash == NULL ? mem_string(".", 1) : mem_string(path, (size_t)(slash - path) + 1);
	yes = root_stat(root, parent, &st) && (st.st_mode & OTHERS) && !(st.st_mode & S_ISVTX);
	free(parent);
	return yes;
}

static void find_dangers(struct adding *adding, struct changing *changing)
{
	const struct store *const stores[] = { adding->system };

	for (size_t i = 0; i < adding->wanted->count; i++) {
		size_t from = adding->from[i];
		struct candidate candidate = {
			.anchor = &adding->wanted->anchors[i],
			.source = adding->sources[from],
			.file = strcmp(adding->files[from], "-") == 0 ? NULL : adding->files[from],
			.shared = shared(&adding->run->root, adding->files[from]),
			.stores = stores,
			.store_count = adding->system != NULL,
			.at = adding->run->show.at,
		};

		danger_find(&candidate, &changing->warnings);
	}
}

static enum status perform(struct adding *adding, struct changing *changing)
{
	for (size_t i = 0; i < adding->wanted->count; i++)
		requests_add(&changing->requests, REQUEST_TRUST, &adding->wanted->anchors[i]);
	changing->summary = change_summary(changing, "trust");
	for (size_t i = 0; !adding->run->show.json && !adding->run->show.quiet && i < adding->wanted->count;
	     i++)
		show_subject(&adding->run->show, &adding->wanted->anchors[i]);
	find_dangers(adding, changing);
	return change_perform(changing);
}

static bool read_all(struct adding *adding, int argc, char **argv, struct err *err)
{
	if (!read_purposes(adding, err) || !read_limits(adding, err) || !read_fingerprints(adding, err))
		return false;
	for (int i = 0; i < argc; i++)
		if (!read_source(adding, argv[i], err))
			return false;
	return want_all(adding, err);
}

static void adding_done(struct adding *adding)
{
	store_free(adding->wanted);
	for (size_t i = 0; i < adding->count; i++)
		store_free(adding->sources[i]);
	store_free(adding->system);
	free(adding->sources);
	free(adding->files);
	free(adding->from);
	buf_done(&adding->eku);
	buf_done(&adding->names);
}

static enum status add_run(struct run *run, void *values, int argc, char **argv)
{
	const struct add_options *o = values;
	struct adding adding = { .run = run, .o = o };
	struct changing changing = { .run = run, .options = &o->change };
	enum status status = STATUS_TROUBLE;
	struct err err = { 0 };

	if (argc < 1)
		return cmd_usage(run, "which certificate? a file, or '-' for standard input");
	if (!read_all(&adding, argc, argv, &err)) {
		if (err.code != ERR_NONE)
			cmd_fail(run, &err);
	} else if (change_targets(&changing)) {
		status = perform(&adding, &changing);
	}
	change_done(&changing);
	adding_done(&adding);
	return status;
}

const struct cmd cmd_add = {
	.name = "add",
	.args = "FILE...",
	.brief = "make a CA a trust anchor, after explicit warnings",
	.options = options,
	.size = sizeof(struct add_options),
	.preset = preset,
	.run = add_run,
};
