/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rules whose files are still to come. */
#include "check/checks.h"
#include "check/revocation.h"

void name_check(const struct trial *trial)
{
	(void)trial;
}

void name_constraints_check(const struct trial *trial)
{
	(void)trial;
}

void policy_check(const struct trial *trial)
{
	(void)trial;
}

void profile_check(const struct trial *trial)
{
	(void)trial;
}

void strict_check(const struct trial *trial)
{
	(void)trial;
}

void revocation_check(const struct trial *trial)
{
	(void)trial;
}

void must_staple_check(const struct trial *trial)
{
	(void)trial;
}
