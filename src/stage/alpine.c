/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Alpine's ca-certificates (update-ca.c of that package): as Debian's, but that each
 * file directly in the local directory counts, whatever its name, that links begin
 * with "ca-cert-", and that hooks hear nothing. Its own hook certhash makes the hash links.
 */
#include <stdlib.h>

#include "base/root.h"
#include "model/staged.h"
#include "stage/cafiles.h"
#include "stage/put.h"
#include "stage/stager.h"
#include "stage/updateca.h"

#define CERT_PEM "/etc/ssl/cert.pem"

static const struct cafamily family = {
	.prefix = "ca-cert-",
	.hook = "certhash",
};

static bool alpine_is(const struct root *root)
{
	return (root_has(root, "/etc/alpine-release") || root_has(root, "/etc/apk")) &&
	       updateca_is_there(root);
}

/* LibreSSL's and libcurl's name for the bundle, a link in the package. */
static bool stage_cert_pem(const struct root *root, const char *store, struct staged *to, struct err *err)
{
	char *link = root_link(root, CERT_PEM);
	bool ok = true;

	if (link == NULL && root_has(root, CERT_PEM))
		staged_note(to, "'%s' is a file of its own, and no link to the bundle: it is not changed",
			    CERT_PEM);
	else if (link == NULL || !root_has(root, CERT_PEM))
		ok = put_link(&to->edits, root, store, CERT_PEM, "certs/ca-certificates.crt", err);
	free(link);
	return ok;
}

static bool alpine_stage(const struct root *root, const struct target *target,
			 const struct requests *requests, const struct terms *terms, struct staged *ret,
			 struct err *err)
{
	struct staged staged = { 0 };
	bool ok = updateca_stage(&family, root, target, requests, terms, &staged, err) &&
		  stage_cert_pem(root, target->name, &staged, err);

	if (ok)
		*ret = staged;
	else
		staged_done(&staged);
	return ok;
}

const struct stager stager_alpine = {
	.name = "alpine",
	.brief = "ca-certificates of Alpine",
	.is = alpine_is,
	.tool = "update-ca-certificates",
	.stage = alpine_stage,
};
