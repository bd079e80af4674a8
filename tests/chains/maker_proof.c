/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "parts.h"

#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "model/der.h"

static void put_revoked(struct buf *to, const char *name)
{
	struct buf entry = { 0 };

	put_serial(maker_recipe(name), &entry);
	put_time(&entry, "2025-03-01");
	wrap(to, DER_SEQUENCE, &entry);
}

/* As many as make a list large, of certificates that are not there. */
static void put_entries(unsigned count, struct buf *to)
{
	static const uint8_t entry[] = { 0x30, 0x15, 0x02, 0x04, 0x10, 0,   0,   0,   0x17, 0x0d, '2', '5',
					 '0',  '3',  '0',  '1',  '0',  '0', '0', '0', '0',  '0',  'Z' };

	for (unsigned i = 0; i < count; i++) {
		uint8_t *at = buf_room(to, sizeof(entry));

		memcpy(at, entry, sizeof(entry));
		at[5] = (uint8_t)(i >> 16);
		at[6] = (uint8_t)(i >> 8);
		at[7] = (uint8_t)i;
		at[4] = (uint8_t)(0x10 + (i >> 24));
		to->len += sizeof(entry);
	}
}

/* "crl NAME by=CA revoked=A,B from=… until=…" */
void maker_crl(struct recipe *recipe)
{
	const struct recipe *issuer = issuer_of(recipe);
	const char *from = said(recipe, "from"), *until = said(recipe, "until"),
		   *revoked = said(recipe, "revoked");
	struct buf body = { 0 }, tbs = { 0 }, part = { 0 }, value = { 0 }, list = { 0 };
	uint8_t room[32];

	put_number(&body, DER_INTEGER, 1);
	put_algorithm(&body, key_for(issuer), says(recipe, "hash", "sha1"));
	put_name(&body, cn_of(issuer));
	put_time(&body, from != NULL ? from : "2025-05-01");
	put_time(&body, until != NULL ? until : "2025-07-01");
	if (revoked != NULL)
		each(revoked, put_revoked, &part);
	if (said(recipe, "entries") != NULL)
		put_entries((unsigned)atoi(said(recipe, "entries")), &part);
	if (part.len > 0)
		wrap(&body, DER_SEQUENCE, &part);
	der_write(&part, 0x80, key_id(key_for(issuer), room));
	wrap(&value, DER_SEQUENCE, &part);
	put_extension(&list, "2.5.29.35", false, &value);
	put_number(&value, DER_INTEGER, 1);
	put_extension(&list, "2.5.29.20", false, &value);
	put_others(recipe, &list);
	wrap(&part, DER_SEQUENCE, &list);
	wrap(&body, DER_EXPLICIT(0), &part);
	wrap(&tbs, DER_SEQUENCE, &body);
	put_signed(recipe, &tbs, &recipe->der);
}

static struct bytes sha1(struct bytes of, uint8_t room[20])
{
	must(gnutls_hash_fast(GNUTLS_DIG_SHA1, of.at, of.len, room), "a hash");
	return (struct bytes){ room, 20 };
}

/* The key as a BIT STRING's contents without the count of unused bits: the end of what we make. */
static struct bytes bare_key(const struct buf *spki)
{
	struct cursor c = der_into(buf_view(spki)), in = der_into(der_take(&c, DER_SEQUENCE));

	der_take(&in, DER_SEQUENCE);
	return bytes_skip(der_take(&in, DER_BIT_STRING), 1);
}

static void put_cert_id(struct buf *to, const struct recipe *issuer, const struct recipe *of, unsigned serial)
{
	struct buf id = { 0 }, part = { 0 };
	uint8_t room[20];

	put_oid(&part, "1.3.14.3.2.26");
	wrap(&id, DER_SEQUENCE, &part);
	put_name(&part, cn_of(issuer));
	der_write(&id, DER_OCTET_STRING, sha1(buf_view(&part), room));
	buf_done(&part);
	part = (struct buf){ 0 };
	der_write(&id, DER_OCTET_STRING, sha1(bare_key(&key_for(issuer)->spki), room));
	if (of != NULL) {
		put_serial(of, &id);
	} else {
		buf_be32(&part, serial);
		wrap(&id, DER_INTEGER, &part);
	}
	wrap(to, DER_SEQUENCE, &id);
}

static void put_generalized(struct buf *to, unsigned tag, const char *day)
{
	char text[16];

	memcpy(text, "YYYYMMDD000000Z", 16);
	memcpy(text, day, 4);
	memcpy(text + 4, day + 5, 2);
	memcpy(text + 6, day + 8, 2);
	put_string(to, tag, text);
}

static void put_single(struct buf *to, const struct recipe *ocsp, const struct recipe *of, unsigned serial,
		       bool revoked)
{
	const char *from = said(ocsp, "from"), *until = said(ocsp, "until");
	struct buf single = { 0 }, part = { 0 };

	put_cert_id(&single, issuer_of(ocsp), of, serial);
	if (revoked)
		put_generalized(&part, DER_GENERALIZED_TIME, "2025-03-01");
	wrap(&single, revoked ? 0xa1 : 0x80, &part);
	put_generalized(&single, DER_GENERALIZED_TIME, from != NULL ? from : "2025-05-31");
	put_generalized(&part, DER_GENERALIZED_TIME, until != NULL ? until : "2025-06-03");
	wrap(&single, 0xa0, &part);
	wrap(to, DER_SEQUENCE, &single);
}

/* "ocsp NAME by=CA of=CERT revoked|good from=DATE until=DATE others=N signer=CERT" */
void maker_ocsp(struct recipe *recipe)
{
	const struct recipe *issuer = issuer_of(recipe);
	const char *of = said(recipe, "of"), *others = said(recipe, "others"), *from = said(recipe, "from");
	unsigned count = others != NULL ? (unsigned)atoi(others) : 0;
	struct buf data = { 0 }, part = { 0 }, basic = { 0 }, tbs = { 0 }, whole = { 0 };

	put_name(&part, cn_of(issuer));
	wrap(&data, 0xa1, &part);
	put_generalized(&data, DER_GENERALIZED_TIME, from != NULL ? from : "2025-05-31");
	for (unsigned i = 0; i < count; i++)
		put_single(&part, recipe, NULL, 0x10000000 + i, false);
	if (of != NULL)
		put_single(&part, recipe, maker_recipe(of), 0, said(recipe, "revoked") != NULL);
	wrap(&data, DER_SEQUENCE, &part);
	wrap(&tbs, DER_SEQUENCE, &data);
	put_signed(recipe, &tbs, &basic);
	put_oid(&part, "1.3.6.1.5.5.7.48.1.1");
	wrap(&part, DER_OCTET_STRING, &basic);
	wrap(&whole, DER_SEQUENCE, &part);
	buf_byte(&part, 0);
	wrap(&data, 0x0a, &part);
	wrap(&data, 0xa0, &whole);
	wrap(&recipe->der, DER_SEQUENCE, &data);
}
