/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stand.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "hand.h"
#include "model/der.h"
#include "model/name.h"
#include "unit.h"

int stand_begin(void **state)
{
	struct stand *stand = mem_zero(sizeof(*stand));

	stand->question.purpose = PURPOSE_SERVER_AUTH;
	stand->question.purpose_oid = purposes[PURPOSE_SERVER_AUTH].der;
	stand->question.max_depth = -1;
	stand->path = (struct path){ .at = stand->at, .anchored = true };
	stand->trial = (struct trial){ .question = &stand->question,
				       .path = &stand->path,
				       .reasons = &stand->reasons,
				       .wishes = &stand->wishes };
	*state = stand;
	return 0;
}

void stand_clear(struct stand *stand)
{
	for (size_t i = 0; i < stand->part_count; i++)
		buf_done(&stand->parts[i]);
	memset(stand->parts, 0, sizeof(stand->parts));
	memset(stand->members, 0, sizeof(stand->members));
	memset(stand->anchors, 0, sizeof(stand->anchors));
	stand->part_count = stand->path.count = 0;
	reasons_done(&stand->reasons);
	stand->reasons = (struct reasons){ 0 };
}

int stand_end(void **state)
{
	struct stand *stand = *state;

	stand_clear(stand);
	wishes_done(&stand->wishes);
	free(stand);
	return 0;
}

/* The next word of `text`, up to `end`; false when there is none. */
static bool word(const char **text, char end, char *ret, size_t room)
{
	size_t len;

	while (**text == end && end == ' ')
		++*text;
	len = strcspn(*text, (char[]){ end, '\0' });
	if (len == 0)
		return false;
	if (len >= room)
		abort();
	memcpy(ret, *text, len);
	ret[len] = '\0';
	*text += len;
	if (**text == end)
		++*text;
	return true;
}

static void wrap(struct buf *body, unsigned tag, struct buf *to)
{
	der_write(to, tag, buf_view(body));
	buf_done(body);
	*body = (struct buf){ 0 };
}

static void write_name(const char *text, struct buf *to)
{
	static const struct {
		const char *type, *oid;
	} types[] = { { "CN", "2.5.4.3" },
		      { "O", "2.5.4.10" },
		      { "C", "2.5.4.6" },
		      { "OU", "2.5.4.11" },
		      { "E", "1.2.840.113549.1.9.1" } };
	struct buf name = { 0 }, set = { 0 }, pair = { 0 }, body = { 0 }, oid = { 0 };
	char part[256];

	while (word(&text, ',', part, sizeof(part))) {
		const char *value = strchr(part, '=') + 1;

		for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
			if (strlen(types[i].type) == (size_t)(value - part - 1) &&
			    strncmp(types[i].type, part, strlen(types[i].type)) == 0)
				der_oid_read(types[i].oid, &oid);
		wrap(&oid, DER_OID, &body);
		der_write(&body, DER_UTF8_STRING, bytes_of(value));
		wrap(&body, DER_SEQUENCE, &pair);
		wrap(&pair, DER_SET, &set);
		buf_bytes(&name, buf_view(&set));
		buf_done(&set);
		set = (struct buf){ 0 };
	}
	wrap(&name, DER_SEQUENCE, to);
}

static char *hex_of(struct buf *from)
{
	struct buf hex = { 0 };

	text_hex(buf_view(from), &hex);
	buf_byte(&hex, '\0');
	buf_done(from);
	*from = (struct buf){ 0 };
	return (char *)hex.at;
}

static struct bytes keep(struct stand *stand, struct buf *part)
{
	assert_true(stand->part_count < sizeof(stand->parts) / sizeof(stand->parts[0]));
	stand->parts[stand->part_count++] = *part;
	return buf_view(part);
}

struct member *stand_add_hand(struct stand *stand, struct hand *hand, const char *subject, const char *issuer,
			      struct buf *extensions)
{
	struct member *member = &stand->members[stand->path.count];
	struct buf name = { 0 }, der = { 0 }, canonical = { 0 };
	char *hex[3] = { NULL, NULL, NULL };
	struct err err;

