/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Archives and images as stores, and what hostile ones may not do. */
#include "unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/root.h"
#include "feed.h"
#include "make.h"
#include "medium/image.h"
#include "medium/medium.h"
#include "model/name.h"
#include "model/place.h"
#include "tarball.h"

/* A directory that is the root, and in it "tmp", in which nothing may be left. */
struct work {
	char *dir, *was; /* `was`: TMPDIR */
	struct root root;
};

static int begin(void **state)
{
	struct work *work = calloc(1, sizeof(*work));
	struct err err;
	char *tmp;

	assert_non_null(work);
	work->was = getenv("TMPDIR") != NULL ? mem_print("%s", getenv("TMPDIR")) : NULL;
	work->dir = feed_directory();
	tmp = mem_print("%s/tmp", work->dir);
	assert_int_equal(mkdir(tmp, 0700), 0);
	assert_int_equal(setenv("TMPDIR", tmp, 1), 0);
	free(tmp);
	assert_true(root_open(work->dir, &work->root, &err));
	*state = work;
	return 0;
}

static int end(void **state)
{
	struct work *work = *state;

	assert_true(feed_run(NULL, "test -z \"$(ls -A '%s/tmp')\"", work->dir)); /* nothing is left behind */
	if (work->was != NULL)
		setenv("TMPDIR", work->was, 1);
	else
		unsetenv("TMPDIR");
	free(work->was);
	root_done(&work->root);
	feed_remove(work->dir);
	free(work);
	return 0;
}

static void put(const struct work *work, const char *name, struct buf *content)
{
	feed_file(work->dir, name, buf_view(content));
	buf_done(content);
	*content = (struct buf){ 0 };
}

static void run(const struct work *work, const char *command)
{
	assert_true(feed_run(NULL, "cd '%s' && %s", work->dir, command));
}

/* Reads "/<what>", of a kind that is given or is not. */
static struct store *read_kind(const struct work *work, const char *kind, const char *what, struct err *err)
{
	struct place place;
	struct store *store;

	place_set(&place, what, kind);
	place_add_path(&place, what);
	*err = (struct err){ 0 };
	store = medium_read(&place, &work->root, err);
	place_done(&place);
	return store;
}

static struct store *read_well(const struct work *work, const char *what)
{
	struct err err;
	struct store *store = read_kind(work, NULL, what, &err);

	if (store == NULL)
		fail_msg("%s", err.text);
	return store;
}

static void refused(const struct work *work, const char *what, const char *words)
{
	struct err err;
	struct store *store = read_kind(work, NULL, what, &err);

	if (store != NULL)
		fail_msg("%s: it is read", what);
	if (strstr(err.text, words) == NULL)
		fail_msg("'%s' does not say '%s'", err.text, words);
}

/* The names of all certificates, sorted, with a space behind each. */
static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void names_are(const struct store *store, const char *names)
{
	char **all = mem_zero((store->count + 1) * sizeof(*all));
	struct buf got = { 0 };

	for (size_t i = 0; i < store->count; i++) {
		struct buf name = { 0 };

		name_short(store->anchors[i].cert.subject, &name);
		all[i] = mem_string((const char *)name.at, name.len);
		buf_done(&name);
	}
	qsort(all, store->count, sizeof(*all), by_text);
	for (size_t i = 0; i < store->count; i++) {
		buf_print(&got, "%s ", all[i]);
		free(all[i]);
	}
	buf_byte(&got, 0);
	free(all);
	assert_string_equal((const char *)got.at, names);
	buf_done(&got);
}

static void holds(const struct work *work, const char *what, const char *names)
{
	struct store *store = read_well(work, what);

	names_are(store, names);
	store_free(store);
}

/* Alder in a file of any name, Birch in a binary, Cedar as a bundle, and what is none. */
static void some(struct buf *to)
{
	struct buf binary = { 0 }, der = { 0 };

	for (int i = 0; i < 1000; i++)
		buf_be32(&binary, (uint32_t)i);
	pem_cert(&binary, "Birch", 2);
	buf_be32(&binary, 0);
	make_cert(&(struct make){ .cn = "Dogwood", .key = 4 }, &der);
	tar_add(to, "./etc/", TAR_FOLDER, NULL, bytes_of(""));
	tar_cert(to, "./etc/alder", "Alder", 1);
	tar_add(to, "./usr/bin/program", TAR_FILE, NULL, buf_view(&binary));
	tar_cert(to, "./etc/certs/cedar.pem", "Cedar", 3);
	tar_add(to, "./etc/certs/dogwood.crt", TAR_FILE, NULL, buf_view(&der));
	tar_text(to, "./etc/certs/README", "nothing");
	tar_text(to, "./etc/empty.pem", "");
	tar_end(to);
	buf_done(&binary);
	buf_done(&der);
}

