/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "find/homes.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/root.h"
#include "find/scout.h"

enum { HOME = 5 }; /* name:password:UID:GID:comment:home:shell */

/* Homes of users that nobody logs in as: what is there is the system's, and found as such. */
static bool foreign(const char *home)
{
	static const char *const of_the_system[] = { "/bin",         "/dev",     "/etc",      "/proc", "/run",
						     "/sbin",        "/usr",     "/lib",      "/boot", "/sys",
						     "/nonexistent", "/var/run", "/var/empty" };

	if (home[0] != '/' || home[strspn(home, "/")] == '\0')
		return true;
	for (size_t i = 0; i < sizeof(of_the_system) / sizeof(of_the_system[0]); i++) {
		size_t len = strlen(of_the_system[i]);

		if (strncmp(home, of_the_system[i], len) == 0 && (home[len] == '/' || home[len] == '\0'))
			return true;
	}
	return false;
}

static void add(const struct root *root, struct bytes text, struct texts *ret)
{
	char *home = mem_string((const char *)text.at, text.len);
	size_t len = strlen(home);

	while (len > 1 && home[len - 1] == '/')
		home[--len] = '\0';
	if (ret->count < LIMIT_HOMES && !foreign(home) && root_is_directory(root, home))
		texts_add_new(ret, home);
	free(home);
}

void homes_find(const struct root *root, const char *own, bool everybody, struct texts *ret)
{
	struct buf passwd = { 0 };
	struct bytes rest;

	if (own != NULL)
		add(root, bytes_of(own), ret);
	if (!everybody || !scout_read(root, "/etc/passwd", &passwd)) {
		buf_done(&passwd);
		return;
	}
	rest = buf_view(&passwd);
	while (rest.len > 0) {
		const uint8_t *end = memchr(rest.at, '\n', rest.len), *colon;
		struct bytes line = { rest.at, end != NULL ? (size_t)(end - rest.at) : rest.len };
		unsigned field = 0;

		rest = bytes_skip(rest, line.len + 1);
		for (; field < HOME && line.len > 0 && (colon = memchr(line.at, ':', line.len)) != NULL;
		     field++)
			line = bytes_skip(line, (size_t)(colon - line.at) + 1);
		colon = line.len > 0 ? memchr(line.at, ':', line.len) : NULL;
		if (field == HOME && line.len > 0)
			add(root,
			    (struct bytes){ line.at, colon != NULL ? (size_t)(colon - line.at) : line.len },
			    ret);
	}
	buf_done(&passwd);
}
