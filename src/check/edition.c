/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/edition.h"

#include "base/mem.h"

struct span {
	const char *at, *end;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "~" is before the end, letters before all else. */
static int weight(const struct span *span)
{
	unsigned char c = span->at < span->end ? (unsigned char)*span->at : '\0';

	if (c == '\0' || is_digit((char)c))
		return 0;
	if (c == '~')
		return -1;
	if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))
		return c;
	return c + 256;
}

static bool in_words(const struct span *span)
{
	return span->at < span->end && !is_digit(*span->at);
}

/* A number of any length, which the span is moved behind, without the zeros in front. */
static struct span number(struct span *span)
{
	struct span digits;

	while (span->at < span->end && *span->at == '0')
		span->at++;
	digits = *span;
	while (span->at < span->end && is_digit(*span->at))
		span->at++;
	digits.end = span->at;
	return digits;
}

static int compare_span(struct span a, struct span b)
{
	while (a.at < a.end || b.at < b.end) {
		struct span x, y;
		int c;

		while (in_words(&a) || in_words(&b)) {
			if (weight(&a) != weight(&b))
				return weight(&a) - weight(&b);
			a.at++;
			b.at++;
		}
		x = number(&a);
		y = number(&b);
		if (x.end - x.at != y.end - y.at)
			return x.end - x.at < y.end - y.at ? -1 : 1;
		c = x.end > x.at ? memcmp(x.at, y.at, (size_t)(x.end - x.at)) : 0;
		if (c != 0)
			return c;
	}
	return 0;
}

/* epoch ":" upstream "-" revision, of which the outer two may be absent. */
static void parts(const char *text, struct span ret[3])
{
	const char *colon = strchr(text, ':'), *dash, *end = text + strlen(text);

	ret[0] = (struct span){ text, colon != NULL ? colon : text };
	if (colon != NULL)
		text = colon + 1;
	dash = strrchr(text, '-');
	ret[1] = (struct span){ text, dash != NULL ? dash : end };
	ret[2] = (struct span){ dash != NULL ? dash + 1 : end, end };
}

int edition_compare(const char *a, const char *b)
{
	struct span x[3], y[3];
	int c = 0;

	parts(a, x);
	parts(b, y);
	for (int i = 0; i < 3 && c == 0; i++)
		c = compare_span(x[i], y[i]);
	return c;
}

/* --- where it stands --- */

const char *const publisher_words[PUBLISHERS] = {
	[PUBLISHER_NONE] = "",           [PUBLISHER_DEBIAN] = "ca-certificates",
	[PUBLISHER_CERTIFI] = "certifi", [PUBLISHER_BUILTINS] = "nss-builtins",
	[PUBLISHER_CURL] = "curl",
};

static bool is_version(uint8_t c)
{
	return is_digit((char)c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' ||
	       c == '+' || c == '-' || c == '~' || c == ':';
}

static char *version_at(struct bytes at)
{
	enum { MOST = 64 };
	size_t len = 0;

	while (len < at.len && len < MOST && is_version(at.at[len]))
		len++;
	return len > 0 && is_digit((char)at.at[0]) ? mem_string((const char *)at.at, len) : NULL;
}

/* What follows the first `mark`. */
static bool behind(struct bytes file, const char *mark, struct bytes *ret)
{
	size_t len = strlen(mark);
	const uint8_t *at = file.len > 0 ? memmem(file.at, file.len, mark, len) : NULL;

	if (at != NULL)
		*ret = bytes_skip(file, (size_t)(at - file.at) + len);
	return at != NULL;
}

static char *of_certifi(struct bytes file)
{
	struct bytes at;

	if (!behind(file, "__version__", &at))
		return NULL;
	while (at.len > 0 && (at.at[0] == ' ' || at.at[0] == '=' || at.at[0] == '"' || at.at[0] == '\''))
		at = bytes_skip(at, 1);
	return version_at(at);
}

static char *of_builtins(struct bytes file)
{
	struct bytes at;

	return behind(file, "NSS Builtin Trusted Root CAs ", &at) ? version_at(at) : NULL;
}

/* dpkg's status: paragraphs of lines, parted by an empty one. */
static char *of_debian(struct bytes file)
{
	struct bytes at = file, next, version;

	if (!bytes_start(file, bytes_of("Package: ca-certificates\n")) &&
	    !behind(file, "\nPackage: ca-certificates\n", &at))
		return NULL;
	if (behind(at, "\n\n", &next))
		at.len -= next.len;
	if (!behind(at, "\nVersion: ", &version))
		return NULL;
	return version_at(version);
}

/* The next word of the line, which is moved behind it. */
static struct bytes next_word(struct bytes *line)
{
	struct bytes word;

	while (line->len > 0 && line->at[0] == ' ')
		*line = bytes_skip(*line, 1);
	word = (struct bytes){ line->at, 0 };
	while (word.len < line->len && line->at[word.len] > ' ')
		word.len++;
	*line = bytes_skip(*line, word.len);
	return word;
}

/* Up to four digits; 0: it is no number. */
static unsigned small_number(struct bytes word)
{
	unsigned value = 0;

	for (size_t i = 0; i < word.len; i++) {
		if (!is_digit((char)word.at[i]) || word.len > 4)
			return 0;
		value = 10 * value + (unsigned)(word.at[i] - '0');
	}
	return value;
}

static unsigned month_of(struct bytes word)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

	for (unsigned i = 0; i < sizeof(months) / sizeof(months[0]); i++)
		if (bytes_equal(word, bytes_of(months[i])))
			return i + 1;
	return 0;
}

/* "Tue May 20 03:12:02 2025 GMT" to "2025-05-20". */
static char *of_curl(struct bytes file)
{
	enum { HEAD = 4096 };
	unsigned month, day, year;
	struct bytes at;

	if (file.len > HEAD)
		file.len = HEAD;
	if (!behind(file, "Certificate data from Mozilla as of: ", &at) &&
	    !behind(file, "Certificate data from Mozilla last updated on: ", &at))
		return NULL;
	next_word(&at);
	month = month_of(next_word(&at));
	day = small_number(next_word(&at));
	next_word(&at);
	year = small_number(next_word(&at));
	return month != 0 && day != 0 && year != 0 ? mem_print("%04u-%02u-%02u", year, month, day) : NULL;
}

char *edition_of(enum publisher publisher, struct bytes file)
{
	static char *(*const readers[PUBLISHERS])(struct bytes) = {
		[PUBLISHER_DEBIAN] = of_debian,
		[PUBLISHER_CERTIFI] = of_certifi,
		[PUBLISHER_BUILTINS] = of_builtins,
		[PUBLISHER_CURL] = of_curl,
	};

	return readers[publisher] != NULL ? readers[publisher](file) : NULL;
}

char *edition_named(const char *name, enum publisher *ret_publisher)
{
	static const char start[] = "ca-certificates_"; /* Debian's: name, version, architecture */
	const char *slash = strrchr(name, '/');
	char *version;

	name = slash != NULL ? slash + 1 : name;
	if (!bytes_start(bytes_of(name), bytes_of(start)))
		return NULL;
	version = version_at(bytes_of(name + strlen(start)));
	if (version != NULL)
		*ret_publisher = PUBLISHER_DEBIAN;
	return version;
}
