/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/rule.h"

#include "check/checks.h"
#include "check/constraint.h"
#include "check/policy.h"
#include "check/profile.h"
#include "check/reference.h"
#include "check/revocation.h"

const struct rule rules[RULE_ROWS] = {
	[RULE_READABLE] = { "readable", "RFC 5280 section 4.1", readable_check },
	[RULE_VALIDITY] = { "validity", "RFC 5280 section 6.1.3 (a) (2)", validity_check },
	[RULE_SIGNATURE] = { "signature", "RFC 5280 section 6.1.3 (a) (1)", signature_check },
	[RULE_ANCHORED] = { "anchored", "RFC 5280 section 6.1", anchored_check },
	[RULE_BASIC_CONSTRAINTS] = { "basic-constraints", "RFC 5280 section 6.1.4 (k)",
				     basic_constraints_check },
	[RULE_PATH_LENGTH] = { "path-length", "RFC 5280 section 6.1.4 (l)", path_length_check },
	[RULE_MAX_DEPTH] = { "max-depth", "RFC 5280 section 6.1.2 (k)", max_depth_check },
	[RULE_KEY_USAGE] = { "key-usage", "RFC 5280 section 6.1.4 (n)", key_usage_check },
	[RULE_PURPOSE] = { "purpose", "RFC 5280 section 4.2.1.12", purpose_check },
	[RULE_STORE_PURPOSE] = { "store-purpose", "the store", store_purpose_check },
	[RULE_STORE_CONSTRAINT] = { "store-constraint", "the store", store_constraint_check },
	[RULE_DISTRUST] = { "distrust", "the store", distrust_check },
	[RULE_DISTRUST_AFTER] = { "distrust-after", "the store", distrust_after_check },
	[RULE_CRITICAL] = { "critical", "RFC 5280 section 4.2", critical_check },
	[RULE_STRENGTH] = { "strength", "GnuTLS, security parameter medium", strength_check },
	[RULE_NAME] = { "name", "RFC 9525", name_check },
	[RULE_NAME_CONSTRAINTS] = { "name-constraints", "RFC 5280 section 6.1.3 (b), (c)",
				    name_constraints_check },
	[RULE_POLICY] = { "policy", "RFC 5280 section 6.1.3 (d), RFC 9618", policy_check },
	[RULE_PROFILE] = { "profile", "RFC 5280 section 4", profile_check },
	[RULE_STRICT] = { "strict", "--strict", strict_check },
	[RULE_REVOCATION] = { "revocation", "RFC 5280 section 6.3, RFC 6960", revocation_check },
	[RULE_MUST_STAPLE] = { "must-staple", "RFC 7633", feature_check },
};
