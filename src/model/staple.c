/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/staple.h"

#include "base/buf.h"
#include "base/limits.h"
#include "model/anchor.h"
#include "model/der.h"
#include "model/store.h"

#define P11_KIT "\x2b\x06\x01\x04\x01\x99\x77\x06\x0a" /* 1.3.6.1.4.1.3319.6.10 */

const struct bytes staple_reject = { (const uint8_t *)P11_KIT "\x01", 10 };
const struct bytes staple_nothing = { (const uint8_t *)P11_KIT "\x10", 10 };

/* The purposes in the order in which p11-kit lists them, which is that of their OIDs. */
static const enum purpose order[PURPOSE_ROWS] = {
	PURPOSE_SERVER_AUTH,      PURPOSE_CLIENT_AUTH,  PURPOSE_CODE_SIGNING, PURPOSE_EMAIL,
	PURPOSE_IPSEC_END_SYSTEM, PURPOSE_IPSEC_TUNNEL, PURPOSE_IPSEC_USER,   PURPOSE_TIME_STAMPING,
};
#define ROWS ((uint16_t)(PURPOSES_ALL & ~PURPOSE_BIT(PURPOSE_OTHER)))

static bool list_names(struct bytes list, struct bytes oid)
{
	struct bytes one;
	size_t at = 0;

	while (cert_oid_next(list, &at, &one))
		if (bytes_equal(one, oid))
			return true;
	return false;
}

bool staple_rejects(const struct anchor *anchor, struct bytes oid)
{
	const struct extension *kept = anchor_attached(anchor, staple_reject);

	return kept != NULL && list_names(kept->value, oid);
}

void staple_write_extension(struct bytes oid, bool critical, struct bytes value, struct buf *to)
{
	static const uint8_t yes[] = { 0xff };
	struct buf body = { 0 };

	der_write(&body, DER_OID, oid);
	if (critical)
		der_write(&body, DER_BOOLEAN, (struct bytes){ yes, sizeof(yes) });
	der_write(&body, DER_OCTET_STRING, value);
	der_write(to, DER_SEQUENCE, buf_view(&body));
	buf_done(&body);
}

/* Whether OIDs, one behind the other, have this among them. */
static bool among(struct bytes oids, struct bytes oid)
{
	struct cursor in = der_into(oids);

	while (cursor_left(&in) > 0)
		if (bytes_equal(der_take(&in, DER_OID), oid))
			return true;
	return false;
}

/* The OIDs of `list` that have no row and are not in `before`, one behind the other, as far as they may be
 * kept. */
static void without_row(struct bytes list, struct bytes before, struct buf *to)
{
	struct bytes oid;
	size_t at = 0;

	while (cert_oid_next(list, &at, &oid) && to->len + before.len <= LIMIT_PURPOSES_SIZE)
		if (purpose_of_oid(oid) == PURPOSE_OTHER && !purpose_any(oid) &&
		    !bytes_equal(oid, staple_nothing) && !among(before, oid) && !among(buf_view(to), oid))
			der_write(to, DER_OID, oid);
}

/* Attaches a reject list in place of an earlier one. The array may be shared with other anchors: a new one.
 */
static void keep_rejects(struct store *store, struct anchor *anchor, struct bytes oids)
{
	struct extension *all = anchor->attached;
	size_t count = anchor->attached_count;
	struct buf value = { 0 }, whole = { 0 };

	der_write(&value, DER_SEQUENCE, oids);
	staple_write_extension(staple_reject, false, buf_view(&value), &whole);
	anchor->attached = NULL;
	anchor->attached_count = 0;
	for (size_t i = 0; i < count; i++)
		if (!bytes_equal(all[i].oid, staple_reject))
			store_attach(store, anchor, all[i].whole);
	store_attach(store, anchor, buf_view(&whole));
	buf_done(&value);
	buf_done(&whole);
}

void staple_add_rejects(struct store *store, struct anchor *anchor, struct bytes list)
{
	const struct extension *kept = anchor_attached(anchor, staple_reject);
	struct cursor in = der_into(kept != NULL ? kept->value : (struct bytes){ NULL, 0 });
	struct bytes before = der_take(&in, DER_SEQUENCE), oid;
	struct buf oids = { 0 };
	size_t at = 0;

	while (cert_oid_next(list, &at, &oid)) {
		enum purpose purpose = purpose_of_oid(oid);

		if (purpose_any(oid))
			anchor->distrusted = PURPOSES_ALL;
		else if (purpose < PURPOSE_ROWS)
			anchor->distrusted |= PURPOSE_BIT(purpose);
	}
	without_row(list, before, &oids);
	if (oids.len + before.len > LIMIT_PURPOSES_SIZE) {
		store_note(store, NOTE_WARN, NOTE_NOWHERE,
			   "a list of more than %d bytes of purposes to reject: distrusted for all",
			   LIMIT_PURPOSES_SIZE);
		anchor->distrusted = PURPOSES_ALL;
	} else if (oids.len > 0) {
		buf_bytes(&oids, before);
		keep_rejects(store, anchor, buf_view(&oids));
	}
	if ((anchor->distrusted & ROWS) == ROWS)
		anchor->distrusted = PURPOSES_ALL;
	buf_done(&oids);
}

bool staple_add(struct store *store, struct anchor *anchor, struct bytes whole)
{
	struct extension one;
	bool odd;

	if (!extension_read(whole, &one, &odd))
		return false;
	if (bytes_equal(one.oid, staple_reject)) {
		staple_add_rejects(store, anchor, one.value);
		return true;
	}
	if (bytes_equal(one.oid, exts[EXT_EXTENDED_KEY_USAGE].oid))
		anchor->trusted &= store_purposes_of(one.value);
	return store_attach(store, anchor, whole);
}

static void write_set(uint16_t set, struct buf *to)
{
	for (size_t i = 0; i < PURPOSE_ROWS; i++)
		if (set & PURPOSE_BIT(order[i]))
			der_write(to, DER_OID, purposes[order[i]].der);
}

bool staple_write_purposes(const struct anchor *anchor, struct buf *to)
{
	const struct extension *usage = anchor_attached(anchor, exts[EXT_EXTENDED_KEY_USAGE].oid);
	size_t start = to->len;

	if (usage != NULL) {
		struct cursor in = der_into(usage->value);

		buf_bytes(to, der_take(&in, DER_SEQUENCE));
		return true;
	}
	if (anchor->trusted == PURPOSES_ALL || anchor->trusted == 0)
		return false;
	write_set(anchor->trusted, to);
	if (to->len == start)
		der_write(to, DER_OID, staple_nothing);
	return true;
}

bool staple_write_rejects(const struct anchor *anchor, struct buf *to)
{
	const struct extension *kept = anchor_attached(anchor, staple_reject);
	size_t start = to->len;

	if (kept != NULL) {
		struct cursor in = der_into(kept->value);

		buf_bytes(to, der_take(&in, DER_SEQUENCE));
	}
	write_set(anchor->distrusted, to);
	return to->len > start;
}
