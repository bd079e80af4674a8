/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/reference.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/err.h"
#include "base/limits.h"
#include "check/host.h"
#include "check/member.h"
#include "check/path.h"
#include "check/reason.h"
#include "check/rule.h"
#include "model/der.h"
#include "model/general_name.h"

static bool is_ascii(struct bytes text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.at[i] >= 0x80)
			return false;
	return true;
}

/* A-labels in small letters (RFC 5891), without a trailing dot. */
static bool host_from(struct bytes typed, const char *whole, struct buf *to, struct err *err)
{
	gnutls_datum_t mapped = { NULL, 0 };
	struct bytes host = typed;
	int code = 0;

	if (!is_ascii(typed)) {
		code = crypto()->idna_map((const char *)typed.at, (unsigned)typed.len, &mapped, 0);
		host = (struct bytes){ mapped.data, mapped.size };
	}
	if (code < 0)
		return err_set(err, ERR_USAGE, "'%s' is no internationalised domain name (%s)", whole,
			       crypto()->strerror(code));
	if (host.len > 0 && host.at[host.len - 1] == '.')
		host.len--;
	for (size_t i = 0; i < host.len; i++)
		buf_byte(to, host.at[i] >= 'A' && host.at[i] <= 'Z' ? host.at[i] + 32u : host.at[i]);
	(*crypto()->free)(mapped.data);
	return true;
}

static bool read_mail(struct bytes typed, const char *whole, struct buf *to, struct err *err)
{
	const uint8_t *at = memrchr(typed.at, '@', typed.len);
	size_t local = (size_t)(at - typed.at);
	struct mailbox mailbox;

	buf_bytes(to, (struct bytes){ typed.at, local + 1 });
	if (!host_from(bytes_skip(typed, local + 1), whole, to, err))
		return false;
	if (!mailbox_read(buf_view(to), &mailbox) && !mailbox_read_utf8(buf_view(to), &mailbox))
		return err_set(err, ERR_USAGE, "'%s' is no mail address; write it as user@host", whole);
	return true;
}

static bool read_host(const char *typed, struct buf *to, struct err *err)
{
	if (typed[0] == '\0')
		return err_set(err, ERR_USAGE,
			       "the name is empty; give a DNS name, an IP address or a mail address");
	if (strstr(typed, "://") != NULL)
		return err_set(err, ERR_USAGE, "'%s' is a URL; give the host's name only", typed);
	if (strchr(typed, '*') != NULL)
		return err_set(err, ERR_USAGE, "'%s' is a pattern; give the name that a client asks for",
			       typed);
	if (strchr(typed, ':') != NULL)
		return err_set(err, ERR_USAGE, "'%s' is no IP address; give a host's name without a port",
			       typed);
	if (!host_from(bytes_of(typed), typed, to, err))
		return false;
	if (!host_valid(buf_view(to), false))
		return err_set(err, ERR_USAGE, "'%s' is no DNS name, IP address or mail address", typed);
	return true;
}

bool reference_read(const char *typed, struct arena *arena, struct reference *ret, struct err *err)
{
	struct reference out = { .typed = typed };
	struct bytes text = bytes_of(typed);
	uint8_t address[ADDRESS_MOST];
	size_t octets = address_read(text, address);
	struct buf name = { 0 };
	bool ok;

	if (octets > 0) {
		out.type = REFERENCE_IP;
		buf_bytes(&name, (struct bytes){ address, octets });
		ok = true;
	} else if (strchr(typed, '@') != NULL) {
		out.type = REFERENCE_MAIL;
		ok = read_mail(text, typed, &name, err);
	} else {
		out.type = REFERENCE_DNS;
		ok = read_host(typed, &name, err);
	}
	if (ok) {
		out.name = arena_bytes(arena, buf_view(&name));
		*ret = out;
	}
	buf_done(&name);
	return ok;
}

bool reference_matches_dns(struct bytes presented, struct bytes host)
{
	struct bytes behind;

	if (!host_valid(presented, true))
		return false;
	if (memchr(presented.at, '*', presented.len) == NULL)
		return host_equal(presented, host);
	/* RFC 9525 section 6.3: the complete left-most label, for exactly one label. What a registry has
	 * below it belongs to many, and no certificate is for all of them (CA/Browser Forum BR 3.2.2.6). */
	behind = host_parent(presented);
	if (presented.at[0] != '*' || presented.at[1] != '.' || host_registry(behind))
		return false;
	return host_equal(behind, host_parent(host));
}

