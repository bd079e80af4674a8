/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/kit.h"

#include <dlfcn.h>
#include <string.h>

#define LIBRARY "libp11-kit.so.0" /* of all releases */

struct kit kit;

static const struct {
	const char *name;
	void *to;
} calls[] = {
#define X(name) { "p11_kit_" #name, &kit.name },
	KIT_CALLS(X)
#undef X
};

const char *kit_load(void)
{
	void *library = dlopen(LIBRARY, RTLD_LAZY | RTLD_LOCAL);

	if (library == NULL)
		return "p11-kit's " LIBRARY " cannot be loaded; install it, as libp11-kit0 or p11-kit";
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		void *call = dlsym(library, calls[i].name);

		if (call == NULL)
			return "p11-kit is older than the one anchorage was built for";
		memcpy(calls[i].to, &call, sizeof(call));
	}
	return NULL;
}
