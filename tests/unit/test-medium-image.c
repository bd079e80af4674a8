/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Archives and images as stores. */
#include "unit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images.h"
#include "medium/image.h"
#include "model/kind.h"

static void every_certificate_file_of_an_archive_is_read(void **state)
{
	struct buf tar = { 0 };
	struct store *store;

	image_some(&tar);
	image_put(*state, "a.tar", &tar);
	store = image_read_well(*state, "/a.tar");
	image_names_are(store, "Alder Birch Cedar Dogwood ");
	assert_string_equal(store->anchors[0].origin.file, "/a.tar!/etc/alder");
	assert_int_equal(store->anchors[0].origin.line, 1);
	assert_string_equal(store->kind->name, "image");
	assert_true(feed_noted(store, NOTE_INFO, "an empty file"));
	store_free(store);
}

static void every_compression_is_read(void **state)
{
	static const char *const programs[] = {
		"gzip", "bzip2", "xz", "xz --format=lzma", "zstd -q", "lz4 -q"
	};
	struct buf tar = { 0 };

	image_some(&tar);
	image_put(*state, "a.tar", &tar);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		const struct work *work = *state;

		if (!feed_run(NULL, "cd '%s' && %s <a.tar >c", work->dir, programs[i])) {
			print_message("# no %s here\n", programs[i]);
			continue;
		}
		image_holds(*state, "/c", "Alder Birch Cedar Dogwood ");
		image_holds(*state, "/c!/etc/certs/cedar.pem", "Cedar ");
	}
}

static void a_path_inside_is_read_as_one_outside(void **state)
{
	struct buf tar = { 0 };
	struct store *store;
	struct err err;

	image_some(&tar);
	image_put(*state, "a.tar", &tar);
	store = image_read_well(*state, "/a.tar!/etc/certs");
	image_names_are(store, "Cedar Dogwood ");
	assert_string_equal(store->kind->name, "dir");
	assert_int_equal(store->note_count, 1);
	assert_string_equal(store->notes[0].file, "/a.tar!/etc/certs/README");
	store_free(store);
	store = image_read_kind(*state, "pem", "/a.tar!/etc/alder", &err);
	assert_non_null(store);
	store_free(store);
	assert_null(image_read_kind(*state, "jks", "/a.tar!/etc/alder", &err));
	image_refused(*state, "/a.tar!/etc/none", "no such file");
	image_refused(*state, "/a.tar!/usr/bin/nothing", "no such file");
	image_refused(*state, "/none!/etc/alder", "No such file");
}

static void a_path_that_is_there_with_its_mark_is_no_archive(void **state)
{
	struct buf pem = { 0 };

	image_run(*state, "mkdir 'a!'");
	pem_cert(&pem, "Alder", 1);
	image_put(*state, "a!/x.pem", &pem);
	image_holds(*state, "/a!/x.pem", "Alder ");
	image_holds(*state, "/a!", "Alder ");
}

static void links_are_followed_in_the_archive_alone(void **state)
{
	struct buf tar = { 0 };

	tar_cert(&tar, "etc/pki/alder.pem", "Alder", 1);
	tar_text(&tar, "usr/bin/plain", "no store at all");
	tar_add(&tar, "absolute", TAR_LINK, "/etc/pki/alder.pem", bytes_of(""));
	tar_add(&tar, "usr/relative", TAR_LINK, "../etc/pki/alder.pem", bytes_of(""));
	tar_add(&tar, "usr/out", TAR_LINK, "../../../../../../../../etc/pki/alder.pem", bytes_of(""));
	tar_add(&tar, "host", TAR_LINK, "/outside.pem", bytes_of(""));
	tar_add(&tar, "certs", TAR_LINK, "etc/pki", bytes_of(""));
	tar_add(&tar, "hard.pem", TAR_HARD, "etc/pki/alder.pem", bytes_of(""));
	tar_add(&tar, "harder.pem", TAR_HARD, "/outside.pem", bytes_of(""));
	tar_add(&tar, "plain", TAR_LINK, "usr/bin/plain", bytes_of(""));
	tar_end(&tar);
	image_put(*state, "a.tar", &tar);
	pem_cert(&tar, "Outside", 9);
	image_put(*state, "outside.pem", &tar);
	image_holds(*state, "/a.tar", "Alder ");
	image_holds(*state, "/a.tar!/absolute", "Alder ");
	image_holds(*state, "/a.tar!/usr/relative", "Alder ");
	image_holds(*state, "/a.tar!/usr/out", "Alder ");
	image_holds(*state, "/a.tar!/certs/alder.pem", "Alder ");
	image_holds(*state, "/a.tar!/hard.pem", "Alder ");
	image_refused(*state, "/a.tar!/host", "no such file");
	image_refused(*state, "/a.tar!/harder.pem", "no such file");
	image_refused(*state, "/a.tar!/plain", "not a certificate"); /* it is read, in a second pass */
}

