/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/reason.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <gnutls/x509.h>

#include "base/limits.h"
#include "base/mem.h"
#include "check/member.h"

/* The numbers are X509_V_ERR_* of OpenSSL 3, <openssl/x509_vfy.h>. */
const struct reason_row reasons_table[REASON_ROWS] = {
	[REASON_MALFORMED] = { "malformed", "the certificate is not well formed",
			       "ask who issued it for a new one, or copy the file again if it was damaged on "
			       "its way",
			       13, GNUTLS_CERT_INVALID },
	[REASON_REVOKED] = { "revoked", "its issuer has taken it back",
			     "replace it by a new certificate with a new key", 23, GNUTLS_CERT_REVOKED },
	[REASON_DISTRUSTED] = { "distrusted", "the store distrusts it",
				"get a certificate from another authority; "
				"who distrusts it is told by the store's file",
				28, GNUTLS_CERT_INVALID },
	[REASON_DISTRUST_AFTER] = { "distrust-after",
				    "it was issued after the day from which the store no longer trusts its "
				    "CA",
				    "get a certificate from another authority", 28, GNUTLS_CERT_INVALID },
	[REASON_CLOCK_WRONG] = { "clock-wrong", "the clock of this machine seems to be wrong",
				 "look at the clock with 'date -u' and set it; until then give the time with "
				 "--at",
				 0, 0 },
	[REASON_EXPIRED] = { "expired", "it has expired", "renew it and install the new one", 10,
			     GNUTLS_CERT_EXPIRED },
	[REASON_NOT_YET_VALID] = { "not-yet-valid", "it is not valid yet",
				   "wait until it is, or check the clock of this machine", 9,
				   GNUTLS_CERT_NOT_ACTIVATED },
	[REASON_BAD_SIGNATURE] = { "bad-signature", "its signature is wrong",
				   "it was changed after it was signed, or its issuer is another with the "
				   "same name: "
				   "get it again from where it was issued",
				   7, GNUTLS_CERT_SIGNATURE_FAILURE },
	[REASON_SELF_SIGNED] = { "self-signed", "it is signed by itself, and the store does not have it",
				 "if you know that it is the right one, try it with --with, then add it to "
				 "the store",
				 18, GNUTLS_CERT_SIGNER_NOT_FOUND },
	[REASON_INCOMPLETE_CHAIN] = { "incomplete-chain", "the certificate of its issuer is missing",
				      "let the server send the missing intermediate, or give it with "
				      "--intermediates",
				      20, GNUTLS_CERT_SIGNER_NOT_FOUND },
	[REASON_UNKNOWN_CA] = { "unknown-ca", "the chain ends in a CA that the store does not know",
				"if you know that it is the right one, try it with --with, then add it to "
				"the store",
				19, GNUTLS_CERT_SIGNER_NOT_FOUND },
	[REASON_HOSTNAME_MISMATCH] = { "hostname-mismatch", "it is for another name",
				       "use one of the names that it has, or get one for this name", 62,
				       GNUTLS_CERT_UNEXPECTED_OWNER },
	[REASON_NO_SUBJECT_ALT_NAME] = { "no-subject-alt-name", "it has no subjectAltName",
					 "get one that has its names there; the common name does not count",
					 62, GNUTLS_CERT_UNEXPECTED_OWNER },
	[REASON_WRONG_PURPOSE] = { "wrong-purpose", "it is not for this purpose",
				   "get one that is, or ask for the right purpose with --purpose", 26,
				   GNUTLS_CERT_PURPOSE_MISMATCH },
	[REASON_NOT_A_CA] = { "not-a-ca", "it signed another certificate without being a CA",
			      "get a chain whose intermediates are CAs", 79, GNUTLS_CERT_SIGNER_NOT_CA },
	[REASON_KEY_USAGE] = { "key-usage", "its key may not be used for this",
			       "get one whose key usage fits", 32, GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE },
	[REASON_PATH_LENGTH] = { "path-length", "there are more CAs below it than it allows",
				 "get one from a CA that may have this many below it", 25,
				 GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE },
	[REASON_NAME_CONSTRAINT] = { "name-constraint", "a CA above it may not issue for this name",
				     "get one from a CA that may issue for its names", 47,
				     GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE },
	[REASON_POLICY] = { "policy", "it is not under a policy that is asked for",
			    "get one under such a policy, or ask for another with --policy", 43,
			    GNUTLS_CERT_INVALID },
	[REASON_UNKNOWN_CRITICAL_EXTENSION] = { "unknown-critical-extension",
						"it has a critical extension that is not understood",
						"get one without, or judge it by a program that knows the "
						"extension",
						34, GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS },
	[REASON_WEAK_SIGNATURE] = { "weak-signature", "it is signed with an algorithm that can be forged",
				    "have it issued again with SHA-256 or better", 68,
				    GNUTLS_CERT_INSECURE_ALGORITHM },
	[REASON_WEAK_KEY] = { "weak-key", "its key is too weak",
			      "make a new key, RSA with 2048 bits or more or P-256, and have it certified",
			      66, GNUTLS_CERT_INSECURE_ALGORITHM },
	[REASON_PROFILE] = { "profile", "it breaks a rule for certificates of the Internet",
			     "have it issued again by a CA that keeps RFC 5280", 41, GNUTLS_CERT_INVALID },
	[REASON_REVOCATION_UNKNOWN] = { "revocation-unknown", "whether it is revoked cannot be known",
					"give a CRL with --crl or an OCSP answer with --ocsp", 3,
					GNUTLS_CERT_INVALID },
	[REASON_MUST_STAPLE] = { "must-staple", "it wants an OCSP answer to come with it",
				 "let the server staple one, or give it with --ocsp", 73,
				 GNUTLS_CERT_MISSING_OCSP_STATUS },
	[REASON_TOO_DEEP] = { "too-deep", "more intermediates than --max-depth allows",
			      "allow more with --max-depth", 22, GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE },
	[REASON_SEARCH_LIMIT] = { "search-limit", "too much work before an answer was found",
				  "give fewer certificates that are not part of the chain", 22,
				  GNUTLS_CERT_INVALID },
	[REASON_STRICT_SERIAL_ZERO] = { "strict-serial-zero", "its serial number is zero",
					"have it issued again, or judge it without --strict", 0, 0 },
	[REASON_STRICT_KEY_ID] = { "strict-key-id", "its key identifiers do not keep RFC 5280",
				   "have it issued again, or judge it without --strict", 86, 0 },
	[REASON_STRICT_BASIC_CONSTRAINTS] = { "strict-basic-constraints",
					      "its basicConstraints are not critical",
					      "have it issued again, or judge it without --strict", 89, 0 },
	[REASON_STRICT_EXTENDED_KEY_USAGE] = { "strict-extended-key-usage", "it does not say what it is for",
					       "have it issued again, or judge it without --strict", 26, 0 },
	[REASON_STRICT_LEAF_CA] = { "strict-leaf-ca", "what is judged is itself a CA",
				    "use a certificate that is none, or judge it without --strict", 37, 0 },
	[REASON_STRICT_COMMON_NAME] = { "strict-common-name",
					"its common name is a host that is not among its names",
					"have it issued again, or judge it without --strict", 0, 0 },
};

