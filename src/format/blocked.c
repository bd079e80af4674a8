/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Java's blocked.certs, lib/security/blocked.certs of a JDK: certificates that no
 * Java program accepts, by their fingerprint. A properties file
 * (sun.security.util.UntrustedCertificates reads it).
 *
 *   file = *( "Algorithm=SHA-256" | fingerprint | comment ), one a line
 *
 * The fingerprint is that of the DER, in hex, colons do not matter. Java takes
 * another algorithm for all lines if it is named; it never was.
 */
#include "base/err.h"
#include "base/text.h"
#include "format/format.h"
#include "model/store.h"

static const char algorithm[] = "Algorithm";

/* The line at *pos, which is moved behind it; *ret_ended: it has a newline. */
static struct bytes line_at(struct bytes file, size_t *pos, bool *ret_ended)
{
	struct bytes rest = bytes_skip(file, *pos);
	const uint8_t *end = rest.len > 0 ? memchr(rest.at, '\n', rest.len) : NULL;

	*ret_ended = end != NULL;
	if (end != NULL)
		rest.len = (size_t)(end - rest.at);
	*pos += rest.len + (end != NULL);
	return text_trim(rest);
}

static bool says_nothing(struct bytes line)
{
	return line.len == 0 || line.at[0] == '#' || line.at[0] == '!';
}

/* The value of "Algorithm=…", with : or a space for the = as in any properties file. */
static bool is_algorithm(struct bytes line, struct bytes *ret)
{
	struct bytes rest = bytes_skip(line, sizeof(algorithm) - 1);

	if (!bytes_start(line, bytes_of(algorithm)) || rest.len == 0 ||
	    (!text_white(rest.at[0]) && rest.at[0] != '=' && rest.at[0] != ':'))
		return false;
	rest = text_trim(rest);
	if (rest.len > 0 && (rest.at[0] == '=' || rest.at[0] == ':'))
		rest = text_trim(bytes_skip(rest, 1));
	*ret = rest;
	return true;
}

static int digit(uint8_t c)
{
	uint8_t low = c | 0x20;

	return c >= '0' && c <= '9' ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

static bool is_fingerprint(struct bytes line, uint8_t ret[ID_LEN])
{
	size_t digits = 0;

	for (size_t i = 0; i < line.len; i++) {
		int value = digit(line.at[i]);

		if (line.at[i] == ':')
			continue;
		if (value < 0 || digits == (size_t)2 * ID_LEN)
			return false;
		ret[digits / 2] = (uint8_t)(digits % 2 == 0 ? value << 4 : ret[digits / 2] | value);
		digits++;
	}
	return digits == (size_t)2 * ID_LEN;
}

/* The line that says the algorithm, behind nothing but comments and fingerprints. */
static bool find_algorithm(struct bytes file, struct bytes *ret)
{
	uint8_t id[ID_LEN];
	bool ended;

	for (size_t pos = 0; pos < file.len;) {
		struct bytes line = line_at(file, &pos, &ended);

		if (is_algorithm(line, ret))
			return true;
		if (!says_nothing(line) && !is_fingerprint(line, id))
			return false;
	}
	return false;
}

static int blocked_probe(struct bytes file)
{
	struct bytes name;

	return find_algorithm(file, &name) ? 8 * (int)sizeof(algorithm) : 0;
}

static void read_line(struct bytes line, size_t at, unsigned number, struct store *into)
{
	struct anchor *anchor;
	uint8_t id[ID_LEN];

	if (!is_fingerprint(line, id)) {
		store_note(into, NOTE_ERROR, at,
			   "a line that is no SHA-256 fingerprint: what it was to block is not known");
		return;
	}
	anchor = store_add_fingerprint(into, id);
	anchor->distrusted = PURPOSES_ALL;
	anchor->origin.line = number;
}

static bool blocked_read(struct bytes file, struct store *into, struct err *err)
{
	struct bytes name;
	size_t pos = 0, before = into->count;
	bool ended = true;

	if (!find_algorithm(file, &name))
		return err_set(err, ERR_DAMAGED, "no line 'Algorithm=SHA-256'");
	if (!bytes_equal(name, bytes_of("SHA-256")))
		return err_set(err, ERR_UNSUPPORTED, "fingerprints by '%.*s' are not read, only by SHA-256",
			       name.len < 64 ? (int)name.len : 64, (const char *)name.at);
	for (unsigned number = 1; pos < file.len; number++) {
		size_t at = pos;
		struct bytes line = line_at(file, &pos, &ended);

		if (!says_nothing(line) && !is_algorithm(line, &name))
			read_line(line, at, number, into);
	}
	if (!ended)
		store_note(into, NOTE_WARN, file.len, "the last line has no end: the file may have been cut");
	if (into->count == before)
		store_note(into, NOTE_INFO, 0, "nothing is blocked");
	return true;
}

const struct format format_blocked = {
	.kind = { "blocked", "Java's blocked.certs: fingerprints that are never trusted",
		  CAN_DISTRUST | CAN_NO_CERTIFICATE | CAN_MANY },
	.probe = blocked_probe,
	.read = blocked_read,
};
