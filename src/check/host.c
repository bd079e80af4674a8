/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/host.h"

#include <arpa/inet.h>

#include "base/buf.h"
#include "base/text.h"

static uint8_t small(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static bool digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool letter_or_digit(uint8_t c)
{
	return digit(c) || (small(c) >= 'a' && small(c) <= 'z');
}

/* A label; *ret_numeric: nothing but digits. Stars are counted, not judged. */
static bool label_valid(struct bytes label, size_t *ret_stars, bool *ret_numeric)
{
	*ret_numeric = true;
	if (label.len == 0 || label.len > HOST_LABEL || label.at[0] == '-' || label.at[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		uint8_t c = label.at[i];

		*ret_stars += c == '*';
		*ret_numeric = *ret_numeric && digit(c);
		if (!letter_or_digit(c) && c != '-' && c != '_' && c != '*')
			return false;
	}
	return true;
}

bool host_valid(struct bytes name, bool star)
{
	bool numeric = false;

	if (name.len == 0 || name.len > HOST_MOST)
		return false;
	for (size_t start = 0, labels = 0; start <= name.len; labels++) {
		size_t end = start, stars = 0;

		while (end < name.len && name.at[end] != '.')
			end++;
		if (!label_valid((struct bytes){ name.at + start, end - start }, &stars, &numeric))
			return false;
		if (stars > (labels == 0 && star ? 1 : 0))
			return false;
		start = end + 1;
	}
	return !numeric; /* no top-level domain is a number, but the last part of an address is */
}

bool host_equal(struct bytes a, struct bytes b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = a.len; i-- > 0;) /* names of one certificate differ at their beginning or end */
		if (a.at[i] != b.at[i] && small(a.at[i]) != small(b.at[i]))
			return false;
	return true;
}

bool host_within(struct bytes name, struct bytes tree)
{
	if (tree.len == 0)
		return true;
	if (name.len < tree.len)
		return false;
	if (name.len > tree.len && name.at[name.len - tree.len - 1] != '.')
		return false;
	return host_equal(bytes_skip(name, name.len - tree.len), tree);
}

struct bytes host_parent(struct bytes name)
{
	size_t i = 0;

	while (i < name.len && name.at[i] != '.')
		i++;
	return bytes_skip(name, i + 1);
}

/* " label " of each second level, by country. */
static const struct {
	const char *country, *labels;
} registries[] = {
	{ "ar", " com edu gob net org " },
	{ "au", " asn com edu gov id net org " },
	{ "br", " com edu gov net org " },
	{ "cn", " ac com edu gov net org " },
	{ "hk", " com edu gov net org " },
	{ "id", " ac co go net or sch web " },
	{ "il", " ac co gov muni net org " },
	{ "in", " ac co edu firm gen gov ind net org res " },
	{ "jp", " ac ad co ed go gr lg ne or " },
	{ "ke", " ac co go ne or sc " },
	{ "kr", " ac co go ne or pe re " },
	{ "mx", " com edu gob net org " },
	{ "my", " com edu gov net org " },
	{ "nz", " ac co govt net org school " },
	{ "pl", " com edu gov net org " },
	{ "sg", " com edu gov net org " },
	{ "th", " ac co go in mi net or " },
	{ "tr", " com edu gov k12 net org " },
	{ "tw", " com edu gov idv net org " },
	{ "ua", " com edu gov net org " },
	{ "uk", " ac co gov ltd me net nhs org plc police sch " },
	{ "za", " ac co gov net org web " },
};

bool host_registry(struct bytes name)
{
	struct bytes parent = host_parent(name);
	char label[16] = " ";
	size_t len = name.len - parent.len;

	if (parent.len == 0)
		return true;
	if (len + 2 > sizeof(label))
		return false;
	for (size_t i = 0; i + 1 < len; i++)
		label[1 + i] = (char)small(name.at[i]);
	label[len] = ' ';
	for (size_t i = 0; i < sizeof(registries) / sizeof(registries[0]); i++)
		if (host_equal(parent, bytes_of(registries[i].country)))
			return strstr(registries[i].labels, label) != NULL;
	return false;
}

size_t address_read(struct bytes text, uint8_t ret[ADDRESS_MOST])
{
	char copy[INET6_ADDRSTRLEN + 1];
	bool brackets = text.len > 2 && text.at[0] == '[' && text.at[text.len - 1] == ']';

	if (brackets)
		text = (struct bytes){ text.at + 1, text.len - 2 };
	if (text.len == 0 || text.len >= sizeof(copy) || memchr(text.at, '\0', text.len) != NULL)
		return 0;
	memcpy(copy, text.at, text.len);
	copy[text.len] = '\0';
	if (!brackets && inet_pton(AF_INET, copy, ret) == 1)
		return 4;
	return inet_pton(AF_INET6, copy, ret) == 1 ? 16 : 0;
}

void address_text(struct bytes octets, struct buf *to)
{
	char text[INET6_ADDRSTRLEN];

	if ((octets.len == 4 || octets.len == 16) &&
	    inet_ntop(octets.len == 4 ? AF_INET : AF_INET6, octets.at, text, sizeof(text)) != NULL)
		buf_text(to, text);
	else
		text_hex(octets, to);
}

/* atext of RFC 5322 section 3.2.3, and the dot between atoms. */
static bool local_plain(struct bytes local, bool utf8)
{
	for (size_t i = 0; i < local.len; i++) {
		uint8_t c = local.at[i];
		bool dot = c == '.';

		if (c >= 0x80 && utf8) /* RFC 6532 section 3.2 */
			continue;
		if (!letter_or_digit(c) && !dot && (c == 0 || strchr("!#$%&'*+-/=?^_`{|}~", c) == NULL))
			return false;
		if (dot && (i == 0 || i + 1 == local.len || local.at[i - 1] == '.'))
			return false;
	}
	return local.len > 0;
}

/* The length of a quoted string at the start of `text`, with its quotes; 0: none, or it is not ended. */
static size_t quoted(struct bytes text)
{
	if (text.len == 0 || text.at[0] != '"')
		return 0;
	for (size_t i = 1; i < text.len; i++) {
		if (text.at[i] < ' ' || text.at[i] > '~')
			return 0;
		if (text.at[i] == '"')
			return i + 1;
		if (text.at[i] == '\\')
			i++;
	}
	return 0;
}

bool mailbox_read(struct bytes text, struct mailbox *ret)
{
	size_t local = quoted(text);
	bool plain = local == 0;
	struct mailbox out;

	if (plain)
		while (local < text.len && text.at[local] != '@')
			local++;
	if (local >= text.len || text.at[local] != '@')
		return false;
	out.local = (struct bytes){ text.at, local };
	out.host = bytes_skip(text, local + 1);
	if (!host_valid(out.host, false) || (plain && !local_plain(out.local, false)))
		return false;
	*ret = out;
	return true;
}

bool mailbox_read_utf8(struct bytes text, struct mailbox *ret)
{
	const uint8_t *at = text.len > 0 ? memrchr(text.at, '@', text.len) : NULL;
	struct mailbox out = { { NULL, 0 }, { NULL, 0 } };
	bool beyond = false;

	if (at == NULL)
		return false;
	out.local = (struct bytes){ text.at, (size_t)(at - text.at) };
	out.host = bytes_skip(text, out.local.len + 1);
	for (size_t i = 0; i < out.local.len; i++)
		beyond = beyond || out.local.at[i] >= 0x80;
	if (!beyond || !local_plain(out.local, true) || !host_valid(out.host, false))
		return false;
	*ret = out;
	return true;
}

/* The next character that a local part means, without its quotes; -1 at the end. */
static int local_next(struct bytes local, size_t *at)
{
	bool is_quoted = local.len > 1 && local.at[0] == '"';
	size_t end = local.len - is_quoted;

	if (*at == 0 && is_quoted)
		++*at;
	if (is_quoted && *at + 1 < end && local.at[*at] == '\\')
		++*at;
	return *at < end ? local.at[(*at)++] : -1;
}

bool mailbox_equal(const struct mailbox *a, const struct mailbox *b)
{
	size_t x = 0, y = 0;
	int c;

	do {
		c = local_next(a->local, &x);
		if (c != local_next(b->local, &y))
			return false;
	} while (c >= 0);
	return host_equal(a->host, b->host);
}

void host_put(struct bytes name, struct buf *to)
{
	for (size_t i = 0; i < name.len; i++) {
		if (name.at[i] == '\0')
			buf_text(to, "\\0");
		else
			buf_byte(to, name.at[i]);
	}
}
