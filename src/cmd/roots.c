/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/roots.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/root.h"
#include "check/roots.h"
#include "find/own.h"

bool roots_load(const struct store *about, struct roots *ret, struct err *err)
{
	const struct root host = { .fd = -1 };
	char *path = own_path("roots.tsv", ROOTS_TSV);
	struct buf text = { 0 };
	bool ok = root_read(&host, path, &text, err);

	*ret = (struct roots){ 0 };
	if (ok && (about == NULL || own_names(buf_view(&text), about)))
		ok = roots_read(buf_view(&text), ret, err);
	if (!ok)
		err_in(err, "%s", path);
	buf_done(&text);
	free(path);
	return ok;
}
