/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What keys and certificates may be used for. An extKeyUsage counts in every
 * certificate of the path, the anchor's too: what a CA may not do itself, nobody under it
 * may do by its word. anyExtendedKeyUsage is every purpose, except for code and time
 * stamps, which want to be named.
 */
#include "base/buf.h"
#include "base/limits.h"
#include "check/checks.h"
#include "check/member.h"
#include "check/path.h"
#include "check/question.h"
#include "check/reason.h"
#include "check/rule.h"
#include "model/der.h"

enum { DIGITAL_SIGNATURE, NON_REPUDIATION, KEY_ENCIPHERMENT, DATA_ENCIPHERMENT, KEY_AGREEMENT, USAGES = 9 };
#define BIT(usage) ((uint16_t)(1u << (usage)))

static const char *const usage_words[USAGES] = {
	"digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
	"keyCertSign",      "cRLSign",        "encipherOnly",    "decipherOnly",
};

/* One of these is enough; 0: any (RFC 5280 section 4.2.1.12, RFC 3161 section 2.3, RFC 8550 section 4.4.2).
 */
static const uint16_t usages_for[PURPOSE_COUNT] = {
	[PURPOSE_SERVER_AUTH] = BIT(DIGITAL_SIGNATURE) | BIT(KEY_ENCIPHERMENT) | BIT(KEY_AGREEMENT),
	[PURPOSE_CLIENT_AUTH] = BIT(DIGITAL_SIGNATURE) | BIT(KEY_AGREEMENT),
	[PURPOSE_EMAIL] =
		BIT(DIGITAL_SIGNATURE) | BIT(NON_REPUDIATION) | BIT(KEY_ENCIPHERMENT) | BIT(KEY_AGREEMENT),
	[PURPOSE_CODE_SIGNING] = BIT(DIGITAL_SIGNATURE),
	[PURPOSE_TIME_STAMPING] = BIT(DIGITAL_SIGNATURE) | BIT(NON_REPUDIATION),
};

static void usage_text(uint16_t set, struct buf *to)
{
	for (unsigned i = 0; i < USAGES; i++)
		if (set & BIT(i)) {
			buf_text(to, to->len > 0 ? ", " : "");
			buf_text(to, usage_words[i]);
		}
	buf_text(to, to->len > 0 ? "" : "nothing");
	buf_byte(to, '\0');
}

static void add_usage(const struct trial *trial, size_t depth, const char *source, const char *wanted)
{
	const struct member *member = trial->path->at[depth];
	struct buf has = { 0 };

	usage_text(member->cert.key_usage, &has);
	reasons_add(trial->reasons, REASON_KEY_USAGE, member, depth, source,
		    "its keyUsage is %s; wanted is %s", (const char *)has.at, wanted);
	buf_done(&has);
}

static bool any_purpose(const struct question *question)
{
	return question->purpose >= PURPOSE_OTHER && purpose_any(question->purpose_oid);
}

/*
 * A CA that is judged for itself is not used by this purpose's protocol: its key signs
 * certificates, and what it may issue for is its extKeyUsage's to say.
 */
static void target_usage(const struct trial *trial)
{
	enum purpose purpose = trial->question->purpose;
	const struct cert *cert = &trial->path->at[0]->cert;
	uint16_t wanted = purpose < PURPOSE_ROWS ? usages_for[purpose] : 0;
	struct buf text = { 0 };

	if (wanted == 0 || !cert_has(cert, EXT_KEY_USAGE) || cert->key_usage & wanted ||
	    (cert->ca && cert->key_usage & BIT(USAGE_KEY_CERT_SIGN)))
		return;
	usage_text(wanted, &text);
	add_usage(trial, 0, rules[RULE_PURPOSE].source, (const char *)text.at);
	buf_done(&text);
}

void key_usage_check(const struct trial *trial)
{
	for (size_t i = 1; i < trial->path->count; i++) {
		const struct cert *cert = &trial->path->at[i]->cert;

		if (cert_has(cert, EXT_KEY_USAGE) && !(cert->key_usage & BIT(USAGE_KEY_CERT_SIGN)))
			add_usage(trial, i, rules[RULE_KEY_USAGE].source,
				  "keyCertSign, as it issued another");
	}
}

static struct bytes wanted_oid(const struct question *question)
{
	return question->purpose < PURPOSE_ROWS ? purposes[question->purpose].der : question->purpose_oid;
}

/* How people call what is asked for. */
static void purpose_text(struct bytes oid, struct buf *to)
{
	enum purpose purpose = purpose_of_oid(oid);

	if (purpose < PURPOSE_ROWS)
		buf_text(to, purposes[purpose].name);
	else if (purpose_any(oid))
		buf_text(to, "any");
	else
		der_oid_text(oid, to);
}

static struct reason *add_purpose(const struct trial *trial, size_t depth, const char *source,
				  const char *what)
{
	const struct member *member = trial->path->at[depth];
	struct bytes list = member->cert.ext[EXT_EXTENDED_KEY_USAGE], oid;
	struct buf has = { 0 }, wanted = { 0 };
	struct reason *reason;
	size_t at = 0, count = 0;

	while (count < LIMIT_NAMES_TOLD && cert_oid_next(list, &at, &oid)) {
		buf_text(&has, count++ > 0 ? ", " : "");
		purpose_text(oid, &has);
	}
	if (count == LIMIT_NAMES_TOLD && cert_oid_next(list, &at, &oid))
		buf_text(&has, " and others");
	buf_byte(&has, '\0');
	purpose_text(wanted_oid(trial->question), &wanted);
	buf_byte(&wanted, '\0');
	if (cert_has(&member->cert, EXT_EXTENDED_KEY_USAGE))
		reason = reasons_add(trial->reasons, REASON_WRONG_PURPOSE, member, depth, source,
				     "its extKeyUsage is %s; %s %s", (const char *)has.at,
				     (const char *)wanted.at, what);
	else
		reason = reasons_add(trial->reasons, REASON_WRONG_PURPOSE, member, depth, source,
				     "it has no extKeyUsage; %s %s", (const char *)wanted.at, what);
	buf_done(&has);
	buf_done(&wanted);
	return reason;
}

