/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/symbol.h"

#include <dlfcn.h>
#include <string.h>

bool symbols_load(const char *library, int mode, const struct symbol *all, size_t count,
		  const char **ret_lacks)
{
	void *handle = dlopen(library, mode | RTLD_LOCAL);

	for (size_t i = 0; handle != NULL && i < count; i++) {
		void *function = dlsym(handle, all[i].name);

		if (function == NULL) {
			*ret_lacks = all[i].name;
			return false;
		}
		memcpy(all[i].to, &function, sizeof(function));
	}
	return handle != NULL;
}
