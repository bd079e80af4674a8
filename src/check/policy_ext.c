/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   CertificatePolicies ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE { OID, qualifiers SEQUENCE
 *                           SIZE (1..MAX) OF SEQUENCE { OID, ANY } OPTIONAL }
 *   PolicyMappings      ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE { OID, OID }
 *   PolicyConstraints   ::= SEQUENCE { [0] INTEGER?, [1] INTEGER? }
 *   InhibitAnyPolicy    ::= INTEGER
 */
#include "check/policy_ext.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/cert.h"
#include "model/der.h"

static const struct bytes oid_any_policy = { (const uint8_t *)"\x55\x1d\x20\x00", 4 };
static const struct bytes oid_cps = { (const uint8_t *)"\x2b\x06\x01\x05\x05\x07\x02\x01", 8 };
static const struct bytes oid_notice = { (const uint8_t *)"\x2b\x06\x01\x05\x05\x07\x02\x02", 8 };

bool policy_any(struct bytes oid)
{
	return bytes_equal(oid, oid_any_policy);
}

int policy_order(const struct bytes *a, const struct bytes *b)
{
	int order = memcmp(a->at, b->at, a->len < b->len ? a->len : b->len);

	return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

static int by_oid(const void *a, const void *b)
{
	return policy_order(a, b);
}

static int by_mapping(const void *a, const void *b)
{
	const struct policy_mapping *x = a, *y = b;
	int order = policy_order(&x->issuer, &y->issuer);

	return order != 0 ? order : policy_order(&x->subject, &y->subject);
}

static bool read_qualifiers(struct bytes body, bool *ret_unknown)
{
	struct cursor in = der_into(body);

	do {
		struct cursor one = der_into(der_take(&in, DER_SEQUENCE));
		struct bytes oid = der_take(&one, DER_OID);

		der_next(&one);
		if (!der_oid_valid(oid) || !der_ended(&one))
			return false;
		*ret_unknown = *ret_unknown || (!bytes_equal(oid, oid_cps) && !bytes_equal(oid, oid_notice));
	} while (cursor_left(&in) > 0);
	return der_ended(&in);
}

static bool read_policies(struct bytes value, struct policy_ext *ext)
{
	struct cursor outer = der_into(value), in = der_into(der_take(&outer, DER_SEQUENCE));

	ext->present = true;
	do {
		struct cursor one = der_into(der_take(&in, DER_SEQUENCE));
		struct bytes oid = der_take(&one, DER_OID);

		if (!der_oid_valid(oid) ||
		    (cursor_left(&one) > 0 &&
		     !read_qualifiers(der_take(&one, DER_SEQUENCE), &ext->unknown_qualifier)) ||
		    !der_ended(&one) || (policy_any(oid) && ext->any))
			return false;
		if (policy_any(oid)) {
			ext->any = true;
			continue;
		}
		ext->oids = mem_grow(ext->oids, ext->count, sizeof(*ext->oids));
		ext->oids[ext->count++] = oid;
	} while (cursor_left(&in) > 0);
	if (ext->count > 1)
		qsort(ext->oids, ext->count, sizeof(*ext->oids), by_oid);
	for (size_t i = 1; i < ext->count; i++)
		if (bytes_equal(ext->oids[i - 1], ext->oids[i]))
			return false;
	return der_ended(&in) && der_ended(&outer);
}

static bool read_mappings(struct bytes value, struct policy_ext *ext)
{
	struct cursor outer = der_into(value), in = der_into(der_take(&outer, DER_SEQUENCE));

	do {
		struct cursor one = der_into(der_take(&in, DER_SEQUENCE));
		struct policy_mapping mapping = { .issuer = der_take(&one, DER_OID) };

		mapping.subject = der_take(&one, DER_OID);
		if (!der_ended(&one) || !der_oid_valid(mapping.issuer) || !der_oid_valid(mapping.subject))
			return false;
		ext->mappings = mem_grow(ext->mappings, ext->mapping_count, sizeof(*ext->mappings));
		ext->mappings[ext->mapping_count++] = mapping;
	} while (cursor_left(&in) > 0);
	qsort(ext->mappings, ext->mapping_count, sizeof(*ext->mappings), by_mapping);
	return der_ended(&in) && der_ended(&outer);
}

/* SkipCerts ::= INTEGER (0..MAX). */
static bool read_skip(struct bytes body, uint32_t *ret)
{
	uint64_t value = 0;

	if (body.len == 0 || body.at[0] >= 0x80 || (body.len > 1 && body.at[0] == 0 && body.at[1] < 0x80))
		return false;
	if (!der_read_unsigned(body, POLICY_NEVER - 1, &value))
		value = POLICY_NEVER - 1;
	*ret = (uint32_t)value;
	return true;
}

static bool read_constraints(struct bytes value, struct policy_ext *ext)
{
	struct cursor outer = der_into(value), in = der_into(der_take(&outer, DER_SEQUENCE));

	if (!der_ended(&outer) || cursor_left(&in) == 0)
		return false;
	if (der_peek(&in, DER_CONTEXT(0)) &&
	    !read_skip(der_take(&in, DER_CONTEXT(0)), &ext->require_explicit))
		return false;
	if (der_peek(&in, DER_CONTEXT(1)) && !read_skip(der_take(&in, DER_CONTEXT(1)), &ext->inhibit_mapping))
		return false;
	return der_ended(&in);
}

static bool read_inhibit_any(struct bytes value, struct policy_ext *ext)
{
	struct cursor in = der_into(value);

	return read_skip(der_take(&in, DER_INTEGER), &ext->inhibit_any) && der_ended(&in);
}

static const struct {
	enum ext ext;
	bool (*read)(struct bytes value, struct policy_ext *ext);
	const char *why;
} readers[] = {
	{ EXT_CERTIFICATE_POLICIES, read_policies, "certificatePolicies cannot be read, or names one twice" },
	{ EXT_POLICY_MAPPINGS, read_mappings, "policyMappings cannot be read" },
	{ EXT_POLICY_CONSTRAINTS, read_constraints, "policyConstraints cannot be read, or is empty" },
	{ EXT_INHIBIT_ANY_POLICY, read_inhibit_any, "inhibitAnyPolicy cannot be read" },
};

bool policy_ext_read(const struct cert *cert, struct policy_ext *ret, const char **ret_why)
{
	*ret = (struct policy_ext){ .require_explicit = POLICY_NEVER,
				    .inhibit_mapping = POLICY_NEVER,
				    .inhibit_any = POLICY_NEVER };
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (cert_has(cert, readers[i].ext) && !readers[i].read(cert->ext[readers[i].ext], ret)) {
			*ret_why = readers[i].why;
			return false;
		}
	return true;
}

void policy_ext_done(struct policy_ext *ext)
{
	free(ext->oids);
	free(ext->mappings);
}
