/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Arch Linux and theirs: what update-ca-trust makes there. */
#include <stddef.h>

#include "base/root.h"
#include "stage/directories.h"
#include "stage/stager.h"

#define EXTRACTED "/etc/ca-certificates/extracted"

static const struct extract_row rows[] = {
	{ EXTRACTED "/ca-bundle.trust.crt", "openssl-bundle", FILTER_CERTIFICATES, EXTRACT_ANY,
	  .comments = true },
	{ EXTRACTED "/tls-ca-bundle.pem", "pem-bundle", FILTER_CA_ANCHORS, PURPOSE_SERVER_AUTH,
	  .comments = true },
	{ EXTRACTED "/email-ca-bundle.pem", "pem-bundle", FILTER_CA_ANCHORS, PURPOSE_EMAIL,
	  .comments = true },
	{ EXTRACTED "/objsign-ca-bundle.pem", "pem-bundle", FILTER_CA_ANCHORS, PURPOSE_CODE_SIGNING,
	  .comments = true },
	{ EXTRACTED "/java-cacerts.jks", "java-cacerts", FILTER_CA_ANCHORS, PURPOSE_SERVER_AUTH,
	  .comments = false },
	{ EXTRACTED "/edk2-cacerts.bin", "edk2-cacerts", FILTER_CA_ANCHORS, PURPOSE_SERVER_AUTH,
	  .comments = false },
	{ EXTRACTED "/cadir", "pem-directory-hash", FILTER_CA_ANCHORS, PURPOSE_SERVER_AUTH,
	  .mirror = "/etc/ssl/certs", .back = "../../ca-certificates/extracted/cadir" },
	{ 0 },
};

static const struct way ways[] = {
	{ "/etc/ssl/certs/ca-certificates.crt", "../../ca-certificates/extracted/tls-ca-bundle.pem", false },
	{ "/etc/ssl/cert.pem", "../ca-certificates/extracted/tls-ca-bundle.pem", false },
	{ "/etc/ssl/certs/java/cacerts", "../../../ca-certificates/extracted/java-cacerts.jks", false },
	{ 0 },
};

static const struct directories directories = {
	.paths = { "/etc/ca-certificates/trust-source", "/usr/share/ca-certificates/trust-source" },
	.extract = { rows, "/usr/bin/update-ca-trust" },
	.ways = ways,
};

static bool arch_is(const struct root *root)
{
	/* On Debian somebody may have made the directory for p11-kit alone; what is read there is made of
	 * other files. */
	return directories_are(&directories, root) && !root_has(root, "/etc/ca-certificates.conf");
}

static bool arch_stage(const struct root *root, const struct target *target, const struct requests *requests,
		       const struct terms *terms, struct staged *ret, struct err *err)
{
	return directories_stage(&directories, root, target, requests, terms, ret, err);
}

const struct stager stager_arch = {
	.name = "arch",
	.brief = "Arch Linux's trust-source",
	.is = arch_is,
	.tool = "update-ca-trust",
	.stage = arch_stage,
};