static bool matches_mail(struct bytes presented, struct bytes wanted)
{
	struct mailbox a, b;

	return mailbox_read(presented, &a) && mailbox_read(wanted, &b) && mailbox_equal(&a, &b);
}

/* RFC 9598 section 5: octet by octet, but for the case of the host. */
static bool matches_mail_utf8(const struct general_name *name, struct bytes wanted)
{
	struct bytes presented;
	struct mailbox a, b;

	return general_name_mailbox(name, &presented) && mailbox_read_utf8(presented, &a) &&
	       mailbox_read_utf8(wanted, &b) && bytes_equal(a.local, b.local) && host_equal(a.host, b.host);
}

static bool matches(const struct reference *reference, const struct general_name *name)
{
	if (reference->type == REFERENCE_DNS && name->type == GENERAL_DNS)
		return reference_matches_dns(name->value, reference->name);
	if (reference->type == REFERENCE_IP && name->type == GENERAL_IP)
		return bytes_equal(name->value, reference->name);
	if (reference->type == REFERENCE_MAIL && name->type == GENERAL_RFC822)
		return matches_mail(name->value, reference->name);
	if (reference->type == REFERENCE_MAIL && name->type == GENERAL_OTHER)
		return matches_mail_utf8(name, reference->name);
	return false;
}

static struct bytes names_of(struct bytes subject_alt_name)
{
	struct cursor in = der_into(subject_alt_name);

	return der_take(&in, DER_SEQUENCE);
}

/* Whether a subjectAltName's contents have the name. */
static bool matches_any(const struct reference *reference, struct bytes subject_alt_name)
{
	struct bytes names = names_of(subject_alt_name);
	struct general_name name;
	size_t at = 0;

	while (general_name_next(names, &at, &name))
		if (matches(reference, &name))
			return true;
	return false;
}

/* What the certificate has instead: DNS names, addresses and mail addresses. */
static void put_names(struct bytes subject_alt_name, struct buf *to)
{
	struct bytes names = names_of(subject_alt_name);
	struct general_name name;
	size_t at = 0, count = 0;

	while (general_name_next(names, &at, &name)) {
		if (name.type != GENERAL_DNS && name.type != GENERAL_IP && name.type != GENERAL_RFC822 &&
		    !general_name_mailbox(&name, &name.value))
			continue;
		if (count++ >= LIMIT_NAMES_TOLD)
			continue;
		buf_text(to, count == 1 ? "'" : ", '");
		if (name.type == GENERAL_IP)
			address_text(name.value, to);
		else
			host_put(name.value.len <= HOST_MOST ? name.value
							     : (struct bytes){ name.value.at, HOST_MOST },
				 to);
		buf_text(to, "'");
	}
	if (count == 0)
		buf_text(to, "no host, address or mailbox");
	if (count > LIMIT_NAMES_TOLD)
		buf_print(to, " and %zu more", count - LIMIT_NAMES_TOLD);
}

void name_check(const struct trial *trial)
{
	static const char *const sources[] = {
		[REFERENCE_DNS] = "RFC 9525 section 6.3",
		[REFERENCE_IP] = "RFC 9525 section 6.4",
		[REFERENCE_MAIL] = "RFC 5280 section 4.2.1.6, RFC 9598 section 5",
	};
	const struct reference *wanted = &trial->question->reference;
	const struct member *target = trial->path->at[0];
	struct reason *reason;
	struct buf names = { 0 };

	if (wanted->type == REFERENCE_NONE || !target->readable)
		return;
	if (!cert_has(&target->cert, EXT_SUBJECT_ALT_NAME)) {
		reason = reasons_add(
			trial->reasons, REASON_NO_SUBJECT_ALT_NAME, target, 0, sources[wanted->type],
			"it has no subjectAltName that could be '%s'; a common name does not count",
			wanted->typed);
		if (target->cert.ca)
			reason_remedy(
				trial->reasons, reason,
				"this is a CA: put the certificate for '%s' first, which is the one of a "
				"file that is judged",
				wanted->typed);
		return;
	}
	if (matches_any(wanted, target->cert.ext[EXT_SUBJECT_ALT_NAME]))
		return;
	put_names(target->cert.ext[EXT_SUBJECT_ALT_NAME], &names);
	buf_byte(&names, '\0');
	reason = reasons_add(trial->reasons, REASON_HOSTNAME_MISMATCH, target, 0, sources[wanted->type],
			     "asked for '%s', and it is for %s", wanted->typed, (const char *)names.at);
	reason_remedy(trial->reasons, reason,
		      "ask for one of its names, or have a certificate issued that holds '%s'",
		      wanted->typed);
	buf_done(&names);
}
