/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificates, CRLs and OCSP answers made of words, for chain cases; README tells the words.
 * They are composed field by field, so that a word can break one, and signed by keys
 * that live as long as the process and bear the names of their certificates. All
 * that is made is the maker's until maker_done().
 */
#ifndef CHAINS_MAKER_H
#define CHAINS_MAKER_H

#include "base/buf.h"

/* "cert NAME WORD…": what was said of one certificate or CRL, in order; borrowed. */
struct recipe {
	const char *name;
	const char *words[64];
	size_t count;
	struct buf der; /* once made */
};

struct recipe *maker_recipe(const char *name); /* found, or new */
void maker_say(struct recipe *recipe, const char *word);
void maker_certificate(struct recipe *recipe);
void maker_crl(struct recipe *recipe);
void maker_ocsp(struct recipe *recipe);
void maker_spki(const char *key, struct buf *to);
void maker_extension(const char *word, struct buf *to); /* "eku=…" or "permit=…", with tag and length */
const char *maker_keep(char *take);                     /* a text that is freed in the end */
void maker_forget(void);                                /* the recipes, not the keys */
void maker_done(void);

#endif
