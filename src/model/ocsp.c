/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   OCSPResponse      ::= SEQUENCE { ENUMERATED status, [0] SEQUENCE { OID, OCTET STRING }? }
 *   BasicOCSPResponse ::= SEQUENCE { ResponseData, AlgorithmIdentifier, BIT STRING,
 *                         [0] SEQUENCE OF Certificate ? }
 *   ResponseData      ::= SEQUENCE { [0] version DEFAULT v1, ([1] Name | [2] KeyHash), producedAt,
 *                         SEQUENCE OF SingleResponse, [1] Extensions? }
 *   SingleResponse    ::= SEQUENCE { CertID, CertStatus, thisUpdate, [0] nextUpdate?, [1] Extensions? }
 *   CertID            ::= SEQUENCE { AlgorithmIdentifier, OCTET STRING, OCTET STRING, INTEGER }
 *   CertStatus        ::= CHOICE { [0] NULL good, [1] { revocationTime, [0] CRLReason? }, [2] NULL unknown }
 */
#include "model/ocsp.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "model/crl.h"
#include "model/der.h"
#include "model/extension_reader.h"
#include "model/name.h"

static const struct bytes basic = { (const uint8_t *)"\x2b\x06\x01\x05\x05\x07\x30\x01\x01", 9 };

const char *ocsp_status_word(int status)
{
	static const char *const words[] = { "successful", "malformedRequest", "internalError", "tryLater",
					     NULL,         "sigRequired",      "unauthorized" };
	bool known = status >= 0 && status < (int)(sizeof(words) / sizeof(words[0]));

	return known && words[status] != NULL ? words[status] : "unknown";
}

/* What says nothing about whether a certificate is revoked, so that knowing it is enough. */
#define ID_OCSP "\x2b\x06\x01\x05\x05\x07\x30\x01"
static const struct extension_reader response_extensions[] = {
	{ ID_OCSP "\x02", NULL, NULL }, /* nonce: we sent none */
	{ ID_OCSP "\x09", NULL, NULL }, /* extended revoked definition */
};
static const struct extension_reader single_extensions[] = {
	{ ID_OCSP "\x03", NULL, NULL },                             /* CRL references */
	{ ID_OCSP "\x06", NULL, NULL },                             /* archive cutoff */
	{ "\x2b\x06\x01\x04\x01\xd6\x79\x02\x04\x05", NULL, NULL }, /* SCTs, RFC 6962 section 3.3 */
	{ "\x55\x1d\x15", NULL, NULL },                             /* reasonCode, said in CertStatus too */
	{ "\x55\x1d\x18", NULL, NULL },                             /* invalidityDate */
};

/* GeneralizedTime, the only form OCSP has. */
static bool take_time(struct cursor *in, int64_t *ret)
{
	bool odd;

	return der_peek(in, DER_GENERALIZED_TIME) && der_take_time(in, ret, &odd);
}

static bool take_explicit_time(struct cursor *in, unsigned tag, int64_t *ret)
{
	struct cursor inner = der_into(der_take(in, tag));

	return take_time(&inner, ret) && der_ended(&inner);
}

static bool read_cert_id(struct bytes body, struct ocsp_single *ret)
{
	struct cursor in = der_into(body), algorithm = der_into(der_take_algorithm(&in));

	ret->hash = der_take(&algorithm, DER_OID);
	ret->name_hash = der_take(&in, DER_OCTET_STRING);
	ret->key_hash = der_take(&in, DER_OCTET_STRING);
	ret->serial = der_take(&in, DER_INTEGER);
	return der_ended(&in) && der_integer_valid(ret->serial);
}

static bool read_revoked(struct bytes body, struct ocsp_single *ret)
{
	struct cursor in = der_into(body), explicit;
	struct bytes number;
	uint64_t reason;

	if (!take_time(&in, &ret->when))
		return false;
	if (der_peek(&in, DER_EXPLICIT(0))) {
		explicit = der_into(der_take(&in, DER_EXPLICIT(0)));
		number = der_take(&explicit, DER_ENUMERATED);
		if (!der_ended(&explicit) || !der_read_unsigned(number, INT8_MAX, &reason))
			return false;
		ret->reason = (int)reason;
	}
	return der_ended(&in);
}

static bool read_state(struct cursor *in, struct ocsp_single *ret)
{
	struct der state = der_next(in);

	if (in->bad)
		return false;
	if (state.tag == DER_EXPLICIT(1)) {
		ret->state = OCSP_REVOKED;
		return read_revoked(state.body, ret);
	}
	ret->state = state.tag == DER_CONTEXT(0) ? OCSP_GOOD : OCSP_UNKNOWN;
	return state.body.len == 0 && (state.tag == DER_CONTEXT(0) || state.tag == DER_CONTEXT(2));
}

