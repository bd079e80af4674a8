/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An extension that a store attached, or a certificate carries, in a few words. */
#ifndef SHOW_CONSTRAINT_H
#define SHOW_CONSTRAINT_H

struct anchor;
struct buf;
struct extension;
struct show;

/*
 * "nameConstraints (permitted DNS corp.example)", "extKeyUsage (server-auth)",
 * "1.2.3.4 (31 bytes)". May hold any bytes: escape it.
 */
void constraint_text(const struct extension *extension, struct buf *to);

/* A line for each that the store attached to this entry, below what it says of it. */
void put_attached(struct show *show, const struct anchor *anchor);

#endif
