/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PEM that is compiled into a program: node, Electron, what Go embeds. The bytes
 * are searched for it; what stands between is the program's.
 *
 *   block ::= "-----BEGIN " type "-----" ( base64 | space | escape | joint )* "-----END " type "-----"
 *   escape ::= "\"+ ( "n" | "r" | "t" | a newline | a quote ), as in a literal's source
 *   joint  ::= a quote ( space | "+" | "," )* a quote, between the literals of one string
 *
 * A program that handles PEM holds BEGIN lines with nothing behind them; those
 * are a note, and a warning only where base64 began. An anchor says that the
 * certificate is there: what the program does with it is not known.
 */
#include <stdlib.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/err.h"
#include "format/format.h"
#include "format/payload.h"
#include "model/store.h"

static const char begin[] = "-----BEGIN ", end[] = "-----END ", dashes[] = "-----";

enum {
	BEGIN = sizeof(begin) - 1,
	TYPE = 40,      /* the longest type that is taken for one */
	MANY = 64,      /* characters of base64 that are no accident */
	MOST = 4 << 20, /* bytes of a block: what LIMIT_CERTIFICATE_SIZE is in base64, with escapes */
};

enum ends {
	ENDS_WELL,
	ENDS_BROKEN, /* by a byte that does not belong there */
	ENDS_OPEN,   /* with the bytes */
};

struct block {
	size_t at, after; /* of BEGIN, and where to go on */
	struct bytes type;
	enum ends ends;
};

static const struct {
	const char *type;
	size_t (*read)(struct bytes der, size_t at, struct store *into);
} blocks[] = {
	{ "CERTIFICATE", payload_certificate },
	{ "X509 CERTIFICATE", payload_certificate },
	{ "TRUSTED CERTIFICATE", payload_trusted },
};

static bool is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_quote(uint8_t c)
{
	return c == '"' || c == '\'' || c == '`';
}

static bool is_base64(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
	       c == '/' || c == '=';
}

/* Moves *at behind a joint, of which the first quote is there. */
static enum ends skip_joint(struct bytes from, size_t *at)
{
	size_t i = *at + 1;

	while (i < from.len && (is_space(from.at[i]) || from.at[i] == '+' || from.at[i] == ','))
		i++;
	if (i == from.len)
		return ENDS_OPEN;
	*at = i + 1;
	return is_quote(from.at[i]) ? ENDS_WELL : ENDS_BROKEN;
}

/* Backslashes are doubled where a literal stands in another. */
static enum ends skip_escape(struct bytes from, size_t *at)
{
	while (*at < from.len && from.at[*at] == '\\')
		(*at)++;
	if (*at == from.len)
		return ENDS_OPEN;
	(*at)++;
	return memchr("nrt\n\r\"'`", from.at[*at - 1], 8) != NULL ? ENDS_WELL : ENDS_BROKEN;
}

/* Whether "-----END type-----" is at *at, which is moved behind it. */
static enum ends read_end(struct bytes from, struct bytes type, size_t *at)
{
	const struct bytes parts[] = { bytes_of(end), type, bytes_of(dashes) };

	for (size_t i = 0; i < 3; i++) {
		struct bytes rest = bytes_skip(from, *at);

		if (rest.len < parts[i].len)
			return bytes_start(parts[i], rest) ? ENDS_OPEN : ENDS_BROKEN;
		if (!bytes_start(rest, parts[i]))
			return ENDS_BROKEN;
		*at += parts[i].len;
	}
	return ENDS_WELL;
}

/* The base64 of a body that begins at *at, which is moved behind the END line. */
static enum ends read_body(struct bytes from, struct bytes type, size_t *at, struct buf *to)
{
	size_t most = *at + MOST;
	enum ends ends = ENDS_WELL;

	while (ends == ENDS_WELL && *at < most) {
		uint8_t c;

		if (*at >= from.len)
			return ENDS_OPEN;
		c = from.at[*at];
		if (c == '-')
			return read_end(from, type, at);
		if (c == '\\') {
			ends = skip_escape(from, at);
		} else if (is_quote(c)) {
			ends = skip_joint(from, at);
		} else if (is_base64(c)) {
			buf_byte(to, c);
			(*at)++;
		} else if (is_space(c)) {
			(*at)++;
		} else {
			ends = ENDS_BROKEN;
		}
	}
	return ends == ENDS_OPEN ? ENDS_OPEN : ENDS_BROKEN;
}

static enum ends read_type(struct bytes from, size_t *at, struct bytes *ret)
{
	size_t i = *at;

	while (i < from.len && i - *at < TYPE &&
	       ((from.at[i] >= 'A' && from.at[i] <= 'Z') || (from.at[i] >= '0' && from.at[i] <= '9') ||
		from.at[i] == ' '))
		i++;
	*ret = (struct bytes){ from.at + *at, i - *at };
	*at = i;
	if (bytes_start(bytes_of(dashes), bytes_skip(from, i)) && from.len - i < strlen(dashes))
		return ENDS_OPEN;
	*at += strlen(dashes);
	return bytes_start(bytes_skip(from, i), bytes_of(dashes)) ? ENDS_WELL : ENDS_BROKEN;
}

