/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "corpus.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "format/armor.h"
#include "format/payload.h"
#include "model/der.h"

const char *const machine_stores[] = {
	"/etc/ssl/certs",
	"/etc/ssl/cert.pem",
	"/etc/pki/tls/certs",
	"/etc/pki/ca-trust",
	"/etc/ca-certificates",
	"/usr/share/ca-certificates",
	"/usr/local/share/ca-certificates",
	"/usr/share/pki/ca-trust-source",
	"/usr/share/pki/trust",
	NULL,
};

static const char *from_env(const char *name)
{
	const char *value = getenv(name);

	return value != NULL && value[0] != '\0' ? value : ".";
}

/* Runs unpack.sh; its lines, and whether it found anything. */
static bool unpack(struct buf *lines)
{
	char *lock = mem_print("%s/corpora.lock", from_env("builddir"));
	char *script = mem_print("sh '%s/tests/corpus/unpack.sh'", from_env("srcdir"));
	int fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	FILE *pipe;
	size_t n;
	int status = -1;

	if (fd >= 0)
		flock(fd, LOCK_EX); /* tests run side by side */
	pipe = popen(script, "r");
	if (pipe != NULL) {
		while ((n = fread(buf_room(lines, 4096), 1, 4096, pipe)) > 0)
			lines->len += n;
		status = pclose(pipe);
	}
	if (fd >= 0)
		close(fd);
	free(lock);
	free(script);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

struct corpus corpus_find(void)
{
	struct corpus corpus = { 0 };
	struct buf lines = { 0 };
	bool ok = unpack(&lines);
	char *save, *line;

	buf_byte(&lines, '\0');
	if (!ok) {
		lines.at[strcspn((char *)lines.at, "\n")] = '\0';
		corpus.missing = mem_string((char *)lines.at, strlen((char *)lines.at));
	}
	for (line = strtok_r((char *)lines.at, "\n", &save); ok && line != NULL;
	     line = strtok_r(NULL, "\n", &save)) {
		corpus.dirs = mem_grow(corpus.dirs, corpus.count, sizeof(*corpus.dirs));
		corpus.dirs[corpus.count++] = mem_string(line, strlen(line));
	}
	buf_done(&lines);
	return corpus;
}

void corpus_done(struct corpus *corpus)
{
	for (size_t i = 0; i < corpus->count; i++)
		free(corpus->dirs[i]);
	free(corpus->dirs);
	free(corpus->missing);
}

const char *corpus_named(const struct corpus *corpus, const char *name)
{
	for (size_t i = 0; i < corpus->count; i++) {
		const char *slash = strrchr(corpus->dirs[i], '/');

		if (slash != NULL && strcmp(slash + 1, name) == 0)
			return corpus->dirs[i];
	}
	return NULL;
}

static void visit_file(const char *path, visit_fn *visit, void *data)
{
	static const struct root host = { .fd = -1 };
	struct buf file = { 0 };
	struct err err;

	if (root_read(&host, path, &file, &err))
		visit(path, buf_view(&file), data);
	buf_done(&file);
}

static void each(const char *path, int depth, visit_fn *visit, void *data)
{
	struct dirent **names;
	struct stat st;
	int count;

	/* Links to files are followed, links to directories are not: they may go in circles. */
	if (stat(path, &st) != 0)
		return;
	if (S_ISREG(st.st_mode))
		visit_file(path, visit, data);
	if (!S_ISDIR(st.st_mode) || (depth > 0 && (lstat(path, &st) != 0 || S_ISLNK(st.st_mode))))
		return;
	count = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		char *below = mem_print("%s/%s", path, names[i]->d_name);

		if (strcmp(names[i]->d_name, ".") != 0 && strcmp(names[i]->d_name, "..") != 0)
			each(below, depth + 1, visit, data);
		free(below);
		free(names[i]);
	}
	if (count >= 0)
		free(names);
}

void corpus_each(const char *path, visit_fn *visit, void *data)
{
	each(path, 0, visit, data);
}

