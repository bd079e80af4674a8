/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/evidence.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/root.h"
#include "format/armor.h"
#include "format/payload.h"
#include "model/cert.h"
#include "model/der.h"

struct evidence_bytes {
	struct buf buf;
	struct evidence_bytes *next;
};

static const struct {
	const char *what, *option;
	const char *types[3]; /* of PEM blocks, ends with NULL */
} kinds[] = {
	[PROOF_CRL] = { "CRL", "--crl", { "X509 CRL", "CRL" } },
	[PROOF_OCSP] = { "OCSP response", "--ocsp", { "OCSP RESPONSE" } },
};

void evidence_files_done(struct evidence_files *files)
{
	struct evidence_bytes *next;

	for (struct evidence_bytes *at = files->bytes; at != NULL; at = next) {
		next = at->next;
		buf_done(&at->buf);
		free(at);
	}
	free(files->crls);
	free(files->ocsp);
	arena_done(&files->arena);
	*files = (struct evidence_files){ 0 };
}

/* Takes the buffer in. */
static struct bytes own(struct evidence_files *into, struct buf *buf)
{
	struct evidence_bytes *one = mem_zero(sizeof(*one));

	*one = (struct evidence_bytes){ *buf, into->bytes };
	into->bytes = one;
	*buf = (struct buf){ 0 };
	return buf_view(&one->buf);
}

static void add(struct evidence_files *into, const struct proof *proof)
{
	struct proof **list = proof->kind == PROOF_CRL ? &into->crls : &into->ocsp;
	size_t *count = proof->kind == PROOF_CRL ? &into->crl_count : &into->ocsp_count;

	*list = mem_grow(*list, *count, sizeof(**list));
	(*list)[(*count)++] = *proof;
}

static size_t count_of(const struct evidence_files *files)
{
	return files->crl_count + files->ocsp_count;
}

/* What else the bytes of a damaged one are, in words; NULL: they are nothing that we know. */
static const char *stranger(enum proof_kind kind, struct bytes der)
{
	struct arena arena = { 0 };
	const char *is = NULL;
	struct proof other;
	struct cert cert;
	struct err err;

	proof_read(kind == PROOF_CRL ? PROOF_OCSP : PROOF_CRL, der, NULL, &arena, &other);
	if (other.damage == NULL)
		is = kind == PROOF_CRL ? "an OCSP response; give it with --ocsp"
				       : "a CRL; give it with --crl";
	else if (payload_is_certificate(der) && cert_read(der, &cert, &err))
		is = "a certificate";
	else if (payload_is_pkcs7(der))
		is = "PKCS#7";
	arena_done(&arena);
	return is;
}

static bool take(enum proof_kind kind, struct bytes der, const char *where, struct evidence_files *into,
		 struct err *err)
{
	struct proof proof;
	const char *is;

	if (count_of(into) >= LIMIT_PROOFS)
		return err_set(err, ERR_LIMIT, "more than %d CRLs and OCSP responses", LIMIT_PROOFS);
	if (kind == PROOF_OCSP && der.len > LIMIT_OCSP_SIZE)
		return err_set(err, ERR_LIMIT, "an OCSP response larger than %zu MiB", LIMIT_OCSP_SIZE >> 20);
	proof_read(kind, der, arena_text(&into->arena, bytes_of(where)), &into->arena, &proof);
	is = proof.damage != NULL ? stranger(kind, der) : NULL;
	if (is != NULL)
		return err_set(err, ERR_UNKNOWN, "no %s: it is %s", kinds[kind].what, is);
	add(into, &proof);
	return true;
}

static bool is_type(enum proof_kind kind, struct bytes type)
{
	for (size_t i = 0; kinds[kind].types[i] != NULL; i++)
		if (bytes_equal(bytes_of(kinds[kind].types[i]), type))
			return true;
	return false;
}

/* A block that cannot be decoded is evidence that was there, and damaged. */
static bool take_block(enum proof_kind kind, const char *path, const struct armor *armor,
		       struct evidence_files *into, struct err *err)
{
	char *where = mem_print("%s:%u", path, armor->line);
	struct buf der = { 0 };
	size_t wrong = 0;
	bool ok;

	if (!armor->cut && armor_decode(armor, &der, &wrong)) {
		ok = take(kind, own(into, &der), where, into, err);
	} else {
		struct proof proof = { .kind = kind,
				       .where = arena_text(&into->arena, bytes_of(where)),
				       .damage = armor->cut ? "its PEM block has no END line"
							    : "its PEM block is no base64" };

		add(into, &proof);
		ok = true;
	}
	buf_done(&der);
	free(where);
	return ok;
}

/* `at` is what is there of the file; types that were met instead are told. */
static bool read_pem(enum proof_kind kind, const char *path, struct bytes file, struct evidence_files *into,
		     struct err *err)
{
	struct armor_at at = { .line = 1 };
	struct armor armor;
	char other[LIMIT_ARMOR_TYPE] = "";
	size_t before = count_of(into);

	while (armor_next(file, &at, &armor)) {
		if (is_type(kind, armor.type)) {
			if (!take_block(kind, path, &armor, into, err))
				return false;
		} else if (other[0] == '\0') {
			size_t len = armor.type.len < sizeof(other) ? armor.type.len : sizeof(other) - 1;

			memcpy(other, armor.type.at, len);
			other[len] = '\0';
		}
	}
	if (count_of(into) > before)
		return true;
	if (other[0] != '\0')
		return err_set(err, ERR_UNKNOWN, "no %s: its PEM holds '%s'; %s wants '%s', or DER",
			       kinds[kind].what, other, kinds[kind].option, kinds[kind].types[0]);
	return err_set(err, ERR_UNKNOWN, file.len == 0 ? "no %s: it is empty" : "no %s: neither PEM nor DER",
		       kinds[kind].what);
}

/* Several may stand one behind the other. What is cut is taken as far as it goes, for its words. */
static bool read_der(enum proof_kind kind, const char *path, struct bytes file, struct evidence_files *into,
		     struct err *err)
{
	size_t at = 0;
	bool ok = true;

	while (ok && at < file.len) {
		struct bytes rest = bytes_skip(file, at);
		size_t size = rest.at[0] == DER_SEQUENCE ? der_size(rest) : 0;
		char *where = at == 0 ? mem_print("%s", path) : mem_print("%s@%zu", path, at);

		if (size == 0 || size > rest.len)
			size = rest.len;
		ok = take(kind, (struct bytes){ rest.at, size }, where, into, err);
		at += size;
		free(where);
	}
	return ok;
}

bool evidence_read(const struct root *root, const char *path, enum proof_kind kind,
		   struct evidence_files *into, struct err *err)
{
	struct buf file = { 0 };
	struct bytes all;
	bool ok = strcmp(path, "-") == 0 ? root_read_fd(STDIN_FILENO, &file, err)
					 : root_read(root, path, &file, err);

	if (ok) {
		all = buf_view(&file);
		if (all.len > 0 && all.at[0] == DER_SEQUENCE)
			ok = read_der(kind, path, own(into, &file), into, err);
		else
			ok = read_pem(kind, path, all, into, err);
	}
	buf_done(&file);
	return ok;
}

void evidence_index(struct evidence_files *files)
{
	for (size_t i = 0; i < files->crl_count; i++)
		if (files->crls[i].damage == NULL)
			crl_index(&files->crls[i].crl, &files->arena);
}
