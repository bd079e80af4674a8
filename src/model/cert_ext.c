/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   Extensions ::= SEQUENCE OF SEQUENCE { OID, critical BOOLEAN DEFAULT FALSE, OCTET STRING }
 */
#include "model/cert_ext.h"

#include "base/err.h"
#include "base/limits.h"
#include "model/cert.h"
#include "model/der.h"
#include "model/name.h"

#define OID(text)                                                                                            \
	{                                                                                                    \
		(const uint8_t *)(text), sizeof(text) - 1                                                    \
	}

const struct ext_row exts[EXT_ROWS] = {
	[EXT_BASIC_CONSTRAINTS] = { "basicConstraints", OID("\x55\x1d\x13") },
	[EXT_KEY_USAGE] = { "keyUsage", OID("\x55\x1d\x0f") },
	[EXT_SUBJECT_KEY_ID] = { "subjectKeyIdentifier", OID("\x55\x1d\x0e") },
	[EXT_AUTHORITY_KEY_ID] = { "authorityKeyIdentifier", OID("\x55\x1d\x23") },
	[EXT_EXTENDED_KEY_USAGE] = { "extKeyUsage", OID("\x55\x1d\x25") },
	[EXT_SUBJECT_ALT_NAME] = { "subjectAltName", OID("\x55\x1d\x11") },
	[EXT_ISSUER_ALT_NAME] = { "issuerAltName", OID("\x55\x1d\x12") },
	[EXT_NAME_CONSTRAINTS] = { "nameConstraints", OID("\x55\x1d\x1e") },
	[EXT_CERTIFICATE_POLICIES] = { "certificatePolicies", OID("\x55\x1d\x20") },
	[EXT_POLICY_MAPPINGS] = { "policyMappings", OID("\x55\x1d\x21") },
	[EXT_POLICY_CONSTRAINTS] = { "policyConstraints", OID("\x55\x1d\x24") },
	[EXT_INHIBIT_ANY_POLICY] = { "inhibitAnyPolicy", OID("\x55\x1d\x36") },
	[EXT_CRL_DISTRIBUTION_POINTS] = { "cRLDistributionPoints", OID("\x55\x1d\x1f") },
	[EXT_AUTHORITY_INFO_ACCESS] = { "authorityInfoAccess", OID("\x2b\x06\x01\x05\x05\x07\x01\x01") },
	[EXT_TLS_FEATURE] = { "tlsFeature", OID("\x2b\x06\x01\x05\x05\x07\x01\x18") },
};

static void read_basic_constraints(struct cert *cert, struct bytes value)
{
	struct cursor outer = der_into(value), in = der_into(der_take(&outer, DER_SEQUENCE));
	uint64_t path_len = 0;
	bool ca = false, has_len = false, ok = der_ended(&outer);

	if (der_peek(&in, DER_BOOLEAN)) {
		ok = ok && der_read_boolean(der_take(&in, DER_BOOLEAN), &ca);
		cert_mark(cert, ODD_DEFAULT_ENCODED, ok && !ca);
	}
	if (der_peek(&in, DER_INTEGER)) {
		has_len = true;
		ok = ok && der_read_unsigned(der_take(&in, DER_INTEGER), INT32_MAX, &path_len);
	}
	if (!ok || !der_ended(&in)) {
		cert_mark(cert, ODD_BASIC_CONSTRAINTS, true);
		return;
	}
	cert->ca = ca;
	cert->path_len = has_len ? (int32_t)path_len : -1;
}

static void read_key_usage(struct cert *cert, struct bytes value)
{
	struct cursor outer = der_into(value);
	struct bytes bits = der_take(&outer, DER_BIT_STRING);
	uint16_t usage = 0;

	/* bits behind the last are zero (X.690 section 11.2.1): some would see them and some would not */
	if (!der_ended(&outer) || bits.len < 1 || bits.len > 3 || bits.at[0] > 7 ||
	    (bits.len == 1 && bits.at[0] != 0) || bits.at[bits.len - 1] & ((1u << bits.at[0]) - 1)) {
		cert_mark(cert, ODD_KEY_USAGE, true);
		return;
	}
	for (unsigned i = 0; i < 8 * (bits.len - 1); i++)
		if (bits.at[1 + i / 8] >> (7 - i % 8) & 1)
			usage |= (uint16_t)(1u << i);
	cert->key_usage = usage;
}