static void every_certificate_file_of_an_archive_is_read(void **state)
{
	struct buf tar = { 0 };
	struct store *store;

	some(&tar);
	put(*state, "a.tar", &tar);
	store = read_well(*state, "/a.tar");
	names_are(store, "Alder Birch Cedar Dogwood ");
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

	some(&tar);
	put(*state, "a.tar", &tar);
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		const struct work *work = *state;

		if (!feed_run(NULL, "cd '%s' && %s <a.tar >c", work->dir, programs[i])) {
			print_message("# no %s here\n", programs[i]);
			continue;
		}
		holds(*state, "/c", "Alder Birch Cedar Dogwood ");
		holds(*state, "/c!/etc/certs/cedar.pem", "Cedar ");
	}
}

static void a_path_inside_is_read_as_one_outside(void **state)
{
	struct buf tar = { 0 };
	struct store *store;
	struct err err;

	some(&tar);
	put(*state, "a.tar", &tar);
	store = read_well(*state, "/a.tar!/etc/certs");
	names_are(store, "Cedar Dogwood ");
	assert_string_equal(store->kind->name, "dir");
	assert_int_equal(store->note_count, 1);
	assert_string_equal(store->notes[0].file, "/a.tar!/etc/certs/README");
	store_free(store);
	store = read_kind(*state, "pem", "/a.tar!/etc/alder", &err);
	assert_non_null(store);
	store_free(store);
	assert_null(read_kind(*state, "jks", "/a.tar!/etc/alder", &err));
	refused(*state, "/a.tar!/etc/none", "no such file");
	refused(*state, "/a.tar!/usr/bin/nothing", "no such file");
	refused(*state, "/none!/etc/alder", "No such file");
}

static void a_path_that_is_there_with_its_mark_is_no_archive(void **state)
{
	struct buf pem = { 0 };

	run(*state, "mkdir 'a!'");
	pem_cert(&pem, "Alder", 1);
	put(*state, "a!/x.pem", &pem);
	holds(*state, "/a!/x.pem", "Alder ");
	holds(*state, "/a!", "Alder ");
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
	put(*state, "a.tar", &tar);
	pem_cert(&tar, "Outside", 9);
	put(*state, "outside.pem", &tar);
	holds(*state, "/a.tar", "Alder ");
	holds(*state, "/a.tar!/absolute", "Alder ");
	holds(*state, "/a.tar!/usr/relative", "Alder ");
	holds(*state, "/a.tar!/usr/out", "Alder ");
	holds(*state, "/a.tar!/certs/alder.pem", "Alder ");
	holds(*state, "/a.tar!/hard.pem", "Alder ");
	refused(*state, "/a.tar!/host", "no such file");
	refused(*state, "/a.tar!/harder.pem", "no such file");
	refused(*state, "/a.tar!/plain", "not a certificate"); /* it is read, in a second pass */
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
	put(*state, "a.tar", &tar);
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
	refused(*state, "/a.tar!/fifo.pem", "FIFO");
	holds(*state, "/a.tar", "Alder Birch Cedar Dogwood Elm Fir ");
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

	some(&tar);
	put(*state, "a.tar", &tar);
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
	put(*state, "a.tar", &outer);
	buf_done(&inner);
	holds(*state, "/a.tar", "Alder Birch ");
	holds(*state, "/a.tar!/opt/b.tar", "Alder ");
	holds(*state, "/a.tar!/opt/b.tar!/etc/alder.pem", "Alder ");
	holds(*state, "/a.tar!/opt/b.tar!/link", "Alder "); /* its top is that of the inner one */
	holds(*state, "/a.tar!/opt/b.tar!/etc", "Alder ");
	refused(*state, "/a.tar!/opt/b.tar!/etc/birch.pem", "no such file");
	refused(*state, "/a.tar!/opt/none.tar!/etc/birch.pem", "no such file");
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
	put(*state, "a.deb", &deb);
	buf_done(&data);
	buf_done(&control);
	holds(*state, "/a.deb", "Alder ");
	holds(*state, "/a.deb!/usr/share/alder.crt", "Alder ");
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
	put(*state, "early", &early);
	rest.len = 0;
	pem_cert(&rest, "Birch", 2);
	cpio_add(&early, "etc/birch.pem", buf_view(&rest));
	cpio_add(&early, "TRAILER!!!", bytes_of(""));
	put(*state, "rest", &early);
	buf_done(&rest);
	run(*state, "gzip -c rest >rest.gz && cat early rest.gz >initrd && cat early early rest >three");
	holds(*state, "/initrd", "Alder Birch ");
	holds(*state, "/initrd!/etc/birch.pem", "Birch ");
	holds(*state, "/three", "Alder Birch ");
}

