/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/root.h"

enum { WORDS = 4096, PATH = 64 };

/* A process: the directory /proc, and its number there. */
struct process {
	int proc;
	const char *id;
};

struct question {
	struct stat root; /* of the tree in which the program would run */
	const char *name;
	uint64_t device, inode;
};

static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static const char *below(const struct process *process, const char *name, char ret[PATH])
{
	snprintf(ret, PATH, "%s/%s", process->id, name);
	return ret;
}

/* What /proc says of a process, with a NUL behind it; of "cmdline" words with a NUL behind each. */
static size_t text_of(const struct process *process, const char *file, char ret[WORDS])
{
	char path[PATH];
	int fd = openat(process->proc, below(process, file, path), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, ret, WORDS - 1) : 0;

	if (fd >= 0)
		close(fd);
	ret[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* Who started it, whatever it became by a set-user-ID bit; false: it has gone. */
static bool started_by(const struct process *process, unsigned *ret)
{
	static const char before[] = "\nUid:\t";
	char text[WORDS];
	const char *at;

	text_of(process, "status", text);
	at = strstr(text, before);
	if (at == NULL)
		return false;
	*ret = (unsigned)strtoul(at + strlen(before), NULL, 10);
	return true;
}

/* A script's interpreter is its first word, and options of it follow: "/bin/sh", "-e",
 * "/usr/sbin/update-ca-certificates". */
static bool is_named(const char *words, size_t len, const char *name)
{
	const char *at = words, *end = words + len;

	if (len == 0 || strcmp(last_part(at), name) == 0)
		return len > 0;
	for (at += strlen(at) + 1; at < end && *at == '-'; at += strlen(at) + 1)
		;
	return at < end && strcmp(last_part(at), name) == 0;
}

/* Anybody may call a program so; only root's, or our own, can be the one that changes what we change. */
static bool runs(const struct process *process, const struct question *q)
{
	char words[WORDS], path[PATH];
	size_t len = text_of(process, "cmdline", words);
	struct stat root;
	unsigned user;

	if (!is_named(words, len, q->name) || !started_by(process, &user) || (user != 0 && user != getuid()))
		return false;
	return fstatat(process->proc, below(process, "root/.", path), &root, 0) == 0 &&
	       root.st_dev == q->root.st_dev && root.st_ino == q->root.st_ino;
}

static bool opens(const struct process *process, const struct question *q)
{
	char path[PATH];
	int fd = openat(process->proc, below(process, "fd", path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *all = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	bool found = false;
	struct stat st;

	while (all != NULL && !found && (entry = readdir(all)) != NULL)
		found = entry->d_name[0] != '.' && fstatat(fd, entry->d_name, &st, 0) == 0 &&
			st.st_dev == q->device && st.st_ino == q->inode;
	if (all != NULL)
		closedir(all);
	else if (fd >= 0)
		close(fd);
	return found;
}

static char *who(const struct process *process)
{
	char words[WORDS];

	text_of(process, "cmdline", words);
	return mem_print("%s (process %s)", last_part(words), process->id);
}

static bool find(bool (*is)(const struct process *process, const struct question *q),
		 const struct question *q, char **ret_who)
{
	DIR *all = opendir("/proc");
	const struct dirent *entry;
	bool found = false;
	char own[16];

	snprintf(own, sizeof(own), "%d", (int)getpid());
	while (all != NULL && !found && (entry = readdir(all)) != NULL) {
		const struct process process = { dirfd(all), entry->d_name };

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || strcmp(entry->d_name, own) == 0)
			continue;
		found = is(&process, q);
		if (found && ret_who != NULL)
			*ret_who = is == runs ? mem_print("%s (process %s)", q->name, entry->d_name)
					      : who(&process);
	}
	if (all != NULL)
		closedir(all);
	return found;
}

bool process_runs(const struct root *root, const char *name, char **ret_who)
{
	struct question q = { .name = name };

	return root_stat(root, "/", &q.root) && find(runs, &q, ret_who);
}

bool process_opens(uint64_t device, uint64_t inode, char **ret_who)
{
	struct question q = { .device = device, .inode = inode };

	return find(opens, &q, ret_who);
}
