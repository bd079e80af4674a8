/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

#include "check/point.h"

enum { MOST = 66, KEYS = 20 };

static const struct row {
	const char *name;
	gnutls_ecc_curve_t curve;
	size_t octets;
} rows[] = {
	{ "P-256", GNUTLS_ECC_CURVE_SECP256R1, 32 },
	{ "P-384", GNUTLS_ECC_CURVE_SECP384R1, 48 },
	{ "P-521", GNUTLS_ECC_CURVE_SECP521R1, 66 },
};

/* Right-aligned, as GnuTLS leaves out leading zeros or puts one in front. */
static void align(const gnutls_datum_t *from, uint8_t *to, size_t octets)
{
	size_t skip = from->size > octets ? from->size - octets : 0, len = from->size - skip;

	memset(to, 0, octets - len);
	memcpy(to + octets - len, from->data + skip, len);
}

/* A new key's point, uncompressed. */
static struct bytes make_point(const struct row *row, uint8_t room[1 + 2 * MOST])
{
	gnutls_datum_t x, y;
	gnutls_privkey_t key;

	assert_true(gnutls_privkey_init(&key) >= 0);
	assert_true(gnutls_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(row->curve), 0) >= 0);
	assert_true(gnutls_privkey_export_ecc_raw(key, NULL, &x, &y, NULL) >= 0);
	room[0] = 4;
	align(&x, room + 1, row->octets);
	align(&y, room + 1 + row->octets, row->octets);
	gnutls_free(x.data);
	gnutls_free(y.data);
	gnutls_privkey_deinit(key);
	return (struct bytes){ room, 1 + 2 * row->octets };
}

static void a_point_of_a_key_is_one_and_with_any_bit_changed_is_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (unsigned n = 0; n < KEYS; n++) {
			uint8_t room[1 + 2 * MOST];
			struct bytes point = make_point(&rows[i], room);

			assert_int_equal(point_form(rows[i].name, point), POINT_GOOD);
			for (size_t bit = n; bit < 8 * point.len; bit += KEYS) {
				room[bit / 8] ^= (uint8_t)(1 << bit % 8);
				if (point_form(rows[i].name, point) == POINT_GOOD)
					fail_msg("%s, bit %zu", rows[i].name, bit);
				room[bit / 8] ^= (uint8_t)(1 << bit % 8);
			}
		}
}

/* Half of all numbers have no point: of 40 that follow each other one at least has none, and one has. */
static void a_compressed_point_is_one_if_there_is_a_root(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t room[1 + 2 * MOST];
		struct bytes half = { room, 1 + rows[i].octets };
		unsigned good = 0, off = 0;

		for (unsigned n = 0; n < KEYS; n++) {
			make_point(&rows[i], room);
			for (room[0] = 2; room[0] < 4; room[0]++)
				assert_int_equal(point_form(rows[i].name, half), POINT_GOOD);
		}
		room[0] = 2;
		for (unsigned n = 0; n < 40; n++) {
			enum point_form form = point_form(rows[i].name, half);

			room[rows[i].octets] = (uint8_t)(room[rows[i].octets] + 1);
			good += form == POINT_GOOD;
			off += form == POINT_OFF_CURVE;
		}
		assert_int_equal(good + off, 40);
		assert_in_range(off, 1, 39);
	}
}

static void infinity_hybrids_and_other_lengths_are_no_points(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t room[1 + 2 * MOST];
		struct bytes point = make_point(&rows[i], room);

		assert_int_equal(point_form(rows[i].name, (struct bytes){ point.at, point.len - 1 }),
				 POINT_FORM);
		assert_int_equal(point_form(rows[i].name, (struct bytes){ NULL, 0 }), POINT_FORM);
		for (room[0] = 5; room[0] != 4; room[0]++) {
			bool good = point_form(rows[i].name, point) == POINT_GOOD;

			assert_false(good);
		}
		room[0] = 0;
		assert_int_equal(point_form(rows[i].name, (struct bytes){ room, 1 }), POINT_INFINITY);
		room[0] = 4;
		memset(room + 1, 0xff, rows[i].octets);
		assert_int_equal(point_form(rows[i].name, point), POINT_COORDINATE);
		assert_int_equal(point_form("P-224", point), POINT_UNKNOWN);
		assert_int_equal(point_form(NULL, point), POINT_UNKNOWN);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_point_of_a_key_is_one_and_with_any_bit_changed_is_none),
		cmocka_unit_test(a_compressed_point_is_one_if_there_is_a_root),
		cmocka_unit_test(infinity_hybrids_and_other_lengths_are_no_points),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
