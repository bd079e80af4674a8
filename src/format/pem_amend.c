/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Changing a PEM file in place. Blocks of a certificate go together with the text
 * that is theirs: the lines right before BEGIN that name or describe it.
 *
 *   Label / =====                    curl's cacert.pem, with the empty line before
 *   # ...                            comments, as many as follow one another
 *   Certificate: / indented lines    openssl x509 -text
 *   Bag Attributes / subject= / issuer= / indented lines   openssl pkcs12, s_client
 *
 * Comments at the head of a file that run on to the first block are the file's.
 */
#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/text.h"
#include "format/amend.h"
#include "format/armor.h"
#include "format/payload.h"
#include "model/anchor.h"
#include "model/pick.h"
#include "model/request.h"
#include "model/staple.h"
#include "model/store.h"

/* How blocks of a file are named, by its last one that is. */
enum naming { NAMING_NONE, NAMING_COMMENT, NAMING_UNDERLINE };

struct piece {
	size_t from, at, to; /* the text that is its own, its BEGIN line, behind its END line */
	unsigned line;
	size_t first, count; /* its entries in `seen` */
	bool gone;
	struct buf put; /* what stands in its stead, if anything */
};

struct bundle {
	struct bytes file;
	const struct format *format; /* the form of new blocks */
	struct piece *all;
	size_t count;
	struct store *seen;
	enum naming naming;
	bool crlf;
	struct buf more; /* new blocks, for the end */
};

enum line { LINE_OTHER, LINE_BLANK, LINE_COMMENT, LINE_HEAD, LINE_TEXT, LINE_RULE };

static const struct {
	const char *start;
	enum line line;
} lines[] = {
	{ "#", LINE_COMMENT },
	{ "Certificate:", LINE_HEAD },
	{ "Bag Attributes", LINE_HEAD },
	{ " ", LINE_TEXT },
	{ "\t", LINE_TEXT },
	{ "subject=", LINE_TEXT },
	{ "issuer=", LINE_TEXT },
	{ "subject= ", LINE_TEXT },
	{ "SHA1 Fingerprint=", LINE_TEXT },
	{ "SHA256 Fing", LINE_TEXT },
	{ "sha1 Fingerprint=", LINE_TEXT },
	{ "sha256 Fing", LINE_TEXT },
};

static enum line line_kind(struct bytes line)
{
	struct bytes trimmed = text_trim(line);
	size_t rule = 0;

	if (trimmed.len == 0)
		return LINE_BLANK;
	while (rule < trimmed.len && trimmed.at[rule] == '=')
		rule++;
	if (rule == trimmed.len)
		return LINE_RULE;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		if (bytes_start(line, bytes_of(lines[i].start)))
			return lines[i].line;
	return LINE_OTHER;
}

/* The line of `gap` that ends before `end`, where a line begins; `low` is where the first line does. */
static size_t line_before(struct bytes gap, size_t low, size_t end, enum line *ret)
{
	const uint8_t *newline = end > low + 1 ? memrchr(gap.at + low, '\n', end - 1 - low) : NULL;
	size_t start = newline != NULL ? (size_t)(newline - gap.at) + 1 : low;

	*ret = line_kind((struct bytes){ gap.at + start, end - 1 - start });
	return start;
}

/* Empty lines between "subject=" and "issuer=" belong to both; others end what is a block's own. */
static bool goes_on(struct bytes gap, size_t low, size_t at)
{
	enum line kind = LINE_BLANK;

	while (at > low && kind == LINE_BLANK)
		at = line_before(gap, low, at, &kind);
	return kind == LINE_TEXT && (bytes_start(bytes_skip(gap, at), bytes_of("subject=")) ||
				     bytes_start(bytes_skip(gap, at), bytes_of("issuer=")));
}

/* The head of a file, which speaks of all of it: several comments, none of which says that it is a name. */
static bool is_file_head(struct bytes text)
{
	static const char issuer[] = "# Issuer:", label[] = "# Label:";

	return text.len > 0 && text.at[0] == '#' && memchr(text.at, '\n', text.len - 1) != NULL &&
	       memmem(text.at, text.len, issuer, sizeof(issuer) - 1) == NULL &&
	       memmem(text.at, text.len, label, sizeof(label) - 1) == NULL;
}

/* The last of the label above a line of "=", or of what is not the block's own. */
static size_t step(struct bytes gap, size_t low, size_t at, bool any, bool *ret_end)
{
	enum line kind, above;
	size_t start = line_before(gap, low, at, &kind), up;

	*ret_end = kind == LINE_HEAD || kind == LINE_RULE;
	if (kind == LINE_COMMENT || kind == LINE_TEXT)
		return start;
	if (kind == LINE_HEAD) {
		up = start > low ? line_before(gap, low, start, &above) : start;
		return up < start && bytes_start(bytes_skip(gap, up), bytes_of("=== ")) ? up : start;
	}
	if (kind == LINE_RULE && !any && start > low) {
		up = line_before(gap, low, start, &above);
		return above != LINE_BLANK ? up : at;
	}
	if (kind == LINE_BLANK && goes_on(gap, low, start))
		return start;
	*ret_end = true;
	return at;
}