static void read_key_id(struct cert *cert, struct bytes value)
{
	struct cursor outer = der_into(value);

	der_take(&outer, DER_OCTET_STRING);
	cert_mark(cert, ODD_KEY_ID, !der_ended(&outer));
}

static void read_authority_key_id(struct cert *cert, struct bytes value)
{
	struct cursor outer = der_into(value), in = der_into(der_take(&outer, DER_SEQUENCE));

	while (cursor_left(&in) > 0)
		der_next(&in);
	cert_mark(cert, ODD_KEY_ID, !der_ended(&outer) || !der_ended(&in));
}

static void read_extended_key_usage(struct cert *cert, struct bytes value)
{
	struct cursor outer = der_into(value), in = der_into(der_take(&outer, DER_SEQUENCE));
	bool ok;

	do
		ok = der_oid_valid(der_take(&in, DER_OID));
	while (ok && cursor_left(&in) > 0);
	cert_mark(cert, ODD_EXTENDED_KEY_USAGE, !ok || !der_ended(&outer));
}

/* OtherName ::= SEQUENCE { OID, [0] EXPLICIT ANY }, tagged [0] IMPLICIT. */
static bool other_name_valid(struct bytes body)
{
	struct cursor in = der_into(body), value;
	bool ok = der_oid_valid(der_take(&in, DER_OID));

	value = der_into(der_take(&in, DER_EXPLICIT(0)));
	der_next(&value);
	return ok && der_ended(&in) && der_ended(&value);
}

static bool any_valid(struct bytes body)
{
	struct cursor in = der_into(body);

	while (cursor_left(&in) > 0)
		der_next(&in);
	return body.len > 0 && !in.bad;
}

/* IA5String: ASCII; an empty one names nothing (RFC 5280 section 4.2.1.6). */
static bool ascii_valid(struct bytes body)
{
	for (size_t i = 0; i < body.len; i++)
		if (body.at[i] >= 0x80)
			return false;
	return body.len > 0;
}

static bool address_valid(struct bytes body)
{
	return body.len == 4 || body.len == 16;
}

/* GeneralName, RFC 5280 section 4.2.1.6. */
static const struct {
	unsigned tag;
	bool (*valid)(struct bytes body);
} general_names[] = {
	{ DER_EXPLICIT(0), other_name_valid }, /* otherName */
	{ DER_CONTEXT(1), ascii_valid },       /* rfc822Name */
	{ DER_CONTEXT(2), ascii_valid },       /* dNSName */
	{ DER_EXPLICIT(3), any_valid },        /* x400Address */
	{ DER_EXPLICIT(4), name_valid },       /* directoryName: explicit, as Name is a CHOICE */
	{ DER_EXPLICIT(5), any_valid },        /* ediPartyName */
	{ DER_CONTEXT(6), ascii_valid },       /* uniformResourceIdentifier */
	{ DER_CONTEXT(7), address_valid },     /* iPAddress */
	{ DER_CONTEXT(8), der_oid_valid },     /* registeredID */
};

static bool general_name_valid(const struct der *name)
{
	for (size_t i = 0; i < sizeof(general_names) / sizeof(general_names[0]); i++)
		if (general_names[i].tag == name->tag)
			return general_names[i].valid(name->body);
	return false;
}

static void read_alt_name(struct cert *cert, struct bytes value)
{
	struct cursor outer = der_into(value), in = der_into(der_take(&outer, DER_SEQUENCE));
	bool ok;

	do {
		struct der name = der_next(&in);

		ok = !in.bad && general_name_valid(&name);
	} while (ok && cursor_left(&in) > 0);
	cert_mark(cert, ODD_ALT_NAME, !ok || !der_ended(&outer));
}

