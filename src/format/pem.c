/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PEM bundles (RFC 7468): any number of blocks with text between them. The block
 * types have rows below. The text in front of a block may name it:
 *
 *   Label            curl's cacert.pem
 *   =====
 *   # label          trust extract --comment
 *   # Label: "x"     certifi, with other comments below it
 *   friendlyName: x  openssl pkcs12 -nokeys
 *
 * A bundle says nothing of purposes: each certificate is an anchor for all.
 */
#include "base/buf.h"
#include "base/err.h"
#include "format/amend.h"
#include "format/armor.h"
#include "format/certdata_text.h"
#include "format/format.h"
#include "format/payload.h"
#include "format/persist.h"
#include "model/anchor.h"
#include "model/der.h"
#include "model/pick.h"
#include "model/store.h"

/* Some tools write PKCS#7 under the name of a certificate. */
static size_t certificate(struct bytes der, size_t at, struct store *into)
{
	return payload_is_pkcs7(der) ? payload_pkcs7(der, at, into) : payload_certificate(der, at, into);
}

/* Block types; a type without a reader is passed over with its note. */
static const struct block {
	const char *type;
	size_t (*read)(struct bytes der, size_t at, struct store *into);
	enum note_level level;
	const char *note;
} blocks[] = {
	{ "CERTIFICATE", certificate, 0, NULL },
	{ "X509 CERTIFICATE", certificate, 0, NULL },
	{ "TRUSTED CERTIFICATE", payload_trusted, 0, NULL },
	{ "PKCS7", payload_pkcs7, 0, NULL },
	{ "PKCS #7 SIGNED DATA", payload_pkcs7, 0, NULL },
	{ "CMS", payload_pkcs7, 0, NULL },
	{ "X509 CRL", NULL, NOTE_INFO, "a revocation list" },
	{ "CERTIFICATE REQUEST", NULL, NOTE_INFO, "a certificate request" },
	{ "NEW CERTIFICATE REQUEST", NULL, NOTE_INFO, "a certificate request" },
	{ "ATTRIBUTE CERTIFICATE", NULL, NOTE_INFO, "an attribute certificate" },
	{ "PUBLIC KEY", NULL, NOTE_INFO, "a public key" },
	{ "DH PARAMETERS", NULL, NOTE_INFO, "key parameters" },
	{ "EC PARAMETERS", NULL, NOTE_INFO, "key parameters" },
};

static bool is_private_key(struct bytes type)
{
	static const char tail[] = "PRIVATE KEY";
	size_t n = sizeof(tail) - 1;

	return type.len >= n && memcmp(type.at + type.len - n, tail, n) == 0;
}

static const struct block *block_of(struct bytes type)
{
	for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
		if (bytes_equal(bytes_of(blocks[i].type), type))
			return &blocks[i];
	return NULL;
}

/* The last line of *text, without its end and the white space around it; *text is cut before it. */
static struct bytes last_line(struct bytes *text)
{
	const uint8_t *newline;
	struct bytes line;

	while (text->len > 0 && (text->at[text->len - 1] == '\n' || text->at[text->len - 1] == '\r'))
		text->len--;
	newline = text->len > 0 ? memrchr(text->at, '\n', text->len) : NULL;
	line = newline != NULL ? bytes_skip(*text, (size_t)(newline - text->at) + 1) : *text;
	text->len -= line.len;
	while (line.len > 0 && (line.at[0] == ' ' || line.at[0] == '\t'))
		line = bytes_skip(line, 1);
	while (line.len > 0 && (line.at[line.len - 1] == ' ' || line.at[line.len - 1] == '\t'))
		line.len--;
	return line;
}

static bool underline(struct bytes line)
{
	for (size_t i = 0; i < line.len; i++)
		if (line.at[i] != '=')
			return false;
	return line.len > 0;
}

/* Lines that say of themselves that they are the name. */
static const struct {
	const char *before, *behind;
} named[] = {
	{ "# Label: \"", "\"" },
	{ "friendlyName: ", "" },
};

static bool named_in(struct bytes line, struct bytes *ret)
{
	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]); i++) {
		size_t before = strlen(named[i].before), behind = strlen(named[i].behind);

		if (!bytes_start(line, bytes_of(named[i].before)) || line.len < before + behind)
			continue;
		*ret = (struct bytes){ line.at + before, line.len - before - behind };
		return true;
	}
	return false;
}

