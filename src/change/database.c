/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change/database.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "change/process.h"
#include "change/write.h"

/* PENDING_BYTE of SQLite; RESERVED and 510 of SHARED are behind it. */
enum { PENDING = 0x40000000, BYTES = 512 };

static bool has_beside(int dir, const char *name, const char *suffix)
{
	char *beside = mem_print("%s%s", name, suffix);
	struct stat st;
	bool has = fstatat(dir, beside, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_size > 0;

	free(beside);
	return has;
}

/*
 * The kernel leases a file for writing to nobody while another has it open, which is as sure as to look at
 * all processes, and takes no time. Who opens it in between waits, and SIGURG, which does nothing, tells of
 * it: the usual SIGIO would end us. Not every file system has leases, nor every user of another's file.
 */
static bool is_alone(int fd)
{
	return fcntl(fd, F_SETSIG, SIGURG) == 0 && fcntl(fd, F_SETLEASE, F_WRLCK) == 0 &&
	       fcntl(fd, F_SETLEASE, F_UNLCK) == 0;
}

static bool is_free(int fd, const char *path, struct err *err)
{
	/* Of this descriptor and not of the process: closing another of the same file would let go. */
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = PENDING, .l_len = BYTES };
	char *who = NULL;
	struct stat st;

	if (!is_alone(fd) && fstat(fd, &st) == 0 && process_opens(st.st_dev, st.st_ino, &who)) {
		err_set(err, ERR_BUSY, "'%s' is open in %s; close that first", path, who);
		free(who);
		return false;
	}
	return fcntl(fd, F_OFD_SETLK, &lock) == 0 || (errno != EAGAIN && errno != EACCES) ||
	       err_set(err, ERR_BUSY, "'%s' is locked by a program that uses it; close that first", path);
}

int database_lock(int dir, const char *name, const char *path, struct err *err)
{
	static const char *const suffixes[] = { "-journal", "-wal" };
	int fd;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (has_beside(dir, name, suffixes[i])) {
			err_set(err, ERR_BUSY,
				"'%s%s' is there: a program uses the database, or was cut off; close it, or "
				"open and close it once",
				path, suffixes[i]);
			return -1;
		}
	fd = openat(dir, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0) {
		write_failed(err, "lock", path);
		return -1;
	}
	if (!is_free(fd, path, err)) {
		close(fd);
		return -1;
	}
	return fd;
}
