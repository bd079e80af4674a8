/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Changing a PKCS#12 trust store: its SafeBags are kept as they are, with their names
 * and marks, in one part of plain data, since certificates are no secret. A store
 * without a MAC stays without one; else the MAC is made anew with the same password,
 * hash and rounds. With private keys in it the file is left to Java's own tool.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "format/alias.h"
#include "format/amend.h"
#include "format/pkcs12.h"
#include "model/store.h"

struct trust_store {
	struct pkcs12_parts parts;
	bool *gone; /* for each bag */
	struct store *seen;
	struct aliases aliases;
	struct buf more; /* new bags */
};

void pkcs12_parts_done(struct pkcs12_parts *parts)
{
	free(parts->all);
	arena_done(&parts->arena);
	*parts = (struct pkcs12_parts){ 0 };
}

static bool may_change(const struct pkcs12_parts *parts, bool given, struct err *err)
{
	if (parts->mac && parts->word == NULL)
		return err_set(
			err, ERR_USAGE, "%s",
			given ? "the password of --password-file is not that of this store, or the store "
				"is damaged"
			      : "the password is neither 'changeit' nor empty, or the store is damaged; "
				"give the password by --password-file");
	return !parts->more ||
	       err_set(err, ERR_UNSUPPORTED,
		       "it holds more than certificates, or what is not read; use 'keytool -importcert' or "
		       "'keytool -delete', which keep the rest");
}

/* The certificate of a bag, or NULL; `at` counts bags. */
static const struct anchor *held(const struct trust_store *t, size_t at)
{
	const struct pkcs12_bag *bag = &t->parts.all[at];

	return !t->gone[at] && bag->count == 1 ? &t->seen->anchors[bag->first] : NULL;
}

/* Whether the store was changed for it. Without Java's mark a certificate is not trusted: it gets a bag with
 * it. */
static bool fulfil(struct trust_store *t, const struct request *request, const struct amend_terms *terms)
{
	bool wants = amend_wants(request), any = false;

	if (request->kind == REQUEST_LIFT)
		return false;
	for (size_t i = 0; i < t->parts.count; i++) {
		const struct anchor *is = held(t, i);

		if (is == NULL || !request_names(request, is))
			continue;
		if (wants && t->parts.all[i].marked)
			return any;
		any = t->gone[i] = true;
	}
	if (!wants)
		return any;
	pkcs12_write_bag(request->anchor->cert.der, alias_new(&t->aliases, terms->prefix, request->anchor),
			 &t->more);
	return true;
}

static bool write_all(const struct trust_store *t, struct buf *to, struct err *err)
{
	struct buf bags = { 0 };
	bool ok;

	for (size_t i = 0; i < t->parts.count; i++)
		if (!t->gone[i])
			buf_bytes(&bags, t->parts.all[i].whole);
	buf_bytes(&bags, buf_view(&t->more));
	ok = pkcs12_write_store(buf_view(&bags), &t->parts.seal, t->parts.mac ? t->parts.word : NULL, to,
				err);
	buf_done(&bags);
	return ok;
}

bool pkcs12_amend(struct bytes file, const struct requests *requests, const struct amend_terms *terms,
		  bool *done, struct buf *to, struct err *err)
{
	struct trust_store t = { .seen = store_new("the trust store") };
	struct buf room = { 0 };
	struct pbe_word given;
	bool ok, any = false;

	if (terms->password != NULL)
		pbe_word_of(terms->password, &room, &given);
	ok = pkcs12_take(file, terms->password != NULL ? &given : NULL, t.seen, &t.parts, err) &&
	     may_change(&t.parts, terms->password != NULL, err);
	t.gone = mem_zero(t.parts.count + 1);
	aliases_for(t.parts.count + requests->count, &t.aliases);
	for (size_t i = 0; i < t.parts.count; i++)
		if (held(&t, i) != NULL)
			alias_taken(&t.aliases, bytes_of(held(&t, i)->label));
	for (size_t i = 0; ok && i < requests->count; i++) {
		ok = amend_can(&requests->all[i], err);
		done[i] = ok && !requests_repeat(requests, i) && fulfil(&t, &requests->all[i], terms);
		any = any || done[i];
	}
	if (ok && !any)
		buf_bytes(to, file);
	else
		ok = ok && write_all(&t, to, err);
	aliases_done(&t.aliases);
	pkcs12_parts_done(&t.parts);
	store_free(t.seen);
	free(t.gone);
	buf_done(&room);
	buf_done(&t.more);
	return ok;
}
