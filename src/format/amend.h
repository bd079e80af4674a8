/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Changing a file and leaving all else in it as it stands: struct format's amend()
 * of each format that has one. All refuse a file that they cannot read wholly, as what
 * was not read would be lost or left in force.
 */
#ifndef FORMAT_AMEND_H
#define FORMAT_AMEND_H

#include "format/format.h"
#include "model/request.h"

bool pem_amend(struct bytes file, const struct requests *requests, const struct amend_terms *terms,
	       bool *done, struct buf *to, struct err *err);
bool trusted_amend(struct bytes file, const struct requests *requests, const struct amend_terms *terms,
		   bool *done, struct buf *to, struct err *err);
bool pkcs12_amend(struct bytes file, const struct requests *requests, const struct amend_terms *terms,
		  bool *done, struct buf *to, struct err *err);

/* Of key stores, which know neither purposes nor distrust: whether the certificate is to be in it. */
static inline bool amend_wants(const struct request *request)
{
	return request->kind == REQUEST_TRUST;
}

/* False: to trust something, more of it must be known than its name. */
bool amend_can(const struct request *request, struct err *err);

#endif
