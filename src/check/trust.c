/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/trust.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "check/judge.h"
#include "check/member.h"
#include "check/question.h"
#include "model/anchor.h"
#include "model/der.h"
#include "model/name.h"
#include "model/staple.h"

struct bytes trust_name(struct arena *arena, struct bytes name)
{
	struct buf canonical = { 0 };
	struct bytes copy;

	if (!name_canonical(name, &canonical)) {
		canonical.len = 0;
		buf_bytes(&canonical, name);
	}
	copy = arena_bytes(arena, buf_view(&canonical));
	buf_done(&canonical);
	return copy;
}

/* Issuer in canonical form and serial number without leading zeros, as one key. */
static struct bytes issuer_serial(struct bytes issuer, struct bytes serial, struct buf *room)
{
	while (serial.len > 1 && serial.at[0] == 0)
		serial = bytes_skip(serial, 1);
	room->len = 0;
	buf_be32(room, (uint32_t)issuer.len);
	buf_bytes(room, issuer);
	buf_bytes(room, serial);
	return buf_view(room);
}

/* The key without its algorithm: RSA may be written with NULL or without, and as RSASSA-PSS. */
static struct bytes key_bits(struct bytes spki)
{
	struct cursor outer = der_into(spki), in = der_into(der_take(&outer, DER_SEQUENCE));

	der_take_algorithm(&in);
	return der_take_bits(&in, DER_BIT_STRING);
}

static void index_distrust(struct trust *trust, struct trust_entry *entry)
{
	const struct anchor *anchor = entry->anchor;
	struct buf room = { 0 };
	uint8_t key_id[ID_LEN];

	if (anchor->distrusted == 0 && anchor_attached(anchor, staple_reject) == NULL)
		return;
	if (anchor_key_id(anchor, key_id)) /* an inventory may tell the hash and not the key */
		index_add(&trust->bad_keys, arena_bytes(&trust->arena, (struct bytes){ key_id, ID_LEN }),
			  anchor);
	if (key_bits(anchor->cert.spki).len > 0)
		index_add(&trust->bad_bits, key_bits(anchor->cert.spki), anchor);
	if (entry->issuer.len > 0 && anchor->cert.serial.len > 0) {
		struct bytes key = issuer_serial(entry->issuer, anchor->cert.serial, &room);

		index_add(&trust->bad_serials, arena_bytes(&trust->arena, key), anchor);
	}
	buf_done(&room);
}

static int64_t later(int64_t a, int64_t b)
{
	return a == CLOCK_NONE || b > a ? b : a;
}

static void add_entry(struct trust *trust, const struct anchor *anchor)
{
	struct trust_entry *entry = &trust->entries[trust->count++];

	*entry = (struct trust_entry){ .anchor = anchor };
	if (anchor->cert.issuer.len > 0)
		entry->issuer = trust_name(&trust->arena, anchor->cert.issuer);
	if (anchor->names == ANCHOR_CERTIFICATE && anchor->readable) {
		entry->subject = bytes_equal(anchor->cert.subject, anchor->cert.issuer)
					 ? entry->issuer
					 : trust_name(&trust->arena, anchor->cert.subject);
		index_add(&trust->by_subject, entry->subject, entry);
		if (anchor_trusted(anchor) != 0) {
			trust->newest_start = later(trust->newest_start, anchor->cert.not_before);
			trust->newest_end = later(trust->newest_end, anchor->cert.not_after);
			trust->anchors++;
		}
	}
	index_add(&trust->by_id, (struct bytes){ anchor->id, ID_LEN }, entry);
	index_distrust(trust, entry);
}

static void entries_done(struct trust *trust)
{
	index_done(&trust->by_id);
	index_done(&trust->by_subject);
	index_done(&trust->bad_keys);
	index_done(&trust->bad_bits);
	index_done(&trust->bad_serials);
	free(trust->entries);
}

/* The indices point into the entries: they are made anew when those grow. */
static void reindex(struct trust *trust, const struct anchor **anchors, size_t count)
{
	entries_done(trust);
	trust->entries = mem_zero((count + 1) * sizeof(*trust->entries));
	trust->count = trust->anchors = 0;
	trust->newest_start = trust->newest_end = CLOCK_NONE;
	for (size_t i = 0; i < count; i++)
		add_entry(trust, anchors[i]);
}

struct trust *trust_new(const struct store *store)
{
	struct trust *trust = mem_zero(sizeof(*trust));
	const struct anchor **all = mem_zero((store->count + 1) * sizeof(const struct anchor *));

	for (size_t i = 0; i < store->count; i++)
		all[i] = &store->anchors[i];
	trust->store = store;
	reindex(trust, all, store->count);
	free(all);
	return trust;
}

