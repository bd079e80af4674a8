/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows of the profile about extensions. */
#include "check/lint.h"

#include "base/buf.h"
#include "check/question.h"
#include "model/der.h"
#include "model/general_name.h"

static bool critical(const struct lint_view *view, enum ext ext)
{
	return view->cert->critical >> ext & 1;
}

/* Somebody asked for a purpose, and did not leave it to the default. */
static bool asked(const struct lint_view *view)
{
	return !view->question->purpose_implied &&
	       !(view->question->purpose == PURPOSE_OTHER && purpose_any(view->question->purpose_oid));
}

static bool asked_for_tls(const struct lint_view *view)
{
	return asked(view) && (view->question->purpose == PURPOSE_SERVER_AUTH ||
			       view->question->purpose == PURPOSE_CLIENT_AUTH);
}

static bool self_issued(const struct lint_view *view)
{
	return bytes_equal(view->member->subject, view->member->issuer);
}

/* AuthorityKeyIdentifier ::= SEQUENCE { [0] keyIdentifier?, [1] GeneralNames?, [2] INTEGER? } */
struct authority_key_id {
	struct bytes key_id;
	bool has_key_id, has_issuer, has_serial;
};

static struct authority_key_id read_authority_key_id(const struct cert *cert)
{
	struct cursor outer = der_into(cert->ext[EXT_AUTHORITY_KEY_ID]);
	struct cursor in = der_into(der_take(&outer, DER_SEQUENCE));
	struct authority_key_id id = { .has_key_id = der_peek(&in, DER_CONTEXT(0)) };

	if (id.has_key_id)
		id.key_id = der_take(&in, DER_CONTEXT(0));
	id.has_issuer = der_peek(&in, DER_EXPLICIT(1));
	if (id.has_issuer)
		der_take(&in, DER_EXPLICIT(1));
	id.has_serial = der_peek(&in, DER_CONTEXT(2));
	return id;
}

static struct bytes subject_key_id(const struct cert *cert)
{
	struct cursor in = der_into(cert->ext[EXT_SUBJECT_KEY_ID]);

	return der_take(&in, DER_OCTET_STRING);
}

/* "There is one exception": a certificate that signs itself may leave it out. */
bool lint_authority_key_id_missing(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return asked(view) && !cert_has(view->cert, EXT_AUTHORITY_KEY_ID) && !self_issued(view);
}

bool lint_authority_key_id_critical(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return critical(view, EXT_AUTHORITY_KEY_ID);
}

bool lint_authority_key_id_empty(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return cert_has(view->cert, EXT_AUTHORITY_KEY_ID) && !read_authority_key_id(view->cert).has_key_id;
}

bool lint_authority_key_id_half(const struct lint_view *view, struct buf *more)
{
	struct authority_key_id id = read_authority_key_id(view->cert);

	if (id.has_issuer == id.has_serial)
		return false;
	buf_text(more, id.has_issuer ? "there is no serial number" : "there is no issuer");
	return true;
}

/* Of an issuer and serial number it may speak as well; some roots do. */
bool lint_authority_key_id_other(const struct lint_view *view, struct buf *more)
{
	struct authority_key_id id = read_authority_key_id(view->cert);

	(void)more;
	return self_issued(view) && id.has_key_id && cert_has(view->cert, EXT_SUBJECT_KEY_ID) &&
	       !bytes_equal(id.key_id, subject_key_id(view->cert));
}

bool lint_subject_key_id_missing(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return !cert_has(view->cert, EXT_SUBJECT_KEY_ID);
}

bool lint_subject_key_id_critical(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return critical(view, EXT_SUBJECT_KEY_ID);
}

bool lint_authority_info_critical(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return critical(view, EXT_AUTHORITY_INFO_ACCESS);
}

/* SEQUENCE SIZE (1..MAX) OF SEQUENCE { accessMethod OID, accessLocation GeneralName } */
static bool authority_info_readable(struct bytes value)
{
	struct cursor outer = der_into(value), in = der_into(der_take(&outer, DER_SEQUENCE));

	do {
		struct cursor one = der_into(der_take(&in, DER_SEQUENCE));
		bool ok = der_oid_valid(der_take(&one, DER_OID));
		struct der where = der_next(&one);
		struct general_name name;
		size_t at = 0;

		if (!ok || !der_ended(&one) || !general_name_next(where.whole, &at, &name))
			return false;
	} while (cursor_left(&in) > 0);
	return der_ended(&in) && der_ended(&outer);
}