static struct bytes label_in(struct bytes gap)
{
	struct bytes rest = gap, last = last_line(&gap), line = last_line(&rest), label;

	for (; line.len > 0 || rest.len > 0; line = last_line(&rest))
		if (named_in(line, &label))
			return label;
	if (underline(last))
		return last_line(&gap);
	if (last.len < 2 || last.at[0] != '#' || last.at[1] == '#')
		return (struct bytes){ NULL, 0 };
	do
		last = bytes_skip(last, 1);
	while (last.len > 0 && last.at[0] == ' ');
	return last;
}

static bool inventory_begins(struct bytes text)
{
	static const char key[] = "\"anchors\"";

	while (text.len > 0 && (text.at[0] <= ' ' || text.at[0] >= 0x80)) /* a byte order mark, too */
		text = bytes_skip(text, 1);
	return text.len > 0 && text.at[0] == '{' && memmem(text.at, text.len, key, sizeof(key) - 1) != NULL;
}

/* What another format says in the same file, perhaps that something is distrusted. */
static void note_others(const struct armor *armor, struct store *into)
{
	static const struct {
		bool (*begins)(struct bytes text);
		const char *what;
	} others[] = {
		{ certdata_begins, "objects of certdata.txt" },
		{ persist_begins, "sections of p11-kit's format" },
		{ inventory_begins, "an inventory" },
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].begins(armor->gap))
			store_note(into, NOTE_ERROR, armor->gap_at,
				   "%s beside PEM blocks: only the blocks are read; put each into a file of "
				   "its own",
				   others[i].what);
}

/* What only looks like text between the blocks: DER that a careless `cat` left there, and damaged blocks. */
static void note_gap(const struct armor *armor, bool last, struct store *into)
{
	struct bytes gap = armor->gap;
	size_t found = 0, stray;
	const char *text;
	bool der = gap.len > 0 &&
		   memchr(gap.at, DER_INTEGER, gap.len) != NULL; /* no text has it, every certificate */

	for (size_t i = 0; der && i < gap.len; i++) {
		struct bytes rest = bytes_skip(gap, i);
		size_t size;

		if (rest.at[0] != DER_SEQUENCE || !payload_is_certificate(rest))
			continue;
		size = der_size(rest);
		if (size > rest.len || size < 64)
			continue;
		store_note(into, NOTE_WARN, armor->gap_at + i,
			   "a DER certificate of %zu bytes between PEM blocks: no reader of PEM sees it, it "
			   "is not trusted",
			   size);
		found++;
		i += size - 1;
	}
	if (found == 0 && gap.len > 0 && memchr(gap.at, 0, gap.len) != NULL)
		store_note(into, NOTE_WARN, armor->gap_at, "%zu bytes that are neither text nor PEM",
			   gap.len);
	text = armor_stray(gap, last, &stray);
	if (text != NULL)
		store_note(into,
			   bytes_start(bytes_skip(gap, stray), bytes_of("-----END ")) ? NOTE_WARN
										      : NOTE_ERROR,
			   armor->gap_at + stray, "%s", text);
}

static void read_block(const struct armor *armor, bool last, struct buf *room, struct store *into)
{
	const struct block *block = block_of(armor->type);
	bool rejects = block != NULL && block->read == payload_trusted; /* perhaps it does */
	size_t before = into->count, wrong;
	struct bytes label;

	if (is_private_key(armor->type)) {
		store_note(into, NOTE_WARN, armor->at,
			   "a PRIVATE KEY (%.*s) is passed over; a server's own file may hold one, a trust "
			   "store must not: whoever can read this file has it",
			   (int)(armor->type.len > 64 ? 64 : armor->type.len), (const char *)armor->type.at);
		return;
	}
	if (block == NULL || block->read == NULL) {
		store_note(into, block == NULL ? NOTE_WARN : block->level, armor->at,
			   "%s (%.*s) is passed over",
			   block == NULL ? "a block of an unknown type" : block->note,
			   (int)(armor->type.len > 64 ? 64 : armor->type.len), (const char *)armor->type.at);
		return;
	}
	if (armor->cut) {
		store_note(into, last || rejects ? NOTE_ERROR : NOTE_WARN, armor->at,
			   "a %s block without its END line is passed over%s; OpenSSL and GnuTLS "
			   "then read nothing of the file",
			   block->type, last ? ", the file ends in it" : "");
		return;
	}
	room->len = 0;
	if (!armor_decode(armor, room, &wrong)) {
		store_note(into, rejects ? NOTE_ERROR : NOTE_WARN, wrong,
			   "a %s block that is no base64 is passed over", block->type);
		return;
	}
	block->read(buf_view(room), armor->at, into);
	label = armor->gap.len > 0 ? label_in(armor->gap) : armor->gap;
	for (size_t i = before; i < into->count; i++) {
		into->anchors[i].origin.line = armor->line;
		if (label.len > 0 && into->anchors[i].label[0] == '\0')
			store_label(into, &into->anchors[i], label);
	}
}