	assert_true(stand->path.count < STAND_MOST);
	write_name(subject, &name);
	hand->subject = hex[0] = hex_of(&name);
	write_name(issuer, &name);
	hand->issuer = hex[1] = hex_of(&name);
	if (extensions != NULL && extensions->len > 0)
		hand->extensions = hex[2] = hex_of(extensions);
	hand_cert(hand, &der);
	for (size_t i = 0; i < 3; i++)
		free(hex[i]);
	if (!cert_read(keep(stand, &der), &member->cert, &err))
		fail_msg("%s", err.text);
	member->readable = true;
	member->from = stand->path.count == 0 ? MEMBER_TARGET : MEMBER_GIVEN;
	assert_true(name_canonical(member->cert.subject, &canonical));
	member->subject = keep(stand, &canonical);
	canonical = (struct buf){ 0 };
	assert_true(name_canonical(member->cert.issuer, &canonical));
	member->issuer = keep(stand, &canonical);
	stand->at[stand->path.count++] = member;
	return member;
}

struct member *stand_add(struct stand *stand, const char *subject, const char *issuer, struct buf *extensions)
{
	struct hand hand = hand_good();

	return stand_add_hand(stand, &hand, subject, issuer, extensions);
}

size_t stand_run(struct stand *stand, void (*rule)(const struct trial *trial))
{
	reasons_done(&stand->reasons);
	stand->reasons = (struct reasons){ 0 };
	rule(&stand->trial);
	return stand->reasons.count;
}

void stand_refuses(struct stand *stand, void (*rule)(const struct trial *trial), enum reason_code code,
		   const char *words)
{
	const struct reason *first;

	if (stand_run(stand, rule) == 0)
		fail_msg("it passes, and should be refused: %s", words);
	first = &stand->reasons.all[0];
	if (first->code != code || strstr(first->text, words) == NULL)
		fail_msg("'%s: %s' is not '%s: … %s …'", reasons_table[first->code].code, first->text,
			 reasons_table[code].code, words);
}

void stand_passes(struct stand *stand, void (*rule)(const struct trial *trial))
{
	if (stand_run(stand, rule) > 0)
		fail_msg("%s: %s", reasons_table[stand->reasons.all[0].code].code,
			 stand->reasons.all[0].text);
}

void ext_add(struct buf *to, const char *oid, bool critical, struct bytes value)
{
	struct buf body = { 0 }, dotted = { 0 };

	assert_true(der_oid_read(oid, &dotted));
	wrap(&dotted, DER_OID, &body);
	if (critical)
		buf_bytes(&body, (struct bytes){ (const uint8_t *)"\x01\x01\xff", 3 });
	der_write(&body, DER_OCTET_STRING, value);
	wrap(&body, DER_SEQUENCE, to);
}

void ext_hex(struct buf *to, const char *oid, bool critical, const char *hex)
{
	struct buf value = { 0 };

	hand_hex(hex, &value);
	ext_add(to, oid, critical, buf_view(&value));
	buf_done(&value);
}

void ext_ca(struct buf *to)
{
	ext_hex(to, "2.5.29.19", true, "3003 0101ff");
}

/* One address, or a network with its mask. */
static void write_address(const char *text, struct buf *to)
{
	uint8_t octets[32] = { 0 };
	char copy[64];
	char *slash;
	size_t len;

	snprintf(copy, sizeof(copy), "%s", text);
	slash = strchr(copy, '/');
	if (slash != NULL)
		*slash = '\0';
	len = strchr(copy, ':') != NULL ? 16 : 4;
	assert_int_equal(inet_pton(len == 4 ? AF_INET : AF_INET6, copy, octets), 1);
	for (long bit = 0; slash != NULL && bit < strtol(slash + 1, NULL, 10); bit++)
		octets[len + (size_t)bit / 8] |= (uint8_t)(0x80 >> bit % 8);
	buf_bytes(to, (struct bytes){ octets, slash != NULL ? 2 * len : len });
}

