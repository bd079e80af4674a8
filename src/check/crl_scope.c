/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/crl_scope.h"

#include "base/buf.h"
#include "check/member.h"
#include "model/der.h"
#include "model/general_name.h"
#include "model/name.h"
#include "model/proof.h"

const struct distribution_point point_default = { .reasons = CRL_REASONS_ALL };

static bool is_named(struct bytes name, struct bytes canonical)
{
	struct buf one = { 0 };
	bool same = name_canonical(name, &one) && bytes_equal(buf_view(&one), canonical);

	buf_done(&one);
	return same;
}

/* Whether one of GeneralNames is the directoryName with this canonical form. */
static bool names_have(struct bytes names, struct bytes canonical)
{
	struct general_name name;
	size_t at = 0;

	while (general_name_next(names, &at, &name))
		if (name.type == GENERAL_DIRECTORY && is_named(name.value, canonical))
			return true;
	return false;
}

static bool same_name(const struct general_name *a, const struct general_name *b)
{
	struct buf canonical = { 0 };
	bool same = bytes_equal(a->whole, b->whole);

	if (!same && a->type == GENERAL_DIRECTORY && b->type == GENERAL_DIRECTORY)
		same = name_canonical(a->value, &canonical) && is_named(b->value, buf_view(&canonical));
	buf_done(&canonical);
	return same;
}

static bool names_meet(struct bytes these, struct bytes those)
{
	struct general_name a, b;

	for (size_t i = 0; general_name_next(these, &i, &a);)
		for (size_t j = 0; general_name_next(those, &j, &b);)
			if (same_name(&a, &b))
				return true;
	return false;
}

/* Appends a Name to GeneralNames, with one more RelativeDistinguishedName at its end or none. */
static void add_directory(struct bytes name, struct bytes relative, struct buf *to)
{
	struct cursor in = der_into(name);
	struct buf parts = { 0 }, whole = { 0 };

	buf_bytes(&parts, der_take(&in, DER_SEQUENCE));
	if (relative.len > 0)
		der_write(&parts, DER_SET, relative);
	der_write(&whole, DER_SEQUENCE, buf_view(&parts));
	der_write(to, DER_EXPLICIT(GENERAL_DIRECTORY), buf_view(&whole));
	buf_done(&parts);
	buf_done(&whole);
}

bool crl_scope_delegated(const struct member *member)
{
	struct bytes value = member->cert.ext[EXT_CRL_DISTRIBUTION_POINTS];
	struct distribution_point point;
	size_t at = 0;

	while (distribution_point_next(value, &at, &point))
		if (point.issuers.len == 0 || names_have(point.issuers, member->issuer))
			return false;
	return at > 0;
}

/* The GeneralNames of a point's name; what is relative stands behind `base`. */
static void expand(const struct point_name *name, struct bytes base, struct buf *to)
{
	if (name->full.len > 0)
		buf_bytes(to, name->full);
	else if (name->relative.len > 0)
		add_directory(base, name->relative, to);
}

/* The names of the certificate's side: of the point, else of its cRLIssuer, else of the issuer. */
static void point_names(const struct distribution_point *point, const struct member *member, struct buf *to)
{
	struct general_name issuer;
	size_t at = 0;

	if (point_name_given(&point->name)) {
		bool other =
			general_name_next(point->issuers, &at, &issuer) && issuer.type == GENERAL_DIRECTORY;

		expand(&point->name, other ? issuer.value : member->cert.issuer, to);
	} else if (point->issuers.len > 0) {
		buf_bytes(to, point->issuers);
	} else if (point == &point_default) {
		struct cursor in = der_into(member->cert.ext[EXT_ISSUER_ALT_NAME]);

		add_directory(member->cert.issuer, (struct bytes){ NULL, 0 }, to);
		if (cert_has(&member->cert, EXT_ISSUER_ALT_NAME))
			buf_bytes(to, der_take(&in, DER_SEQUENCE));
	}
}

bool crl_scope_issuer(const struct proof *proof, const struct distribution_point *point,
		      const struct member *member)
{
	if (point->issuers.len == 0)
		return bytes_equal(proof->issuer, member->issuer);
	return proof->crl.scope.indirect && names_have(point->issuers, proof->issuer);
}

const char *crl_scope_excludes(const struct crl *crl, const struct distribution_point *point,
			       const struct member *member)
{
	struct buf its = { 0 }, ours = { 0 };
	bool meet = true;

	if ((crl->scope.user_certs || crl->scope.ca_certs) && member->cert.version == 1)
		return "is about kinds of certificates, which one of version 1 does not have"; /* 5.2.5 */
	if (crl->scope.attribute_certs)
		return "is only about attribute certificates";
	if (crl->scope.user_certs && member->cert.ca)
		return "is not about CAs";
	if (crl->scope.ca_certs && !member->cert.ca)
		return "is only about CAs";
	if (point_name_given(&crl->scope.name)) {
		expand(&crl->scope.name, crl->issuer, &its);
		point_names(point, member, &ours);
		meet = names_meet(buf_view(&its), buf_view(&ours));
	}
	buf_done(&its);
	buf_done(&ours);
	return meet ? NULL : "is of another distribution point than the certificate names";
}

bool crl_scope_find(const struct proof *proof, const struct member *member, struct crl_entry *ret)
{
	struct crl_search search = { 0 };
	struct crl_entry entry;
	bool found = false;

	while (crl_find(&proof->crl, member->cert.serial, &search, &entry)) {
		if (search.issuers.len > 0 ? !names_have(search.issuers, member->issuer)
					   : !bytes_equal(proof->issuer, member->issuer))
			continue;
		if (!found || entry.reason != CRL_REASON_REMOVE)
			*ret = entry;
		found = true;
		if (entry.reason != CRL_REASON_REMOVE)
			break;
	}
	return found;
}
