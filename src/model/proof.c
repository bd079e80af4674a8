/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/proof.h"

#include "base/buf.h"
#include "base/err.h"
#include "model/name.h"

/* Compared with the issuers of all certificates: worked out once. */
static bool read_crl(struct proof *proof, struct arena *arena, struct err *err)
{
	struct buf name = { 0 };
	bool ok = crl_read(proof->der, &proof->crl, err);

	if (ok && !name_canonical(proof->crl.issuer, &name))
		ok = err_set(err, ERR_DAMAGED,
			     "not a CertificateList: the issuer has a part that is no string of its type");
	if (ok)
		proof->issuer = arena_bytes(arena, buf_view(&name));
	buf_done(&name);
	return ok;
}

void proof_read(enum proof_kind kind, struct bytes der, const char *where, struct arena *arena,
		struct proof *ret)
{
	struct proof proof = { .kind = kind, .der = der, .where = where };
	struct err err = { 0 };

	if (kind == PROOF_CRL ? !read_crl(&proof, arena, &err) : !ocsp_read(der, &proof.ocsp, &err))
		proof.damage = arena_text(arena, bytes_of(err.text));
	*ret = proof;
}
