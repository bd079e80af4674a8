/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The names that PKCS#12 gives to its parts, for who reads and who writes them.
 * All are an OID's contents.
 */
#ifndef FORMAT_PKCS12_H
#define FORMAT_PKCS12_H

#include "base/bytes.h"

struct buf;
struct err;
struct pick;
struct style;

extern const struct bytes pkcs12_data;          /* ContentInfo of plain bytes, RFC 5652 */
extern const struct bytes pkcs12_cert_bag;      /* SafeBag of a certificate, RFC 7292 section 4.2.3 */
extern const struct bytes pkcs12_x509;          /* CertBag of an X.509 certificate */
extern const struct bytes pkcs12_friendly_name; /* attribute: its name, RFC 2985 section 5.5.1 */
extern const struct bytes pkcs12_trusted;       /* attribute: Java's mark of a trusted entry */

/* As struct format's write(); in pkcs12_write.c. */
bool pkcs12_write(const struct pick *from, const struct style *style, struct buf *to, struct err *err);

#endif