static void one_compressed_file_is_an_archive_of_one(void **state)
{
	struct buf pem = { 0 };

	pem_cert(&pem, "Alder", 1);
	put(*state, "a.pem", &pem);
	run(*state, "gzip a.pem");
	holds(*state, "/a.pem.gz", "Alder ");
	holds(*state, "/a.pem.gz!/data", "Alder ");
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
	put(*state, "a.tar", &tar);
	for (size_t i = 0; i < 3; i++)
		buf_done(&layer[i]);
	holds(*state, "/a.tar", "Cedar Elm Fir Gorse ");
	holds(*state, "/a.tar!/etc/ssl/bundle.pem", "Elm ");
	holds(*state, "/a.tar!/etc/ssl", "Cedar Elm Gorse ");
	holds(*state, "/a.tar!/opt/app", "Fir ");
	refused(*state, "/a.tar!/etc/ssl/old.pem", "no such file");
	refused(*state, "/a.tar!/opt/app/one.pem", "no such file");
	run(*state, "mkdir saved && tar -C saved -xf a.tar");
	holds(*state, "/saved!/etc/ssl", "Cedar Elm Gorse ");
	holds(*state, "/saved", "Cedar Elm Fir Gorse ");
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
	put(*state, "a.tar", &tar);
	for (size_t i = 0; i < 3; i++)
		buf_done(&layer[i]);
	store = read_well(*state, "/a.tar");
	names_are(store, "Alder Birch Cedar Dogwood ");
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
	put(*state, "a.tar", &tar);
	for (size_t i = 0; i < 3; i++)
		buf_done(&layer[i]);
	store = read_well(*state, "/a.tar");
	names_are(store, "Cedar Elm Fir ");
	assert_true(feed_noted(store, NOTE_INFO, "/a.tar!/linux/two!/"));
	assert_non_null(strstr(store->how, "whole system"));
	store_free(store);
	holds(*state, "/a.tar!/linux/two!/etc/ssl", "Alder Birch Cedar Gorse ");
	holds(*state, "/a.tar!/linux/two!", "Alder Birch Cedar Dogwood Gorse ");
	run(*state, "mkdir layout && tar -C layout -xf a.tar");
	holds(*state, "/layout", "Cedar Elm Fir ");
	holds(*state, "/layout!/etc/ssl/bundle.pem", "Elm ");
	holds(*state, "/layout!/linux/two!/etc/ssl/bundle.pem", "Alder ");
}

/* --- hostile --- */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* 4 GiB of zeros in a tar, by joining compressed pieces of 64 MiB, which gzip and zstd let stand behind each
 * other. */
static void a_bomb_ends_in_seconds(void **state)
{
	struct buf tar = { 0 };
	unsigned sum = 0;
	int64_t begun;
	char text[8];

	tar_add(&tar, "zeros.pem", TAR_FILE, NULL, bytes_of(""));
	memcpy(tar.at + 124, "40000000000", 11);
	memset(tar.at + 148, ' ', 8);
	for (size_t i = 0; i < 512; i++)
		sum += tar.at[i];
	snprintf(text, sizeof(text), "%06o", sum);
	memcpy(tar.at + 148, text, 7);
	put(*state, "head", &tar);
	run(*state,
	    "gzip -c head >a.tar.gz && head -c 67108864 /dev/zero | gzip -1 >z.gz && "
	    "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do cat z.gz z.gz z.gz z.gz; done >>a.tar.gz");
	begun = now_ms();
	refused(*state, "/a.tar.gz", "more than");
	refused(*state, "/a.tar.gz!/other", "as a bomb does");
	assert_in_range(now_ms() - begun, 0, 30000);
}

