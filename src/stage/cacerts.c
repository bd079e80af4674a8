/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/cacerts.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/cursor.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "base/text.h"
#include "format/format.h"
#include "model/staged.h"
#include "model/store.h"
#include "stage/calinks.h"
#include "stage/put.h"
#include "stage/stager.h"

#define MAGIC UINT32_C(0xfeedfeed)
enum { TAG_KEY = 1, TAG_CERT = 2, SEAL = DIGEST_SHA1_LEN };
static const char prefix[] = "debian:", cert_type[] = "X.509", usual[] = "changeit";

struct settings {
	bool updates;
	char *password; /* owned */
};

/* One of a shell's simplest words, as the file's own comments have it; free() it. */
static char *shell_word(struct bytes value)
{
	uint8_t quote = value.len > 0 && (value.at[0] == '\'' || value.at[0] == '"') ? value.at[0] : 0;
	struct bytes rest = bytes_skip(value, quote != 0);
	size_t len = 0;

	while (len < rest.len && (quote != 0 ? rest.at[len] != quote : rest.at[len] > ' '))
		len++;
	return mem_string((const char *)rest.at, len);
}

static void read_setting(struct bytes line, struct settings *to)
{
	static const char updates[] = "cacerts_updates=", password[] = "storepass=";

	line = text_trim(line);
	if (bytes_start(line, bytes_of(updates))) {
		char *word = shell_word(bytes_skip(line, strlen(updates)));

		to->updates = strcmp(word, "yes") == 0;
		free(word);
	} else if (bytes_start(line, bytes_of(password))) {
		free(to->password);
		to->password = shell_word(bytes_skip(line, strlen(password)));
	}
}

/* The scripts of the package: updates are off unless the file says "yes". */
static void read_settings(const struct root *root, struct settings *ret, struct staged *notes)
{
	struct buf file = { 0 };
	struct err err = { 0 };

	*ret = (struct settings){ .password = mem_string(usual, strlen(usual)) };
	if (!root_has(root, CACERTS_SETTINGS))
		return;
	if (!root_read(root, CACERTS_SETTINGS, &file, &err)) {
		ret->updates = true;
		staged_note(notes, "'%s' cannot be read (%s): the usual password is tried", CACERTS_SETTINGS,
			    err.text);
	}
	for (struct bytes rest = buf_view(&file); rest.len > 0;) {
		const uint8_t *newline = memchr(rest.at, '\n', rest.len);
		size_t len = newline != NULL ? (size_t)(newline - rest.at) : rest.len;

		read_setting((struct bytes){ rest.at, len }, ret);
		rest = bytes_skip(rest, len + 1);
	}
	buf_done(&file);
}

