/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "feed.h"
#include "format/armor.h"
#include "format/format.h"
#include "make.h"
#include "model/anchor.h"
#include "model/der.h"
#include "model/staple.h"
#include "module.h"

#define HEADER "[p11-kit-object-v1]\n"

static struct anchor *add(struct store *store, const struct make *how, const char *label)
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

/* Everything that the format can say, once. */
static struct store *everything(void)
{
	static const uint8_t email_and_odd[] = { 0x30, 0x0f, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05,
						 0x07, 0x03, 0x04, 0x06, 0x03, 0x2a, 0x03, 0x04 };
	static const uint8_t names[] = { 0x30, 0x0b, 0xa0, 0x09, 0x30, 0x07, 0x82,
					 0x05, 'l',  'o',  'c',  'a',  'l' };
	static const uint8_t serial[] = { 0x00, 0xff, 0x22 };
	struct store *store = store_new("everything");
	struct anchor *anchor;
	struct buf key = { 0 };

	add(store, &(struct make){ .cn = "Plain", .key = 1 }, "plain \"quoted\" 100% a\xff\x1b: [x] #");
	anchor = add(store, &(struct make){ .cn = "Limited", .key = 2 }, "limited");
	staple(store, anchor, exts[EXT_EXTENDED_KEY_USAGE].oid, email_and_odd, sizeof(email_and_odd));
	staple(store, anchor, exts[EXT_NAME_CONSTRAINTS].oid, names, sizeof(names));
	anchor = add(store, &(struct make){ .cn = "Dated", .key = 3 }, "dated");
	anchor->mozilla_policy = true;
	assert_true(clock_read("2024-11-30T23:59:59Z", &anchor->distrust_after[PURPOSE_SERVER_AUTH]));
	assert_true(clock_read("2051-01-02T03:04:05Z", &anchor->distrust_after[PURPOSE_EMAIL]));
	anchor = add(store, &(struct make){ .cn = "Distrusted", .key = 4 }, "distrusted");
	anchor->trusted = 0;
	anchor->distrusted = PURPOSES_ALL;
	anchor = add(store, &(struct make){ .cn = "Rejected", .key = 5 }, "rejected for code");
	anchor->distrusted = PURPOSE_BIT(PURPOSE_CODE_SIGNING);
	anchor = add(store, &(struct make){ .cn = "Neutral", .key = 6, .leaf = true }, "neutral");
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

static void what_is_written_is_read_back(void **state)
{
	struct store *store = everything();

	(void)state;
	feed_round(&format_p11kit, store);
	store_free(store);
}

static void trust_by_bits_alone_becomes_an_extension_that_p11_kit_staples(void **state)
{
	struct store *store = store_new("bits"), *back;
	struct buf file = { 0 };

	(void)state;
	add(store, &(struct make){ .key = 1 }, "x")->trusted =
		PURPOSE_BIT(PURPOSE_EMAIL) | PURPOSE_BIT(PURPOSE_CODE_SIGNING);
	feed_write(&format_p11kit, store, &file);
	back = feed_well(&format_p11kit, buf_view(&file));
	assert_int_equal(back->anchors[0].trusted, store->anchors[0].trusted);
	assert_int_equal(back->anchors[0].attached_count, 1);
	feed_round(&format_p11kit, back);
	store_free(back);
	store_free(store);
	buf_done(&file);
}

static void oids_are_written_as_der(void **state)
{
	struct store *store = everything();
	struct buf file = { 0 };

	(void)state;
	feed_write(&format_p11kit, store, &file);
	buf_byte(&file, '\0');
	assert_non_null(strstr((char *)file.at, "object-id: \"%06%03U%1d%25\"\n"));
	assert_null(strstr((char *)file.at, "object-id: 2"));
	buf_done(&file);
	store_free(store);
}

static void one_key_with_different_limits_is_refused_since_p11_kit_could_not_tell(void **state)
{
	struct store *store = store_new("conflict");
	struct pick pick = { 0 };
	struct style style = { 0 };
	struct buf file = { 0 };
	struct err err = { 0 };

	(void)state;
	add(store, &(struct make){ .cn = "One", .key = 1 }, "one")->trusted = PURPOSE_BIT(PURPOSE_EMAIL);
	add(store, &(struct make){ .cn = "Two", .key = 1 }, "two");
	pick.anchors = mem_zero(2 * sizeof(const struct anchor *));
	pick.anchors[pick.count++] = &store->anchors[0];
	pick.anchors[pick.count++] = &store->anchors[1];
	assert_false(format_p11kit.write(&pick, &style, &file, &err));
	assert_non_null(strstr(err.text, "'one' and 'two'"));
	file.len = 0;
	store->anchors[1].trusted = store->anchors[0].trusted;
	assert_true(format_p11kit.write(&pick, &style, &file, &err));
	pick_done(&pick);
	buf_done(&file);
	store_free(store);
}

static bool ends_between_objects(struct bytes cut)
{
	static const char dashes[] = "-----", serial[] = "serial-number:";
	size_t line;

	while (cut.len > 0 && cut.at[cut.len - 1] == '\n')
		cut.len--;
	for (line = cut.len; line > 0 && cut.at[line - 1] != '\n';)
		line--;
	cut = bytes_skip(cut, line);
	return (bytes_start(cut, bytes_of("-----END ")) && cut.len > 19 &&
		memcmp(cut.at + cut.len - 5, dashes, 5) == 0) ||
	       (bytes_start(cut, bytes_of(serial)) && cut.at[cut.len - 1] == '"');
}

static void a_file_cut_anywhere_is_never_silently_less(void **state)
{
	struct store *store = everything();
	struct buf file = { 0 };

	(void)state;
	feed_write(&format_p11kit, store, &file);
	feed_cut(&format_p11kit, buf_view(&file), ends_between_objects);
	buf_done(&file);
	store_free(store);
}

/* A file made of text, in which CERT and KEY stand for the PEM of the key 1, and OTHER for a key 2. */
static void expand(const char *text, struct buf *to)
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

static struct store *read_text(const char *text)
{
	struct buf file = { 0 };
	struct store *store;

