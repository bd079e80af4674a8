/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include "amending.h"
#include "format/armor.h"
#include "format/format.h"

void pem_of(const struct store *store, unsigned number, struct buf *to)
{
	armor_write(to, "CERTIFICATE", store->anchors[number].cert.der);
}

bool amend(const struct format *format, struct bytes file, enum request_kind kind,
	   const struct anchor *anchor, const char *password, struct buf *to, struct err *err)
{
	const struct amend_terms terms = { .at = NOW, .password = password };
	struct requests requests = { 0 };
	bool done = false, ok;

	*err = (struct err){ 0 };
	requests_add(&requests, kind, anchor);
	ok = format->amend(file, &requests, &terms, &done, to, err);
	requests_done(&requests);
	assert_true(ok || err->text[0] != '\0');
	return ok && done;
}

void amend_well(const struct format *format, struct bytes file, enum request_kind kind,
		const struct anchor *anchor, bool changes, struct buf *to)
{
	struct err err;
	bool done = amend(format, file, kind, anchor, NULL, to, &err);

	if (err.code != ERR_NONE)
		fail_msg("%s: %s", format->kind.name, err.text);
	assert_int_equal(done, changes);
	assert_int_equal(bytes_equal(file, buf_view(to)), !changes);
}
