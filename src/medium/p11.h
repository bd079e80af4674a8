/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * p11-kit, loaded by the helper process that needs it: linked to the program, it would be an eighth
 * of every start. A function of p11-kit is called as p11.NAME(...), without its prefix, and has a row
 * here. The only header that includes p11-kit's; PKCS#11 v2.40, CKO_TRUST of v3.2.
 */
#ifndef MEDIUM_P11_H
#define MEDIUM_P11_H

#include <stdbool.h>

#define P11_KIT_FUTURE_UNSTABLE_API
#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11x.h>
#include <p11-kit/uri.h>

struct err;

#define P11_CALLS(X)                                                                                         \
	X(message)                                                                                           \
	X(module_get_name)                                                                                   \
	X(module_load)                                                                                       \
	X(modules_load_and_initialize)                                                                       \
	X(space_strlen)                                                                                      \
	X(strerror)                                                                                          \
	X(uri_any_unrecognized)                                                                              \
	X(uri_format)                                                                                        \
	X(uri_get_attributes)                                                                                \
	X(uri_get_module_name)                                                                               \
	X(uri_get_module_path)                                                                               \
	X(uri_get_slot_id)                                                                                   \
	X(uri_get_token_info)                                                                                \
	X(uri_match_attributes)                                                                              \
	X(uri_match_module_info)                                                                             \
	X(uri_match_slot_info)                                                                               \
	X(uri_match_token_info)                                                                              \
	X(uri_message)                                                                                       \
	X(uri_new)                                                                                           \
	X(uri_parse)

struct p11 {
#define X(name) __typeof__(p11_kit_##name) *(name);
	P11_CALLS(X)
#undef X
};

extern struct p11 p11; /* once p11_load() was true */

bool p11_load(struct err *err);

#endif
