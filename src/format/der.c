/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One certificate as DER, or several one behind the other; what Debian, Java and
 * Windows call .crt, .cer or .der.
 */
#include "base/buf.h"
#include "base/err.h"
#include "format/format.h"
#include "format/payload.h"
#include "model/der.h"
#include "model/pick.h"
#include "model/store.h"

/* No certificate is smaller: what is may not cost more memory than it has bytes. */
enum { SMALLEST = 64 };

/* The contents of the SEQUENCE at the start of `der`, however much of it is there. */
static struct bytes inside(struct bytes der)
{
	bool ok = der.len >= 2 && der.at[0] == DER_SEQUENCE && der_size(der) > 0;

	return bytes_skip(der, !ok ? der.len : der.at[1] < 0x80 ? 2 : 2 + (der.at[1] & 0x7fu));
}

/* SEQUENCE { SEQUENCE { [0] or INTEGER: the first tags, as the rest may be cut. */
bool payload_is_certificate(struct bytes der)
{
	struct bytes body = inside(inside(der));

	return body.len > 0 && (body.at[0] == DER_EXPLICIT(0) || body.at[0] == DER_INTEGER);
}

size_t payload_certificate(struct bytes der, size_t at, struct store *into)
{
	if (der.len < SMALLEST || !payload_is_certificate(der)) {
		store_note(into, NOTE_WARN, at, "%zu bytes that are no certificate are passed over", der.len);
		return 0;
	}
	if (der_size(der) > der.len) {
		store_note(into, NOTE_WARN, at, "a certificate cut short, %zu bytes of %zu, is passed over",
			   der.len, der_size(der));
		return 0;
	}
	store_add(into, der, at)->trusted = PURPOSES_ALL;
	return 1;
}

static int der_probe(struct bytes file)
{
	return payload_is_certificate(file) ? 24 : 0;
}

static bool der_read(struct bytes file, struct store *into, struct err *err)
{
	size_t at = 0;

	while (at < file.len && payload_is_certificate(bytes_skip(file, at))) {
		struct bytes rest = bytes_skip(file, at);
		size_t size = der_size(rest);

		if (size > rest.len)
			return err_set(err, ERR_DAMAGED,
				       "the certificate at byte %zu is cut: %zu bytes of %zu", at, rest.len,
				       size);
		payload_certificate((struct bytes){ rest.at, size }, at, into);
		at += size;
	}
	if (at == 0)
		return err_set(err, ERR_DAMAGED, "no DER certificate");
	if (at < file.len)
		store_note(into, NOTE_WARN, at, "%zu bytes behind the last certificate are not read",
			   file.len - at);
	return true;
}

static bool der_write_all(const struct pick *from, const struct style *style, struct buf *to, struct err *err)
{
	(void)style;
	(void)err;
	for (size_t i = 0; i < from->count; i++)
		if (from->anchors[i]->names == ANCHOR_CERTIFICATE)
			buf_bytes(to, from->anchors[i]->cert.der);
	return true;
}

const struct format format_der = {
	.kind = { "der", "certificates as DER", CAN_MANY },
	.probe = der_probe,
	.read = der_read,
	.write = der_write_all,
};
