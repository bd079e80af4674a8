/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/danger.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "check/danger_look.h"
#include "check/signature.h"
#include "check/trust.h"
#include "model/anchor.h"
#include "model/facts.h"

/* clang-format off */
const struct warning_row dangers[] = {
	[DANGER_KNOWN_BAD] = { "known-bad", SEVERITY_CRITICAL, true,
	  "The certificate, or another one with this key, is known as one that must not be trusted: of a CA that was "
	  "broken into, misused or dismissed, or made by somebody else than it says." },
	[DANGER_PUBLISHED_KEY] = { "published-key", SEVERITY_CRITICAL, true,
	  "The private key has been published. Anybody can make certificates for any site with it." },
	[DANGER_PRIVATE_KEY] = { "private-key-in-file", SEVERITY_HIGH, true,
	  "The file holds a private key too. If it is the CA's, whoever can read the file can speak for every site." },
	[DANGER_DISTRUSTED] = { "distrusted", SEVERITY_HIGH, false,
	  "The file itself, a store of this host or a public list forbids this certificate, its key, or its issuer and serial number." },
	[DANGER_INTERCEPTION] = { "interception-product", SEVERITY_HIGH, false,
	  "It is of a program that reads encrypted traffic. Whoever has its key, on whatever machine it runs, can "
	  "speak for every site." },
	[DANGER_PUBLIC_SUBJECT] = { "public-subject", SEVERITY_HIGH, false,
	  "It has the name of a public root and another key: a new root of that CA, or somebody who pretends to be it." },
	[DANGER_UNREADABLE] = { "unreadable", SEVERITY_HIGH, false,
	  "The certificate breaks a rule without which a field has no one meaning. Programs refuse it or read it differently." },
	[DANGER_BAD_SIGNATURE] = { "bad-signature", SEVERITY_HIGH, false,
	  "It says that it signed itself, and the signature is wrong: it was damaged or altered after it was made." },
	[DANGER_NOT_A_CA] = { "not-a-ca", SEVERITY_HIGH, false,
	  "It was issued by a CA and is none: a server's or a user's certificate. As an anchor it vouches for nothing "
	  "but itself, if programs take it at all." },
	[DANGER_EXPIRED] = { "expired", SEVERITY_HIGH, false,
	  "It is no longer valid. Programs refuse what it signed." },
	[DANGER_WEAK_KEY] = { "weak-key", SEVERITY_HIGH, false,
	  "The key is so short that it can be broken, or that programs refuse it." },
	[DANGER_GO_SERIAL] = { "go-negative-serial", SEVERITY_HIGH, false,
	  "The serial number is negative. Programs in Go 1.23 and later cannot read the certificate, and those that take a "
	  "bundle as a whole then refuse all of it." },
	[DANGER_UNCONSTRAINED] = { "unconstrained", SEVERITY_MEDIUM, false,
	  "It can speak for every site on the internet, and not only for those it is meant for: neither it nor the "
	  "store limits its names." },
	[DANGER_SELF_SIGNED_LEAF] = { "self-signed-leaf", SEVERITY_MEDIUM, false,
	  "It signed itself and is no CA: one server's certificate. It has to be replaced here whenever it is there." },
	[DANGER_INTERMEDIATE] = { "intermediate", SEVERITY_MEDIUM, false,
	  "It was issued by another CA and is no root. OpenSSL takes only roots as anchors unless a program says "
	  "otherwise, and its issuer can no longer revoke it where it is trusted itself." },
	[DANGER_NO_BASIC_CONSTRAINTS] = { "no-basic-constraints", SEVERITY_MEDIUM, false,
	  "It does not say whether it is a CA, as old or home-made certificates do not. Many programs refuse what it signed." },
	[DANGER_NO_KEY_CERT_SIGN] = { "no-key-cert-sign", SEVERITY_MEDIUM, false,
	  "Its keyUsage does not allow it to sign certificates. Programs refuse what it signed." },
	[DANGER_NOT_YET_VALID] = { "not-yet-valid", SEVERITY_MEDIUM, false,
	  "It is not valid yet, or the clock is wrong." },
	[DANGER_DROPPED_ROOT] = { "dropped-root", SEVERITY_MEDIUM, false,
	  "It was in Mozilla's list and is no longer: its CA gave it up, or was dismissed." },
	[DANGER_SAME_SUBJECT] = { "same-subject", SEVERITY_MEDIUM, false,
	  "A store of this host has another certificate of this name with another key: an older one of the same CA, or of "
	  "somebody who chose the same name." },
	[DANGER_SEVERAL] = { "several-in-file", SEVERITY_MEDIUM, false,
	  "The file holds more than one certificate. Each of them becomes an anchor, also those that nobody looked at." },
	[DANGER_SHARED] = { "shared-source", SEVERITY_MEDIUM, false,
	  "Others than the owner can write the file, or replace it in its directory." },
	[DANGER_WEAK_SIGNATURE] = { "weak-signature", SEVERITY_MEDIUM, false,
	  "Its issuer signed it with an algorithm that can be broken: others can have made it." },
	[DANGER_UNKNOWN_CRITICAL] = { "unknown-critical", SEVERITY_MEDIUM, false,
	  "It has a critical extension that is not known here. Programs that do not know it must refuse what it signed." },
	[DANGER_NO_NAME] = { "no-name", SEVERITY_MEDIUM, false,
	  "Its subject is empty. Issuers are found by their names, so that nothing can be issued by it." },
	[DANGER_JAVA] = { "java-not-a-ca", SEVERITY_LOW, false,
	  "Java takes no certificate as an issuer that does not say that it is a CA that may sign certificates, even if "
	  "it is in its keystore." },
	[DANGER_PYTHON] = { "python-strict", SEVERITY_LOW, false,
	  "Python 3.13 and later checks strictly by default (VERIFY_X509_STRICT), as does openssl verify -x509_strict, and "
	  "refuses what it signed, though other programs accept it." },
	[DANGER_BASIC_CONSTRAINTS_NOT_CRITICAL] = { "basic-constraints-not-critical", SEVERITY_LOW, false,
	  "basicConstraints is not critical, as RFC 5280 demands of CAs. Strict programs refuse it." },
	[DANGER_UNCHECKED_SIGNATURE] = { "signature-unchecked", SEVERITY_LOW, false,
	  "It says that it signed itself, by an algorithm or a key that cannot be checked here. Other programs may not know "
	  "it either." },
	[DANGER_EXPIRES_SOON] = { "expires-soon", SEVERITY_LOW, false,
	  "It expires within 90 days. Its successor should be at hand." },
	[DANGER_LONG_VALIDITY] = { "long-validity", SEVERITY_LOW, false,
	  "It is valid for more than 25 years, longer than its key can be expected to stay secret and strong." },
	[DANGER_ODD_KEY] = { "odd-key", SEVERITY_LOW, false,
	  "Its key is of a kind that public CAs must not have. Browsers and some libraries do not know it." },
	[DANGER_SAME_KEY] = { "same-key", SEVERITY_LOW, false,
	  "Another certificate has this key: an earlier one of the same CA, or one that another CA issued to it. To remove "
	  "the one does not end trust in the other." },
	[DANGER_PUBLIC_ROOT] = { "public-root", SEVERITY_INFO, false,
	  "It is in a public list already. If this host uses that list, nothing has to be added." },
	[DANGER_WEAK_SELF_SIGNATURE] = { "weak-self-signature", SEVERITY_INFO, false,
	  "It signed itself with an algorithm that can be broken. That proves nothing and so does no harm, but a CA that is so "
	  "old may sign others like that, which programs refuse." },
	[DANGER_ROWS] = { NULL, SEVERITY_INFO, false, NULL },
};
/* clang-format on */