	expand(text, &file);
	store = feed_well(&format_p11kit, buf_view(&file));
	buf_done(&file);
	return store;
}

#define EMAIL_USAGE "\"%30%16%06%03%55%1d%25%01%01%ff%04%0c%30%0a%06%08%2b%06%01%05%05%07%03%04\"\n"

static void the_forms_that_p11_kit_reads_are_read(void **state)
{
	static const struct {
		const char *text;
		uint16_t trusted, distrusted;
	} rows[] = {
		{ HEADER "trusted: true\nCERT\n", PURPOSES_ALL, 0 },
		{ "# text\r\n\r\n " HEADER "\ttrusted :true \r\nCERT\n", PURPOSES_ALL, 0 },
		{ HEADER "CERT\ntrusted: true\nx-distrusted: false\n", PURPOSES_ALL, 0 },
		{ HEADER "134: true\nCERT\n", PURPOSES_ALL, 0 },
		{ HEADER "trusted: \"%01\"\nCERT\n", PURPOSES_ALL, 0 },
		{ HEADER "trusted: true\ntrusted: false\nCERT\n", 0, 0 },
		{ HEADER "x-distrusted: true\nCERT\n", 0, PURPOSES_ALL },
		{ HEADER "trusted: true\nx-distrusted: true\nCERT\n", PURPOSES_ALL, PURPOSES_ALL },
		{ HEADER "class: certificate\ncertificate-type: x-509\ntrusted: true\nCERT\n", PURPOSES_ALL,
		  0 },
		{ HEADER "class: 1\ncertificate-type: 0\ntrusted: true\nCERT\n", PURPOSES_ALL, 0 },
		{ HEADER "trusted: true\nCERT\n" HEADER
			 "class: x-certificate-extension\nobject-id: 2.5.29.37\nvalue: " EMAIL_USAGE "KEY\n",
		  PURPOSE_BIT(PURPOSE_EMAIL), 0 },
		{ HEADER "class: x-certificate-extension\nvalue: " EMAIL_USAGE "KEY\n" HEADER
			 "trusted: true\nCERT\n",
		  PURPOSE_BIT(PURPOSE_EMAIL), 0 },
		{ HEADER "class: x-certificate-extension\nvalue: " EMAIL_USAGE "OTHER\n" HEADER
			 "trusted: true\nCERT\n",
		  PURPOSES_ALL, 0 },
		{ HEADER
		  "trusted: true\nmodifiable: false\nid: \"%00%01\"\ncertificate-category: authority\nCERT\n",
		  PURPOSES_ALL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct store *store = read_text(rows[i].text);

		assert_true(store->count > 0);
		assert_int_equal(store->anchors[0].trusted, rows[i].trusted);
		assert_int_equal(store->anchors[0].distrusted, rows[i].distrusted);
		for (size_t k = 0; k < store->note_count; k++)
			assert_int_equal(store->notes[k].level, NOTE_INFO);
		store_free(store);
	}
}

/* A fault, what is said of it, and what p11-kit does: gives up the file, or all from the object on. */
static const struct fault {
	const char *text, *words;
	enum note_level level;
	bool refused, dropped;
	size_t count;
} faults[] = {
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

static void every_fault_is_noted_where_it_is_and_the_rest_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct store *store = read_text(faults[i].text);

		if (!feed_noted(store, faults[i].level, faults[i].words))
			fail_msg("not noted: %s", faults[i].words);
		assert_int_equal(feed_noted(store, NOTE_WARN, "p11-kit drops this file"), faults[i].refused);
		assert_int_equal(store->count, faults[i].count);
		store_free(store);
	}
}

/* The lines that module_read() prints for certificates, without labels: those the module makes up. */
static void describe(const struct store *store, struct buf *to)
{
	for (size_t i = 0; i < store->count; i++) {
		const struct anchor *anchor = &store->anchors[i];
		struct buf serial = { 0 };

		if (anchor->names == ANCHOR_KEY && anchor->distrusted != PURPOSES_ALL)
			continue; /* an extension for a key of no certificate */
		if (anchor->cert.serial.len > 0)
			der_write(&serial, DER_INTEGER, anchor->cert.serial);
		buf_text(to, "cert ");
		anchor->cert.der.len > 0 ? text_hex(anchor->cert.der, to) : buf_byte(to, '-');
		buf_print(to, " trusted=%d distrusted=%d", anchor->trusted != 0,
			  anchor->distrusted == PURPOSES_ALL);
		if (anchor->names == ANCHOR_CERTIFICATE) {
			buf_byte(to, '\n');
			continue;
		}
		buf_text(to, " issuer=");
		anchor->cert.issuer.len > 0 ? text_hex(anchor->cert.issuer, to) : buf_byte(to, '-');
		buf_text(to, " serial=");
		serial.len > 0 ? text_hex(buf_view(&serial), to) : buf_byte(to, '-');
		buf_text(to, " key=");
		anchor->cert.spki.len > 0 ? text_hex(anchor->cert.spki, to) : buf_byte(to, '-');
		buf_byte(to, '\n');
		buf_done(&serial);
	}
}

/* Takes " name=…" out of every line, up to the next space or the end. */
static void without(struct buf *text, const char *name)
{
	struct buf out = { 0 };
	size_t n = strlen(name);

	for (size_t i = 0; i < text->len; i++) {
		if (text->at[i] == ' ' && text->len - i > n && memcmp(text->at + i, name, n) == 0)
			for (i++; i < text->len && text->at[i] != ' ' && text->at[i] != '\n';)
				i++;
		buf_byte(&out, text->at[i]);
	}
	buf_done(text);
	*text = out;
}

/* The module's certificate lines for a file, in the form of describe(). */
static bool module_says(const char *dir, struct bytes file, struct buf *ret)
{
	static const char nothing[] = "cert - trusted=0 distrusted=0 ";
	struct buf all = { 0 };
	bool ok;

	feed_file(dir, "x.p11-kit", file);
	ok = module_read(dir, &all);
	without(&all, " policy=");
	without(&all, " server=");
	without(&all, " email=");
	without(&all, " label=");
	buf_byte(&all, '\0');
	for (char *line = (char *)all.at, *next; *line != '\0'; line = next) {
		next = strchr(line, '\n') + 1;
		if (strncmp(line, "cert ", 5) != 0 || strncmp(line, nothing, strlen(nothing)) == 0)
			continue;
		if (strncmp(line, "cert -", 6) != 0)
			strcpy(strstr(line, " issuer="), "\n");
		buf_text(ret, strtok(line, "\n"));
		buf_byte(ret, '\n');
	}
	buf_done(&all);
	return ok;
}

static int by_line(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct buf *text)
{
	char *copy = mem_string((char *)text->at, text->len), *save = NULL, *lines[64];
	size_t count = 0;

	for (char *line = strtok_r(copy, "\n", &save); line != NULL && count < 64;
	     line = strtok_r(NULL, "\n", &save))
		lines[count++] = line;
	if (count > 0)
		qsort(lines, count, sizeof(lines[0]), by_line);
	text->len = 0;
	for (size_t i = 0; i < count; i++)
		buf_print(text, "%s\n", lines[i]);
	free(copy);
}

static bool has_module(const char *dir)
{
	struct buf text = { 0 };
	bool ok = module_read(dir, &text);

	buf_done(&text);
	return ok;
}

/* A directory for the module; skips the test if there is no module. */
static char *module_directory(void)
{
	char *dir = feed_directory();

	if (has_module(dir))
		return dir;
	feed_remove(dir);
	print_message("no p11-kit trust module here\n");
	skip();
	return NULL;
}

static void p11_kit_makes_of_each_fault_what_the_note_says(void **state)
{
	char *dir = module_directory();

	(void)state;
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		struct buf file = { 0 }, text = { 0 };

		expand(faults[i].text, &file);
		assert_true(module_says(dir, buf_view(&file), &text));
		buf_byte(&text, '\0');
		if (faults[i].refused || faults[i].dropped)
			assert_null(strstr((char *)text.at, "trusted=1"));
		buf_done(&file);
		buf_done(&text);
	}
	feed_remove(dir);
}

