/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/sniff.h"

#include <strings.h>

#define HEAD(text)                                                                                           \
	{                                                                                                    \
		(const uint8_t *)(text), sizeof(text) - 1                                                    \
	}

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static bool ends(const char *name, const char *with)
{
	size_t len = strlen(name), end = strlen(with);

	return len > end && strcasecmp(name + len - end, with) == 0;
}

bool sniff_name(const char *path)
{
	static const char *const suffixes[] = {
		".pem", ".crt", ".cer", ".der",   ".p7b",     ".p7c",      ".p12",
		".pfx", ".jks", ".sst", ".jceks", ".p11-kit", ".keystore", ".truststore",
	};
	static const char *const names[] = {
		"cacerts",  "jssecacerts", "blocked.certs", "blacklisted.certs", "certdata.txt",
		"cert8.db", "cert9.db",    "key4.db",       "pkcs11.txt",        "cacerts.bin",
	};
	const char *name = base_of(path), *dot = strrchr(name, '.');

	for (size_t i = 0; dot != NULL && i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (strcasecmp(dot, suffixes[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static bool starts_any(struct bytes head, const struct bytes *with, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (bytes_start(head, with[i]))
			return true;
	return false;
}

bool sniff_store(struct bytes head)
{
	static const struct bytes heads[] = {
		HEAD("\xfe\xed\xfe\xed"),                 /* JKS */
		HEAD("\xce\xce\xce\xce"),                 /* JCEKS */
		HEAD("\xa1\x59\xc0\xa5\xe4\x94\xa7\x4a"), /* an EFI signature list of certificates */
		HEAD("\0\0\0\0CERT"),                     /* Windows */
		HEAD("[p11-kit-object-v1]"),
	};
	static const struct bytes inner[] = {
		HEAD("\x30\x82"), /* of a certificate, behind it: TBSCertificate */
		HEAD("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01"), /* PKCS#7 */
		HEAD("\x02\x01\x03\x30"),                     /* PKCS#12 */
	};

	if (starts_any(head, heads, sizeof(heads) / sizeof(heads[0])))
		return true;
	if (!bytes_start(head, (struct bytes)HEAD("\x30\x82")))
		return false;
	return starts_any(bytes_skip(head, 4), inner, sizeof(inner) / sizeof(inner[0]));
}

bool sniff_zip(struct bytes head)
{
	static const struct bytes heads[] = { HEAD("PK\3\4"), HEAD("PK\5\6") };

	return starts_any(head, heads, 2);
}

static bool is_deb(struct bytes head)
{
	return bytes_start(head, (struct bytes)HEAD("!<arch>\ndebian-binary"));
}

bool sniff_tar(struct bytes head)
{
	return head.len >= 512 && memcmp(head.at + 257, "ustar", 5) == 0;
}

/* What cannot be mistaken. */
static bool is_plain(struct bytes head)
{
	static const struct bytes heads[] = {
		HEAD("070701"), HEAD("070702"), HEAD("070707"), /* cpio */
		HEAD("\xed\xab\xee\xdb"),                       /* rpm */
	};

	return sniff_tar(head) || is_deb(head) || starts_any(head, heads, sizeof(heads) / sizeof(heads[0]));
}

static bool is_compressed(struct bytes head)
{
	static const struct bytes heads[] = {
		HEAD("\x1f\x8b"),
		HEAD("BZh"),
		HEAD("\xfd"
		     "7zXZ"),
		HEAD("\x28\xb5\x2f\xfd"),
		HEAD("\x04\x22\x4d\x18"),
		HEAD("\x5d\0\0"), /* lzma has no more */
	};

	return starts_any(head, heads, sizeof(heads) / sizeof(heads[0]));
}

/* An old tar has no magic: a name, and numbers in octal whose sum is told. */
static bool is_old_tar(struct bytes head)
{
	unsigned sum = 0, told = 0;

	if (head.len < 512 || head.at[0] == 0)
		return false;
	for (size_t i = 0; i < 512; i++)
		sum += i >= 148 && i < 156 ? ' ' : head.at[i];
	for (size_t i = 148; i < 156; i++)
		if (head.at[i] >= '0' && head.at[i] <= '7')
			told = told * 8 + head.at[i] - '0';
	return sum == told;
}

static bool is_iso(struct bytes head)
{
	return head.len >= 32774 && memcmp(head.at + 32769, "CD001", 5) == 0;
}

bool sniff_archive(struct bytes head)
{
	return is_plain(head) || is_compressed(head) || sniff_zip(head) || is_old_tar(head) || is_iso(head) ||
	       bytes_start(head, (struct bytes)HEAD("!<arch>\n"));
}

/* OCI; `docker save` up to version 24; podman; and a .deb, in which the name may end with a slash. */
bool sniff_layer(const char *path)
{
	const char *name = base_of(path);

	return strncmp(path, "/blobs/", 7) == 0 || strcmp(name, "layer.tar") == 0 ||
	       (name == path + 1 && strspn(name, "0123456789abcdef") == 64 &&
		strcmp(name + 64, ".tar") == 0) ||
	       strncmp(path, "/data.tar", 9) == 0;
}

static bool is_blank(struct bytes head)
{
	for (size_t i = 0; i < head.len; i++)
		if (head.at[i] != 0)
			return false;
	return head.len > 0;
}

bool sniff_inside(struct bytes head, const char *path)
{
	static const char *const zips[] = { ".zip", ".whl", ".jar", ".war", ".ear", ".egg" };
	static const char *const tars[] = {
		".tar.gz", ".tgz",     ".tar.xz",   ".txz", ".tar.zst", ".tzst",    ".tar.bz2",  ".tbz",
		".tbz2",   ".tar.lz4", ".tar.lzma", ".apk", ".cpio.gz", ".cpio.xz", ".cpio.zst", ".tar",
	};

	/* A layer in which nothing changed is a tar of zeros. */
	if (is_plain(head) || (is_blank(head) && sniff_layer(path)))
		return true;
	if (ends(path, ".tar") && is_old_tar(head))
		return true;
	for (size_t i = 0; sniff_zip(head) && i < sizeof(zips) / sizeof(zips[0]); i++)
		if (ends(path, zips[i]))
			return true;
	if (!is_compressed(head))
		return is_iso(head) && ends(path, ".iso");
	for (size_t i = 0; i < sizeof(tars) / sizeof(tars[0]); i++)
		if (ends(path, tars[i]))
			return true;
	return sniff_layer(path);
}

const char *sniff_closed(struct bytes head)
{
	static const struct {
		struct bytes head;
		const char *is;
	} closed[] = {
		{ HEAD("hsqs"), "a squashfs file system, which is not read; unpack it (unsquashfs)" },
		{ HEAD("QFI\xfb"),
		  "a disk image (qcow2), which is not read; mount it (qemu-nbd) and use --root" },
		{ HEAD("7z\xbc\xaf\x27\x1c"), "a 7z archive, which is not read; unpack it" },
		{ HEAD("Rar!\x1a\x07"), "a rar archive, which is not read; unpack it" },
	};

	for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
		if (bytes_start(head, closed[i].head))
			return closed[i].is;
	return NULL;
}

size_t sniff_pem(struct bytes text)
{
	/* "BEGIN CERTIFICATE", "BEGIN TRUSTED CERTIFICATE", "BEGIN X509 CERTIFICATE" and their ends. */
	static const char words[] = " CERTIFICATE-----";
	const uint8_t *found = text.len > 0 ? memmem(text.at, text.len, words, sizeof(words) - 1) : NULL;

	return found != NULL ? (size_t)(found - text.at) : text.len;
}
