/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "find/known.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "find/own.h"
#include "model/known.h"

bool known_load(const char *path, const struct store *about, struct known *ret, struct err *err)
{
	const struct root host = { .fd = -1 };
	char *own = path != NULL ? mem_string(path, strlen(path)) : own_path("known-bad.tsv", KNOWN_BAD);
	struct buf text = { 0 };
	bool ok = root_read(&host, own, &text, err) || err_in(err, "%s", own);

	*ret = (struct known){ 0 };
	if (ok && (about == NULL || own_names(buf_view(&text), about)))
		ok = known_read(buf_view(&text), own, ret, err);
	buf_done(&text);
	free(own);
	return ok;
}
