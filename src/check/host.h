/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * DNS names, IP addresses and mail addresses as they stand in certificates (RFC 5280
 * section 4.2.1.6): borrowed bytes, ASCII, compared without regard to the case of
 * letters. An IDN is its A-labels here; check/reference.h makes them of what people type.
 */
#ifndef CHECK_HOST_H
#define CHECK_HOST_H

#include "base/bytes.h"

struct buf;

enum { HOST_MOST = 253, HOST_LABEL = 63, ADDRESS_MOST = 16 };

/*
 * Preferred name syntax (RFC 1034 section 3.5, RFC 1123 section 2.1), with the underscore
 * that real names have; no trailing dot; no address. `star`: its first label may hold one "*".
 */
bool host_valid(struct bytes name, bool star);

bool host_equal(struct bytes a, struct bytes b);

/* Whether `name` is `tree` or stands below it; "" is above all. */
bool host_within(struct bytes name, struct bytes tree);

/* What follows the first label and its dot; empty where there is but one. */
struct bytes host_parent(struct bytes name);

/*
 * Whether a name is a registry's, below which anybody may have a name: one label, or the second
 * level of a country that gives out names at the third. A few of those that
 * the Public Suffix List has, and none that are private.
 */
bool host_registry(struct bytes name);

/* An address as people write it, IPv6 with or without brackets: 4 or 16 octets. 0: it is none. */
size_t address_read(struct bytes text, uint8_t ret[ADDRESS_MOST]);

/* The text form of 4 or 16 octets, RFC 5952; anything else as hex. */
void address_text(struct bytes octets, struct buf *to);

/* A mailbox, RFC 5321 section 4.1.2: local part and host. A quoted local part is still quoted. */
struct mailbox {
	struct bytes local, host;
};
bool mailbox_read(struct bytes text, struct mailbox *ret);

/* One whose local part has letters beyond ASCII, as an SmtpUTF8Mailbox must (RFC 9598 section 3); its host
 * is A-labels. */
bool mailbox_read_utf8(struct bytes text, struct mailbox *ret);

/* Local parts exactly, but however they are quoted; hosts without regard to case. */
bool mailbox_equal(const struct mailbox *a, const struct mailbox *b);

/* Bytes of a certificate within a sentence: a NUL, which would end it, is shown as "\0". */
void host_put(struct bytes name, struct buf *to);

#endif
