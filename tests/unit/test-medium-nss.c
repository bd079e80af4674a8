/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NSS databases, made by NSS's own certutil and damaged by python's SQLite. */
#include "unit.h"

#include <stdlib.h>

#include <gnutls/x509.h>

#include "base/mem.h"
#include "feed.h"
#include "medium/library.h"
#include "medium/token.h"
#include "trust.h"

/* Certificates with P-256 keys, as NSS before 3.110 takes none with the Ed25519 of make.h. */
struct one {
	const char *name;
	bool leaf;
	struct buf der;
};
static struct one ca = { .name = "A CA" }, other = { .name = "Another CA" },
		  leaf = { .name = "A server", .leaf = true }, twin = { .name = "A CA with its key" };

static gnutls_x509_privkey_t new_key(void)
{
	gnutls_x509_privkey_t key;

	assert_int_equal(gnutls_x509_privkey_init(&key), 0);
	assert_int_equal(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
						      GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
			 0);
	return key;
}

static void make(struct one *one, unsigned char serial, gnutls_x509_privkey_t key)
{
	gnutls_x509_crt_t crt;
	gnutls_datum_t der;

	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	gnutls_x509_crt_set_version(crt, 3);
	gnutls_x509_crt_set_serial(crt, &serial, 1);
	gnutls_x509_crt_set_activation_time(crt, 1767225600);
	gnutls_x509_crt_set_expiration_time(crt, 2082758400);
	gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, one->name,
				      (unsigned)strlen(one->name));
	gnutls_x509_crt_set_key(crt, key);
	gnutls_x509_crt_set_basic_constraints(crt, !one->leaf, -1);
	assert_int_equal(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0), 0);
	assert_int_equal(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der), 0);
	buf_bytes(&one->der, (struct bytes){ der.data, der.size });
	gnutls_free(der.data);
	gnutls_x509_crt_deinit(crt);
}

static int set_up(void **state)
{
	gnutls_x509_privkey_t key = new_key();

	(void)state;
	make(&ca, 11, key);
	make(&twin, 14, key);
	gnutls_x509_privkey_deinit(key);
	key = new_key();
	make(&other, 12, key);
	make(&leaf, 13, key);
	gnutls_x509_privkey_deinit(key);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	buf_done(&ca.der);
	buf_done(&other.der);
	buf_done(&leaf.der);
	buf_done(&twin.der);
	return 0;
}

static const struct anchor *anchor_of(const struct store *store, const struct one *one)
{
	for (size_t i = 0; i < store->count; i++)
		if (bytes_equal(store->anchors[i].cert.der, buf_view(&one->der)))
			return &store->anchors[i];
	fail_msg("'%s' is not among the %zu anchors", one->name, store->count);
	return NULL;
}

enum {
	SERVER = 1 << PURPOSE_SERVER_AUTH,
	CLIENT = 1 << PURPOSE_CLIENT_AUTH,
	EMAIL = 1 << PURPOSE_EMAIL,
	CODE = 1 << PURPOSE_CODE_SIGNING,
};

static bool nss_is_here(void)
{
	char *softokn = library_find("libsoftokn3.so");
	bool here = softokn != NULL && feed_run(NULL, "command -v certutil >/dev/null");

	free(softokn);
	if (!here)
		print_message("skipped: NSS's libsoftokn3.so or certutil is not here\n");
	return here;
}

#define NEEDS_NSS()                                                                                          \
	do {                                                                                                 \
		if (!nss_is_here())                                                                          \
			skip();                                                                              \
	} while (0)

static int begin(void **state)
{
	*state = feed_directory();
	return 0;
}

static int end(void **state)
{
	feed_remove(*state);
	return 0;
}

/* An empty database in db/. */
static void database(const char *directory, const char *password)
{
	trust_text(directory, "password", password);
	trust_folder(directory, "db");
	assert_true(feed_run(NULL, "certutil -N -d sql:%s/db %s %s/password 2>/dev/null", directory,
			     password[0] == '\0' ? "--empty-password #" : "-f", directory));
}

static void add(const char *directory, const struct one *one, const char *flags)
{
	feed_file(directory, "one.der", buf_view(&one->der));
	assert_true(feed_run(
		NULL, "certutil -A -d sql:%s/db -f %s/password -n '%s' -t '%s' -i %s/one.der 2>/dev/null",
		directory, directory, one->name, flags, directory));
}

