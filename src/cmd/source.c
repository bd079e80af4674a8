/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/source.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/digest.h"
#include "base/mem.h"
#include "base/text.h"
#include "check/detached.h"
#include "cmd/input.h"
#include "find/find.h"
#include "medium/image.h"
#include "medium/library.h"
#include "medium/medium.h"
#include "medium/openpgp.h"
#include "model/anchor.h"
#include "model/edit.h"
#include "model/pick.h"
#include "model/place.h"
#include "model/store.h"
#include "net/fetch.h"
#include "stage/output.h"

static const struct root host = { .fd = -1 };

/* The list in a package, best first, and the file beside it that tells its edition. */
static const struct inside {
	const char *path, *kind, *edition;
	enum publisher publisher;
} insides[] = {
	{ "/usr/share/ca-certificates/mozilla", "dir", NULL, PUBLISHER_NONE },
	{ "/usr/share/pki/ca-trust-source/ca-bundle.trust.p11-kit", NULL, NULL, PUBLISHER_NONE },
	{ "/usr/share/ca-certificates/trust-source/mozilla.trust.p11-kit", NULL, NULL, PUBLISHER_NONE },
	{ "/usr/share/pki/trust/ca-bundle.trust.p11-kit", NULL, NULL, PUBLISHER_NONE },
	{ "/certifi/cacert.pem", NULL, "/certifi/__init__.py", PUBLISHER_CERTIFI },
	{ "/pip/_vendor/certifi/cacert.pem", NULL, "/pip/_vendor/certifi/__init__.py", PUBLISHER_CERTIFI },
	{ "/etc/ssl/certs/ca-certificates.crt", NULL, NULL, PUBLISHER_NONE },
	{ "/etc/pki/tls/certs/ca-bundle.crt", NULL, NULL, PUBLISHER_NONE },
};
enum { INSIDES = sizeof(insides) / sizeof(insides[0]) };

static bool wants(const void *data, const char *path)
{
	(void)data;
	for (size_t i = 0; i < INSIDES; i++) {
		size_t len = strlen(insides[i].path);

		if ((strncmp(path, insides[i].path, len) == 0 && (path[len] == '\0' || path[len] == '/')) ||
		    (insides[i].edition != NULL && strcmp(path, insides[i].edition) == 0))
			return true;
	}
	return false;
}

/* --- the edition --- */

static void look_for_edition(const struct root *root, const char *path, enum publisher publisher,
			     struct source *source)
{
	struct buf file = { 0 };
	struct err ignored = { 0 };

	if (source->edition == NULL && path != NULL && root_read(root, path, &file, &ignored)) {
		source->edition = edition_of(publisher, buf_view(&file));
		if (source->edition != NULL)
			source->publisher = publisher;
	}
	buf_done(&file);
}

/* "pkcs11:?module-path=/x%2Fy": the path, as far as it is one. Yours, or NULL. */
static char *module_path(const char *uri)
{
	const char *at = strstr(uri, "module-path=");
	struct buf path = { 0 };

	if (at == NULL)
		return NULL;
	for (at += strlen("module-path="); *at != '\0' && *at != '&' && *at != ';'; at++) {
		char hex[3] = "";

		if (*at == '%' && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2])) {
			memcpy(hex, at + 1, 2);
			at += 2;
		}
		buf_byte(&path, hex[0] != '\0' ? (unsigned)strtoul(hex, NULL, 16) : (unsigned char)*at);
	}
	buf_byte(&path, '\0');
	return (char *)path.at;
}

static void edition_of_store(const struct run *run, const char *text, struct source *source)
{
	char *module = strcmp(text, "mozilla") == 0       ? library_find("libnssckbi.so")
		       : strncmp(text, "pkcs11:", 7) == 0 ? module_path(text)
							  : NULL;

	if (module != NULL)
		look_for_edition(&host, module, PUBLISHER_BUILTINS, source);
	else if (root_is_file(&run->root, text))
		look_for_edition(&run->root, text, PUBLISHER_CURL, source);
	free(module);
}

