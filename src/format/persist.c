/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "format/persist.h"

#include "base/base64.h"
#include "base/buf.h"
#include "format/armor.h"
#include "model/store.h"

static const char header[] = "[p11-kit-object-v1]";

/* A byte order mark. */
static const struct bytes mark = { (const uint8_t *)"\xef\xbb\xbf", 3 };

static bool space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static struct bytes trim(struct bytes text)
{
	while (text.len > 0 && space(text.at[0]))
		text = bytes_skip(text, 1);
	while (text.len > 0 && space(text.at[text.len - 1]))
		text.len--;
	return text;
}

static struct bytes line_at(struct bytes file, size_t pos)
{
	struct bytes rest = bytes_skip(file, pos);
	const uint8_t *newline = rest.len > 0 ? memchr(rest.at, '\n', rest.len) : NULL;

	if (newline != NULL)
		rest.len = (size_t)(newline - rest.at);
	return rest;
}

/* Notes what p11-kit gives the whole file up for. */
static void refuse(struct persist_at *at, size_t pos, const char *why)
{
	at->refused = true;
	store_note(at->notes, NOTE_WARN, pos, "%s", why);
}

bool persist_begins(struct bytes file)
{
	const uint8_t *hit = file.len > 0 ? memchr(file.at, header[0], file.len) : NULL;
	struct bytes rest =
		hit != NULL ? bytes_skip(file, (size_t)(hit - file.at)) : (struct bytes){ file.at, 0 };

	while (rest.len > 0 && (hit = memmem(rest.at, rest.len, header, strlen(header))) != NULL) {
		const uint8_t *start = hit;

		while (start > file.at && space(start[-1]) && start[-1] != '\n')
			start--;
		if (start == file.at || start[-1] == '\n' ||
		    (start == file.at + 3 && bytes_start(file, mark)))
			return true;
		rest = bytes_skip(file, (size_t)(hit - file.at) + 1);
	}
	return false;
}

static void set(struct persist_object *object, enum attribute_row attribute, struct bytes value)
{
	object->has |= 1u << attribute;
	object->value[attribute] = value;
}

/* What a PEM block says never takes the place of what a line said before. */
static void set_new(struct persist_object *object, enum attribute_row attribute, struct bytes value)
{
	if (!(object->has >> attribute & 1))
		set(object, attribute, value);
}

static struct bytes number_of(const uint64_t *number)
{
	return (struct bytes){ (const uint8_t *)number, sizeof(*number) };
}

/* The class as a set of one; no class yet could be any, a class that p11-kit does not store is none. */
static unsigned class_of(const struct persist_object *object)
{
	static const struct {
		uint64_t number;
		unsigned class;
	} rows[] = {
		{ OBJECT_DATA, CLASS_DATA },           { OBJECT_CERTIFICATE, CLASS_CERTIFICATE },
		{ OBJECT_EXTENSION, CLASS_EXTENSION }, { OBJECT_NSS_TRUST, CLASS_TRUST },
		{ OBJECT_NSS_ROOTS, CLASS_TRUST },     { OBJECT_ASSERTION, CLASS_TRUST },
	};
	uint64_t number;

	if (!persist_number(object, ATTRIBUTE_CLASS, &number))
		return CLASS_ANY;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].number == number)
			return rows[i].class;
	return 0;
}

static void read_field(struct persist_at *at, struct bytes line, size_t pos, struct persist_object *object,
		       unsigned *classes)
{
	const uint8_t *colon = memchr(line.at, ':', line.len);
	const struct attribute *attribute;
	struct bytes name, value, read;
	const char *why;
	bool known;

	if (colon == NULL) {
		refuse(at, pos, "neither a section, a field, a comment nor PEM");
		return;
	}
	if (at->skip)
		return;
	if (!at->open) {
		refuse(at, pos, "a field before the first section");
		return;
	}
	name = trim((struct bytes){ line.at, (size_t)(colon - line.at) });
	value = trim(bytes_skip(line, (size_t)(colon - line.at) + 1));
	attribute = attribute_of(name);
	if (attribute == NULL) {
		at->refused = true;
		store_note(at->notes, NOTE_WARN, pos, "the attribute '%.*s' is unknown",
			   (int)(name.len > 64 ? 64 : name.len), (const char *)name.at);
		return;
	}
	known = attribute_value(value, &at->arena, &read, &why);
	if (why != NULL)
		refuse(at, pos, why);
	if (!known)
		return;
	*classes &= attribute->classes;
	if (attribute->type == attributes[ATTRIBUTE_PUBLIC_KEY].type) /* it has two names */
		attribute = &attributes[ATTRIBUTE_PUBLIC_KEY];
	if (attribute < &attributes[ATTRIBUTE_ROWS])
		set(object, (enum attribute_row)(attribute - attributes), read);
}