static void depth_has_a_limit(void **state)
{
	struct buf tar = { 0 };

	tar_cert(&tar, "x.pem", "Alder", 1);
	tar_end(&tar);
	put(*state, "a.tar", &tar);
	run(*state, "gzip -n a.tar && mv a.tar.gz x && for i in 1 2 3 4 5 6 7; do mv x a.tar.gz && "
		    "tar -czf x a.tar.gz; done && cp x seven && for i in $(seq 33); do mv x a.tar.gz && "
		    "tar -czf x a.tar.gz; done");
	holds(*state, "/seven", "Alder ");
	refused(*state, "/x", "deeper than 8");
}

/* Of an archive with two certificates: fewer are never told without a word. */
static bool cut_says_so(const struct work *work, struct bytes cut)
{
	struct err err = { 0 };
	struct store *store;
	bool says;

	feed_file(work->dir, "cut", cut);
	store = read_kind(work, "image", "/cut", &err);
	says = store == NULL ? err.text[0] != '\0'
			     : store_incomplete(store) || feed_noted(store, NOTE_WARN, "end");
	assert_true(says || store->count == 2);
	store_free(store);
	return says;
}

static void an_archive_cut_anywhere_says_so(void **state)
{
	const struct work *work = *state;
	struct buf tar = { 0 }, gz = { 0 };
	size_t said = 0;

	tar_cert(&tar, "a.pem", "Alder", 1);
	tar_cert(&tar, "b.pem", "Birch", 2);
	tar_end(&tar);
	for (size_t len = 1; len < tar.len - 1024; len += 61)
		assert_true(cut_says_so(work, (struct bytes){ tar.at, len }));
	assert_true(cut_says_so(work, (struct bytes){ tar.at, tar.len / 2 - 512 }));
	put(*state, "a.tar", &tar);
	run(*state, "gzip -9n a.tar");
	feed_load(work->dir, "a.tar.gz", &gz);
	for (size_t len = 1; len < gz.len; len++)
		said += cut_says_so(work, (struct bytes){ gz.at, len });
	assert_true(said > gz.len - 16); /* but for the sum at the end, and the zeros before it */
	buf_done(&gz);
}

static void bytes_that_change_do_no_harm(void **state)
{
	const struct work *work = *state;
	struct buf tar = { 0 };

	some(&tar);
	for (unsigned i = 0; i < 400; i++) {
		struct err err = { 0 };
		struct store *store;
		size_t at = (i * 2654435761u) % tar.len;
		uint8_t was = tar.at[at];

		tar.at[at] = (uint8_t)(i * 37);
		feed_file(work->dir, "odd", buf_view(&tar));
		tar.at[at] = was;
		store = read_kind(work, "image", "/odd", &err);
		assert_true(store != NULL || err.text[0] != '\0');
		store_free(store);
	}
	buf_done(&tar);
}

static void a_file_that_grows_has_an_end(void **state)
{
	const struct work *work = *state;
	struct buf tar = { 0 };
	struct err err;

	some(&tar);
	put(*state, "a.tar", &tar);
	run(*state, "(for i in $(seq 300); do cat a.tar a.tar a.tar >>grows; done) & sleep 0.1");
	for (int i = 0; i < 5; i++) {
		struct store *store = read_kind(work, "image", "/grows", &err);

		assert_non_null(store);
		names_are(store, "Alder Birch Cedar Dogwood ");
		store_free(store);
	}
	run(*state, "while test $(stat -c %s grows) -lt $((900 * $(stat -c %s a.tar))); do sleep 0.1; done");
}

static void what_is_not_read_is_named(void **state)
{
	feed_file(((struct work *)*state)->dir, "snap", bytes_of("hsqs...."));
	feed_file(((struct work *)*state)->dir, "7z", bytes_of("7z\xbc\xaf\x27\x1c"));
	feed_file(((struct work *)*state)->dir, "text", bytes_of("text"));
	refused(*state, "/snap", "squashfs");
	refused(*state, "/7z", "7z archive");
	refused(*state, "/text", "not a certificate");
	refused(*state, "/tmp!/x", "neither an OCI layout");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
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
		TEST(layers_are_laid_in_the_order_of_the_manifest),
		TEST(a_layer_that_is_missing_is_an_error),
		TEST(each_platform_of_an_image_has_a_name),
		TEST(a_bomb_ends_in_seconds),
		TEST(depth_has_a_limit),
		TEST(an_archive_cut_anywhere_says_so),
		TEST(bytes_that_change_do_no_harm),
		TEST(a_file_that_grows_has_an_end),
		TEST(what_is_not_read_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
