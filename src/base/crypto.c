/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/crypto.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
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

/* Why it cannot be called; NULL: it can. */
static const char *missing;
static char reason[512];

static void fail(const char *what, const char *why)
{
	missing = what;
	snprintf(reason, sizeof(reason), "%s", why != NULL ? why : "unknown error");
}

static void start(void)
{
	const char *lacks = NULL;
	int error;

	if (!symbols_load(LIBRARY, RTLD_LAZY, calls, sizeof(calls) / sizeof(calls[0]), &lacks)) {
		if (lacks != NULL)
			fail("is older than the one anchorage was built for, and lacks", lacks);
		else
			fail("is needed for this, and cannot be loaded; install it, as libgnutls30 or gnutls",
			     dlerror());
		return;
	}
	error = loaded.global_init();
	if (error < 0) /* self-tests of FIPS mode that fail, say */
		fail("does not start", loaded.strerror(error));
}

static pthread_once_t once = PTHREAD_ONCE_INIT; /* call_once(3) is not known to the sanitizer of threads */

static _Noreturn void stop(void)
{
	fprintf(stderr, "anchorage: GnuTLS %s: %s\n", missing, reason);
	_Exit(2);
}

const struct crypto *crypto(void)
{
	pthread_once(&once, start);
	if (missing != NULL)
		stop();
	return &loaded;
}

static pthread_t ahead;
static bool running;

static void *load(void *unused)
{
	pthread_once(&once, start);
	return unused;
}

static void join(void)
{
	if (running)
		pthread_join(ahead, NULL);
	running = false;
}

/* Signals are for the first thread, which may have put them off. Without a thread nothing is lost but time.
 */
void crypto_ahead(void)
{
	static bool begun;
	sigset_t all, before;

	if (begun || pthread_atfork(join, NULL, NULL) != 0 || atexit(join) != 0)
		return;
	begun = true;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	running = pthread_create(&ahead, NULL, load, NULL) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}
