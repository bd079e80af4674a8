/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 *   maps   ::= (HEX "-" HEX blank perms blank HEX blank HEX ":" HEX blank DECIMAL blank* path? LF)*
 *   stat   ::= PID blank "(" name ")" blank state (blank number)*    starttime is the 22nd
 *   cgroup ::= (number ":" controllers ":" path LF)*                 "" or name=systemd is systemd's
 */
#include "find/proc.h"

#include <string.h>
#include <sys/sysmacros.h>

static struct bytes next_line(struct bytes all, size_t *at)
{
	struct bytes rest = bytes_skip(all, *at);
	const uint8_t *newline = rest.len > 0 ? memchr(rest.at, '\n', rest.len) : NULL;
	size_t len = newline != NULL ? (size_t)(newline - rest.at) : rest.len;

	*at += len + (newline != NULL);
	return (struct bytes){ rest.at, len };
}

/* The next word, and what is behind it. */
static struct bytes word(struct bytes *line)
{
	struct bytes one;
	size_t len = 0;

	while (line->len > 0 && line->at[0] == ' ')
		*line = bytes_skip(*line, 1);
	while (len < line->len && line->at[len] != ' ')
		len++;
	one = (struct bytes){ line->at, len };
	*line = bytes_skip(*line, len);
	return one;
}

static bool number(struct bytes text, unsigned base, uint64_t *ret)
{
	uint64_t value = 0;

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];
		unsigned digit = c >= '0' && c <= '9'   ? c - (unsigned)'0'
				 : c >= 'a' && c <= 'f' ? c - (unsigned)'a' + 10
							: 99;

		if (digit >= base || value > (UINT64_MAX - digit) / base)
			return false;
		value = value * base + digit;
	}
	*ret = value;
	return text.len > 0;
}

bool proc_deleted(struct bytes *path)
{
	static const char tail[] = " (deleted)";
	size_t len = sizeof(tail) - 1;

	if (path->len <= len || memcmp(path->at + path->len - len, tail, len) != 0)
		return false;
	path->len -= len;
	return true;
}

static bool read_map(struct bytes line, struct proc_map *ret)
{
	struct bytes device, colon;
	uint64_t major, minor;
	const uint8_t *at;

	word(&line);
	word(&line);
	word(&line);
	device = word(&line);
	at = device.len > 0 ? memchr(device.at, ':', device.len) : NULL;
	if (at == NULL || !number(word(&line), 10, &ret->inode))
		return false;
	colon = bytes_skip(device, (size_t)(at - device.at) + 1);
	device.len = (size_t)(at - device.at);
	if (!number(device, 16, &major) || !number(colon, 16, &minor))
		return false;
	while (line.len > 0 && line.at[0] == ' ')
		line = bytes_skip(line, 1);
	ret->device = makedev((unsigned)major, (unsigned)minor);
	ret->path = line;
	ret->deleted = proc_deleted(&ret->path);
	return ret->path.len > 0 && ret->path.at[0] == '/';
}

bool proc_map_next(struct bytes maps, size_t *at, struct proc_map *ret)
{
	while (*at < maps.len)
		if (read_map(next_line(maps, at), ret))
			return true;
	return false;
}

bool proc_start(struct bytes stat, uint64_t *ret_ticks)
{
	enum { STATE = 3, STARTTIME = 22 };
	const uint8_t *close = stat.len > 0 ? memrchr(stat.at, ')', stat.len) : NULL;
	struct bytes rest;

	if (close == NULL)
		return false;
	rest = bytes_skip(stat, (size_t)(close - stat.at) + 1);
	for (int field = STATE; field < STARTTIME; field++)
		word(&rest);
	return number(word(&rest), 10, ret_ticks);
}

bool proc_boot(struct bytes stat, int64_t *ret)
{
	size_t at = 0;

	while (at < stat.len) {
		struct bytes line = next_line(stat, &at);
		uint64_t seconds;

		if (!bytes_equal(word(&line), bytes_of("btime")) || !number(word(&line), 10, &seconds) ||
		    seconds > INT64_MAX)
			continue;
		*ret = (int64_t)seconds;
		return true;
	}
	return false;
}

