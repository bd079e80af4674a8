/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What may stand in a PEM block or by itself: the readers that formats share.
 * Each takes the decoded bytes and the offset of the block, adds to the store
 * what it finds, and returns how many anchors that were; what it could not read
 * it has noted.
 */
#ifndef FORMAT_PAYLOAD_H
#define FORMAT_PAYLOAD_H

#include "base/bytes.h"

struct err;
struct store;

/* Every block of a PEM file, whatever its types; in pem.c. As struct format's read(). */
bool payload_pem(struct bytes file, struct store *into, struct err *err);

/* The first block's type, empty if there is none. */
struct bytes payload_pem_type(struct bytes file);

/* An anchor for everything; what does not even begin as a certificate is noted and passed over. */
size_t payload_certificate(struct bytes der, size_t at, struct store *into); /* in der.c */
size_t payload_trusted(struct bytes der, size_t at, struct store *into);     /* in trusted.c */
size_t payload_pkcs7(struct bytes der, size_t at, struct store *into);       /* in pkcs7.c */

/* Whether it is one DER value, so that others can stand behind it; not so for some of a module's. */
bool payload_alone(struct bytes der, struct err *err);

/* The contents of the SEQUENCE at the start of `der`, however much of it is there. */
struct bytes payload_inside(struct bytes der);

/* A clause that says what it is instead: a request, a CRL, an OCSP response, a key; or NULL. In other_der.c.
 */
const char *payload_other(struct bytes der);

bool payload_is_certificate(struct bytes der); /* looks like one, by its first tags */
bool payload_is_pkcs7(struct bytes der);       /* a ContentInfo with SignedData */

#endif
