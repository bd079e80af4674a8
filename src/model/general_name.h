/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GeneralNames (RFC 5280 section 4.2.1.6), one name after the other, borrowed:
 * of subjectAltName, of issuers of CRLs, of distribution points, and the bases of
 * name constraints. Whether a name is well formed for its use is for the user.
 */
#ifndef MODEL_GENERAL_NAME_H
#define MODEL_GENERAL_NAME_H

#include "base/bytes.h"

enum general_name_type {
	GENERAL_OTHER,
	GENERAL_RFC822,
	GENERAL_DNS,
	GENERAL_X400,
	GENERAL_DIRECTORY,
	GENERAL_EDI_PARTY,
	GENERAL_URI,
	GENERAL_IP,
	GENERAL_REGISTERED_ID,
	GENERAL_TYPES,
};

extern const char *const general_name_words[GENERAL_TYPES]; /* "dNSName" … as RFC 5280 spells them */

struct general_name {
	enum general_name_type type;
	struct bytes value; /* contents; of a directoryName the Name with tag and length */
	struct bytes whole; /* with tag and length */
};

/*
 * The next of a list of them, `names` being the contents of the SEQUENCE; *at starts
 * at 0 and is moved. False at the end (*at is names.len then) and where it is none.
 */
bool general_name_next(struct bytes names, size_t *at, struct general_name *ret);

/* The text of an otherName that is an SmtpUTF8Mailbox (RFC 9598 section 3). False: it is another. */
bool general_name_mailbox(const struct general_name *name, struct bytes *ret);

/* GeneralNames ::= SEQUENCE SIZE (1..MAX) OF GeneralName: at least one, and nothing else among them. */
bool general_names_valid(struct bytes names);

#endif