/* The base64 at the start of `text`, however it ends, as a certificate if it begins like one. */
static void from_base64(struct bytes text, found_fn *found, void *data)
{
	struct buf der = { 0 };
	size_t len, at, size;

	base64_read(text, buf_room(&der, base64_room(text.len)), &len, &at);
	der.len = len;
	size = der_size(buf_view(&der));
	if (size > 0 && size < len)
		found((struct bytes){ der.at, size }, data);
	if (len > 0)
		found(buf_view(&der), data);
	buf_done(&der);
}

/* Base64 that stands anywhere, as in JSON, XML or a source file: "MI" begins a long SEQUENCE. */
static void harvest_base64(struct bytes file, found_fn *found, void *data)
{
	struct bytes rest = file;
	const uint8_t *hit;

	while (rest.len > 64 && (hit = memmem(rest.at, rest.len, "MI", 2)) != NULL) {
		size_t at = (size_t)(hit - file.at), run = 0;

		rest = bytes_skip(file, at);
		while (run < rest.len && memchr("\t\n\r -:<\"'\\,;", rest.at[run], 12) == NULL)
			run++;
		if (run >= 60)
			from_base64((struct bytes){ rest.at, rest.len < 1 << 20 ? rest.len : 1 << 20 }, found,
				    data);
		rest = bytes_skip(rest, run > 2 ? run : 2);
	}
}

void corpus_harvest(struct bytes file, found_fn *found, void *data)
{
	struct armor_at at = { .line = 1 };
	struct armor armor;

	found(file, data);
	while (armor_next(file, &at, &armor))
		from_base64(armor.body, found, data);
	harvest_base64(file, found, data);
	/* Inside of other things: PKCS#7, PKCS#12 and key stores, OCSP answers, fuzzers' files. */
	for (size_t i = 0; i + 64 < file.len; i++) {
		struct bytes rest = bytes_skip(file, i);

		if (rest.at[0] == DER_SEQUENCE && payload_is_certificate(rest) && der_size(rest) <= rest.len)
			found((struct bytes){ rest.at, der_size(rest) }, data);
	}
}

static size_t slot_of(const struct seen *seen, const uint8_t *digest)
{
	size_t slot;

	memcpy(&slot, digest, sizeof(slot));
	for (slot %= seen->room; seen->used[slot]; slot = (slot + 1) % seen->room)
		if (memcmp(seen->slots[slot], digest, 32) == 0)
			break;
	return slot;
}

static void seen_grow(struct seen *seen)
{
	struct seen old = *seen;

	seen->room = old.room > 0 ? old.room * 2 : 4096;
	seen->slots = mem_zero(seen->room * sizeof(*seen->slots));
	seen->used = mem_zero(seen->room * sizeof(*seen->used));
	for (size_t i = 0; i < old.room; i++)
		if (old.used[i]) {
			size_t slot = slot_of(seen, old.slots[i]);

			memcpy(seen->slots[slot], old.slots[i], 32);
			seen->used[slot] = true;
		}
	seen_done(&old);
}

bool seen_before(struct seen *seen, struct bytes bytes)
{
	uint8_t digest[32];
	size_t slot;

	digest_sha256(bytes, digest);
	if (seen->count * 2 >= seen->room)
		seen_grow(seen);
	slot = slot_of(seen, digest);
	if (seen->used[slot])
		return true;
	memcpy(seen->slots[slot], digest, 32);
	seen->used[slot] = true;
	seen->count++;
	return false;
}

void seen_done(struct seen *seen)
{
	free(seen->slots);
	free(seen->used);
	*seen = (struct seen){ 0 };
}

char *corpus_fixture(const char *name)
{
	return mem_print("%s/tests/corpus/%s", from_env("srcdir"), name);
}

static int tests, failures;

bool tap(bool ok, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("%s %d - ", ok ? "ok" : "not ok", ++tests);
	vprintf(fmt, ap);
	putchar('\n');
	fflush(stdout);
	va_end(ap);
	failures += !ok;
	return ok;
}

void tap_skip(const char *what, const char *reason)
{
	printf("ok %d - %s # SKIP %s\n", ++tests, what, reason);
}

void tap_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("# ");
	vprintf(fmt, ap);
	putchar('\n');
	va_end(ap);
}

int tap_end(void)
{
	printf("1..%d\n", tests);
	return failures > 0;
}