/* The database's tables, changed behind the back of NSS. */
static bool damage(const char *directory, const char *file, const char *statement)
{
	return feed_run(NULL,
			"command -v python3 >/dev/null && python3 -c \"import sqlite3, sys\n"
			"c = sqlite3.connect(sys.argv[1])\n"
			"for s in sys.argv[2].split(';'): c.execute(s)\n"
			"c.commit()\" %s/db/%s \"%s\"",
			directory, file, statement);
}

static struct store *read_it(const char *directory)
{
	char *path = mem_print("%s/db", directory);
	struct store *store = trust_read_well(NULL, NULL, path);

	free(path);
	return store;
}

static void trust_flags_are_purposes_and_nicknames_are_labels(void **state)
{
	static const struct {
		const char *flags;
		unsigned trusted, distrusted;
	} rows[] = {
		{ "C,,", SERVER, 0 },
		{ "CT,C,C", SERVER | CLIENT | EMAIL | CODE, 0 },
		{ "T,,", CLIENT, 0 },
		{ ",C,", EMAIL, 0 },
		{ "p,p,p", 0, SERVER | CLIENT | EMAIL | CODE },
		{ "p,C,", EMAIL, SERVER | CLIENT },
		{ ",,", 0, 0 },
		{ "c,,", 0, 0 },
	};

	(void)state;
	NEEDS_NSS();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *directory = feed_directory();
		const struct anchor *anchor;
		struct store *store;

		database(directory, "");
		add(directory, &ca, rows[i].flags);
		store = read_it(directory);
		anchor = anchor_of(store, &ca);
		if (anchor->trusted != rows[i].trusted || anchor->distrusted != rows[i].distrusted)
			fail_msg("%s is %x and not %x", rows[i].flags, anchor->trusted, anchor->distrusted);
		assert_string_equal(anchor->label, "A CA");
		assert_non_null(strstr(anchor->origin.file, "/db/cert9.db"));
		assert_int_equal(store->note_count, 0);
		store_free(store);
		feed_remove(directory);
	}
}

static void a_trusted_peer_is_an_anchor_unless_it_is_a_ca(void **state)
{
	const char *directory = *state;
	struct store *store;

	NEEDS_NSS();
	database(directory, "");
	add(directory, &ca, "P,,");
	add(directory, &leaf, "P,,");
	store = read_it(directory);
	assert_int_equal(anchor_of(store, &ca)->trusted, 0);
	assert_int_equal(anchor_of(store, &leaf)->trusted, SERVER | CLIENT);
	assert_true(trust_noted(store, NOTE_WARN, "cert9.db", "'A CA' is a CA that is trusted itself (P)"));
	assert_true(trust_noted(store, NOTE_INFO, "cert9.db", "'A server' is trusted itself (P)"));
	store_free(store);
}

static void what_forbids_one_certificate_says_nothing_of_another_with_its_key(void **state)
{
	const char *directory = *state;
	struct store *store;

	NEEDS_NSS();
	database(directory, "");
	add(directory, &twin, "p,p,p");
	add(directory, &ca, "C,,");
	store = read_it(directory);
	assert_int_equal(anchor_of(store, &ca)->trusted, SERVER);
	assert_int_equal(anchor_of(store, &ca)->distrusted, 0);
	assert_int_equal(anchor_of(store, &twin)->distrusted, SERVER | CLIENT | EMAIL | CODE);
	store_free(store);
}

static void reading_changes_no_byte_and_adds_no_file(void **state)
{
	const char *directory = *state;
	struct buf before = { 0 }, after = { 0 };

	NEEDS_NSS();
	database(directory, "");
	add(directory, &ca, "C,,");
	assert_true(feed_run(&before, "cd %s/db && stat -c '%%n %%s %%y' * && cksum *", directory));
	store_free(read_it(directory));
	assert_true(feed_run(&after, "cd %s/db && stat -c '%%n %%s %%y' * && cksum *", directory));
	assert_true(bytes_equal(buf_view(&before), buf_view(&after)));
	buf_done(&before);
	buf_done(&after);
}

