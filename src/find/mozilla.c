/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "find/mozilla.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "find/find.h"
#include "medium/library.h"
#include "model/cert.h"
#include "model/name.h"
#include "model/place.h"
#include "model/store.h"

/* RFC 7512: what is not plain is percent-encoded. */
static void put_uri(const char *path, struct buf *to)
{
	buf_text(to, "pkcs11:?module-path=");
	for (const char *p = path; *p != '\0'; p++)
		if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
		    strchr("-._~/", *p) != NULL)
			buf_byte(to, (unsigned char)*p);
		else
			buf_print(to, "%%%02X", (unsigned char)*p);
	buf_byte(to, '\0');
}

bool mozilla_places(const struct root *root, struct place **ret, size_t *ret_count, struct err *err)
{
	struct buf uri = { 0 };
	char *path;

	if (!root_is_host(root))
		return err_set(
			err, ERR_UNSUPPORTED,
			"'mozilla' is a module of the host, and a module of '%s' would be foreign code "
			"that is not run; leave --root out",
			root->path);
	path = library_find("libnssckbi.so");
	if (path == NULL)
		return err_set(
			err, ERR_ABSENT,
			"'mozilla': NSS's libnssckbi.so is in none of the library directories; install "
			"libnss3 (Debian, Ubuntu), nss (Fedora, Arch, Alpine) or mozilla-nss-certs "
			"(SUSE), or name the module: pkcs11:?module-path=/path/to/libnssckbi.so");
	put_uri(path, &uri);
	*ret = mem_zero(sizeof(**ret));
	*ret_count = 1;
	place_set(*ret, "mozilla", "pkcs11");
	place_add_path(*ret, (const char *)uri.at);
	(*ret)->how = mem_print("NSS's built-in list, %s", path);
	buf_done(&uri);
	free(path);
	return true;
}

static bool has(struct bytes all, struct bytes part)
{
	return part.len > 0 && memmem(all.at, all.len, part.at, part.len) != NULL;
}

/* A long one by its end: memmem(3) is quicker with less than 256 bytes, and its own bytes tell names apart.
 */
static bool may_have(struct bytes all, struct bytes part)
{
	enum { END = 64 };

	return has(all, part.len > END ? bytes_skip(part, part.len - END) : part);
}

static bool is_word(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Also as BMPString has it, two bytes a letter. */
static bool has_word(struct bytes small, struct bytes word)
{
	struct buf wide = { 0 };
	bool found = has(small, word);

	for (size_t i = 0; !found && i < word.len; i++) {
		buf_byte(&wide, 0);
		buf_byte(&wide, word.at[i]);
	}
	found = found || has(small, buf_view(&wide));
	buf_done(&wide);
	return found;
}

/* Names that count as the same have the same words, but for the size of their letters (name_canonical()). */
static bool has_words(struct bytes small, struct bytes text)
{
	for (size_t from = 0, to; from < text.len; from = to + 1) {
		for (to = from; to < text.len && is_word(text.at[to]); to++)
			;
		if (to > from && !has_word(small, (struct bytes){ text.at + from, to - from }))
			return false;
	}
	return true;
}

/* Eight bytes at once: 0x20 is added where a byte is between 'A' and 'Z'. */
static uint64_t small_letters(uint64_t eight)
{
	const uint64_t each = UINT64_MAX / 0xff, low = eight & each * 0x7f;
	const uint64_t from_a = low + each * (0x80 - 'A'), behind_z = low + each * (0x7f - 'Z');

	return eight | ((from_a & ~behind_z & ~eight & each * 0x80) >> 2);
}

static void make_small(struct buf *text)
{
	uint64_t eight = 0;

	for (size_t at = 0; at < text->len; at += sizeof(eight)) {
		size_t len = text->len - at < sizeof(eight) ? text->len - at : sizeof(eight);

		memcpy(&eight, text->at + at, len);
		eight = small_letters(eight);
		memcpy(text->at + at, &eight, len);
	}
}

/* `small`: names with small letters. */
static bool has_name(struct bytes small, struct bytes name)
{
	struct name_part part;
	struct buf value = { 0 };
	bool all = true;

	for (size_t at = 0; all && name_next(name, &at, &part);) {
		value.len = 0;
		name_value(&part, &value);
		make_small(&value);
		all = has_words(small, buf_view(&value));
	}
	buf_done(&value);
	return all;
}

/* The certificates that lie somewhere in a file, as they are. */
struct lying {
	struct bytes *keys; /* owned; borrowed from the file */
	size_t count;
	struct buf names; /* the subjects, one behind the other */
};

/* A certificate has more than 255 bytes, and what is signed of it more than 127: SEQUENCE, a length of two
 * bytes, SEQUENCE, a length of one or two. */
static void find_lying(struct bytes file, struct lying *ret)
{
	enum { HEAD = 4, SEQUENCE = 0x30, LONG = 0x80, TWO = 0x82 };

	while (file.len > HEAD + 1) {
		const uint8_t *at = memchr(file.at, SEQUENCE, file.len - HEAD - 1);
		struct bytes der;
		struct cert cert;
		struct err none;

		if (at == NULL)
			return;
		file = bytes_skip(file, (size_t)(at - file.at) + 1);
		der = (struct bytes){ at, HEAD + ((size_t)at[2] << 8 | at[3]) };
		if (at[1] != TWO || at[HEAD] != SEQUENCE || at[HEAD + 1] < LONG || der.len > file.len + 1 ||
		    !cert_read(der, &cert, &none))
			continue;
		ret->keys = mem_grow(ret->keys, ret->count, sizeof(*ret->keys));
		ret->keys[ret->count++] = cert.spki;
		buf_bytes(&ret->names, cert.subject);
	}
}

static bool may_know(struct bytes file, const struct store *certificates)
{
	struct lying lying = { 0 };
	bool may = false;

	find_lying(file, &lying);
	make_small(&lying.names);
	for (size_t i = 0; !may && i < certificates->count; i++) {
		const struct anchor *anchor = &certificates->anchors[i];

		may = anchor->readable && (may_have(file, anchor->cert.issuer) ||
					   has_name(buf_view(&lying.names), anchor->cert.subject));
		for (size_t k = 0; !may && anchor->readable && k < lying.count; k++)
			may = bytes_equal(lying.keys[k], anchor->cert.spki);
	}
	free(lying.keys);
	buf_done(&lying.names);
	return may;
}

bool mozilla_may_know(const struct root *root, const struct store *certificates)
{
	char *path = root_is_host(root) ? library_find("libnssckbi.so") : NULL;
	struct buf file = { 0 };
	struct err err;
	bool may =
		path != NULL && root_read(root, path, &file, &err) && may_know(buf_view(&file), certificates);

	buf_done(&file);
	free(path);
	return may;
}
