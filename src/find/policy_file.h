/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What `anchorage apply` is given: the state that the stores of a host are to have,
 * as anchorage-policy(5) describes it. Texts as they were written; what they
 * mean is for cmd/apply.c.
 */
#ifndef FIND_POLICY_FILE_H
#define FIND_POLICY_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/texts.h"

struct err;
struct root;

struct policy_anchor {
	char *name;
	char *file;                  /* absolute, or beside the policy; NULL: by fingerprint */
	char *fingerprint, *label;   /* or NULL */
	char *not_after, *retire_on; /* times, or NULL */
	struct texts purposes, dns, networks, mail;
};

struct policy_ban {
	char *name;
	char *file, *fingerprint; /* one of them is there */
	char *reason;             /* or NULL */
};

struct policy_base {
	char *from, *sha256, *signature, *signer, *keyring,
		*max_shrink; /* as of `refresh`; NULL: not given */
};

struct policy_file {
	struct texts to;     /* stores to keep in step; none: the system's */
	struct texts accept; /* codes of warnings */
	struct policy_anchor *anchors;
	size_t anchor_count;
	struct policy_ban *bans;
	size_t ban_count;
	struct policy_base base; /* base.from NULL: there is none */
};

/* `path` "-": standard input, beside which is the current directory. False: it cannot be read, or something
 * in it is not understood. Free with policy_file_done(). */
bool policy_file_read(const struct root *root, const char *path, struct policy_file *ret, struct err *err);
void policy_file_done(struct policy_file *policy);

#endif
