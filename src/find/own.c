/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "find/own.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/root.h"

char *own_path(const char *name, const char *installed)
{
	const struct root host = { .fd = -1 };
	char exe[4096], *slash, *path;
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (len > 0) {
		exe[len] = '\0';
		slash = strrchr(exe, '/');
		path = mem_print("%.*s/data/%s", (int)(slash != NULL ? slash - exe : 0), exe, name);
		if (root_is_file(&host, path))
			return path;
		free(path);
	}
	return mem_string(installed, strlen(installed));
}
