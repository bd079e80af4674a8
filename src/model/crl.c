/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   CertificateList ::= SEQUENCE { TBSCertList, AlgorithmIdentifier, BIT STRING }
 *   TBSCertList     ::= SEQUENCE { INTEGER version?, signature AlgorithmIdentifier, issuer Name,
 *                       thisUpdate, nextUpdate?, SEQUENCE OF entry ?, [0] Extensions? }
 *   entry           ::= SEQUENCE { serial INTEGER, revocationDate, Extensions? }
 */
#include "model/crl.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "model/der.h"
#include "model/extension_reader.h"
#include "model/general_name.h"
#include "model/name.h"

static const char *const words[CRL_REASON_ROWS] = {
	"unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
	"superseded",    "cessationOfOperation", "certificateHold", NULL,
	"removeFromCRL", "privilegeWithdrawn",   "aACompromise",
};

const char *crl_reason_word(int reason)
{
	if (reason == CRL_REASON_NONE)
		return "no reason given";
	return reason >= 0 && reason < CRL_REASON_ROWS && words[reason] != NULL ? words[reason] : "unknown";
}

/* Not negative, and not padded. Any length: RFC 5280 section 5.2.3 wants 20 octets at least. */
static bool read_number(struct bytes value, struct bytes *ret)
{
	struct bytes n;

	if (!extension_value(value, DER_INTEGER, &n) || n.len == 0 || n.at[0] >= 0x80 ||
	    (n.len > 1 && n.at[0] == 0 && n.at[1] < 0x80))
		return false;
	*ret = n;
	return true;
}

static bool read_crl_number(struct bytes value, void *into)
{
	return read_number(value, &((struct crl *)into)->number);
}

static bool read_base(struct bytes value, void *into)
{
	return read_number(value, &((struct crl *)into)->base);
}

static bool read_key_id(struct bytes value, void *into)
{
	struct bytes body;

	((struct crl *)into)->key_id = value;
	return extension_value(value, DER_SEQUENCE, &body);
}

/*
 * IssuingDistributionPoint ::= SEQUENCE { [0] DistributionPointName?, [1] user certificates,
 * [2] CAs, [3] ReasonFlags?, [4] indirect, [5] attribute certificates }, the rest BOOLEAN
 * DEFAULT FALSE. Neither all nothing nor two of the kinds are allowed (section 5.2.5).
 */
static bool read_scope(struct bytes value, void *into)
{
	struct crl_scope *scope = &((struct crl *)into)->scope;
	bool *const flags[] = { NULL, &scope->user_certs, &scope->ca_certs,
				NULL, &scope->indirect,   &scope->attribute_certs };
	struct bytes body;
	struct cursor in;

	if (!extension_value(value, DER_SEQUENCE, &body) || body.len == 0)
		return false;
	in = der_into(body);
	scope->present = true;
	scope->der = value;
	if (der_peek(&in, DER_EXPLICIT(0)) && !point_name_read(der_take(&in, DER_EXPLICIT(0)), &scope->name))
		return false;
	for (unsigned i = 1; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (!der_peek(&in, DER_CONTEXT(i)))
			continue;
		struct bytes part = der_take(&in, DER_CONTEXT(i));

		if (!(flags[i] != NULL ? der_read_boolean(part, flags[i])
				       : crl_reasons_read(part, &scope->reasons)))
			return false;
	}
	return der_ended(&in) && scope->user_certs + scope->ca_certs + scope->attribute_certs <= 1;
}

static const struct extension_reader crl_extensions[] = {
	{ "\x55\x1d\x14", "a cRLNumber that cannot be read", read_crl_number },
	{ "\x55\x1d\x1b", "a deltaCRLIndicator that cannot be read", read_base },
	{ "\x55\x1d\x1c", "an issuingDistributionPoint that cannot be read", read_scope },
	{ "\x55\x1d\x23", "an authorityKeyIdentifier that cannot be read", read_key_id },
};

static bool read_reason(struct bytes value, void *into)
{
	struct bytes body;
	uint64_t reason;

	if (!extension_value(value, DER_ENUMERATED, &body) || !der_read_unsigned(body, INT8_MAX, &reason))
		return false;
	((struct crl_entry *)into)->reason = (int)reason;
	return true;
}

static bool read_invalid_since(struct bytes value, void *into)
{
	struct cursor in = der_into(value);
	bool odd;

	return der_take_time(&in, &((struct crl_entry *)into)->invalid_since, &odd) && der_ended(&in);
}

static bool read_issuers(struct bytes value, void *into)
{
	struct bytes *names = &((struct crl_entry *)into)->issuers;

	return extension_value(value, DER_SEQUENCE, names) && general_names_valid(*names);
}

static const struct extension_reader entry_extensions[] = {
	{ "\x55\x1d\x15", "a reasonCode that cannot be read", read_reason },
	{ "\x55\x1d\x18", "an invalidityDate that cannot be read", read_invalid_since },
	{ "\x55\x1d\x1d", "a certificateIssuer that cannot be read", read_issuers },
};

