/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A path on trial, made of certificates that a test describes in words: for rules,
 * which look at a path and add reasons. Nothing is signed, as rules do not look; the
 * certificates are added from the target up, and the last one is the anchor.
 */
#ifndef UNIT_STAND_H
#define UNIT_STAND_H

#include "base/buf.h"
#include "check/member.h"
#include "check/path.h"
#include "check/question.h"
#include "check/reason.h"
#include "check/rule.h"
#include "check/wish.h"

enum { STAND_MOST = 12 };

struct stand {
	struct question question;
	struct path path;
	struct reasons reasons;
	struct wishes wishes;
	struct trial trial;
	struct member members[STAND_MOST];
	struct anchor anchors[STAND_MOST];
	const struct member *at[STAND_MOST];
	struct buf parts[4 * STAND_MOST]; /* what members borrow */
	size_t part_count;
};

int stand_begin(void **state);
int stand_end(void **state);
void stand_clear(struct stand *stand); /* the path and the reasons; the question stays */

/* Names are "CN=Alder,O=Trees"; "" is the empty one. `extensions`, which may be NULL, is emptied. */
struct member *stand_add(struct stand *stand, const char *subject, const char *issuer,
			 struct buf *extensions);
struct hand;
struct member *stand_add_hand(struct stand *stand, struct hand *hand, const char *subject, const char *issuer,
			      struct buf *extensions);

/* Runs a rule; the number of reasons, and the first one's code must be `code`. */
size_t stand_run(struct stand *stand, void (*rule)(const struct trial *trial));
void stand_refuses(struct stand *stand, void (*rule)(const struct trial *trial), enum reason_code code,
		   const char *words); /* words that the first reason's text has */
void stand_passes(struct stand *stand, void (*rule)(const struct trial *trial));

/* Extensions, appended to `to`. */
void ext_add(struct buf *to, const char *oid, bool critical, struct bytes value);
void ext_hex(struct buf *to, const char *oid, bool critical, const char *hex);
void ext_ca(struct buf *to); /* basicConstraints, critical */

/* "dns:example.com mail:a@b ip:192.0.2.1 uri:http://x/ dir:CN=A,O=B other:0c0141 reg:1.2.3", parted by
 * spaces. */
void ext_alt_names(struct buf *to, bool critical, const char *names);

/* The same as bases of subtrees, of networks "ip:192.0.2.0/24"; NULL: no such list. */
void ext_constraints(struct buf *to, const char *permitted, const char *excluded);

void ext_policies(struct buf *to, const char *oids);  /* dotted, parted by spaces; "any" */
void ext_mappings(struct buf *to, const char *pairs); /* "1.2.3=1.2.4 …" */
void ext_policy_limits(struct buf *to, int explicit_policy, int mapping); /* -1: not said */
void ext_inhibit_any(struct buf *to, int skip);

#endif
