/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/clock.h"
#include "model/anchor.h"
#include "model/facts.h"
#include "model/store.h"
#include "show/change.h"
#include "show/constraint.h"
#include "show/json.h"
#include "show/put.h"
#include "show/show.h"

enum { DAY = 86400, YEAR = 365 * DAY };

static const char *const usages[] = {
	"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
	"keyCertSign",      "cRLSign",        "encipherOnly",    "decipherOnly",
};

static void field(struct show *show, const char *name)
{
	put_print(show, "  %-13s", name);
}

static void text_field(struct show *show, const char *name, const char *text)
{
	field(show, name);
	put_escaped(show, bytes_of(text));
	put(show, "\n");
}

/* "for another 8 years", "ended 12 days ago": what the date means now. */
static void put_span(struct show *show, const char *before, int64_t seconds, const char *after)
{
	long long days = seconds / DAY, years = seconds / YEAR;

	if (years >= 2)
		put_print(show, "%s%lld years%s", before, years, after);
	else
		put_print(show, "%s%lld day%s%s", before, days, days == 1 ? "" : "s", after);
}

static void put_validity(struct show *show, const struct facts *facts)
{
	char from[CLOCK_TEXT], to[CLOCK_TEXT];

	clock_text(facts->not_before, from);
	clock_text(facts->not_after, to);
	field(show, "valid");
	put_print(show, "%s to %s, ", from, to);
	if (show->at < facts->not_before)
		put_color(show, COLOR_RED, "not yet valid");
	else if (show->at > facts->not_after)
		put_color(show, COLOR_RED, "expired");
	if (show->at > facts->not_after)
		put_span(show, " ", show->at - facts->not_after, " ago");
	else if (show->at >= facts->not_before)
		put_span(show, "another ", facts->not_after - show->at, "");
	put(show, "\n");
}

static void put_key_usage(struct show *show, const struct cert *cert)
{
	bool any = false;

	if (!cert_has(cert, EXT_KEY_USAGE))
		return;
	field(show, "key usage");
	for (unsigned i = 0; i < sizeof(usages) / sizeof(usages[0]); i++) {
		if (!(cert->key_usage >> i & 1))
			continue;
		put_print(show, "%s%s", any ? ", " : "", usages[i]);
		any = true;
	}
	put(show, any ? "\n" : "none\n");
}

/* What the certificate itself carries that limits it. */
static void put_extension(struct show *show, const struct cert *cert, enum ext ext, const char *name)
{
	struct extension extension;
	struct buf text = { 0 };

	if (!cert_has(cert, ext) || !cert_extension(cert, exts[ext].oid, &extension))
		return;
	constraint_text(&extension, &text);
	field(show, name);
	put_escaped(show, buf_view(&text));
	put(show, "\n");
	buf_done(&text);
}

static void put_own(struct show *show, const struct cert *cert)
{
	field(show, "CA");
	if (!cert->ca)
		put(show,
		    cert_has(cert, EXT_BASIC_CONSTRAINTS) ? "no\n" : "no (it has no basicConstraints)\n");
	else if (cert->path_len >= 0)
		put_print(show, "yes, with at most %d intermediate CA%s below\n", (int)cert->path_len,
			  cert->path_len == 1 ? "" : "s");
	else
		put(show, "yes\n");
	put_key_usage(show, cert);
	put_extension(show, cert, EXT_EXTENDED_KEY_USAGE, "limited to");
	put_extension(show, cert, EXT_NAME_CONSTRAINTS, "limited to");
	for (unsigned i = 0; i < ODD_ROWS; i++)
		if (cert->odd >> i & 1) {
			field(show, "odd");
			put_print(show, "%s (%s)\n", odds[i].text, odds[i].source);
		}
}

/* What stays when a certificate is reissued with its key. */
static void put_key_id(struct show *show, const struct anchor *anchor)
{
	uint8_t id[ID_LEN];

	if (!anchor_key_id(anchor, id))
		return;
	field(show, "key SHA-256");
	put_hex(show, (struct bytes){ id, ID_LEN }, ID_LEN);
	put(show, "\n");
}