/* SEQUENCE SIZE (1..MAX) OF DistributionPoint, of which no more than the outside is looked at. */
static bool distribution_points_readable(struct bytes value)
{
	struct cursor outer = der_into(value), in = der_into(der_take(&outer, DER_SEQUENCE));

	do {
		struct cursor one = der_into(der_take(&in, DER_SEQUENCE));

		while (cursor_left(&one) > 0)
			der_next(&one);
		if (!der_ended(&one))
			return false;
	} while (cursor_left(&in) > 0);
	return der_ended(&in) && der_ended(&outer);
}

/* Those that a rule has to read are told by that rule. */
bool lint_extension_malformed(const struct lint_view *view, struct buf *more)
{
	static const struct {
		enum ext ext;
		bool (*readable)(struct bytes value);
	} rows[] = {
		{ EXT_AUTHORITY_INFO_ACCESS, authority_info_readable },
		{ EXT_CRL_DISTRIBUTION_POINTS, distribution_points_readable },
	};
	const struct cert *cert = view->cert;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (cert_has(cert, rows[i].ext) && !rows[i].readable(cert->ext[rows[i].ext])) {
			buf_text(more, exts[rows[i].ext].name);
			return true;
		}
	return false;
}

/* Time stamping wants it critical (RFC 3161), and code signing may have it so; TLS may not. */
bool lint_purposes_critical(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return asked_for_tls(view) && critical(view, EXT_EXTENDED_KEY_USAGE);
}

bool lint_purposes_any(const struct lint_view *view, struct buf *more)
{
	struct bytes oid;
	size_t at = 0;

	(void)more;
	if (!asked(view))
		return false;
	while (cert_oid_next(view->cert->ext[EXT_EXTENDED_KEY_USAGE], &at, &oid))
		if (purpose_any(oid))
			return true;
	return false;
}

bool lint_cert_sign_without_ca(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return cert_has(view->cert, EXT_KEY_USAGE) && (view->cert->key_usage >> USAGE_KEY_CERT_SIGN & 1) &&
	       !view->cert->ca;
}

bool lint_constraints_in_leaf(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return cert_has(view->cert, EXT_NAME_CONSTRAINTS) && !view->cert->ca;
}

/* RFC 3280 left it to the CA, and paths that are not of the Web have it so; section 6.1 does not mind. */
bool lint_policy_constraints_not_critical(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return asked_for_tls(view) && cert_has(view->cert, EXT_POLICY_CONSTRAINTS) &&
	       !critical(view, EXT_POLICY_CONSTRAINTS);
}

bool lint_ca_without_basic_constraints(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return !cert_has(view->cert, EXT_BASIC_CONSTRAINTS);
}

bool lint_purposes_missing(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return (view->question->purpose == PURPOSE_SERVER_AUTH ||
		view->question->purpose == PURPOSE_CLIENT_AUTH) &&
	       !cert_has(view->cert, EXT_EXTENDED_KEY_USAGE);
}

bool lint_basic_constraints_not_critical(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return cert_has(view->cert, EXT_BASIC_CONSTRAINTS) && view->cert->ca &&
	       !critical(view, EXT_BASIC_CONSTRAINTS);
}

/*
 * As a server's it is the mark of a CA's template; of CAs that issue it is RULE_KEY_USAGE's. RFC 5280 allows
 * a CA whose key does not sign certificates: it is the web's rule, for whoever asks for a name.
 */
bool lint_ca_without_cert_sign(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return asked_for_tls(view) && view->question->reference.type != REFERENCE_NONE && view->cert->ca &&
	       cert_has(view->cert, EXT_KEY_USAGE) && !(view->cert->key_usage >> USAGE_KEY_CERT_SIGN & 1);
}

bool lint_leaf_ca(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return view->cert->ca;
}

/* Section 7.1.2.1.3 of the Baseline Requirements, and RFC 5280 for the key identifier of its own. */
bool lint_root_key_id_strict(const struct lint_view *view, struct buf *more)
{
	const struct cert *cert = view->cert;
	struct authority_key_id id = read_authority_key_id(cert);

	if (!cert_has(cert, EXT_SUBJECT_KEY_ID)) {
		buf_text(more, "it has no subjectKeyIdentifier");
		return true;
	}
	if (!cert_has(cert, EXT_AUTHORITY_KEY_ID) || !self_issued(view))
		return false;
	if (id.has_issuer || id.has_serial) {
		buf_text(more, "its authorityKeyIdentifier names an issuer or a serial number");
		return true;
	}
	if (bytes_equal(id.key_id, subject_key_id(cert)))
		return false;
	buf_text(more, "its authorityKeyIdentifier is not its subjectKeyIdentifier");
	return true;
}
