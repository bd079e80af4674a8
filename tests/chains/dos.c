/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is made to keep a verifier busy: each is answered by the command, for the
 * stated reason, within two seconds of the processor. The files are made here, in a directory of ours.
 */
#include "maker.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "format/armor.h"

#ifdef __SANITIZE_ADDRESS__
enum { SLOWER = 15 };
#else
enum { SLOWER = 1 };
#endif

static const double seconds_allowed = 2.0 * SLOWER;
static char dir[] = "/tmp/anchorage-dos-XXXXXX";

/* Adds the certificates to a file; a binary CRL or OCSP answer is a file of its own. */
static void save(const char *file, const char *mode, const struct buf *der, const char *type)
{
	char *path = mem_print("%s/%s", dir, file);
	FILE *to = fopen(path, mode);
	struct buf text = { 0 };

	if (type != NULL)
		armor_write(&text, type, buf_view(der));
	else
		buf_bytes(&text, buf_view(der));
	if (to == NULL || fwrite(text.at, 1, text.len, to) != text.len || fclose(to) != 0) {
		printf("Bail out! %s cannot be written\n", path);
		exit(99);
	}
	buf_done(&text);
	free(path);
}

/* "root ca": makes it, and adds it to the file. */
static struct recipe *cert(const char *file, const char *words)
{
	char *copy = mem_string(words, strlen(words)), *at = NULL;
	struct recipe *recipe = maker_recipe(strtok_r(copy, " ", &at));

	maker_keep(copy);
	for (char *word = strtok_r(NULL, " ", &at); word != NULL; word = strtok_r(NULL, " ", &at))
		maker_say(recipe, word);
	recipe->der.len = 0;
	maker_certificate(recipe);
	save(file, "a", &recipe->der, "CERTIFICATE");
	return recipe;
}

static void crossed(const char *file, int names)
{
	for (int i = 0; i < names; i++)
		for (int k = 0; k < names; k++) {
			char words[128];

			snprintf(words, sizeof(words), "c%dby%d ca cn=c%d key=k%d by=c%d", i, k, i, i, k);
			if (i != k)
				cert(file, words);
		}
}

/* Issuers of the mesh, of which only names and keys matter. */
static void name_mesh(int names)
{
	for (int i = 0; i < names; i++) {
		struct recipe *recipe = maker_recipe(maker_keep(mem_print("c%d", i)));

		maker_say(recipe, maker_keep(mem_print("key=k%d", i)));
		maker_say(recipe, "ca");
	}
}

static void make_mesh(const char *prefix, bool anchored)
{
	char *store = mem_print("%s-store.pem", prefix), *chain = mem_print("%s.pem", prefix);

	maker_forget();
	name_mesh(32);
	cert(chain, "leaf by=c0 dns=www.example.com");
	crossed(chain, 32);
	cert(store, "root ca");
	if (anchored)
		cert(chain, "c31byroot ca cn=c31 key=k31 by=root");
	free(store);
	free(chain);
}

static void make_namesakes(void)
{
	maker_forget();
	cert("namesakes-store.pem", "root ca");
	cert("namesakes.pem", "leaf by=inter dns=www.example.com");
	for (int i = 0; i < 1000; i++) {
		char words[128];

		snprintf(words, sizeof(words), "n%d ca cn=inter aki=none ski=none by=root key=z%d", i,
			 i % 50);
		cert("namesakes.pem", words);
	}
}

/* As many as leave just enough for the path itself: two more signatures. */
static void make_strangers(void)
{
	struct recipe *list;

	maker_forget();
	cert("strangers-store.pem", "root ca");
	maker_say(maker_recipe("inter"), "ca");
	cert("strangers.pem", "leaf by=inter aki=none dns=www.example.com");
	for (int i = 0; i < LIMIT_SIGNATURES - 2; i++) {
		char words[128];

		snprintf(words, sizeof(words), "s%d ca cn=inter by=root key=s%d", i, i);
		cert("strangers.pem", words);
	}
	cert("strangers.pem", "inter ca by=root");
	list = maker_recipe("list");
	maker_say(list, "by=inter");
	maker_say(list, "revoked=leaf");
	maker_crl(list);
	save("strangers.crl", "w", &list->der, NULL);
}

/* 243 ways up, all of which fail at the last CA, from a leaf with many places to ask at. */
static void make_ways(void)
{
	struct recipe *list;

	maker_forget();
	cert("ways-store.pem", "root ca");
	for (int level = 5; level > 0; level--)
		maker_say(maker_recipe(maker_keep(mem_print("w%d", level))), "ca");
	cert("ways.pem", "leaf by=w1 dns=www.example.com crldp=http://crl.example/1 points=20000");
	for (int i = 0; i < 15; i++) {
		char words[128];

		char by[32] = "root eku=clientAuth";

		if (i < 12)
			snprintf(by, sizeof(by), "w%d", 2 + i / 3);
		snprintf(words, sizeof(words), "t%d ca cn=w%d key=w%d serial=%02x by=%s", i, 1 + i / 3,
			 1 + i / 3, 16 + i, by);
		cert("ways.pem", words);
	}
	list = maker_recipe("list");
	maker_say(list, "by=w1");
	maker_say(list, "idp-uri=http://crl.example/2");
	maker_crl(list);
	save("ways.crl", "w", &list->der, NULL);
}

