/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   NameConstraints   ::= SEQUENCE { [0] GeneralSubtrees?, [1] GeneralSubtrees? }
 *   GeneralSubtrees   ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE { base GeneralName,
 *                         [0] minimum DEFAULT 0, [1] maximum? }
 */
#include "check/subtree.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "check/member.h"
#include "model/der.h"
#include "model/name.h"

static struct bound *bounds_add(struct bounds *bounds, enum general_name_type type, struct bytes value)
{
	struct bound *bound;

	bounds->all = mem_grow(bounds->all, bounds->count, sizeof(*bounds->all));
	bound = &bounds->all[bounds->count++];
	*bound = (struct bound){ .type = type, .value = value };
	bounds->of[type]++;
	return bound;
}

void bounds_done(struct bounds *bounds)
{
	free(bounds->all);
	arena_done(&bounds->arena);
	*bounds = (struct bounds){ 0 };
}

/* The directoryName in the form in which a prefix of bytes is a prefix of relative names. */
static bool canonical(struct bytes name, struct bounds *into, struct bytes *ret)
{
	struct buf text = { 0 };
	bool ok = name_canonical(name, &text);

	*ret = arena_bytes(&into->arena, buf_view(&text));
	buf_done(&text);
	return ok;
}

/* ".example.com" or "example.com"; "" is everything. */
static bool domain_valid(struct bytes text)
{
	bool dot = text.len > 0 && text.at[0] == '.';

	return text.len == 0 || host_valid(bytes_skip(text, dot), false);
}

static bool mask_valid(struct bytes base)
{
	const size_t half = base.len / 2;
	bool ended = false;

	if (base.len != 8 && base.len != 32)
		return false;
	for (size_t bit = 0; bit < half * 8; bit++) {
		bool set = base.at[half + bit / 8] >> (7 - bit % 8) & 1;

		if (set && ended)
			return false;
		ended = !set;
	}
	return true;
}

static bool base_dns(struct bound *bound, struct bounds *into)
{
	(void)into;
	bound->host = bound->value;
	return domain_valid(bound->value);
}

static bool base_mail(struct bound *bound, struct bounds *into)
{
	(void)into;
	if (memchr(bound->value.at, '@', bound->value.len) != NULL)
		return mailbox_read(bound->value, &bound->mailbox);
	bound->host = bound->value;
	return domain_valid(bound->host);
}

static bool base_uri(struct bound *bound, struct bounds *into)
{
	(void)into;
	bound->host = bound->value;
	return domain_valid(bound->host);
}

static bool base_ip(struct bound *bound, struct bounds *into)
{
	(void)into;
	return mask_valid(bound->value);
}

static bool both_directory(struct bound *bound, struct bounds *into)
{
	return canonical(bound->value, into, &bound->value);
}

static bool name_dns(struct bound *bound, struct bounds *into)
{
	(void)into;
	return host_valid(bound->value, true);
}

static bool name_mail(struct bound *bound, struct bounds *into)
{
	(void)into;
	if (!mailbox_read(bound->value, &bound->mailbox))
		return false;
	bound->host = bound->mailbox.host;
	return true;
}

/* The host of scheme "://" [ userinfo "@" ] host [ ":" port ], RFC 3986 section 3.2. */
static bool name_uri(struct bound *bound, struct bounds *into)
{
	const uint8_t *scheme = memmem(bound->value.at, bound->value.len, "://", 3), *at;
	struct bytes rest;

	(void)into;
	if (scheme == NULL || scheme == bound->value.at)
		return false;
	rest = bytes_skip(bound->value, (size_t)(scheme - bound->value.at) + 3);
	for (size_t i = 0; i < rest.len; i++)
		if (memchr("/?#", rest.at[i], 3) != NULL)
			rest.len = i;
	at = rest.len > 0 ? memrchr(rest.at, '@', rest.len) : NULL;
	if (at != NULL)
		rest = bytes_skip(rest, (size_t)(at - rest.at) + 1);
	at = rest.len > 0 ? memchr(rest.at, ':', rest.len) : NULL;
	if (at != NULL)
		rest.len = (size_t)(at - rest.at);
	bound->host = rest;
	return host_valid(rest, false); /* no address: section 4.2.1.10 wants these refused */
}

static bool name_ip(struct bound *bound, struct bounds *into)
{
	(void)into;
	return bound->value.len == 4 || bound->value.len == 16;
}

