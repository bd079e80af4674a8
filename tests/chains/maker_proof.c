/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gnutls/crypto.h>

#include "model/der.h"

static void put_flag(struct buf *to, unsigned tag)
{
	der_write(to, tag, (struct bytes){ (const uint8_t *)"\xff", 1 });
}

/* GeneralNames with one directoryName, in a tag. */
static void put_directory(struct buf *to, unsigned tag, const char *cn)
{
	struct buf name = { 0 }, general = { 0 };

	put_name(&name, cn);
	wrap(&general, DER_EXPLICIT(4), &name);
	wrap(to, tag, &general);
}

/* What is said of all entries of the list. */
static void put_entry_extensions(const struct recipe *crl, const struct recipe *of, struct buf *to)
{
	struct buf all = { 0 }, value = { 0 };

	if (said(crl, "reason") != NULL) {
		put_number(&value, DER_ENUMERATED, number_of(said(crl, "reason")));
		put_extension(&all, "2.5.29.21", false, &value);
	}
	if (said(crl, "entry-issuers") != NULL) {
		put_directory(&value, DER_SEQUENCE, cn_of(issuer_of(of)));
		put_extension(&all, "2.5.29.29", true, &value);
	}
	put_given(crl, "entry-ext", &all);
	if (all.len > 0)
		wrap(to, DER_SEQUENCE, &all);
}

static void put_revoked(const struct recipe *crl, const char *list, struct buf *to)
{
	for (const char *at = list; *at != '\0'; at += strcspn(at, ","), at += *at == ',') {
		char name[64];
		struct buf entry = { 0 };

		snprintf(name, sizeof(name), "%.*s", (int)strcspn(at, ","), at);
		put_serial(maker_recipe(name), &entry);
		put_time(&entry, "2025-03-01");
		put_entry_extensions(crl, maker_recipe(name), &entry);
		wrap(to, DER_SEQUENCE, &entry);
	}
}

/* issuingDistributionPoint: "idp=user,ca,attribute,indirect", "idp-uri=URL", "idp-behind=TEXT",
 * "idp-reasons=HEX". */