static void make_long(void)
{
	char words[128];

	maker_forget();
	cert("long-store.pem", "p0 ca");
	for (int i = 1; i < 1000; i++)
		maker_say(maker_recipe(maker_keep(mem_print("p%d", i))), "key=p0");
	cert("long.pem", "leaf by=p999 dns=www.example.com key=p0");
	for (int i = 1; i < 1000; i++) {
		snprintf(words, sizeof(words), "p%d ca by=p%d", i, i - 1);
		cert("long.pem", words);
	}
}

static void make_names(void)
{
	maker_forget();
	cert("names-store.pem", "root ca");
	cert("names.pem", "leaf by=inter hosts=10000");
	cert("names.pem", "inter ca by=root subtrees=10000");
	cert("sans-store.pem", "root ca");
	cert("sans.pem", "other by=second hosts=10000");
	cert("sans.pem", "second ca by=root");
}

static void make_evidence(void)
{
	struct recipe *list, *answer;

	maker_forget();
	cert("crl-store.pem", "root ca");
	cert("crl.pem", "leaf by=inter dns=www.example.com");
	cert("crl.pem", "inter ca by=root");
	list = maker_recipe("list");
	maker_say(list, "by=inter");
	maker_say(list, "entries=4600000");
	maker_say(list, "revoked=leaf");
	maker_crl(list);
	save("large.crl", "w", &list->der, NULL);
	answer = maker_recipe("answer");
	maker_say(answer, "by=inter");
	maker_say(answer, "of=leaf");
	maker_say(answer, "revoked");
	maker_say(answer, "others=10000");
	maker_ocsp(answer);
	save("large.ocsp", "w", &answer->der, NULL);
	printf("# a CRL of %zu MB, an OCSP answer of %zu KB\n", list->der.len >> 20, answer->der.len >> 10);
}

/* Of the processor, by what has ended: a machine that has other things to do is not our fault. */
static double spent(void)
{
	struct rusage usage;

	getrusage(RUSAGE_CHILDREN, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static int tests, failures;

/* The status, -1: any, and a word that the output must have, or another. */
static void expect(const char *sentence, int status, const char *says, const char * or, const char *options)
{
	char *build = realpath(getenv("builddir") != NULL ? getenv("builddir") : ".", NULL);
	char *command = mem_print("cd %s && timeout %d '%s/anchorage' verify --at=2025-06-01 %s 2>&1", dir,
				  60 * SLOWER, build, options);
	double before = spent(), took;
	struct buf out = { 0 };
	FILE *pipe = popen(command, "r");
	size_t n;
	int got;
	bool ok;

	while (pipe != NULL && (n = fread(buf_room(&out, 65536), 1, 65536, pipe)) > 0)
		out.len += n;
	got = pipe != NULL ? pclose(pipe) : -1;
	took = spent() - before;
	buf_byte(&out, '\0');
	ok = WIFEXITED(got) && (status < 0 || WEXITSTATUS(got) == status) && took < seconds_allowed &&
	     (strstr((char *)out.at, says) != NULL || strstr((char *)out.at, or) != NULL);
	printf("%s %d - %s\n", ok ? "ok" : "not ok", ++tests, sentence);
	printf("# %.2f s, status %d\n", took, WIFEXITED(got) ? WEXITSTATUS(got) : -1);
	if (!ok)
		printf("# expected %d and '%s' within %.0f s\n# %.1200s\n", status, says, seconds_allowed,
		       (char *)out.at);
	fflush(stdout);
	failures += !ok;
	buf_done(&out);
	free(command);
	free(build);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int main(void)
{
	if (mkdtemp(dir) == NULL) {
		printf("Bail out! no temporary directory\n");
		return 99;
	}
	make_names();
	expect("10,000 names are held against 10,000 subtrees, or the budget says no", 1, "search-limit",
	       "search-limit", "-s names-store.pem names.pem");
	expect("10,000 names of a leaf are looked through", 0, "accepted", "accepted",
	       "-s sans-store.pem --name=h9999.example.com sans.pem");
	make_mesh("mesh", false);
	expect("a mesh of 1,000 cross-signs that leads nowhere is given up", 1, "search-limit",
	       "search-limit", "-s mesh-store.pem mesh.pem");
	make_mesh("way", true);
	expect("the one way out of a mesh of 1,000 cross-signs is found, or given up", -1, "accepted",
	       "search-limit", "-s way-store.pem way.pem");
	make_namesakes();
	expect("1,000 issuers of one name, none of which signed, are given up", 1, "rejected", "rejected",
	       "-s namesakes-store.pem namesakes.pem");
	make_strangers();
	expect("strangers who use up the budget do not take a chain from its revocation", 1,
	       "revoked:", "revoked:", "-s strangers-store.pem --crl=strangers.crl strangers.pem");
	make_ways();
	expect("20,000 distribution points on 243 ways are asked about as far as the budget goes", 1,
	       "wrong-purpose", "search-limit", "-s ways-store.pem --crl=ways.crl ways.pem");
	make_long();
	expect("a path of 1,000 is given up by its budget of signatures", 1, "search-limit", "search-limit",
	       "-s long-store.pem long.pem");
	make_evidence();
	expect("a CRL of 100 MB is searched", 1, "revoked", "revoked",
	       "-s crl-store.pem --crl=large.crl crl.pem");
	expect("an OCSP answer of 1 MB is searched", 1, "revoked", "revoked",
	       "-s crl-store.pem --ocsp=large.ocsp crl.pem");
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	maker_done();
	printf("1..%d\n", tests);
	return failures > 0;
}