/* --- reading --- */

static bool complete(const struct store *store, const char *name, struct err *err)
{
	if (store == NULL)
		return false;
	return !store_incomplete(store) ||
	       err_set(err, ERR_DAMAGED, "not all of '%s' could be read, so nothing is changed", name);
}

static bool read_inside(struct run *run, const struct image *image, const struct inside *inside,
			struct source *source, struct err *err)
{
	struct place place = { 0 };

	place_set(&place, source->name, inside->kind);
	place_add_path(&place, inside->path);
	source->store = medium_read(&place, &image->root, err);
	place_done(&place);
	if (source->store == NULL)
		return false;
	show_notes(&run->show, source->store);
	look_for_edition(&image->root, inside->edition, inside->publisher, source);
	return complete(source->store, source->name, err);
}

static bool read_archive(struct run *run, const struct root *root, const char *path, struct source *source,
			 struct err *err)
{
	const struct image_want want = { .file = wants };
	struct store *notes = store_new(source->name);
	struct image image;
	bool ok = image_open(root, path, &want, notes, &image, err);
	size_t i = 0;

	if (ok) {
		show_notes(&run->show, notes);
		while (i < INSIDES && !root_has(&image.root, insides[i].path))
			i++;
		ok = i < INSIDES ? read_inside(run, &image, &insides[i], source, err)
				 : err_set(err, ERR_UNKNOWN,
					   "%s: no list of CAs is at a known place in it; name it as "
					   "'FILE!/path'",
					   source->name);
		image_done(&image);
	}
	store_free(notes);
	return ok;
}

/* A file of bytes that were checked, or one as it stands. */
static bool read_file(struct run *run, const struct root *root, const char *path, struct source *source,
		      struct err *err)
{
	struct place place = { 0 };

	if (source->edition == NULL)
		source->edition = edition_named(source->name, &source->publisher);
	if (image_is(root, path))
		return read_archive(run, root, path, source, err);
	look_for_edition(root, path, PUBLISHER_CURL, source);
	place_set(&place, source->name, NULL);
	place_add_path(&place, path);
	source->store = medium_read(&place, root, err);
	place_done(&place);
	if (source->store != NULL)
		show_notes(&run->show, source->store);
	return complete(source->store, source->name, err);
}

/* --- what vouches for it --- */

static bool compare_digest(const struct source_options *o, struct bytes bytes, struct err *err)
{
	uint8_t id[DIGEST_LEN];
	struct buf hex = { 0 };
	bool same;

	if (o->sha256 == NULL)
		return true;
	digest_sha256(bytes, id);
	text_hex((struct bytes){ id, DIGEST_LEN }, &hex);
	buf_byte(&hex, '\0');
	same = strcasecmp((const char *)hex.at, o->sha256) == 0;
	if (!same)
		err_set(err, ERR_DAMAGED,
			"its SHA-256 is %s, and not what --sha256 says; nothing of it was used",
			(const char *)hex.at);
	buf_done(&hex);
	return same;
}

static bool verify_cms(struct run *run, const struct source_options *o, struct bytes bytes, struct err *err)
{
	struct store *signer = input_store(run, o->signer);
	struct buf signature = { 0 };
	bool ok = false;

	if (signer == NULL)
		return false;
	if (signer->count != 1 || signer->anchors[0].names != ANCHOR_CERTIFICATE)
		err_set(err, ERR_USAGE, "--signer: '%s' is not one certificate", o->signer);
	else if (!root_read(&run->root, o->signature, &signature, err))
		err_in(err, "%s", o->signature);
	else
		ok = detached_verify(bytes, buf_view(&signature), &signer->anchors[0], run->show.at, err) ||
		     err_in(err, "%s", o->signature);
	buf_done(&signature);
	store_free(signer);
	return ok;
}

