/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/point.h"

enum { LIMBS = 17 };

const char *const point_words[POINT_FORMS] = {
	[POINT_GOOD] = "a point of its curve",
	[POINT_UNKNOWN] = "of a curve that is not known here",
	[POINT_INFINITY] = "the point at infinity",
	[POINT_FORM] = "no point in a form that RFC 5480 knows",
	[POINT_COORDINATE] = "a point whose coordinate is larger than its field",
	[POINT_OFF_CURVE] = "no point of its curve",
};

/*
 * y^2 = x^3 - 3x + b modulo p, the lowest limb first. The lowest limb of each p is -1 modulo 2^32, so
 * that Montgomery's factor is 1; and p is 3 modulo 4, so that a root is a power.
 */
static const struct curve {
	const char *name;
	size_t octets, limbs;
	uint32_t p[LIMBS], b[LIMBS];
} curves[] = {
	{ "P-256",
	  32,
	  8,
	  { 0xffffffff, 0xffffffff, 0xffffffff, 0x00000000, 0x00000000, 0x00000000, 0x00000001, 0xffffffff },
	  { 0x27d2604b, 0x3bce3c3e, 0xcc53b0f6, 0x651d06b0, 0x769886bc, 0xb3ebbd55, 0xaa3a93e7,
	    0x5ac635d8 } },
	{ "P-384",
	  48,
	  12,
	  { 0xffffffff, 0x00000000, 0x00000000, 0xffffffff, 0xfffffffe, 0xffffffff, 0xffffffff, 0xffffffff,
	    0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff },
	  { 0xd3ec2aef, 0x2a85c8ed, 0x8a2ed19d, 0xc656398d, 0x5013875a, 0x0314088f, 0xfe814112, 0x181d9c6e,
	    0xe3f82d19, 0x988e056b, 0xe23ee7e4, 0xb3312fa7 } },
	{ "P-521",
	  66,
	  17,
	  { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
	    0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
	    0x000001ff },
	  { 0x6b503f00, 0xef451fd4, 0x3d2c34f1, 0x3573df88, 0x3bb1bf07, 0x1652c0bd, 0xec7e937b, 0x56193951,
	    0x8ef109e1, 0xb8b48991, 0x99b315f3, 0xa2da725b, 0xb68540ee, 0x929a21a0, 0x8e1c9a1f, 0x953eb961,
	    0x00000051 } },
};

static bool below(const struct curve *curve, const uint32_t a[], const uint32_t b[])
{
	size_t i = curve->limbs;

	while (i-- > 0)
		if (a[i] != b[i])
			return a[i] < b[i];
	return false;
}

/* a - b; what is borrowed at the end falls off. */
static void take(const struct curve *curve, uint32_t a[], const uint32_t b[])
{
	int64_t carry = 0;

	for (size_t i = 0; i < curve->limbs; i++) {
		carry += (int64_t)a[i] - b[i];
		a[i] = (uint32_t)carry;
		carry >>= 32;
	}
}

/* a + b, of which the carry is told. */
static uint32_t put(const struct curve *curve, uint32_t a[], const uint32_t b[])
{
	uint64_t carry = 0;

	for (size_t i = 0; i < curve->limbs; i++) {
		carry += (uint64_t)a[i] + b[i];
		a[i] = (uint32_t)carry;
		carry >>= 32;
	}
	return (uint32_t)carry;
}

static void plus(const struct curve *curve, uint32_t a[], const uint32_t b[])
{
	if (put(curve, a, b) != 0 || !below(curve, a, curve->p))
		take(curve, a, curve->p);
}

static void minus(const struct curve *curve, uint32_t a[], const uint32_t b[])
{
	bool borrow = below(curve, a, b);

	take(curve, a, b);
	if (borrow)
		put(curve, a, curve->p);
}

