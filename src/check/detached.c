/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/detached.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "base/err.h"
#include "model/anchor.h"

static gnutls_datum_t datum(struct bytes bytes)
{
	return (gnutls_datum_t){ (unsigned char *)(uintptr_t)bytes.at, (unsigned)bytes.len };
}

static bool dates_hold(const struct anchor *signer, int64_t at, struct err *err)
{
	int64_t from = anchor_not_before(signer), to = anchor_not_after(signer);
	char date[CLOCK_TEXT];

	if (from == CLOCK_NONE || to == CLOCK_NONE)
		return err_set(err, ERR_DAMAGED, "the signer's certificate cannot be read");
	if (at >= from && at <= to)
		return true;
	clock_date(at < from ? from : to, date);
	return err_set(err, ERR_USAGE, "the signer's certificate %s %s; ask for a signature by a valid one",
		       at < from ? "is not valid before" : "expired on", date);
}

static bool any_holds(gnutls_pkcs7_t signatures, gnutls_x509_crt_t signer, struct bytes data, struct err *err)
{
	const gnutls_datum_t signed_data = datum(data);
	int count = crypto()->pkcs7_get_signature_count(signatures), got = GNUTLS_E_PK_SIG_VERIFY_FAILED;

	if (count <= 0)
		return err_set(err, ERR_DAMAGED, "there is no signature in it");
	for (int i = 0; i < count; i++) {
		got = crypto()->pkcs7_verify_direct(signatures, signer, (unsigned)i, &signed_data, 0);
		if (got >= 0)
			return true;
	}
	return err_set(
		err, ERR_DAMAGED,
		"it is no signature of this source by this signer (%s); nothing of the source was used",
		crypto()->strerror(got));
}

bool detached_verify(struct bytes data, struct bytes signature, const struct anchor *signer, int64_t at,
		     struct err *err)
{
	const gnutls_datum_t sig = datum(signature), der = datum(signer->cert.der);
	bool pem = bytes_start(signature, bytes_of("-----BEGIN "));
	gnutls_x509_crt_t crt = NULL;
	gnutls_pkcs7_t p7 = NULL;
	bool ok = false;

	if (crypto()->x509_crt_init(&crt) < 0 ||
	    crypto()->x509_crt_import(crt, &der, GNUTLS_X509_FMT_DER) < 0)
		err_set(err, ERR_DAMAGED, "the signer's certificate cannot be read");
	else if (crypto()->pkcs7_init(&p7) < 0 ||
		 crypto()->pkcs7_import(p7, &sig, pem ? GNUTLS_X509_FMT_PEM : GNUTLS_X509_FMT_DER) < 0)
		err_set(err, ERR_UNKNOWN, "it is no CMS (PKCS#7) signature, in DER or PEM");
	else
		ok = dates_hold(signer, at, err) && any_holds(p7, crt, data, err);
	crypto()->pkcs7_deinit(p7);
	crypto()->x509_crt_deinit(crt);
	return ok;
}