/* NULL, or what is wrong with it. */
static const char *read_entry(struct bytes body, uint8_t version, struct crl_entry *ret)
{
	struct cursor in = der_into(body);
	const char *wrong;
	bool odd;

	*ret = (struct crl_entry){ .invalid_since = CLOCK_NONE, .reason = CRL_REASON_NONE };
	ret->serial = der_take(&in, DER_INTEGER);
	if (!der_integer_valid(ret->serial))
		return "an entry whose serial number is no INTEGER";
	if (!der_take_time(&in, &ret->when, &odd))
		return "an entry whose revocationDate is no time in the form of RFC 5280";
	if (der_ended(&in))
		return NULL;
	if (version < 2)
		return "an entry with extensions in a list of version 1";
	wrong = extensions_read(der_take(&in, DER_SEQUENCE), entry_extensions,
				sizeof(entry_extensions) / sizeof(entry_extensions[0]),
				LIMIT_ENTRY_EXTENSIONS, ret, &ret->critical);
	return wrong != NULL || der_ended(&in) ? wrong : "something unknown behind an entry's extensions";
}

/* What is read, for the offset of what is wrong. */
struct walk {
	struct bytes der;
	struct err *err;
};

static bool wrong_at(const struct walk *walk, const uint8_t *at, const char *what)
{
	return err_set(walk->err, ERR_DAMAGED, "not a CertificateList: %s, at byte %zu", what,
		       at == NULL ? walk->der.len : (size_t)(at - walk->der.at));
}

static bool wrong_in(const struct walk *walk, const struct cursor *c, const char *what)
{
	return wrong_at(walk, c->all.at == NULL ? NULL : c->all.at + c->pos, what);
}

static bool read_entries(const struct walk *walk, struct crl *crl)
{
	struct cursor in = der_into(crl->entries);

	if (crl->entries.len == 0) /* section 5.1.2.6: it must be absent then */
		return wrong_at(walk, crl->entries.at, "an empty list of revoked certificates");
	for (; cursor_left(&in) > 0; crl->count++) {
		const uint8_t *at = in.all.at + in.pos;
		struct bytes body = der_take(&in, DER_SEQUENCE);
		struct crl_entry entry;
		const char *wrong =
			in.bad ? "an entry that is no SEQUENCE" : read_entry(body, crl->version, &entry);

		if (wrong != NULL)
			return wrong_at(walk, at, wrong);
		crl->named = crl->named || entry.issuers.len > 0;
		if (crl->critical.len == 0)
			crl->critical = entry.critical;
	}
	return true;
}

static bool read_times(struct cursor *tbs, struct crl *crl)
{
	bool odd;

	if (!der_take_time(tbs, &crl->this_update, &odd))
		return false;
	return (!der_peek(tbs, DER_UTC_TIME) && !der_peek(tbs, DER_GENERALIZED_TIME)) ||
	       der_take_time(tbs, &crl->next_update, &odd);
}

static bool read_head(const struct walk *walk, struct cursor *tbs, struct crl *crl)
{
	uint64_t version = 0;

	if (der_peek(tbs, DER_INTEGER)) {
		if (!der_read_unsigned(der_take(tbs, DER_INTEGER), 1, &version) || version != 1)
			return wrong_in(walk, tbs, "a version that is not 2");
	}
	crl->version = (uint8_t)(version + 1);
	if (!bytes_equal(der_take_algorithm(tbs), crl->algorithm) || tbs->bad)
		return wrong_in(walk, tbs, "the signed and the outer signature algorithm differ");
	crl->issuer = der_take_whole(tbs, DER_SEQUENCE);
	if (tbs->bad || !name_valid(crl->issuer) || crl->issuer.len <= 2)
		return wrong_in(walk, tbs, "the issuer is no Name, or empty");
	if (!read_times(tbs, crl))
		return wrong_in(walk, tbs, "thisUpdate or nextUpdate is no time in the form of RFC 5280");
	return true;
}

static bool read_tbs(const struct walk *walk, struct cursor *tbs, struct crl *crl)
{
	struct cursor outer;
	const char *wrong;
	struct bytes all;

	if (!read_head(walk, tbs, crl))
		return false;
	if (der_peek(tbs, DER_SEQUENCE)) {
		crl->entries = der_take(tbs, DER_SEQUENCE);
		if (tbs->bad || !read_entries(walk, crl))
			return tbs->bad ? wrong_in(walk, tbs, "the list of entries is cut short") : false;
	}
	if (!der_peek(tbs, DER_EXPLICIT(0)))
		return der_ended(tbs) || wrong_in(walk, tbs, "something unknown behind the entries");
	outer = der_into(der_take(tbs, DER_EXPLICIT(0)));
	all = der_take(&outer, DER_SEQUENCE);
	if (!der_ended(tbs) || !der_ended(&outer))
		return wrong_in(walk, tbs, "something unknown behind the extensions");
	if (crl->version < 2)
		return wrong_at(walk, all.at, "extensions in a list of version 1");
	wrong = extensions_read(all, crl_extensions, sizeof(crl_extensions) / sizeof(crl_extensions[0]),
				LIMIT_EXTENSIONS, crl, &crl->critical);
	return wrong == NULL || wrong_at(walk, all.at, wrong);
}

