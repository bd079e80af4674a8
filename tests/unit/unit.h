/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What cmocka wants included before it, once. */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/crypto.h"

/* Tests make certificates by GnuTLS. */
__attribute__((constructor)) static void unit_ready(void)
{
	crypto_ready();
}

#endif