/* Montgomery's product: a * b / R modulo p, where R is 2^32 to the number of limbs. */
static void times(const struct curve *curve, const uint32_t a[], const uint32_t b[], uint32_t ret[])
{
	uint32_t sum[LIMBS + 1] = { 0 };
	size_t n = curve->limbs;

	for (size_t i = 0; i < n; i++) {
		uint64_t add = 0, drop = 0;
		uint32_t low;

		for (size_t k = 0; k < n; k++) {
			add += (uint64_t)a[k] * b[i] + sum[k];
			sum[k] = (uint32_t)add;
			add >>= 32;
		}
		add += sum[n];
		low = sum[0];
		drop = ((uint64_t)low * curve->p[0] + low) >> 32;
		for (size_t k = 1; k < n; k++) {
			drop += (uint64_t)low * curve->p[k] + sum[k];
			sum[k - 1] = (uint32_t)drop;
			drop >>= 32;
		}
		drop += (uint32_t)add;
		sum[n - 1] = (uint32_t)drop;
		sum[n] = (uint32_t)(drop >> 32) + (uint32_t)(add >> 32);
	}
	memcpy(ret, sum, n * sizeof(*sum));
	if (sum[n] != 0 || !below(curve, ret, curve->p))
		take(curve, ret, curve->p);
}

static bool coordinate(const struct curve *curve, const uint8_t octets[], uint32_t ret[])
{
	memset(ret, 0, LIMBS * sizeof(*ret));
	for (size_t i = 0; i < curve->octets; i++)
		ret[i / 4] |= (uint32_t)octets[curve->octets - 1 - i] << i % 4 * 8;
	return below(curve, ret, curve->p);
}

/* x^3 - 3x + b, divided by R twice. */
static void right_side(const struct curve *curve, const uint32_t x[], uint32_t ret[])
{
	static const uint32_t one[LIMBS] = { 1 }, three[LIMBS] = { 3 };
	uint32_t term[LIMBS];

	times(curve, x, x, ret);
	times(curve, three, one, term);
	minus(curve, ret, term);
	times(curve, ret, x, ret);
	times(curve, curve->b, one, term);
	times(curve, term, one, term);
	plus(curve, ret, term);
}

/*
 * Whether it is a square; so are its products with R, which is one itself. The root of a square is its power
 * (p + 1) / 4.
 */
static bool is_square(const struct curve *curve, const uint32_t a[])
{
	static const uint32_t one[LIMBS] = { 1 };
	uint32_t power[LIMBS], root[LIMBS];
	size_t bit = curve->limbs * 32;

	memcpy(power, curve->p, sizeof(power));
	put(curve, power, one);
	while (!(power[(bit - 1) / 32] >> (bit - 1) % 32 & 1))
		bit--;
	memcpy(root, a, sizeof(root));
	for (bit--; bit-- > 2;) {
		times(curve, root, root, root);
		if (power[bit / 32] >> bit % 32 & 1)
			times(curve, root, a, root);
	}
	times(curve, root, root, root);
	return memcmp(root, a, curve->limbs * sizeof(*root)) == 0;
}

static enum point_form form_on(const struct curve *curve, struct bytes octets)
{
	static const uint32_t one[LIMBS] = { 1 };
	uint32_t x[LIMBS], y[LIMBS], right[LIMBS] = { 0 };
	bool whole = octets.len == 1 + 2 * curve->octets && octets.at[0] == 4;
	bool half = octets.len == 1 + curve->octets && (octets.at[0] == 2 || octets.at[0] == 3);

	if (octets.len == 1 && octets.at[0] == 0)
		return POINT_INFINITY;
	if (!whole && !half)
		return POINT_FORM;
	if (!coordinate(curve, octets.at + 1, x) ||
	    (whole && !coordinate(curve, octets.at + 1 + curve->octets, y)))
		return POINT_COORDINATE;
	right_side(curve, x, right);
	if (half)
		return is_square(curve, right) ? POINT_GOOD : POINT_OFF_CURVE;
	times(curve, y, y, y);
	times(curve, y, one, y);
	return memcmp(y, right, curve->limbs * sizeof(*y)) == 0 ? POINT_GOOD : POINT_OFF_CURVE;
}

enum point_form point_form(const char *curve, struct bytes octets)
{
	for (size_t i = 0; curve != NULL && i < sizeof(curves) / sizeof(curves[0]); i++)
		if (strcmp(curves[i].name, curve) == 0)
			return form_on(&curves[i], octets);
	return POINT_UNKNOWN;
}
