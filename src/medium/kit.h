/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * p11-kit's library, for the helper process alone, which loads it: linked to the program, it and what is
 * behind it would be an eighth of the start of every command. The only header that includes p11-kit's. A
 * function is called as kit.NAME(...), without its prefix, and has a row here.
 */
#ifndef MEDIUM_KIT_H
#define MEDIUM_KIT_H

#define P11_KIT_FUTURE_UNSTABLE_API
#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11x.h>
#include <p11-kit/uri.h>

#define KIT_CALLS(X)                                                                                         \
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

struct kit {
#define X(name) __typeof__(p11_kit_##name) *(name);
	KIT_CALLS(X)
#undef X
};

extern struct kit kit;

/* Before the first call. What is missing, for an error; NULL: it is there. */
const char *kit_load(void);

#endif
