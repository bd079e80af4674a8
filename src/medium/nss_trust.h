/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside the helper process: what the trust objects of an NSS database say of one
 * certificate, in both generations: CKO_NSS_TRUST, and CKO_TRUST of PKCS#11 3.2,
 * which NSS writes from 3.114 on and looks at first. Their values are told by words
 * that both have.
 */
#ifndef MEDIUM_NSS_TRUST_H
#define MEDIUM_NSS_TRUST_H

#include "medium/asker.h"

struct cert;
struct nss_wish;

enum { NSS_SAYS = 4, NSS_GENERATIONS = 2 }; /* purposes: server, client, email, code */

enum nss_say {
	NSS_SAY_UNKNOWN, /* whatever other tokens say, Mozilla's list among them */
	NSS_SAY_VERIFY,  /* neither: an issuer decides */
	NSS_SAY_VALID,   /* a CA, and neither; only of the older generation */
	NSS_SAY_ANCHOR,  /* C, T */
	NSS_SAY_PEER,    /* P */
	NSS_SAY_DISTRUST,
	NSS_SAY_NO_WORD, /* another number, or a signature that does not hold */
	NSS_SAY_WORDS,
};

struct nss_trust {
	const struct cert *cert; /* borrowed */
	struct bytes serial;     /* with tag and length */
	uint8_t sha1[DIGEST_SHA1_LEN], md5[DIGEST_MD5_LEN], sha256[DIGEST_LEN];
	struct {
		CK_OBJECT_HANDLE handle; /* 0: there is none */
		bool ours;               /* it has the hash of this certificate */
		enum nss_say says[NSS_SAYS];
	} all[NSS_GENERATIONS]; /* the older first */
	size_t count;
};

void nss_trust_look(struct asker *asker, const struct cert *cert, struct bytes serial, struct nss_trust *ret);

/* What it should say after the wish. */
void nss_trust_want(const struct nss_wish *wish, const struct nss_trust *trust, enum nss_say ret[NSS_SAYS]);

/* Whether every NSS finds that already. */
bool nss_trust_is(const struct nss_trust *trust, const enum nss_say want[NSS_SAYS]);
bool nss_trust_forbids(const struct nss_trust *trust);
bool nss_trust_says_nothing(const enum nss_say says[NSS_SAYS]);

/* NULL, or why not; nothing of the trust is then changed. */
const char *nss_trust_put(struct asker *asker, const struct nss_trust *trust,
			  const enum nss_say want[NSS_SAYS]);

/* Whether there was anything. */
bool nss_trust_drop(struct asker *asker, const struct nss_trust *trust);

/* Objects like this, at most `room` of them. */
size_t nss_find(struct asker *asker, CK_ATTRIBUTE *like, size_t like_count, CK_OBJECT_HANDLE *ret,
		size_t room);

#endif