bool crl_read(struct bytes der, struct crl *ret, struct err *err)
{
	struct crl crl = { .der = der,
			   .this_update = CLOCK_NONE,
			   .next_update = CLOCK_NONE,
			   .scope = { .reasons = CRL_REASONS_ALL } };
	struct walk walk = { der, err };
	struct cursor file = der_into(der), in = der_into(der_take(&file, DER_SEQUENCE)), tbs;

	if (!der_ended(&file))
		return wrong_in(&walk, &file,
				file.bad ? "no DER SEQUENCE, or one that is cut short"
					 : "something follows it");
	crl.tbs = der_take_whole(&in, DER_SEQUENCE);
	crl.algorithm = der_take_algorithm(&in);
	crl.signature = der_take_octets(&in);
	if (!der_ended(&in))
		return wrong_in(&walk, &in, "it is not three parts: list, algorithm, signature");
	tbs = der_into(crl.tbs);
	tbs = der_into(der_take(&tbs, DER_SEQUENCE));
	if (!read_tbs(&walk, &tbs, &crl))
		return false;
	*ret = crl;
	return true;
}

bool crl_next(const struct crl *crl, size_t *at, struct crl_entry *ret)
{
	struct cursor in = { .all = crl->entries, .pos = *at };
	struct bytes body;

	if (cursor_left(&in) == 0)
		return false;
	body = der_take(&in, DER_SEQUENCE);
	if (in.bad || read_entry(body, crl->version, ret) != NULL)
		return false;
	*at = in.pos;
	return true;
}

static size_t slot_of(struct bytes serial)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a */

	for (size_t i = 0; i < serial.len; i++)
		hash = (hash ^ serial.at[i]) * UINT64_C(0x100000001b3);
	return (size_t)(hash ^ hash >> 32);
}

enum { MOST_PROBES = 256, WORTH_INDEX = 64 };

void crl_index(struct crl *crl, struct arena *arena)
{
	struct cursor in = der_into(crl->entries);
	uint32_t *slots;
	size_t count = WORTH_INDEX;

	if (crl->named || crl->count < WORTH_INDEX || crl->entries.len >= UINT32_MAX || crl->slots != NULL)
		return;
	while (count < crl->count + crl->count / 2)
		count *= 2;
	slots = arena_take(arena, count * sizeof(*slots));
	memset(slots, 0, count * sizeof(*slots));
	while (cursor_left(&in) > 0) {
		uint32_t at = (uint32_t)in.pos;
		struct cursor one = der_into(der_take(&in, DER_SEQUENCE));
		size_t slot = slot_of(der_take(&one, DER_INTEGER)), probes = 0;

		while (slots[(slot + probes) & (count - 1)] != 0)
			if (++probes == MOST_PROBES)
				return; /* a hostile list: searched as it is */
		slots[(slot + probes) & (count - 1)] = at + 1;
	}
	crl->slots = slots;
	crl->slot_count = count;
}

/* The same through the index; search->at counts probes. */
static bool find_slot(const struct crl *crl, struct bytes serial, struct crl_search *search,
		      struct crl_entry *ret)
{
	size_t slot = slot_of(serial);
	uint32_t at;

	while ((at = crl->slots[(slot + search->at) & (crl->slot_count - 1)]) != 0) {
		struct cursor in = { .all = crl->entries, .pos = at - 1 };
		struct bytes body = der_take(&in, DER_SEQUENCE);

		search->at++;
		if (read_entry(body, crl->version, ret) == NULL && bytes_equal(ret->serial, serial))
			return true;
	}
	return false;
}

bool crl_find(const struct crl *crl, struct bytes serial, struct crl_search *search, struct crl_entry *ret)
{
	struct cursor in = { .all = crl->entries, .pos = search->at };
	bool found = false;

	serial = der_integer_trim(serial); /* a certificate's may be padded */
	if (crl->slots != NULL)
		return find_slot(crl, serial, search, ret);
	while (!found && cursor_left(&in) > 0) {
		struct bytes body = der_take(&in, DER_SEQUENCE);
		struct cursor one = der_into(body);

		found = bytes_equal(der_take(&one, DER_INTEGER), serial);
		if (in.bad || ((found || crl->named) && read_entry(body, crl->version, ret) != NULL))
			return false;
		if (crl->named && ret->issuers.len > 0)
			search->issuers = ret->issuers;
	}
	search->at = in.pos;
	return found;
}
