/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Errors are values. The function that detects a problem says what is wrong;
 * each caller that knows more (which file, which store) puts that in front;
 * only cmd/ prints. Text: lower case, no full stop, the subject in single
 * quotes, and what to do next where there is something. Text may hold bytes of
 * hostile files: whoever prints it escapes it (base/text.h).
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

enum err_code {
	ERR_NONE,
	ERR_SYSTEM,      /* a system call failed */
	ERR_ABSENT,      /* the thing asked for is not there at all */
	ERR_UNKNOWN,     /* no format recognises the input */
	ERR_UNSUPPORTED, /* recognised, but a variant that is not read */
	ERR_DAMAGED,     /* recognised, and broken */
	ERR_LIMIT,       /* larger, deeper or slower than base/limits.h allows */
	ERR_LIED,        /* a module answered for something else than was asked */
	ERR_USAGE,       /* the caller's words are off */
	ERR_CHANGED,     /* somebody else changed it meanwhile; nothing was done */
	ERR_BUSY,        /* somebody else holds it; later it may work */
};

struct err {
	enum err_code code;
	char text[1024];
};

/* Both always return false, so that a failing function can end in one line. */
bool err_set(struct err *err, enum err_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool err_in(struct err *err, const char *fmt, ...) /* puts "<context>: " in front */
	__attribute__((format(printf, 2, 3)));

#endif
