/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "format/format.h"
#include "model/anchor.h"
#include "stage/certdir.h"
#include "stage/stager.h"

static const struct registry registries[] = {
	{ "docker", "docker/certs.d", "Docker" },
	{ "containerd", "containerd/certs.d", "containerd" },
	{ "containers", "containers/certs.d", "podman, buildah and skopeo" },
	{ "podman", "containers/certs.d", "podman, buildah and skopeo" },
	{ NULL, NULL, NULL },
};

const struct registry *registry_of(const char *target)
{
	for (const struct registry *row = registries; row->name != NULL; row++) {
		size_t len = strlen(row->name);

		if (strncmp(target, row->name, len) == 0 && target[len] == ':' && target[len + 1] != '\0')
			return row;
	}
	return NULL;
}

static bool ends(const char *name, const char *suffix)
{
	size_t len = strlen(name), n = strlen(suffix);

	return len > n && strcmp(name + len - n, suffix) == 0;
}

/* A DNS name or an address, with a port or without; containerd's "_default" as well. */
static bool is_host(const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:[]";

	return strspn(text, plain) == strlen(text) && text[0] != '.' && text[0] != '-' && strlen(text) < 256;
}

char *registry_path(const char *target, const char *config, struct err *err)
{
	const struct registry *row = registry_of(target);
	const char *rest = row != NULL ? target + strlen(row->name) + 1 : NULL;

	if (row != NULL && rest[0] == '/') {
		const char *slash = strrchr(rest, '/');
		bool file = ends(rest, ".crt") || ends(rest, ".pem");

		return mem_string(rest, file && slash > rest ? (size_t)(slash - rest) : strlen(rest));
	}
	if (row == NULL || !is_host(rest)) {
		err_set(err, ERR_USAGE, "'%s' names no registry; docker:HOST, or docker:HOST:PORT", target);
		return NULL;
	}
	return mem_print("%s/%s/%s", config != NULL ? config : "/etc", row->directory, rest);
}

/* Of containerd: its file decides, and is not changed. */
static void tell_hosts(const struct certdir *dir, const char *path, struct staged *staged)
{
	for (size_t i = 0; i < dir->names.count; i++)
		if (strcmp(dir->names.names[i], "hosts.toml") == 0)
			staged_note(staged,
				    "'%s/hosts.toml' is there: containerd reads the files that it names, and "
				    "no other; add there: ca = [\"%s\"]",
				    dir->path, path);
}

static bool trust(const struct certdir *dir, const struct target *target, size_t i,
		  const struct anchor *anchor, int64_t at, struct staged *staged, struct err *err)
{
	char *path = NULL;

	if (anchor->cert.der.len == 0) {
		staged_outcome(staged, i, OUTCOME_CANNOT, "the certificate itself is needed");
		return true;
	}
	if (!(anchor->trusted & PURPOSE_BIT(PURPOSE_SERVER_AUTH))) {
		staged_outcome(staged, i, OUTCOME_CANNOT,
			       "a registry's CAs are for server-auth and nothing else");
		return true;
	}
	if (certdir_find(dir, anchor->id) != NULL) {
		staged_outcome(staged, i, OUTCOME_ALREADY, "%s", "");
		return true;
	}
	if (!certdir_add(dir, target->label, anchor, at, &staged->edits, &path, err))
		return false;
	staged_outcome(staged, i, OUTCOME_DONE, "%s", "");
	tell_hosts(dir, path, staged);
	free(path);
	return true;
}

static void tell(const struct certdir *dir, size_t i, const struct request *request, struct staged *staged)
{
	bool had = certdir_find(dir, request->anchor->id) != NULL;

	if (request->kind == REQUEST_DISTRUST)
		staged_outcome(staged, i, OUTCOME_ABSENT,
			       "such a directory cannot forbid, and the system's store counts beside it");
	else
		staged_outcome(staged, i,
			       request->kind == REQUEST_REMOVE && had ? OUTCOME_DONE : OUTCOME_ALREADY, "%s",
			       "");
}

static bool registry_stage(const struct root *root, const struct target *target,
			   const struct requests *requests, const struct terms *terms, struct staged *ret,
			   struct err *err)
{
	struct certdir dir = { .root = root, .path = target->path, .suffix = ".crt", .store = target->name };
	struct staged staged = { 0 };
	bool ok = certdir_read(&dir, err);

	for (size_t i = 0; ok && i < requests->count; i++)
		if (requests->all[i].kind == REQUEST_TRUST)
			ok = trust(&dir, target, i, requests->all[i].anchor, terms->at, &staged, err);
		else
			tell(&dir, i, &requests->all[i], &staged);
	ok = ok && certdir_drop(&dir, requests, terms->at, &staged.edits, err);
	if (ok) {
		staged_file(&staged, target->path, &format_pem.kind);
		*ret = staged;
	} else {
		staged_done(&staged);
	}
	certdir_done(&dir);
	return ok;
}

const struct stager stager_registry = {
	.name = "registry",
	.brief = "the CAs of a registry of containers (certs.d)",
	.stage = registry_stage,
};
