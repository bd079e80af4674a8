/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/p11.h"

#include <dlfcn.h>

#include "base/err.h"
#include "base/symbol.h"

#define LIBRARY "libp11-kit.so.0" /* of all releases */

struct p11 p11;

static const struct symbol calls[] = {
#define X(name) { "p11_kit_" #name, &p11.name },
	P11_CALLS(X)
#undef X
};

bool p11_load(struct err *err)
{
	const char *lacks = NULL;

	if (symbols_load(LIBRARY, RTLD_NOW, calls, sizeof(calls) / sizeof(calls[0]), &lacks))
		return true;
	if (lacks != NULL)
		return err_set(err, ERR_UNSUPPORTED, "this p11-kit is too old: it has no %s", lacks);
	return err_set(
		err, ERR_UNSUPPORTED,
		"PKCS#11 modules are asked through p11-kit, which cannot be loaded (%s); install it, as "
		"libp11-kit0 or p11-kit",
		dlerror());
}
