/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "find/expand.h"
#include "find/homes.h"
#include "find/survey.h"
#include "find/sweep.h"
#include "model/spot.h"

/* A root of its own, made by a line of shell in it. */
struct tree {
	char top[32];
	struct root root;
};

static void tree_make(struct tree *tree, const char *script)
{
	char *command;
	struct err err;

	snprintf(tree->top, sizeof(tree->top), "/tmp/anchorage-test-XXXXXX");
	assert_non_null(mkdtemp(tree->top));
	command = mem_print("cd %s && %s", tree->top, script);
	assert_int_equal(system(command), 0);
	free(command);
	assert_true(root_open(tree->top, &tree->root, &err));
}

static void tree_done(struct tree *tree)
{
	char *command = mem_print("chmod -R u+rwx %s; rm -rf %s", tree->top, tree->top);

	root_done(&tree->root);
	assert_int_equal(system(command), 0);
	free(command);
}

/* Rows in a file of the host, beside the root. */
static char *rows_file(const struct tree *tree, const char *rows)
{
	char *path = mem_print("%s/.rows", tree->top);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(rows, file);
	assert_int_equal(fclose(file), 0);
	return path;
}

static void look(struct tree *tree, const char *rows, char *const *environment, struct spots *ret)
{
	char *none[] = { NULL }, *path = rows_file(tree, rows);
	struct survey survey = {
		.root = &tree->root,
		.environment = environment != NULL ? environment : none,
		.everybody = true,
		.sites = path,
	};
	struct err err = { 0 };

	if (!survey_find(&survey, ret, &err))
		fail_msg("%s", err.text);
	free(path);
}

static void patterns_are_looked_up_inside_the_root(void **state)
{
	static const struct {
		const char *pattern, *found;
	} rows[] = {
		{ "/a/*/x", "/a/b/x /a/c/x " },
		{ "/a/[b]/x", "/a/b/x " },
		{ "/*/b/?", "/a/b/x /in/b/x " },
		{ "/a/*/y/*", "" },
		{ "/a/b/x", "/a/b/x " },
		{ "/a/.*/x", "/a/.h/x " },
		{ "/out/*", "" }, /* a link to the host's /etc, which is not the root's */
		{ "/in/*/x", "/in/b/x /in/c/x " },
		{ "~/m", "/home/u/m /home/v/m " },
		{ "$E/*/x", "/a/b/x /a/c/x " },
		{ "$UNSET/x", "" },
		{ "$REL/x", "" },
	};
	char *environment[] = { mem_string("E=/a", 4), mem_string("REL=a", 5), NULL };
	struct texts homes = { 0 };
	struct expand expand;
	struct tree tree = { 0 };

	(void)state;
	tree_make(
		&tree,
		"mkdir -p a/b a/c a/.h home/u home/v && touch a/b/x a/c/x a/.h/x home/u/m home/v/m a/file &&"
		" ln -s /etc out && ln -s /a in");
	texts_add(&homes, "/home/u");
	texts_add(&homes, "/home/v");
	for (int walk = 0; walk < 2; walk++) {
		tree.root.walk = walk == 1;
		expand_begin(&expand, &tree.root, environment, &homes);
		for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
			struct texts found = { 0 };
			char all[256] = "";

			expand_path(&expand, rows[i].pattern, &found);
			for (size_t k = 0; k < found.count; k++)
				snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s ", found.all[k]);
			assert_string_equal(all, rows[i].found);
			texts_done(&found);
		}
		expand_done(&expand);
	}
	free(environment[0]);
	free(environment[1]);
	texts_done(&homes);
	tree_done(&tree);
}

static void homes_are_those_of_the_root_s_passwd_once_each_and_no_system_directories(void **state)
{
	struct texts homes = { 0 };
	struct tree tree = { 0 };

	(void)state;
	tree_make(&tree,
		  "mkdir -p etc root home/a var/lib/b usr/sbin && printf '%s\\n' 'root:x:0:0::/root:/bin/sh' "
		  "'d:x:1:1::/usr/sbin:' 'a:x:2:2:A,,:/home/a/:/bin/sh' 'aa:x:3:3::/home/a' 'broken' "
		  "'b:x:4:4::/var/lib/b:' 'gone:x:5:5::/home/gone:' 'top:x:6:6::/:' >etc/passwd");
	homes_find(&tree.root, "/home/a", true, &homes);
	assert_int_equal(homes.count, 3);
	assert_string_equal(homes.all[0], "/home/a");
	assert_string_equal(homes.all[1], "/root");
	assert_string_equal(homes.all[2], "/var/lib/b");
	texts_done(&homes);
	homes_find(&tree.root, "/home/a", false, &homes);
	assert_int_equal(homes.count, 1);
	texts_done(&homes);
	tree_done(&tree);
}

