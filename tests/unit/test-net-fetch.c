/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "feed.h"
#include "net/fetch.h"
#include "net/fetch_wire.h"

/* What a program that only says these bytes makes of a fetch. */
struct said {
	bool ok;
	struct fetched fetched;
	struct err err;
};

static void end_said(struct said *said)
{
	if (said->ok)
		fetched_done(&said->fetched);
}

static struct said hear(struct bytes answer, const char *also)
{
	char *folder = feed_directory(), *program = mem_print("%s/program", folder),
	     *script = mem_print("#!/bin/sh\ncat >/dev/null\ncat '%s/answer'\n%s\n", folder, also);
	struct fetch_wish wish = { .url = "https://test.example/a", .program = program };
	struct said said = { .ok = false };

	feed_file(folder, "answer", answer);
	feed_file(folder, "program", bytes_of(script));
	chmod(program, 0700);
	said.ok = fetch_file(&wish, &said.fetched, &said.err);
	feed_remove(folder);
	free(program);
	free(script);
	return said;
}

static void put_data(struct buf *to, const char *text)
{
	size_t begun = fetch_begin(to, FETCH_DATA);

	fetch_put(to, FETCH_BYTES, bytes_of(text));
	fetch_finish(to, begun);
}

static void put_end(struct buf *to, uint64_t size)
{
	size_t begun = fetch_begin(to, FETCH_END);

	fetch_put_number(to, FETCH_STATUS, 200);
	fetch_put_number(to, FETCH_SIZE, size);
	fetch_put(to, FETCH_URL, bytes_of("https://test.example/b"));
	fetch_finish(to, begun);
}

static void what_is_told_whole_is_fetched(void **state)
{
	struct buf answer = { 0 };
	struct said said;

	(void)state;
	put_data(&answer, "some ");
	put_data(&answer, "bytes");
	put_end(&answer, 10);
	said = hear(buf_view(&answer), "");
	assert_true(said.ok);
	assert_true(bytes_equal(buf_view(&said.fetched.body), bytes_of("some bytes")));
	assert_string_equal(said.fetched.url, "https://test.example/b");
	end_said(&said);
	buf_done(&answer);
}

static void a_body_of_another_size_than_told_is_a_lie(void **state)
{
	struct buf answer = { 0 };
	struct said said;

	(void)state;
	put_data(&answer, "some");
	put_end(&answer, 5);
	said = hear(buf_view(&answer), "");
	assert_false(said.ok);
	assert_int_equal(said.err.code, ERR_LIED);
	buf_done(&answer);
}

static void an_answer_that_ends_anywhere_before_its_end_is_an_error(void **state)
{
	struct buf answer = { 0 };

	(void)state;
	put_data(&answer, "some");
	put_end(&answer, 4);
	for (size_t cut = 0; cut < answer.len; cut += 3) {
		struct said said = hear((struct bytes){ answer.at, cut }, "");

		assert_false(said.ok);
		assert_non_null(strstr(said.err.text, "https://test.example/a: "));
	}
	buf_done(&answer);
}

static void what_is_no_answer_is_a_lie(void **state)
{
	static const char *const lies[] = { "nonsense, and no message at all", "\xff\xff\xff\xff\x02" };

	(void)state;
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
		struct said said = hear(bytes_of(lies[i]), "");

		assert_false(said.ok);
		assert_int_equal(said.err.code, ERR_LIED);
	}
}

static void a_failure_is_told_with_what_to_do(void **state)
{
	struct buf answer = { 0 };
	size_t begun = fetch_begin(&answer, FETCH_FAIL);
	struct said said;

	(void)state;
	fetch_put_number(&answer, FETCH_CODE, FETCH_UNTRUSTED);
	fetch_put(&answer, FETCH_TEXT, bytes_of("no such CA. CAfile: /proc/self/fd/3 CRLfile: none"));
	fetch_finish(&answer, begun);
	said = hear(buf_view(&answer), "");
	assert_false(said.ok);
	assert_non_null(strstr(said.err.text, "does not verify (no such CA)"));
	assert_non_null(strstr(said.err.text, "--source-ca"));
	buf_done(&answer);
}

static void a_failure_of_no_known_kind_is_one_all_the_same(void **state)
{
	struct buf answer = { 0 };
	size_t begun = fetch_begin(&answer, FETCH_FAIL);

	(void)state;
	fetch_put_number(&answer, FETCH_CODE, UINT64_MAX);
	fetch_finish(&answer, begun);
	assert_false(hear(buf_view(&answer), "").ok);
	buf_done(&answer);
}

static void what_a_program_prints_before_it_dies_is_told(void **state)
{
	struct said said = hear(bytes_of(""), "echo a library is missing >&2; exit 127");

	(void)state;
	assert_false(said.ok);
	assert_non_null(strstr(said.err.text, "a library is missing"));
}

static void an_absent_program_is_told_by_its_path(void **state)
{
	struct fetch_wish wish = { .url = "https://test.example/a", .program = "/nowhere/anchorage-fetch" };
	struct fetched fetched;
	struct err err = { 0 };

	(void)state;
	assert_false(fetch_file(&wish, &fetched, &err));
	assert_int_equal(err.code, ERR_ABSENT);
	assert_non_null(strstr(err.text, "/nowhere/anchorage-fetch"));
}

static void a_url_is_told_by_its_scheme(void **state)
{
	(void)state;
	assert_true(fetch_is_url("https://a"));
	assert_true(fetch_is_url("HTTP://a"));
	assert_false(fetch_is_url("https:a"));
	assert_false(fetch_is_url("file:///a"));
	assert_false(fetch_is_url("a.pem"));
}

static void a_message_with_a_field_twice_or_unknown_is_none(void **state)
{
	struct fetch_message message;
	struct buf twice = { 0 }, unknown = { 0 };
	size_t at = 0, begun = fetch_begin(&twice, FETCH_END);

	(void)state;
	fetch_put_number(&twice, FETCH_SIZE, 1);
	fetch_put_number(&twice, FETCH_SIZE, 2);
	fetch_finish(&twice, begun);
	assert_int_equal(fetch_next(buf_view(&twice), &at, &message), FETCH_BAD);
	begun = fetch_begin(&unknown, FETCH_END);
	fetch_put_number(&unknown, FETCH_FIELDS, 1);
	fetch_finish(&unknown, begun);
	assert_int_equal(fetch_next(buf_view(&unknown), &at, &message), FETCH_BAD);
	assert_int_equal(at, 0);
	buf_done(&twice);
	buf_done(&unknown);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_told_whole_is_fetched),
		cmocka_unit_test(a_body_of_another_size_than_told_is_a_lie),
		cmocka_unit_test(an_answer_that_ends_anywhere_before_its_end_is_an_error),
		cmocka_unit_test(what_is_no_answer_is_a_lie),
		cmocka_unit_test(a_failure_is_told_with_what_to_do),
		cmocka_unit_test(a_failure_of_no_known_kind_is_one_all_the_same),
		cmocka_unit_test(what_a_program_prints_before_it_dies_is_told),
		cmocka_unit_test(an_absent_program_is_told_by_its_path),
		cmocka_unit_test(a_url_is_told_by_its_scheme),
		cmocka_unit_test(a_message_with_a_field_twice_or_unknown_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
