/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/meant.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "model/match.h"
#include "model/store.h"

enum { MOST_TOLD = 12 };

/* An alias of a key store is its key for the entry, and seldom what people call the certificate. */
static void add(struct meant *meant, const struct anchor *anchor, const struct store *store)
{
	for (size_t i = 0; i < meant->count; i++)
		if (memcmp(meant->all[i].anchor->id, anchor->id, ID_LEN) == 0) {
			if (meant->all[i].anchor->origin.alias != NULL && anchor->origin.alias == NULL &&
			    anchor->names == ANCHOR_CERTIFICATE)
				meant->all[i] = (struct candidate){ anchor, store };
			return;
		}
	meant->all = mem_grow(meant->all, meant->count, sizeof(*meant->all));
	meant->all[meant->count++] = (struct candidate){ anchor, store };
}

void meant_find(struct meant *meant, const struct store *store, const struct match *match)
{
	for (size_t i = 0; i < store->count; i++)
		if (match == NULL || match_anchor(match, &store->anchors[i]))
			add(meant, &store->anchors[i], store);
}

static bool is_file(const struct run *run, const char *text)
{
	return strcmp(text, "-") == 0 || (root_has(&run->root, text) && !root_is_directory(&run->root, text));
}

/* What is written like a path is meant as one; that it is not there is another answer than "not trusted". */
static bool is_path(const char *text)
{
	static const char *const ends[] = { ".pem", ".crt", ".cer", ".der", ".p7b", ".p12", ".pfx", ".jks" };
	size_t len = strlen(text);

	if (text[0] == '/' || strncmp(text, "./", 2) == 0 || strncmp(text, "../", 3) == 0)
		return true;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (len > strlen(ends[i]) && strcasecmp(text + len - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

enum status meant_ambiguous(const struct run *run, const char *text, bool file, const struct meant *meant)
{
	struct err err = { 0 };

	err_set(&err, ERR_USAGE, "'%s' %s %zu certificates; name one by its fingerprint%s", text,
		file ? "holds" : "could mean", meant->count,
		file ? ", and the file behind it as a STORE" : "");
	cmd_fail(run, &err);
	for (size_t i = 0; i < meant->count && (i < MOST_TOLD || run->show.verbose > 0); i++)
		show_candidate(&run->show, meant->all[i].anchor, meant->all[i].store);
	if (meant->count > MOST_TOLD && run->show.verbose == 0)
		cmd_say(run, "and %zu more; -v names them all", meant->count - MOST_TOLD);
	return STATUS_TROUBLE;
}

/* Digits that are no fingerprint were looked for as words: said, since it is mostly not meant. */
const char *meant_hint(const char *text)
{
	size_t digits = 0;

	for (const char *p = text; *p != '\0'; p++)
		if (isxdigit((unsigned char)*p))
			digits++;
		else if (*p != ':')
			return "";
	return digits == 0    ? ""
	       : digits < 8   ? "; of a fingerprint eight digits or more are needed"
	       : digits == 40 ? "; this is as long as a SHA-1 fingerprint, and they are looked up by SHA-256"
			      : "";
}

void meant_done(struct meant *meant)
{
	free(meant->all);
	*meant = (struct meant){ 0 };
}

/* What else it could be then does not count. */
bool meant_file(const struct run *run, const char *text)
{
	return is_file(run, text) || is_path(text);
}
