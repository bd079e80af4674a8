/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   [stores]       to, accept
 *   [base]         from, sha256, signature, signer, keyring, max-shrink
 *   [anchor NAME]  file, fingerprint, label, purpose, permit-dns, permit-ip, permit-email,
 *                  not-after, retire-on
 *   [forbid NAME]  file, fingerprint, reason
 */
#include "find/policy_file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/root.h"
#include "find/ini.h"
#include "model/match.h"

static const struct ini_key store_keys[] = {
	{ "to", INI_LIST, offsetof(struct policy_file, to) },
	{ "accept", INI_WORDS, offsetof(struct policy_file, accept) },
	{ NULL, INI_TEXT, 0 },
};

static const struct ini_key base_keys[] = {
	{ "from", INI_ONE, offsetof(struct policy_base, from) },
	{ "sha256", INI_ONE, offsetof(struct policy_base, sha256) },
	{ "signature", INI_ONE, offsetof(struct policy_base, signature) },
	{ "signer", INI_ONE, offsetof(struct policy_base, signer) },
	{ "keyring", INI_ONE, offsetof(struct policy_base, keyring) },
	{ "max-shrink", INI_ONE, offsetof(struct policy_base, max_shrink) },
	{ NULL, INI_TEXT, 0 },
};

static const struct ini_key anchor_keys[] = {
	{ "file", INI_ONE, offsetof(struct policy_anchor, file) },
	{ "fingerprint", INI_ONE, offsetof(struct policy_anchor, fingerprint) },
	{ "label", INI_ONE, offsetof(struct policy_anchor, label) },
	{ "purpose", INI_SOME, offsetof(struct policy_anchor, purposes) },
	{ "permit-dns", INI_SOME, offsetof(struct policy_anchor, dns) },
	{ "permit-ip", INI_SOME, offsetof(struct policy_anchor, networks) },
	{ "permit-email", INI_SOME, offsetof(struct policy_anchor, mail) },
	{ "not-after", INI_ONE, offsetof(struct policy_anchor, not_after) },
	{ "retire-on", INI_ONE, offsetof(struct policy_anchor, retire_on) },
	{ NULL, INI_TEXT, 0 },
};

static const struct ini_key ban_keys[] = {
	{ "file", INI_ONE, offsetof(struct policy_ban, file) },
	{ "fingerprint", INI_ONE, offsetof(struct policy_ban, fingerprint) },
	{ "reason", INI_TEXT, offsetof(struct policy_ban, reason) },
	{ NULL, INI_TEXT, 0 },
};

static struct policy_anchor *anchor_named(struct policy_file *policy, const char *name)
{
	for (size_t i = 0; i < policy->anchor_count; i++)
		if (strcmp(policy->anchors[i].name, name) == 0)
			return &policy->anchors[i];
	policy->anchors = mem_grow(policy->anchors, policy->anchor_count, sizeof(*policy->anchors));
	policy->anchors[policy->anchor_count] =
		(struct policy_anchor){ .name = mem_string(name, strlen(name)) };
	return &policy->anchors[policy->anchor_count++];
}

static struct policy_ban *ban_named(struct policy_file *policy, const char *name)
{
	for (size_t i = 0; i < policy->ban_count; i++)
		if (strcmp(policy->bans[i].name, name) == 0)
			return &policy->bans[i];
	policy->bans = mem_grow(policy->bans, policy->ban_count, sizeof(*policy->bans));
	policy->bans[policy->ban_count] = (struct policy_ban){ .name = mem_string(name, strlen(name)) };
	return &policy->bans[policy->ban_count++];
}

static void *section(void *user, const char *name, const struct ini_key **ret_keys, struct err *err)
{
	struct policy_file *policy = user;

	if (name[0] == '\0') {
		err_set(err, ERR_USAGE,
			"no policy: a line stands before the first [section]; see anchorage-policy(5)");
		return NULL;
	}
	if (strcmp(name, "stores") == 0) {
		*ret_keys = store_keys;
		return policy;
	}
	if (strcmp(name, "base") == 0) {
		*ret_keys = base_keys;
		return &policy->base;
	}
	if (strncmp(name, "anchor ", 7) == 0) {
		*ret_keys = anchor_keys;
		return anchor_named(policy, name + 7);
	}
	if (strncmp(name, "forbid ", 7) == 0) {
		*ret_keys = ban_keys;
		return ban_named(policy, name + 7);
	}
	err_set(err, ERR_USAGE,
		"there is no section [%s]; they are [stores], [base], [anchor NAME] and [forbid NAME]", name);
	return NULL;
}

