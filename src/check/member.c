/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/member.h"

#include <stdio.h>

#include "base/buf.h"
#include "model/name.h"

const char *member_name(const struct member *member, char ret[MEMBER_NAME])
{
	struct buf name = { 0 };

	if (member->readable && member->cert.subject.len > 2)
		name_short(member->cert.subject, &name);
	if (name.len > 0)
		snprintf(ret, MEMBER_NAME, "'%.*s'", (int)(name.len < 140 ? name.len : 140),
			 (const char *)name.at);
	else
		snprintf(ret, MEMBER_NAME, "the certificate without a name");
	buf_done(&name);
	return ret;
}