static void a_tampered_trust_attribute_is_an_error_and_all_that_its_object_says_is_lost(void **state)
{
	const char *directory = *state;
	struct store *store;

	NEEDS_NSS();
	database(directory, "");
	add(directory, &ca, "p,p,p");
	add(directory, &other, "C,,");
	if (!damage(directory, "cert9.db",
		    "update nssPublic set ace536358=x'ce534352' where ace536358=x'ce53435a'")) {
		print_message("skipped: python3 with sqlite3 is not here\n");
		skip();
	}
	store = read_it(directory);
	assert_int_equal(anchor_of(store, &ca)->trusted, 0);
	assert_int_equal(anchor_of(store, &ca)->distrusted, 0);
	assert_int_equal(anchor_of(store, &other)->trusted, SERVER);
	assert_int_equal(trust_notes(store, NOTE_ERROR), 1);
	assert_true(trust_noted(store, NOTE_ERROR, "cert9.db", "'A CA': what is said of trust"));
	assert_true(
		trust_noted(store, NOTE_ERROR, "cert9.db", "the signature for server-auth does not hold"));
	store_free(store);
}

static void a_database_with_a_password_is_read_and_said_to_be_unverified(void **state)
{
	const char *directory = *state;
	struct store *store;

	NEEDS_NSS();
	database(directory, "a long password");
	add(directory, &ca, "C,,");
	add(directory, &other, "p,p,p");
	store = read_it(directory);
	assert_int_equal(anchor_of(store, &ca)->trusted, SERVER);
	assert_int_equal(anchor_of(store, &other)->distrusted, SERVER | CLIENT | EMAIL | CODE);
	assert_int_equal(store->note_count, 1);
	assert_true(trust_noted(store, NOTE_WARN, "cert9.db", "the database has a password"));
	store_free(store);
}

/* What NSS 3.114 and later write: columns a62c (server-auth) to a62f, the class 0xb; CKT_NOT_TRUSTED is 3. */
static void trust_objects_of_new_nss_are_read_and_beat_old_ones_that_say_otherwise(void **state)
{
	const char *directory = *state;
	struct store *store;
	bool damaged;

	NEEDS_NSS();
	database(directory, "a long password"); /* so that there is no signature to miss */
	add(directory, &ca, "C,,");
	add(directory, &other, "C,,");
	damaged = damage(directory, "cert9.db", "alter table nssPublic add a62d") &&
		  damage(directory, "cert9.db", "alter table nssPublic add a62e") &&
		  damage(directory, "cert9.db", "alter table nssPublic add a62f") &&
		  damage(directory, "cert9.db", "alter table nssPublic add a635");
	if (damaged)
		damaged =
			damage(directory, "cert9.db",
			       "alter table nssPublic add a62c;"
			       "insert into nssPublic (id, a0, a1, a81, a82, a62c, a62f) "
			       "select id + 1, x'0000000b', a1, a81, a82, x'00000003', x'00000002' "
			       "from nssPublic where a0=x'ce534353' and ace5363b4 in "
			       "(select ace5363b4 from nssPublic where a0=x'ce534353' order by a82 limit 1)");
	if (!damaged) {
		print_message("skipped: python3 with sqlite3 is not here, or this NSS has these columns\n");
		skip();
	}
	store = read_it(directory);
	assert_int_equal(anchor_of(store, &ca)->trusted, EMAIL);
	assert_int_equal(anchor_of(store, &ca)->distrusted, SERVER);
	assert_int_equal(anchor_of(store, &other)->trusted, SERVER);
	assert_true(trust_noted(store, NOTE_WARN, "cert9.db", "'A CA': NSS before 3.114 finds other trust"));
	store_free(store);
}

static void modules_of_the_profile_are_named_and_not_loaded(void **state)
{
	const char *directory = *state;
	struct store *store;

	NEEDS_NSS();
	database(directory, "");
	assert_true(feed_run(NULL,
			     "printf 'library=%s\\nname=Fake\\nNSS=trustOrder=100\\n\\n' >>%s/db/pkcs11.txt",
			     trust_fake(), directory));
	setenv("FAKE", "CRASH", 1);
	store = read_it(directory);
	unsetenv("FAKE");
	assert_int_equal(store->note_count, 1);
	assert_true(trust_noted(store, NOTE_WARN, "pkcs11.txt", "load the module 'Fake' (/"));
	assert_true(store->notes[0].line > 4);
	store_free(store);
}