/* Where the text begins that belongs to the block behind the gap. */
static size_t own_text(struct bytes gap, bool first)
{
	const uint8_t *newline = gap.len > 0 ? memchr(gap.at, '\n', gap.len) : NULL;
	size_t low = first ? 0 : newline != NULL ? (size_t)(newline - gap.at) + 1 : gap.len, own = gap.len;
	enum line kind;
	bool end = false;

	if (gap.len <= low || gap.at[gap.len - 1] != '\n')
		return gap.len;
	while (!end && own > low)
		own = step(gap, low, own, own < gap.len, &end);
	if (first && own == 0 && is_file_head(gap))
		return gap.len;
	if (own < gap.len && own > low) {
		size_t blank = line_before(gap, low, own, &kind);

		own = kind == LINE_BLANK ? blank : own;
	}
	return own;
}

static enum naming naming_of(struct bytes gap, enum naming before)
{
	enum line kind = LINE_OTHER;

	if (gap.len > 0 && gap.at[gap.len - 1] == '\n')
		line_before(gap, 0, gap.len, &kind);
	return kind == LINE_COMMENT ? NAMING_COMMENT : kind == LINE_RULE ? NAMING_UNDERLINE : before;
}

/* Behind the END line, with its line end. */
static size_t end_of(struct bytes file, size_t at)
{
	size_t end = at;

	while (end < file.len && (file.at[end] == ' ' || file.at[end] == '\t' || file.at[end] == '\r'))
		end++;
	return end == file.len ? end : file.at[end] == '\n' ? end + 1 : at;
}

/* Whether blocks of this type hold certificates. */
static bool holds_certificates(struct bytes type)
{
	static const char *const types[] = { "CERTIFICATE", "X509 CERTIFICATE",    "TRUSTED CERTIFICATE",
					     "PKCS7",       "PKCS #7 SIGNED DATA", "CMS" };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (bytes_equal(bytes_of(types[i]), type))
			return true;
	return false;
}

static struct piece *add_piece(struct bundle *b, const struct armor *armor, size_t end)
{
	struct piece *piece;

	b->all = mem_grow(b->all, b->count, sizeof(*b->all));
	piece = &b->all[b->count++];
	*piece = (struct piece){ .from = armor->gap_at + own_text(armor->gap, armor->gap_at == 0),
				 .at = armor->at,
				 .to = end_of(b->file, end),
				 .line = armor->line,
				 .first = b->seen->count };
	return piece;
}

/* One block, which is read by itself: what others say of the same certificate is theirs. */
static bool read_piece(struct bundle *b, const struct armor *armor, size_t end, struct err *err)
{
	struct piece *piece = add_piece(b, armor, end);
	struct bytes block = { b->file.at + armor->at, end - armor->at };
	struct store *seen = b->seen;

	if (armor->cut)
		return err_set(err, ERR_DAMAGED,
			       "line %u: a block without its END line; mend or cut it first, as what it was "
			       "meant to be is not known",
			       armor->line);
	if (!holds_certificates(armor->type))
		return true;
	if (!payload_pem(block, seen, err))
		return err_in(err, "line %u", armor->line);
	piece->count = seen->count - piece->first;
	return piece->count > 0 ||
	       err_set(err, ERR_DAMAGED,
		       "line %u: a block of certificates of which none can be read; mend or cut it first",
		       armor->line);
}

/* The first thing of the whole file that its reader could not make sense of. */
static bool read_whole(struct bytes file, struct err *err)
{
	struct store *store = store_new("the file");
	struct err none = { 0 };
	bool ok = true;

	payload_pem(file, store, &none);
	for (size_t i = 0; ok && i < store->note_count; i++)
		if (store->notes[i].level == NOTE_ERROR)
			ok = err_set(err, ERR_DAMAGED, "byte %zu: %s", store->notes[i].at,
				     store->notes[i].text);
	store_free(store);
	return ok;
}

/* Text that was part of a block once. */
static bool is_sound(const struct armor *armor, bool last, struct err *err)
{
	size_t at;
	const char *stray = armor_stray(armor->gap, last, &at);

	return stray == NULL ||
	       err_set(err, ERR_DAMAGED, "byte %zu: %s; mend or cut it first", armor->gap_at + at, stray);
}

