/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cmd/certs.h"
#include "cmd/change.h"
#include "cmd/cost.h"
#include "cmd/input.h"
#include "cmd/retiring.h"
#include "cmd/source.h"
#include "cmd/summary.h"
#include "cmd/trusting.h"
#include "cmd/warning.h"
#include "model/anchor.h"
#include "model/match.h"
#include "model/store.h"
#include "net/fetch.h"

struct add_options {
	struct change_options change;
	struct option_list purposes, dns, networks, mail, fingerprints;
	struct option_list against;
	int64_t not_after, retire_on;
	const char *label, *replaces, *authorities;
	bool insecure;
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
	{ "source-ca", 0, OPTION_TEXT, offsetof(struct add_options, authorities), "FILE", NULL,
	  "the CAs, as PEM, that the server of a URL is verified by, in the system's stead" },
	{ "insecure-source", 0, OPTION_FLAG, offsetof(struct add_options, insecure), NULL, NULL,
	  "take a URL without a fingerprint, or by http" },
	{ "label", 0, OPTION_TEXT, offsetof(struct add_options, label), "NAME", NULL,
	  "what to call it where a store has names" },
	{ "replaces", 0, OPTION_TEXT, offsetof(struct add_options, replaces), "CERT", NULL,
	  "the anchor whose place it takes; that goes at once, or on the day of --retire-on" },
	{ "retire-on", 0, OPTION_TIME, offsetof(struct add_options, retire_on), "TIME", NULL,
	  "both are trusted until then; 'anchorage apply' then takes the old one away" },
	{ "check-against", 0, OPTION_LIST, offsetof(struct add_options, against), "FILE|DIR", NULL,
	  "chains that must verify without the one that is replaced; may be repeated" },
	CHANGE_OPTIONS(struct add_options, change),
	{ 0 },
};

static void preset(void *values)
{
	((struct add_options *)values)->not_after = CLOCK_NONE;
	((struct add_options *)values)->retire_on = CLOCK_NONE;
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
	struct trusting trusting;
	struct certs certs; /* of --replaces */
};

