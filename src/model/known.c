/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   file ::= (comment | columns | row)*
 *   row  ::= sha256 TAB spki_sha256 TAB name TAB category TAB private_key_public TAB is_ca TAB
 *            not_after TAB subject TAB why TAB source LF
 */
#include "model/known.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"

static const char columns[] =
	"sha256\tspki_sha256\tname\tcategory\tprivate_key_public\tis_ca\tnot_after\tsubject\twhy\tsource";

enum column { SHA256, SPKI, NAME, CATEGORY, PUBLIC, IS_CA, NOT_AFTER, SUBJECT, WHY, SOURCE, COLUMNS };

const struct known_category_row known_categories[KNOWN_CATEGORIES] = {
	[KNOWN_PREINSTALLED_MITM] = { "preinstalled-mitm",
				      "it came installed on computers to read their traffic" },
	[KNOWN_PREINSTALLED_KEY_LEAK] = { "preinstalled-key-leak",
					  "software installed it on computers together with its key" },
	[KNOWN_MITM_SOFTWARE] = { "mitm-software", "software that reads encrypted traffic installs it" },
	[KNOWN_APPLIANCE_SHARED_KEY] = { "appliance-shared-key", "all devices of a kind have the same key" },
	[KNOWN_PUBLISHED_KEY_TEST_CA] = { "published-key-test-ca",
					  "it is for tests, and its key lies beside it in public" },
	[KNOWN_MALWARE] = { "malware", "it was used by malware" },
	[KNOWN_ROGUE_CA] = { "rogue-ca", "it was made by breaking a signature" },
	[KNOWN_STATE_MITM] = { "state-mitm", "a state used it to read traffic" },
	[KNOWN_COMPROMISED_CA] = { "compromised-ca", "the CA was broken into" },
	[KNOWN_UNTRUSTED_CA] = { "untrusted-ca", "browsers took their trust from this CA" },
	[KNOWN_MISISSUED_INTERMEDIATE] = { "misissued-intermediate", "it should never have been a CA" },
	[KNOWN_MISISSUED_LEAF] = { "misissued-leaf", "it was issued to somebody who did not own its name" },
	[KNOWN_NSS_PLACEHOLDER] = { "nss-placeholder", "NSS made it up to forbid a CA of this name" },
};

struct line {
	const char *name;
	unsigned number;
	struct err *err;
};

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Small letters only, so that each hash has one spelling in the file. */
static bool read_hash(const struct line *line, const char *text, bool *ret_has, uint8_t ret[DIGEST_LEN])
{
	*ret_has = strcmp(text, "-") != 0;
	for (size_t i = 0; *ret_has && i < DIGEST_LEN; i++) {
		int high = digit(text[2 * i]), low = high >= 0 ? digit(text[2 * i + 1]) : -1;

		if (low < 0)
			return err_set(
				line->err, ERR_DAMAGED,
				"%s: line %u: '%.80s' is no SHA-256 of 64 small hex digits, and no '-'",
				line->name, line->number, text);
		ret[i] = (uint8_t)(high << 4 | low);
	}
	if (*ret_has && text[(size_t)2 * DIGEST_LEN] != '\0')
		return err_set(line->err, ERR_DAMAGED, "%s: line %u: '%.80s' is too long for a SHA-256",
			       line->name, line->number, text);
	return true;
}

static bool read_category(const struct line *line, const char *text, enum known_category *ret)
{
	for (unsigned i = 0; i < KNOWN_CATEGORIES; i++)
		if (strcmp(known_categories[i].name, text) == 0) {
			*ret = (enum known_category)i;
			return true;
		}
	return err_set(line->err, ERR_DAMAGED, "%s: line %u: the category '%.80s' is not known", line->name,
		       line->number, text);
}

/* Cuts the line at its tabs. */
static bool read_cells(const struct line *line, char *text, char *ret[COLUMNS])
{
	size_t count = 0;

	while (text != NULL && count < COLUMNS) {
		ret[count] = strsep(&text, "\t");
		if (ret[count++][0] == '\0') {
			err_set(line->err, ERR_DAMAGED,
				"%s: line %u: column %zu is empty; write '-' for what is not known",
				line->name, line->number, count);
			return false;
		}
	}
	if (count < COLUMNS || text != NULL)
		err_set(line->err, ERR_DAMAGED, "%s: line %u has %s than %d columns", line->name,
			line->number, text != NULL ? "more" : "fewer", COLUMNS);
	return count == COLUMNS && text == NULL;
}

static bool read_row(const struct line *line, char *text, struct known_row *ret)
{
	struct known_row row = { 0 };
	char *cells[COLUMNS];

	if (!read_cells(line, text, cells) || !read_hash(line, cells[SHA256], &row.has_id, row.id) ||
	    !read_hash(line, cells[SPKI], &row.has_key, row.key) ||
	    !read_category(line, cells[CATEGORY], &row.category))
		return false;
	if (!row.has_id && !row.has_key)
		return err_set(line->err, ERR_DAMAGED, "%s: line %u names no certificate and no key",
			       line->name, line->number);
	row.key_public = strcmp(cells[PUBLIC], "yes") == 0;
	if (!row.key_public && strcmp(cells[PUBLIC], "no") != 0 && strcmp(cells[PUBLIC], "unknown") != 0)
		return err_set(line->err, ERR_DAMAGED, "%s: line %u: '%.80s' is not 'yes', 'no' or 'unknown'",
			       line->name, line->number, cells[PUBLIC]);
	row.name = cells[NAME];
	row.subject = cells[SUBJECT];
	row.why = cells[WHY];
	row.source = cells[SOURCE];
	*ret = row;
	return true;
}

bool known_read(struct bytes text, const char *name, struct known *ret, struct err *err)
{
	struct known known = { .text = mem_string((const char *)text.at, text.len) };
	struct line line = { name, 1, err };
	char *rest = known.text, *one;
	bool ok = strlen(known.text) == text.len || err_set(err, ERR_DAMAGED, "%s: a zero byte", name);
	bool headed = false;

	for (; ok && rest != NULL; line.number++) {
		one = strsep(&rest, "\n");
		if (one[0] == '#' || one[0] == '\0')
			continue;
		if (!headed) {
			headed = strcmp(one, columns) == 0;
			ok = headed || err_set(err, ERR_DAMAGED,
					       "%s: line %u does not name the columns of this version", name,
					       line.number);
			continue;
		}
		known.all = mem_grow(known.all, known.count, sizeof(*known.all));
		ok = read_row(&line, one, &known.all[known.count]);
		known.count += ok;
	}
	if (ok && !headed)
		ok = err_set(err, ERR_DAMAGED, "%s: a table without columns", name);
	if (ok)
		*ret = known;
	else
		known_done(&known);
	return ok;
}

void known_done(struct known *known)
{
	free(known->all);
	free(known->text);
	*known = (struct known){ 0 };
}

const struct known_row *known_certificate(const struct known *known, const uint8_t id[DIGEST_LEN])
{
	for (size_t i = 0; i < known->count; i++)
		if (known->all[i].has_id && memcmp(known->all[i].id, id, DIGEST_LEN) == 0)
			return &known->all[i];
	return NULL;
}

/* One that says that the private key is public goes before others with this key. */
const struct known_row *known_key(const struct known *known, const uint8_t key[DIGEST_LEN])
{
	const struct known_row *found = NULL;

	for (size_t i = 0; i < known->count; i++) {
		const struct known_row *row = &known->all[i];

		if (row->has_key && memcmp(row->key, key, DIGEST_LEN) == 0 &&
		    (found == NULL || (row->key_public && !found->key_public)))
			found = row;
	}
	return found;
}
