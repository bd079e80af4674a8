/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   CRLDistributionPoints ::= SEQUENCE OF DistributionPoint
 *   DistributionPoint     ::= SEQUENCE { [0] DistributionPointName?, [1] ReasonFlags?, [2] GeneralNames? }
 *   DistributionPointName ::= CHOICE { [0] GeneralNames, [1] RelativeDistinguishedName }
 */
#include "model/distribution_point.h"

#include "model/der.h"
#include "model/general_name.h"

bool crl_reasons_read(struct bytes bits, uint16_t *ret)
{
	uint16_t reasons = 0;

	if (bits.len < 1 || bits.len > 3 || bits.at[0] > 7 || (bits.len == 1 && bits.at[0] != 0) ||
	    bits.at[bits.len - 1] & ((1u << bits.at[0]) - 1))
		return false;
	for (unsigned i = 0; i < 8 * (bits.len - 1); i++)
		if (bits.at[1 + i / 8] >> (7 - i % 8) & 1)
			reasons |= (uint16_t)(1u << i);
	*ret = reasons & CRL_REASONS_ALL;
	return true;
}

bool point_name_read(struct bytes body, struct point_name *ret)
{
	struct cursor in = der_into(body), parts;
	struct der name = der_next(&in);

	if (!der_ended(&in) || name.body.len == 0)
		return false;
	*ret = (struct point_name){ 0 };
	if (name.tag == DER_EXPLICIT(0)) {
		ret->full = name.body;
		return general_names_valid(name.body);
	}
	parts = der_into(name.body);
	while (cursor_left(&parts) > 0)
		der_take(&parts, DER_SEQUENCE);
	ret->relative = name.body;
	return name.tag == DER_EXPLICIT(1) && !parts.bad;
}

static bool read_point(struct bytes body, struct distribution_point *ret)
{
	struct cursor in = der_into(body);
	struct distribution_point point = { .reasons = CRL_REASONS_ALL };

	if (der_peek(&in, DER_EXPLICIT(0)) && !point_name_read(der_take(&in, DER_EXPLICIT(0)), &point.name))
		return false;
	if (der_peek(&in, DER_CONTEXT(1)) && !crl_reasons_read(der_take(&in, DER_CONTEXT(1)), &point.reasons))
		return false;
	if (der_peek(&in, DER_EXPLICIT(2))) {
		point.issuers = der_take(&in, DER_EXPLICIT(2));
		if (!general_names_valid(point.issuers))
			return false;
	}
	*ret = point;
	return der_ended(&in);
}

bool distribution_point_next(struct bytes value, size_t *at, struct distribution_point *ret)
{
	struct cursor outer = der_into(value), in = der_into(der_take(&outer, DER_SEQUENCE));
	struct bytes body;

	if (!der_ended(&outer) || *at >= in.all.len)
		return false;
	in.pos = *at;
	body = der_take(&in, DER_SEQUENCE);
	if (in.bad || !read_point(body, ret))
		return false;
	*at = in.pos;
	return true;
}
