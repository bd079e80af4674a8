/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules whose files are still to come. */
#include "check/revocation.h"

void revocation_check(const struct trial *trial)
{
	(void)trial;
}

void must_staple_check(const struct trial *trial)
{
	(void)trial;
}
