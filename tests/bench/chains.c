/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Many chains for the bench: chains DIR KIND COUNT writes DIR/NNNN.pem, each a
 * leaf with its intermediate, of which there are ten; DIR/leaf/NNNN.pem the leaf
 * alone; and DIR/root.pem and DIR/intermediates.pem beside them. KIND is rsa
 * (RSA-2048), ecdsa (P-256), or p384-root (P-256 below a root with P-384).
 * chains --rate rsa|ecdsa SECONDS prints how many signatures GnuTLS checks in a second.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <gnutls/abstract.h>

#include "../chains/maker.h"
#include "base/mem.h"
#include "format/armor.h"

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

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
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
	for (start = now(); now() - start < seconds;)
		for (int i = 0; i < 20; i++, count++)
			if (gnutls_pubkey_verify_hash2(
				    public, rsa ? GNUTLS_SIGN_RSA_SHA256 : GNUTLS_SIGN_ECDSA_SHA256, 0,
				    &digest, &signature) < 0)
				abort();
	printf("%.0f\n", (double)count / (now() - start));
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr,
			"usage: chains DIR rsa|ecdsa|p384-root COUNT, or chains --rate rsa|ecdsa SECONDS\n");
		return 2;
	}
	if (strcmp(argv[1], "--rate") == 0)
		rate(strcmp(argv[2], "rsa") == 0, strtod(argv[3], NULL));
	else
		make(argv[1], argv[2], (int)strtol(argv[3], NULL, 10));
	return 0;
}
