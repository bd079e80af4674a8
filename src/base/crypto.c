/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/crypto.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/symbol.h"

#if GNUTLS_VERSION_MAJOR != 3
#error "the name of the library that has these functions is not known here"
#endif
#define LIBRARY "libgnutls.so.30" /* of all releases since 3.4 */

static struct crypto loaded;

static const struct symbol calls[] = {
#define X(name) { "gnutls_" #name, &loaded.name },
	CRYPTO_CALLS(X)
#undef X
};

static _Noreturn void stop(const char *what, const char *why)
{
	fprintf(stderr, "anchorage: GnuTLS %s: %s\n", what, why != NULL ? why : "unknown error");
	_Exit(2);
}

static void start(void)
{
	const char *lacks = NULL;
	int error;

	if (!symbols_load(LIBRARY, RTLD_LAZY, calls, sizeof(calls) / sizeof(calls[0]), &lacks) &&
	    lacks == NULL)
		stop("is needed for this, and cannot be loaded; install it, as libgnutls30 or gnutls",
		     dlerror());
	if (lacks != NULL)
		stop("is older than the one anchorage was built for, and lacks", lacks);
	error = loaded.global_init();
	if (error < 0) /* self-tests of FIPS mode that fail, say */
		stop("does not start", loaded.strerror(error));
}

const struct crypto *crypto(void)
{
	static pthread_once_t once =
		PTHREAD_ONCE_INIT; /* the sanitizer of threads does not know call_once(3) */

	pthread_once(&once, start);
	return &loaded;
}
