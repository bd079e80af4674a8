/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include "persist-cases.h"

#include "base/clock.h"
#include "format/armor.h"
#include "make.h"
#include "model/staple.h"

struct anchor *persist_add(struct store *store, const struct make *how, const char *label)
{
	struct buf der = { 0 };
	struct anchor *anchor;

	make_cert(how, &der);
	anchor = store_add(store, buf_view(&der), 0);
	store_label(store, anchor, bytes_of(label));
	anchor->trusted = PURPOSES_ALL;
	buf_done(&der);
	return anchor;
}

static void staple(struct store *store, struct anchor *anchor, struct bytes oid, const uint8_t *value,
		   size_t len)
{
	struct buf whole = { 0 };

	staple_write_extension(oid, true, (struct bytes){ value, len }, &whole);
	assert_true(staple_add(store, anchor, buf_view(&whole)));
	buf_done(&whole);
}

struct store *persist_everything(void)
{
	static const uint8_t email_and_odd[] = { 0x30, 0x0f, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05,
						 0x07, 0x03, 0x04, 0x06, 0x03, 0x2a, 0x03, 0x04 };
	static const uint8_t names[] = { 0x30, 0x0b, 0xa0, 0x09, 0x30, 0x07, 0x82,
					 0x05, 'l',  'o',  'c',  'a',  'l' };
	static const uint8_t serial[] = { 0x00, 0xff, 0x22 };
	struct store *store = store_new("everything");
	struct anchor *anchor;
	struct buf key = { 0 };

	persist_add(store, &(struct make){ .cn = "Plain", .key = 1 },
		    "plain \"quoted\" 100% a\xff\x1b: [x] #");
	anchor = persist_add(store, &(struct make){ .cn = "Limited", .key = 2 }, "limited");
	staple(store, anchor, exts[EXT_EXTENDED_KEY_USAGE].oid, email_and_odd, sizeof(email_and_odd));
	staple(store, anchor, exts[EXT_NAME_CONSTRAINTS].oid, names, sizeof(names));
	anchor = persist_add(store, &(struct make){ .cn = "Dated", .key = 3 }, "dated");
	anchor->mozilla_policy = true;
	assert_true(clock_read("2024-11-30T23:59:59Z", &anchor->distrust_after[PURPOSE_SERVER_AUTH]));
	assert_true(clock_read("2051-01-02T03:04:05Z", &anchor->distrust_after[PURPOSE_EMAIL]));
	anchor = persist_add(store, &(struct make){ .cn = "Distrusted", .key = 4 }, "distrusted");
	anchor->trusted = 0;
	anchor->distrusted = PURPOSES_ALL;
	anchor = persist_add(store, &(struct make){ .cn = "Rejected", .key = 5 }, "rejected for code");
	anchor->distrusted = PURPOSE_BIT(PURPOSE_CODE_SIGNING);
	anchor = persist_add(store, &(struct make){ .cn = "Neutral", .key = 6, .leaf = true }, "neutral");
	anchor->trusted = 0;
	anchor = store_add_issuer_serial(store, store->anchors[0].cert.issuer,
					 (struct bytes){ serial, sizeof(serial) });
	store_label(store, anchor, bytes_of("by issuer"));
	anchor->distrusted = PURPOSES_ALL;
	make_spki(7, &key);
	anchor = store_add_key(store, buf_view(&key));
	anchor->distrusted = PURPOSES_ALL;
	key.len = 0;
	make_spki(8, &key);
	anchor = store_add_key(store, buf_view(&key));
	staple(store, anchor, exts[EXT_NAME_CONSTRAINTS].oid, names, sizeof(names));
	buf_done(&key);
	return store;
}

void persist_expand(const char *text, struct buf *to)
{
	static const char *const words[] = { "CERT\n", "KEY\n", "OTHER\n" };

	for (char before = '\n'; *text != '\0';) {
		struct buf der = { 0 };
		unsigned which = 0;

		while (which < 3 && strncmp(text, words[which], strlen(words[which])) != 0)
			which++;
		if (which == 3 || before != '\n') {
			before = *text++;
			buf_byte(to, (uint8_t)before);
			continue;
		}
		if (which == 0)
			make_cert(&(struct make){ .key = 1 }, &der);
		else
			make_spki(which, &der);
		armor_write(to, which == 0 ? "CERTIFICATE" : "PUBLIC KEY", buf_view(&der));
		text += strlen(words[which]);
		buf_done(&der);
	}
}

