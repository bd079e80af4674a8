/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Questions about one anchor. Nothing here changes it. */
#ifndef MODEL_ANCHOR_H
#define MODEL_ANCHOR_H

#include "base/bytes.h"
#include "model/key.h"
#include "model/purpose.h"
#include "model/store.h"

struct buf;

/* Purposes it is an anchor for once distrust is taken off. */
uint16_t anchor_trusted(const struct anchor *anchor);

/*
 * Whether it counts for `purpose`, or for the one whose OID contents are given
 * where the purpose has no row. As `trust` does, a certificate's own extKeyUsage
 * limits it where the store attached none.
 */
bool anchor_serves(const struct anchor *anchor, enum purpose purpose, struct bytes oid);

/* The Extension attached by the store with these OID contents, or NULL. */
const struct extension *anchor_attached(const struct anchor *anchor, struct bytes oid);

/*
 * Whether `issuer` is, by its name and where both have one by its key identifier,
 * who signed `of`. The signature is not checked.
 */
bool anchor_issued(const struct anchor *issuer, const struct anchor *of);

/* A CA by basicConstraints, or a version 1 certificate that issued itself: p11-kit's "authority". */
bool anchor_authority(const struct anchor *anchor);

int64_t anchor_not_before(const struct anchor *anchor);
int64_t anchor_not_after(const struct anchor *anchor); /* CLOCK_NONE: unknown */
struct key anchor_key(const struct anchor *anchor);    /* its strings live as long as the anchor */

/* SHA-256 of the SubjectPublicKeyInfo, made anew each time. False: the key is not known. */
bool anchor_key_id(const struct anchor *anchor, uint8_t ret[ID_LEN]);

/* What people call it: the label, else the short name of the subject; never empty. Any bytes. */
void anchor_name(const struct anchor *anchor, struct buf *to);

#endif
