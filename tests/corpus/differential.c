/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Holds cert_read() against GnuTLS on every certificate of the corpora and of the
 * stores of this machine. What both read has equal fields (peer.c); what only one
 * of them reads is in one of the two tables below, or the test fails.
 */
#include "corpus.h"

#include <fnmatch.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "model/der.h"
#include "peer.h"

enum { SHOWN = 10 }; /* failures told one by one */

/* What we refuse and GnuTLS imports: our error as a pattern, the rule, and why it is not read. */
static const struct refusal {
	const char *error, *rule, *why;
} refusals[] = {
	{ "the version is not 1, 2 or 3", "RFC 5280 section 4.1.2.1", "what a version 4 means nobody knows" },
	{ "the serial number is no INTEGER", "X.690 section 8.3.1", "it has no octets" },
	{ "the validity is not two times *", "RFC 5280 section 4.1.2.5",
	  "a year of two digits in a GeneralizedTime, a second 63: GnuTLS makes 1970 or the year 3500 of "
	  "it" },
	{ "the issuer is no Name*", "X.501 section 9.2, X.690 sections 8.19.2 and 8.1.2.4",
	  "a part without type or value, an OID that ends within an arc, a tag number above 30" },
	{ "the subject is no Name*", "X.501 section 9.2, X.690 sections 8.19.2 and 8.1.2.4",
	  "as in the issuer" },
	{ "the public key is no SubjectPublicKeyInfo", "X.690 sections 8.6.2.2 and 8.19.2",
	  "a BIT STRING with more than 7 unused bits, an OID that ends within an arc" },
	{ "a unique identifier is no BIT STRING", "X.690 section 8.6.2.2",
	  "it has no octets, or more than 7 unused bits" },
	{ "the extensions are no SEQUENCE", "RFC 5280 section 4.1.2.9",
	  "something stands behind their SEQUENCE" },
	{ "extension * is no DER Extension", "RFC 5280 section 4.1, X.690 sections 8.19.2 and 11.1",
	  "an empty one, an OID that ends within an arc, a BOOLEAN that is neither 00 nor ff" },
	{ "the signature is no BIT STRING", "X.690 section 8.6.2.2", "more than 7 unused bits" },
	{ "the signed and the outer signature algorithm differ", "RFC 5280 section 4.1.1.2",
	  "GnuTLS lets NULL parameters on one side and none on the other pass" },
};
enum { REFUSALS = sizeof(refusals) / sizeof(refusals[0]) };

static bool unreadable_alt_name(const struct cert *cert)
{
	return cert_is_odd(cert, ODD_ALT_NAME);
}

static bool rare_alt_name(const struct cert *cert)
{
	struct cursor outer = der_into(cert->ext[EXT_SUBJECT_ALT_NAME]),
		      in = der_into(der_take(&outer, DER_SEQUENCE));

	while (cursor_left(&in) > 0) {
		uint8_t tag = der_next(&in).tag;

		if (tag == DER_EXPLICIT(3) || tag == DER_EXPLICIT(5))
			return true;
	}
	return false;
}

/* What we read and GnuTLS does not import, and why it is read nevertheless. */
static const struct excess {
	bool (*is)(const struct cert *cert);
	const char *what, *why;
} excesses[] = {
	{ unreadable_alt_name, "an alternative name that is no GeneralName (RFC 5280 section 4.2.1.6)",
	  "of all extensions GnuTLS decodes these two on import; here every extension that cannot be read is "
	  "odd, and the rest of the certificate has one meaning" },
	{ rare_alt_name, "an x400Address or ediPartyName", "allowed; GnuTLS's grammar leaves them out" },
};
enum { EXCESSES = sizeof(excesses) / sizeof(excesses[0]) };

struct run {
	struct seen files, certs;
	const char *path; /* of the file that is read */
	size_t agreed, neither, differ, unlisted_refusals, unlisted_excesses;
	size_t refused[REFUSALS], exceeded[EXCESSES], odd[ODD_ROWS];
};

static void tell(const struct run *run, size_t count, const char *what, const char *text)
{
	if (count <= SHOWN)
		tap_say("%s: %s: %s", run->path, what, text);
}