struct warning *danger_add(const struct look *look, enum danger danger, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return warnings_add(look->ret, &dangers[danger], look->anchor, "%s", text);
}

void danger_advise(struct warning *warning, const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	if (warning == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	free(warning->advice);
	warning->advice = mem_string(text, strlen(text));
}

char *danger_name(const struct anchor *anchor)
{
	struct buf name = { 0 };

	anchor_name(anchor, &name);
	buf_byte(&name, '\0');
	return (char *)name.at;
}

/* As it is if no shell could take it for anything else; else in quotes. */
char *danger_file(const struct candidate *candidate)
{
	struct buf word = { 0 };

	text_shell(candidate->file != NULL ? candidate->file : "-", &word);
	buf_byte(&word, '\0');
	return (char *)word.at;
}

/* With its own key: what the identifiers say is only asked if that is not the one that signed. */
static enum issued find_issuer(const struct member *member, const struct anchor *anchor)
{
	enum { BUDGET = 64 }; /* of the largest key that is used at all */
	struct signatures *signatures;
	enum signature_answer answer;
	struct facts facts;
	bool says;

	if (!member_self_issued(member))
		return ISSUED_BY_OTHER;
	signatures = signatures_new(BUDGET);
	answer = signature_of(signatures, member, member);
	signatures_free(signatures);
	if (answer == SIGNATURE_GOOD)
		return ISSUED_BY_ITSELF;
	facts_of(anchor, &facts);
	says = facts.self_signed;
	facts_done(&facts);
	if (!says)
		return ISSUED_BY_OTHER;
	return answer == SIGNATURE_BAD ? ISSUED_BY_NONE : ISSUED_BY_UNCHECKED;
}

static void (*const of_certificate[])(const struct look *look) = {
	danger_look_issuer,  danger_look_authority, danger_look_name, danger_look_constraints,
	danger_look_dates,   danger_look_strength,  danger_look_key,  danger_look_critical,
	danger_look_product, danger_look_python,    danger_look_java, danger_look_go,
};
static void (*const of_place[])(const struct look *look) = {
	danger_look_file,
	danger_look_known,
	danger_look_others,
	danger_look_distrust,
};

/* By grievousness, then in the order of the table: few, so that moving each to its place will do. */
static void sort(struct warnings *warnings, size_t from)
{
	for (size_t i = from + 1; i < warnings->count; i++) {
		struct warning one = warnings->all[i];
		size_t at = i;

		for (; at > from; at--) {
			const struct warning_row *before = warnings->all[at - 1].row;

			if (before->severity > one.row->severity ||
			    (before->severity == one.row->severity && before <= one.row))
				break;
			warnings->all[at] = warnings->all[at - 1];
		}
		warnings->all[at] = one;
	}
}

/* It is read once more for the rule that it breaks. */
static void unreadable(const struct look *look)
{
	struct err err = { 0 };
	struct cert cert;

	cert_read(look->cert->der, &cert, &err);
	danger_add(look, DANGER_UNREADABLE, "nothing is known of it but its hash: %s", err.text);
}

void danger_find(const struct candidate *candidate, struct warnings *ret)
{
	const struct anchor *anchor = candidate->anchor;
	struct arena arena = { 0 };
	struct member member = { .cert = anchor->cert, .readable = anchor->readable, .from = MEMBER_TARGET };
	struct look look = {
		.candidate = candidate, .anchor = anchor, .cert = &anchor->cert, .member = &member, .ret = ret
	};
	size_t from = ret->count;

	memcpy(member.id, anchor->id, ID_LEN);
	look.public = danger_is_public(candidate);
	if (anchor->readable) {
		member.subject = trust_name(&arena, anchor->cert.subject);
		member.issuer = trust_name(&arena, anchor->cert.issuer);
		look.issued = find_issuer(&member, anchor);
		look.leaf = danger_is_leaf(&look);
		for (size_t i = 0; i < sizeof(of_certificate) / sizeof(of_certificate[0]); i++)
			of_certificate[i](&look);
	} else {
		unreadable(&look);
	}
	for (size_t i = 0; i < sizeof(of_place) / sizeof(of_place[0]); i++)
		of_place[i](&look);
	sort(ret, from);
	arena_done(&arena);
}