/* A relative file lies beside the policy. */
static void settle(char **file, const char *policy)
{
	const char *slash = strrchr(policy, '/');
	char *whole;

	if (*file == NULL || (*file)[0] == '/' || slash == NULL)
		return;
	whole = mem_print("%.*s/%s", (int)(slash - policy), policy, *file);
	free(*file);
	*file = whole;
}

/* A source that is a file lies beside the policy too; a URL, a kind with its path, or "mozilla" is as it
 * stands. */
static void settle_base(struct policy_base *base, const char *path)
{
	if (base->from != NULL && strchr(base->from, ':') == NULL && strchr(base->from, '.') != NULL)
		settle(&base->from, path);
	settle(&base->signature, path);
	settle(&base->signer, path);
	settle(&base->keyring, path);
}

/* The beginning of one, or words, could come to mean another certificate. */
static bool whole(const char *path, const char *kind, const char *name, const char *fingerprint,
		  struct err *err)
{
	struct match match = { .hex = "" };

	if (fingerprint != NULL)
		match_read(fingerprint, &match);
	return fingerprint == NULL || strlen(match.hex) == sizeof(match.hex) - 1 ||
	       err_set(err, ERR_USAGE, "%s: [%s %s]: '%s' is no SHA-256 fingerprint, which has 64 hex digits",
		       path, kind, name, fingerprint);
}

/* As a file has that was cut, or whose making failed: it is not taken for one that all agrees with. */
static bool asks(const struct policy_file *policy, const char *path, struct err *err)
{
	return policy->anchor_count + policy->ban_count + policy->to.count > 0 || policy->base.from != NULL ||
	       err_set(err, ERR_USAGE,
		       "%s: no section asks for anything; 'anchorage apply' without a policy retires what is "
		       "due",
		       path);
}

static bool valid(struct policy_file *policy, const char *path, struct err *err)
{
	settle_base(&policy->base, path);
	for (size_t i = 0; i < policy->anchor_count; i++) {
		settle(&policy->anchors[i].file, path);
		if (policy->anchors[i].file == NULL && policy->anchors[i].fingerprint == NULL)
			return err_set(err, ERR_USAGE, "%s: [anchor %s] needs a file or a fingerprint", path,
				       policy->anchors[i].name);
		if (!whole(path, "anchor", policy->anchors[i].name, policy->anchors[i].fingerprint, err))
			return false;
	}
	for (size_t i = 0; i < policy->ban_count; i++) {
		settle(&policy->bans[i].file, path);
		if (policy->bans[i].file == NULL && policy->bans[i].fingerprint == NULL)
			return err_set(err, ERR_USAGE, "%s: [forbid %s] needs a file or a fingerprint", path,
				       policy->bans[i].name);
		if (!whole(path, "forbid", policy->bans[i].name, policy->bans[i].fingerprint, err))
			return false;
	}
	return true;
}

bool policy_file_read(const struct root *root, const char *path, struct policy_file *ret, struct err *err)
{
	struct buf text = { 0 };
	bool input = strcmp(path, "-") == 0,
	     ok = input ? root_read_fd(STDIN_FILENO, &text, err) : root_read(root, path, &text, err);

	if (input)
		path = "standard input";
	ok = ok || err_in(err, "%s", path);

	*ret = (struct policy_file){ 0 };
	if (ok && text.len > LIMIT_CONFIG_SIZE)
		ok = err_set(err, ERR_LIMIT, "%s: larger than %d bytes", path, LIMIT_CONFIG_SIZE);
	ok = ok && ini_read(buf_view(&text), path, "anchorage-policy(5)", section, ret, err) &&
	     valid(ret, path, err) && asks(ret, path, err);
	buf_done(&text);
	if (!ok)
		policy_file_done(ret);
	return ok;
}

void policy_file_done(struct policy_file *policy)
{
	for (size_t i = 0; i < policy->anchor_count; i++) {
		struct policy_anchor *anchor = &policy->anchors[i];

		free(anchor->name);
		free(anchor->file);
		free(anchor->fingerprint);
		free(anchor->label);
		free(anchor->not_after);
		free(anchor->retire_on);
		texts_done(&anchor->purposes);
		texts_done(&anchor->dns);
		texts_done(&anchor->networks);
		texts_done(&anchor->mail);
	}
	for (size_t i = 0; i < policy->ban_count; i++) {
		free(policy->bans[i].name);
		free(policy->bans[i].file);
		free(policy->bans[i].fingerprint);
		free(policy->bans[i].reason);
	}
	free(policy->anchors);
	free(policy->bans);
	free(policy->base.from);
	free(policy->base.sha256);
	free(policy->base.signature);
	free(policy->base.signer);
	free(policy->base.keyring);
	free(policy->base.max_shrink);
	texts_done(&policy->to);
	texts_done(&policy->accept);
	*policy = (struct policy_file){ 0 };
}