static void both(struct run *run, const struct cert *cert, gnutls_x509_crt_t crt)
{
	struct buf differ = { 0 };

	peer_compare(cert, crt, &differ);
	if (differ.len == 0) {
		run->agreed++;
	} else {
		buf_byte(&differ, '\0');
		differ.at[strcspn((char *)differ.at, "\n")] = '\0';
		tell(run, ++run->differ, "not equal", (char *)differ.at);
	}
	for (unsigned i = 0; i < ODD_ROWS; i++)
		run->odd[i] += cert_is_odd(cert, i);
	buf_done(&differ);
}

static void only_ours(struct run *run, const struct cert *cert, int code)
{
	for (size_t i = 0; i < EXCESSES; i++)
		if (excesses[i].is(cert)) {
			run->exceeded[i]++;
			return;
		}
	tell(run, ++run->unlisted_excesses, "GnuTLS refuses it", gnutls_strerror(code));
}

static void only_theirs(struct run *run, const char *error)
{
	for (size_t i = 0; i < REFUSALS; i++)
		if (fnmatch(refusals[i].error, error, 0) == 0) {
			run->refused[i]++;
			return;
		}
	tell(run, ++run->unlisted_refusals, "we refuse it", error);
}

static void hold(struct bytes der, void *data)
{
	gnutls_datum_t datum = { (unsigned char *)(uintptr_t)der.at, (unsigned)der.len };
	struct run *run = data;
	struct err err = { 0 };
	struct cert cert;
	gnutls_x509_crt_t crt;
	bool ours;
	int code;

	if (seen_before(&run->certs, der) || gnutls_x509_crt_init(&crt) < 0)
		return;
	ours = cert_read(der, &cert, &err);
	code = gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_DER);
	if (ours && code >= 0)
		both(run, &cert, crt);
	else if (ours)
		only_ours(run, &cert, code);
	else if (code >= 0)
		only_theirs(run, err.text);
	else
		run->neither++;
	gnutls_x509_crt_deinit(crt);
}

static void hold_file(const char *path, struct bytes file, void *data)
{
	struct run *run = data;

	run->path = path;
	if (!seen_before(&run->files, file))
		corpus_harvest(file, hold, run);
}

static void report(struct run *run, const char *where)
{
	tap_say("%s: %zu different files, %zu byte strings that could be certificates", where,
		run->files.count, run->certs.count);
	tap_say("%zu are read by both alike, %zu by neither", run->agreed, run->neither);
	for (size_t i = 0; i < REFUSALS; i++)
		if (run->refused[i] > 0)
			tap_say("%zu only by GnuTLS: %s: %s (%s)", run->refused[i], refusals[i].error,
				refusals[i].rule, refusals[i].why);
	for (size_t i = 0; i < EXCESSES; i++)
		if (run->exceeded[i] > 0)
			tap_say("%zu only by us: %s: %s", run->exceeded[i], excesses[i].what,
				excesses[i].why);
	for (size_t i = 0; i < ODD_ROWS; i++)
		if (run->odd[i] > 0)
			tap_say("%zu odd: %s (%s)", run->odd[i], odds[i].text, odds[i].source);
	tap(run->agreed > 0, "%s: there are certificates that both read", where);
	tap(run->differ == 0, "%s: what both read has equal fields", where);
	tap(run->unlisted_excesses == 0, "%s: what we read GnuTLS imports, or it is listed why not", where);
	tap(run->unlisted_refusals == 0, "%s: what only GnuTLS reads is listed with the rule we refuse it by",
	    where);
	seen_done(&run->files);
	seen_done(&run->certs);
}

int main(void)
{
	struct run third = { 0 }, machine = { 0 };
	struct corpus corpus = corpus_find();

	for (size_t i = 0; i < corpus.count; i++)
		corpus_each(corpus.dirs[i], hold_file, &third);
	if (corpus.count > 0)
		report(&third, "the corpora");
	else
		tap_skip("the corpora", corpus.missing);
	for (size_t i = 0; machine_stores[i] != NULL; i++)
		corpus_each(machine_stores[i], hold_file, &machine);
	if (machine.files.count > 0)
		report(&machine, "this machine's stores");
	else
		tap_skip("this machine's stores", "there are none");
	corpus_done(&corpus);
	return tap_end();
}