/* The contents of [1] EXPLICIT Extensions, if the next element is one. */
static const char *read_extensions(struct cursor *in, const struct extension_reader *readers, size_t count,
				   struct bytes *ret_critical)
{
	struct cursor outer;
	struct bytes all;

	if (!der_peek(in, DER_EXPLICIT(1)))
		return NULL;
	outer = der_into(der_take(in, DER_EXPLICIT(1)));
	all = der_take(&outer, DER_SEQUENCE);
	if (!der_ended(&outer))
		return "extensions that are no SEQUENCE";
	return extensions_read(all, readers, count, LIMIT_ENTRY_EXTENSIONS, NULL, ret_critical);
}

static const char *read_single(struct bytes body, struct ocsp_single *ret)
{
	struct cursor in = der_into(body);
	const char *wrong;

	*ret = (struct ocsp_single){ .when = CLOCK_NONE,
				     .reason = CRL_REASON_NONE,
				     .next_update = CLOCK_NONE };
	if (!read_cert_id(der_take(&in, DER_SEQUENCE), ret))
		return "an answer without a CertID";
	if (!read_state(&in, ret))
		return "an answer without a CertStatus";
	if (!take_time(&in, &ret->this_update))
		return "an answer without a thisUpdate";
	if (der_peek(&in, DER_EXPLICIT(0)) && !take_explicit_time(&in, DER_EXPLICIT(0), &ret->next_update))
		return "an answer whose nextUpdate is no GeneralizedTime";
	wrong = read_extensions(&in, single_extensions,
				sizeof(single_extensions) / sizeof(single_extensions[0]), &ret->critical);
	return wrong != NULL || der_ended(&in) ? wrong : "something unknown behind an answer";
}

struct walk {
	struct bytes der;
	struct err *err;
};

static bool wrong_in(const struct walk *walk, const struct cursor *c, const char *what)
{
	size_t at = c->all.at == NULL ? walk->der.len : (size_t)(c->all.at - walk->der.at) + c->pos;

	return err_set(walk->err, ERR_DAMAGED, "not an OCSPResponse: %s, at byte %zu", what, at);
}

static bool read_singles(const struct walk *walk, struct bytes singles)
{
	struct cursor in = der_into(singles);

	while (cursor_left(&in) > 0) {
		struct cursor at = in;
		struct bytes body = der_take(&in, DER_SEQUENCE);
		struct ocsp_single one;
		const char *wrong = in.bad ? "an answer that is no SEQUENCE" : read_single(body, &one);

		if (wrong != NULL)
			return wrong_in(walk, &at, wrong);
	}
	return true;
}

static bool read_version(struct cursor *in)
{
	struct cursor inner;
	uint64_t version = 0;

	if (!der_peek(in, DER_EXPLICIT(0)))
		return true;
	inner = der_into(der_take(in, DER_EXPLICIT(0)));
	return der_read_unsigned(der_take(&inner, DER_INTEGER), 0, &version) && der_ended(&inner);
}

static bool read_responder(struct cursor *in, struct ocsp *ocsp)
{
	struct cursor id;

	if (der_peek(in, DER_EXPLICIT(1))) {
		id = der_into(der_take(in, DER_EXPLICIT(1)));
		ocsp->by_name = der_take_whole(&id, DER_SEQUENCE);
		return der_ended(&id) && name_valid(ocsp->by_name);
	}
	id = der_into(der_take(in, DER_EXPLICIT(2)));
	ocsp->by_key = der_take(&id, DER_OCTET_STRING);
	return der_ended(&id) && ocsp->by_key.len == 20;
}

static bool read_data(const struct walk *walk, struct cursor *in, struct ocsp *ocsp)
{
	const char *wrong;

	if (!read_version(in))
		return wrong_in(walk, in, "a version that is not 1");
	if (!read_responder(in, ocsp))
		return wrong_in(walk, in, "a responder that is neither a Name nor the SHA-1 of a key");
	if (!take_time(in, &ocsp->produced_at))
		return wrong_in(walk, in, "producedAt is no GeneralizedTime");
	ocsp->singles = der_take(in, DER_SEQUENCE);
	if (in->bad)
		return wrong_in(walk, in, "the answers are no SEQUENCE");
	if (!read_singles(walk, ocsp->singles))
		return false;
	wrong = read_extensions(in, response_extensions,
				sizeof(response_extensions) / sizeof(response_extensions[0]),
				&ocsp->critical);
	if (wrong == NULL && !der_ended(in))
		wrong = "something unknown behind the answers";
	return wrong == NULL || wrong_in(walk, in, wrong);
}