static void the_module_sees_what_was_written(void **state)
{
	char *dir = module_directory();
	struct store *store = everything();
	struct buf file = { 0 }, ours = { 0 }, theirs = { 0 };

	(void)state;
	feed_write(&format_p11kit, store, &file);
	assert_true(module_says(dir, buf_view(&file), &theirs));
	describe(store, &ours);
	sort(&ours);
	sort(&theirs);
	assert_int_equal(ours.len, theirs.len);
	assert_memory_equal(ours.at, theirs.at, ours.len);
	store_free(store);
	buf_done(&file);
	buf_done(&ours);
	buf_done(&theirs);
	feed_remove(dir);
}

/* The line of an anchor's issuer among the module's that begin with `kind`; NULL: there is none. */
static const char *line_of(const struct buf *text, const char *kind, const struct anchor *anchor,
			   char room[4096])
{
	struct buf issuer = { 0 };
	const char *found = NULL;

	buf_text(&issuer, "issuer=");
	text_hex(anchor->cert.issuer, &issuer);
	buf_byte(&issuer, '\0');
	for (const char *line = (const char *)text->at; *line != '\0'; line = strchr(line, '\n') + 1) {
		size_t len = strcspn(line, "\n");

		if (strncmp(line, kind, strlen(kind)) != 0 || len >= 4096)
			continue;
		memcpy(room, line, len);
		room[len] = '\0';
		if (strstr(room, (char *)issuer.at) != NULL) {
			found = room;
			break;
		}
	}
	buf_done(&issuer);
	return found;
}