const struct fault faults[] = {
	{ "x-distrusted: true\n" HEADER "trusted: true\nCERT\n", "before the first section", NOTE_WARN, true,
	  false, 1 },
	{ "CERT\n" HEADER "trusted: true\nCERT\n", "before the first section", NOTE_WARN, true, false, 1 },
	{ HEADER "trusted: true\nnonsense\nCERT\n", "neither a section", NOTE_WARN, true, false, 1 },
	{ HEADER "trusted = true\nCERT\n", "neither a section", NOTE_WARN, true, false, 1 },
	{ HEADER "trusted: maybe\nCERT\n", "no word, string", NOTE_WARN, true, false, 1 },
	{ HEADER "trusted: true\nlabel: \"%2\"\nCERT\n", "no word, string", NOTE_WARN, true, false, 1 },
	{ HEADER "trusted: true\nlabel: \"a\nCERT\n", "no word, string", NOTE_WARN, true, false, 1 },
	{ HEADER "trusted: true\nno-such-thing: true\nCERT\n", "'no-such-thing' is unknown", NOTE_WARN, true,
	  false, 1 },
	{ HEADER "trusted: true\n CERT\n", "neither a section", NOTE_WARN, true, false, 0 },
	{ HEADER "trusted: true\nCERT\n-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
	  "a PRIVATE KEY", NOTE_WARN, true, false, 1 },
	{ HEADER "trusted: true\nCERT\n-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n",
	  "neither a certificate nor", NOTE_WARN, true, false, 1 },
	{ HEADER "trusted: true\nCERT\n-----BEGIN CERTIFICATE-----\nAAAA\n", "without its END", NOTE_WARN,
	  true, false, 1 },
	{ HEADER "trusted: true\nCERT\n[p11-kit-object-v1\n", "does not end in ]", NOTE_WARN, true, false,
	  1 },
	{ HEADER "class: x-certificate-extension\nobject-id: 2.5.29.18\nvalue: " EMAIL_USAGE "KEY\n",
	  "the digit 8", NOTE_WARN, true, false, 1 },
	{ "\xef\xbb\xbf" HEADER "trusted: true\nCERT\n", "byte order mark", NOTE_WARN, true, false, 1 },
	{ HEADER "label: \"none\"\nx-distrusted: true\n" HEADER "trusted: true\nCERT\n", "without a class",
	  NOTE_ERROR, false, true, 1 },
	{ HEADER "class: certificate\nx-distrusted: true\nKEY\n" HEADER "trusted: true\nCERT\n",
	  "certificate-type: x-509", NOTE_WARN, false, true, 2 },
	{ HEADER "class: data\nvalue: \"x\"\ntrusted: true\n" HEADER "trusted: true\nCERT\n",
	  "its class does not have", NOTE_WARN, false, true, 1 },
	{ HEADER "class: x-certificate-extension\nvalue: " EMAIL_USAGE HEADER "trusted: true\nCERT\n",
	  "an extension for no key", NOTE_ERROR, false, true, 1 },
	{ HEADER "trusted: true\nCERT\n" HEADER
		 "class: x-certificate-extension\nobject-id: 2.5.29.37\nvalue: \"junk\"\nKEY\n",
	  "no Extension", NOTE_ERROR, false, false, 1 },
	{ HEADER "trusted: true\nCERT\n" HEADER "class: x-certificate-extension\nobject-id: 2.5.29.37\n"
		 "value: \"%30%0b%06%03%55%1d%25%04%04%30%00%30%00\"\nKEY\n",
	  "no limit in it", NOTE_ERROR, false, false, 1 },
	{ HEADER "trusted: 1\nCERT\n", "'trusted' is no truth", NOTE_WARN, false, false, 1 },
	{ HEADER "x-distrusted: \"true\"\nCERT\n", "'x-distrusted' is no truth", NOTE_WARN, false, false, 1 },
	{ HEADER "trusted: true\nCERT\nCERT\n", "a second certificate", NOTE_WARN, false, false, 1 },
	{ "[other]\nlabel: \"x\"\n" HEADER "trusted: true\nCERT\n", "a section of an unknown name", NOTE_WARN,
	  false, false, 1 },
	{ HEADER "class: certificate\ncertificate-type: x-509\ntrusted: true\nKEY\n",
	  "that distrusts nothing", NOTE_WARN, false, false, 0 },
	{ HEADER "class: certificate\ncertificate-type: x-509\ntrusted: true\nx-distrusted: true\nKEY\n",
	  "an anchor without a certificate", NOTE_WARN, false, false, 1 },
	{ HEADER "trusted: true\nCERT\n" HEADER
		 "class: certificate\ncertificate-type: x-509\nx-distrusted: true\n"
		 "-----BEGIN PUBLIC KEY-----\nAAE=\n-----END PUBLIC KEY-----\n",
	  "no key that can be read", NOTE_ERROR, false, false, 1 },
	{ HEADER "trusted: true\nCERT\n" HEADER
		 "class: certificate\ncertificate-type: x-509\nx-distrusted: true\n"
		 "-----BEGIN PUBLIC KEY-----\nAAF=\n-----END PUBLIC KEY-----\n",
	  "says more than it should", NOTE_WARN, true, false, 1 },
	{ HEADER "trusted: true\nCERT\n" HEADER
		 "class: certificate\ncertificate-type: x-509\nx-distrusted: true\n"
		 "-----BEGIN PUBLIC KEY-----\nAAE= -----END PUBLIC KEY-----\n" HEADER "CERT\n",
	  "ends within a line", NOTE_WARN, true, false, 1 },
	{ HEADER "x-distrusted: true\n-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
	  "distrust of something that is no certificate", NOTE_ERROR, false, false, 0 },
	{ HEADER "class: certificate\ncertificate-type: x-509\nx-distrusted: true\nissuer: \"x\"\n"
		 "serial-number: \"%02%01%01\"\n",
	  "distrust of no certificate", NOTE_ERROR, false, false, 0 },
	{ HEADER "trusted: true\nissuer: \"%30%00\"\nCERT\n", "is not the certificate's", NOTE_WARN, false,
	  false, 1 },
	{ HEADER "trusted: true\nCERT\nOTHER\n", "is not the certificate's", NOTE_WARN, false, false, 1 },
	{ HEADER "trusted: true\nnss-server-distrust-after: \"20241301000000Z\"\nCERT\n", "that is no date",
	  NOTE_WARN, false, false, 1 },
	{ HEADER "class: nss-trust\nissuer: \"%30%00\"\ntrust-server-auth: nss-trusted\n",
	  "neither certificate nor", NOTE_WARN, false, false, 0 },
};

const size_t fault_count = sizeof(faults) / sizeof(faults[0]);