/* Modified UTF-8, ASCII letters small: what Java makes of an alias in ASCII or UTF-8. */
static char *alias_of(const char *name, unsigned again)
{
	char *alias =
		again == 0 ? mem_print("%s%s", prefix, name) : mem_print("%s%s-%u", prefix, name, again);

	for (char *c = alias; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return alias;
}

struct wish {
	char *alias; /* owned */
	const struct anchor *anchor;
	bool there;
};

struct wishes {
	struct wish *all; /* sorted by alias */
	size_t count;
};

static int by_alias(const void *a, const void *b)
{
	return strcmp(((const struct wish *)a)->alias, ((const struct wish *)b)->alias);
}

/* Names that differ by case alone are one alias to Java: the second gets a number. */
static void wishes_of(const struct calinks *links, struct wishes *ret)
{
	unsigned again = 0;

	*ret = (struct wishes){ mem_zero((links->count + 1) * sizeof(*ret->all)), 0 };
	for (size_t i = 0; i < links->count; i++)
		if (links->all[i].anchor != NULL)
			ret->all[ret->count++] =
				(struct wish){ alias_of(links->all[i].name, 0), links->all[i].anchor, false };
	if (ret->count > 1)
		qsort(ret->all, ret->count, sizeof(*ret->all), by_alias);
	for (size_t i = 1; i < ret->count; i++) {
		char *alias;

		again = strcmp(ret->all[i].alias, ret->all[i - 1 - again].alias) == 0 ? again + 1 : 0;
		if (again == 0)
			continue;
		alias = alias_of(ret->all[i].alias + strlen(prefix), again);
		free(ret->all[i].alias);
		ret->all[i].alias = alias;
	}
	if (ret->count > 1)
		qsort(ret->all, ret->count, sizeof(*ret->all), by_alias);
}

static void wishes_done(struct wishes *wishes)
{
	for (size_t i = 0; i < wishes->count; i++)
		free(wishes->all[i].alias);
	free(wishes->all);
}

static struct wish *find(const struct wishes *wishes, struct bytes alias)
{
	struct wish key = { .alias = mem_string((const char *)alias.at, alias.len) }, *found;

	found = wishes->count == 0 ? NULL : bsearch(&key, wishes->all, wishes->count, sizeof(key), by_alias);
	free(key.alias);
	return found;
}

struct entry {
	struct bytes whole, alias, der; /* der empty: no certificate */
};

static struct bytes string16(struct cursor *in)
{
	return cursor_take(in, cursor_be16(in));
}

static bool entry_next(struct cursor *in, uint32_t version, struct entry *ret)
{
	size_t start = in->pos;
	uint32_t tag = cursor_be32(in), count;

	*ret = (struct entry){ .alias = string16(in) };
	cursor_be64(in);
	if (tag == TAG_KEY) {
		cursor_take(in, cursor_be32(in));
		count = cursor_be32(in);
	} else if (tag == TAG_CERT) {
		count = 1;
	} else {
		return false;
	}
	for (uint32_t i = 0; i < count && !in->bad; i++) {
		if (version > 1)
			string16(in);
		ret->der = cursor_take(in, cursor_be32(in));
	}
	if (tag == TAG_KEY)
		ret->der.len = 0;
	if (!in->bad)
		ret->whole = (struct bytes){ in->all.at + start, in->pos - start };
	return !in->bad;
}

/* format/jks.c has the grammar. SHA-1 over the password in UTF-16, these words, and the file. */
static void seal_of(struct bytes body, const char *password, uint8_t ret[SEAL])
{
	struct buf all = { 0 };

	for (; *password != '\0'; password++)
		buf_be16(&all, (unsigned char)*password);
	buf_text(&all, "Mighty Aphrodite");
	buf_bytes(&all, body);
	digest_sha1(buf_view(&all), ret);
	buf_done(&all);
}

struct keystore {
	struct buf file;
	uint32_t version, kept; /* `kept`: entries in `entries` */
	struct buf entries;     /* those that stay, as they are */
	size_t end;             /* of the last entry */
	bool changed;
};

static bool read_entries(struct keystore *store, const struct wishes *wishes, struct err *err)
{
	struct cursor in = { .all = buf_view(&store->file) };
	uint32_t magic = cursor_be32(&in), count;
	struct entry entry;

	store->version = cursor_be32(&in);
	count = cursor_be32(&in);
	if (in.bad || magic != MAGIC || store->version < 1 || store->version > 2)
		return err_set(err, ERR_UNSUPPORTED,
			       "it is no JKS, as ca-certificates-java makes it; convert it with 'keytool "
			       "-importkeystore', or say cacerts_updates=no in %s",
			       CACERTS_SETTINGS);
	for (uint32_t i = 0; i < count; i++) {
		struct wish *wish = NULL;
		bool ours;

		if (!entry_next(&in, store->version, &entry))
			return err_set(
				err, ERR_DAMAGED,
				"entry %u of %u cannot be read; move the file away to have it made anew",
				i + 1, count);
		ours = entry.der.len > 0 && entry.alias.len >= strlen(prefix) &&
		       strncasecmp((const char *)entry.alias.at, prefix, strlen(prefix)) == 0;
		if (ours)
			wish = find(wishes, entry.alias);
		if (ours &&
		    (wish == NULL || wish->there || !bytes_equal(wish->anchor->cert.der, entry.der))) {
			store->changed = true;
			continue;
		}
		if (wish != NULL)
			wish->there = true;
		buf_bytes(&store->entries, entry.whole);
		store->kept++;
	}
	store->end = in.pos;
	return true;
}

/* Of the passwords that may be the one that sealed it; NULL: none of them. */
static const char *password_of(const struct keystore *store, const struct settings *settings,
			       const struct terms *terms)
{
	const char *const words[] = { settings->password, terms->password, usual, "" };
	struct bytes all = buf_view(&store->file), body = { all.at, store->end };
	uint8_t seal[SEAL];

	if (all.len == 0)
		return settings->password;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (words[i] == NULL)
			continue;
		seal_of(body, words[i], seal);
		if (bytes_equal(bytes_skip(all, store->end), (struct bytes){ seal, SEAL }))
			return words[i];
	}
	return NULL;
}

