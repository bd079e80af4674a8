/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fedora, RHEL and theirs: what update-ca-trust makes. The links behind the hashed
 * directory are there for programs that know Debian's or old names; releases that
 * have /etc/pki/tls/certs hashed link there too.
 */
#include <stddef.h>

#include "stage/directories.h"
#include "stage/stager.h"

#define EXTRACTED "/etc/pki/ca-trust/extracted"

static const struct extract_row rows[] = {
	{ EXTRACTED "/openssl/ca-bundle.trust.crt", "openssl-bundle", FILTER_CERTIFICATES, EXTRACT_ANY,
	  .comments = true },
	{ EXTRACTED "/pem/tls-ca-bundle.pem", "pem-bundle", FILTER_CA_ANCHORS, PURPOSE_SERVER_AUTH,
	  .comments = true },
	{ EXTRACTED "/pem/email-ca-bundle.pem", "pem-bundle", FILTER_CA_ANCHORS, PURPOSE_EMAIL,
	  .comments = true },
	{ EXTRACTED "/pem/objsign-ca-bundle.pem", "pem-bundle", FILTER_CA_ANCHORS, PURPOSE_CODE_SIGNING,
	  .comments = true },
	{ EXTRACTED "/java/cacerts", "java-cacerts", FILTER_CA_ANCHORS, PURPOSE_SERVER_AUTH,
	  .comments = false },
	{ EXTRACTED "/edk2/cacerts.bin", "edk2-cacerts", FILTER_CA_ANCHORS, PURPOSE_SERVER_AUTH,
	  .comments = false },
	{ EXTRACTED "/pem/directory-hash", "pem-directory-hash", FILTER_CA_ANCHORS, PURPOSE_SERVER_AUTH,
	  .links = { { "ca-bundle.crt", "../tls-ca-bundle.pem" },
		     { "ca-certificates.crt", "../tls-ca-bundle.pem" } },
	  .mirror = "/etc/pki/tls/certs", .back = EXTRACTED "/pem/directory-hash", .hashes_only = true },
	{ 0 },
};

static const struct way ways[] = {
	{ "/etc/pki/tls/certs/ca-bundle.crt", EXTRACTED "/pem/tls-ca-bundle.pem", false },
	{ "/etc/pki/tls/certs/ca-bundle.trust.crt", EXTRACTED "/openssl/ca-bundle.trust.crt", false },
	{ "/etc/pki/tls/cert.pem", EXTRACTED "/pem/tls-ca-bundle.pem", false },
	{ "/etc/pki/java/cacerts", EXTRACTED "/java/cacerts", false },
	{ 0 },
};

static const struct directories directories = {
	.paths = { "/etc/pki/ca-trust/source", "/usr/share/pki/ca-trust-source" },
	.extract = { rows, "/usr/bin/update-ca-trust" },
	.ways = ways,
};

static bool fedora_is(const struct root *root)
{
	return directories_are(&directories, root);
}

static bool fedora_stage(const struct root *root, const struct target *target,
			 const struct requests *requests, const struct terms *terms, struct staged *ret,
			 struct err *err)
{
	return directories_stage(&directories, root, target, requests, terms, ret, err);
}

const struct stager stager_fedora = {
	.name = "fedora",
	.brief = "Fedora's and RHEL's ca-trust",
	.is = fedora_is,
	.tool = "update-ca-trust",
	.stage = fedora_stage,
};