/* The block that begins at `pos`, with its END line; empty if there is none. */
static struct bytes block_at(struct persist_at *at, size_t pos)
{
	static const char end[] = "\n-----END ";
	struct bytes rest = bytes_skip(at->file, pos);
	const uint8_t *hit = NULL;

	if (rest.len > 0 && !at->endless)
		hit = memmem(rest.at, rest.len, end, strlen(end));
	if (hit == NULL) {
		at->endless = true;
		return (struct bytes){ NULL, 0 };
	}
	rest.len = (size_t)(hit - rest.at) + 1;
	rest.len += line_at(at->file, pos + rest.len).len;
	return rest;
}

/*
 * Whether the last group of four has bits set that belong to no byte: everybody
 * passes over them, only p11-kit does not read such a block.
 */
static bool has_spare_bits(const struct armor *armor, struct bytes der)
{
	struct buf group = { 0 };
	size_t at = armor->body.len, k;

	base64_write(bytes_skip(der, der.len - der.len % 3), 0, &group);
	for (k = group.len; k > 0 && at > 0; at--)
		if (!space(armor->body.at[at - 1]) && armor->body.at[at - 1] != group.at[--k])
			break;
	buf_done(&group);
	return der.len % 3 != 0 && at > 0 && k > 0;
}

static void read_pem(struct persist_at *at, const struct armor *armor, size_t pos,
		     struct persist_object *object, unsigned *classes)
{
	static const uint64_t certificate = OBJECT_CERTIFICATE, x509 = 0;
	static const char key[] = "PRIVATE KEY";
	struct buf der = { 0 };
	size_t wrong;

	if (armor->type.len >= strlen(key) &&
	    memcmp(armor->type.at + armor->type.len - strlen(key), key, strlen(key)) == 0)
		refuse(at, pos,
		       "a PRIVATE KEY: a trust store must not hold one; whoever could read this file has it");
	else if (armor->cut || !armor_decode(armor, &der, &wrong))
		refuse(at, pos, "a PEM block that cannot be read is passed over");
	else if (has_spare_bits(armor, buf_view(&der)))
		refuse(at, pos, "a PEM block whose last character says more than it should is passed over");
	else if (bytes_equal(armor->type, bytes_of("PUBLIC KEY"))) {
		set_new(object, ATTRIBUTE_PUBLIC_KEY, arena_bytes(&at->arena, buf_view(&der)));
		*classes &= attributes[ATTRIBUTE_PUBLIC_KEY].classes;
	} else if (!bytes_equal(armor->type, bytes_of("CERTIFICATE")))
		refuse(at, pos, "a PEM block that is neither a certificate nor a public key is passed over");
	else if (object->has >> ATTRIBUTE_VALUE & 1)
		store_note(at->notes, NOTE_WARN, pos, "a second certificate in one section is not read");
	else {
		set_new(object, ATTRIBUTE_CLASS, number_of(&certificate));
		set_new(object, ATTRIBUTE_CERTIFICATE_TYPE, number_of(&x509));
		set_new(object, ATTRIBUTE_VALUE, arena_bytes(&at->arena, buf_view(&der)));
		*classes &= CLASS_CERTIFICATE;
	}
	buf_done(&der);
}

/* Reads the block at `pos` and returns how long it is. */
static size_t read_block(struct persist_at *at, size_t pos, struct persist_object *object, unsigned *classes)
{
	struct bytes block = block_at(at, pos);
	struct armor_at inside = { .line = 1 };
	struct armor armor;

	if (block.len == 0) {
		refuse(at, pos, "a PEM block without its END line is passed over");
		block = line_at(at->file, pos);
		while (pos + block.len < at->file.len) {
			struct bytes next = line_at(at->file, pos + block.len + 1);

			if (next.len > 0 && (next.at[0] == '[' || next.at[0] == '-'))
				break;
			block.len += next.len + 1;
		}
	} else if (!at->open && !at->skip) {
		refuse(at, pos, "a PEM block before the first section");
	} else if (at->open && armor_next(block, &inside, &armor)) {
		read_pem(at, &armor, pos, object, classes);
		if (armor_next(block, &inside, &armor))
			refuse(at, pos,
			       "a PEM block that ends within a line: the block behind it is passed over");
	}
	for (size_t i = 0; i < block.len; i++)
		at->line += block.at[i] == '\n';
	return block.len;
}

