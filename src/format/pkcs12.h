/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The names that PKCS#12 gives to its parts, for who reads and who writes them.
 * All are an OID's contents.
 */
#ifndef FORMAT_PKCS12_H
#define FORMAT_PKCS12_H

#include "base/arena.h"
#include "format/pbe.h"

struct buf;
struct err;
struct pick;
struct store;
struct style;

extern const struct bytes pkcs12_data;          /* ContentInfo of plain bytes, RFC 5652 */
extern const struct bytes pkcs12_cert_bag;      /* SafeBag of a certificate, RFC 7292 section 4.2.3 */
extern const struct bytes pkcs12_x509;          /* CertBag of an X.509 certificate */
extern const struct bytes pkcs12_friendly_name; /* attribute: its name, RFC 2985 section 5.5.1 */
extern const struct bytes pkcs12_trusted;       /* attribute: Java's mark of a trusted entry */

/* As struct format's write(); in pkcs12_write.c. */
bool pkcs12_write(const struct pick *from, const struct style *style, struct buf *to, struct err *err);

/* What a store is made of, for who changes it. */
struct pkcs12_parts {
	struct pkcs12_bag {
		struct bytes whole;  /* the SafeBag as DER */
		size_t first, count; /* what it is in the store that was read; 0: no certificate */
		bool marked;         /* with Java's mark */
	} * all;                     /* owned */
	size_t count;
	struct arena arena; /* what the bags are views of */
	bool more;          /* it has something else than certificates, or something that was not read */
	bool mac;
	struct pbe_seal seal;        /* of the MAC */
	const struct pbe_word *word; /* that it was made with, if it is known */
};

/*
 * Reads as struct format's read(), and tells the parts. `given`: the only password that is
 * tried; NULL: those that everybody knows. BER is not taken. Free with pkcs12_parts_done().
 */
bool pkcs12_take(struct bytes file, const struct pbe_word *given, struct store *into,
		 struct pkcs12_parts *ret, struct err *err);
void pkcs12_parts_done(struct pkcs12_parts *parts);

/* A SafeBag of a certificate with Java's mark; and a store of SafeBags, with a MAC unless `word` is NULL. */
void pkcs12_write_bag(struct bytes der, const char *alias, struct buf *to);
bool pkcs12_write_store(struct bytes bags, const struct pbe_seal *like, const struct pbe_word *word,
			struct buf *to, struct err *err);

#endif