/* The next BEGIN and what is behind it, the base64 in `body`. False: there is none from `pos` on. */
static bool block_next(struct bytes from, size_t pos, struct buf *body, struct block *ret)
{
	struct bytes rest = bytes_skip(from, pos);
	const uint8_t *hit = rest.len > 0 ? memmem(rest.at, rest.len, begin, BEGIN) : NULL;

	if (hit == NULL)
		return false;
	ret->at = (size_t)(hit - from.at);
	ret->after = ret->at + BEGIN;
	body->len = 0;
	ret->ends = read_type(from, &ret->after, &ret->type);
	if (ret->ends == ENDS_WELL)
		ret->ends = read_body(from, ret->type, &ret->after, body);
	if (ret->ends != ENDS_WELL)
		ret->after = ret->at + BEGIN;
	return true;
}

static bool is_private_key(struct bytes type)
{
	static const char tail[] = "PRIVATE KEY";
	size_t n = sizeof(tail) - 1;

	return type.len >= n && memcmp(type.at + type.len - n, tail, n) == 0;
}

static void add(const struct block *block, struct bytes body, struct buf *der, struct store *into)
{
	size_t len, wrong, before = into->count;

	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
		if (!bytes_equal(block->type, bytes_of(blocks[i].type)))
			continue;
		der->len = 0;
		if (base64_read(body, buf_room(der, base64_room(body.len)), &len, &wrong))
			blocks[i].read((struct bytes){ der->at, len }, block->at, into);
		else
			store_note(into, NOTE_WARN, block->at, "a %s block that is no base64 is passed over",
				   blocks[i].type);
	}
	for (; before < into->count; before++)
		into->anchors[before].origin.at = block->at;
	if (is_private_key(block->type))
		store_note(into, NOTE_WARN, block->at,
			   "a PRIVATE KEY (%.*s) is compiled in: whoever has this program has it",
			   (int)block->type.len, (const char *)block->type.at);
}

static void note_broken(const struct block *block, struct bytes body, struct store *into)
{
	bool began = body.len >= MANY;

	store_note(into, began ? NOTE_WARN : NOTE_INFO, block->at,
		   began ? "a PEM block is %s and is passed over"
			 : "a BEGIN line with no PEM behind it, as in code that handles PEM%s",
		   !began                     ? ""
		   : block->ends == ENDS_OPEN ? "cut, the file ends in it,"
					      : "broken off after some base64");
}

static bool embedded_read(struct bytes file, struct store *into, struct err *err)
{
	struct buf body = { 0 }, der = { 0 };
	struct block block = { .after = 0 };
	size_t anchors = into->count, notes = into->note_count;
	bool warned = false;

	if (into->how == NULL)
		into->how = "PEM found in a program, which is never written";
	while (block_next(file, block.after, &body, &block))
		if (block.ends == ENDS_WELL)
			add(&block, buf_view(&body), &der, into);
		else
			note_broken(&block, buf_view(&body), into);
	for (size_t i = notes; i < into->note_count; i++)
		warned = warned || into->notes[i].level > NOTE_INFO;
	buf_done(&body);
	buf_done(&der);
	return warned || into->count > anchors ||
	       err_set(err, ERR_ABSENT, "a program in which there is no certificate as PEM");
}

/* In front of a block that has not ended, or of what may be the start of a BEGIN. */
static size_t embedded_split(struct bytes part)
{
	struct buf body = { 0 };
	struct block block = { .after = 0 };
	size_t cut = part.len > BEGIN ? part.len - BEGIN : 0;

	while (block_next(part, block.after, &body, &block))
		if (block.ends == ENDS_OPEN) {
			cut = block.at < cut ? block.at : cut;
			break;
		}
	buf_done(&body);
	return block.after > cut && block.ends != ENDS_OPEN ? block.after : cut;
}

/* ELF; Mach-O of 64 bits; and what has Windows' PE header where "MZ" says. */
static int embedded_probe(struct bytes file)
{
	static const uint8_t elf[] = { 0x7f, 'E', 'L', 'F' }, mach[] = { 0xcf, 0xfa, 0xed, 0xfe };
	enum { SURE = 64, PE_AT = 0x3c }; /* more than PEM is of the blocks in it */
	size_t pe = file.len > PE_AT + 1 && bytes_start(file, bytes_of("MZ"))
			    ? file.at[PE_AT] | (size_t)file.at[PE_AT + 1] << 8
			    : SIZE_MAX;

	if (bytes_start(file, (struct bytes){ elf, sizeof(elf) }) ||
	    bytes_start(file, (struct bytes){ mach, sizeof(mach) }))
		return SURE;
	return pe < file.len && bytes_start(bytes_skip(file, pe),
					    (struct bytes){ (const uint8_t *)"PE\0\0", 4 })
		       ? SURE
		       : 0;
}

const struct format format_embedded = {
	.kind = { "embedded", "PEM compiled into a program", CAN_MANY },
	.probe = embedded_probe,
	.read = embedded_read,
	.split = embedded_split,
	.searched = true,
};
