/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Dangers in where it came from, and in what is known of it and of others like it elsewhere. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "check/danger_look.h"
#include "check/roots.h"
#include "model/anchor.h"
#include "model/known.h"
#include "model/name.h"

/* Of the file, and not of one of its certificates: told once, if it is asked again for another of them. */
static struct warning *add_file(const struct look *look, enum danger danger, const char *text)
{
	const struct warnings *all = look->ret;

	for (size_t i = 0; i < all->count; i++)
		if (all->all[i].row == &dangers[danger] && strcmp(all->all[i].text, text) == 0)
			return NULL;
	return warnings_add(look->ret, &dangers[danger], NULL, "%s", text);
}

static size_t certificates_in(const struct store *source)
{
	size_t count = 0;

	for (size_t i = 0; i < source->count; i++)
		count += source->anchors[i].names == ANCHOR_CERTIFICATE;
	return count;
}

void danger_look_file(const struct look *look)
{
	const struct candidate *candidate = look->candidate;
	const struct store *source = candidate->source;
	const char *file = candidate->file != NULL ? candidate->file : "standard input";
	size_t certificates = source != NULL ? certificates_in(source) : 0;
	char *word = danger_file(candidate), *text;

	if (source != NULL && source->private_key) {
		text = mem_print("'%s' holds a private key too", file);
		danger_advise(
			add_file(look, DANGER_PRIVATE_KEY, text),
			"openssl x509 -in %s takes the certificate alone; keep the key where only its owner "
			"can read it",
			word);
		free(text);
	}
	if (certificates > 1) {
		text = mem_print("'%s' holds %zu certificates", file, certificates);
		danger_advise(add_file(look, DANGER_SEVERAL, text),
			      "choose one with --fingerprint=SHA256, or look at each of them");
		free(text);
	}
	if (candidate->shared != NULL)
		danger_advise(add_file(look, DANGER_SHARED, candidate->shared),
			      "compare the fingerprint with one that came another way: --fingerprint=SHA256");
	free(word);
}

/* Whoever made the row wrote why; the category is what it comes to. */
static void tell(const struct look *look, enum danger danger, const struct known_row *row, bool by_key)
{
	danger_advise(danger_add(look, danger, "%s '%s': %s; %s (%s)",
				 by_key ? "its key is that of" : "it is", row->name,
				 known_categories[row->category].means, row->why, row->source),
		      "do not add it; if it is trusted anywhere: anchorage distrust");
}

void danger_look_known(const struct look *look)
{
	const struct known *known = look->candidate->known;
	const struct known_row *row, *by_key = NULL, *told;
	uint8_t key[ID_LEN];

	if (known == NULL)
		return;
	row = known_certificate(known, look->anchor->id);
	if (anchor_key_id(look->anchor, key))
		by_key = known_key(known, key);
	told = row != NULL ? row : by_key;
	if (by_key != NULL && by_key->key_public)
		told = row != NULL && row->key_public ? row : by_key;
	if (told == NULL)
		return;
	tell(look,
	     told->key_public                        ? DANGER_PUBLISHED_KEY
	     : told->category == KNOWN_MITM_SOFTWARE ? DANGER_INTERCEPTION
						     : DANGER_KNOWN_BAD,
	     told, told != row);
	if (told->key_public && told->category == KNOWN_MITM_SOFTWARE)
		tell(look, DANGER_INTERCEPTION, told, told != row);
}

/* They make a CA for each installation: only the name is the same. */
static const struct {
	const char *words; /* of one part of the subject */
	const char *product;
} products[] = {
	{ "mitmproxy", "mitmproxy" },
	{ "portswigger ca", "Burp Suite" },
	{ "charles proxy", "Charles Proxy" },
	{ "do_not_trust", "Fiddler" },
	{ "mkcert development ca", "mkcert" },
	{ "adguard ca", "AdGuard" },
	{ "privdog secure connection inspector ca", "PrivDog" },
};

void danger_look_product(const struct look *look)
{
	struct buf value = { 0 };
	struct name_part part;
	const char *product = NULL;
	size_t at = 0;

	while (product == NULL && name_next(look->cert->subject, &at, &part)) {
		value.len = 0;
		name_value(&part, &value);
		for (size_t i = 0; i < sizeof(products) / sizeof(products[0]); i++)
			if (text_has_words(buf_view(&value), products[i].words))
				product = products[i].product;
	}
	if (product != NULL)
		danger_advise(danger_add(look, DANGER_INTERCEPTION, "its subject is that of %s: '%.*s'",
					 product, (int)(value.len < 200 ? value.len : 200),
					 (const char *)value.at),
			      "take it away again when it is no longer used");
	buf_done(&value);
}

