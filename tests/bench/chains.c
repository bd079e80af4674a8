/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Many chains for the bench: chains DIR KIND COUNT writes DIR/NNNN.pem, each a
 * leaf with its intermediate, of which there are ten; DIR/leaf/NNNN.pem the leaf
 * alone; and DIR/root.pem and DIR/intermediates.pem beside them. KIND is rsa
 * (RSA-2048), ecdsa (P-256), or p384-root (P-256 below a root with P-384).
 * chains --rate rsa|ecdsa SECONDS prints how many signatures GnuTLS checks in a second of the processor;
 * chains --judge DIR COUNT how many of those chains are judged in a second of the processor,
 * once their certificates are in memory: what reading files costs is left out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <gnutls/abstract.h>

#include "../chains/maker.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "check/evidence.h"
#include "check/judge.h"
#include "check/question.h"
#include "format/armor.h"
#include "medium/chain.h"
#include "model/store.h"

enum { INTERMEDIATES = 10 };

static void write_file(const char *path, struct buf *text)
{
	FILE *file = fopen(path, "w");

	if (file == NULL || fwrite(text->at, 1, text->len, file) != text->len || fclose(file) != 0) {
		perror(path);
		exit(1);
	}
	text->len = 0;
}

static void armor(const struct recipe *recipe, struct buf *to)
{
	armor_write(to, "CERTIFICATE", buf_view(&recipe->der));
}

static void make(const char *dir, const char *kind, int count)
{
	struct recipe *root = maker_recipe("root"), *inter[INTERMEDIATES], *leaf = maker_recipe("leaf");
	struct buf text = { 0 }, all = { 0 };
	bool rsa = strcmp(kind, "rsa") == 0, high = strcmp(kind, "p384-root") == 0;
	char *path = mem_print("%s/leaf", dir);

	mkdir(dir, 0755);
	mkdir(path, 0755);
	free(path);
	maker_say(root, "ca");
	maker_say(root, rsa ? "rsa=2048" : high ? "curve=384" : "curve=256");
	maker_say(root, high ? "hash=sha384" : "hash=sha256");
	maker_certificate(root);
	for (int i = 0; i < INTERMEDIATES; i++) {
		inter[i] = maker_recipe(maker_keep(mem_print("inter%d", i)));
		maker_say(inter[i], "ca");
		maker_say(inter[i], "by=root");
		maker_say(inter[i], rsa ? "rsa=2048" : "curve=256");
		maker_say(inter[i], high ? "hash=sha384" : "hash=sha256");
		maker_certificate(inter[i]);
		armor(inter[i], &all);
	}
	armor(root, &text);
	path = mem_print("%s/root.pem", dir);
	write_file(path, &text);
	free(path);
	path = mem_print("%s/intermediates.pem", dir);
	write_file(path, &all);
	free(path);
	for (int i = 0; i < count; i++) {
		leaf->count = leaf->der.len = 0;
		maker_say(leaf, maker_keep(mem_print("by=inter%d", i % INTERMEDIATES)));
		maker_say(leaf, maker_keep(mem_print("serial=%06x", 0x10000 + i)));
		maker_say(leaf, maker_keep(mem_print("dns=host%d.example.com", i)));
		maker_say(leaf, rsa ? "rsa=2048" : "curve=256");
		maker_certificate(leaf);
		armor(leaf, &text);
		path = mem_print("%s/leaf/%04d.pem", dir, i);
		write_file(path, &text);
		free(path);
		armor(leaf, &text);
		armor(inter[i % INTERMEDIATES], &text);
		path = mem_print("%s/%04d.pem", dir, i);
		write_file(path, &text);
		free(path);
	}
	buf_done(&text);
	buf_done(&all);
	maker_done();
}

static void read_chain(const char *dir, const char *name, struct chain *ret)
{
	struct root host = { .fd = -1 };
	struct err err = { 0 };
	char *path = mem_print("%s/%s", dir, name);

	if (!root_open(NULL, &host, &err) || !chain_read(path, &host, ret, &err)) {
		fprintf(stderr, "%s: %s\n", path, err.text);
		exit(1);
	}
	root_done(&host);
	free(path);
}

