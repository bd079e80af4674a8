/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "find/sweep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/root.h"
#include "find/content.h"

enum { BLOCK = 1 << 20, NAMES = 1 << 16, MOST_THREADS = 8, TICK_MS = 100 };

/* File systems that are no disk: a kernel's view of itself, memory, another host, or other files once more.
 */
static const unsigned long no_disks[] = {
	PROC_SUPER_MAGIC,
	SYSFS_MAGIC,
	CGROUP_SUPER_MAGIC,
	CGROUP2_SUPER_MAGIC,
	DEBUGFS_MAGIC,
	TRACEFS_MAGIC,
	SECURITYFS_MAGIC,
	PSTOREFS_MAGIC,
	BPF_FS_MAGIC,
	DEVPTS_SUPER_MAGIC,
	TMPFS_MAGIC,
	RAMFS_MAGIC,
	HUGETLBFS_MAGIC,
	EFIVARFS_MAGIC,
	AUTOFS_SUPER_MAGIC,
	NFS_SUPER_MAGIC,
	SMB_SUPER_MAGIC,
	0xff534d42 /* CIFS */,
	0x00c36400 /* Ceph */,
	0x65735546 /* FUSE */,
	OVERLAYFS_SUPER_MAGIC,
	0x62656570 /* configfs */,
	0x19800202 /* mqueue */,
	0x42494e4d /* binfmt_misc */,
};

/* A directory that waits. */
struct task {
	struct task *next;
	uint64_t mount, device;
	char path[];
};

/* All that the threads share; `lock` is for everything but root. */
struct walk {
	const struct root *root;
	pthread_mutex_t lock;
	pthread_cond_t more, end;
	struct task *tasks;
	unsigned busy;
	bool over;
	uint64_t *devices; /* file systems that were entered */
	size_t device_count;
	struct sweep *found;
};

/* One thread's own. */
struct worker {
	struct walk *walk;
	uint8_t *block;
	char *names;
	uint64_t files, bytes, unread; /* not yet told */
};

static void push(struct walk *walk, const char *dir, const char *name, const struct task *parent)
{
	size_t len = strlen(dir), slash = len > 0 && dir[len - 1] == '/' ? 0 : 1, rest = strlen(name);
	struct task *task = mem_zero(sizeof(*task) + len + slash + rest + 1);

	memcpy(task->path, dir, len);
	memcpy(task->path + len, "/", slash);
	memcpy(task->path + len + slash, name, rest);
	if (parent != NULL) {
		task->mount = parent->mount;
		task->device = parent->device;
	}
	pthread_mutex_lock(&walk->lock);
	task->next = walk->tasks;
	walk->tasks = task;
	pthread_cond_signal(&walk->more);
	pthread_mutex_unlock(&walk->lock);
}

/* A directory on another mount than the one above: whether it is a disk's, and its file system is new. */
static bool enter(struct walk *walk, int fd, uint64_t device)
{
	struct statfs fs;
	bool known = false;

	if (fstatfs(fd, &fs) != 0)
		return false;
	for (size_t i = 0; i < sizeof(no_disks) / sizeof(no_disks[0]); i++)
		if ((unsigned long)fs.f_type == no_disks[i])
			return false;
	pthread_mutex_lock(&walk->lock);
	for (size_t i = 0; i < walk->device_count; i++)
		known = known || walk->devices[i] == device;
	if (!known) {
		walk->devices = mem_grow(walk->devices, walk->device_count, sizeof(*walk->devices));
		walk->devices[walk->device_count++] = device;
	}
	pthread_mutex_unlock(&walk->lock);
	return !known;
}

static bool identify(int fd, uint64_t *ret_device, uint64_t *ret_mount)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &st) != 0)
		return false;
	*ret_device = makedev(st.stx_dev_major, st.stx_dev_minor);
	*ret_mount = st.stx_mask & STATX_MNT_ID ? st.stx_mnt_id : *ret_device;
	return true;
}

static void hit(struct worker *w, const struct task *dir, const char *name, int fd,
		const struct content *content)
{
	struct sweep *found = w->walk->found;
	struct stat st;
	size_t len = strlen(dir->path);

	if (fstat(fd, &st) != 0)
		return;
	pthread_mutex_lock(&w->walk->lock);
	found->hits = mem_grow(found->hits, found->count, sizeof(*found->hits));
	found->hits[found->count++] = (struct sweep_hit){
		.path = mem_print("%s%s%s", dir->path, len > 0 && dir->path[len - 1] == '/' ? "" : "/", name),
		.kind = content->kind,
		.count = content->count,
		.device = st.st_dev,
		.inode = st.st_ino,
	};
	pthread_mutex_unlock(&w->walk->lock);
}

/*
 * Block by block, with the end of one in front of the next, so that no mark is cut.
 * A regular file's read that is short is its last.
 */
static void look(struct worker *w, const struct task *dir, int at, const char *name)
{
	struct content content;
	size_t kept = 0;
	uint64_t all = 0;
	ssize_t n;
	int fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0) {
		w->unread += errno != ENOENT && errno != ELOOP;
		return;
	}
	content_begin(&content, name);
	do {
		n = read(fd, w->block + kept, BLOCK);
		if (n < 0) {
			w->unread++;
			break;
		}
		all += (uint64_t)n;
		kept = content_look(&content, w->block, kept + (size_t)n);
	} while (n == BLOCK && all < LIMIT_SWEEP_FILE);
	w->files++;
	w->bytes += all;
	content_end(&content, all);
	if (content.kind != NULL)
		hit(w, dir, name, fd, &content);
	close(fd);
}

