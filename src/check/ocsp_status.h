/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What OCSP answers say of one certificate: RFC 6960. An answer counts if it is signed
 * by the certificate's issuer, or by one to whom that issuer itself gave the right
 * (section 4.2.2.2). Where answers contradict each other, revoked goes before unknown,
 * and within one response unknown before good.
 */
#ifndef CHECK_OCSP_STATUS_H
#define CHECK_OCSP_STATUS_H

#include <stddef.h>

#include "base/bytes.h"

struct buf;
struct inquiry;
struct member;
struct proof;

/* Sets status to revoked or good; leaves it as it was, and complains, where there is no answer. */
void ocsp_status(struct inquiry *inquiry, const struct proof *answers, size_t count);

/* The request that asks for a certificate. False: there is no SHA-1 here. */
bool ocsp_ask(const struct member *member, const struct member *issuer, struct buf *to);

#endif
