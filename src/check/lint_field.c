/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows of the profile about fields, keys and names. */
#include "check/lint.h"

#include "base/buf.h"
#include "check/host.h"
#include "check/point.h"
#include "check/question.h"
#include "model/der.h"
#include "model/general_name.h"
#include "model/key.h"
#include "model/name.h"

static bool subject_empty(const struct lint_view *view)
{
	struct name_part part;
	size_t at = 0;

	return !name_next(view->cert->subject, &at, &part);
}

bool lint_ca_without_subject(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return subject_empty(view) && (view->cert->ca || view->where != LINT_LEAF);
}

bool lint_serial_long(const struct lint_view *view, struct buf *more)
{
	if (!cert_is_odd(view->cert, ODD_SERIAL_LONG))
		return false;
	buf_print(more, "it has %zu", view->cert->serial.len);
	return true;
}

bool lint_serial_negative(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return cert_is_odd(view->cert, ODD_SERIAL_NEGATIVE);
}

bool lint_serial_zero(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return cert_is_odd(view->cert, ODD_SERIAL_ZERO);
}

bool lint_version(const struct lint_view *view, struct buf *more)
{
	if (view->cert->version == 3)
		return false;
	buf_print(more, "it has version %u", view->cert->version);
	return true;
}

bool lint_key_dsa(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return strcmp(key_of(view->cert).type, "DSA") == 0;
}

bool lint_key_modulus(const struct lint_view *view, struct buf *more)
{
	struct key key = key_of(view->cert);

	if (strncmp(key.type, "RSA", 3) != 0 || key.bits % 8 == 0)
		return false;
	buf_print(more, "it has %u bits", key.bits);
	return true;
}

/* RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }, both odd, the second 3 at least. */
static const char *rsa_fault(struct bytes octets)
{
	struct cursor outer = der_into(octets), in = der_into(der_take(&outer, DER_SEQUENCE));
	struct bytes modulus = der_take(&in, DER_INTEGER), exponent = der_take(&in, DER_INTEGER);

	if (!der_ended(&in) || !der_ended(&outer) || modulus.len == 0 || exponent.len == 0)
		return "no modulus and exponent";
	if ((modulus.at[0] | exponent.at[0]) & 0x80)
		return "a modulus or an exponent below zero";
	if (!(modulus.at[modulus.len - 1] & 1))
		return "an even modulus";
	if (!(exponent.at[exponent.len - 1] & 1) || (exponent.len == 1 && exponent.at[0] == 1))
		return "an exponent that nothing can be encrypted with";
	return NULL;
}

/* Of other kinds of keys nothing is known that could be wrong. */
bool lint_key_malformed(const struct lint_view *view, struct buf *more)
{
	struct key key = key_of(view->cert);
	struct bytes octets = view->cert->key;
	const char *fault = NULL;

	if (strncmp(key.type, "RSA", 3) == 0) {
		fault = rsa_fault(octets);
	} else if (strcmp(key.type, "EC") == 0) {
		enum point_form form = point_form(key.curve, octets);

		fault = form != POINT_GOOD && form != POINT_UNKNOWN ? point_words[form] : NULL;
	} else if (strncmp(key.type, "Ed", 2) == 0 && octets.len != (key.bits + 7) / 8) {
		fault = "of another length than its kind has";
	}
	if (fault != NULL)
		buf_text(more, fault);
	return fault != NULL;
}

bool lint_key_curve(const struct lint_view *view, struct buf *more)
{
	struct key key = key_of(view->cert);

	if (strcmp(key.type, "EC") != 0)
		return false;
	if (key.curve != NULL && (strcmp(key.curve, "P-256") == 0 || strcmp(key.curve, "P-384") == 0 ||
				  strcmp(key.curve, "P-521") == 0))
		return false;
	buf_text(more, key.curve != NULL ? key.curve : "unnamed, or unknown here");
	return true;
}

bool lint_alt_name_not_critical(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return subject_empty(view) && !(view->cert->critical >> EXT_SUBJECT_ALT_NAME & 1);
}

bool lint_alt_name_critical(const struct lint_view *view, struct buf *more)
{
	(void)more;
	return !subject_empty(view) && view->cert->critical >> EXT_SUBJECT_ALT_NAME & 1;
}

static struct bytes alt_names(const struct lint_view *view)
{
	struct cursor in = der_into(view->cert->ext[EXT_SUBJECT_ALT_NAME]);

	return der_take(&in, DER_SEQUENCE);
}

/* They matter where a name is asked for, or constrained (RULE_NAME_CONSTRAINTS). */
bool lint_alt_name_malformed(const struct lint_view *view, struct buf *more)
{
	struct bytes names = alt_names(view);
	struct general_name name;
	struct mailbox mailbox;
	size_t at = 0;

	if (view->question->reference.type == REFERENCE_NONE)
		return false;
	while (general_name_next(names, &at, &name)) {
		if (name.type == GENERAL_DNS
			    ? host_valid(name.value, true)
			    : name.type != GENERAL_RFC822 || mailbox_read(name.value, &mailbox))
			continue;
		buf_print(more, "%s '", general_name_words[name.type]);
		host_put(name.value.len <= HOST_MOST ? name.value
						     : (struct bytes){ name.value.at, HOST_MOST },
			 more);
		buf_byte(more, '\'');
		return true;
	}
	if (!cert_is_odd(view->cert, ODD_ALT_NAME))
		return false;
	buf_text(more, odds[ODD_ALT_NAME].text);
	return true;
}

