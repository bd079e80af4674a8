/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/profile.h"

#include "base/buf.h"
#include "check/lint.h"
#include "check/path.h"
#include "check/question.h"
#include "check/rule.h"

/* clang-format off */
const struct lint lints[] = {
	{ "authority-key-id-missing", "RFC 5280 section 4.2.1.1", LINT_GIVEN, false, REASON_PROFILE,
	  "it does not say by which key it was signed", lint_authority_key_id_missing },
	{ "authority-key-id-critical", "RFC 5280 section 4.2.1.1", LINT_ALL, false, REASON_PROFILE,
	  "authorityKeyIdentifier is critical", lint_authority_key_id_critical },
	{ "authority-key-id-empty", "RFC 5280 section 4.2.1.1", LINT_ALL, false, REASON_PROFILE,
	  "authorityKeyIdentifier is there without a keyIdentifier", lint_authority_key_id_empty },
	{ "authority-key-id-half", "RFC 5280 section A.2, AuthorityKeyIdentifier", LINT_ALL, false, REASON_PROFILE,
	  "authorityKeyIdentifier has one of issuer and serial number without the other", lint_authority_key_id_half },
	{ "authority-key-id-other", "RFC 5280 section 4.2.1.1", LINT_ANCHOR, false, REASON_PROFILE,
	  "it signed itself, and its two key identifiers differ", lint_authority_key_id_other },
	{ "subject-key-id-missing", "RFC 5280 section 4.2.1.2", LINT_INTERMEDIATE, false, REASON_PROFILE,
	  "a CA without subjectKeyIdentifier", lint_subject_key_id_missing },
	{ "subject-key-id-critical", "RFC 5280 section 4.2.1.2", LINT_ALL, false, REASON_PROFILE,
	  "subjectKeyIdentifier is critical", lint_subject_key_id_critical },
	{ "ca-without-subject", "RFC 5280 section 4.1.2.6", LINT_ALL, false, REASON_PROFILE,
	  "a CA without a name", lint_ca_without_subject },
	{ "authority-info-critical", "RFC 5280 section 4.2.2.1", LINT_ALL, false, REASON_PROFILE,
	  "authorityInfoAccess is critical", lint_authority_info_critical },
	{ "extension-malformed", "RFC 5280 section 4.2", LINT_ALL, false, REASON_MALFORMED,
	  "an extension cannot be read", lint_extension_malformed },
	{ "purposes-critical", "CA/Browser Forum BR 7.1.2.7.6", LINT_LEAF, false, REASON_PROFILE,
	  "extKeyUsage is critical, which TLS servers and clients must not have", lint_purposes_critical },
	{ "purposes-any", "CA/Browser Forum BR 7.1.2.7.10", LINT_LEAF, false, REASON_PROFILE,
	  "extKeyUsage has anyExtendedKeyUsage where one purpose is asked for", lint_purposes_any },
	{ "cert-sign-without-ca", "RFC 5280 section 4.2.1.9", LINT_GIVEN, false, REASON_PROFILE,
	  "keyUsage has keyCertSign, and it is no CA", lint_cert_sign_without_ca },
	{ "constraints-in-leaf", "RFC 5280 section 4.2.1.10", LINT_LEAF | LINT_ALONE, false, REASON_PROFILE,
	  "nameConstraints in what is no CA", lint_constraints_in_leaf },
	{ "policy-constraints-not-critical", "RFC 5280 section 4.2.1.11", LINT_ALL, false, REASON_PROFILE,
	  "policyConstraints is not critical", lint_policy_constraints_not_critical },
	{ "root-without-basic-constraints", "RFC 5280 section 4.2.1.9", LINT_ANCHOR, false, REASON_PROFILE,
	  "a CA without basicConstraints", lint_ca_without_basic_constraints },
	{ "ca-without-cert-sign", "CA/Browser Forum BR 7.1.2.7.8", LINT_LEAF, false, REASON_PROFILE,
	  "it is a CA, and its keyUsage does not have keyCertSign", lint_ca_without_cert_sign },
	{ "alt-name-not-critical", "RFC 5280 section 4.2.1.6", LINT_GIVEN, false, REASON_PROFILE,
	  "the subject is empty, and subjectAltName is not there or not critical", lint_alt_name_not_critical },
	{ "alt-name-critical", "RFC 5280 section 4.2.1.6", LINT_GIVEN, false, REASON_PROFILE,
	  "subjectAltName is critical, though there is a subject", lint_alt_name_critical },
	{ "alt-name-malformed", "RFC 5280 section 4.2.1.6", LINT_GIVEN | LINT_ALONE, false, REASON_PROFILE,
	  "an alternative name is not what its type must be", lint_alt_name_malformed },
	{ "serial-long", "RFC 5280 section 4.1.2.2", LINT_ALL, false, REASON_PROFILE,
	  "the serial number has more than 20 octets", lint_serial_long },
	{ "serial-negative", "RFC 5280 section 4.1.2.2", LINT_ALL, false, REASON_PROFILE,
	  "the serial number is negative", lint_serial_negative },
	{ "version", "RFC 5280 section 4.1.2.1", LINT_GIVEN | LINT_ANCHOR, false, REASON_PROFILE,
	  "it is not of version 3", lint_version },
	{ "key-malformed", "RFC 5480 section 2.2, RFC 8017 section 3.1, RFC 8410 section 4", LINT_ALL, false,
	  REASON_MALFORMED, "its key is none", lint_key_malformed },
	{ "key-dsa", "CA/Browser Forum BR 6.1.5", LINT_ALL, false, REASON_PROFILE,
	  "the key is for DSA", lint_key_dsa },
	{ "key-modulus", "CA/Browser Forum BR 6.1.5", LINT_ALL, false, REASON_PROFILE,
	  "the length of the RSA modulus is no multiple of 8", lint_key_modulus },
	{ "key-curve", "CA/Browser Forum BR 6.1.5", LINT_ALL, false, REASON_PROFILE,
	  "the key's curve is not P-256, P-384 or P-521", lint_key_curve },
	{ "common-name-address", "CA/Browser Forum BR 7.1.4.3", LINT_LEAF, false, REASON_PROFILE,
	  "the common name spells an address, and not as RFC 3986 and RFC 5952 do", lint_common_name_address },
	{ "common-name-idn", "CA/Browser Forum BR 7.1.4.3", LINT_LEAF, false, REASON_PROFILE,
	  "the common name is an internationalised name that is no subjectAltName", lint_common_name_idn },
	{ "serial-zero", "RFC 5280 section 4.1.2.2", LINT_ALL, true, REASON_STRICT_SERIAL_ZERO,
	  "the serial number is zero", lint_serial_zero },
	{ "root-key-id", "CA/Browser Forum BR 7.1.2.1.3", LINT_ANCHOR, true, REASON_STRICT_KEY_ID,
	  "the anchor's key identifiers", lint_root_key_id_strict },
	{ "basic-constraints-not-critical", "RFC 5280 section 4.2.1.9", LINT_INTERMEDIATE | LINT_ANCHOR, true,
	  REASON_STRICT_BASIC_CONSTRAINTS, "basicConstraints is not critical", lint_basic_constraints_not_critical },
	{ "purposes-missing", "CA/Browser Forum BR 7.1.2.7.6", LINT_LEAF, true, REASON_STRICT_EXTENDED_KEY_USAGE,
	  "it does not say what its key is for", lint_purposes_missing },
	{ "leaf-ca", "CA/Browser Forum BR 7.1.2.7.8", LINT_LEAF, true, REASON_STRICT_LEAF_CA,
	  "what is judged is a CA", lint_leaf_ca },
	{ "common-name-literal", "CA/Browser Forum BR 7.1.4.3", LINT_LEAF, true, REASON_STRICT_COMMON_NAME,
	  "the common name is a host or an address, and literally no subjectAltName", lint_common_name_literal },
};
/* clang-format on */
const size_t lint_count = sizeof(lints) / sizeof(lints[0]);