static unsigned char type_of(int at, const char *name, unsigned char told)
{
	struct stat st;

	if (told != DT_UNKNOWN)
		return told;
	if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return DT_UNKNOWN;
	return S_ISDIR(st.st_mode) ? DT_DIR : S_ISREG(st.st_mode) ? DT_REG : DT_UNKNOWN;
}

/* What getdents64(2) fills in. */
struct entry {
	uint64_t inode;
	int64_t next;
	unsigned short size;
	unsigned char type;
	char name[];
};

static void list(struct worker *w, const struct task *dir, int fd)
{
	long n;

	while ((n = syscall(SYS_getdents64, fd, w->names, NAMES)) > 0)
		for (long at = 0; at < n;) {
			const struct entry *e = (const void *)(w->names + at);
			unsigned char type;

			at += e->size;
			if (strcmp(e->name, ".") == 0 || strcmp(e->name, "..") == 0)
				continue;
			type = type_of(fd, e->name, e->type);
			if (type == DT_DIR)
				push(w->walk, dir->path, e->name, dir);
			else if (type == DT_REG)
				look(w, dir, fd, e->name);
		}
	w->unread += n < 0;
}

static void visit(struct worker *w, struct task *dir)
{
	uint64_t device, mount;
	int follow = dir->mount == 0 ? 0 : O_NOFOLLOW; /* only the top may be a link */
	int fd = root_open_at(w->walk->root, dir->path, O_RDONLY | O_DIRECTORY | follow);

	if (fd < 0) {
		w->unread += errno != ENOENT && errno != ELOOP && errno != ENOTDIR;
		return;
	}
	if (identify(fd, &device, &mount) &&
	    (mount == dir->mount || dir->mount == 0 || enter(w->walk, fd, device))) {
		dir->mount = mount;
		dir->device = device;
		list(w, dir, fd);
	}
	close(fd);
}

static void tell(struct worker *w)
{
	struct sweep *found = w->walk->found;

	found->files += w->files;
	found->bytes += w->bytes;
	found->unread += w->unread;
	w->files = w->bytes = w->unread = 0;
}

static void *work(void *walk_of)
{
	struct walk *walk = walk_of;
	struct worker w = { .walk = walk };

	w.block = mem_zero(BLOCK + CONTENT_KEPT);
	w.names = mem_zero(NAMES);
	pthread_mutex_lock(&walk->lock);
	for (;;) {
		struct task *task = walk->tasks;

		if (task == NULL && walk->busy == 0)
			break;
		if (task == NULL) {
			pthread_cond_wait(&walk->more, &walk->lock);
			continue;
		}
		walk->tasks = task->next;
		walk->busy++;
		pthread_mutex_unlock(&walk->lock);
		visit(&w, task);
		free(task);
		pthread_mutex_lock(&walk->lock);
		walk->busy--;
		tell(&w);
	}
	walk->over = true;
	pthread_cond_broadcast(&walk->more);
	pthread_cond_broadcast(&walk->end);
	pthread_mutex_unlock(&walk->lock);
	free(w.block);
	free(w.names);
	return NULL;
}

/* Waits for the threads, and tells how far they are. */
static void wait_for(struct walk *walk, sweep_progress *progress, void *user)
{
	struct timespec until;

	pthread_mutex_lock(&walk->lock);
	while (!walk->over) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += TICK_MS * 1000000L;
		until.tv_sec += until.tv_nsec / 1000000000L;
		until.tv_nsec %= 1000000000L;
		pthread_cond_timedwait(&walk->end, &walk->lock, &until);
		if (progress != NULL)
			progress(user, walk->found);
	}
	pthread_mutex_unlock(&walk->lock);
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct sweep_hit *)a)->path, ((const struct sweep_hit *)b)->path);
}

static void run_threads(struct walk *walk, sweep_progress *progress, void *user)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[MOST_THREADS];
	long wanted = cores < 1 ? 1 : cores < MOST_THREADS ? cores : MOST_THREADS, started = 0;

	while (started < wanted && pthread_create(&threads[started], NULL, work, walk) == 0)
		started++;
	if (started == 0)
		work(walk);
	wait_for(walk, progress, user);
	while (started > 0)
		pthread_join(threads[--started], NULL);
}

bool sweep_run(const struct root *root, const char *top, sweep_progress *progress, void *user,
	       struct sweep *ret, struct err *err)
{
	struct walk walk = { .root = root, .found = ret };
	uint64_t device, mount;
	int fd = root_open_at(root, top, O_RDONLY | O_DIRECTORY);

	*ret = (struct sweep){ 0 };
	if (fd < 0 || !identify(fd, &device, &mount)) {
		err_set(err, ERR_SYSTEM, "%s: %s", top, strerror(errno));
		if (fd >= 0)
			close(fd);
		return false;
	}
	close(fd);
	walk.devices = mem_grow(NULL, 0, sizeof(*walk.devices));
	walk.devices[walk.device_count++] = device;
	pthread_mutex_init(&walk.lock, NULL);
	pthread_cond_init(&walk.more, NULL);
	pthread_cond_init(&walk.end, NULL);
	push(&walk, top, "", NULL);
	run_threads(&walk, progress, user);
	pthread_cond_destroy(&walk.end);
	pthread_cond_destroy(&walk.more);
	pthread_mutex_destroy(&walk.lock);
	free(walk.devices);
	if (ret->count > 1)
		qsort(ret->hits, ret->count, sizeof(*ret->hits), by_path);
	return true;
}

void sweep_done(struct sweep *sweep)
{
	for (size_t i = 0; i < sweep->count; i++)
		free(sweep->hits[i].path);
	free(sweep->hits);
	*sweep = (struct sweep){ 0 };
}
