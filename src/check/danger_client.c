/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dangers in keys and signatures, and what programs will not take: each check is that of the program it
 * names. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "check/algorithm.h"
#include "check/danger_look.h"
#include "check/lint.h"
#include "check/strength.h"
#include "model/key.h"

static struct lint_view view_of(const struct look *look)
{
	return (struct lint_view){ .cert = look->cert, .member = look->member, .where = LINT_ANCHOR };
}

void danger_look_strength(const struct look *look)
{
	const struct algorithm algorithm = algorithm_read(look->cert->signature_algorithm);
	struct key key = key_of(look->cert);
	unsigned least = strength_lacks(&key);
	char text[KEY_TEXT], room[64];

	if (least > 0) {
		key_text(&key, text);
		danger_advise(danger_add(look, DANGER_WEAK_KEY, "its key is %s; %u bits are the least", text,
					 least),
			      "ask its CA for a root with a longer key");
	}
	if (algorithm.sign == GNUTLS_SIGN_UNKNOWN || algorithm.secure)
		return;
	danger_add(look, look->issued == ISSUED_BY_OTHER ? DANGER_WEAK_SIGNATURE : DANGER_WEAK_SELF_SIGNATURE,
		   "it is signed with %s", key_signature(look->cert, room));
}

/* The lints of the Baseline Requirements, and EdDSA, which they do not have. */
void danger_look_key(const struct look *look)
{
	static const char *const names[] = { "key-malformed", "key-dsa", "key-modulus", "key-curve" };
	struct lint_view view = view_of(look);
	struct key key = key_of(look->cert);
	char text[KEY_TEXT];

	key_text(&key, text);
	if (strncmp(key.type, "Ed", 2) == 0)
		danger_add(look, DANGER_ODD_KEY, "its key is %s", text);
	for (size_t i = 0; i < lint_count; i++)
		for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
			struct buf more = { 0 };

			if (strcmp(lints[i].name, names[n]) == 0 && lints[i].broken(&view, &more))
				danger_add(look, DANGER_ODD_KEY, "%s: %s", lints[i].text, text);
			buf_done(&more);
		}
}

void danger_look_critical(const struct look *look)
{
	if (look->cert->critical_other)
		danger_add(look, DANGER_UNKNOWN_CRITICAL,
			   "one of its extensions is critical, and is none that RFC 5280 defines");
}

static bool usage_missing(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return view->cert->ca && !cert_has(view->cert, EXT_KEY_USAGE);
}

static bool length_without_sign(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return view->cert->path_len >= 0 && cert_has(view->cert, EXT_KEY_USAGE) &&
	       !(view->cert->key_usage >> USAGE_KEY_CERT_SIGN & 1);
}

static bool key_id_missing(const struct lint_view *view, struct buf *more)
{
	return view->cert->version == 3 && view->cert->ca && lint_subject_key_id_missing(view, more);
}

static bool extensions_too_new(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return view->cert->version < 3 && view->cert->extensions.len > 0;
}

/*
 * What X509_V_FLAG_X509_STRICT asks of an issuer that ends a chain (OpenSSL's check_extensions(),
 * crypto/x509/x509_vfy.c); the authority's key identifier may be missing there. A certificate that stands
 * alone is not checked.
 */
void danger_look_python(const struct look *look)
{
	static const struct {
		bool (*broken)(const struct lint_view *view, struct buf *more);
		const char *text;
	} rows[] = {
		{ lint_ca_without_basic_constraints, "there is no basicConstraints (error 79)" },
		{ lint_basic_constraints_not_critical, "basicConstraints is not critical (error 89)" },
		{ usage_missing, "there is no keyUsage (error 92)" },
		{ length_without_sign, "there is a path length without keyCertSign (error 81)" },
		{ lint_ca_without_subject, "the subject is empty (error 84)" },
		{ key_id_missing, "there is no subjectKeyIdentifier (error 86)" },
		{ lint_authority_key_id_critical, "authorityKeyIdentifier is critical (error 90)" },
		{ lint_subject_key_id_critical, "subjectKeyIdentifier is critical (error 91)" },
		{ extensions_too_new, "there are extensions, which version 3 alone has (error 93)" },
	};
	struct lint_view view = view_of(look);
	struct buf text = { 0 };

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && !look->leaf; i++)
		if (rows[i].broken(&view, &text))
			buf_print(&text, "%s%s", text.len > 0 ? "; " : "", rows[i].text);
	buf_byte(&text, '\0');
	if (text.len > 1)
		danger_advise(danger_add(look, DANGER_PYTHON, "OpenSSL's strict check fails: %s",
					 (const char *)text.at),
			      "have it made again, with critical basicConstraints, keyUsage and "
			      "subjectKeyIdentifier");
	buf_done(&text);
}

/* A leaf that is the anchor itself is taken. */
void danger_look_java(const struct look *look)
{
	const struct cert *cert = look->cert;
	bool signs = !cert_has(cert, EXT_KEY_USAGE) || cert->key_usage >> USAGE_KEY_CERT_SIGN & 1;

	if (!look->leaf && cert->version == 3 && !(cert->ca && signs))
		danger_advise(danger_add(look, DANGER_JAVA, "%s",
					 cert->ca ? "its keyUsage does not have keyCertSign"
						  : "it has no basicConstraints that say that it is a CA"),
			      "if it cannot be made again: java -Djdk.security.allowNonCaAnchor=true");
}

void danger_look_go(const struct look *look)
{
	struct lint_view view = view_of(look);
	struct buf more = { 0 };

	if (lint_serial_negative(&view, &more))
		danger_advise(danger_add(look, DANGER_GO_SERIAL, "its serial number is negative"),
			      "keep it out of bundles that programs in Go read, or have it made again");
	buf_done(&more);
}