/* What each type is prepared by; false: it is odd. Types without a row cannot be compared. */
static const struct {
	bool (*base)(struct bound *bound, struct bounds *into);
	bool (*name)(struct bound *bound, struct bounds *into);
} forms[GENERAL_TYPES] = {
	[GENERAL_RFC822] = { base_mail, name_mail },
	[GENERAL_DNS] = { base_dns, name_dns },
	[GENERAL_DIRECTORY] = { both_directory, both_directory },
	[GENERAL_URI] = { base_uri, name_uri },
	[GENERAL_IP] = { base_ip, name_ip },
};

static const char *read_subtree(struct bytes body, bool excluded, struct bounds *into)
{
	struct cursor in = der_into(body);
	struct der base = der_next(&in);
	struct general_name name;
	struct bound *bound;
	uint64_t minimum = 0;
	size_t at = 0;
	bool known = !in.bad && general_name_next(base.whole, &at, &name);

	/* DER leaves the default out; some write it nevertheless, and mean the same */
	if (der_peek(&in, DER_CONTEXT(0)) &&
	    (!der_read_unsigned(der_take(&in, DER_CONTEXT(0)), UINT32_MAX, &minimum) || minimum != 0))
		return "a subtree has a minimum, which must be 0";
	if (der_peek(&in, DER_CONTEXT(1)))
		return "a subtree has a maximum";
	if (!der_ended(&in))
		return "a subtree is no GeneralSubtree";
	if (!known) /* a form that RFC 5280 does not have: a name of it could not be read at all */
		return NULL;
	bound = bounds_add(into, name.type, name.value);
	bound->excluded = excluded;
	if (forms[name.type].base != NULL && !forms[name.type].base(bound, into)) {
		bound->odd = true;
		return "a base is not what its type must be";
	}
	return NULL;
}

static const char *read_list(struct cursor *from, unsigned tag, struct bounds *into)
{
	const char *why = NULL;
	struct cursor in;

	if (!der_peek(from, tag))
		return NULL;
	in = der_into(der_take(from, tag));
	if (cursor_left(&in) == 0)
		return "a list of subtrees is empty";
	while (why == NULL && cursor_left(&in) > 0) {
		struct bytes body = der_take(&in, DER_SEQUENCE);

		why = in.bad ? "a subtree is no SEQUENCE" : read_subtree(body, tag == DER_EXPLICIT(1), into);
	}
	return why;
}

bool bounds_subtrees(struct bytes name_constraints, struct bounds *ret, const char **ret_why)
{
	struct cursor outer = der_into(name_constraints), in = der_into(der_take(&outer, DER_SEQUENCE));
	struct bounds out = { 0 };
	const char *why = NULL;

	if (!der_ended(&outer))
		why = "it is no SEQUENCE";
	else if (cursor_left(&in) == 0)
		why = "it has no subtrees";
	for (unsigned list = 0; why == NULL && list < 2; list++)
		why = read_list(&in, DER_EXPLICIT(list), &out);
	if (why == NULL && !der_ended(&in))
		why = "it holds something else than subtrees";
	*ret = out;
	*ret_why = why;
	return why == NULL;
}

/* RFC 9598 section 6: the constraints of rfc822Name are those of an SmtpUTF8Mailbox too. */
static void add_mailbox(struct bounds *bounds, struct bytes value)
{
	struct bound *bound = bounds_add(bounds, GENERAL_RFC822, value);

	bound->utf8 = true;
	bound->from = "an SmtpUTF8Mailbox";
	bound->odd = !mailbox_read_utf8(value, &bound->mailbox);
	bound->host = bound->mailbox.host;
}

static void add_name(struct bounds *bounds, enum general_name_type type, struct bytes value, const char *from)
{
	struct bound *bound = bounds_add(bounds, type, value);

	bound->from = from;
	bound->odd = forms[type].name != NULL && !forms[type].name(bound, bounds);
}

static const struct bytes oid_email = { (const uint8_t *)"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x01", 9 };
static const struct bytes oid_common_name = { (const uint8_t *)"\x55\x04\x03", 3 };

/* Names that are hidden in the subject. */
static void add_subject_parts(struct bytes subject, bool common_name, struct bounds *into)
{
	bool host = common_name && into->of[GENERAL_DNS] == 0;
	struct name_part part;
	size_t at = 0;

	while (name_next(subject, &at, &part)) {
		struct buf text = { 0 };
		struct bytes value;

		if (!bytes_equal(part.oid, oid_email) && !bytes_equal(part.oid, oid_common_name))
			continue;
		name_value(&part, &text);
		value = arena_bytes(&into->arena, buf_view(&text));
		buf_done(&text);
		if (bytes_equal(part.oid, oid_email))
			add_name(into, GENERAL_RFC822, value, "the subject's emailAddress");
		else if (bytes_equal(part.oid, oid_common_name) && host && host_valid(value, true) &&
			 memchr(value.at, '.', value.len) != NULL)
			add_name(into, GENERAL_DNS, value, "the common name");
	}
}

