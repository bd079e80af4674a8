/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "format/attribute.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "model/der.h"

/* Numbers are those of pkcs11.h and pkcs11x.h. */
#define CERT  CLASS_CERTIFICATE
#define EXT   CLASS_EXTENSION
#define DATA  CLASS_DATA
#define TRUST CLASS_TRUST
#define ANY   CLASS_ANY

const struct attribute attributes[] = {
	[ATTRIBUTE_CLASS] = { "class", 0x0, ANY },
	[ATTRIBUTE_LABEL] = { "label", 0x3, ANY },
	[ATTRIBUTE_VALUE] = { "value", 0x11, ANY },
	[ATTRIBUTE_OBJECT_ID] = { "object-id", 0x12, EXT | DATA },
	[ATTRIBUTE_CERTIFICATE_TYPE] = { "certificate-type", 0x80, CERT },
	[ATTRIBUTE_ISSUER] = { "issuer", 0x81, CERT | TRUST },
	[ATTRIBUTE_SERIAL] = { "serial-number", 0x82, CERT | TRUST },
	[ATTRIBUTE_TRUSTED] = { "trusted", 0x86, CERT },
	[ATTRIBUTE_DISTRUSTED] = { "x-distrusted", 0xd8444764, CERT },
	[ATTRIBUTE_PUBLIC_KEY] = { "public-key-info", 0x129, CERT | EXT },
	[ATTRIBUTE_MOZILLA_POLICY] = { "nss-mozilla-ca-policy", 0xce534372, CERT },
	[ATTRIBUTE_SERVER_AFTER] = { "nss-server-distrust-after", 0xce534373, CERT },
	[ATTRIBUTE_EMAIL_AFTER] = { "nss-email-distrust-after", 0xce534374, CERT },
	{ "x-public-key-info", 0x129, CERT | EXT },
	{ "token", 0x1, ANY },
	{ "private", 0x2, ANY },
	{ "modifiable", 0x170, ANY },
	{ "id", 0x102, CERT | EXT | TRUST },
	{ "subject", 0x101, CERT | TRUST },
	{ "certificate-category", 0x87, CERT },
	{ "java-midp-security-domain", 0x88, CERT },
	{ "url", 0x89, CERT },
	{ "hash-of-subject-public-key", 0x8a, CERT },
	{ "hash-of-issuer-public-key", 0x8b, CERT },
	{ "check-value", 0x90, CERT },
	{ "start-date", 0x110, CERT },
	{ "end-date", 0x111, CERT },
	{ "application", 0x10, DATA },
	{ "trust-digital-signature", 0xce536351, TRUST },
	{ "trust-non-repudiation", 0xce536352, TRUST },
	{ "trust-key-encipherment", 0xce536353, TRUST },
	{ "trust-data-encipherment", 0xce536354, TRUST },
	{ "trust-key-agreement", 0xce536355, TRUST },
	{ "trust-key-cert-sign", 0xce536356, TRUST },
	{ "trust-crl-sign", 0xce536357, TRUST },
	{ "trust-server-auth", 0xce536358, TRUST },
	{ "trust-client-auth", 0xce536359, TRUST },
	{ "trust-code-signing", 0xce53635a, TRUST },
	{ "trust-email-protection", 0xce53635b, TRUST },
	{ "trust-ipsec-end-system", 0xce53635c, TRUST },
	{ "trust-ipsec-tunnel", 0xce53635d, TRUST },
	{ "trust-ipsec-user", 0xce53635e, TRUST },
	{ "trust-time-stamping", 0xce53635f, TRUST },
	{ "trust-step-up-approved", 0xce536360, TRUST },
	{ "cert-sha1-hash", 0xce5363b4, TRUST },
	{ "cert-md5-hash", 0xce5363b5, TRUST },
	{ "x-assertion-type", 0xd8444701, TRUST },
	{ "x-certificate-value", 0xd8444702, TRUST },
	{ "x-purpose", 0xd8444703, TRUST },
	{ "x-peer", 0xd8444704, TRUST },
};