/* SQLite makes files beside a database with a write-ahead log even to read it. */
static void a_database_with_a_write_ahead_log_is_read_from_a_copy(void **state)
{
	const char *directory = *state;
	struct buf after = { 0 };
	struct store *store;

	NEEDS_NSS();
	database(directory, "");
	add(directory, &ca, "C,,");
	if (!damage(directory, "cert9.db", "pragma journal_mode=wal")) {
		print_message("skipped: python3 with sqlite3 is not here\n");
		skip();
	}
	store = read_it(directory);
	assert_int_equal(anchor_of(store, &ca)->trusted, SERVER);
	assert_true(feed_run(&after, "cd %s/db && ls", directory));
	assert_true(bytes_equal(buf_view(&after), bytes_of("cert9.db\nkey4.db\npkcs11.txt\n")));
	store_free(store);
	buf_done(&after);
}

/* What a program leaves that dies in the middle of a write. */
static void an_unfinished_write_is_taken_back_in_a_copy(void **state)
{
	const char *directory = *state;
	struct buf before = { 0 }, after = { 0 };
	struct store *store;

	NEEDS_NSS();
	database(directory, "");
	for (int i = 0; i < 3; i++)
		add(directory, i == 0 ? &ca : i == 1 ? &other : &leaf, "C,,");
	if (!feed_run(NULL,
		      "cd %s && command -v python3 >/dev/null && python3 -c \"import os, shutil, sqlite3\n"
		      "c = sqlite3.connect('db/cert9.db', isolation_level=None)\n"
		      "c.execute('pragma cache_size=1')\n"
		      "c.execute('begin immediate')\n"
		      "c.execute('update nssPublic set a3=zeroblob(5000)')\n"
		      "shutil.copytree('db', 'dead')\n"
		      "os._exit(0)\" && [ -s dead/cert9.db-journal ] && rm -rf db && mv dead db",
		      directory)) {
		print_message("skipped: python3 with sqlite3 is not here\n");
		skip();
	}
	assert_true(feed_run(&before, "cd %s/db && cksum *", directory));
	store = read_it(directory);
	assert_true(feed_run(&after, "cd %s/db && cksum *", directory));
	assert_true(bytes_equal(buf_view(&before), buf_view(&after)));
	assert_int_equal(anchor_of(store, &ca)->trusted, SERVER);
	assert_string_equal(anchor_of(store, &other)->label, "Another CA");
	assert_true(trust_noted(store, NOTE_WARN, "cert9.db", "a copy is read"));
	store_free(store);
	buf_done(&before);
	buf_done(&after);
}

/* A certificate whose page SQLite cannot read any more is not silently less. */
static void a_damaged_database_is_an_error(void **state)
{
	const char *directory = *state;
	static const char overwrite[] =
		"cd %s/db && head -c 4096 /dev/zero | tr '\\0' '\\377' >../page && size=$(wc -c <cert9.db) "
		"&& "
		"for page in $(seq 1 $((size / 4096 - 1))); do "
		"mkdir ../$page && cp * ../$page && "
		"dd if=../page of=../$page/cert9.db bs=4096 seek=$page conv=notrunc 2>/dev/null || exit 1; "
		"done; echo $((size / 4096))";
	struct buf pages = { 0 };

	NEEDS_NSS();
	database(directory, "");
	for (int i = 0; i < 3; i++)
		add(directory, i == 0 ? &ca : i == 1 ? &other : &leaf, "C,,");
	assert_true(feed_run(&pages, overwrite, directory));
	buf_byte(&pages, 0);
	for (long page = 1; page < strtol((const char *)pages.at, NULL, 10); page++) {
		char *path = mem_print("%s/%ld", directory, page);
		struct err err = { 0 };
		struct store *store = trust_read("nss", NULL, path, &err);

		if (store != NULL && store->count < 3)
			assert_true(store_incomplete(store));
		if (store == NULL)
			assert_int_not_equal(err.code, ERR_NONE);
		store_free(store);
		free(path);
	}
	buf_done(&pages);
}

static void in_a_root_links_lead_to_what_is_in_it(void **state)
{
	const char *directory = *state;
	struct store *store;

	NEEDS_NSS();
	database(directory, "");
	add(directory, &ca, "C,,");
	assert_true(
		feed_run(NULL, "cd %s && mv db/cert9.db real.db && ln -s /real.db db/cert9.db", directory));
	store = trust_read_well("nss", directory, "/db");
	assert_int_equal(anchor_of(store, &ca)->trusted, SERVER);
	store_free(store);
}