struct listed {
	bool wanted, any, other, server; /* other: than what is wanted */
};

static struct listed listed(const struct cert *cert, struct bytes wanted)
{
	struct listed all = { 0 };
	struct bytes oid;
	size_t at = 0;

	while (cert_oid_next(cert->ext[EXT_EXTENDED_KEY_USAGE], &at, &oid)) {
		bool is = bytes_equal(oid, wanted);

		all.wanted |= is;
		all.other |= !is;
		all.any |= purpose_any(oid);
		all.server |= bytes_equal(oid, purposes[PURPOSE_SERVER_AUTH].der);
	}
	return all;
}

/* RFC 3161 section 2.3: the only purpose, and critical. */
static void time_stamping(const struct trial *trial)
{
	static const char source[] = "RFC 3161 section 2.3";
	const struct cert *cert = &trial->path->at[0]->cert;
	struct listed list = listed(cert, wanted_oid(trial->question));

	if (!list.wanted)
		add_purpose(trial, 0, source, "must be there by name");
	else if (list.other)
		add_purpose(trial, 0, source, "must stand alone");
	else if (!(cert->critical >> EXT_EXTENDED_KEY_USAGE & 1))
		add_purpose(trial, 0, source, "must be critical");
}

/* Critical, for signatures, and not for certificates or CRLs. */
static void code_signing_usage(const struct trial *trial, const char *source)
{
	const struct cert *cert = &trial->path->at[0]->cert;
	const uint16_t authority = BIT(USAGE_KEY_CERT_SIGN) | BIT(USAGE_CRL_SIGN);

	if (!cert_has(cert, EXT_KEY_USAGE))
		reasons_add(trial->reasons, REASON_KEY_USAGE, trial->path->at[0], 0, source,
			    "it has no keyUsage; a critical one with digitalSignature is wanted");
	else if (!(cert->critical >> EXT_KEY_USAGE & 1))
		add_usage(trial, 0, source, "that it be critical");
	else if (cert->key_usage & authority)
		add_usage(trial, 0, source, "neither keyCertSign nor cRLSign");
}

/* Baseline Requirements for code signing, section 7.1.2.3: named, and never with TLS servers or any. */
static void code_signing(const struct trial *trial)
{
	static const char source[] = "CA/Browser Forum, code signing, section 7.1.2.3";
	const struct cert *cert = &trial->path->at[0]->cert;
	struct listed list = listed(cert, wanted_oid(trial->question));

	if (!list.wanted)
		add_purpose(trial, 0, source, "must be there by name");
	else if (list.any || list.server)
		add_purpose(trial, 0, source, "must not stand beside server-auth or any");
	code_signing_usage(trial, source);
}

/*
 * Microsoft's application policies say again what extKeyUsage says, in the form of
 * certificatePolicies: SEQUENCE OF SEQUENCE { OID, ... }. What is critical there has to
 * allow it too.
 */
static bool policies_allow(const struct cert *cert, struct bytes wanted)
{
	static const struct bytes oid = { (const uint8_t *)"\x2b\x06\x01\x04\x01\x82\x37\x15\x0a", 9 };
	struct cursor outer, in;
	struct extension found;

	if (!cert->critical_other || !cert_extension(cert, oid, &found) || !found.critical)
		return true;
	outer = der_into(found.value);
	in = der_into(der_take(&outer, DER_SEQUENCE));
	while (cursor_left(&in) > 0) {
		struct cursor one = der_into(der_take(&in, DER_SEQUENCE));
		struct bytes policy = der_take(&one, DER_OID);

		if (bytes_equal(policy, wanted) || purpose_any(policy))
			return true;
	}
	return false;
}

void purpose_check(const struct trial *trial)
{
	static void (*const special[PURPOSE_COUNT])(const struct trial *) = {
		[PURPOSE_CODE_SIGNING] = code_signing,
		[PURPOSE_TIME_STAMPING] = time_stamping,
	};
	struct bytes wanted = wanted_oid(trial->question);
	enum purpose purpose = trial->question->purpose;
	size_t first = 0;

	if (any_purpose(trial->question))
		return;
	target_usage(trial);
	if (purpose < PURPOSE_ROWS && special[purpose] != NULL) {
		special[purpose](trial);
		first = 1;
	}
	for (size_t i = first; i < trial->path->count; i++) {
		const struct cert *cert = &trial->path->at[i]->cert;
		struct listed list;

		if (!cert_has(cert, EXT_EXTENDED_KEY_USAGE))
			continue;
		list = listed(cert, wanted);
		if (!list.wanted && !list.any)
			add_purpose(trial, i, rules[RULE_PURPOSE].source,
				    i == 0 ? "is not among it" : "is not among what it may issue for");
		else if (!policies_allow(cert, wanted))
			add_purpose(trial, i, rules[RULE_PURPOSE].source,
				    "is not among its application policies");
	}
}