static void the_module_tells_the_dates_the_policy_and_the_labels_that_were_written(void **state)
{
	char *dir = module_directory(), room[4096];
	struct store *store = everything();
	struct buf file = { 0 }, text = { 0 }, label = { 0 };
	const char *line;

	(void)state;
	feed_write(&format_p11kit, store, &file);
	feed_file(dir, "x.p11-kit", buf_view(&file));
	assert_true(module_read(dir, &text));
	buf_byte(&text, '\0');
	line = line_of(&text, "cert 3", &store->anchors[2], room);
	assert_non_null(strstr(line, " policy=1 server=241130235959Z email=20510102030405Z "));
	line = line_of(&text, "cert 3", &store->anchors[3], room);
	assert_non_null(strstr(line, " policy=- server=- email=- "));
	line = line_of(&text, "cert 3", &store->anchors[0], room);
	buf_text(&label, " label=");
	text_hex(bytes_of(store->anchors[0].label), &label);
	buf_byte(&label, '\0');
	assert_non_null(strstr(line, (char *)label.at));
	store_free(store);
	buf_done(&file);
	buf_done(&text);
	buf_done(&label);
	feed_remove(dir);
}

static void the_module_trusts_for_the_purposes_that_were_written(void **state)
{
	static const struct {
		size_t index;
		const char *words;
	} rows[] = {
		{ 1, " server=" MODULE_UNKNOWN " email=" MODULE_ANCHOR " code=" MODULE_UNKNOWN },
		{ 2, " server=" MODULE_ANCHOR " email=" MODULE_ANCHOR " code=" MODULE_ANCHOR },
		{ 3, " server=" MODULE_NOT " email=" MODULE_NOT " code=" MODULE_NOT },
		{ 4, " code=" MODULE_NOT },
		{ 5, " server=" MODULE_UNKNOWN " email=" MODULE_UNKNOWN " code=" MODULE_UNKNOWN },
	};
	char *dir = module_directory(), room[4096];
	struct store *store = everything();
	struct buf file = { 0 }, text = { 0 };

	(void)state;
	feed_write(&format_p11kit, store, &file);
	feed_file(dir, "x.p11-kit", buf_view(&file));
	assert_true(module_read(dir, &text));
	buf_byte(&text, '\0');
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *line = line_of(&text, "nss ", &store->anchors[rows[i].index], room);

		assert_non_null(line);
		if (strstr(line, rows[i].words) == NULL)
			fail_msg("'%s' is not in '%s'", rows[i].words, line);
	}
	store_free(store);
	buf_done(&file);
	buf_done(&text);
	feed_remove(dir);
}

