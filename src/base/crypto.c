/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <threads.h>

#include <gnutls/gnutls.h>

/* GnuTLS's own switch: a function that its constructor asks. Without it every call fails until the start. */
GNUTLS_SKIP_GLOBAL_INIT

static void start(void)
{
	int error = gnutls_global_init();

	if (error < 0) { /* self-tests of FIPS mode that fail, say: nothing can be judged then */
		fprintf(stderr, "anchorage: GnuTLS does not start: %s\n", gnutls_strerror(error));
		_Exit(2);
	}
}

void crypto_ready(void)
{
	static once_flag once = ONCE_FLAG_INIT;

	call_once(&once, start);
}