static bool ends(struct bytes text, const char *with)
{
	size_t len = strlen(with);

	return text.len > len && memcmp(text.at + text.len - len, with, len) == 0;
}

/* The innermost service counts; user@1000.service is the manager of what is further in, and no service
 * itself. */
static void unit_of(struct bytes path, struct proc_unit *ret)
{
	static const char manager[] = "user@";

	*ret = (struct proc_unit){ .name = { NULL, 0 } };
	while (path.len > 0) {
		const uint8_t *slash = memchr(path.at, '/', path.len);
		struct bytes part = { path.at, slash != NULL ? (size_t)(slash - path.at) : path.len };

		path = bytes_skip(path, part.len + 1);
		if (!ends(part, ".service"))
			continue;
		if (bytes_start(part, bytes_of(manager))) {
			ret->user = bytes_skip(part, sizeof(manager) - 1);
			ret->user.len -= strlen(".service");
			ret->name = (struct bytes){ NULL, 0 };
		} else {
			ret->name = part;
		}
	}
	if (ret->name.len == 0)
		ret->user = ret->name;
}

/* Of both hierarchies of a hybrid set-up the one with a service counts. */
void proc_unit(struct bytes cgroup, struct proc_unit *ret)
{
	size_t at = 0;

	*ret = (struct proc_unit){ .name = { NULL, 0 } };
	while (at < cgroup.len && ret->name.len == 0) {
		struct bytes line = next_line(cgroup, &at);
		const uint8_t *colon = line.len > 0 ? memchr(line.at, ':', line.len) : NULL;
		struct bytes rest = colon != NULL ? bytes_skip(line, (size_t)(colon - line.at) + 1)
						  : (struct bytes){ NULL, 0 };

		if (bytes_start(rest, bytes_of(":")))
			unit_of(bytes_skip(rest, 1), ret);
		else if (bytes_start(rest, bytes_of("name=systemd:")))
			unit_of(bytes_skip(rest, strlen("name=systemd:")), ret);
	}
}

/*
 * By the beginning of the file's name. libcrypto alone is not told: without libssl it is nearly always
 * for hashes and keys (sshd, systemd), and would drown the others. Programs with a library
 * inside, as those in Go, cannot be told from others.
 */
static const struct {
	const char *start, *name;
} libraries[] = {
	{ "libssl.so", "OpenSSL" },     { "libssl-", "OpenSSL" }, /* wheels of Python have their own, with a
								     hash in the name */
	{ "libgnutls.so", "GnuTLS" },   { "libgnutls-", "GnuTLS" },      { "libnss3.so", "NSS" },
	{ "libwolfssl.so", "wolfSSL" }, { "libmbedtls.so", "Mbed TLS" }, { "p11-kit-trust.so", "p11-kit" },
	{ "libjvm.so", "Java" },        { "libnode.so", "Node.js" },     { "libpython", "Python" },
};

/* Programs that have it inside; the whole name, but for a version behind it. */
static const struct {
	const char *program, *name;
} programs[] = {
	{ "node", "Node.js" },
	{ "nodejs", "Node.js" },
	{ "python", "Python" },
};

const char *proc_library(struct bytes path)
{
	const uint8_t *slash = path.len > 0 ? memrchr(path.at, '/', path.len) : NULL;
	struct bytes name = slash != NULL ? bytes_skip(path, (size_t)(slash - path.at) + 1) : path;

	for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++)
		if (bytes_start(name, bytes_of(libraries[i].start)))
			return libraries[i].name;
	while (name.len > 0 && (name.at[name.len - 1] == '.' ||
				(name.at[name.len - 1] >= '0' && name.at[name.len - 1] <= '9')))
		name.len--;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (bytes_equal(name, bytes_of(programs[i].program)))
			return programs[i].name;
	return NULL;
}