static void put_scope(const struct recipe *crl, struct buf *to)
{
	const char *kinds = said(crl, "idp"), *uri = said(crl, "idp-uri"), *behind = said(crl, "idp-behind"),
		   *reasons = said(crl, "idp-reasons");
	struct buf body = { 0 }, a = { 0 }, b = { 0 };

	if (kinds == NULL && uri == NULL && behind == NULL && reasons == NULL)
		return;
	kinds = kinds != NULL ? kinds : "";
	if (uri != NULL) {
		put_string(&a, 0x86, uri);
		wrap(&b, 0xa0, &a);
		wrap(&body, 0xa0, &b);
	} else if (behind != NULL) {
		put_relative(behind, &b);
		wrap(&body, 0xa0, &b);
	}
	if (strstr(kinds, "user") != NULL)
		put_flag(&body, 0x81);
	if (strstr(kinds, "ca") != NULL)
		put_flag(&body, 0x82);
	if (reasons != NULL) {
		put_hex(&a, reasons);
		wrap(&body, 0x83, &a);
	}
	if (strstr(kinds, "indirect") != NULL)
		put_flag(&body, 0x84);
	if (strstr(kinds, "attribute") != NULL)
		put_flag(&body, 0x85);
	wrap(&a, DER_SEQUENCE, &body);
	put_extension(to, "2.5.29.28", true, &a);
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

static void put_crl_extensions(const struct recipe *crl, struct buf *to)
{
	const char *number = said(crl, "number"), *base = said(crl, "base");
	struct buf all = { 0 }, part = { 0 }, value = { 0 };
	uint8_t room[32];

	der_write(&part, 0x80, key_id(key_for(issuer_of(crl)), room));
	wrap(&value, DER_SEQUENCE, &part);
	put_extension(&all, "2.5.29.35", false, &value);
	put_number(&value, DER_INTEGER, number != NULL ? number_of(number) : 1);
	put_extension(&all, "2.5.29.20", false, &value);
	if (base != NULL) {
		put_number(&value, DER_INTEGER, number_of(base));
		put_extension(&all, "2.5.29.27", true, &value);
	}
	put_scope(crl, &all);
	put_given(crl, "ext", &all);
	wrap(&part, DER_SEQUENCE, &all);
	wrap(to, DER_EXPLICIT(0), &part);
}

/* "crl NAME WORD…", see README. */
void maker_crl(struct recipe *recipe)
{
	const struct recipe *issuer = issuer_of(recipe);
	const char *from = said(recipe, "from"), *until = said(recipe, "until"),
		   *revoked = said(recipe, "revoked");
	struct buf body = { 0 }, tbs = { 0 }, part = { 0 };

	put_number(&body, DER_INTEGER, 1);
	put_algorithm(&body, key_for(issuer), recipe);
	put_name(&body, cn_of(issuer));
	put_time(&body, from != NULL ? from : "2025-05-01");
	if (!says(recipe, "until", "none"))
		put_time(&body, until != NULL ? until : "2025-07-01");
	if (revoked != NULL)
		put_revoked(recipe, revoked, &part);
	if (said(recipe, "entries") != NULL)
		put_entries(number_of(said(recipe, "entries")), &part);
	if (part.len > 0)
		wrap(&body, DER_SEQUENCE, &part);
	put_crl_extensions(recipe, &body);
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

static void put_state(const char *state, const char *reason, struct buf *to)
{
	struct buf part = { 0 }, number = { 0 };

	if (strcmp(state, "revoked") == 0) {
		put_generalized(&part, DER_GENERALIZED_TIME, "2025-03-01");
		if (reason != NULL) {
			put_number(&number, DER_ENUMERATED, number_of(reason));
			wrap(&part, 0xa0, &number);
		}
	}
	wrap(to, strcmp(state, "revoked") == 0 ? 0xa1 : strcmp(state, "unknown") == 0 ? 0x82 : 0x80, &part);
}

static void put_single(struct buf *to, const struct recipe *ocsp, const struct recipe *of, unsigned serial,
		       const char *state)
{
	const char *from = said(ocsp, "from"), *until = said(ocsp, "until");
	struct buf single = { 0 }, part = { 0 }, list = { 0 };

	put_cert_id(&single, issuer_of(ocsp), of, serial);
	put_state(state, said(ocsp, "reason"), &single);
	put_generalized(&single, DER_GENERALIZED_TIME, from != NULL ? from : "2025-05-31");
	if (!says(ocsp, "until", "none")) {
		put_generalized(&part, DER_GENERALIZED_TIME, until != NULL ? until : "2025-06-03");
		wrap(&single, 0xa0, &part);
	}
	put_given(ocsp, "single-ext", &part);
	if (part.len > 0) {
		wrap(&list, DER_SEQUENCE, &part);
		wrap(&single, 0xa1, &list);
	}
	wrap(to, DER_SEQUENCE, &single);
}

static void put_singles(const struct recipe *ocsp, struct buf *to)
{
	const char *of = said(ocsp, "of"), *others = said(ocsp, "others"), *also = said(ocsp, "also"),
		   *state = said(ocsp, "revoked") != NULL ? "revoked" : said(ocsp, "state");
	unsigned count = others != NULL ? number_of(others) : 0;
	struct buf part = { 0 };

	for (unsigned i = 0; i < count; i++)
		put_single(&part, ocsp, NULL, 0x10000000 + i, "good");
	if (of != NULL)
		put_single(&part, ocsp, maker_recipe(of), 0, state != NULL ? state : "good");
	if (of != NULL && also != NULL)
		put_single(&part, ocsp, maker_recipe(of), 0, also);
	wrap(to, DER_SEQUENCE, &part);
}

static void put_response_data(const struct recipe *ocsp, const struct recipe *responder, struct buf *to)
{
	const char *from = said(ocsp, "from"), *produced = said(ocsp, "produced");
	struct buf data = { 0 }, part = { 0 }, list = { 0 };
	uint8_t room[20];

	if (said(ocsp, "by-key") != NULL)
		der_write(&part, DER_OCTET_STRING, sha1(bare_key(&key_for(responder)->spki), room));
	else
		put_name(&part, cn_of(responder));
	wrap(&data, said(ocsp, "by-key") != NULL ? 0xa2 : 0xa1, &part);
	put_generalized(&data, DER_GENERALIZED_TIME,
			produced != NULL ? produced
			: from != NULL   ? from
					 : "2025-05-31");
	put_singles(ocsp, &data);
	put_given(ocsp, "ext", &part);
	if (part.len > 0) {
		wrap(&list, DER_SEQUENCE, &part);
		wrap(&data, 0xa1, &list);
	}
	wrap(to, DER_SEQUENCE, &data);
}

/* Puts the delegate's certificate behind the signature: into the SEQUENCE that is there. */
static void put_certificate(const struct recipe *signer, struct buf *basic)
{
	struct cursor in = der_into(buf_view(basic));
	struct buf body = { 0 }, list = { 0 }, whole = { 0 };

	buf_bytes(&body, der_take(&in, DER_SEQUENCE));
	buf_bytes(&list, buf_view(&signer->der));
	wrap(&whole, DER_SEQUENCE, &list);
	wrap(&body, DER_EXPLICIT(0), &whole);
	buf_done(basic);
	*basic = (struct buf){ 0 };
	wrap(basic, DER_SEQUENCE, &body);
}

/* "ocsp NAME WORD…", see README. */
void maker_ocsp(struct recipe *recipe)
{
	const struct recipe *responder = issuer_of(recipe);
	const char *signer = said(recipe, "signed"), *status = said(recipe, "status");
	struct buf tbs = { 0 }, basic = { 0 }, part = { 0 }, whole = { 0 }, data = { 0 };

	if (said(recipe, "delegate") != NULL && signer != NULL)
		responder = maker_recipe(signer);
	put_response_data(recipe, responder, &tbs);
	put_signed(recipe, &tbs, &basic);
	if (says(recipe, "delegate", ""))
		put_certificate(responder, &basic);
	put_oid(&part, "1.3.6.1.5.5.7.48.1.1");
	wrap(&part, DER_OCTET_STRING, &basic);
	wrap(&whole, DER_SEQUENCE, &part);
	buf_byte(&part, status != NULL ? number_of(status) : 0);
	wrap(&data, DER_ENUMERATED, &part);
	if (status == NULL)
		wrap(&data, 0xa0, &whole);
	buf_done(&whole);
	wrap(&recipe->der, DER_SEQUENCE, &data);
}