static bool read_certs(struct cursor *in, struct ocsp *ocsp)
{
	struct cursor outer, all;

	if (!der_peek(in, DER_EXPLICIT(0)))
		return true;
	outer = der_into(der_take(in, DER_EXPLICIT(0)));
	ocsp->certs = der_take(&outer, DER_SEQUENCE);
	all = der_into(ocsp->certs);
	while (cursor_left(&all) > 0)
		der_take(&all, DER_SEQUENCE);
	return der_ended(&outer) && !all.bad;
}

static bool read_basic(const struct walk *walk, struct bytes der, struct ocsp *ocsp)
{
	struct cursor file = der_into(der), in = der_into(der_take(&file, DER_SEQUENCE)), data;

	if (!der_ended(&file))
		return wrong_in(walk, &file, "the response is no SEQUENCE");
	ocsp->tbs = der_take_whole(&in, DER_SEQUENCE);
	ocsp->algorithm = der_take_algorithm(&in);
	ocsp->signature = der_take_octets(&in);
	if (in.bad || !read_certs(&in, ocsp) || !der_ended(&in))
		return wrong_in(walk, &in, "the response is no BasicOCSPResponse");
	data = der_into(ocsp->tbs);
	data = der_into(der_take(&data, DER_SEQUENCE));
	return read_data(walk, &data, ocsp);
}

bool ocsp_read(struct bytes der, struct ocsp *ret, struct err *err)
{
	struct ocsp ocsp = { .der = der, .produced_at = CLOCK_NONE };
	struct walk walk = { der, err };
	struct cursor file = der_into(der), in = der_into(der_take(&file, DER_SEQUENCE)), outer, bytes;
	uint64_t status;

	if (!der_ended(&file))
		return wrong_in(&walk, &file,
				file.bad ? "no DER SEQUENCE, or one that is cut short"
					 : "something follows it");
	if (!der_read_unsigned(der_take(&in, DER_ENUMERATED), INT8_MAX, &status))
		return wrong_in(&walk, &in, "it does not begin with a status");
	ocsp.status = (int)status;
	if (status != OCSP_SUCCESSFUL) { /* section 4.2.1: nothing more is there then, or of any meaning */
		*ret = ocsp;
		return true;
	}
	outer = der_into(der_take(&in, DER_EXPLICIT(0)));
	bytes = der_into(der_take(&outer, DER_SEQUENCE));
	if (!der_ended(&in) || !der_ended(&outer))
		return wrong_in(&walk, &in, "it is successful and has no response");
	if (!bytes_equal(der_take(&bytes, DER_OID), basic))
		return wrong_in(&walk, &bytes, "a response of a type that is not id-pkix-ocsp-basic");
	if (!read_basic(&walk, der_take(&bytes, DER_OCTET_STRING), &ocsp))
		return false;
	if (!der_ended(&bytes))
		return wrong_in(&walk, &bytes, "something unknown behind the response");
	*ret = ocsp;
	return true;
}

bool ocsp_next(const struct ocsp *ocsp, size_t *at, struct ocsp_single *ret)
{
	struct cursor in = { .all = ocsp->singles, .pos = *at };
	struct bytes body;

	if (cursor_left(&in) == 0)
		return false;
	body = der_take(&in, DER_SEQUENCE);
	*at = in.pos;
	return !in.bad && read_single(body, ret) == NULL;
}

bool ocsp_cert_next(const struct ocsp *ocsp, size_t *at, struct bytes *ret)
{
	struct cursor in = { .all = ocsp->certs, .pos = *at };

	if (cursor_left(&in) == 0)
		return false;
	*ret = der_take_whole(&in, DER_SEQUENCE);
	*at = in.pos;
	return !in.bad;
}

/*
 * OCSPRequest ::= SEQUENCE { TBSRequest }, TBSRequest ::= SEQUENCE { SEQUENCE OF Request },
 * Request ::= SEQUENCE { CertID }: what has a default is left out.
 */
void ocsp_request(struct bytes name_hash, struct bytes key_hash, struct bytes serial, struct buf *to)
{
	static const struct bytes sha1 = { (const uint8_t *)"\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00", 9 };
	struct buf wrap[2] = { { 0 }, { 0 } };
	size_t layer = 0;

	der_write(&wrap[0], DER_SEQUENCE, sha1);
	der_write(&wrap[0], DER_OCTET_STRING, name_hash);
	der_write(&wrap[0], DER_OCTET_STRING, key_hash);
	der_write(&wrap[0], DER_INTEGER, serial);
	for (int i = 0; i < 4; i++, layer = 1 - layer) {
		wrap[1 - layer].len = 0;
		der_write(&wrap[1 - layer], DER_SEQUENCE, buf_view(&wrap[layer]));
	}
	der_write(to, DER_SEQUENCE, buf_view(&wrap[layer]));
	buf_done(&wrap[0]);
	buf_done(&wrap[1]);
}