static int pem_probe(struct bytes file)
{
	struct armor_at at = { .line = 1 };
	struct armor armor;
	int bits = 0;

	while (bits < 60 && armor_next(file, &at, &armor))
		bits = block_of(armor.type) != NULL && block_of(armor.type)->read != NULL ? 60 : 30;
	return bits;
}

struct bytes payload_pem_type(struct bytes file)
{
	struct armor_at at = { .line = 1 };
	struct armor armor;

	return armor_next(file, &at, &armor) ? armor.type : (struct bytes){ NULL, 0 };
}

bool payload_pem(struct bytes file, struct store *into, struct err *err)
{
	struct armor_at at = { .line = 1 };
	struct buf room = { 0 };
	struct armor armor;
	size_t count = 0;

	for (; armor_next(file, &at, &armor); count++) {
		note_gap(&armor, false, into);
		note_others(&armor, into);
		if (armor.odd != NULL)
			store_note(into, NOTE_WARN, armor.at, "a block that not everyone reads: %s",
				   armor.odd);
		read_block(&armor, at.pos == file.len, &room, into);
	}
	note_gap(&armor, true, into);
	note_others(&armor, into);
	buf_done(&room);
	return count > 0 || err_set(err, ERR_ABSENT, "no PEM block");
}

/* Whether an END line is there in full and nothing else stands on it; *ret_len is its length. */
static bool whole_end_line(struct bytes rest, size_t *ret_len)
{
	static const char end[] = "-----END ", begin[] = "-----BEGIN ";
	const uint8_t *newline = bytes_start(rest, bytes_of(end)) ? memchr(rest.at, '\n', rest.len) : NULL;

	if (newline == NULL)
		return false;
	*ret_len = (size_t)(newline - rest.at) + 1;
	return memmem(rest.at, *ret_len, begin, sizeof(begin) - 1) == NULL;
}

/* Behind the last END line of a block: what names the next one stays with it. */
static size_t pem_split(struct bytes part)
{
	static const char begin[] = "-----BEGIN ";
	const uint8_t *first = part.len > 0 ? memmem(part.at, part.len, begin, sizeof(begin) - 1) : NULL,
		      *dash;
	size_t len = first != NULL ? part.len : 0, line;

	while (len > 0 && (dash = memrchr(part.at, '-', len)) != NULL && dash > first) {
		len = (size_t)(dash - part.at);
		if (whole_end_line(bytes_skip(part, len), &line))
			return len + line;
	}
	return 0;
}

static bool pem_write(const struct pick *from, const struct style *style, struct buf *to, struct err *err)
{
	struct buf name = { 0 };

	(void)err;
	for (size_t i = 0; i < from->count; i++) {
		const struct anchor *anchor = from->anchors[i];

		if (anchor->names != ANCHOR_CERTIFICATE)
			continue;
		if (style->comments) {
			name.len = 0;
			anchor_name(anchor, &name);
			armor_comment(to, buf_view(&name));
		}
		armor_write(to, "CERTIFICATE", anchor->cert.der);
	}
	buf_done(&name);
	return true;
}

const struct format format_pem = {
	.kind = { "pem", "PEM bundle", CAN_MANY | CAN_LABEL },
	.probe = pem_probe,
	.read = payload_pem,
	.split = pem_split,
	.write = pem_write,
	.amend = pem_amend,
};
