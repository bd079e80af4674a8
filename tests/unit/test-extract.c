/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What `trust extract` makes of a directory that we wrote, and what we make of
 * the same anchors, are the same bytes. `trust` takes its directory from its
 * configuration alone, so it runs in a mount namespace where that is ours.
 */
#include "unit.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "feed.h"
#include "format/format.h"
#include "make.h"
#include "model/anchor.h"
#include "model/staple.h"

enum { NOW = 1795392000 };

static struct anchor *add(struct store *store, const char *cn, unsigned key, bool leaf)
{
	struct buf der = { 0 };
	struct anchor *anchor;

	make_cert(&(struct make){ .cn = cn, .key = key, .serial = key, .leaf = leaf }, &der);
	anchor = store_add(store, buf_view(&der), 0);
	store_label(store, anchor, bytes_of(cn));
	anchor->trusted = PURPOSES_ALL;
	buf_done(&der);
	return anchor;
}

/* The anchors that `trust` could have in one directory; no two of the same alias. */
static struct store *policy(void)
{
	static const uint8_t usage[] = { 0x30, 0x14, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03,
					 0x04, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01 };
	struct store *store = store_new("policy");
	struct buf whole = { 0 };

	add(store, "Plain CA", 1, false);
	staple_write_extension(exts[EXT_EXTENDED_KEY_USAGE].oid, true, (struct bytes){ usage, sizeof(usage) },
			       &whole);
	assert_true(staple_add(store, add(store, "Limited", 2, false), buf_view(&whole)));
	add(store, "Főtanúsítvány", 3, false);
	add(store, "Rejected", 4, false)->distrusted = PURPOSE_BIT(PURPOSE_EMAIL);
	add(store, "Forbidden", 5, false)->distrusted = PURPOSES_ALL;
	add(store, "Nobody", 6, true)->trusted = 0;
	buf_done(&whole);
	return store;
}

/* Runs `trust extract` over the directory `dir`; false if there is no way to make it read that. */
static bool extract(const char *dir, const char *format, const char *filter, bool server, struct buf *to)
{
	static const char script[] =
		"configs=$(pkg-config --variable=p11_module_configs p11-kit-1) && mkdir -p %s/conf && "
		"printf 'module: p11-kit-trust.so\\ntrust-policy: yes\\nx-init-reserved: paths=%s/in\\n' "
		">%s/conf/p11-kit-trust.module && "
		"SOURCE_DATE_EPOCH=%d unshare -rm sh -c \"mount --bind %s/conf $configs && "
		"trust extract --comment --overwrite --format=%s --filter=%s %s %s/out\" "
		">/dev/null 2>&1";

	if (!feed_run(NULL, script, dir, dir, dir, NOW, dir, format, filter,
		      server ? "--purpose=server-auth" : "", dir))
		return false;
	feed_load(dir, "out", to);
	return true;
}

/* The directory with our anchors in it, and `trust` willing; skips the test if it cannot be. */
static char *trust_directory(const struct store *store)
{
	char *dir = feed_directory(), *in = mem_print("%s/in", dir);
	struct buf file = { 0 }, out = { 0 };
	bool ok;

	assert_true(feed_run(NULL, "mkdir %s", in));
	feed_write(&format_p11kit, store, &file);
	feed_file(in, "policy.p11-kit", buf_view(&file));
	ok = extract(dir, "pem-bundle", "ca-anchors", false, &out);
	buf_done(&file);
	buf_done(&out);
	free(in);
	if (ok)
		return dir;
	feed_remove(dir);
	print_message("no trust command here, or no mount namespace for it\n");
	skip();
	return NULL;
}

/* What we write of the same anchors. */
static void ours(const struct format *format, const struct store *store, enum filter filter, bool server,
		 struct buf *to)
{
	struct wanted wanted = { .any = !server, .purpose = PURPOSE_SERVER_AUTH };
	struct style style = { .comments = true, .at = NOW };
	struct err err = { 0 };
	struct pick pick;

	pick_from(store, filter, &wanted, &pick);
	assert_true(pick.count > 0);
	assert_true(format->write(&pick, &style, to, &err));
	pick_done(&pick);
}

static void same(const struct buf *a, const struct buf *b)
{
	assert_int_equal(a->len, b->len);
	assert_memory_equal(a->at, b->at, a->len);
}

static void edk2_cacerts_and_java_cacerts_are_the_bytes_of_trust_extract(void **state)
{
	static const struct {
		const char *name;
		const struct format *format;
	} rows[] = { { "edk2-cacerts", &format_edk2 }, { "java-cacerts", &format_jks } };
	struct store *store = policy();
	char *dir = trust_directory(store);

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct buf theirs = { 0 }, mine = { 0 };

		assert_true(extract(dir, rows[i].name, "ca-anchors", true, &theirs));
		ours(rows[i].format, store, FILTER_CA_ANCHORS, true, &mine);
		same(&mine, &theirs);
		buf_done(&theirs);
		buf_done(&mine);
	}
	feed_remove(dir);
	store_free(store);
}

static void a_pem_bundle_is_the_bytes_of_trust_extract(void **state)
{
	struct store *store = policy();
	char *dir = trust_directory(store);
	struct buf theirs = { 0 }, mine = { 0 };

	(void)state;
	assert_true(extract(dir, "pem-bundle", "ca-anchors", true, &theirs));
	ours(&format_pem, store, FILTER_CA_ANCHORS, true, &mine);
	same(&mine, &theirs);
	buf_done(&theirs);
	buf_done(&mine);
	feed_remove(dir);
	store_free(store);
}

static void an_openssl_bundle_is_the_bytes_of_trust_extract(void **state)
{
	static const struct {
		const char *name;
		enum filter filter;
		bool server;
	} rows[] = { { "ca-anchors", FILTER_CA_ANCHORS, true },
		     { "ca-anchors", FILTER_CA_ANCHORS, false },
		     { "certificates", FILTER_CERTIFICATES, false } };
	struct store *store = policy();
	char *dir = trust_directory(store);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf theirs = { 0 }, mine = { 0 };

		assert_true(extract(dir, "openssl-bundle", rows[i].name, rows[i].server, &theirs));
		ours(&format_trusted, store, rows[i].filter, rows[i].server, &mine);
		same(&mine, &theirs);
		buf_done(&theirs);
		buf_done(&mine);
	}
	feed_remove(dir);
	store_free(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edk2_cacerts_and_java_cacerts_are_the_bytes_of_trust_extract),
		cmocka_unit_test(a_pem_bundle_is_the_bytes_of_trust_extract),
		cmocka_unit_test(an_openssl_bundle_is_the_bytes_of_trust_extract),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
