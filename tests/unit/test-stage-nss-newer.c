/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* NSS databases that this host's NSS and a newer one change in turn. */
#include "unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "feed.h"
#include "medium/token.h"
#include "model/anchor.h"
#include "nss-case.h"
#include "trust.h"

static struct store *ca;

static int set_up(void **state)
{
	(void)state;
	ca = nss_make("A CA", 11, true);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	store_free(ca);
	return 0;
}

/*
 * An NSS from 3.114 on beside this host's, unpacked of its packages (libnss3 and libnss3-tools
 * of Debian, from forky on): $ANCHORAGE_NEWER_NSS/usr/lib/TRIPLET/libsoftokn3.so, usr/bin/certutil. This
 * program is then run once more with these libraries, for what it is told in words.
 */
static bool newer_nss(char **ret_libraries)
{
	const char *prefix = getenv("ANCHORAGE_NEWER_NSS");
	struct buf found = { 0 };
	bool ret = prefix != NULL && feed_run(&found,
					      "ls -d '%s'/usr/lib/*/libsoftokn3.so | sed 's,/[^/]*$,,' && "
					      "[ -x '%s'/usr/bin/certutil ]",
					      prefix, prefix);

	if (ret)
		*ret_libraries = mem_string((const char *)found.at, found.len - 1);
	else
		print_message("skipped: $ANCHORAGE_NEWER_NSS names no NSS of 3.114 or later\n");
	buf_done(&found);
	return ret && nss_is_here();
}

static const char *const words[] = { "trust", "remove", "distrust", "lift" };

/* The change that main() was asked for. */
static int change_by_words(char **args)
{
	struct store *store = store_new("given");
	struct buf der = { 0 };

	token_tuning.softokn = getenv("SOFTOKN");
	feed_load(args[0], args[1], &der);
	store_add(store, buf_view(&der), 0)->trusted = PURPOSES_ALL;
	store_finish(store);
	for (size_t i = 0; i < REQUEST_KINDS; i++)
		if (strcmp(args[2], words[i]) == 0)
			nss_change_it(args[0], (enum request_kind)i, &store->anchors[0],
				      (enum outcome_kind)strtol(args[3], NULL, 10));
	store_free(store);
	buf_done(&der);
	return 0;
}

static void newly(const char *libraries, const char *directory, enum request_kind kind,
		  enum outcome_kind outcome)
{
	char self[4096] = "";

	assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
	assert_true(feed_run(NULL, "LD_LIBRARY_PATH=%s SOFTOKN=%s/libsoftokn3.so '%s' change %s ca.der %s %d",
			     libraries, libraries, self, directory, words[kind], (int)outcome));
}

static void new_flags(const char *libraries, const char *directory, const char *want)
{
	struct buf said = { 0 };

	assert_true(feed_run(&said,
			     "LD_LIBRARY_PATH=%s %s/../../bin/certutil -L -d sql:%s/db | "
			     "sed -n 's/^A CA  *\\([pPcCTu,]*\\) *$/\\1/p'",
			     libraries, libraries, directory));
	buf_byte(&said, 0);
	if (strncmp((const char *)said.at, want, strlen(want)) != 0 || said.at[strlen(want)] != '\n')
		fail_msg("newer NSS finds '%s' and not '%s'", said.at, want);
	buf_done(&said);
}

/* Each of the two writes, and both find the same, whoever wrote before. */
static void older_and_newer_nss_find_the_same_whoever_writes(void **state)
{
	static const struct {
		enum request_kind kind;
		const char *flags;
	} steps[] = {
		{ REQUEST_TRUST, "C,," },      { REQUEST_DISTRUST, "p,p,p" }, { REQUEST_LIFT, ",," },
		{ REQUEST_DISTRUST, "p,p,p" }, { REQUEST_TRUST, "C,," },
	};
	char *libraries = NULL;

	(void)state;
	if (!newer_nss(&libraries))
		skip();
	for (unsigned order = 0; order < 1u << (sizeof(steps) / sizeof(steps[0])); order++) {
		char *directory = nss_database("");

		feed_file(directory, "ca.der", ca->anchors[0].cert.der);
		for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
			if (order >> i & 1)
				newly(libraries, directory, steps[i].kind, OUTCOME_DONE);
			else
				nss_change_it(directory, steps[i].kind, &ca->anchors[0], OUTCOME_DONE);
			nss_flags(directory, "A CA", steps[i].flags);
			new_flags(libraries, directory, steps[i].flags);
		}
		if (order & 1)
			newly(libraries, directory, REQUEST_REMOVE, OUTCOME_DONE);
		else
			nss_change_it(directory, REQUEST_REMOVE, &ca->anchors[0], OUTCOME_DONE);
		nss_flags(directory, "A CA", "");
		feed_remove(directory);
	}
	free(libraries);
}

static void what_newer_nss_wrote_is_changed_for_older_nss_too(void **state)
{
	char *libraries = NULL, *directory;

	(void)state;
	if (!newer_nss(&libraries))
		skip();
	directory = nss_database("");
	feed_file(directory, "ca.der", ca->anchors[0].cert.der);
	assert_true(
		feed_run(NULL,
			 "cd %s && LD_LIBRARY_PATH=%s %s/../../bin/certutil -A -n 'A CA' -t C,, -i ca.der "
			 "-d sql:db",
			 directory, libraries, libraries));
	nss_flags(directory, "A CA", ",,"); /* which knows nothing of such objects */
	nss_change_it(directory, REQUEST_DISTRUST, &ca->anchors[0], OUTCOME_DONE);
	nss_flags(directory, "A CA", "p,p,p");
	new_flags(libraries, directory, "p,p,p");
	newly(libraries, directory, REQUEST_REMOVE, OUTCOME_DONE);
	nss_flags(directory, "A CA", "");
	feed_remove(directory);
	free(libraries);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(older_and_newer_nss_find_the_same_whoever_writes),
		cmocka_unit_test(what_newer_nss_wrote_is_changed_for_older_nss_too),
	};

	if (argc == 6 && strcmp(argv[1], "change") == 0)
		return change_by_words(argv + 2);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
