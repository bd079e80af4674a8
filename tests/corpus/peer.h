/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One certificate as our walk reads it, held against what GnuTLS says of the same bytes. */
#ifndef CORPUS_PEER_H
#define CORPUS_PEER_H

#include <gnutls/x509.h>

#include "model/cert.h"

struct buf;

/*
 * Appends one line to `differ` for every field of which the two do not say the
 * same. Fields that GnuTLS cannot tell are passed over.
 */
void peer_compare(const struct cert *ours, gnutls_x509_crt_t theirs, struct buf *differ);

#endif