static void one_file_by_several_names_is_one_spot_with_aliases(void **state)
{
	struct spots spots;
	struct spot *spot;
	struct tree tree = { 0 };

	(void)state;
	tree_make(&tree, "mkdir -p j/one j/two && echo x >store && ln -s /store j/one/s && ln -s ../../store "
			 "j/two/s &&"
			 " ln store hard && ln -s one j/link");
	look(&tree,
	     "[first]\npath = /store\n[group g]\nbase = /j/*\ntail = .\n[java]\nin = g\npath = s\n[h]\npath "
	     "= /hard\n",
	     NULL, &spots);
	assert_int_equal(spots.count, 1);
	spot = spots_named(&spots, "java:/j/two");
	assert_ptr_equal(spot, &spots.all[0]);
	assert_ptr_equal(spot, spots_named(&spots, "java:/j/one"));
	assert_ptr_equal(spot, spots_named(&spots, "h"));
	assert_null(spots_named(&spots, "java:/j/link")); /* the directory is known already */
	assert_int_equal(spot->alias_count, 3);
	spots_done(&spots);
	tree_done(&tree);
}

static void a_variable_replaces_a_store_or_adds_to_it_or_leads_some_away(void **state)
{
	static const char rows[] = "[a]\npath = /a\nused-by = A\nenv = RA replaces\n"
				   "[b]\npath = /b\nused-by = B\nenv = RB adds\n"
				   "[c]\npath = /c\nused-by = C\nenv = RC replaces for part of C\n"
				   "[d]\npath = /d\nused-by = D\nenv = RD replaces -Dx=\n"
				   "[e]\npath = /e\nused-by = E\nenv = RE replaces\n"
				   "[f]\npath = /f\nused-by = F\nenv = UNSET replaces\n";
	static char ra[] = "RA=/other", rb[] = "RB=/other", rc[] = "RC=/other:/gone",
		    rd[] = "RD=-a -Dx=/other -b", re[] = "RE=/e";
	char *environment[] = { ra, rb, rc, rd, re, NULL };
	struct spots spots;
	struct spot *other;
	struct tree tree = { 0 };

	(void)state;
	tree_make(&tree, "for f in a b c d e f other; do echo $f >$f; done");
	look(&tree, rows, environment, &spots);
	assert_int_equal(spots_named(&spots, "a")->state, SPOT_SHADOWED);
	assert_string_equal(spots_named(&spots, "a")->by, "RA, /other");
	assert_int_equal(spots_named(&spots, "b")->state, SPOT_EFFECTIVE);
	assert_int_equal(spots_named(&spots, "b")->notes.count, 1);
	assert_int_equal(spots_named(&spots, "c")->state, SPOT_EFFECTIVE);
	assert_non_null(strstr(spots_named(&spots, "c")->notes.all[0], "part of C reads instead"));
	assert_int_equal(spots_named(&spots, "d")->state, SPOT_SHADOWED);
	assert_int_equal(spots_named(&spots, "e")->state, SPOT_EFFECTIVE); /* it names this very file */
	assert_int_equal(spots_named(&spots, "f")->state, SPOT_EFFECTIVE);
	other = spots_named(&spots, "env:RA");
	assert_ptr_equal(other, spots_named(&spots, "env:RD"));
	assert_string_equal(other->place.paths[0], "/other");
	assert_true(texts_have(&other->used_by, "A (RA)"));
	assert_true(texts_have(&other->used_by, "part of C (RC)"));
	assert_int_equal(spots_named(&spots, "env:RC")->inode != 0, true);
	spots_done(&spots);
	tree_done(&tree);
}

static void a_configuration_file_leads_to_a_store_by_a_line_or_by_json(void **state)
{
	static const char rows[] = "[a]\npath = /a\nused-by = A\nconfig = ~/.rc key replaces\n"
				   "[j]\nused-by = J\nconfig = /etc/*.json json:p.q adds\n";
	struct spots spots;
	struct spot *told;
	struct tree tree = { 0 };

	(void)state;
	tree_make(&tree,
		  "mkdir -p etc home/u home/v && for f in a home/u/ca one two three; do echo $f >$f; done &&"
		  " echo 'u:x:1:1::/home/u:' >etc/passwd && printf '#\nkey = ~/ca\n' >home/u/.rc &&"
		  " echo '{\"p\":{\"q\":[\"/one\",\"relative\",7,\"/two\"]}}' >etc/1.json &&"
		  " echo '{\"p\":{\"q\":\"/three\"}}' >etc/2.json && echo '{\"p\":' >etc/3.json &&"
		  " mkfifo etc/4.json");
	look(&tree, rows, NULL, &spots);
	told = spots_named(&spots, "a:/home/u/ca");
	assert_non_null(told);
	assert_true(texts_have(&told->used_by, "A (/home/u/.rc line 2, key)"));
	assert_int_equal(spots_named(&spots, "a")->state, SPOT_SHADOWED);
	assert_string_equal(spots_named(&spots, "a")->by, "/home/u/.rc line 2, key, /home/u/ca");
	assert_non_null(spots_named(&spots, "j:/one"));
	assert_non_null(spots_named(&spots, "j:/two"));
	told = spots_named(&spots, "j:/three");
	assert_non_null(told);
	assert_true(texts_have(&told->used_by, "J (/etc/2.json, p.q)"));
	assert_int_equal(spots.count, 5);
	spots_done(&spots);
	tree_done(&tree);
}

