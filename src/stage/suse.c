/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SUSE: what the hooks of its update-ca-certificates make. The tool runs under
 * flock(1) on the directory of its outputs. In a transactional update it makes none,
 * as /var is no part of the new system, and leaves a file for the next boot.
 */
#include <stdlib.h>
#include <string.h>

#include "base/root.h"
#include "model/edit.h"
#include "model/staged.h"
#include "stage/directories.h"
#include "stage/put.h"
#include "stage/stager.h"

#define STATE "/var/lib/ca-certificates"

static const char head[] = "#\n"
			   "# made from /etc/pki/trust and /usr/share/pki/trust. Do not edit!\n"
			   "#\n"
			   "# A last resort for programs that neither ask p11-kit nor read /etc/ssl/certs.\n"
			   "#\n";

static const struct extract_row rows[] = {
	{ STATE "/ca-bundle.pem", "pem-bundle", FILTER_CA_ANCHORS, PURPOSE_SERVER_AUTH, .head = head },
	{ STATE "/java-cacerts", "java-cacerts", FILTER_CA_ANCHORS, PURPOSE_SERVER_AUTH, .comments = false },
	{ STATE "/openssl", "openssl-directory", FILTER_CA_ANCHORS, EXTRACT_ANY, .comments = false },
	{ STATE "/pem", "pem-directory-hash", FILTER_CA_ANCHORS, PURPOSE_SERVER_AUTH, .comments = false },
	{ 0 },
};

static const struct way ways[] = {
	{ "/etc/ssl/certs", "../../var/lib/ca-certificates/pem", true },
	{ "/etc/ssl/ca-bundle.pem", "../../var/lib/ca-certificates/ca-bundle.pem", true },
	{ 0 },
};

static const struct directories directories = {
	.paths = { "/etc/pki/trust", "/usr/share/pki/trust" },
	.extract = { rows, NULL },
	.ways = ways,
};
static const struct directories sources_only = { .paths = { "/etc/pki/trust", "/usr/share/pki/trust" } };

static bool transactional(const struct root *root)
{
	const char *value = root_is_host(root) ? secure_getenv("TRANSACTIONAL_UPDATE") : NULL;

	return value != NULL && value[0] != '\0' && strcmp(value, "0") != 0 && strcmp(value, "no") != 0 &&
	       strcmp(value, "false") != 0;
}

static bool suse_is(const struct root *root)
{
	return directories_are(&directories, root);
}

static bool suse_stage(const struct root *root, const struct target *target, const struct requests *requests,
		       const struct terms *terms, struct staged *ret, struct err *err)
{
	bool later = transactional(root), ok;
	struct staged staged = { 0 };

	ok = directories_stage(later ? &sources_only : &directories, root, target, requests, terms, &staged,
			       err);
	if (ok && later && staged.edits.count > 0) {
		staged_note(&staged, "%s",
			    "this is a transactional update: the bundles are made at the next boot");
		ok = put_file(&staged.edits, root, target->name, "/etc/pki/trust/.updated",
			      (struct bytes){ NULL, 0 }, 0, err);
	}
	if (ok)
		*ret = staged;
	else
		staged_done(&staged);
	return ok;
}

const struct stager stager_suse = {
	.name = "suse",
	.brief = "SUSE's ca-certificates",
	.is = suse_is,
	.tool = "update-ca-certificates",
	.lock = STATE,
	.stage = suse_stage,
};