/* Another certificate than the candidate, and where it was found first. */
struct other {
	const struct anchor *anchor;
	const struct store *store;
	bool public;
};

struct others {
	struct other *all; /* owned */
	size_t count;
};

typedef void with_anchor(void *data, const struct anchor *anchor, const struct store *store, bool public);

static void in_stores(const struct store *const *stores, size_t count, bool public, with_anchor *with,
		      void *data)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < stores[i]->count; k++) {
			const struct anchor *anchor = &stores[i]->anchors[k];

			with(data, anchor, stores[i], public || anchor->mozilla_policy);
		}
}

static void each_anchor(const struct candidate *candidate, with_anchor *with, void *data)
{
	in_stores(candidate->lists, candidate->list_count, true, with, data);
	in_stores(candidate->stores, candidate->store_count, false, with, data);
}

struct public_search {
	const uint8_t *id;
	bool found;
};

static void is_it(void *data, const struct anchor *anchor, const struct store *store, bool public)
{
	struct public_search *search = data;

	(void)store;
	search->found = search->found || (public && anchor_trusted(anchor) != 0 &&
					  memcmp(anchor->id, search->id, ID_LEN) == 0);
}

bool danger_is_public(const struct candidate *candidate)
{
	struct public_search search = { .id = candidate->anchor->id };
	const struct root_row *row =
		candidate->roots != NULL ? roots_find(candidate->roots, candidate->anchor->id) : NULL;

	each_anchor(candidate, is_it, &search);
	return search.found || (row != NULL && row->last == NULL);
}

struct likeness {
	const struct look *look;
	struct others keys, subjects;
	uint8_t key[ID_LEN];
};

static void others_add(struct others *others, const struct anchor *anchor, const struct store *store,
		       bool public)
{
	for (size_t i = 0; i < others->count; i++)
		if (memcmp(others->all[i].anchor->id, anchor->id, ID_LEN) == 0) {
			others->all[i].public = others->all[i].public || public;
			return;
		}
	others->all = mem_grow(others->all, others->count, sizeof(*others->all));
	others->all[others->count++] = (struct other){ anchor, store, public };
}

static bool same_subject(const struct look *look, const struct anchor *anchor)
{
	struct buf canonical = { 0 };
	bool same = bytes_equal(anchor->cert.subject, look->cert->subject);

	if (!same && name_canonical(anchor->cert.subject, &canonical))
		same = bytes_equal(buf_view(&canonical), look->member->subject);
	buf_done(&canonical);
	return same;
}

/* What is distrusted there is told as that, and an anchor without a certificate is like nothing. */
static void compare(void *data, const struct anchor *anchor, const struct store *store, bool public)
{
	struct likeness *likeness = data;
	const struct look *look = likeness->look;
	uint8_t key[ID_LEN];
	bool same_key = anchor->readable
				? bytes_equal(anchor->cert.spki, look->cert->spki)
				: anchor_key_id(anchor, key) && memcmp(key, likeness->key, ID_LEN) == 0;

	if (memcmp(anchor->id, look->anchor->id, ID_LEN) == 0 || anchor_trusted(anchor) == 0)
		return;
	if (same_key && (anchor->names == ANCHOR_CERTIFICATE || anchor->names == ANCHOR_FINGERPRINT))
		others_add(&likeness->keys, anchor, store, public);
	else if (!same_key && anchor->readable && same_subject(look, anchor))
		others_add(&likeness->subjects, anchor, store, public);
}

static const struct other *first(const struct others *others, bool public, size_t *ret_count)
{
	const struct other *found = NULL;

	*ret_count = 0;
	for (size_t i = 0; i < others->count; i++)
		if (others->all[i].public == public && (*ret_count)++ == 0)
			found = &others->all[i];
	return found;
}