static void a_file_in_front_of_it_or_a_patched_program_takes_a_store_out_of_use(void **state)
{
	static const char rows[] =
		"[group g]\nbase = /p/*\ntail = .\n"
		"[s]\nin = g\npath = store\nunless = better\ndecoy = code /sys\nused-by = S\n"
		"[sys]\npath = /sys\n[src]\nsource = yes\npath = /src\n[made]\nfrom = src\npath = /made\n";
	struct spots spots;
	struct tree tree = { 0 };

	(void)state;
	tree_make(&tree, "mkdir -p p/1 p/2 p/3 src && touch p/1/better && echo 'return \"/sys\"' >p/2/code &&"
			 " echo other >p/3/code && for f in p/1 p/2 p/3; do echo $f >$f/store; done && echo "
			 ">sys && echo >made");
	look(&tree, rows, NULL, &spots);
	assert_int_equal(spots_named(&spots, "s:/p/1")->state, SPOT_SHADOWED);
	assert_string_equal(spots_named(&spots, "s:/p/1")->by, "/p/1/better");
	assert_int_equal(spots_named(&spots, "s:/p/2")->state, SPOT_DECOY);
	assert_int_equal(spots_named(&spots, "s:/p/3")->state, SPOT_EFFECTIVE);
	assert_true(texts_have(&spots_named(&spots, "sys")->used_by, "S"));
	assert_int_equal(spots_named(&spots, "src")->state, SPOT_SOURCE);
	assert_true(texts_have(&spots_named(&spots, "src")->feeds, "made"));
	spots_done(&spots);
	tree_done(&tree);
}

static void profiles_are_those_of_profiles_ini_wherever_they_lie(void **state)
{
	static const char rows[] = "[group f]\nbase = /home/u/.fox\ntail = *\ncode = profiles\n"
				   "[fox]\nprefix = nss\nin = f\nat = directory\npath = cert9.db\n";
	struct spots spots;
	struct tree tree = { 0 };

	(void)state;
	tree_make(&tree,
		  "mkdir -p home/u/.fox/in home/u/.fox/left else/where &&"
		  " touch home/u/.fox/in/cert9.db home/u/.fox/left/cert9.db else/where/cert9.db &&"
		  " printf "
		  "'[Profile1]\\nPath=in\\nIsRelative=1\\n[Profile0]\\nIsRelative=0\\nPath=/else/where\\n"
		  "[Profile2]\\nPath=../../../out\\n' >home/u/.fox/profiles.ini");
	look(&tree, rows, NULL, &spots);
	assert_int_equal(spots.count, 3);
	assert_int_equal(spots_named(&spots, "nss:/home/u/.fox/in")->state, SPOT_EFFECTIVE);
	assert_int_equal(spots_named(&spots, "nss:/else/where")->state, SPOT_EFFECTIVE);
	assert_int_equal(spots_named(&spots, "nss:/home/u/.fox/left")->state, SPOT_SHADOWED);
	spots_done(&spots);
	tree_done(&tree);
}

static void a_directory_that_no_pattern_leads_to_may_be_named(void **state)
{
	static const char rows[] = "[group g]\nbase = /p/*\ntail = lib/*\n[s]\nin = g\npath = store\n";
	char *none[] = { NULL };
	struct survey survey = { .environment = none, .everybody = true };
	struct spots spots;
	struct err err = { 0 };
	struct tree tree = { 0 };
	char *path;
	bool known;

	(void)state;
	tree_make(&tree, "mkdir -p p/1/lib/x data/venv/lib/y && touch p/1/lib/x/store data/venv/lib/y/store");
	path = rows_file(&tree, rows);
	survey.root = &tree.root;
	survey.sites = path;
	assert_true(survey_named(&survey, "s:/p/1", &spots, &known, &err));
	assert_int_equal(spots.count, 1);
	spots_done(&spots);
	assert_true(survey_named(&survey, "s:/data/venv", &spots, &known, &err));
	assert_int_equal(spots.count, 1);
	assert_string_equal(spots.all[0].place.paths[0], "/data/venv/lib/y/store");
	spots_done(&spots);
	assert_true(survey_named(&survey, "s:/nowhere", &spots, &known, &err));
	assert_int_equal(spots.count, 0);
	assert_true(known);
	spots_done(&spots);
	assert_true(survey_named(&survey, "t:/p/1", &spots, &known, &err));
	assert_false(known);
	spots_done(&spots);
	free(path);
	tree_done(&tree);
}

