/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/shared.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/root.h"

/* A group that has nobody but its owner is the usual one of a user's files where the umask is 002: it has the
 * same number. */
static const char *writers(const struct stat *stat)
{
	if (stat->st_mode & S_IWOTH)
		return "everybody";
	if (stat->st_mode & S_IWGRP && stat->st_gid != 0 && stat->st_gid != stat->st_uid)
		return "its group";
	return NULL;
}

/* The file itself is not kept by a sticky bit of its directory from being written; it is from being replaced.
 */
static char *look(const struct root *root, const char *path, bool directory)
{
	const char *shown = path[0] != '\0' ? path : ".", *who;
	struct stat stat;

	if (!root_stat(root, shown, &stat) || (!directory && !S_ISREG(stat.st_mode)))
		return NULL;
	who = directory && stat.st_mode & S_ISVTX ? NULL : writers(&stat);
	if (who != NULL)
		return mem_print("%s '%s' (mode %04o) can be changed by %s",
				 directory ? "the directory" : "the file", shown,
				 (unsigned)(stat.st_mode & 07777), who);
	return NULL;
}

/* The directory of the file and those above it; of a relative path the working directory is the last. */
char *shared_by(const struct root *root, const char *path)
{
	char *said = look(root, path, false), *above = mem_string(path, strlen(path)), *slash;

	while (said == NULL && above[0] != '\0') {
		slash = strrchr(above, '/');
		if (slash == NULL)
			above[0] = '\0';
		else
			slash[slash == above && slash[1] != '\0' ? 1 : 0] = '\0';
		if (slash != NULL && above[0] == '\0')
			break;
		said = look(root, above, true);
	}
	free(above);
	return said;
}
