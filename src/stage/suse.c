/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SUSE: what the hooks of its update-ca-certificates make. The tool runs under
 * flock(1) on the directory of its outputs. In a transactional update it makes none,
 * as /var is no part of the new system, and leaves a file for the next boot.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/root.h"
#include "medium/listing.h"
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

/* The next boot makes the outputs if it is there. */
static const char later_sign[] = "/etc/pki/trust/.updated";

static bool transactional(const struct root *root)
{
	const char *value = root_is_host(root) ? secure_getenv("TRANSACTIONAL_UPDATE") : NULL;

	return value != NULL && value[0] != '\0' && strcmp(value, "0") != 0 && strcmp(value, "no") != 0 &&
	       strcmp(value, "false") != 0;
}

/* Hooks that only somebody else's programs need: what those of the distribution make is made here. */
static void tell_hooks(const struct root *root, struct staged *staged)
{
	static const char *const folders[] = { "/etc/ca-certificates/update.d",
					       "/usr/lib/ca-certificates/update.d" };
	static const char *const known[] = { "java.run", "openssl.run", "etc_ssl.run", "certbundle.run" };

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		struct listing listing;
		struct err err = { 0 };

		if (!root_is_directory(root, folders[i]) || !listing_read(root, folders[i], &listing, &err))
			continue;
		for (size_t k = 0; k < listing.count; k++) {
			const char *name = listing.names[k] + strspn(listing.names[k], "0123456789");
			bool foreign = strlen(name) > 4 && strcmp(name + strlen(name) - 4, ".run") == 0;

			for (size_t n = 0; n < sizeof(known) / sizeof(known[0]); n++)
				foreign = foreign && strcmp(name, known[n]) != 0;
			if (foreign)
				staged_note(staged,
					    "the hook '%s/%s' is not run: run update-ca-certificates for "
					    "what it makes",
					    folders[i], listing.names[k]);
		}
		listing_done(&listing);
	}
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
	if (ok && staged.edits.count > 0)
		tell_hooks(root, &staged);
	if (ok && later && staged.edits.count > 0) {
		staged_note(&staged, "%s",
			    "this is a transactional update: the bundles are made at the next boot");
		ok = put_file(&staged.edits, root, target->name, later_sign, (struct bytes){ NULL, 0 }, 0,
			      err);
	} else if (ok && !later && staged.declare == NULL) {
		ok = put_nothing(&staged.edits, root, target->name, later_sign, err);
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
