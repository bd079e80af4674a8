/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules on the form of each certificate by itself: what can be read, and what must be understood. */
#include "base/buf.h"
#include "base/err.h"
#include "check/checks.h"
#include "check/member.h"
#include "check/path.h"
#include "check/reason.h"
#include "check/rule.h"
#include "model/der.h"

#define ODD(odd) (1u << (odd))

/*
 * Oddities that leave something unread, or read in two ways. Of an anchor only those
 * that a rule would have to look at: the store has decided that it is wanted. A GeneralizedTime
 * before 2050 is to be read by all (RFC 5280 section 4.1.2.5). Alternative names are told by the rules that
 * need them.
 */
static const uint32_t unread = ODD(ODD_SERIAL_PADDED) | ODD(ODD_BASIC_CONSTRAINTS) | ODD(ODD_KEY_USAGE) |
			       ODD(ODD_KEY_ID) | ODD(ODD_EXTENDED_KEY_USAGE);
static const uint32_t unread_anchor =
	ODD(ODD_BASIC_CONSTRAINTS) | ODD(ODD_KEY_USAGE) | ODD(ODD_EXTENDED_KEY_USAGE);

void readable_check(const struct trial *trial)
{
	const struct path *path = trial->path;

	for (size_t i = 0; i < path->count; i++) {
		const struct member *member = path->at[i];
		bool anchor = path->anchored && i == path->count - 1;
		uint32_t odd = member->cert.odd & (anchor ? unread_anchor : unread);
		struct err err = { 0 };
		struct cert again;

		if (!member->readable) {
			cert_read(member->cert.der, &again, &err);
			reasons_add(trial->reasons, REASON_MALFORMED, member, i, rules[RULE_READABLE].source,
				    "%s", err.text);
		}
		for (enum odd which = 0; odd != 0 && which < ODD_ROWS; which++)
			if (odd & ODD(which))
				reasons_add(trial->reasons, REASON_MALFORMED, member, i, odds[which].source,
					    "%s", odds[which].text);
	}
}

#define OID(text)                                                                                            \
	{                                                                                                    \
		(const uint8_t *)(text), sizeof(text) - 1                                                    \
	}

/* Beside those with a place of their own: what other rules look at. */
static const struct bytes understood[] = {
	OID("\x2b\x06\x01\x05\x05\x07\x30\x01\x05"), /* id-pkix-ocsp-nocheck, RFC 6960 */
};

/* Microsoft's application policies; RULE_PURPOSE reads them as a second extKeyUsage. */
static const struct bytes application_policies = OID("\x2b\x06\x01\x04\x01\x82\x37\x15\x0a");

static bool understands(const struct cert *cert, struct bytes oid)
{
	if (cert_has(cert, EXT_EXTENDED_KEY_USAGE) && bytes_equal(oid, application_policies))
		return true;
	for (enum ext ext = 0; ext < EXT_ROWS; ext++)
		if (bytes_equal(exts[ext].oid, oid))
			return true;
	for (size_t i = 0; i < sizeof(understood) / sizeof(understood[0]); i++)
		if (bytes_equal(understood[i], oid))
			return true;
	return false;
}

static void add_unknown(const struct trial *trial, const struct member *member, size_t depth,
			struct bytes oid)
{
	struct buf dotted = { 0 };

	der_oid_text(oid, &dotted);
	reasons_add(trial->reasons, REASON_UNKNOWN_CRITICAL_EXTENSION, member, depth,
		    rules[RULE_CRITICAL].source, "the critical extension %.*s is not understood",
		    (int)dotted.len, (const char *)dotted.at);
	buf_done(&dotted);
}

/* True: there is none. */
static bool check_critical(const struct trial *trial, const struct member *member, size_t depth)
{
	struct cursor in = der_into(member->cert.extensions);
	struct extension one;
	bool odd, none = true;

	while (cursor_left(&in) > 0)
		if (extension_read(der_take_whole(&in, DER_SEQUENCE), &one, &odd) && one.critical &&
		    !understands(&member->cert, one.oid)) {
			add_unknown(trial, member, depth, one.oid);
			none = false;
		}
	return none;
}

void critical_check(const struct trial *trial)
{
	for (size_t i = 0; i < trial->path->count; i++) {
		const struct member *member = trial->path->at[i];
		struct member_memo *memo = member->memo;

		if (!member->cert.critical_other || (memo != NULL && memo->clean & CLEAN_CRITICAL))
			continue;
		if (check_critical(trial, member, i) && memo != NULL)
			memo->clean |= CLEAN_CRITICAL;
	}
}
