/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "find/mozilla.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "find/find.h"
#include "medium/library.h"
#include "model/place.h"

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
	path = library_find("libnssckbi.so");
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