/* "'Name' in STORE, valid until DATE, SHA-256 0123456789abcdef, and 2 more" */
static void put_other(const struct other *other, size_t count, struct buf *to)
{
	char until[CLOCK_TEXT], *name = danger_name(other->anchor);

	clock_date(anchor_not_after(other->anchor), until);
	buf_print(to, "'%s' in %s, valid until %s, SHA-256 ", name, other->store->place, until);
	text_hex((struct bytes){ other->anchor->id, 8 }, to);
	if (count > 1)
		buf_print(to, "..., and %zu more", count - 1);
	else
		buf_text(to, "...");
	buf_byte(to, '\0');
	free(name);
}

static void tell_others(const struct look *look, const struct others *others, bool public, enum danger danger,
			const char *what, const char *advice)
{
	size_t count;
	const struct other *other = first(others, public, &count);
	struct buf text = { 0 };

	if (other == NULL)
		return;
	put_other(other, count, &text);
	danger_advise(danger_add(look, danger, "%s %s", what, (const char *)text.at), "%s", advice);
	buf_done(&text);
}

static void look_dropped(const struct look *look)
{
	const struct roots *roots = look->candidate->roots;
	const struct root_row *row = roots != NULL ? roots_find(roots, look->anchor->id) : NULL;
	struct warning *warning;

	if (row == NULL)
		return;
	warning = danger_add(look, DANGER_DROPPED_ROOT, "Mozilla's list had '%s' up to version %s%s%s",
			     row->name, row->last, row->until != NULL ? ", and its source until " : "",
			     row->until != NULL ? row->until : "");
	danger_advise(warning, "find out why it was dropped before it is trusted again");
}

void danger_look_others(const struct look *look)
{
	static const char compare_it[] = "compare the fingerprint with one that the CA publishes";
	struct likeness likeness = { .look = look };

	if (look->public)
		danger_add(look, DANGER_PUBLIC_ROOT, "a public list has it");
	else
		look_dropped(look);
	if (!look->anchor->readable)
		return;
	anchor_key_id(look->anchor, likeness.key);
	each_anchor(look->candidate, compare, &likeness);
	if (!look->public) {
		tell_others(look, &likeness.subjects, true, DANGER_PUBLIC_SUBJECT,
			    "another key has its name:", compare_it);
		tell_others(look, &likeness.subjects, false, DANGER_SAME_SUBJECT,
			    "another key has its name:", "if it takes the other's place: --replaces=CERT");
	}
	tell_others(look, &likeness.keys, true, DANGER_SAME_KEY,
		    "a public certificate has its key:", "see anchorage show for both");
	tell_others(look, &likeness.keys, false, DANGER_SAME_KEY,
		    "another certificate has its key:", "see anchorage show for both");
	free(likeness.keys.all);
	free(likeness.subjects.all);
}

struct ban {
	const struct look *look;
	const struct store *store; /* the first that forbids it */
	const char *by;
	uint8_t key[ID_LEN];
	bool has_key;
	uint16_t purposes; /* what it is forbidden for matters if it is one of these */
};

static void forbids(void *data, const struct anchor *anchor, const struct store *store, bool public)
{
	struct ban *ban = data;
	const struct cert *cert = ban->look->cert;
	uint8_t key[ID_LEN];

	(void)public;
	if (ban->store != NULL || (anchor->distrusted & ban->purposes) == 0)
		return;
	if (memcmp(anchor->id, ban->look->anchor->id, ID_LEN) == 0)
		ban->by = "it";
	else if (ban->has_key && anchor_key_id(anchor, key) && memcmp(key, ban->key, ID_LEN) == 0)
		ban->by = "its key";
	else if (cert->serial.len > 0 && bytes_equal(anchor->cert.serial, cert->serial) &&
		 bytes_equal(anchor->cert.issuer, cert->issuer))
		ban->by = "its issuer and serial number";
	else
		return;
	ban->store = store;
}

void danger_look_distrust(const struct look *look)
{
	const struct store *source = look->candidate->source;
	struct ban ban = { .look = look, .purposes = PURPOSES_ALL };

	ban.has_key = anchor_key_id(look->anchor, ban.key);
	each_anchor(look->candidate, forbids, &ban);
	/* What the file itself forbids for some purposes only was heeded, unless others were named. */
	ban.purposes = anchor_trusted(look->anchor);
	if (source != NULL)
		in_stores(&source, 1, false, forbids, &ban);
	if (ban.store != NULL)
		danger_advise(danger_add(look, DANGER_DISTRUSTED, "%s forbids %s",
					 ban.store == source ? "the file that it is in" : ban.store->place,
					 ban.by),
			      "find out why: anchorage show");
}