/* One byte, line or pair of lines of the file changed, by a number. */
static void mutate(const struct buf *file, unsigned seed, struct buf *to)
{
	unsigned random = seed * 2654435761u;
	size_t at = (random >> 8) % file->len, line = at, end = at;

	while (line > 0 && file->at[line - 1] != '\n')
		line--;
	while (end < file->len && file->at[end++] != '\n')
		;
	buf_bytes(to, (struct bytes){ file->at, line });
	switch (seed % 4) {
	case 0: /* gone */
		break;
	case 1: /* twice */
		buf_bytes(to, (struct bytes){ file->at + line, end - line });
		buf_bytes(to, (struct bytes){ file->at + line, end - line });
		break;
	default: /* another byte in it */
		buf_bytes(to, (struct bytes){ file->at + line, end - line });
		to->at[at] = (uint8_t) "\"%:[]#\n truefalse018"[random % 20];
	}
	buf_bytes(to, (struct bytes){ file->at + end, file->len - end });
}

static void where_no_warning_is_given_the_module_reads_the_same(void **state)
{
	enum { TRIES = 400 };
	char *dir = module_directory();
	struct store *store = everything();
	struct buf file = { 0 };
	size_t compared = 0;

	(void)state;
	feed_write(&format_p11kit, store, &file);
	for (unsigned seed = 0; seed < TRIES; seed++) {
		struct buf changed = { 0 }, ours = { 0 }, theirs = { 0 };
		struct store *read;
		struct err err;
		bool warned = false;

		mutate(&file, seed, &changed);
		read = feed(&format_p11kit, buf_view(&changed), &err);
		for (size_t i = 0; i < read->note_count; i++)
			warned |= read->notes[i].level != NOTE_INFO;
		if (!warned && err.code == ERR_NONE) {
			compared++;
			assert_true(module_says(dir, buf_view(&changed), &theirs));
			describe(read, &ours);
			sort(&ours);
			sort(&theirs);
			if (!bytes_equal(buf_view(&ours), buf_view(&theirs)))
				fail_msg("change %u: the module reads something else", seed);
		}
		store_free(read);
		buf_done(&changed);
		buf_done(&ours);
		buf_done(&theirs);
	}
	assert_true(compared > 20);
	store_free(store);
	buf_done(&file);
	feed_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(trust_by_bits_alone_becomes_an_extension_that_p11_kit_staples),
		cmocka_unit_test(oids_are_written_as_der),
		cmocka_unit_test(one_key_with_different_limits_is_refused_since_p11_kit_could_not_tell),
		cmocka_unit_test(a_file_cut_anywhere_is_never_silently_less),
		cmocka_unit_test(the_forms_that_p11_kit_reads_are_read),
		cmocka_unit_test(every_fault_is_noted_where_it_is_and_the_rest_is_read),
		cmocka_unit_test(p11_kit_makes_of_each_fault_what_the_note_says),
		cmocka_unit_test(the_module_sees_what_was_written),
		cmocka_unit_test(the_module_tells_the_dates_the_policy_and_the_labels_that_were_written),
		cmocka_unit_test(the_module_trusts_for_the_purposes_that_were_written),
		cmocka_unit_test(where_no_warning_is_given_the_module_reads_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
