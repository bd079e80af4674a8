/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the makers of certificates and of evidence share: words, keys, and pieces of DER. */
#ifndef CHAINS_PARTS_H
#define CHAINS_PARTS_H

#include <gnutls/abstract.h>

#include "maker.h"

enum { KEY_ID = 20 };

struct key {
	char *name;
	gnutls_privkey_t private;
	struct buf spki;
	bool rsa;
};

/* said(): the value of the last "KEY=VALUE", "" for a plain "KEY", NULL if it was not said. wrap() and
 * put_extension() empty the buffer they write. */
void must(int code, const char *what);
const char *said(const struct recipe *recipe, const char *key);
bool says(const struct recipe *recipe, const char *key, const char *value);
unsigned number_of(const char *text);
void wrap(struct buf *to, unsigned tag, struct buf *body);
void put_oid(struct buf *to, const char *dotted);
void put_hex(struct buf *to, const char *hex);
/* Extensions as given: "KEY=OID:c|n:HEX", as often as it was said. */
void put_given(const struct recipe *recipe, const char *key, struct buf *to);
void put_number(struct buf *to, unsigned tag, unsigned number);
void put_string(struct buf *to, unsigned tag, const char *text);
void put_name(struct buf *to, const char *cn);
struct key *key_for(const struct recipe *recipe);
struct bytes key_id(const struct key *key, uint8_t room[32]);
const struct recipe *issuer_of(const struct recipe *recipe);
const char *cn_of(const struct recipe *recipe);
void put_time(struct buf *to, const char *text);
void put_algorithm(struct buf *to, const struct key *key, const struct recipe *recipe);
void put_extension(struct buf *to, const char *oid, bool critical, struct buf *value);
void each(const char *list, void (*put)(struct buf *, const char *), struct buf *to);
void put_signed(const struct recipe *recipe, struct buf *tbs, struct buf *to);
void put_serial(const struct recipe *recipe, struct buf *to);
void put_relative(const char *cn, struct buf *to); /* DistributionPointName, behind the issuer's name */
void put_others(const struct recipe *recipe, struct buf *to);

#endif
