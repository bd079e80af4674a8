/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An extension that a store attached, or a certificate carries, in a few words. */
#ifndef SHOW_CONSTRAINT_H
#define SHOW_CONSTRAINT_H

struct buf;
struct extension;

/*
 * "nameConstraints (permitted DNS corp.example)", "extKeyUsage (server-auth)",
 * "1.2.3.4 (31 bytes)". May hold any bytes: escape it.
 */
void constraint_text(const struct extension *extension, struct buf *to);

#endif
