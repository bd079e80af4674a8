/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/libarchive.h"

#include <dlfcn.h>

#include "base/err.h"
#include "base/symbol.h"

bool libarchive_load(struct libarchive *ret, struct err *err)
{
	const struct symbol all[] = {
#define X(name) { #name, &ret->name },
		LIBARCHIVE_CALLS(X)
#undef X
	};
	const char *lacks = NULL;

	if (symbols_load("libarchive.so.13", RTLD_NOW, all, sizeof(all) / sizeof(all[0]), &lacks))
		return true;
	if (lacks != NULL)
		return err_set(err, ERR_UNSUPPORTED, "this libarchive is too old: it has no %s", lacks);
	return err_set(
		err, ERR_UNSUPPORTED,
		"libarchive is needed for this, which is not here (%s); install it, as libarchive13 or "
		"libarchive",
		dlerror());
}
