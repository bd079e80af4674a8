/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "format/certdata_text.h"

#include "base/buf.h"
#include "base/text.h"
#include "model/store.h"

static const char class_line[] = "CKA_CLASS CK_OBJECT_CLASS ";

static const struct {
	const char *name;
	unsigned row; /* CERTDATA_ROWS: says nothing here */
} names[] = {
	{ "CKA_CLASS", CERTDATA_CLASS },
	{ "CKA_CERTIFICATE_TYPE", CERTDATA_TYPE },
	{ "CKA_LABEL", CERTDATA_LABEL },
	{ "CKA_ISSUER", CERTDATA_ISSUER },
	{ "CKA_SERIAL_NUMBER", CERTDATA_SERIAL },
	{ "CKA_VALUE", CERTDATA_VALUE },
	{ "CKA_CERT_SHA1_HASH", CERTDATA_SHA1 },
	{ "CKA_CERT_MD5_HASH", CERTDATA_MD5 },
	{ "CKA_NSS_MOZILLA_CA_POLICY", CERTDATA_POLICY },
	{ "CKA_NSS_SERVER_DISTRUST_AFTER", CERTDATA_SERVER_AFTER },
	{ "CKA_NSS_EMAIL_DISTRUST_AFTER", CERTDATA_EMAIL_AFTER },
	{ "CKA_TOKEN", CERTDATA_ROWS },
	{ "CKA_PRIVATE", CERTDATA_ROWS },
	{ "CKA_MODIFIABLE", CERTDATA_ROWS },
	{ "CKA_ID", CERTDATA_ROWS },
	{ "CKA_SUBJECT", CERTDATA_ROWS },
	{ "CKA_URL", CERTDATA_ROWS },
	{ "CKA_TRUST_DIGITAL_SIGNATURE", CERTDATA_ROWS },
	{ "CKA_TRUST_NON_REPUDIATION", CERTDATA_ROWS },
	{ "CKA_TRUST_KEY_ENCIPHERMENT", CERTDATA_ROWS },
	{ "CKA_TRUST_DATA_ENCIPHERMENT", CERTDATA_ROWS },
	{ "CKA_TRUST_KEY_AGREEMENT", CERTDATA_ROWS },
	{ "CKA_TRUST_KEY_CERT_SIGN", CERTDATA_ROWS },
	{ "CKA_TRUST_CRL_SIGN", CERTDATA_ROWS },
	{ "CKA_TRUST_STEP_UP_APPROVED", CERTDATA_ROWS },
};

/* One line, or what is left of it. */
struct line {
	struct bytes text; /* without its end and white space around it */
	size_t at;
	unsigned number;
	bool ended; /* there is a newline */
};

/* False at the end of the file. The reader is moved behind it. */
static bool next_line(struct certdata_text *in, struct line *ret)
{
	struct bytes rest = bytes_skip(in->file, in->pos);
	const uint8_t *end = rest.len > 0 ? memchr(rest.at, '\n', rest.len) : NULL;

	if (rest.len == 0)
		return false;
	ret->at = in->pos;
	ret->number = ++in->line;
	ret->ended = end != NULL;
	ret->text = rest;
	if (end != NULL)
		ret->text.len = (size_t)(end - rest.at);
	in->pos += ret->text.len + (end != NULL);
	ret->text = text_trim(ret->text);
	return true;
}

static void back(struct certdata_text *in, const struct line *line)
{
	in->pos = line->at;
	in->line = line->number - 1;
}

/* What stands before a # that is not between quotation marks. */
static struct bytes uncommented(struct bytes text)
{
	bool quoted = false;

	for (size_t i = 0; i < text.len; i++) {
		if (quoted && text.at[i] == '\\')
			i++;
		else if (text.at[i] == '"')
			quoted = !quoted;
		else if (text.at[i] == '#' && !quoted)
			return text_trim((struct bytes){ text.at, i });
	}
	return text;
}

/* The first word of *rest, which is moved behind it. */
static struct bytes word(struct bytes *rest)
{
	struct bytes ret = { rest->at, 0 };

	while (ret.len < rest->len && !text_white(ret.at[ret.len]))
		ret.len++;
	*rest = text_trim(bytes_skip(*rest, ret.len));
	return ret;
}

