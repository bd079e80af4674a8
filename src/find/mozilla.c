/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "find/mozilla.h"

#include <elf.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "find/find.h"
#include "model/place.h"

/* Fedora's own is in nss/, and so was Debian's until 2015. */
static const char *const patterns[] = {
	"/usr/lib/*/nss/libnssckbi.so",
	"/usr/lib/*-*/libnssckbi.so",
	"/usr/lib64/nss/libnssckbi.so",
	"/usr/lib64/libnssckbi.so",
	"/usr/lib/nss/libnssckbi.so",
	"/usr/lib/libnssckbi.so",
	"/lib/*-*/libnssckbi.so",
	"/lib64/libnssckbi.so",
	"/usr/local/lib/nss/libnssckbi.so",
	"/usr/local/lib/libnssckbi.so",
	"/run/current-system/sw/lib/libnssckbi.so",
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

bool mozilla_fits(const char *path)
{
	unsigned char ours[4], its[4];
	char *real = realpath(path, NULL);
	const char *name = real != NULL ? strrchr(real, '/') : NULL;
	bool ok = name != NULL && strncmp(name, "/libnssckbi", strlen("/libnssckbi")) == 0 &&
		  machine_of(real, its) && (!machine_of("/proc/self/exe", ours) || memcmp(ours, its, 4) == 0);

	free(real);
	return ok;
}

/* The first library that fits; NULL: there is none. Owned by the caller. */
static char *library(void)
{
	char *ret = NULL;

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]) && ret == NULL; i++) {
		glob_t found = { 0 };

		if (glob(patterns[i], 0, NULL, &found) == 0)
			for (size_t k = 0; k < found.gl_pathc && ret == NULL; k++)
				if (mozilla_fits(found.gl_pathv[k]))
					ret = mem_print("%s", found.gl_pathv[k]);
		globfree(&found);
	}
	return ret;
}

/* RFC 7512: what is not plain is percent-encoded. */
static void put_uri(const char *path, struct buf *to)
{
	buf_text(to, "pkcs11:?module-path=");
	for (const char *p = path; *p != '\0'; p++)
		if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
		    strchr("-._~/", *p) != NULL)
			buf_byte(to, (unsigned char)*p);
		else
			buf_print(to, "%%%02X", (unsigned char)*p);
	buf_byte(to, '\0');
}

bool mozilla_places(const struct root *root, struct place **ret, size_t *ret_count, struct err *err)
{
	struct buf uri = { 0 };
	char *path;

	if (!root_is_host(root))
		return err_set(
			err, ERR_UNSUPPORTED,
			"'mozilla' is a module of the host, and a module of '%s' would be foreign code "
			"that is not run; leave --root out",
			root->path);
	path = library();
	if (path == NULL)
		return err_set(
			err, ERR_ABSENT,
			"'mozilla': NSS's libnssckbi.so is in none of the library directories; install "
			"libnss3 (Debian, Ubuntu), nss (Fedora, Arch, Alpine) or mozilla-nss-certs "
			"(SUSE), or name the module: pkcs11:?module-path=/path/to/libnssckbi.so");
	put_uri(path, &uri);
	*ret = mem_zero(sizeof(**ret));
	*ret_count = 1;
	place_set(*ret, "mozilla", "pkcs11");
	place_add_path(*ret, (const char *)uri.at);
	(*ret)->how = mem_print("NSS's built-in list, %s", path);
	buf_done(&uri);
	free(path);
	return true;
}
