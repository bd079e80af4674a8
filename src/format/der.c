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

struct bytes payload_inside(struct bytes der)
{
	bool ok = der.len >= 2 && der.at[0] == DER_SEQUENCE && der_size(der) > 0;

	return bytes_skip(der, !ok ? der.len : der.at[1] < 0x80 ? 2 : 2 + (der.at[1] & 0x7fu));
}

/* SEQUENCE { SEQUENCE { [0] or INTEGER: the first tags, as the rest may be cut. */
bool payload_is_certificate(struct bytes der)
{
	struct bytes body = payload_inside(payload_inside(der));

	return body.len > 0 && (body.at[0] == DER_EXPLICIT(0) || body.at[0] == DER_INTEGER);
}

size_t payload_certificate(struct bytes der, size_t at, struct store *into)
{
	size_t size = der_size(der);

	if (der.len < SMALLEST || !payload_is_certificate(der)) {
		store_note(into, NOTE_WARN, at, "%zu bytes that are no certificate are passed over", der.len);
		return 0;
	}
	if (size == 0 || size > der.len) {
		store_note(into, NOTE_WARN, at, "a certificate cut short, %zu bytes of %zu, is passed over",
			   der.len, size);
		return 0;
	}
	if (size < der.len)
		store_note(into, NOTE_WARN, at,
			   "%zu bytes behind a certificate are not read; OpenSSL passes over them too, "
			   "GnuTLS, p11-kit and Java refuse the certificate",
			   der.len - size);
	store_add(into, (struct bytes){ der.at, size }, at)->trusted = PURPOSES_ALL;
	return 1;
}

bool payload_alone(struct bytes der, struct err *err)
{
	return der_size(der) == der.len || err_set(err, ERR_UNSUPPORTED,
						   "a certificate whose %zu bytes are no single DER value "
						   "can only be written as pem, jks or edk2",
						   der.len);
}

static int der_probe(struct bytes file)
{
	return payload_is_certificate(file) && payload_other(file) == NULL ? 24 : 0;
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
	for (size_t i = 0; i < from->count; i++) {
		if (from->anchors[i]->names != ANCHOR_CERTIFICATE)
			continue;
		if (!payload_alone(from->anchors[i]->cert.der, err))
			return false;
		buf_bytes(to, from->anchors[i]->cert.der);
	}
	return true;
}

const struct format format_der = {
	.kind = { "der", "certificates as DER", CAN_MANY },
	.probe = der_probe,
	.read = der_read,
	.write = der_write_all,
};