static int digit(uint8_t c, int base)
{
	uint8_t low = c | 0x20;
	int value = c >= '0' && c <= '9' ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : base;

	return value < base ? value : -1;
}

/* Up to `most` digits at text.at[*at], which is moved behind them; -1: there is none. */
static int number(struct bytes text, size_t *at, int base, size_t most)
{
	int ret = -1;

	for (size_t end = *at + most; *at < end && *at < text.len && digit(text.at[*at], base) >= 0; ++*at)
		ret = (ret < 0 ? 0 : ret * base) + digit(text.at[*at], base);
	return ret;
}

/* \ooo, any number of them. False: something else stands there. */
static bool octal(struct bytes text, struct buf *to)
{
	for (size_t i = 0; i < text.len;) {
		size_t from = ++i;
		int byte = text.at[from - 1] == '\\' ? number(text, &i, 8, 3) : -1;

		if (i != from + 3 || byte < 0 || byte > 0xff)
			return false;
		buf_byte(to, (unsigned)byte);
	}
	return true;
}

/* The inside of "…", which is a string of Perl and of C at once: \xHH, \ooo, and \ before anything else. */
static bool quoted(struct bytes text, struct buf *to)
{
	if (text.len < 2 || text.at[0] != '"' || text.at[text.len - 1] != '"')
		return false;
	text = (struct bytes){ text.at + 1, text.len - 2 };
	for (size_t i = 0; i < text.len;) {
		uint8_t c = text.at[i++];
		int byte = -1;

		if (c == '"' || (c == '\\' && i == text.len))
			return false;
		if (c == '\\' && (text.at[i] == 'x' || text.at[i] == 'X'))
			byte = number(text, (i++, &i), 16, 2);
		else if (c == '\\' && digit(text.at[i], 8) >= 0)
			byte = number(text, &i, 8, 3);
		else if (c == '\\')
			byte = text.at[i] == 'n'   ? (i++, '\n')
			       : text.at[i] == 't' ? (i++, '\t')
						   : text.at[i++];
		else
			byte = c;
		if (byte < 0 || byte > 0xff)
			return false;
		buf_byte(to, (unsigned)byte);
	}
	return true;
}

/* The lines up to END. False: they end with something else, which is noted. */
static bool read_lines(struct certdata_text *in, const struct line *first, struct buf *to)
{
	struct line line;

	while (next_line(in, &line)) {
		if (bytes_equal(line.text, bytes_of("END")))
			return true;
		if (octal(line.text, to))
			continue;
		store_note(
			in->notes, NOTE_ERROR, line.at,
			"the value that begins in line %u goes on with something else than \\ooo: it is not "
			"read",
			first->number);
		if (bytes_start(line.text, bytes_of("CKA_")))
			back(in, &line);
		return false;
	}
	store_note(in->notes, NOTE_ERROR, first->at, "the file is cut within a value: there is no END");
	return false;
}

/* The value behind a name. False: it cannot be read, which is noted; an error unless it says nothing here. */
static bool read_value(struct certdata_text *in, const struct line *line, unsigned row, struct bytes rest,
		       struct bytes *ret)
{
	static const uint8_t truth[] = { 0, 1 };
	struct bytes type = word(&rest);
	struct buf value = { 0 };
	bool ok;

	if (bytes_equal(type, bytes_of("MULTILINE_OCTAL")) && rest.len == 0) {
		ok = read_lines(in, line, &value);
	} else {
		if (bytes_equal(type, bytes_of("UTF8")))
			ok = quoted(rest, &value);
		else if (bytes_equal(type, bytes_of("OCTAL")))
			ok = rest.len > 1 && rest.at[0] == '"' && rest.at[rest.len - 1] == '"' &&
			     octal((struct bytes){ rest.at + 1, rest.len - 2 }, &value);
		else
			ok = bytes_start(type, bytes_of("CK_")) && rest.len > 0;
		if (!ok)
			store_note(in->notes,
				   row == CERTDATA_ROWS || row == CERTDATA_LABEL ? NOTE_WARN : NOTE_ERROR,
				   line->at, "a value that cannot be read is passed over");
	}
	if (ok && bytes_equal(type, bytes_of("CK_BBOOL")))
		*ret = (struct bytes){ truth + bytes_equal(rest, bytes_of("CK_TRUE")), 1 };
	else if (ok && bytes_start(type, bytes_of("CK_")))
		*ret = rest;
	else if (ok)
		*ret = arena_bytes(&in->arena, buf_view(&value));
	buf_done(&value);
	return ok;
}