static double now(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void rate(bool rsa, double seconds)
{
	gnutls_privkey_t key;
	gnutls_pubkey_t public;
	uint8_t hash[32] = { 1, 2, 3 };
	gnutls_datum_t digest = { hash, sizeof(hash) }, signature;
	double start;
	long count = 0;

	gnutls_privkey_init(&key);
	gnutls_pubkey_init(&public);
	gnutls_privkey_generate(key, rsa ? GNUTLS_PK_RSA : GNUTLS_PK_ECDSA,
				rsa ? 2048 : GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	gnutls_pubkey_import_privkey(public, key, 0, 0);
	gnutls_privkey_sign_hash(key, GNUTLS_DIG_SHA256, 0, &digest, &signature);
	for (start = now(CLOCK_PROCESS_CPUTIME_ID); now(CLOCK_PROCESS_CPUTIME_ID) - start < seconds;)
		for (int i = 0; i < 20; i++, count++)
			if (gnutls_pubkey_verify_hash2(
				    public, rsa ? GNUTLS_SIGN_RSA_SHA256 : GNUTLS_SIGN_ECDSA_SHA256, 0,
				    &digest, &signature) < 0)
				abort();
	printf("%.0f\n", (double)count / (now(CLOCK_PROCESS_CPUTIME_ID) - start));
}

/* As often as it takes two seconds, each time with a judge of its own; the best time counts. */
static void judge(const char *dir, size_t count)
{
	const struct question question = {
		.purpose = PURPOSE_SERVER_AUTH, .purpose_implied = true, .max_depth = -1, .at = 1748736000
	};
	const struct evidence evidence = { .clock.given = true };
	struct chain *chains = mem_zero(count * sizeof(*chains)), root = { 0 };
	struct store *store = store_new("root");
	struct trust *trust;
	double begin = now(CLOCK_MONOTONIC), best = 0;

	read_chain(dir, "root.pem", &root);
	store_add(store, root.all[0].der, NOTE_NOWHERE)->trusted = PURPOSES_ALL;
	store_finish(store);
	trust = trust_new(store);
	for (size_t i = 0; i < count; i++) {
		char name[32];

		snprintf(name, sizeof(name), "%04zu.pem", i);
		read_chain(dir, name, &chains[i]);
	}
	do {
		double start = now(CLOCK_PROCESS_CPUTIME_ID), took;
		struct judge *judge = judge_new(trust, &question, &evidence);

		for (size_t i = 0; i < count; i++) {
			const struct given given[2] = { { chains[i].all[0].der, "leaf" },
							{ chains[i].all[1].der, "" } };
			struct verdict verdict;

			judge_try(judge, given, 2, &verdict);
			if (verdict.outcome != OUTCOME_ACCEPTED)
				abort();
			judge_forget(judge, &verdict);
		}
		judge_free(judge);
		took = now(CLOCK_PROCESS_CPUTIME_ID) - start;
		best = best == 0 || took < best ? took : best;
	} while (now(CLOCK_MONOTONIC) - begin < 2);
	printf("%.0f\n", (double)count / best);
	for (size_t i = 0; i < count; i++)
		chain_done(&chains[i]);
	free(chains);
	chain_done(&root);
	trust_free(trust);
	store_free(store);
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "usage: chains DIR rsa|ecdsa|p384-root COUNT, chains --rate rsa|ecdsa "
				"SECONDS, or chains --judge DIR COUNT\n");
		return 2;
	}
	if (strcmp(argv[1], "--rate") == 0)
		rate(strcmp(argv[2], "rsa") == 0, strtod(argv[3], NULL));
	else if (strcmp(argv[1], "--judge") == 0)
		judge(argv[2], (size_t)strtol(argv[3], NULL, 10));
	else
		make(argv[1], argv[2], (int)strtol(argv[3], NULL, 10));
	return 0;
}
