/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A function of a library that is loaded when it is first needed, and never unloaded. */
#ifndef BASE_SYMBOL_H
#define BASE_SYMBOL_H

#include <stdbool.h>
#include <stddef.h>

struct symbol {
	const char *name;
	void *to; /* a pointer to a function, where it is put */
};

/*
 * `mode` is dlopen()'s, besides RTLD_LOCAL. False: there is no such library, which dlerror() says more of, or
 * it lacks the function whose name is put into *ret_lacks, which is NULL before.
 */
bool symbols_load(const char *library, int mode, const struct symbol *all, size_t count,
		  const char **ret_lacks);

#endif