static unsigned where(const struct path *path, size_t depth)
{
	bool anchor = path->anchored && depth + 1 == path->count;

	if (depth == 0)
		return anchor ? LINT_ALONE : LINT_LEAF;
	return anchor ? LINT_ANCHOR : LINT_INTERMEDIATE;
}

static void hold(const struct trial *trial, size_t depth, const struct lint_view *view,
		 const struct lint *lint)
{
	struct buf more = { 0 };

	if (lint->broken(view, &more)) {
		buf_byte(&more, '\0');
		reasons_add(trial->reasons, lint->code, view->member, depth, lint->source, "%s%s%s (%s)",
			    lint->text, more.len > 1 ? ": " : "", (const char *)more.at, lint->name);
	}
	buf_done(&more);
}

static void check_member(const struct trial *trial, size_t depth, bool strict)
{
	const struct member *member = trial->path->at[depth];
	const struct lint_view view = { .question = trial->question,
					.member = member,
					.cert = &member->cert,
					.where = where(trial->path, depth) };

	for (size_t i = 0; i < lint_count; i++)
		if (lints[i].strict == strict && (lints[i].where & view.where) &&
		    !(trial->question->lints_off >> i & 1))
			hold(trial, depth, &view, &lints[i]);
}

/* One that is the same in many paths, and clean, is looked at once. */
static void check(const struct trial *trial, bool strict)
{
	for (size_t depth = 0; depth < trial->path->count; depth++) {
		const struct member *member = trial->path->at[depth];
		uint32_t clean = (strict ? CLEAN_STRICT : CLEAN_PROFILE) * where(trial->path, depth);
		size_t before;

		if (!member->readable)
			continue;
		if (member->memo != NULL && member->memo->clean & clean)
			continue;
		before = trial->reasons->count;
		check_member(trial, depth, strict);
		if (member->memo != NULL && trial->reasons->count == before)
			member->memo->clean |= clean;
	}
}

void profile_check(const struct trial *trial)
{
	check(trial, false);
}

void strict_check(const struct trial *trial)
{
	if (trial->question->strict)
		check(trial, true);
}
