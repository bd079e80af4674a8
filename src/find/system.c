/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "find/system.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "medium/listing.h"
#include "model/place.h"

enum { MOST_PATHS = 2 };

/* Sources before what is generated from them; one row is one store. */
static const struct system {
	const char *kind;
	const char *paths[MOST_PATHS];
	const char *of;
} systems[] = {
	{ "p11-kit", { "/etc/pki/ca-trust/source", "/usr/share/pki/ca-trust-source" }, "Fedora, RHEL" },
	{ "p11-kit", { "/etc/pki/trust", "/usr/share/pki/trust" }, "SUSE" },
	{ "p11-kit",
	  { "/etc/ca-certificates/trust-source", "/usr/share/ca-certificates/trust-source" },
	  "Arch" },
	{ "pem", { "/etc/ssl/certs/ca-certificates.crt" }, "Debian, Alpine, Gentoo, Void, NixOS" },
	{ "pem", { "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem" }, "Fedora, RHEL" },
	{ "pem", { "/etc/pki/tls/certs/ca-bundle.crt" }, "older Fedora, RHEL" },
	{ "pem", { "/var/lib/ca-certificates/ca-bundle.pem" }, "SUSE" },
	{ "pem", { "/etc/ca-certificates/extracted/tls-ca-bundle.pem" }, "Arch" },
	{ "pem", { "/etc/ssl/ca-bundle.pem" }, "older SUSE" },
	{ "pem", { "/etc/ssl/cert.pem" }, "BSD, Alpine" },
};

static struct place *add(struct place **places, size_t *count, const char *kind)
{
	struct place *place;

	*places = mem_grow(*places, *count, sizeof(**places));
	place = &(*places)[(*count)++];
	place_set(place, "system", kind);
	return place;
}

/* The row's place with those of its paths that are there; none: no place. */
static void add_row(const struct system *row, const struct root *root, struct place **places, size_t *count)
{
	struct place *place = NULL;

	for (size_t i = 0; i < MOST_PATHS && row->paths[i] != NULL; i++) {
		if (!root_has(root, row->paths[i]))
			continue;
		if (place == NULL)
			place = add(places, count, row->kind);
		place_add_path(place, row->paths[i]);
	}
	if (place == NULL)
		return;
	if (strcmp(row->kind, "p11-kit") == 0)
		place->how = mem_print("the trust directories of %s, through p11-kit", row->of);
	else
		place->how =
			mem_print("%sthe distribution's bundle %s, read directly",
				  root_is_host(root) ? "p11-kit has no trust policy configured here; " : "",
				  row->paths[0]);
}

bool system_places(const struct root *root, struct place **ret, size_t *ret_count, struct err *err)
{
	*ret = NULL;
	*ret_count = 0;
	if (root_is_host(root)) {
		struct place *policy = add(ret, ret_count, "policy");

		place_add_path(policy, "pkcs11:");
		policy->how = mem_print("the trust policy of p11-kit");
	}
	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++)
		add_row(&systems[i], root, ret, ret_count);
	if (*ret_count > 0)
		return true;
	return err_set(err, ERR_ABSENT,
		       "no trust store of a known distribution in '%s'; name it as KIND:PATH, for example "
		       "pem:/path/to/bundle",
		       root->path);
}

/* Whether p11-kit reads more of the trust than its own module does by itself. */
static bool says_more(const struct root *root, const char *directory, const char *name)
{
	char *path = listing_path(directory, name);
	const char *key = strcmp(name, "p11-kit-trust.module") == 0 ? "paths" : "trust-policy";
	struct buf file = { 0 };
	struct err err;
	bool more = !root_read(root, path, &file, &err);

	buf_byte(&file, '\0');
	more = more || strstr((const char *)file.at, key) != NULL;
	buf_done(&file);
	free(path);
	return more;
}

/* What a user adds to p11-kit's configuration, pkcs11.conf(5). */
static bool has_own(const struct root *root)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *path = config != NULL && config[0] != '\0'
			     ? mem_print("%s/pkcs11", config)
			     : mem_print("%s/.config/pkcs11", home != NULL ? home : "");
	bool has = root_has(root, path);

	free(path);
	return has;
}

bool system_is_bundle(const struct root *root, const struct place *places, size_t count)
{
	static const char *const directories[] = { "/usr/share/p11-kit/modules", "/etc/pkcs11/modules" };
	bool is = count > 1 && strcmp(places[0].kind, "policy") == 0 && strcmp(places[1].kind, "pem") == 0;

	is = is && !root_has(root, "/etc/pkcs11/pkcs11.conf") && !has_own(root);
	for (size_t i = 0; is && i < sizeof(directories) / sizeof(directories[0]); i++) {
		struct listing names;
		struct err err;

		if (!root_has(root, directories[i]))
			continue;
		is = listing_read(root, directories[i], &names, &err);
		for (size_t k = 0; is && k < names.count; k++)
			is = !says_more(root, directories[i], names.names[k]);
		if (is)
			listing_done(&names);
	}
	return is;
}