void bounds_names(const struct member *member, bool common_name, struct bounds *ret)
{
	struct cursor outer = der_into(member->cert.ext[EXT_SUBJECT_ALT_NAME]);
	struct bytes names = der_take(&outer, DER_SEQUENCE);
	struct bounds out = { 0 };
	struct general_name name;
	size_t at = 0;

	while (general_name_next(names, &at, &name)) {
		struct bytes mailbox;

		add_name(&out, name.type, name.value, NULL);
		if (general_name_mailbox(&name, &mailbox))
			add_mailbox(&out, mailbox);
	}
	if (member->subject.len > 0) {
		struct bound *bound = bounds_add(&out, GENERAL_DIRECTORY, member->subject);

		bound->from = "the subject";
		/* trust_name(): as it stands where it has no canonical form, and so in no subtree */
		bound->odd = bytes_equal(member->subject, member->cert.subject);
	}
	add_subject_parts(member->cert.subject, common_name, &out);
	*ret = out;
}

static bool within_domain(struct bytes host, struct bytes domain)
{
	if (domain.len > 0 && domain.at[0] == '.')
		return host.len > domain.len && host_equal(bytes_skip(host, host.len - domain.len), domain);
	return domain.len == 0 || host_equal(host, domain);
}

/*
 * Section 4.2.1.10 knows no leading dot for a dNSName; many write one, and all who read it
 * mean what it means for a URI: names below, without the name itself. "*.example.com"
 * lies where all names lie for which it stands.
 */
static bool within_tree(struct bytes name, struct bytes tree)
{
	bool below = tree.len > 0 && tree.at[0] == '.', star = name.at[0] == '*';
	struct bytes least = star ? host_parent(name) : name;

	tree = bytes_skip(tree, below);
	return host_within(least, tree) && (!below || star || least.len > tree.len);
}

static bool within_network(struct bytes address, struct bytes network)
{
	if (network.len != address.len * 2)
		return false;
	for (size_t i = 0; i < address.len; i++)
		if ((address.at[i] ^ network.at[i]) & network.at[address.len + i])
			return false;
	return true;
}

bool bound_within(const struct bound *name, const struct bound *subtree)
{
	switch (name->type) {
	case GENERAL_DNS:
		return within_tree(name->value, subtree->value);
	case GENERAL_RFC822:
		return subtree->mailbox.host.len > 0 ? mailbox_equal(&name->mailbox, &subtree->mailbox)
						     : within_domain(name->host, subtree->host);
	case GENERAL_URI:
		return within_domain(name->host, subtree->host);
	case GENERAL_IP:
		return within_network(name->value, subtree->value);
	case GENERAL_DIRECTORY:
		return bytes_start(name->value, subtree->value);
	default:
		return false;
	}
}

bool bound_touches(const struct bound *name, const struct bound *subtree)
{
	size_t label = 0;

	if (bound_within(name, subtree))
		return true;
	if (name->type != GENERAL_DNS)
		return false;
	while (label < name->value.len && name->value.at[label] != '.')
		label++;
	return memchr(name->value.at, '*', label) != NULL &&
	       (subtree->value.len == 0 || subtree->value.at[0] != '.') &&
	       host_equal(host_parent(name->value), host_parent(subtree->value));
}

static void put_network(struct bytes network, struct buf *to)
{
	size_t half = network.len / 2;
	unsigned bits = 0;

	for (size_t i = half; i < network.len; i++)
		bits += (unsigned)__builtin_popcount(network.at[i]);
	address_text((struct bytes){ network.at, half }, to);
	buf_print(to, "/%u", bits);
}

void bound_put(const struct bound *bound, struct buf *to)
{
	struct bytes value = bound->value;

	buf_print(to, "%s '", general_name_words[bound->type]);
	if (bound->type == GENERAL_DIRECTORY) {
		struct buf name = { 0 };

		der_write(&name, DER_SEQUENCE, value);
		name_text(buf_view(&name), to);
		buf_done(&name);
	} else if (bound->type == GENERAL_IP && mask_valid(value)) {
		put_network(value, to);
	} else if (bound->type == GENERAL_IP) {
		address_text(value, to);
	} else if (forms[bound->type].name != NULL) {
		if (value.len > HOST_MOST)
			value.len = HOST_MOST;
		host_put(value, to);
	} else {
		value.len = value.len > ADDRESS_MOST ? ADDRESS_MOST : value.len;
		text_hex(value, to);
	}
	buf_byte(to, '\'');
}