/* Digits of a whole SHA-256: a prefix is no check. */
static bool read_fingerprints(const struct adding *adding, struct err *err)
{
	for (size_t i = 0; i < adding->o->fingerprints.count; i++) {
		struct match match;

		match_read(adding->o->fingerprints.all[i], &match);
		if (strlen(match.hex) != (size_t)2 * ID_LEN)
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

/* One that is missing may be the one that matters. */
static bool all_there(const struct adding *adding, struct err *err)
{
	for (size_t i = 0; i < adding->o->fingerprints.count; i++) {
		bool found = false;
		struct match match;

		match_read(adding->o->fingerprints.all[i], &match);
		for (size_t k = 0; k < adding->wanted->count && !found; k++)
			found = match_anchor(&match, &adding->wanted->anchors[k]);
		if (!found)
			return err_set(err, ERR_ABSENT,
				       "no certificate here has the fingerprint '%s'; nothing was changed. "
				       "Ask who sent it which one it must be",
				       adding->o->fingerprints.all[i]);
	}
	return true;
}

/* What a server gives is whose the server wants: only the fingerprint tells that it is the right one. */
static struct store *read_url(const struct adding *adding, const char *text, struct err *err)
{
	const struct add_options *o = adding->o;

	if (o->fingerprints.count == 0 && !o->insecure) {
		err_set(err, ERR_USAGE,
			"'%s': that it came from this server says little about whose it is; give its "
			"--fingerprint, which came another way, or --insecure-source",
			text);
		return NULL;
	}
	return source_fetch(adding->run, text, o->authorities, o->insecure);
}

static bool read_source(struct adding *adding, const char *text, struct err *err)
{
	struct store *store =
		fetch_is_url(text) ? read_url(adding, text, err) : input_store(adding->run, text);

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

			if (anchor->names != ANCHOR_CERTIFICATE || !asked_for(adding, anchor) ||
			    is_wanted(adding->wanted, anchor))
				continue;
			adding->from = mem_grow(adding->from, adding->wanted->count, sizeof(*adding->from));
			adding->from[adding->wanted->count] = i;
			if (!trusting_add(&adding->trusting, anchor, adding->wanted, err))
				return false;
		}
	store_finish(adding->wanted);
	return all_there(adding, err);
}

/* The old one goes now, or is noted to go; either way the given chains are tried without it. */
static bool replace(struct adding *adding, struct changing *changing)
{
	const struct add_options *o = adding->o;
	const struct anchor *old = NULL, *new = &adding->wanted->anchors[0];
	bool later = o->retire_on != CLOCK_NONE && o->retire_on > adding->run->show.at;
	struct err err = { 0 };

	if (o->replaces == NULL)
		return true;
	if (adding->wanted->count != 1) {
		cmd_usage(adding->run, "--replaces: one certificate takes the place of one; choose it with "
				       "--fingerprint");
		return false;
	}
	if (!certs_find(changing, o->replaces, &adding->certs, &old))
		return false;
	if (memcmp(old->id, new->id, ID_LEN) == 0) {
		cmd_usage(adding->run, "--replaces: '%s' is the certificate that is added", o->replaces);
		return false;
	}
	if (old->readable && new->readable && !bytes_equal(old->cert.subject, new->cert.subject))
		warnings_add(&changing->warnings, &change_warnings[WARNING_REPLACES_ANOTHER], new,
			     "'%s' and the certificate that is added have different subjects", o->replaces);
	requests_add(&changing->requests, REQUEST_REMOVE, old);
	cost_tell(changing, later ? o->retire_on : CLOCK_NONE);
	if (!later) {
		changing->against = &o->against;
		return true;
	}
	if (cost_later(changing, &o->against, &err)) {
		changing->requests.count--;
		if (retiring_note(changing, o->retire_on, old, new, &err))
			return true;
	}
	cmd_fail(adding->run, &err);
	return false;
}

/* RFC 5280 has no way to exclude all mail addresses, and a host's certificate may name one. */
static void tell_mail(const struct adding *adding, struct changing *changing)
{
	const struct add_options *o = adding->o;
	const struct anchor *first = &adding->wanted->anchors[0];

	if (o->dns.count + o->networks.count > 0 && o->mail.count == 0 &&
	    (anchor_trusted(first) >> PURPOSE_EMAIL & 1))
		texts_add_new(&changing->facts,
			      "hosts are limited, and mail addresses are not: --permit-email limits them, "
			      "--purpose=server-auth leaves them out");
}

static enum status perform(struct adding *adding, struct changing *changing)
{
	const struct origins origins = { adding->sources, adding->files, adding->from };

	for (size_t i = 0; i < adding->wanted->count; i++)
		requests_add(&changing->requests, REQUEST_TRUST, &adding->wanted->anchors[i]);
	for (size_t i = 0; !adding->run->show.json && !adding->run->show.quiet && i < adding->wanted->count;
	     i++)
		show_subject(&adding->run->show, &adding->wanted->anchors[i]);
	trusting_warn(changing, adding->wanted, &origins);
	tell_mail(adding, changing);
	if (!replace(adding, changing))
		return STATUS_TROUBLE;
	changing->summary = summary_of(changing, "trust");
	return change_perform(changing);
}

static bool read_all(struct adding *adding, int argc, char **argv, struct err *err)
{
	if (!read_fingerprints(adding, err))
		return false;
	for (int i = 0; i < argc; i++)
		if (!read_source(adding, argv[i], err))
			return false;
	return want_all(adding, err);
}

static void adding_done(struct adding *adding)
{
	store_free(adding->wanted);
	certs_done(&adding->certs);
	for (size_t i = 0; i < adding->count; i++)
		store_free(adding->sources[i]);
	free(adding->sources);
	free(adding->files);
	free(adding->from);
}

static enum status add_run(struct run *run, void *values, int argc, char **argv)
{
	const struct add_options *o = values;
	struct adding adding = { .run = run,
				 .o = o,
				 .trusting = { o->purposes, o->dns, o->networks, o->mail, o->not_after,
					       o->label } };
	struct changing changing = { .run = run, .options = &o->change, .exact = true };
	enum status status = STATUS_TROUBLE;
	struct err err = { 0 };

	if (argc < 1)
		return cmd_usage(run, "which certificate? a file, a URL, or '-' for standard input");
	if (o->replaces == NULL && (o->retire_on != CLOCK_NONE || o->against.count > 0))
		return cmd_usage(run, "--retire-on and --check-against go with --replaces");
	for (size_t i = 0; i < o->change.accept.count; i++)
		if (!warning_codes(o->change.accept.all[i], &err))
			return cmd_fail(run, &err);
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
	.changes = true,
	.preset = preset,
	.run = add_run,
};
