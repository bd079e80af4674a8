/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "images.h"
#include "medium/unpack.h"
#include "medium/unpack_share.h"

enum { LAYERS = 7, FILLER = 1600 << 10 };

static cpu_set_t processors;

/* What no compression makes smaller. */
static void add_filler(struct buf *to, uint32_t seed)
{
	struct buf filler = { 0 };

	while (filler.len < FILLER) {
		seed = seed * 1664525 + 1013904223;
		buf_byte(&filler, seed >> 24);
	}
	tar_add(to, "usr/lib/filler", TAR_FILE, NULL, buf_view(&filler));
	buf_done(&filler);
}

/* Every layer has a certificate of its own, one that all have, and one in an archive. */
static void make_layer(unsigned n, struct buf *to)
{
	char name[32], cn[32];
	struct buf inner = { 0 };

	snprintf(name, sizeof(name), "etc/own-%u.pem", n);
	snprintf(cn, sizeof(cn), "Own %u", n);
	tar_cert(to, name, cn, 1 + n % 4);
	add_filler(to, n);
	tar_cert(to, "etc/all.pem", n % 2 > 0 ? "Odd" : "Even", 1);
	snprintf(cn, sizeof(cn), "Inner %u", n);
	tar_cert(&inner, "inner.pem", cn, 1 + n % 3);
	tar_end(&inner);
	snprintf(name, sizeof(name), "srv/%u.tar", n);
	tar_add(to, name, TAR_FILE, NULL, buf_view(&inner));
	buf_done(&inner);
	tar_end(to);
}

/* As `docker save` writes it; the layers with an even number compressed. Ends that lack are what a cut is
 * for. */
static void make_image(struct work *work, struct buf *to)
{
	struct buf manifest = { 0 };
	struct err err;

	buf_text(&manifest, "[{\"Layers\":[");
	for (unsigned n = 0; n < LAYERS; n++) {
		struct buf layer = { 0 };
		char name[32];

		make_layer(n, &layer);
		if (n % 2 == 0) {
			image_put(work, "layer", &layer);
			image_run(work, "gzip -1 layer");
			layer = (struct buf){ 0 };
			assert_true(root_read(&work->root, "layer.gz", &layer, &err));
			image_run(work, "rm layer.gz");
		}
		snprintf(name, sizeof(name), "%u/layer.tar", n);
		buf_print(&manifest, "%s\"%s\"", n > 0 ? "," : "", name);
		tar_add(to, name, TAR_FILE, NULL, buf_view(&layer));
		buf_done(&layer);
	}
	buf_text(&manifest, "]}]");
	buf_byte(&manifest, '\0');
	tar_text(to, "manifest.json", (const char *)manifest.at);
	tar_end(to);
	buf_done(&manifest);
}

/* All that was read, in its order, as text. */
static char *told(struct work *work, const char *what)
{
	struct err err;
	struct store *store = image_read_kind(work, NULL, what, &err);
	struct buf text = { 0 };

	if (store == NULL)
		return mem_print("refused: %s", err.text);
	for (size_t i = 0; i < store->count; i++) {
		for (size_t n = 0; n < ID_LEN; n++)
			buf_print(&text, "%02x", store->anchors[i].id[n]);
		buf_print(&text, " %s\n", store->anchors[i].origin.file);
	}
	for (size_t i = 0; i < store->note_count; i++)
		buf_print(&text, "%d %s: %s\n", (int)store->notes[i].level, store->notes[i].file,
			  store->notes[i].text);
	store_free(store);
	buf_byte(&text, '\0');
	return (char *)text.at;
}

static void on_one_processor(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	for (size_t i = 0; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &processors)) {
			CPU_SET(i, &one);
			break;
		}
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
}

/* What several processes tell is what one tells. */
static void same(struct work *work, const char *what)
{
	char *alone, *together;

	on_one_processor();
	alone = told(work, what);
	assert_int_equal(sched_setaffinity(0, sizeof(processors), &processors), 0);
	for (int i = 0; i < 3; i++) {
		together = told(work, what);
		assert_string_equal(together, alone);
		free(together);
	}
	free(alone);
}

static unsigned shares(const struct work *work, const char *name)
{
	struct unpack_input input = { .fd = root_open_at(&work->root, name, O_RDONLY) };
	struct unpack_job job = { .inputs = &input, .count = 1 };
	unsigned count;

	assert_true(input.fd >= 0);
	count = share_count(&job);
	close(input.fd);
	return count;
}

static void a_large_image_is_read_by_as_many_as_there_are_processors(void **state)
{
	int most = CPU_COUNT(&processors) < SHARES ? CPU_COUNT(&processors) : SHARES;
	struct buf tar = { 0 };

	make_image(*state, &tar);
	image_put(*state, "a.tar", &tar);
	assert_int_equal(shares(*state, "a.tar"), most);
	image_run(*state, "gzip -1 -k a.tar && head -c 1000000 a.tar >small.tar");
	assert_int_equal(shares(*state, "a.tar.gz"), 1);
	assert_int_equal(shares(*state, "small.tar"), 1);
	on_one_processor();
	assert_int_equal(shares(*state, "a.tar"), 1);
	assert_int_equal(sched_setaffinity(0, sizeof(processors), &processors), 0);
}

static void what_several_tell_is_what_one_tells(void **state)
{
	struct buf tar = { 0 };
	char *text;

	if (CPU_COUNT(&processors) < 2) {
		print_message("one processor here\n");
		skip();
	}
	make_image(*state, &tar);
	image_put(*state, "a.tar", &tar);
	text = told(*state, "/a.tar");
	assert_non_null(strstr(text, "/etc/own-6.pem"));
	free(text);
	same(*state, "/a.tar");
	same(*state, "/a.tar!/srv/3.tar!/inner.pem");
	same(*state, "/a.tar!/etc/none.pem");
	image_run(*state, "mkdir layout && tar -C layout -xf a.tar");
	same(*state, "/layout");
	image_run(*state, "gzip -1 a.tar");
	same(*state, "/a.tar.gz");
}

static void what_is_cut_or_damaged_is_told_alike(void **state)
{
	struct buf tar = { 0 }, part = { 0 };

	if (CPU_COUNT(&processors) < 2) {
		print_message("one processor here\n");
		skip();
	}
	make_image(*state, &tar);
	for (size_t i = 1; i < 9; i++) {
		struct bytes cut = { tar.at, tar.len / 9 * i + 17 * i };

		buf_bytes(&part, cut);
		image_put(*state, "cut.tar", &part);
		same(*state, "/cut.tar");
	}
	for (size_t i = 1; i < 9; i++) {
		buf_bytes(&part, buf_view(&tar));
		memset(part.at + tar.len / 9 * i, 0xff, 700);
		image_put(*state, "damaged.tar", &part);
		same(*state, "/damaged.tar");
	}
	buf_done(&tar);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, image_begin, image_end)
		TEST(a_large_image_is_read_by_as_many_as_there_are_processors),
		TEST(what_several_tell_is_what_one_tells),
		TEST(what_is_cut_or_damaged_is_told_alike),
	};

	if (sched_getaffinity(0, sizeof(processors), &processors) != 0)
		CPU_ZERO(&processors);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