static void put_facts(struct show *show, const struct anchor *anchor)
{
	struct key key = anchor_key(anchor);
	struct facts facts;
	char text[KEY_TEXT];

	facts_of(anchor, &facts);
	if (facts.known) {
		key_text(&key, text);
		text_field(show, "subject", facts.subject);
		text_field(show, "issuer", facts.self_signed ? "the same: self-signed" : facts.issuer);
		text_field(show, "serial", facts.serial);
		put_validity(show, &facts);
		text_field(show, "key", text);
		put_key_id(show, anchor);
		text_field(show, "signature", facts.signature);
	} else if (anchor->names == ANCHOR_ISSUER_SERIAL) {
		put(show, "  no certificate, but every one with this issuer and serial number\n");
		text_field(show, "issuer", facts.issuer);
		text_field(show, "serial", facts.serial);
	} else if (anchor->names == ANCHOR_KEY) {
		put(show, "  no certificate, but every one with this key\n");
		put_key_id(show, anchor);
	} else {
		put(show, anchor->names == ANCHOR_FINGERPRINT
				  ? "  only its hash is known: the store does not hold the certificate\n"
				  : "  this certificate cannot be read as RFC 5280 wants it; it is known by "
				    "its hash "
				    "only\n");
	}
	facts_done(&facts);
}

/* " (FILE, line 3, byte 99, alias x)", without the file where the store is that file. */
static void put_origin(struct show *show, const struct origin *origin, const char *place)
{
	const char *before = " (";

	if (origin->file != NULL && strcmp(origin->file, place) != 0) {
		put(show, before);
		put_place(show, origin->file);
		before = ", ";
	}
	if (origin->line > 0) {
		put_print(show, "%sline %u", before, origin->line);
		before = ", ";
	}
	if (origin->at > 0) {
		put_print(show, "%sbyte %zu", before, origin->at);
		before = ", ";
	}
	if (origin->alias != NULL) {
		put_print(show, "%salias ", before);
		put_escaped(show, bytes_of(origin->alias));
		before = ", ";
	}
	put(show, before[0] == ',' ? ")" : "");
	if (show->verbose > 0 && origin->uri != NULL) {
		put(show, "\n      ");
		put_escaped(show, bytes_of(origin->uri));
	}
}

static void put_issuer(struct show *show, const struct store *store, const struct anchor *issuer)
{
	struct buf text = { 0 };

	show_trust(issuer, &text);
	put(show, "; its issuer is there: ");
	put_escaped(show, buf_view(&text));
	put_origin(show, &issuer->origin, store->place);
	buf_done(&text);
}

static void put_in_store(struct show *show, const struct store *store, const struct anchor *in,
			 const struct anchor *issuer)
{
	struct buf text = { 0 };

	put(show, "  ");
	put_place(show, store->place);
	put(show, ": ");
	if (in == NULL) {
		put_color(show, COLOR_YELLOW, "absent");
	} else {
		show_trust(in, &text);
		buf_byte(&text, '\0');
		put_color(show,
			  in->distrusted != 0       ? COLOR_RED
			  : anchor_trusted(in) != 0 ? COLOR_GREEN
						    : COLOR_YELLOW,
			  (const char *)text.at);
		put_origin(show, &in->origin, store->place);
	}
	if (issuer != NULL)
		put_issuer(show, store, issuer);
	put(show, "\n");
	if (in != NULL)
		put_attached(show, in);
	buf_done(&text);
}

void show_subject(struct show *show, const struct anchor *anchor)
{
	struct buf name = { 0 };

	anchor_name(anchor, &name);
	if (show->color)
		put(show, "\033[1m");
	put_escaped(show, buf_view(&name));
	put(show, show->color ? "\033[0m\n" : "\n");
	buf_done(&name);
	if (anchor->names == ANCHOR_CERTIFICATE || anchor->names == ANCHOR_FINGERPRINT) {
		field(show, "SHA-256");
		put_hex(show, (struct bytes){ anchor->id, ID_LEN }, ID_LEN);
		put(show, "\n");
	}
	put_facts(show, anchor);
	if (anchor->readable)
		put_own(show, &anchor->cert);
	put_attached(show, anchor);
	put(show, "\n");
}

void show_certificate(struct show *show, const struct anchor *anchor, const struct store *const *stores,
		      const struct anchor *const *in, const struct anchor *const *issuer, size_t count)
{
	struct anchor bare = *anchor;

	bare.attached_count = 0; /* what a store attaches is told of the store */
	if (show->json) {
		show_certificate_json(show, anchor, stores, in, issuer, count);
		return;
	}
	show_subject(show, &bare);
	for (size_t i = 0; i < count; i++)
		put_in_store(show, stores[i], in[i], issuer != NULL ? issuer[i] : NULL);
}
