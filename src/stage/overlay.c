/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/overlay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "base/text.h"
#include "format/armor.h"
#include "format/format.h"
#include "model/anchor.h"
#include "model/pick.h"
#include "model/staged.h"
#include "stage/put.h"
#include "stage/stager.h"

static const char head[] =
	"# What anchorage changed in stores of packages; 'anchorage refresh' does it again after "
	"an upgrade.\n";

static char *path_of(const char *state)
{
	return mem_print("%s/" OVERLAY_NAME, state);
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

static struct overlay *overlay_for(struct overlays *overlays, const char *kind, const char *path)
{
	struct overlay *overlay;

	for (size_t i = 0; i < overlays->count; i++)
		if (strcmp(overlays->all[i].path, path) == 0 && strcmp(overlays->all[i].kind, kind) == 0)
			return &overlays->all[i];
	overlays->all = mem_grow(overlays->all, overlays->count, sizeof(*overlays->all));
	overlay = &overlays->all[overlays->count++];
	*overlay = (struct overlay){ .kind = mem_string(kind, strlen(kind)),
				     .path = mem_string(path, strlen(path)) };
	return overlay;
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
	struct overlays *into;
	struct overlay *at; /* moves with the array; set by each store's line */
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

	if (r->at == NULL)
		return err_set(err, ERR_DAMAGED, "no store was named before");
	record = add_record(r->at, kind);
	if (rest.len == 0)
		return read_block(r, record, err);
	return (bytes_start(rest, bytes_of(id)) && read_id(bytes_skip(rest, strlen(id)), record)) ||
	       err_set(err, ERR_DAMAGED, "no fingerprint");
}

static bool read_store(struct reader *r, struct bytes rest, struct err *err)
{
	const uint8_t *blank = rest.len > 0 ? memchr(rest.at, ' ', rest.len) : NULL;
	char *kind, *path;

	if (blank == NULL || rest.at[rest.len - 1] == ' ' || blank[1] != '/')
		return err_set(err, ERR_DAMAGED, "no kind and path of a store");
	kind = mem_string((const char *)rest.at, (size_t)(blank - rest.at));
	path = mem_string((const char *)blank + 1, rest.len - (size_t)(blank - rest.at) - 1);
	r->at = overlay_for(r->into, kind, path);
	free(kind);
	free(path);
	return true;
}

static bool read_line(struct reader *r, struct bytes line, struct err *err)
{
	struct bytes rest;

	if (line.len == 0 || line.at[0] == '#')
		return true;
	if (after(line, "store", &rest))
		return read_store(r, rest, err);
	if (r->at != NULL && after(line, "label", &rest)) {
		free(r->at->label);
		r->at->label = mem_string((const char *)rest.at, rest.len);
		return true;
	}
	for (unsigned kind = 0; kind < REQUEST_LIFT; kind++)
		if (after(line, request_words[kind], &rest))
			return read_record(r, kind, rest, err);
	return err_set(err, ERR_DAMAGED, "a line of no known kind");
}

bool overlays_read(const struct root *root, const char *state, struct overlays *ret, struct err *err)
{
	char *path = path_of(state);
	struct overlays overlays = { 0 };
	struct reader r = { .into = &overlays };
	struct buf text = { 0 };
	bool ok;

	if (!root_read(root, path, &text, err)) {
		ok = err->code == ERR_ABSENT;
		if (!ok)
			err_in(err, "%s", path);
		else
			*err = (struct err){ 0 };
	} else {
		r.text = buf_view(&text);
		ok = memchr(r.text.at, '\0', r.text.len) == NULL ||
		     err_set(err, ERR_DAMAGED, "%s: bytes that are no text; take the file away", path);
		while (ok && r.pos < r.text.len) {
			ok = read_line(&r, next_line(&r), err);
			if (!ok)
				err_in(err, "%s line %u", path, r.line);
		}
	}
	if (ok)
		*ret = overlays;
	else
		overlays_done(&overlays);
	buf_done(&text);
	free(path);
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

bool overlay_record(struct overlays *overlays, const struct target *target, const struct requests *requests,
		    const struct staged *staged, struct err *err)
{
	struct overlay *overlay;

	for (const char *p = target->path; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || (p[0] == ' ' && p[1] == '\0'))
			return err_set(err, ERR_UNSUPPORTED,
				       "'%s' has a character in it that cannot be recorded; rename it",
				       target->path);
	overlay = overlay_for(overlays, target->stager->name, target->path);
	if (target->label != NULL && strpbrk(target->label, "\r\n") == NULL) {
		free(overlay->label);
		overlay->label = mem_string(target->label, strlen(target->label));
	}
	for (size_t i = 0; i < staged->outcome_count; i++) {
		const struct outcome *outcome = &staged->outcomes[i];

		if (outcome->kind == OUTCOME_DONE || outcome->kind == OUTCOME_ABSENT)
			note_request(overlay, &requests->all[outcome->request]);
	}
	return true;
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

bool overlays_put(const struct overlays *overlays, const struct root *root, const char *state,
		  struct edits *edits, struct err *err)
{
	char *path = path_of(state);
	struct buf text = { 0 };
	bool ok = true, any = false;

	buf_text(&text, head);
	for (size_t i = 0; ok && i < overlays->count; i++) {
		const struct overlay *overlay = &overlays->all[i];

		if (overlay->count == 0)
			continue;
		any = true;
		buf_print(&text, "\nstore %s %s\n", overlay->kind, overlay->path);
		if (overlay->label != NULL)
			buf_print(&text, "label %s\n", overlay->label);
		for (size_t k = 0; ok && k < overlay->count; k++)
			ok = write_record(&overlay->all[k], &text, err);
	}
	if (ok && any)
		ok = put_directory(edits, root, NULL, state, err) &&
		     put_file(edits, root, NULL, path, buf_view(&text), 0, err);
	else if (ok)
		ok = put_nothing(edits, root, NULL, path, err);
	buf_done(&text);
	free(path);
	return ok;
}