/* A number as C writes it: decimal, 0x hexadecimal, octal. */
static bool number(const uint8_t *at, size_t len)
{
	bool hex = len > 2 && at[0] == '0' && (at[1] == 'x' || at[1] == 'X');

	for (size_t i = hex ? 2 : 0; i < len; i++)
		if (!(at[i] >= '0' && at[i] <= '9') &&
		    !(hex && ((at[i] | 0x20) >= 'a' && (at[i] | 0x20) <= 'f')))
			return false;
	return len > 0;
}

/*
 * Whether it spells an address, also in the ways of inet_aton(3) that browsers
 * know: numbers with dots, or one in hexadecimal.
 */
static bool spells_address(struct bytes text)
{
	uint8_t octets[ADDRESS_MOST];
	size_t start = 0, parts = 0;

	if (address_read(text, octets) > 0)
		return true;
	for (size_t i = 0; i <= text.len; i++) {
		if (i < text.len && text.at[i] != '.')
			continue;
		if (!number(text.at + start, i - start))
			return false;
		start = i + 1;
		parts++;
	}
	return parts == 4 || (parts == 1 && text.len == 10 && text.at[1] == 'x');
}

static const struct bytes oid_common_name = { (const uint8_t *)"\x55\x04\x03", 3 };

/* The next common name of the subject as text; *at starts at 0. */
static bool next_common_name(const struct lint_view *view, size_t *at, struct buf *ret)
{
	struct name_part part;

	ret->len = 0;
	while (name_next(view->cert->subject, at, &part))
		if (bytes_equal(part.oid, oid_common_name)) {
			name_value(&part, ret);
			return true;
		}
	return false;
}

/* Whether a subjectAltName has literally this text, addresses in the form of RFC 5952. */
static bool in_alt_names(const struct lint_view *view, struct bytes text)
{
	struct bytes names = alt_names(view);
	struct general_name name;
	bool found = false;
	size_t at = 0;

	while (!found && general_name_next(names, &at, &name)) {
		struct buf address = { 0 };

		if (name.type == GENERAL_IP)
			address_text(name.value, &address);
		found = bytes_equal(text, name.type == GENERAL_IP ? buf_view(&address) : name.value);
		buf_done(&address);
	}
	return found;
}

/* Whether an address is written as RFC 3986 and RFC 5952 want it. */
static bool spelt_well(const struct lint_view *view, struct bytes text)
{
	uint8_t octets[ADDRESS_MOST];
	struct buf again = { 0 };
	size_t len = address_read(text, octets);
	bool well;

	(void)view;
	if (len > 0)
		address_text((struct bytes){ octets, len }, &again);
	well = len > 0 && bytes_equal(buf_view(&again), text);
	buf_done(&again);
	return well;
}

static bool common_name_alone(const struct lint_view *view, bool (*looks)(struct bytes text),
			      bool (*is_there)(const struct lint_view *view, struct bytes text),
			      struct buf *more)
{
	struct buf text = { 0 };
	bool broken = false;
	size_t at = 0;

	while (!broken && next_common_name(view, &at, &text)) {
		if (!looks(buf_view(&text)) || is_there(view, buf_view(&text)))
			continue;
		broken = true;
		buf_byte(more, '\'');
		host_put(buf_view(&text), more);
		buf_byte(more, '\'');
	}
	buf_done(&text);
	return broken;
}

static bool looks_like_host(struct bytes text)
{
	return host_valid(text, true) && memchr(text.at, '.', text.len) != NULL;
}

bool lint_common_name_address(const struct lint_view *view, struct buf *more)
{
	return common_name_alone(view, spells_address, spelt_well, more);
}

/* Letters beyond ASCII, or their A-labels, where a host's name is looked for. */
static bool looks_like_idn(struct bytes text)
{
	bool idn = false;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		if (c <= ' ' || c == ',' || c == '@' || c == '/')
			return false;
		idn = idn || c >= 0x80;
	}
	return memchr(text.at, '.', text.len) != NULL &&
	       (idn || (host_valid(text, true) && memmem(text.at, text.len, "xn--", 4) != NULL));
}

/* What people read is not what was certified: the one place where a common name still deceives. */
bool lint_common_name_idn(const struct lint_view *view, struct buf *more)
{
	return !view->question->purpose_implied && view->question->purpose == PURPOSE_SERVER_AUTH &&
	       common_name_alone(view, looks_like_idn, in_alt_names, more);
}

bool lint_common_name_literal(const struct lint_view *view, struct buf *more)
{
	return common_name_alone(view, looks_like_host, in_alt_names, more) ||
	       common_name_alone(view, spells_address, in_alt_names, more);
}
