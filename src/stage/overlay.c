/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/overlay.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "base/text.h"
#include "format/armor.h"
#include "format/format.h"
#include "medium/listing.h"
#include "model/anchor.h"
#include "model/pick.h"
#include "model/staged.h"
#include "stage/put.h"
#include "stage/stager.h"

static const char head[] =
	"# What anchorage changed in a store of a package; 'anchorage refresh' does it again after an "
	"upgrade.\n";

char *overlay_path(const char *state, const char *kind, const char *path)
{
	char *name = mem_print("%s %s", kind, path);
	struct buf text = { 0 };
	uint8_t id[DIGEST_LEN];
	enum { SHORT = 12 };

	digest_sha256(bytes_of(name), id);
	buf_print(&text, "%s/" OVERLAYS_NAME "/", state);
	text_hex((struct bytes){ id, SHORT }, &text);
	buf_byte(&text, '\0');
	free(name);
	return (char *)text.at;
}

char *overlay_label(const char *kind, const char *path, const char *label)
{
	return mem_print("%s %s%s%s", kind, path, label != NULL ? "\t" : "", label != NULL ? label : "");
}

static void record_done(struct record *record)
{
	store_free(record->store);
}

static void overlay_done(struct overlay *overlay)
{
	for (size_t i = 0; i < overlay->count; i++)
		record_done(&overlay->all[i]);
	free(overlay->all);
	free(overlay->kind);
	free(overlay->path);
	free(overlay->label);
}

void overlays_done(struct overlays *overlays)
{
	for (size_t i = 0; i < overlays->count; i++)
		overlay_done(&overlays->all[i]);
	free(overlays->all);
	*overlays = (struct overlays){ 0 };
}

static struct record *add_record(struct overlay *overlay, enum request_kind kind)
{
	overlay->all = mem_grow(overlay->all, overlay->count, sizeof(*overlay->all));
	overlay->all[overlay->count++] = (struct record){ kind, store_new("overlay") };
	return &overlay->all[overlay->count - 1];
}

/* Where the reader is. */
struct reader {
	struct bytes text;
	size_t pos;
	unsigned line;
	struct overlay *into;
};

static struct bytes next_line(struct reader *r)
{
	struct bytes rest = bytes_skip(r->text, r->pos);
	const uint8_t *end = rest.len > 0 ? memchr(rest.at, '\n', rest.len) : NULL;

	if (end != NULL)
		rest.len = (size_t)(end - rest.at);
	r->pos += rest.len + (end != NULL);
	r->line++;
	return text_trim(rest);
}

/* What stands behind a word and a blank; false: the line begins with another. */
static bool after(struct bytes line, const char *word, struct bytes *ret)
{
	size_t len = strlen(word);

	if (!bytes_start(line, bytes_of(word)) || (line.len > len && line.at[len] != ' '))
		return false;
	*ret = text_trim(bytes_skip(line, len));
	return true;
}

static bool read_block(struct reader *r, struct record *record, struct err *err)
{
	struct armor_at at = { .pos = r->pos, .counted = r->pos, .line = r->line };
	struct armor armor;

	if (!armor_next(r->text, &at, &armor) || armor.cut || armor.gap.len > 0)
		return err_set(err, ERR_DAMAGED, "no certificate follows");
	if (!format_trusted.read((struct bytes){ r->text.at + armor.at, at.pos - armor.at }, record->store,
				 err))
		return false;
	for (; r->pos < at.pos;)
		next_line(r);
	return record->store->count == 1 || err_set(err, ERR_DAMAGED, "the certificate cannot be read");
}

