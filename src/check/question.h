/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is asked about a chain: everything that a person may set, and no evidence.
 * All is borrowed. RFC 5280 section 6.1.1 (a) to (i).
 */
#ifndef CHECK_QUESTION_H
#define CHECK_QUESTION_H

#include "base/bytes.h"
#include "model/purpose.h"

enum reference_type { REFERENCE_NONE, REFERENCE_DNS, REFERENCE_IP, REFERENCE_MAIL };

/* The name that the target must carry; made by reference_read(), check/reference.h. */
struct reference {
	enum reference_type type;
	struct bytes name; /* DNS: A-labels in small letters, without a trailing dot; mail: as typed; IP: 4 or
			      16 octets */
	const char *typed; /* as the user wrote it */
};

enum revocation_mode { REVOCATION_OFF, REVOCATION_PREFER, REVOCATION_REQUIRE };

struct question {
	enum purpose purpose; /* PURPOSE_OTHER: see purpose_oid */
	bool purpose_implied; /* nobody asked for it: what a purpose demands of a certificate's form is not
				 held against it */
	struct bytes purpose_oid; /* OID contents; anyExtendedKeyUsage: no purpose is asked for */
	struct reference reference;
	int64_t at;    /* the time that everything is judged by */
	int max_depth; /* intermediates, but for self-issued ones; -1: no limit */
	struct {
		const struct bytes *oids; /* OID contents; none: anyPolicy */
		size_t count;
		bool explicit_policy, inhibit_mapping, inhibit_any;
	} policy;
	enum revocation_mode revocation;
	bool strict;
	uint64_t rules_off; /* for tests: set of enum rule_id that are left out */
	uint64_t lints_off; /* and of rows of lints[], check/profile.h */
};

#endif