/* Words that are numbers. */
static const struct word {
	const char *name;
	uint64_t value;
} words[] = {
	{ "data", OBJECT_DATA },
	{ "certificate", OBJECT_CERTIFICATE },
	{ "public-key", 2 },
	{ "private-key", 3 },
	{ "secret-key", 4 },
	{ "nss-trust", OBJECT_NSS_TRUST },
	{ "nss-builtin-root-list", OBJECT_NSS_ROOTS },
	{ "x-trust-assertion", OBJECT_ASSERTION },
	{ "x-certificate-extension", OBJECT_EXTENSION },
	{ "x-509", 0 },
	{ "x-509-attr-cert", 1 },
	{ "wtls", 2 },
	{ "unspecified", 0 },
	{ "token-user", 1 },
	{ "authority", 2 },
	{ "other-entry", 3 },
	{ "nss-trusted", 0xce534351 },
	{ "nss-trusted-delegator", 0xce534352 },
	{ "nss-must-verify-trust", 0xce534353 },
	{ "nss-trust-unknown", 0xce534355 },
	{ "nss-not-trusted", 0xce53435a },
	{ "nss-valid-delegator", 0xce53435b },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct bytes keep_number(struct arena *arena, uint64_t value)
{
	return arena_bytes(arena, (struct bytes){ (const uint8_t *)&value, sizeof(value) });
}

static int digit(uint8_t c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : -1;
}

/* Between quotation marks, with %xx for any byte. */
static bool read_string(struct bytes text, struct arena *arena, struct bytes *ret)
{
	struct bytes in = { text.at + 1, text.len - 2 };
	uint8_t *to = arena_take(arena, in.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < in.len; i++) {
		if (in.at[i] != '%') {
			to[len++] = in.at[i];
			continue;
		}
		if (in.len - i < 3 || digit(in.at[i + 1]) < 0 || digit(in.at[i + 2]) < 0)
			return false;
		to[len++] = (uint8_t)(digit(in.at[i + 1]) << 4 | digit(in.at[i + 2]));
		i += 2;
	}
	*ret = (struct bytes){ to, len };
	return true;
}

/* As strtoul(), to which nothing at all is zero. */
static bool read_number(struct bytes text, uint64_t *ret)
{
	uint64_t value = 0;

	if (text.len > 20)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
		value = value * 10 + (uint64_t)(text.at[i] - '0');
	}
	*ret = value;
	return true;
}

static bool read_oid(struct bytes text, struct arena *arena, struct bytes *ret, const char **ret_why)
{
	struct buf body = { 0 }, whole = { 0 };
	char dotted[128];
	bool ok;

	if (text.len < 3 || text.len >= sizeof(dotted))
		return false;
	memcpy(dotted, text.at, text.len);
	dotted[text.len] = '\0';
	ok = der_oid_read(dotted, &body);
	if (ok) {
		der_write(&whole, DER_OID, buf_view(&body));
		*ret = arena_bytes(arena, buf_view(&whole));
	}
	if (ok && strchr(dotted, '8') != NULL)
		*ret_why =
			"p11-kit cannot read an OID that has the digit 8: write it percent-encoded, as DER";
	else if (ok && (dotted[0] == '0' || strchr(dotted, '.') == strrchr(dotted, '.')))
		*ret_why = "p11-kit cannot read this OID: write it percent-encoded, as DER";
	buf_done(&body);
	buf_done(&whole);
	return ok;
}

bool attribute_value(struct bytes text, struct arena *arena, struct bytes *ret, const char **ret_why)
{
	static const uint8_t truth[] = { 0, 1 };
	uint64_t number;

	*ret_why = NULL;
	for (size_t i = 0; i < COUNT(words); i++)
		if (bytes_equal(text, bytes_of(words[i].name))) {
			*ret = keep_number(arena, words[i].value);
			return true;
		}
	if (bytes_equal(text, bytes_of("\""))) {
		*ret_why = "a single quotation mark: p11-kit before 0.26.3 stops every program that meets it";
		return false;
	}
	if (text.len >= 2 && text.at[0] == '"' && text.at[text.len - 1] == '"' &&
	    read_string(text, arena, ret))
		return true;
	if (bytes_equal(text, bytes_of("true")) || bytes_equal(text, bytes_of("false"))) {
		*ret = (struct bytes){ truth + (text.len == 4), 1 };
		return true;
	}
	if (read_number(text, &number)) {
		*ret = keep_number(arena, number);
		return true;
	}
	if (read_oid(text, arena, ret, ret_why))
		return true;
	*ret_why = "a value that is no word, string, truth, number or OID";
	return false;
}

const struct attribute *attribute_of(struct bytes name)
{
	uint64_t number = 0;
	bool by_number = name.len > 0 && read_number(name, &number);

	for (size_t i = 0; i < COUNT(attributes); i++)
		if (by_number ? attributes[i].type == number
			      : bytes_equal(bytes_of(attributes[i].name), name))
			return &attributes[i];
	return NULL;
}

static int two(const uint8_t *at)
{
	return (at[0] - '0') * 10 + at[1] - '0';
}

bool attribute_date(struct bytes text, int64_t *ret)
{
	bool general = text.len == 15;
	int year;

	*ret = CLOCK_NONE;
	if (text.len == 1 && text.at[0] == 0)
		return true;
	if ((text.len != 13 && !general) || text.at[text.len - 1] != 'Z')
		return false;
	for (size_t i = 0; i + 1 < text.len; i++)
		if (text.at[i] < '0' || text.at[i] > '9')
			return false;
	year = general ? two(text.at) * 100 + two(text.at + 2) : two(text.at);
	if (!general)
		year += year < 50 ? 2000 : 1900;
	text = bytes_skip(text, general ? 4 : 2);
	return clock_from(year, two(text.at), two(text.at + 2), two(text.at + 4), two(text.at + 6),
			  two(text.at + 8), ret);
}

void attribute_write_date(int64_t date, struct buf *to)
{
	char text[CLOCK_TEXT];
	bool short_year;

	clock_text(date, text);
	short_year = strncmp(text, "1950", 4) >= 0 && strncmp(text, "2050", 4) < 0;
	for (const char *p = short_year ? text + 2 : text; *p != '\0'; p++)
		if (*p >= '0' && *p <= '9')
			buf_byte(to, (uint8_t)*p);
	buf_byte(to, 'Z');
}
