/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Debian's ca-certificates, and those that took it over: Ubuntu, Void, Gentoo
 * (update-ca-certificates(8), a shell script).
 */
#include "base/root.h"
#include "stage/cafiles.h"
#include "stage/stager.h"
#include "stage/updateca.h"

static const struct cafamily family = {
	.prefix = "",
	.hook = "jks-keystore",
	.deep = true,
	.told = true,
	.java = true,
};

/* SUSE's program has the same name, and neither this configuration nor these directories. */
static bool debian_is(const struct root *root)
{
	bool others = root_has(root, "/etc/alpine-release") || root_has(root, "/etc/apk") ||
		      root_is_directory(root, "/etc/ca-certificates/trust-source");
	bool suse =
		root_is_directory(root, "/etc/pki/trust") || root_is_directory(root, "/usr/share/pki/trust");

	return !others && updateca_is_there(root) && (!suse || root_is_file(root, CA_CONF));
}

static bool debian_stage(const struct root *root, const struct target *target,
			 const struct requests *requests, const struct terms *terms, struct staged *ret,
			 struct err *err)
{
	return updateca_stage(&family, root, target, requests, terms, ret, err);
}

const struct stager stager_debian = {
	.name = "debian",
	.brief = "ca-certificates of Debian, Ubuntu, Void and Gentoo",
	.is = debian_is,
	.tool = "update-ca-certificates",
	.stage = debian_stage,
};