static void nothing_is_made_outside_and_nothing_but_files_and_links(void **state)
{
	const struct work *work = *state;
	struct image_want want = { .stores = true };
	struct store *notes = store_new("test");
	struct image image;
	struct buf tar = { 0 };
	struct err err;
	struct stat st;

	tar_cert(&tar, "../../../escaped.pem", "Alder", 1);
	tar_cert(&tar, "/etc/absolute.pem", "Birch", 2);
	tar_add(&tar, "fifo.pem", TAR_FIFO, NULL, bytes_of(""));
	tar_add(&tar, "device.pem", TAR_DEVICE, NULL, bytes_of(""));
	tar_add(&tar, "to", TAR_LINK, "/", bytes_of(""));
	tar_cert(&tar, "to/through.pem", "Cedar", 3);
	tar_cert(&tar, "new\nline\033[31m.pem", "Dogwood", 4);
	tar_cert(&tar, "\xff\xfe.pem", "Elm", 5);
	tar_cert(&tar, ".pem", "Fir", 6);
	tar_end(&tar);
	image_put(*state, "a.tar", &tar);
	assert_true(image_open(&work->root, "/a.tar", &want, notes, &image, &err));
	assert_true(root_has(&image.root, "/escaped.pem"));
	assert_true(root_has(&image.root, "/etc/absolute.pem"));
	assert_true(root_has(&image.root, "/through.pem"));
	assert_true(root_has(&image.root, "/new\nline\033[31m.pem"));
	assert_true(root_has(&image.root, "/\xff\xfe.pem"));
	assert_false(root_has(&image.root, "/fifo.pem"));
	assert_false(root_has(&image.root, "/device.pem"));
	assert_int_equal(fstatat(image.scratch.fd, "files/escaped.pem", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(st.st_uid, geteuid());
	assert_int_equal(fstat(image.scratch.fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	image_done(&image);
	store_free(notes);
	image_refused(*state, "/a.tar!/fifo.pem", "FIFO");
	image_holds(*state, "/a.tar", "Alder Birch Cedar Dogwood Elm Fir ");
	assert_true(feed_run(NULL, "test \"$(ls -A '%s')\" = \"$(printf 'a.tar\\ntmp')\"", work->dir));
}

static bool only_cedar(const void *data, const char *path)
{
	return strcmp(path, data) == 0;
}

static void who_opens_an_image_says_what_is_wanted(void **state)
{
	const struct work *work = *state;
	struct image_want want = { .file = only_cedar, .data = "/etc/certs/README" };
	struct store *notes = store_new("test");
	struct image image;
	struct buf tar = { 0 };
	struct err err;

	image_some(&tar);
	image_put(*state, "a.tar", &tar);
	assert_true(image_open(&work->root, "/a.tar", &want, notes, &image, &err));
	assert_true(root_has(&image.root, "/etc/certs/README"));
	assert_false(root_has(&image.root, "/etc/certs/cedar.pem"));
	assert_false(image.system);
	assert_int_equal(image.files, 6);
	assert_string_equal(image.root.path, "/a.tar!");
	image_done(&image);
	store_free(notes);
}

static void archives_in_archives_are_looked_into(void **state)
{
	struct buf inner = { 0 }, outer = { 0 };

	tar_cert(&inner, "etc/alder.pem", "Alder", 1);
	tar_add(&inner, "link", TAR_LINK, "/etc/alder.pem", bytes_of(""));
	tar_end(&inner);
	tar_add(&outer, "opt/b.tar", TAR_FILE, NULL, buf_view(&inner));
	tar_cert(&outer, "etc/birch.pem", "Birch", 2);
	tar_end(&outer);
	image_put(*state, "a.tar", &outer);
	buf_done(&inner);
	image_holds(*state, "/a.tar", "Alder Birch ");
	image_holds(*state, "/a.tar!/opt/b.tar", "Alder ");
	image_holds(*state, "/a.tar!/opt/b.tar!/etc/alder.pem", "Alder ");
	image_holds(*state, "/a.tar!/opt/b.tar!/link", "Alder "); /* its top is that of the inner one */
	image_holds(*state, "/a.tar!/opt/b.tar!/etc", "Alder ");
	image_refused(*state, "/a.tar!/opt/b.tar!/etc/birch.pem", "no such file");
	image_refused(*state, "/a.tar!/opt/none.tar!/etc/birch.pem", "no such file");
}

static void a_deb_is_what_is_in_its_data(void **state)
{
	struct buf data = { 0 }, control = { 0 }, deb = { 0 };

	tar_cert(&data, "./usr/share/alder.crt", "Alder", 1);
	tar_end(&data);
	tar_cert(&control, "./postinst", "Birch", 2);
	tar_end(&control);
	ar_add(&deb, "debian-binary", bytes_of("2.0\n"));
	ar_add(&deb, "control.tar", buf_view(&control));
	ar_add(&deb, "data.tar", buf_view(&data));
	image_put(*state, "a.deb", &deb);
	buf_done(&data);
	buf_done(&control);
	image_holds(*state, "/a.deb", "Alder ");
	image_holds(*state, "/a.deb!/usr/share/alder.crt", "Alder ");
}

static void an_initramfs_is_several_archives(void **state)
{
	struct buf early = { 0 }, rest = { 0 };

	cpio_add(&early, "kernel/x86/alder.pem", bytes_of(""));
	early.len = 0;
	pem_cert(&rest, "Alder", 1);
	cpio_add(&early, "kernel/alder.pem", buf_view(&rest));
	cpio_add(&early, "TRAILER!!!", bytes_of(""));
	while (early.len % 512 != 0)
		buf_byte(&early, 0);
	image_put(*state, "early", &early);
	rest.len = 0;
	pem_cert(&rest, "Birch", 2);
	cpio_add(&early, "etc/birch.pem", buf_view(&rest));
	cpio_add(&early, "TRAILER!!!", bytes_of(""));
	image_put(*state, "rest", &early);
	buf_done(&rest);
	image_run(*state,
		  "gzip -c rest >rest.gz && cat early rest.gz >initrd && cat early early rest >three");
	image_holds(*state, "/initrd", "Alder Birch ");
	image_holds(*state, "/initrd!/etc/birch.pem", "Birch ");
	image_holds(*state, "/three", "Alder Birch ");
}

static void one_compressed_file_is_an_archive_of_one(void **state)
{
	struct buf pem = { 0 };

	pem_cert(&pem, "Alder", 1);
	image_put(*state, "a.pem", &pem);
	image_run(*state, "gzip a.pem");
	image_holds(*state, "/a.pem.gz", "Alder ");
	image_holds(*state, "/a.pem.gz!/data", "Alder ");
}

static void what_is_distrusted_in_a_trust_directory_is_no_anchor(void **state)
{
	struct buf tar = { 0 };
	struct store *store;

	if (!feed_has_trust_module())
		skip();
	tar_cert(&tar, "etc/pki/source/anchors/alder.pem", "Alder", 1);
	tar_cert(&tar, "etc/pki/source/blocklist/birch.pem", "Birch", 2);
	tar_cert(&tar, "etc/pki/source/other/cedar.pem", "Cedar", 3);
	tar_end(&tar);
	image_put(*state, "a.tar", &tar);
	store = image_read_well(*state, "/a.tar");
	image_names_are(store, "Alder Birch Cedar ");
	for (size_t i = 0; i < store->count; i++) {
		bool birch = strstr(store->anchors[i].origin.file, "/blocklist/") != NULL;

		assert_int_equal(store->anchors[i].trusted != 0, !birch);
		assert_int_equal(store->anchors[i].distrusted != 0, birch);
	}
	assert_non_null(strstr(store->anchors[0].origin.file, "/a.tar!/etc/pki/source/"));
	store_free(store);
}

/* --- layers --- */

static void layers(struct buf ret[3])
{
	tar_text(&ret[0], "etc/os-release", "ID=test\n");
	tar_cert(&ret[0], "etc/ssl/bundle.pem", "Alder", 1);
	tar_cert(&ret[0], "etc/ssl/old.pem", "Birch", 2);
	tar_cert(&ret[0], "etc/ssl/kept.pem", "Cedar", 3);
	tar_cert(&ret[0], "opt/app/one.pem", "Dogwood", 4);
	tar_end(&ret[0]);
	tar_cert(&ret[1], "etc/ssl/bundle.pem", "Elm", 5);
	tar_text(&ret[1], "etc/ssl/.wh.old.pem", "");
	tar_text(&ret[1], "opt/app/.wh..wh..opq", "");
	tar_cert(&ret[1], "opt/app/two.pem", "Fir", 6);
	tar_end(&ret[1]);
	tar_cert(&ret[2], "etc/ssl/new.pem", "Gorse", 7);
	tar_end(&ret[2]);
}

static void layers_are_laid_in_the_order_of_the_manifest(void **state)
{
	struct buf layer[3] = { 0 }, tar = { 0 };

	layers(layer);
	tar_add(&tar, "ccc/layer.tar", TAR_FILE, NULL, buf_view(&layer[2]));
	tar_add(&tar, "aaa/layer.tar", TAR_FILE, NULL, buf_view(&layer[0]));
	tar_add(&tar, "bbb/layer.tar", TAR_FILE, NULL, buf_view(&layer[1]));
	tar_add(&tar, "ddd/layer.tar", TAR_LINK, "../ccc/layer.tar", bytes_of(""));
	tar_text(&tar, "config.json", "{\"os\":\"linux\",\"architecture\":\"amd64\"}");
	tar_text(&tar, "manifest.json",
		 "[{\"Config\":\"config.json\",\"RepoTags\":[\"test:1\"],\"Layers\":"
		 "[\"aaa/layer.tar\",\"bbb/layer.tar\",\"ddd/layer.tar\"]}]");
	tar_end(&tar);
	image_put(*state, "a.tar", &tar);
	for (size_t i = 0; i < 3; i++)
		buf_done(&layer[i]);
	image_holds(*state, "/a.tar", "Cedar Elm Fir Gorse ");
	image_holds(*state, "/a.tar!/etc/ssl/bundle.pem", "Elm ");
	image_holds(*state, "/a.tar!/etc/ssl", "Cedar Elm Gorse ");
	image_holds(*state, "/a.tar!/opt/app", "Fir ");
	image_refused(*state, "/a.tar!/etc/ssl/old.pem", "no such file");
	image_refused(*state, "/a.tar!/opt/app/one.pem", "no such file");
	image_run(*state, "mkdir saved && tar -C saved -xf a.tar");
	image_holds(*state, "/saved!/etc/ssl", "Cedar Elm Gorse ");
	image_holds(*state, "/saved", "Cedar Elm Fir Gorse ");
}

static void a_layer_that_is_missing_is_an_error(void **state)
{
	struct buf layer[3] = { 0 }, tar = { 0 };
	struct store *store;

	layers(layer);
	tar_add(&tar, "aaa/layer.tar", TAR_FILE, NULL, buf_view(&layer[0]));
	tar_text(&tar, "manifest.json",
		 "[{\"Layers\":[\"aaa/layer.tar\",\"bbb/layer.tar\",7,null]},{},[],null]");
	tar_end(&tar);
	image_put(*state, "a.tar", &tar);
	for (size_t i = 0; i < 3; i++)
		buf_done(&layer[i]);
	store = image_read_well(*state, "/a.tar");
	image_names_are(store, "Alder Birch Cedar Dogwood ");
	assert_true(store_incomplete(store));
	assert_true(feed_noted(store, NOTE_ERROR, "'bbb/layer.tar'"));
	store_free(store);
}

#define DIGEST(digit) "sha256:" digit digit digit digit digit digit digit digit
#define BLOB(digit)   "blobs/sha256/" digit digit digit digit digit digit digit digit

static void each_platform_of_an_image_has_a_name(void **state)
{
	struct buf layer[3] = { 0 }, tar = { 0 };
	struct store *store;

	layers(layer);
	tar_text(&tar, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
	tar_text(&tar, "index.json", "{\"manifests\":[{\"digest\":\"" DIGEST("9") "\"}]}");
	tar_text(&tar, BLOB("9"),
		 "{\"manifests\":[{\"digest\":\"" DIGEST(
			 "7") "\",\"platform\":{\"os\":\"linux\",\"architecture\":\"one\"}},"
			      "{\"digest\":\"" DIGEST(
				      "8") "\",\"platform\":{\"os\":\"linux\",\"architecture\":\"two\"}},"
					   "{\"digest\":\"" DIGEST("6") "\",\"platform\":{\"os\":\"unknown\","
									"\"architecture\":\"unknown\"}}]}");
	tar_add(&tar, BLOB("1"), TAR_FILE, NULL, buf_view(&layer[0]));
	tar_add(&tar, BLOB("2"), TAR_FILE, NULL, buf_view(&layer[1]));
	tar_add(&tar, BLOB("3"), TAR_FILE, NULL, buf_view(&layer[2]));
	tar_text(&tar, BLOB("7"),
		 "{\"layers\":[{\"digest\":\"" DIGEST("1") "\"},{\"digest\":\"" DIGEST("2") "\"}]}");
	tar_text(&tar, BLOB("8"),
		 "{\"layers\":[{\"digest\":\"" DIGEST("1") "\"},{\"digest\":\"" DIGEST("3") "\"}]}");
	tar_end(&tar);
	image_put(*state, "a.tar", &tar);
	for (size_t i = 0; i < 3; i++)
		buf_done(&layer[i]);
	store = image_read_well(*state, "/a.tar");
	image_names_are(store, "Cedar Elm Fir ");
	assert_true(feed_noted(store, NOTE_INFO, "/a.tar!/linux/two!/"));
	assert_non_null(strstr(store->how, "whole system"));
	store_free(store);
	image_holds(*state, "/a.tar!/linux/two!/etc/ssl", "Alder Birch Cedar Gorse ");
	image_holds(*state, "/a.tar!/linux/two!", "Alder Birch Cedar Dogwood Gorse ");
	image_run(*state, "mkdir layout && tar -C layout -xf a.tar");
	image_holds(*state, "/layout", "Cedar Elm Fir ");
	image_holds(*state, "/layout!/etc/ssl/bundle.pem", "Elm ");
	image_holds(*state, "/layout!/linux/two!/etc/ssl/bundle.pem", "Alder ");
}

/* How an image opened as a root is; its variables one behind the other, with a space behind each. */
static void image_sets(const struct work *work, const char *path, const char *variables)
{
	const struct image_want want = { .stores = true };
	struct store *notes = store_new("test");
	struct buf all = { 0 };
	struct image image;
	struct err err;

	assert_true(image_open(&work->root, path, &want, notes, &image, &err));
	for (size_t i = 0; i < image.environment.count; i++) {
		buf_bytes(&all, bytes_of(image.environment.all[i]));
		buf_byte(&all, ' ');
	}
	buf_byte(&all, '\0');
	assert_string_equal((const char *)all.at, variables);
	buf_done(&all);
	image_done(&image);
	store_free(notes);
}

static void the_configuration_of_an_image_sets_its_environment(void **state)
{
	struct buf layer = { 0 }, tar = { 0 };

	tar_cert(&layer, "etc/ssl/bundle.pem", "Alder", 1);
	tar_end(&layer);
	tar_add(&tar, "aaa/layer.tar", TAR_FILE, NULL, buf_view(&layer));
	tar_text(&tar, "config.json",
		 "{\"config\":{\"Env\":[\"A=/a\",7,null,\"none\",\"=b\",\"C=\",\"A=/later\"]}}");
	tar_text(&tar, "manifest.json", "[{\"Config\":\"config.json\",\"Layers\":[\"aaa/layer.tar\"]}]");
	tar_end(&tar);
	image_put(*state, "a.tar", &tar);
	image_sets(*state, "/a.tar", "A=/a C= A=/later ");
	tar_text(&tar, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
	tar_text(&tar, "index.json",
		 "{\"manifests\":[{\"digest\":\"" DIGEST(
			 "7") "\",\"platform\":{\"os\":\"linux\",\"architecture\":\"one\"}}]}");
	tar_add(&tar, BLOB("1"), TAR_FILE, NULL, buf_view(&layer));
	tar_text(&tar, BLOB("2"), "{\"config\":{\"Env\":[\"A=/a\"]}}");
	tar_text(&tar, BLOB("7"),
		 "{\"config\":{\"digest\":\"" DIGEST("2") "\"},\"layers\":[{\"digest\":\"" DIGEST(
			 "1") "\"}]}");
	tar_end(&tar);
	image_put(*state, "b.tar", &tar);
	image_sets(*state, "/b.tar", "A=/a ");
	tar_add(&tar, "aaa/layer.tar", TAR_FILE, NULL, buf_view(&layer));
	tar_text(&tar, "config.json", "{\"config\":{\"Env\":{\"A\":\"/a\"}}}");
	tar_text(&tar, "manifest.json", "[{\"Config\":\"config.json\",\"Layers\":[\"aaa/layer.tar\"]}]");
	tar_end(&tar);
	image_put(*state, "c.tar", &tar);
	image_sets(*state, "/c.tar", "");
	buf_done(&layer);
}

struct watched {
	unsigned calls, ends;
	uint64_t bytes;
	size_t entries;
};

static void watch(void *user, const char *name, uint64_t bytes, size_t entries)
{
	struct watched *watched = user;

	watched->ends += name == NULL;
	if (name == NULL)
		return;
	assert_string_equal(name, "/a.tar");
	assert_true(bytes >= watched->bytes && entries >= watched->entries);
	watched->calls++;
	watched->bytes = bytes;
	watched->entries = entries;
}

static void who_asks_is_told_how_far_it_has_come(void **state)
{
	struct watched watched = { 0 };
	struct buf tar = { 0 };

	image_some(&tar);
	image_put(*state, "a.tar", &tar);
	image_watched(watch, &watched);
	store_free(image_read_well(*state, "/a.tar"));
	assert_true(watched.calls > 0);
	assert_true(watched.bytes > 0);
	assert_true(watched.entries >= 6);
	assert_int_equal(watched.ends, 1);
	image_watched(NULL, NULL);
	store_free(image_read_well(*state, "/a.tar"));
	assert_int_equal(watched.ends, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, image_begin, image_end)
		TEST(every_certificate_file_of_an_archive_is_read),
		TEST(every_compression_is_read),
		TEST(a_path_inside_is_read_as_one_outside),
		TEST(a_path_that_is_there_with_its_mark_is_no_archive),
		TEST(links_are_followed_in_the_archive_alone),
		TEST(nothing_is_made_outside_and_nothing_but_files_and_links),
		TEST(who_opens_an_image_says_what_is_wanted),
		TEST(archives_in_archives_are_looked_into),
		TEST(a_deb_is_what_is_in_its_data),
		TEST(an_initramfs_is_several_archives),
		TEST(one_compressed_file_is_an_archive_of_one),
		TEST(what_is_distrusted_in_a_trust_directory_is_no_anchor),
		TEST(layers_are_laid_in_the_order_of_the_manifest),
		TEST(a_layer_that_is_missing_is_an_error),
		TEST(each_platform_of_an_image_has_a_name),
		TEST(who_asks_is_told_how_far_it_has_come),
		TEST(the_configuration_of_an_image_sets_its_environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