static bool bundle_read(struct bundle *b, struct err *err)
{
	struct armor_at at = { .line = 1 };
	const uint8_t *newline = b->file.len > 0 ? memchr(b->file.at, '\n', b->file.len) : NULL;
	struct armor armor;

	b->crlf = newline != NULL && newline > b->file.at && newline[-1] == '\r';
	if (!read_whole(b->file, err))
		return false;
	while (armor_next(b->file, &at, &armor)) {
		if (!is_sound(&armor, false, err) || !read_piece(b, &armor, at.pos, err))
			return false;
		b->naming = naming_of(armor.gap, b->naming);
	}
	if (!is_sound(&armor, true, err))
		return false;
	if (b->count == 0 && b->file.len > 0 && memchr(b->file.at, '\0', b->file.len) != NULL)
		return err_set(err, ERR_UNKNOWN, "no PEM, but bytes of another kind");
	return true;
}

static void bundle_done(struct bundle *b)
{
	for (size_t i = 0; i < b->count; i++)
		buf_done(&b->all[i].put);
	free(b->all);
	buf_done(&b->more);
	store_free(b->seen);
}

static void write_block(const struct format *format, const struct anchor *anchor, struct buf *to)
{
	const struct pick one = { &anchor, 1 };
	const struct style style = { .comments = false };
	struct err none = { 0 };

	format->write(&one, &style, to, &none);
}

/* Whether a block of each would be the same, but for the name in it. */
static bool same_block(const struct bundle *b, const struct anchor *is, const struct anchor *wanted)
{
	struct anchor a = *is, c = *wanted;
	struct buf one = { 0 }, other = { 0 };
	bool same;

	a.label = c.label = "-";
	write_block(&format_trusted, &a, &one);
	if ((b->format->kind.can & CAN_PURPOSE) == 0) {
		c.trusted = PURPOSES_ALL;
		c.distrusted = 0;
		c.attached_count = 0;
	}
	write_block(&format_trusted, &c, &other);
	same = bytes_equal(buf_view(&one), buf_view(&other));
	buf_done(&one);
	buf_done(&other);
	return same;
}

/* The entry of the piece that the request names, or NULL. */
static const struct anchor *named_in(const struct bundle *b, const struct piece *piece,
				     const struct request *request)
{
	for (size_t i = piece->first; !piece->gone && i < piece->first + piece->count; i++)
		if (request_names(request, &b->seen->anchors[i]))
			return &b->seen->anchors[i];
	return NULL;
}

static void name_new(struct bundle *b, const struct anchor *anchor)
{
	struct buf name = { 0 }, safe = { 0 };
	size_t columns;

	anchor_name(anchor, &name);
	text_escape(buf_view(&name), &safe);
	columns = text_columns(buf_view(&safe));
	if (b->naming != NAMING_NONE)
		buf_text(&b->more, b->file.len + b->more.len > 0 ? "\n" : "");
	if (b->naming == NAMING_COMMENT)
		buf_print(&b->more, "# %.*s\n", (int)safe.len, (const char *)safe.at);
	if (b->naming == NAMING_UNDERLINE) {
		buf_bytes(&b->more, buf_view(&safe));
		buf_byte(&b->more, '\n');
		for (size_t i = 0; i < columns; i++)
			buf_byte(&b->more, '=');
		buf_byte(&b->more, '\n');
	}
	buf_done(&name);
	buf_done(&safe);
}

/* Makes `wanted` the one block of this certificate: in the place of the first, or at the end. */
static bool put_block(struct bundle *b, const struct request *request, const struct anchor *wanted)
{
	struct piece *place = NULL;
	bool same = false, others = false;

	for (size_t i = 0; i < b->count; i++) {
		const struct anchor *is = named_in(b, &b->all[i], request);

		if (is == NULL || is->origin.bag)
			continue;
		if (place == NULL) {
			place = &b->all[i];
			same = same_block(b, is, wanted);
		} else if (!same_block(b, is, wanted)) {
			others = b->all[i].gone = true;
		}
	}
	if (place != NULL && same)
		return others;
	if (place == NULL) {
		name_new(b, wanted);
		write_block(b->format, wanted, &b->more);
		return true;
	}
	place->put.len = 0;
	write_block(b->format, wanted, &place->put);
	return true;
}

static bool take_blocks(struct bundle *b, const struct request *request, bool only_distrust, bool *ret_any,
			struct err *err)
{
	for (size_t i = 0; i < b->count; i++) {
		const struct anchor *is = named_in(b, &b->all[i], request);

		if (is == NULL || (only_distrust && is->distrusted == 0))
			continue;
		if (is->origin.bag || b->all[i].count > 1)
			return err_set(err, ERR_UNSUPPORTED,
				       "line %u: the certificate stands in a PKCS#7 block, which is not "
				       "changed; write its certificates as PEM first, with 'openssl pkcs7 "
				       "-print_certs'",
				       b->all[i].line);
		*ret_any = true;
		b->all[i].gone = true;
	}
	return true;
}

