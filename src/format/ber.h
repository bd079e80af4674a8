/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * BER (X.690 section 8) as DER as far as structure goes: lengths that are not
 * written down, and strings in pieces. Contents are not looked at; what is in an
 * OCTET STRING is a matter of its own.
 */
#ifndef FORMAT_BER_H
#define FORMAT_BER_H

#include "base/bytes.h"

struct buf;

/*
 * Appends the one element that `from` begins with, which is *ret_used bytes long. False: it is cut, it is
 * deeper than LIMIT_BER_DEPTH, or has a tag of more than one byte; `to` then is of no use.
 */
bool ber_to_der(struct bytes from, size_t *ret_used, struct buf *to);

#endif