/* As the store would say it, had the certificate been added to it as an anchor for everything. */
static const struct anchor *as_anchor(struct trust *trust, const struct anchor *from,
				      const struct anchor *known)
{
	struct anchor *copy = arena_take(&trust->arena, sizeof(*copy));

	*copy = known != NULL && known->names == ANCHOR_CERTIFICATE ? *known : *from;
	copy->trusted = PURPOSES_ALL;
	if (known != NULL) {
		copy->distrusted = known->distrusted;
		copy->spread = known->spread;
	}
	return copy;
}

void trust_with(struct trust *trust, const struct store *extra)
{
	size_t count = 0;
	const struct anchor **all =
		mem_zero((trust->count + extra->count + 1) * sizeof(const struct anchor *));

	for (size_t i = 0; i < trust->count; i++)
		if (!trust->entries[i].absent)
			all[count++] = trust->entries[i].anchor;
	for (size_t i = 0; i < extra->count; i++) {
		const struct anchor *from = &extra->anchors[i];
		size_t k = 0;

		if (from->names != ANCHOR_CERTIFICATE)
			continue;
		while (k < count && memcmp(all[k]->id, from->id, ID_LEN) != 0)
			k++;
		all[k] = as_anchor(trust, from, k < count ? all[k] : NULL);
		count += k == count;
	}
	reindex(trust, all, count);
	free(all);
}

/* As the entry says it by itself: what of it is not the left out one's alone, the indices will find again. */
static const struct anchor *by_itself(struct trust *trust, const struct anchor *anchor)
{
	struct anchor *copy;

	if (anchor->spread == 0)
		return anchor;
	copy = arena_take(&trust->arena, sizeof(*copy));
	*copy = *anchor;
	copy->distrusted &= (uint16_t)~copy->spread;
	copy->spread = 0;
	return copy;
}

void trust_without(struct trust *trust, const uint8_t id[])
{
	const struct anchor **all = mem_zero((trust->count + 1) * sizeof(const struct anchor *));
	size_t count = 0;

	for (size_t i = 0; i < trust->count; i++)
		if (memcmp(trust->entries[i].anchor->id, id, ID_LEN) != 0)
			all[count++] = by_itself(trust, trust->entries[i].anchor);
	reindex(trust, all, count);
	free(all);
}

void trust_free(struct trust *trust)
{
	if (trust == NULL)
		return;
	entries_done(trust);
	arena_done(&trust->arena);
	free(trust);
}

const struct anchor *trust_says(const struct trust *trust, const uint8_t id[])
{
	size_t at = 0;
	const struct trust_entry *entry = index_next(&trust->by_id, (struct bytes){ id, ID_LEN }, &at);

	return entry != NULL ? entry->anchor : NULL;
}

const struct trust_entry *trust_by_subject(const struct trust *trust, struct bytes subject, size_t *at)
{
	return index_next(&trust->by_subject, subject, at);
}

/* Where no purpose is asked for, only what is distrusted for all of them counts. */
static bool rejects(const struct anchor *anchor, const struct question *question)
{
	if (question->purpose < PURPOSE_OTHER)
		return anchor->distrusted & PURPOSE_BIT(question->purpose);
	if (purpose_any(question->purpose_oid))
		return anchor->distrusted == PURPOSES_ALL;
	return anchor->distrusted & PURPOSE_BIT(PURPOSE_OTHER) ||
	       staple_rejects(anchor, question->purpose_oid);
}

static const struct anchor *rejecting(const struct index *index, struct bytes key,
				      const struct question *question)
{
	const struct anchor *anchor;
	size_t at = 0;

	while ((anchor = index_next(index, key, &at)) != NULL && !rejects(anchor, question))
		;
	return anchor;
}

const struct anchor *trust_distrusts(const struct trust *trust, const struct member *member,
				     const struct question *question, enum trust_why *ret_why)
{
	const struct anchor *found = member->anchor;
	struct buf room = { 0 };
	uint8_t key_id[ID_LEN];

	*ret_why = TRUST_BY_CERTIFICATE;
	if (found != NULL && rejects(found, question))
		return found;
	*ret_why = TRUST_BY_KEY;
	found = NULL;
	if (trust->bad_keys.count > 0) {
		digest_sha256(member->cert.spki, key_id);
		found = rejecting(&trust->bad_keys, (struct bytes){ key_id, ID_LEN }, question);
	}
	if (found == NULL)
		found = rejecting(&trust->bad_bits, member->cert.key, question);
	if (found != NULL || trust->bad_serials.count == 0)
		return found;
	*ret_why = TRUST_BY_ISSUER_SERIAL;
	found = rejecting(&trust->bad_serials, issuer_serial(member->issuer, member->cert.serial, &room),
			  question);
	buf_done(&room);
	return found;
}