static unsigned row_of(struct bytes name, bool *ret_known)
{
	struct bytes purpose = bytes_skip(name, strlen("CKA_TRUST_"));

	*ret_known = true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (bytes_equal(name, bytes_of(names[i].name)))
			return names[i].row;
	for (unsigned p = 0; p < PURPOSE_ROWS && bytes_start(name, bytes_of("CKA_TRUST_")); p++)
		if (purposes[p].mozilla != NULL && bytes_equal(purpose, bytes_of(purposes[p].mozilla)))
			return CERTDATA_TRUST + p;
	*ret_known = false;
	return CERTDATA_ROWS;
}

/* A PEM block holds what NSS does not see, and what somebody put there all the same. */
static void pass_over(struct certdata_text *in, const struct line *line, const char *what)
{
	if (bytes_start(line->text, bytes_of("-----BEGIN ")))
		store_note(in->notes, NOTE_ERROR, line->at, "a PEM block between the objects is not read");
	else
		store_note(in->notes, NOTE_WARN, line->at, "%s is passed over", what);
}

static void read_attribute(struct certdata_text *in, const struct line *line, struct certdata_object *to)
{
	struct bytes rest = uncommented(line->text), name = word(&rest), value;
	bool known;
	unsigned row = row_of(name, &known);

	if (!bytes_start(name, bytes_of("CKA_"))) {
		pass_over(in, line, "a line that is no attribute");
		return;
	}
	if (!known)
		store_note(in->notes, NOTE_INFO, line->at, "the attribute '%.*s' is not known here",
			   name.len < 64 ? (int)name.len : 64, (const char *)name.at);
	if (!read_value(in, line, row, rest, &value) || row == CERTDATA_ROWS)
		return;
	if (certdata_has(to, row)) {
		store_note(in->notes, NOTE_WARN, line->at, "the second '%.*s' of an object is passed over",
			   (int)name.len, (const char *)name.at);
		return;
	}
	to->has |= UINT32_C(1) << row;
	to->value[row] = value;
}

static bool is_class(const struct line *line)
{
	struct bytes rest = line->text;

	return bytes_equal(word(&rest), bytes_of("CKA_CLASS"));
}

static bool says_something(const struct line *line)
{
	return line->text.len > 0 && line->text.at[0] != '#';
}

static void check_end(struct certdata_text *in, const struct line *line)
{
	if (!line->ended && line->text.len > 0)
		store_note(in->notes, NOTE_WARN, line->at,
			   "the last line has no end: the file may have been cut");
}

/* The line of the next class. What stands before the first one is a header. */
static bool find_class(struct certdata_text *in, struct line *ret)
{
	while (next_line(in, ret)) {
		check_end(in, ret);
		if (is_class(ret))
			return true;
		if (says_something(ret) && !bytes_equal(ret->text, bytes_of("BEGINDATA")) &&
		    !bytes_start(ret->text, bytes_of("CVS_ID ")))
			pass_over(in, ret, "a line before the first object");
	}
	return false;
}

bool certdata_begins(struct bytes file)
{
	const uint8_t *hit;
	struct bytes rest = file;

	while (rest.len > 0 &&
	       (hit = memmem(rest.at, rest.len, class_line, sizeof(class_line) - 1)) != NULL) {
		if (hit == file.at || hit[-1] == '\n')
			return true;
		rest = bytes_skip(rest, (size_t)(hit - rest.at) + 1);
	}
	return false;
}

/* An object goes on to the next class: blank lines and comments may stand anywhere, as for certdata.perl. */
bool certdata_next(struct certdata_text *in, struct certdata_object *ret)
{
	struct line line;

	arena_done(&in->arena);
	in->arena = (struct arena){ 0 };
	*ret = (struct certdata_object){ 0 };
	if (!find_class(in, &line))
		return false;
	ret->at = line.at;
	ret->line = line.number;
	read_attribute(in, &line, ret);
	while (next_line(in, &line)) {
		if (is_class(&line)) {
			back(in, &line);
			return true;
		}
		check_end(in, &line);
		if (says_something(&line))
			read_attribute(in, &line, ret);
	}
	return true;
}
