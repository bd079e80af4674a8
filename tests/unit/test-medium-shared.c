/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/root.h"
#include "feed.h"
#include "medium/shared.h"

struct place {
	char *base, *directory, *file;
};

static int begin(void **state)
{
	struct place *place = mem_zero(sizeof(*place));

	place->base = feed_directory();
	place->directory = mem_print("%s/in", place->base);
	place->file = mem_print("%s/ca.crt", place->directory);
	assert_int_equal(chmod(place->base, 0755), 0);
	assert_int_equal(mkdir(place->directory, 0755), 0);
	assert_int_equal(chmod(place->directory, 0755), 0);
	feed_file(place->directory, "ca.crt", bytes_of("x"));
	assert_int_equal(chmod(place->file, 0644), 0);
	*state = place;
	return 0;
}

static int end(void **state)
{
	struct place *place = *state;

	feed_remove(place->base);
	free(place->directory);
	free(place->file);
	free(place);
	return 0;
}

/* Fails unless it is told so; NULL: nobody is told of. */
static void tells(const char *path, const char *words)
{
	const struct root host = { .fd = -1 };
	char *said = shared_by(&host, path);

	if (words == NULL ? said != NULL : said == NULL || strstr(said, words) == NULL)
		fail_msg("'%s' is said, and not '%s'", said != NULL ? said : "nothing",
			 words != NULL ? words : "nothing");
	free(said);
}

static void a_file_of_one_owner_is_nobody_elses(void **state)
{
	struct place *place = *state;

	tells(place->file, NULL);
	tells("/nonexistent/ca.crt", NULL);
}

static void a_file_or_a_directory_that_everybody_can_write_is_told(void **state)
{
	struct place *place = *state;

	chmod(place->file, 0666);
	tells(place->file, "ca.crt' (mode 0666) can be changed by everybody");
	chmod(place->file, 0644);
	chmod(place->directory, 0777);
	tells(place->file, "/in' (mode 0777) can be changed by everybody");
	chmod(place->directory, 0755);
	chmod(place->base, 0777);
	tells(place->file, "(mode 0777)");
}

static void a_sticky_directory_keeps_others_from_replacing_and_not_from_writing(void **state)
{
	struct place *place = *state;

	chmod(place->directory, 01777);
	tells(place->file, NULL);
	chmod(place->file, 0666);
	tells(place->file, "the file");
}

static void a_group_of_its_own_is_no_other(void **state)
{
	struct place *place = *state;
	bool root = geteuid() == 0;

	if (!root) {
		print_message("# only root can give a file to another\n");
		skip();
	}
	chmod(place->file, 0664);
	assert_int_equal(chown(place->file, 4711, 4711), 0);
	tells(place->file, NULL);
	assert_int_equal(chown(place->file, 4711, 4712), 0);
	tells(place->file, "can be changed by its group");
}

static void a_relative_path_ends_at_the_working_directory(void **state)
{
	struct place *place = *state;
	char *before = getcwd(NULL, 0);

	assert_int_equal(chdir(place->directory), 0);
	tells("ca.crt", NULL);
	chmod(place->directory, 0777);
	tells("ca.crt", "the directory '.'");
	assert_int_equal(chdir(before), 0);
	free(before);
}

#define PLACED(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		PLACED(a_file_of_one_owner_is_nobody_elses),
		PLACED(a_file_or_a_directory_that_everybody_can_write_is_told),
		PLACED(a_sticky_directory_keeps_others_from_replacing_and_not_from_writing),
		PLACED(a_group_of_its_own_is_no_other),
		PLACED(a_relative_path_ends_at_the_working_directory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