/* Begins a section. */
static void read_header(struct persist_at *at, struct bytes line, size_t pos)
{
	at->open = bytes_equal(line, bytes_of(header));
	at->skip = !at->open;
	at->header = pos;
	at->header_line = at->line;
	if (line.at[line.len - 1] != ']') {
		refuse(at, pos, "a section's header that does not end in ]");
	} else if (at->skip) {
		store_note(at->notes, NOTE_WARN, pos, "a section of an unknown name is passed over");
	}
}

static void check_classes(struct persist_at *at, const struct persist_object *object, unsigned classes)
{
	if ((class_of(object) & classes) == 0)
		store_note(at->notes, NOTE_WARN, object->at,
			   "an object with an attribute that its class does not have, or of a class "
			   "that "
			   "p11-kit does not store: it drops it "
			   "and all that follow");
}

bool persist_next(struct persist_at *at, struct persist_object *ret)
{
	unsigned classes = CLASS_ANY;

	if (at->line == 0)
		at->line = 1;
	arena_done(&at->arena);
	*ret = (struct persist_object){ .at = at->header, .line = at->header_line };
	if (at->pos == 0 && bytes_start(at->file, mark)) {
		refuse(at, 0, "p11-kit does not read a file that begins with a byte order mark");
		at->pos = mark.len;
	}
	while (at->pos < at->file.len) {
		size_t pos = at->pos;
		struct bytes raw = line_at(at->file, pos), line;

		if (bytes_start(raw, bytes_of("-----BEGIN "))) {
			at->pos += read_block(at, pos, ret, &classes);
			continue;
		}
		line = trim(raw);
		if (line.len > 0 && memchr(line.at, 0, line.len) != NULL)
			store_note(at->notes, NOTE_WARN, pos,
				   "a NUL byte: for p11-kit the line, or its value, ends there");
		if (line.len > 0 && line.at[0] == '[') {
			if (at->open) {
				at->open = false; /* the header is read again by the next call */
				check_classes(at, ret, classes);
				return true;
			}
			read_header(at, line, pos);
			ret->at = at->header;
			ret->line = at->header_line;
		} else if (line.len > 0 && line.at[0] != '#') {
			read_field(at, line, pos, ret, &classes);
		}
		at->pos += raw.len + 1;
		at->line++;
	}
	if (at->open) {
		at->open = false;
		check_classes(at, ret, classes);
		return true;
	}
	arena_done(&at->arena);
	return false;
}

bool persist_has(const struct persist_object *object, enum attribute_row attribute)
{
	return (object->has >> attribute & 1) && object->value[attribute].len > 0;
}

bool persist_true(const struct persist_object *object, enum attribute_row attribute)
{
	struct bytes value = object->value[attribute];

	return (object->has >> attribute & 1) && value.len == 1 && value.at[0] != 0;
}

bool persist_number(const struct persist_object *object, enum attribute_row attribute, uint64_t *ret)
{
	struct bytes value = object->value[attribute];

	if (!(object->has >> attribute & 1) || value.len != sizeof(*ret))
		return false;
	memcpy(ret, value.at, sizeof(*ret));
	return true;
}

void persist_write_object(struct buf *to)
{
	buf_print(to, "%s%s\n", to->len > 0 ? "\n" : "", header);
}

void persist_write_word(struct buf *to, enum attribute_row attribute, const char *word)
{
	buf_print(to, "%s: %s\n", attributes[attribute].name, word);
}

void persist_write_true(struct buf *to, enum attribute_row attribute)
{
	persist_write_word(to, attribute, "true");
}

void persist_write(struct buf *to, enum attribute_row attribute, struct bytes value)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-. ";

	buf_print(to, "%s: \"", attributes[attribute].name);
	for (size_t i = 0; i < value.len; i++)
		if (value.at[i] != 0 && strchr(plain, value.at[i]) != NULL)
			buf_byte(to, value.at[i]);
		else
			buf_print(to, "%%%02x", value.at[i]);
	buf_text(to, "\"\n");
}