static void add_entry(struct keystore *store, const struct wish *wish, const struct terms *terms)
{
	struct buf *to = &store->entries;

	buf_be32(to, TAG_CERT);
	buf_be16(to, (unsigned)strlen(wish->alias));
	buf_text(to, wish->alias);
	buf_be64(to, terms->at > 0 ? (uint64_t)terms->at * 1000 : 0);
	if (store->version > 1) {
		buf_be16(to, (unsigned)strlen(cert_type));
		buf_text(to, cert_type);
	}
	buf_be32(to, (uint32_t)wish->anchor->cert.der.len);
	buf_bytes(to, wish->anchor->cert.der);
	store->kept++;
	store->changed = true;
}

static bool write_anew(const struct keystore *store, const char *password, struct buf *to, struct err *err)
{
	struct store *back = store_new(CACERTS_PATH);
	uint8_t seal[SEAL];
	bool ok;

	buf_be32(to, MAGIC);
	buf_be32(to, store->version);
	buf_be32(to, store->kept);
	buf_bytes(to, buf_view(&store->entries));
	seal_of(buf_view(to), password, seal);
	buf_bytes(to, (struct bytes){ seal, SEAL });
	ok = format_jks.read(buf_view(to), back, err) && back->count <= store->kept;
	store_free(back);
	return ok;
}

static bool stage_store(const struct wishes *wishes, const struct settings *settings, const struct root *root,
			const char *name, const struct terms *terms, struct edits *to, struct err *err)
{
	struct keystore store = { .version = 2 };
	struct buf anew = { 0 };
	const char *password = NULL;
	bool ok = !root_has(root, CACERTS_PATH) ||
		  (root_read(root, CACERTS_PATH, &store.file, err) && read_entries(&store, wishes, err));

	for (size_t i = 0; ok && i < wishes->count; i++)
		if (!wishes->all[i].there)
			add_entry(&store, &wishes->all[i], terms);
	if (ok && store.changed) {
		password = password_of(&store, settings, terms);
		ok = password != NULL ||
		     err_set(err, ERR_DAMAGED,
			     "it was not sealed with the password in %s; say storepass='…' there, or "
			     "cacerts_updates=no",
			     CACERTS_SETTINGS);
	}
	if (ok && password != NULL)
		ok = write_anew(&store, password, &anew, err) &&
		     put_directory(to, root, name, "/etc/ssl/certs/java", err) &&
		     put_file(to, root, name, CACERTS_PATH, buf_view(&anew), 0644, err);
	buf_done(&store.file);
	buf_done(&store.entries);
	buf_done(&anew);
	return ok || err_in(err, "%s", CACERTS_PATH);
}

bool cacerts_stage(const struct calinks *links, const struct root *root, const char *store,
		   const struct terms *terms, struct staged *to, struct err *err)
{
	struct settings settings;
	struct wishes wishes;
	bool ok = true;

	read_settings(root, &settings, to);
	if (settings.updates) {
		wishes_of(links, &wishes);
		ok = stage_store(&wishes, &settings, root, store, terms, &to->edits, err);
		wishes_done(&wishes);
		staged_file(to, CACERTS_PATH, &format_jks.kind);
	} else {
		staged_note(to, "'%s' is not kept in step, as %s does not say cacerts_updates=yes",
			    CACERTS_PATH, CACERTS_SETTINGS);
	}
	free(settings.password);
	return ok;
}