/* The first entry that the request names, as a new one to be changed; false: there is none, nor a
 * certificate. */
static bool entry_for(const struct bundle *b, const struct request *request, struct anchor *ret)
{
	for (size_t i = 0; i < b->count; i++) {
		const struct anchor *is = named_in(b, &b->all[i], request);

		if (is == NULL)
			continue;
		*ret = *is;
		return true;
	}
	*ret = *request->anchor;
	return ret->names == ANCHOR_CERTIFICATE;
}

static bool forbid(struct bundle *b, const struct request *request, bool *ret_any, struct err *err)
{
	struct anchor wanted;

	if ((b->format->kind.can & CAN_DISTRUST) == 0)
		return take_blocks(b, request, false, ret_any, err);
	if (!entry_for(b, request, &wanted))
		return true;
	wanted.trusted = 0;
	wanted.distrusted = PURPOSES_ALL;
	wanted.attached_count = 0;
	*ret_any = put_block(b, request, &wanted);
	return true;
}

/* What is left of the entry once nothing is rejected; if that is nothing, it goes. */
static bool lift(struct bundle *b, const struct request *request, bool *ret_any, struct err *err)
{
	struct extension kept[LIMIT_ATTACHED];
	struct anchor wanted;
	size_t count = 0;

	if (!entry_for(b, request, &wanted) || wanted.distrusted == 0)
		return true;
	if (anchor_trusted(&wanted) == 0)
		return take_blocks(b, request, true, ret_any, err);
	for (size_t i = 0; i < wanted.attached_count && count < LIMIT_ATTACHED; i++)
		if (!bytes_equal(wanted.attached[i].oid, staple_reject))
			kept[count++] = wanted.attached[i];
	wanted.distrusted = 0;
	wanted.attached = kept;
	wanted.attached_count = count;
	*ret_any = put_block(b, request, &wanted);
	return true;
}

bool amend_can(const struct request *request, struct err *err)
{
	return request->kind != REQUEST_TRUST || request->anchor->names == ANCHOR_CERTIFICATE ||
	       err_set(err, ERR_USAGE,
		       "a certificate is needed to trust it, and only its name is known; give its file");
}

static bool fulfil(struct bundle *b, const struct request *request, bool *ret_any, struct err *err)
{
	switch (request->kind) {
	case REQUEST_TRUST:
		if (!amend_can(request, err))
			return false;
		*ret_any = put_block(b, request, request->anchor);
		return true;
	case REQUEST_REMOVE:
		return take_blocks(b, request, false, ret_any, err);
	case REQUEST_DISTRUST:
		return forbid(b, request, ret_any, err);
	default:
		return lift(b, request, ret_any, err);
	}
}

static void write_lines(const struct bundle *b, struct bytes text, struct buf *to)
{
	for (size_t i = 0; i < text.len; i++) {
		if (b->crlf && text.at[i] == '\n')
			buf_byte(to, '\r');
		buf_byte(to, text.at[i]);
	}
}

static void bundle_write(const struct bundle *b, struct buf *to)
{
	size_t start = to->len, pos = 0;

	for (size_t i = 0; i < b->count; i++) {
		const struct piece *piece = &b->all[i];
		size_t stop = piece->gone ? piece->from : piece->at;

		if (!piece->gone && piece->put.len == 0)
			continue;
		buf_bytes(to, (struct bytes){ b->file.at + pos, stop - pos });
		if (!piece->gone)
			write_lines(b, buf_view(&piece->put), to);
		pos = piece->to;
	}
	buf_bytes(to, bytes_skip(b->file, pos));
	if (b->more.len > 0 && to->len > start && to->at[to->len - 1] != '\n')
		write_lines(b, bytes_of("\n"), to);
	write_lines(b, buf_view(&b->more), to);
}

static bool amend(const struct format *format, struct bytes file, const struct requests *requests, bool *done,
		  struct buf *to, struct err *err)
{
	struct bundle b = { .file = file, .format = format, .seen = store_new("the file") };
	bool ok = bundle_read(&b, err);

	for (size_t i = 0; ok && i < requests->count; i++) {
		bool any = false;

		if (requests_repeat(requests, i)) {
			done[i] = false;
			continue;
		}
		ok = fulfil(&b, &requests->all[i], &any, err);
		done[i] = any;
	}
	if (ok)
		bundle_write(&b, to);
	bundle_done(&b);
	return ok;
}

bool pem_amend(struct bytes file, const struct requests *requests, const struct amend_terms *terms,
	       bool *done, struct buf *to, struct err *err)
{
	(void)terms;
	return amend(&format_pem, file, requests, done, to, err);
}

bool trusted_amend(struct bytes file, const struct requests *requests, const struct amend_terms *terms,
		   bool *done, struct buf *to, struct err *err)
{
	(void)terms;
	return amend(&format_trusted, file, requests, done, to, err);
}
