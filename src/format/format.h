/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A format turns bytes into anchors and back. It knows no files, no paths, no
 * options and no output; the same bytes always give the same store.
 *
 * To add one: write format/<name>.c with one `const struct format` at its end,
 * name it in format/table.c, give it a section in man/ and a folder in
 * tests/corpus/. Help, completion, the test matrix and the fuzzers follow from
 * the table; the structure checks see what is missing.
 */
#ifndef FORMAT_FORMAT_H
#define FORMAT_FORMAT_H

#include <stdint.h>

#include "base/bytes.h"
#include "model/kind.h"

struct buf;
struct err;
struct pick;
struct store;
struct style;

struct requests;

struct amend_terms {
	int64_t at;           /* the time to write where a format has one */
	const char *password; /* NULL: none was given */
	const char *prefix;   /* of names that are given to new entries; NULL: none */
	/* Not NULL: may be given what the file held, as read() has it, which is yours. */
	struct store **ret_seen;
};

struct format {
	struct kind kind;

	/*
	 * How many leading bits prove that this is our format; 0: it is not. `head`
	 * is all of the file.
	 */
	int (*probe)(struct bytes head);

	/*
	 * Adds every anchor found to `into`, which is not yet finished. Stray or odd
	 * parts become notes with their offset; false means only: the rest could not
	 * be read. NULL: this format is only written.
	 */
	bool (*read)(struct bytes file, struct store *into, struct err *err);

	/* The same with a password, the only one that is tried. NULL: reading needs none. */
	bool (*read_with)(struct bytes file, const char *password, struct store *into, struct err *err);

	/*
	 * Where a large file may be cut: how many leading bytes of `part`, which is
	 * not all of the file, give the same read by themselves, what follows being
	 * read by itself too; 0: nowhere yet. NULL: it must be read whole.
	 */
	size_t (*split)(struct bytes part);

	/*
	 * Appends the picked anchors to `to`. What the format cannot say is left out
	 * (kind.can tells, and the caller has reported it). Anchors without a
	 * certificate are passed over unless CAN_NO_CERTIFICATE. False: nothing of
	 * `to` may be used. NULL: this format is only read.
	 */
	bool (*write)(const struct pick *from, const struct style *style, struct buf *to, struct err *err);

	/*
	 * Appends to `to` the file with the requests done and all else as it stands: other
	 * entries, comments, private keys, order. `done` has a place for each request: whether
	 * the file was changed for it (false: it was so already). `password`: of key stores;
	 * NULL: the usual ones are tried. False: it cannot be done; the error says what to do.
	 * NULL: files of this format are only written anew.
	 */
	bool (*amend)(struct bytes file, const struct requests *requests, const struct amend_terms *terms,
		      bool *done, struct buf *to, struct err *err);

	/*
	 * Such a file is no store but is searched for one: only where it is named itself,
	 * not in a directory. A part in which nothing is found is ERR_ABSENT.
	 */
	bool searched;
};

/* All formats, ends with NULL. */
extern const struct format *const formats[];

extern const struct format format_pem, format_der, format_trusted, format_p11kit, format_pkcs7, format_pkcs12,
	format_jks, format_edk2, format_certdata, format_sst, format_blocked, format_embedded,
	format_inventory;

/* The format most sure of these bytes, or NULL. */
const struct format *format_of(struct bytes file);

/* By its kind's name, or NULL. */
const struct format *format_named(const char *name);

#endif