static void a_file_of_the_database_and_the_name_that_nss_uses_name_it_as_well(void **state)
{
	static const struct {
		const char *kind, *before, *behind;
	} rows[] = { { NULL, "", "/cert9.db" }, { NULL, "", "/" }, { "nss", "sql:", "" } };

	(void)state;
	NEEDS_NSS();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *directory = feed_directory(),
		     *path = mem_print("%s%s/db%s", rows[i].before, directory, rows[i].behind);
		struct store *store;

		database(directory, "");
		add(directory, &ca, "C,,");
		store = trust_read_well(rows[i].kind, NULL, path);
		assert_int_equal(anchor_of(store, &ca)->trusted, SERVER);
		store_free(store);
		feed_remove(directory);
		free(path);
	}
}

static void what_is_no_database_is_an_error_that_says_why(void **state)
{
	static const struct {
		const char *make, *says;
	} rows[] = {
		{ "true", "no NSS database (cert9.db) in this directory" },
		{ "printf '\\0\\6\\25\\141' >cert8.db", "of the old kind (cert8.db)" },
		{ "echo text >cert9.db", "'cert9.db': no SQLite file" },
		{ ": >cert9.db", "'cert9.db': an empty file" },
		{ "mkfifo cert9.db", "'cert9.db': no regular file" },
		{ "ln -s nowhere cert9.db", "'cert9.db': a dangling link" },
		{ "echo 'SQLite format 3 and more' | tr '\\n' ' ' >cert9.db; printf '\\0' | "
		  "dd of=cert9.db bs=1 seek=15 conv=notrunc 2>/dev/null",
		  "there is no key4.db" },
		{ "echo 'SQLite format 3 and more' | tr '\\n' ' ' >cert9.db; printf '\\0' | "
		  "dd of=cert9.db bs=1 seek=15 conv=notrunc 2>/dev/null; cp cert9.db key4.db",
		  "NSS" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *directory = feed_directory();
		struct err err = { 0 };

		assert_true(feed_run(NULL, "cd %s && %s", directory, rows[i].make));
		assert_null(trust_read("nss", NULL, directory, &err));
		if (strstr(err.text, rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].make, err.text);
		feed_remove(directory);
	}
}

static void without_softokn_the_error_says_what_to_install(void **state)
{
	static const char database[] =
		"printf 'SQLite format 3\\0 ' >%s/cert9.db && head -c 99 /dev/zero >>%s/cert9.db "
		"&& cp %s/cert9.db %s/key4.db";
	char *directory = feed_directory();
	struct err err = { 0 };

	(void)state;
	assert_true(feed_run(NULL, database, directory, directory, directory, directory));
	token_tuning.softokn = "libanchorage-none.so";
	assert_null(trust_read(NULL, NULL, directory, &err));
	token_tuning.softokn = "libsoftokn3.so";
	assert_int_equal(err.code, ERR_UNSUPPORTED);
	assert_non_null(strstr(err.text, "install libnss3"));
	feed_remove(directory);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(trust_flags_are_purposes_and_nicknames_are_labels),
		TEST(a_trusted_peer_is_an_anchor_unless_it_is_a_ca),
		TEST(what_forbids_one_certificate_says_nothing_of_another_with_its_key),
		TEST(reading_changes_no_byte_and_adds_no_file),
		TEST(a_tampered_trust_attribute_is_an_error_and_all_that_its_object_says_is_lost),
		TEST(a_database_with_a_password_is_read_and_said_to_be_unverified),
		TEST(trust_objects_of_new_nss_are_read_and_beat_old_ones_that_say_otherwise),
		TEST(modules_of_the_profile_are_named_and_not_loaded),
		TEST(a_database_with_a_write_ahead_log_is_read_from_a_copy),
		TEST(an_unfinished_write_is_taken_back_in_a_copy),
		TEST(a_damaged_database_is_an_error),
		TEST(in_a_root_links_lead_to_what_is_in_it),
		cmocka_unit_test(a_file_of_the_database_and_the_name_that_nss_uses_name_it_as_well),
		cmocka_unit_test(what_is_no_database_is_an_error_that_says_why),
		cmocka_unit_test(without_softokn_the_error_says_what_to_install),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