/* Of what stands above the target, which who runs a server does not renew: NULL: as for the target. */
static const struct {
	const char *sent;  /* an intermediate */
	const char *store; /* what the store has */
} above[REASON_ROWS] = {
	[REASON_EXPIRED] = { "get the new certificate of this CA from where the one below it was issued, and "
			     "let the server send it instead",
			     "bring the store up to date; or get the CA's new root and try it with --with" },
	[REASON_NOT_YET_VALID] = { "let the server send the older certificate of this CA, or check the clock "
				   "of "
				   "this machine",
				   "let the store keep the CA's older root beside it, or check the clock of "
				   "this machine" },
	[REASON_WRONG_PURPOSE] = { "get a certificate from a CA that may issue for this purpose, or ask for "
				   "the right one with --purpose",
				   NULL },
	[REASON_KEY_USAGE] = { "get a chain whose CAs may sign certificates", NULL },
	[REASON_WEAK_SIGNATURE] = { "get the CA's certificate that is signed with SHA-256 or better from "
				    "where "
				    "the one below it was issued, and let the server send it instead",
				    NULL },
	[REASON_WEAK_KEY] = { "get a certificate from a CA with a stronger key",
			      "get a certificate from a CA with a stronger key" },
};

static const char *print(struct arena *arena, const char *fmt, va_list ap)
{
	char text[LIMIT_REASON];

	vsnprintf(text, sizeof(text), fmt, ap);
	return arena_text(arena, bytes_of(text));
}

struct reason *reasons_add(struct reasons *reasons, enum reason_code code, const struct member *member,
			   size_t depth, const char *source, const char *fmt, ...)
{
	struct reason *reason;
	va_list ap;

	reasons->all = mem_grow(reasons->all, reasons->count, sizeof(*reasons->all));
	reason = &reasons->all[reasons->count++];
	*reason = (struct reason){ .code = code, .member = member, .depth = depth, .source = source };
	va_start(ap, fmt);
	reason->text = print(&reasons->arena, fmt, ap);
	va_end(ap);
	return reason;
}

void reason_remedy(struct reasons *reasons, struct reason *reason, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	reason->remedy = print(&reasons->arena, fmt, ap);
	va_end(ap);
}

const char *reason_what_to_do(const struct reason *reason)
{
	const char *remedy = reason->remedy;

	if (remedy == NULL && reason->member != NULL && reason->depth > 0)
		remedy =
			reason->member->anchor != NULL ? above[reason->code].store : above[reason->code].sent;
	return remedy != NULL ? remedy : reasons_table[reason->code].remedy;
}

bool reasons_have(const struct reasons *reasons, enum reason_code code)
{
	for (size_t i = 0; i < reasons->count; i++)
		if (reasons->all[i].code == code)
			return true;
	return false;
}

static int by_telling(const void *a, const void *b)
{
	const struct reason *x = a, *y = b;

	if (x->code != y->code)
		return x->code < y->code ? -1 : 1;
	if (x->depth != y->depth)
		return x->depth < y->depth ? -1 : 1;
	return strcmp(x->text, y->text);
}

void reasons_sort(struct reasons *reasons)
{
	if (reasons->count > 1)
		qsort(reasons->all, reasons->count, sizeof(*reasons->all), by_telling);
}

void reasons_done(struct reasons *reasons)
{
	free(reasons->all);
	arena_done(&reasons->arena);
	*reasons = (struct reasons){ 0 };
}
