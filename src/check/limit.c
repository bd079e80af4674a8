/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * NameConstraints ::= SEQUENCE { permittedSubtrees [0] GeneralSubtrees OPTIONAL,
 *                                excludedSubtrees [1] GeneralSubtrees OPTIONAL }
 * GeneralSubtree ::= SEQUENCE { base GeneralName, minimum [0] DEFAULT 0, maximum [1] OPTIONAL }
 */
#include "check/limit.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "check/host.h"
#include "check/question.h"
#include "check/reference.h"
#include "model/cert.h"
#include "model/der.h"
#include "model/general_name.h"
#include "model/staple.h"

enum { V4 = 4, V6 = 16 };

bool limit_any(const struct limit *limit)
{
	return limit->dns_count + limit->network_count + limit->mail_count > 0;
}

static void subtree(struct buf *to, enum general_name_type type, struct bytes value)
{
	struct buf base = { 0 };

	der_write(&base, DER_CONTEXT((unsigned)type), value);
	der_write(to, DER_SEQUENCE, buf_view(&base));
	buf_done(&base);
}

/* A name as people write it, an IDN as its A-labels. */
static bool dns(const char *text, struct buf *to, struct err *err)
{
	const char *name = text[0] == '*' && text[1] == '.' ? text + 2 : text[0] == '.' ? text + 1 : text;
	struct arena arena = { 0 };
	struct reference reference = { 0 };
	struct err why = { 0 };
	bool ok = reference_read(name, &arena, &reference, &why) && reference.type == REFERENCE_DNS;

	if (ok)
		subtree(to, GENERAL_DNS, reference.name);
	else
		err_set(err, ERR_USAGE, "--permit-dns: '%s' is no DNS name; write it as example.com", text);
	arena_done(&arena);
	return ok;
}

/* Bits of the prefix; the octets behind an address, as RFC 4632 writes them. */
static bool network(const char *text, struct buf *to, struct err *err)
{
	const char *slash = strchr(text, '/');
	size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	uint8_t octets[2 * ADDRESS_MOST];
	size_t size = address_read((struct bytes){ (const uint8_t *)text, len }, octets);
	unsigned long bits = size * 8;
	char *end = NULL;

	if (size > 0 && slash != NULL) {
		bits = slash[1] >= '0' && slash[1] <= '9' ? strtoul(slash + 1, &end, 10) : ~0ul;
		if (end == NULL || *end != '\0')
			bits = ~0ul;
	}
	if (size == 0 || bits > size * 8)
		return err_set(err, ERR_USAGE,
			       "--permit-ip: '%s' is no address or network; write it as 10.0.0.0/8", text);
	for (size_t i = 0; i < size; i++) {
		unsigned left = bits > i * 8 ? (unsigned)(bits - i * 8) : 0;
		unsigned mask = left >= 8 ? 0xff : (0xff00u >> left) & 0xff;

		octets[size + i] = (uint8_t)mask;
		if (octets[i] & ~mask & 0xff)
			return err_set(err, ERR_USAGE,
				       "--permit-ip: '%s' has bits behind its prefix; a network begins with "
				       "zeros there",
				       text);
	}
	subtree(to, GENERAL_IP, (struct bytes){ octets, 2 * size });
	return true;
}

static bool mail(const char *text, struct buf *to, struct err *err)
{
	struct bytes all = bytes_of(text), host = all;
	struct mailbox box;
	bool ok = strchr(text, '@') != NULL ? mailbox_read(all, &box) : true;

	if (ok && strchr(text, '@') == NULL) {
		if (text[0] == '.')
			host = bytes_skip(all, 1);
		ok = host_valid(host, false);
	}
	if (!ok)
		return err_set(
			err, ERR_USAGE,
			"--permit-email: '%s' is no mail address or host; write it as joe@example.com, "
			"example.com or .example.com",
			text);
	subtree(to, GENERAL_RFC822, all);
	return true;
}

static bool permitted(const struct limit *limit, struct buf *to, struct err *err)
{
	bool ok = true;

	for (size_t i = 0; ok && i < limit->dns_count; i++)
		ok = dns(limit->dns[i], to, err);
	for (size_t i = 0; ok && i < limit->network_count; i++)
		ok = network(limit->networks[i], to, err);
	for (size_t i = 0; ok && i < limit->mail_count; i++)
		ok = mail(limit->mail[i], to, err);
	return ok;
}

/* Whole kinds of names: the empty DNS name is above all, and 0/0 are all addresses. */
static void excluded(const struct limit *limit, struct buf *to)
{
	static const uint8_t zeros[2 * ADDRESS_MOST];

	if (limit->dns_count == 0)
		subtree(to, GENERAL_DNS, (struct bytes){ zeros, 0 });
	if (limit->network_count == 0) {
		subtree(to, GENERAL_IP, (struct bytes){ zeros, (size_t)2 * V4 });
		subtree(to, GENERAL_IP, (struct bytes){ zeros, (size_t)2 * V6 });
	}
}

bool limit_write(const struct limit *limit, struct buf *to, struct err *err)
{
	struct buf trees = { 0 }, body = { 0 }, value = { 0 };
	bool ok = permitted(limit, &trees, err);

	if (ok) {
		der_write(&body, DER_EXPLICIT(0), buf_view(&trees));
		trees.len = 0;
		excluded(limit, &trees);
		if (trees.len > 0)
			der_write(&body, DER_EXPLICIT(1), buf_view(&trees));
		der_write(&value, DER_SEQUENCE, buf_view(&body));
		staple_write_extension(exts[EXT_NAME_CONSTRAINTS].oid, true, buf_view(&value), to);
	}
	buf_done(&trees);
	buf_done(&body);
	buf_done(&value);
	return ok;
}