/* The verifier gets copies, so that it judges the same bytes that are read, whatever the root. */
static bool verify_openpgp(struct run *run, const struct source_options *o, const struct scratch *scratch,
			   const char *data, struct err *err)
{
	char *signature = mem_print("%s/signature", scratch->path),
	     *keyring = mem_print("%s/keyring", scratch->path);
	struct buf sig = { 0 }, keys = { 0 };
	bool ok = (root_read(&run->root, o->signature, &sig, err) || err_in(err, "%s", o->signature)) &&
		  (root_read(&run->root, o->keyring, &keys, err) || err_in(err, "%s", o->keyring)) &&
		  scratch_file(scratch, "signature", buf_view(&sig), err) &&
		  scratch_file(scratch, "keyring", buf_view(&keys), err) &&
		  (openpgp_verify(data, signature, keyring, err) || err_in(err, "%s", o->signature));

	buf_done(&sig);
	buf_done(&keys);
	free(signature);
	free(keyring);
	return ok;
}

/* The bytes are checked, and what was checked is what is read. */
static bool read_checked(struct run *run, const struct source_options *o, struct bytes bytes,
			 struct source *source, struct err *err)
{
	struct scratch scratch;
	char *path;
	bool ok;

	if (!compare_digest(o, bytes, err))
		return err_in(err, "%s", source->name);
	if (!scratch_make(&scratch, err))
		return false;
	path = mem_print("%s/source", scratch.path);
	ok = scratch_file(&scratch, "source", bytes, err) &&
	     (o->signer == NULL || verify_cms(run, o, bytes, err)) &&
	     (o->keyring == NULL || verify_openpgp(run, o, &scratch, path, err)) &&
	     read_file(run, &host, path, source, err);
	free(path);
	scratch_done(&scratch);
	return ok;
}

/* --- from the network --- */

/* What this host trusts for servers, as PEM. */
static bool own_authorities(const struct run *run, struct buf *to, struct err *err)
{
	const struct wanted servers = { .purpose = PURPOSE_SERVER_AUTH };
	const struct style style = { .at = run->show.at };
	struct run here = *run;
	struct edits edits = { 0 };
	struct pick pick = { 0 };
	struct store *system;
	bool ok;

	here.root = (struct root){ .fd = -1, .path = mem_string("/", 1) };
	here.show.quiet = true;
	system = input_store(&here, "system");
	free(here.root.path);
	if (system == NULL)
		return false;
	pick_from(system, FILTER_CA_ANCHORS, &servers, &pick);
	ok = pick.count > 0 ? output_stage(output_named("pem-bundle"), &pick, &style, &edits, err)
			    : err_set(err, ERR_ABSENT,
				      "this host trusts no CA for servers; name some with --source-ca");
	if (ok)
		buf_bytes(to, buf_view(&edits.all[0].content));
	edits_done(&edits);
	pick_done(&pick);
	store_free(system);
	return ok;
}

static bool may_fetch(const struct source_options *o, struct err *err)
{
	if (o->insecure)
		return true;
	if (strncasecmp(o->from, "http:", 5) == 0)
		return err_set(
			err, ERR_USAGE,
			"'%s': by http anybody on the way may change it; use https, or --insecure-source",
			o->from);
	if (o->sha256 == NULL && o->signature == NULL)
		return err_set(
			err, ERR_USAGE,
			"'%s': that it came from this server says little about who made it; give --sha256 or "
			"--signature, or --insecure-source",
			o->from);
	return true;
}

static bool fetch_url(struct run *run, const struct source_options *o, struct fetched *ret, struct err *err)
{
	struct fetch_wish wish = { .url = o->from, .plain = o->insecure };
	struct buf authorities = { 0 };
	bool ok;

	if (o->authorities != NULL)
		ok = root_read(&run->root, o->authorities, &authorities, err) ||
		     err_in(err, "%s", o->authorities);
	else
		ok = own_authorities(run, &authorities, err);
	wish.authorities = buf_view(&authorities);
	if (ok)
		show_progress(&run->show, "fetching %s", o->from);
	ok = ok && fetch_file(&wish, ret, err);
	show_progress(&run->show, "%s", "");
	buf_done(&authorities);
	return ok;
}