static void write_general(const char *text, struct buf *to)
{
	static const struct {
		const char *type;
		unsigned tag;
	} types[] = { { "other", 0xa0 }, { "mail", 0x81 }, { "dns", 0x82 }, { "dir", 0xa4 },
		      { "uri", 0x86 },   { "ip", 0x87 },   { "reg", 0x88 }, { "x400", 0xa3 } };
	const char *value = strchr(text, ':') + 1;
	struct buf body = { 0 };

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (strncmp(text, types[i].type, strlen(types[i].type)) != 0 ||
		    text[strlen(types[i].type)] != ':')
			continue;
		if (types[i].tag == 0x87)
			write_address(value, &body);
		else if (types[i].tag == 0xa4)
			write_name(value, &body);
		else if (types[i].tag == 0x88)
			der_oid_read(value, &body);
		else if (types[i].tag >= 0xa0)
			hand_hex(value, &body);
		else
			buf_text(&body, value);
		wrap(&body, types[i].tag, to);
		return;
	}
	fail_msg("'%s' is no name", text);
}

void ext_alt_names(struct buf *to, bool critical, const char *names)
{
	struct buf list = { 0 }, value = { 0 };
	char one[512];

	while (word(&names, ' ', one, sizeof(one)))
		write_general(one, &list);
	wrap(&list, DER_SEQUENCE, &value);
	ext_add(to, "2.5.29.17", critical, buf_view(&value));
	buf_done(&value);
}

static void write_subtrees(const char *bases, unsigned tag, struct buf *to)
{
	struct buf list = { 0 }, base = { 0 };
	char one[512];

	while (bases != NULL && word(&bases, ' ', one, sizeof(one))) {
		write_general(one, &base);
		wrap(&base, DER_SEQUENCE, &list);
	}
	if (list.len > 0)
		wrap(&list, tag, to);
}

void ext_constraints(struct buf *to, const char *permitted, const char *excluded)
{
	struct buf lists = { 0 }, value = { 0 };

	write_subtrees(permitted, DER_EXPLICIT(0), &lists);
	write_subtrees(excluded, DER_EXPLICIT(1), &lists);
	wrap(&lists, DER_SEQUENCE, &value);
	ext_add(to, "2.5.29.30", true, buf_view(&value));
	buf_done(&value);
}

static void write_oid(const char *dotted, struct buf *to)
{
	struct buf oid = { 0 };

	assert_true(der_oid_read(strcmp(dotted, "any") == 0 ? "2.5.29.32.0" : dotted, &oid));
	wrap(&oid, DER_OID, to);
}

void ext_policies(struct buf *to, const char *oids)
{
	struct buf list = { 0 }, one = { 0 }, value = { 0 };
	char oid[64];

	while (word(&oids, ' ', oid, sizeof(oid))) {
		write_oid(oid, &one);
		wrap(&one, DER_SEQUENCE, &list);
	}
	wrap(&list, DER_SEQUENCE, &value);
	ext_add(to, "2.5.29.32", false, buf_view(&value));
	buf_done(&value);
}

void ext_mappings(struct buf *to, const char *pairs)
{
	struct buf list = { 0 }, one = { 0 }, value = { 0 };
	char pair[128];

	while (word(&pairs, ' ', pair, sizeof(pair))) {
		char *second = strchr(pair, '=');

		*second++ = '\0';
		write_oid(pair, &one);
		write_oid(second, &one);
		wrap(&one, DER_SEQUENCE, &list);
	}
	wrap(&list, DER_SEQUENCE, &value);
	ext_add(to, "2.5.29.33", true, buf_view(&value));
	buf_done(&value);
}

void ext_policy_limits(struct buf *to, int explicit_policy, int mapping)
{
	struct buf list = { 0 }, value = { 0 };
	const int skips[] = { explicit_policy, mapping };

	for (unsigned i = 0; i < 2; i++)
		if (skips[i] >= 0)
			der_write(&list, DER_CONTEXT(i),
				  (struct bytes){ &(uint8_t){ (uint8_t)skips[i] }, 1 });
	wrap(&list, DER_SEQUENCE, &value);
	ext_add(to, "2.5.29.36", true, buf_view(&value));
	buf_done(&value);
}

void ext_inhibit_any(struct buf *to, int skip)
{
	struct buf value = { 0 };

	der_write(&value, DER_INTEGER, (struct bytes){ &(uint8_t){ (uint8_t)skip }, 1 });
	ext_add(to, "2.5.29.54", true, buf_view(&value));
	buf_done(&value);
}