static void (*const ext_readers[EXT_ROWS])(struct cert *, struct bytes) = {
	[EXT_BASIC_CONSTRAINTS] = read_basic_constraints,
	[EXT_KEY_USAGE] = read_key_usage,
	[EXT_SUBJECT_KEY_ID] = read_key_id,
	[EXT_AUTHORITY_KEY_ID] = read_authority_key_id,
	[EXT_EXTENDED_KEY_USAGE] = read_extended_key_usage,
	[EXT_SUBJECT_ALT_NAME] = read_alt_name,
	[EXT_ISSUER_ALT_NAME] = read_alt_name,
};

bool extension_read(struct bytes whole, struct extension *ret, bool *ret_odd)
{
	struct cursor outer = der_into(whole), in = der_into(der_take(&outer, DER_SEQUENCE));
	struct extension out = { .whole = whole };

	out.oid = der_take(&in, DER_OID);
	if (der_peek(&in, DER_BOOLEAN)) {
		if (!der_read_boolean(der_take(&in, DER_BOOLEAN), &out.critical))
			return false;
		*ret_odd = !out.critical;
	}
	out.value = der_take(&in, DER_OCTET_STRING);
	if (!der_oid_valid(out.oid) || !der_ended(&in) || !der_ended(&outer))
		return false;
	*ret = out;
	return true;
}

static enum ext ext_of(struct bytes oid)
{
	enum ext ext = 0;

	while (ext < EXT_ROWS && !bytes_equal(exts[ext].oid, oid))
		ext++;
	return ext;
}

static bool oid_before(struct bytes extensions, struct bytes oid, const uint8_t *end)
{
	struct cursor in = der_into(extensions);

	while (in.pos < extensions.len && in.all.at + in.pos < end) {
		struct cursor one = der_into(der_take(&in, DER_SEQUENCE));

		if (bytes_equal(der_take(&one, DER_OID), oid))
			return true;
	}
	return false;
}

bool cert_ext_read(struct cert *cert, struct err *err)
{
	struct cursor in = der_into(cert->extensions);

	for (int count = 0; cursor_left(&in) > 0; count++) {
		struct extension one;
		bool odd = false;
		enum ext ext;

		if (count >= LIMIT_EXTENSIONS)
			return err_set(err, ERR_LIMIT, "more than %d extensions", LIMIT_EXTENSIONS);
		if (!extension_read(der_take_whole(&in, DER_SEQUENCE), &one, &odd))
			return err_set(err, ERR_DAMAGED, "extension %d is no DER Extension", count + 1);
		cert_mark(cert, ODD_DEFAULT_ENCODED, odd);
		ext = ext_of(one.oid);
		if (ext == EXT_ROWS ? oid_before(cert->extensions, one.oid, one.whole.at)
				    : cert_has(cert, ext))
			return err_set(err, ERR_DAMAGED, "extension %d is there twice", count + 1);
		if (ext == EXT_ROWS) {
			cert->critical_other |= one.critical;
			continue;
		}
		cert->present |= 1u << ext;
		cert->critical |= one.critical ? 1u << ext : 0;
		cert->ext[ext] = one.value;
		if (ext_readers[ext] != NULL)
			ext_readers[ext](cert, one.value);
	}
	return true;
}

bool cert_extension(const struct cert *cert, struct bytes oid, struct extension *ret)
{
	struct cursor in = der_into(cert->extensions);
	bool odd;

	while (cursor_left(&in) > 0) {
		struct extension one;

		if (!extension_read(der_take_whole(&in, DER_SEQUENCE), &one, &odd))
			return false;
		if (bytes_equal(one.oid, oid)) {
			*ret = one;
			return true;
		}
	}
	return false;
}

bool cert_oid_next(struct bytes sequence_of, size_t *at, struct bytes *ret)
{
	struct cursor outer = der_into(sequence_of), in = der_into(der_take(&outer, DER_SEQUENCE));

	in.pos = *at;
	*ret = der_take(&in, DER_OID);
	*at = in.pos;
	return !in.bad;
}