static bool read_id(struct bytes text, struct record *record)
{
	uint8_t id[ID_LEN];
	char digits[3] = "";

	for (size_t i = 0; text.len == (size_t)2 * ID_LEN && i < ID_LEN; i++) {
		memcpy(digits, text.at + 2 * i, 2);
		if (strspn(digits, "0123456789abcdef") != 2)
			return false;
		id[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	if (text.len == (size_t)2 * ID_LEN)
		store_add_fingerprint(record->store, id);
	return text.len == (size_t)2 * ID_LEN;
}

static bool read_record(struct reader *r, enum request_kind kind, struct bytes rest, struct err *err)
{
	static const char id[] = "sha256:";
	struct record *record;

	if (r->into->kind == NULL)
		return err_set(err, ERR_DAMAGED, "no store was named before");
	record = add_record(r->into, kind);
	if (rest.len == 0)
		return read_block(r, record, err);
	return (bytes_start(rest, bytes_of(id)) && read_id(bytes_skip(rest, strlen(id)), record)) ||
	       err_set(err, ERR_DAMAGED, "no fingerprint");
}

static bool read_store(struct reader *r, struct bytes rest, struct err *err)
{
	const uint8_t *blank = rest.len > 0 ? memchr(rest.at, ' ', rest.len) : NULL;

	if (r->into->kind != NULL || blank == NULL || (size_t)(blank - rest.at) + 1 == rest.len ||
	    blank[1] != '/')
		return err_set(err, ERR_DAMAGED, "no kind and path of a store, or a second one");
	r->into->kind = mem_string((const char *)rest.at, (size_t)(blank - rest.at));
	r->into->path = mem_string((const char *)blank + 1, rest.len - (size_t)(blank - rest.at) - 1);
	return true;
}

static bool read_line(struct reader *r, struct bytes line, struct err *err)
{
	struct bytes rest;

	if (line.len == 0 || line.at[0] == '#')
		return true;
	if (after(line, "store", &rest))
		return read_store(r, rest, err);
	if (r->into->label == NULL && after(line, "label", &rest)) {
		r->into->label = mem_string((const char *)rest.at, rest.len);
		return true;
	}
	for (unsigned kind = 0; kind < REQUEST_LIFT; kind++)
		if (after(line, request_words[kind], &rest))
			return read_record(r, kind, rest, err);
	return err_set(err, ERR_DAMAGED, "a line of no known kind");
}

/* A file that is not there holds nothing. */
static bool overlay_read(const struct root *root, const char *path, struct overlay *ret, struct err *err)
{
	struct overlay overlay = { .count = 0 };
	struct reader r = { .into = &overlay };
	struct buf text = { 0 };
	struct err why = { 0 };
	bool there = root_read(root, path, &text, &why), ok = there || why.code == ERR_ABSENT;

	r.text = buf_view(&text);
	if (ok && text.len > 0 && memchr(text.at, '\0', text.len) != NULL)
		ok = err_set(&why, ERR_DAMAGED, "bytes that are no text");
	while (ok && r.pos < r.text.len)
		ok = read_line(&r, next_line(&r), &why) || err_in(&why, "line %u", r.line);
	if (ok && there && overlay.kind == NULL)
		ok = err_set(&why, ERR_DAMAGED, "it names no store");
	if (ok) {
		*ret = overlay;
	} else {
		overlay_done(&overlay);
		*err = why;
		err_in(err, "%s", path);
	}
	buf_done(&text);
	return ok;
}

bool overlays_read(const struct root *root, const char *state, struct overlays *ret, struct err *err)
{
	char *directory = mem_print("%s/" OVERLAYS_NAME, state);
	struct overlays overlays = { 0 };
	struct listing listing = { 0 };
	bool ok = !root_has(root, directory) || listing_read(root, directory, &listing, err);

	for (size_t i = 0; ok && i < listing.count; i++) {
		char *path = listing_path(directory, listing.names[i]);

		overlays.all = mem_grow(overlays.all, overlays.count, sizeof(*overlays.all));
		ok = overlay_read(root, path, &overlays.all[overlays.count], err);
		overlays.count += ok;
		free(path);
	}
	listing_done(&listing);
	free(directory);
	if (ok)
		*ret = overlays;
	else
		overlays_done(&overlays);
	return ok;
}

static bool same_thing(const struct record *record, const struct request *request)
{
	return request_names(request, &record->store->anchors[0]);
}

/* Ends records of the same certificate; whether one of them asked for the opposite. */
static bool end_former(struct overlay *overlay, const struct request *request)
{
	bool opposite = false;
	size_t kept = 0;

	for (size_t i = 0; i < overlay->count; i++) {
		struct record *record = &overlay->all[i];

		if (!same_thing(record, request)) {
			overlay->all[kept++] = *record;
			continue;
		}
		opposite = opposite || (record->kind == REQUEST_TRUST) != (request->kind == REQUEST_TRUST);
		record_done(record);
	}
	overlay->count = kept;
	return opposite;
}

static void note_request(struct overlay *overlay, const struct request *request)
{
	const struct anchor *named = request->anchor;
	struct record *record;

	for (size_t i = 0; i < overlay->count; i++)
		if (overlay->all[i].kind == request->kind && same_thing(&overlay->all[i], request) &&
		    request->kind != REQUEST_TRUST)
			return;
	if (end_former(overlay, request) || request->kind == REQUEST_LIFT)
		return;
	if (named->names == ANCHOR_ISSUER_SERIAL || named->names == ANCHOR_KEY)
		return; /* stores of packages know certificates alone */
	record = add_record(overlay, request->kind);
	if (named->names == ANCHOR_FINGERPRINT) {
		store_add_fingerprint(record->store, named->id);
	} else {
		struct anchor *copy = store_add(record->store, named->cert.der, 0);

		copy->trusted = named->trusted;
		copy->distrusted = named->distrusted;
		for (size_t i = 0; i < named->attached_count; i++)
			store_attach(record->store, copy, named->attached[i].whole);
		store_label(record->store, copy, bytes_of(named->label));
	}
}

void overlay_requests(const struct overlay *overlay, struct requests *ret)
{
	for (size_t i = 0; i < overlay->count; i++)
		requests_add(ret, overlay->all[i].kind, &overlay->all[i].store->anchors[0]);
}

static bool write_record(const struct record *record, struct buf *to, struct err *err)
{
	const struct anchor *anchor = &record->store->anchors[0];
	const struct pick one = { &anchor, 1 };
	const struct style style = { .comments = false };

	buf_text(to, request_words[record->kind]);
	if (anchor->names == ANCHOR_FINGERPRINT) {
		buf_text(to, " sha256:");
		text_hex((struct bytes){ anchor->id, ID_LEN }, to);
		buf_byte(to, '\n');
		return true;
	}
	buf_byte(to, '\n');
	return format_trusted.write(&one, &style, to, err);
}

static bool write_overlay(const struct overlay *overlay, struct buf *to, struct err *err)
{
	bool ok = true;

	if (overlay->count == 0)
		return true;
	buf_print(to, "%sstore %s %s\n", head, overlay->kind, overlay->path);
	if (overlay->label != NULL)
		buf_print(to, "label %s\n", overlay->label);
	for (size_t i = 0; ok && i < overlay->count; i++)
		ok = write_record(&overlay->all[i], to, err);
	return ok;
}

/* The store that overlay_label() tells of. */
static bool store_of(const struct target *target, struct target *ret, struct overlay *overlay,
		     struct err *err)
{
	const char *blank = target->label != NULL ? strchr(target->label, ' ') : NULL,
		   *tab = blank != NULL ? strchr(blank, '\t') : NULL;
	size_t len = blank == NULL ? 0 : tab != NULL ? (size_t)(tab - blank) - 1 : strlen(blank + 1);
	struct bytes path = { (const uint8_t *)blank + (blank != NULL), len };

	for (size_t i = 0; i < len; i++)
		if (path.at[i] < ' ' || (i + 1 == len && path.at[i] == ' '))
			len = 0;
	if (len == 0)
		return err_set(
			err, ERR_UNSUPPORTED,
			"the path of the store has a character in it that cannot be recorded; rename it");
	free(overlay->kind);
	free(overlay->path);
	overlay->kind = mem_string(target->label, (size_t)(blank - target->label));
	overlay->path = mem_string(blank + 1, len);
	if (tab != NULL && strpbrk(tab + 1, "\r\n") == NULL) {
		free(overlay->label);
		overlay->label = mem_string(tab + 1, strlen(tab + 1));
	}
	*ret = (struct target){ .name = overlay->path,
				.stager = stager_kind(overlay->kind),
				.path = overlay->path,
				.label = overlay->label };
	return ret->stager != NULL ||
	       err_set(err, ERR_UNSUPPORTED, "stores of the kind '%s' are not changed", overlay->kind);
}

static void note_all(struct overlay *overlay, const struct requests *requests, const struct staged *store)
{
	for (size_t i = 0; i < store->outcome_count; i++) {
		const struct outcome *outcome = &store->outcomes[i];

		if (store->edits.count > 0 &&
		    (outcome->kind == OUTCOME_DONE || outcome->kind == OUTCOME_ABSENT))
			note_request(overlay, &requests->all[outcome->request]);
	}
}

static bool put(const struct overlay *overlay, const struct root *root, const struct target *target,
		struct edits *edits, struct err *err)
{
	char *above = mem_string(target->path, (size_t)(strrchr(target->path, '/') - target->path));
	struct buf text = { 0 };
	bool ok = write_overlay(overlay, &text, err);

	if (ok && text.len > 0)
		ok = put_directory(edits, root, target->name, above, err) &&
		     put_file(edits, root, target->name, target->path, buf_view(&text), 0644, err);
	else if (ok)
		ok = put_nothing(edits, root, target->name, target->path, err);
	buf_done(&text);
	free(above);
	return ok;
}

static bool stage(const struct root *root, const struct target *target, const struct requests *requests,
		  const struct terms *terms, struct staged *ret, struct err *err)
{
	struct overlay overlay = { .count = 0 };
	struct staged store = { 0 }, staged = { 0 };
	struct target of = { .stager = NULL };
	bool ok = overlay_read(root, target->path, &overlay, err) && store_of(target, &of, &overlay, err) &&
		  of.stager != NULL && of.stager->stage(root, &of, requests, terms, &store, err);

	if (ok)
		note_all(&overlay, requests, &store);
	ok = ok && (store.edits.count == 0 || put(&overlay, root, target, &staged.edits, err));
	if (ok)
		*ret = staged;
	else
		staged_done(&staged);
	staged_done(&store);
	overlay_done(&overlay);
	return ok;
}

const struct stager stager_overlay = {
	.name = "overlays",
	.brief = "what is done again after an upgrade of the package",
	.stage = stage,
};
