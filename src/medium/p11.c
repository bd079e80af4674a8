/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/p11.h"

#include <dlfcn.h>
#include <string.h>

#include "base/err.h"

#define LIBRARY "libp11-kit.so.0" /* of all releases */

struct p11 p11;

static const struct {
	const char *name;
	void *to;
} calls[] = {
#define X(name) { "p11_kit_" #name, &p11.name },
	P11_CALLS(X)
#undef X
};

bool p11_load(struct err *err)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (library == NULL)
		return err_set(
			err, ERR_UNSUPPORTED,
			"PKCS#11 modules are asked through p11-kit, which cannot be loaded (%s); install "
			"it, as libp11-kit0 or p11-kit",
			dlerror());
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		void *call = dlsym(library, calls[i].name);

		if (call == NULL)
			return err_set(err, ERR_UNSUPPORTED, "this p11-kit is too old: it has no %s",
				       calls[i].name);
		memcpy(calls[i].to, &call, sizeof(call));
	}
	return true;
}
