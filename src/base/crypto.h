/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GnuTLS starts itself when a program is loaded, which is a tenth of the time of a
 * short listing. Here it does not (see crypto.c): whoever calls it calls
 * crypto_ready() before, which costs nothing the second time. main() does so for
 * every command that is not `light`. Threads may call it at once.
 */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

void crypto_ready(void);

#endif