static bool among(const struct texts *patterns, const char *path)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (fnmatch(patterns->all[i], path, 0) == 0)
			return true;
	return false;
}

static void the_patterns_for_who_unpacks_cover_what_a_survey_opens(void **state)
{
	static const char rows[] =
		"[group g]\nbase = ~/v /opt/*\ntail = lib/*/site\n[s]\nin = g\npath = c/store\ndecoy = "
		"core.py x\n"
		"unless = other\nconfig = ~/.rc key replaces\n"
		"[d]\nkind = dir\npath = /usr/share/d\n[n]\nat = directory\npath = ~/n/cert9.db\n[v]\npath = "
		"$V/x\n"
		"[group f]\nbase = ~/.fox\ntail = *\ncode = profiles\n[fox]\nin = f\npath = cert9.db\n";
	struct texts patterns = { 0 };
	struct err err = { 0 };
	struct tree tree = { 0 };
	char *path;

	(void)state;
	tree_make(&tree, "true");
	path = rows_file(&tree, rows);
	assert_true(survey_patterns(&tree.root, path, &patterns, &err));
	assert_true(among(&patterns, "/etc/passwd"));
	assert_true(among(&patterns, "/opt/x/lib/py/site/c/store"));
	assert_true(among(&patterns, "/opt/x/lib/py/site/c/core.py"));
	assert_true(among(&patterns, "/opt/x/lib/py/site/other"));
	assert_true(among(&patterns, "/root/v/lib/py/site/c/store"));
	assert_true(among(&patterns, "/home/u/v/lib/py/site/c/store"));
	assert_true(among(&patterns, "/home/u/.rc"));
	assert_true(among(&patterns, "/usr/share/d/deeper/file"));
	assert_true(among(&patterns, "/home/u/n/key4.db"));
	assert_true(among(&patterns, "/home/u/.fox/profiles.ini"));
	assert_true(among(&patterns, "/root/.fox/any/cert9.db"));
	assert_false(among(&patterns, "/x"));
	texts_done(&patterns);
	free(path);
	tree_done(&tree);
}

static void a_sweep_sees_every_file_once_and_nothing_outside(void **state)
{
	struct sweep sweep;
	struct err err = { 0 };
	struct tree tree = { 0 };

	(void)state;
	tree_make(&tree,
		  "mkdir -p a/b/c 'a/new\nline' shut && p='-----BEGIN CERTIFICATE-----' &&"
		  " echo \"$p$p\" >a/b/c/two && echo \"$p\" >\"a/new\nline/one\" && echo none >a/none &&"
		  " ln -s /etc a/out && ln -s two a/b/c/link && mkfifo a/pipe && ln -s .. a/b/up");
	assert_true(sweep_run(&tree.root, "/", NULL, NULL, &sweep, &err));
	assert_int_equal(sweep.count, 2);
	assert_string_equal(sweep.hits[0].path, "/a/b/c/two");
	assert_int_equal(sweep.hits[0].count, 2);
	assert_string_equal(sweep.hits[1].path, "/a/new\nline/one");
	assert_int_equal(sweep.files, 3);
	sweep_done(&sweep);
	assert_false(sweep_run(&tree.root, "/nowhere", NULL, NULL, &sweep, &err));
	tree_done(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_are_looked_up_inside_the_root),
		cmocka_unit_test(homes_are_those_of_the_root_s_passwd_once_each_and_no_system_directories),
		cmocka_unit_test(one_file_by_several_names_is_one_spot_with_aliases),
		cmocka_unit_test(a_variable_replaces_a_store_or_adds_to_it_or_leads_some_away),
		cmocka_unit_test(a_configuration_file_leads_to_a_store_by_a_line_or_by_json),
		cmocka_unit_test(a_file_in_front_of_it_or_a_patched_program_takes_a_store_out_of_use),
		cmocka_unit_test(profiles_are_those_of_profiles_ini_wherever_they_lie),
		cmocka_unit_test(a_directory_that_no_pattern_leads_to_may_be_named),
		cmocka_unit_test(the_patterns_for_who_unpacks_cover_what_a_survey_opens),
		cmocka_unit_test(a_sweep_sees_every_file_once_and_nothing_outside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
