/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/root.h"
#include "format/armor.h"
#include "format/payload.h"
#include "medium/file.h"
#include "model/der.h"
#include "model/store.h"

static void add(struct chain *chain, struct bytes der, const char *where)
{
	chain->all = mem_grow(chain->all, chain->count, sizeof(*chain->all));
	chain->all[chain->count++] = (struct chain_cert){ der, where };
}

static const char *place(struct chain *chain, const char *path, unsigned line, const char *alias)
{
	struct buf text = { 0 };
	const char *where;

	buf_text(&text, strcmp(path, "-") == 0 ? "standard input" : path);
	if (line > 0) {
		buf_byte(&text, ':');
		buf_number(&text, line);
	}
	if (alias != NULL) {
		buf_text(&text, ", alias ");
		buf_text(&text, alias);
	}
	where = arena_text(&chain->arena, buf_view(&text));
	buf_done(&text);
	return where;
}

static bool plain_der(struct bytes der)
{
	return der.len <= LIMIT_CERTIFICATE_SIZE && payload_is_certificate(der) && der_size(der) == der.len;
}

/* Text in which nothing could be meant as a certificate. */
static bool plain_gap(struct bytes gap)
{
	for (size_t i = 0; i < gap.len; i++)
		if (gap.at[i] == 0 || gap.at[i] >= 0x80)
			return false;
	return gap.len == 0 || memmem(gap.at, gap.len, "-----", 5) == NULL;
}

/* False, and nothing is added, if there is anything that the readers of formats would have to note. */
static bool read_plain(struct bytes file, const char *path, struct chain *chain)
{
	static const char type[] = "CERTIFICATE";
	struct armor_at at = { .line = 1 };
	struct armor armor;
	size_t wrong, start = 0;
	bool ok = true;

	if (file.len > 0 && file.at[0] == DER_SEQUENCE && plain_der(file) && payload_other(file) == NULL) {
		buf_bytes(&chain->bytes, file);
		add(chain, buf_view(&chain->bytes), place(chain, path, 0, NULL));
		return true;
	}
	while (ok && armor_next(file, &at, &armor)) {
		struct bytes der;

		ok = !armor.cut && armor.odd == NULL && bytes_equal(armor.type, bytes_of(type)) &&
		     plain_gap(armor.gap) && armor_decode(&armor, &chain->bytes, &wrong);
		der = bytes_skip(buf_view(&chain->bytes), start);
		ok = ok && plain_der(der);
		if (ok)
			add(chain, (struct bytes){ NULL, der.len }, place(chain, path, armor.line, NULL));
		start = chain->bytes.len;
	}
	ok = ok && plain_gap(armor.gap) && chain->count > 0;
	if (!ok)
		chain->count = chain->bytes.len = 0;
	for (size_t i = 0, pos = 0; i < chain->count; pos += chain->all[i++].der.len)
		chain->all[i].der.at = chain->bytes.at + pos; /* the buffer moves no more */
	return ok;
}

/*
 * Whoever judges the first certificate must not take the second for it. A block is no certificate
 * if none was read at its line.
 */
static unsigned lost_before(struct bytes file, unsigned first)
{
	static const struct bytes word = { (const uint8_t *)"CERTIFICATE", 11 },
				  request = { (const uint8_t *)"REQUEST", 7 };
	struct armor_at at = { .line = 1 };
	struct armor armor;
	size_t offset;

	while (first > 0 && armor_next(file, &at, &armor)) {
		if (armor_stray(armor.gap, false, &offset) != NULL)
			return armor.line;
		if (armor.line >= first)
			break;
		if (memmem(armor.type.at, armor.type.len, word.at, word.len) != NULL &&
		    memmem(armor.type.at, armor.type.len, request.at, request.len) == NULL)
			return armor.line;
	}
	return 0;
}

/* PKCS#7 holds a SET, which DER sorts: where a CA came first, the first that is none is meant. */
static bool goes_first(const struct chain *chain, const struct anchor *first, const struct anchor *anchor)
{
	return chain->count > 0 && first->origin.bag && first->readable && first->cert.ca &&
	       anchor->origin.bag && anchor->readable && !anchor->cert.ca;
}

static void put_first(struct chain *chain, size_t at)
{
	struct chain_cert one = chain->all[at];

	memmove(&chain->all[1], &chain->all[0], at * sizeof(one));
	chain->all[0] = one;
}

static bool read_store(struct bytes file, const char *path, struct chain *chain, struct err *err)
{
	const struct anchor *first = NULL;
	size_t target = 0;

	chain->store = store_new(path);
	if (!file_read_bytes(path, file, NULL, chain->store, err))
		return false;
	for (size_t i = 0; i < chain->store->count; i++) {
		const struct anchor *anchor = &chain->store->anchors[i];

		if (anchor->names != ANCHOR_CERTIFICATE)
			continue;
		if (chain->count == 0)
			chain->lost = lost_before(file, anchor->origin.line);
		first = first != NULL ? first : anchor;
		if (target == 0 && goes_first(chain, first, anchor))
			target = chain->count;
		add(chain, anchor->cert.der, place(chain, path, anchor->origin.line, anchor->origin.alias));
	}
	if (target > 0)
		put_first(chain, target);
	return chain->count > 0 || err_set(err, ERR_ABSENT, "no certificate in it");
}

/* Empty, with its room if that is not much. */
static void clear(struct buf *buf)
{
	enum { KEPT = 1 << 16 };

	if (buf->room > KEPT)
		buf_done(buf);
	buf->len = 0;
}

/* Without certificates, and with the memory for others. */
static void forget(struct chain *chain)
{
	struct arena arena = chain->arena;
	struct buf bytes = chain->bytes, file = chain->file;

	free(chain->all);
	store_free(chain->store);
	arena_clear(&arena);
	clear(&bytes);
	clear(&file);
	*chain = (struct chain){ .arena = arena, .bytes = bytes, .file = file };
}

bool chain_read_next(const char *path, const struct root *root, struct chain *chain, struct err *err)
{
	bool ok;

	forget(chain);
	ok = strcmp(path, "-") == 0 ? root_read_fd(STDIN_FILENO, &chain->file, err)
				    : root_read(root, path, &chain->file, err);
	ok = ok && (read_plain(buf_view(&chain->file), path, chain) ||
		    read_store(buf_view(&chain->file), path, chain, err));
	clear(&chain->file);
	return ok;
}

bool chain_read(const char *path, const struct root *root, struct chain *ret, struct err *err)
{
	*ret = (struct chain){ 0 };
	return chain_read_next(path, root, ret, err);
}

void chain_done(struct chain *chain)
{
	forget(chain);
	arena_done(&chain->arena);
	buf_done(&chain->bytes);
	buf_done(&chain->file);
}
