/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The walk against GnuTLS on whatever libFuzzer thinks of: what both read must
 * have equal fields, and what we read GnuTLS must import, but for alternative
 * names, of which it reads less (tests/corpus/differential.c).
 */
#include "../corpus/peer.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/cert.h"
#include "model/key.h"
#include "model/name.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void stop(const char *what, const char *text)
{
	fprintf(stderr, "%s: %s\n", what, text);
	abort();
}

static void ask(const struct cert *cert)
{
	struct buf text = { 0 };
	uint32_t hash;

	name_short(cert->subject, &text);
	name_hash(cert->subject, &hash);
	buf_done(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gnutls_datum_t datum = { (unsigned char *)(uintptr_t)data, (unsigned)size };
	struct buf differ = { 0 };
	struct err err = { 0 };
	struct cert cert;
	gnutls_x509_crt_t crt;
	int code;

	if (!cert_read((struct bytes){ data, size }, &cert, &err)) {
		if (err.text[0] == '\0')
			stop("refused", "without a word");
		return 0;
	}
	ask(&cert);
	gnutls_x509_crt_init(&crt);
	code = gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_DER);
	/* GnuTLS takes a key under the OID of a signature for one of that kind. */
	if (code >= 0 && strcmp(key_of(&cert).type, "unknown") != 0)
		peer_compare(&cert, crt, &differ);
	else if (code < 0 && !cert_has(&cert, EXT_SUBJECT_ALT_NAME) && !cert_has(&cert, EXT_ISSUER_ALT_NAME))
		stop("only we read it", gnutls_strerror(code));
	if (differ.len > 0) {
		buf_byte(&differ, '\0');
		stop("not equal", (char *)differ.at);
	}
	gnutls_x509_crt_deinit(crt);
	buf_done(&differ);
	return 0;
}