static bool read_url(struct run *run, const struct source_options *o, struct source *source, struct err *err)
{
	struct fetched fetched = { 0 };
	bool ok = may_fetch(o, err) && fetch_url(run, o, &fetched, err) &&
		  read_checked(run, o, buf_view(&fetched.body), source, err);

	fetched_done(&fetched);
	return ok;
}

struct store *source_fetch(struct run *run, const char *url, const char *authorities, bool insecure)
{
	const struct source_options o = { .from = url, .authorities = authorities, .insecure = insecure };
	struct fetched fetched = { 0 };
	struct store *store = NULL;
	struct scratch scratch;
	struct err err = { 0 };

	if (strncasecmp(url, "http:", 5) == 0 && !insecure)
		err_set(&err, ERR_USAGE,
			"'%s': by http anybody on the way may change it; use https, or --insecure-source",
			url);
	else if (fetch_url(run, &o, &fetched, &err) && scratch_make(&scratch, &err)) {
		char *path = mem_print("%s/source", scratch.path);
		struct place place = { 0 };

		place_set(&place, url, NULL);
		place_add_path(&place, path);
		if (scratch_file(&scratch, "source", buf_view(&fetched.body), &err))
			store = medium_read(&place, &host, &err);
		place_done(&place);
		free(path);
		scratch_done(&scratch);
	}
	fetched_done(&fetched);
	if (store != NULL)
		show_notes(&run->show, store);
	else
		cmd_fail(run, &err);
	return store;
}

static bool options_fit(const struct source_options *o, struct err *err)
{
	size_t digits = o->sha256 != NULL ? strspn(o->sha256, "0123456789abcdefABCDEF") : 0;

	if (o->sha256 != NULL && (digits != 2 * (size_t)DIGEST_LEN || o->sha256[digits] != '\0'))
		return err_set(err, ERR_USAGE, "--sha256: '%s' is no SHA-256 digest, which has 64 hex digits",
			       o->sha256);
	if (o->signature != NULL && (o->signer == NULL) == (o->keyring == NULL))
		return err_set(err, ERR_USAGE,
			       "--signature: by whom? --signer names the certificate of a CMS signature, "
			       "--keyring the "
			       "keys of an OpenPGP one");
	if (o->signature == NULL && (o->signer != NULL || o->keyring != NULL))
		return err_set(err, ERR_USAGE, "--%s needs --signature",
			       o->signer != NULL ? "signer" : "keyring");
	return true;
}

bool source_read(struct run *run, const struct source_options *options, struct source *ret)
{
	const char *from = options->from;
	struct err err = { 0 };
	struct buf bytes = { 0 };
	bool ok = false;

	*ret = (struct source){ .name = mem_string(from, strlen(from)) };
	if (!options_fit(options, &err)) {
	} else if (fetch_is_url(from)) {
		ok = read_url(run, options, ret, &err);
	} else if (options->sha256 != NULL || options->signature != NULL) {
		ok = root_read(&run->root, from, &bytes, &err)
			     ? read_checked(run, options, buf_view(&bytes), ret, &err)
			     : err_in(&err, "%s", from);
	} else if (root_is_file(&run->root, from)) {
		ok = read_file(run, &run->root, from, ret, &err);
	} else {
		edition_of_store(run, from, ret);
		ret->store = input_store(run, from);
		ok = complete(ret->store, from, &err);
	}
	buf_done(&bytes);
	if (!ok && err.code != ERR_NONE)
		cmd_fail(run, &err);
	return ok;
}

void source_done(struct source *source)
{
	free(source->name);
	free(source->edition);
	store_free(source->store);
	*source = (struct source){ .name = NULL };
}
