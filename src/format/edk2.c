/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The certificates of UEFI's HTTPS boot (EDK II's variable TlsCaCertificate), a
 * run of EFI_SIGNATURE_LIST (UEFI specification 32.4.1). Little-endian.
 *
 *   list:       type[16], le32 list size, le32 header size, le32 signature size,
 *               header, signature *
 *   signature:  owner[16], data          all of one list are equally long
 *
 * Lists of the type EFI_CERT_X509_GUID hold one DER certificate per signature.
 * `trust extract` writes one list per certificate, under an owner of its own.
 */
#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "format/format.h"
#include "format/payload.h"
#include "model/pick.h"
#include "model/store.h"

enum { GUID = 16, HEAD = GUID + 3 * 4 };

/* A5C059A1-94E4-4AA7-87B5-AB155C2BF072, EFI_CERT_X509_GUID */
static const uint8_t x509[GUID] = { 0xa1, 0x59, 0xc0, 0xa5, 0xe4, 0x94, 0xa7, 0x4a,
				    0x87, 0xb5, 0xab, 0x15, 0x5c, 0x2b, 0xf0, 0x72 };

/* DCDD3B50-F405-43FD-96BE-BD33B1734776, p11-kit's */
static const uint8_t owner[GUID] = { 0x50, 0x3b, 0xdd, 0xdc, 0x05, 0xf4, 0xfd, 0x43,
				     0x96, 0xbe, 0xbd, 0x33, 0xb1, 0x73, 0x47, 0x76 };

static bool is_x509(struct bytes type)
{
	return bytes_equal(type, (struct bytes){ x509, GUID });
}

static int edk2_probe(struct bytes file)
{
	return file.len >= HEAD && is_x509((struct bytes){ file.at, GUID }) ? 8 * GUID : 0;
}

/* The signatures of one list; `size` is that of each. */
static void read_signatures(struct cursor *in, size_t end, uint32_t size, struct store *into)
{
	while (in->pos < end) {
		size_t at = in->pos + GUID;

		cursor_take(in, GUID);
		payload_certificate(cursor_take(in, size - GUID), at, into);
	}
}

static bool read_list(struct cursor *in, struct store *into, struct err *err)
{
	size_t start = in->pos;
	struct bytes type = cursor_take(in, GUID);
	uint32_t list = cursor_le32(in), header = cursor_le32(in), size = cursor_le32(in);
	size_t end = start + list;

	if (in->bad || list < HEAD || end > in->all.len)
		return err_set(err, ERR_DAMAGED, "the list at byte %zu is cut or has no size that fits",
			       start);
	if (header > list - HEAD || size <= GUID || (list - HEAD - header) % size != 0)
		return err_set(err, ERR_DAMAGED,
			       "the list at byte %zu has sizes that contradict each other: %u, %u, %u", start,
			       list, header, size);
	cursor_take(in, header);
	if (is_x509(type)) {
		if (in->pos == end)
			store_note(into, NOTE_WARN, start, "a list without a certificate");
		read_signatures(in, end, size, into);
		return true;
	}
	store_note(into, NOTE_WARN, start,
		   "a list of something else than certificates, %u bytes, is passed over", list);
	cursor_take(in, end - in->pos);
	return true;
}

static bool edk2_read(struct bytes file, struct store *into, struct err *err)
{
	struct cursor in = { .all = file };

	if (file.len == 0)
		return err_set(err, ERR_DAMAGED, "no signature list");
	while (cursor_left(&in) > 0)
		if (!read_list(&in, into, err))
			return false;
	return true;
}

static bool edk2_write(const struct pick *from, const struct style *style, struct buf *to, struct err *err)
{
	(void)style;
	(void)err;
	for (size_t i = 0; i < from->count; i++) {
		struct bytes der = from->anchors[i]->cert.der;

		if (from->anchors[i]->names != ANCHOR_CERTIFICATE)
			continue;
		buf_bytes(to, (struct bytes){ x509, GUID });
		buf_le32(to, (uint32_t)(HEAD + GUID + der.len));
		buf_le32(to, 0);
		buf_le32(to, (uint32_t)(GUID + der.len));
		buf_bytes(to, (struct bytes){ owner, GUID });
		buf_bytes(to, der);
	}
	return true;
}

const struct format format_edk2 = {
	.kind = { "edk2", "UEFI signature lists (EDK II cacerts.bin)", CAN_MANY },
	.probe = edk2_probe,
	.read = edk2_read,
	.write = edk2_write,
};
