/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/library.h"

#include <elf.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"

/* Fedora's own are in nss/, and so were Debian's until 2015; *-linux-* are the directories of architectures.
 */
static const char *const directories[] = {
	"/usr/lib/*-linux-*/nss",
	"/usr/lib/*-linux-*",
	"/usr/lib64/nss",
	"/usr/lib64",
	"/usr/lib/nss",
	"/usr/lib",
	"/lib/*-linux-*",
	"/lib64",
	"/lib",
	"/usr/local/lib/nss",
	"/usr/local/lib",
	"/run/current-system/sw/lib",
};

static const struct root host = { .fd = -1 };

/* Class, byte order and machine of an ELF file. */
static bool machine_of(const char *path, unsigned char ret[4])
{
	unsigned char head[EI_NIDENT + 4];
	struct err none;
	int fd = root_is_file(&host, path) ? root_open_file(&host, path, &none) : -1; /* a FIFO would wait */
	bool ok = fd >= 0 && read(fd, head, sizeof(head)) == (ssize_t)sizeof(head) &&
		  memcmp(head, ELFMAG, SELFMAG) == 0;

	if (fd >= 0)
		close(fd);
	if (ok) {
		memcpy(ret, head + EI_CLASS, 2);
		memcpy(ret + 2, head + EI_NIDENT + 2, 2); /* e_machine, behind e_type */
	}
	return ok;
}

bool library_fits(const char *path, const char *name)
{
	unsigned char ours[4], its[4];
	char *real = realpath(path, NULL);
	const char *slash = real != NULL ? strrchr(real, '/') : NULL;
	size_t stem = strlen(name) - strlen(".so"); /* what a link leads to may be libx-1.2.so */
	bool ok = slash != NULL && strncmp(slash + 1, name, stem) == 0 && machine_of(real, its) &&
		  (!machine_of("/proc/self/exe", ours) || memcmp(ours, its, 4) == 0);

	free(real);
	return ok;
}

char *library_find(const char *name)
{
	char *ret = NULL;

	for (size_t i = 0; i < sizeof(directories) / sizeof(directories[0]) && ret == NULL; i++) {
		char *pattern = mem_print("%s/%s", directories[i], name);
		glob_t found = { 0 };

		if (glob(pattern, 0, NULL, &found) == 0)
			for (size_t k = 0; k < found.gl_pathc && ret == NULL; k++)
				if (library_fits(found.gl_pathv[k], name))
					ret = mem_print("%s", found.gl_pathv[k]);
		globfree(&found);
		free(pattern);
	}
	return ret;
}
