/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "find/holders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "find/proc.h"

/* One process that is looked at. */
struct scan {
	const struct holders_question *question;
	struct holders *holders;
	int64_t boot; /* CLOCK_NONE: not known */
	int dir;      /* its directory */
	int pid;
	bool unread;
};

/* False, and errno. What is longer than LIMIT_MAPS is cut and told. */
static bool read_at(struct scan *scan, const char *name, struct buf *ret)
{
	int fd = openat(scan->dir, name, O_RDONLY | O_CLOEXEC);
	ssize_t len = 1;

	ret->len = 0;
	if (fd < 0)
		return false;
	while (len > 0 && ret->len < LIMIT_MAPS) {
		len = read(fd, buf_room(ret, 65536), 65536);
		if (len > 0)
			ret->len += (size_t)len;
	}
	scan->holders->cut = scan->holders->cut || ret->len >= LIMIT_MAPS;
	close(fd);
	return len >= 0;
}

/* One that has ended meanwhile is nobody's matter. */
static void not_read(struct scan *scan)
{
	scan->unread = scan->unread || errno == EACCES || errno == EPERM;
}

/* What a former change of ours put aside beside the store, and took away: change/draft.c names it so. */
static bool put_aside(struct bytes path, const char *store)
{
	static const char name[] = ".anchorage-";
	size_t directory = (size_t)(strrchr(store, '/') + 1 - store);

	return path.len > directory && memcmp(path.at, store, directory) == 0 &&
	       bytes_start(bytes_skip(path, directory), bytes_of(name));
}

/* The store whose old file this is. What is gone under its path can be nothing else. */
static const struct held *held_by(const struct holders_question *question, struct bytes path, bool deleted,
				  uint64_t device, uint64_t inode)
{
	for (size_t i = 0; i < question->count; i++) {
		const struct held *store = &question->stores[i];
		bool same = bytes_equal(path, bytes_of(store->path));

		if (store->inode == 0 ? same
				      : (same && (deleted || inode == store->inode)) ||
						(inode == store->inode && device == store->device))
			return store;
		if (deleted && put_aside(path, store->path))
			return store;
	}
	return NULL;
}

/* NULL: none of them; *ret_library is found on the way. */
static const struct held *mapped(struct scan *scan, const char **ret_library)
{
	const struct held *held = NULL;
	struct buf maps = { 0 };
	struct proc_map map;
	size_t at = 0;

	if (!read_at(scan, "maps", &maps))
		not_read(scan);
	while (held == NULL && proc_map_next(buf_view(&maps), &at, &map)) {
		held = held_by(scan->question, map.path, map.deleted, map.device, map.inode);
		if (*ret_library == NULL)
			*ret_library = proc_library(map.path);
	}
	buf_done(&maps);
	return held;
}

static const struct held *opened_as(struct scan *scan, int fds, const char *name)
{
	char text[4096];
	struct bytes path = { (const uint8_t *)text, 0 };
	ssize_t len = readlinkat(fds, name, text, sizeof(text));
	struct stat stat = { 0 };
	bool deleted;

	if (len <= 0 || text[0] != '/')
		return NULL;
	path.len = (size_t)len;
	deleted = proc_deleted(&path);
	if (fstatat(fds, name, &stat, 0) < 0 && !deleted)
		return NULL;
	return held_by(scan->question, path, deleted, stat.st_dev, stat.st_ino);
}

static const struct held *opened(struct scan *scan)
{
	int fd = openat(scan->dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *fds = fd >= 0 ? fdopendir(fd) : NULL;
	const struct held *held = NULL;
	unsigned count = 0;
	struct dirent *entry;

	if (fds == NULL) {
		not_read(scan);
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	while (held == NULL && (entry = readdir(fds)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		if (++count > LIMIT_DIRECTORY_ENTRIES) {
			scan->holders->cut = true;
			break;
		}
		held = opened_as(scan, fd, entry->d_name);
	}
	closedir(fds);
	return held;
}

/* Whether it was there before the change; if it cannot be told it was. */
static bool older(struct scan *scan, int64_t *ret_start)
{
	struct buf stat = { 0 };
	uint64_t ticks = 0;
	long rate = sysconf(_SC_CLK_TCK);

	*ret_start = CLOCK_NONE;
	if (scan->boot != CLOCK_NONE && rate > 0 && read_at(scan, "stat", &stat) &&
	    proc_start(buf_view(&stat), &ticks))
		*ret_start = scan->boot + (int64_t)(ticks / (uint64_t)rate);
	buf_done(&stat);
	return *ret_start == CLOCK_NONE || *ret_start <= scan->question->changed;
}

/* Whether a store's path leads it to another file than us, and none to the same; not if it may not be asked.
 */
static bool elsewhere(struct scan *scan)
{
	bool asked = false;

	for (size_t i = 0; i < scan->question->count; i++) {
		char *theirs = mem_print("root%s", scan->question->stores[i].path);
		struct stat ours, its;
		bool here = stat(scan->question->stores[i].path, &ours) == 0,
		     there = fstatat(scan->dir, theirs, &its, 0) == 0;
		bool absent = !there && errno == ENOENT && faccessat(scan->dir, "root/", F_OK, 0) == 0;

		free(theirs);
		if (here && there && ours.st_dev == its.st_dev && ours.st_ino == its.st_ino)
			return false;
		asked = asked || (here && (there || absent));
	}
	return asked;
}

static char *word_at(struct scan *scan, const char *name)
{
	struct buf text = { 0 };

	if (!read_at(scan, name, &text))
		text.len = 0;
	while (text.len > 0 && text.at[text.len - 1] == '\n')
		text.len--;
	buf_byte(&text, '\0');
	return (char *)text.at;
}

/* A bus cannot be restarted under those who talk over it. */
static char *command_of(const struct proc_unit *unit)
{
	if (unit->name.len == 0 || bytes_start(unit->name, bytes_of("dbus")))
		return NULL;
	if (unit->user.len > 0)
		return mem_print("systemctl --user --machine=%.*s@ restart %.*s", (int)unit->user.len,
				 (const char *)unit->user.at, (int)unit->name.len,
				 (const char *)unit->name.at);
	return mem_print("systemctl restart %.*s", (int)unit->name.len, (const char *)unit->name.at);
}

static void add(struct scan *scan, enum hold hold, char *why)
{
	struct holders *holders = scan->holders;
	struct buf cgroup = { 0 };
	struct proc_unit unit;
	struct holder *holder;

	if (!read_at(scan, "cgroup", &cgroup))
		cgroup.len = 0;
	proc_unit(buf_view(&cgroup), &unit);
	holders->all = mem_grow(holders->all, holders->count, sizeof(*holders->all));
	holder = &holders->all[holders->count++];
	*holder = (struct holder){
		.pid = scan->pid,
		.name = word_at(scan, "comm"),
		.unit = unit.name.len > 0 ? mem_string((const char *)unit.name.at, unit.name.len) : NULL,
		.command = command_of(&unit),
		.hold = hold,
	};
	holder->why = why;
	buf_done(&cgroup);
}

static void look(struct scan *scan)
{
	const char *library = NULL;
	const struct held *map = mapped(scan, &library), *open = map == NULL ? opened(scan) : NULL;
	char start[CLOCK_TEXT];
	int64_t at;

	if (map != NULL || open != NULL) {
		add(scan, HOLD_SURE,
		    mem_print("has %s %s, as it was before", map != NULL ? map->path : open->path,
			      map != NULL ? "mapped" : "open"));
		return;
	}
	scan->holders->unread += scan->unread;
	if (library == NULL || !older(scan, &at))
		return;
	if (elsewhere(scan)) {
		scan->holders->elsewhere++;
		return;
	}
	clock_text(at, start);
	add(scan, HOLD_MAY, mem_print("uses %s and has run since %s", library, start));
}

static int compare_texts(const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return (a == NULL) - (b == NULL);
	return strcmp(a, b);
}

/* 0: of one service; those without one are each for themselves. */
static int compare_services(const struct holder *a, const struct holder *b)
{
	int order = compare_texts(a->unit, b->unit);

	if (order == 0)
		order = compare_texts(a->command, b->command);
	return order != 0 || a->unit != NULL ? order : (a->pid > b->pid) - (a->pid < b->pid);
}

static int by_service(const void *a, const void *b)
{
	const struct holder *left = a, *right = b;
	int order = compare_services(left, right);

	if (order == 0)
		order = (int)left->hold - (int)right->hold;
	return order != 0 ? order : (left->pid > right->pid) - (left->pid < right->pid);
}

/* First the services that hold one for sure, then those that may; within both by name. */
static void group(struct holders *holders)
{
	struct holder *sorted = holders->count > 0 ? mem_zero(holders->count * sizeof(*sorted)) : NULL;
	size_t count = 0;

	if (sorted == NULL)
		return;
	qsort(holders->all, holders->count, sizeof(*holders->all), by_service);
	for (int hold = HOLD_SURE; hold <= HOLD_MAY; hold++)
		for (size_t i = 0, first = 0; i < holders->count; i++) {
			if (compare_services(&holders->all[first], &holders->all[i]) != 0)
				first = i;
			if ((int)holders->all[first].hold != hold)
				continue;
			sorted[count] = holders->all[i];
			sorted[count++].again = i > first;
		}
	free(holders->all);
	holders->all = sorted;
}

static int pid_of(const char *name)
{
	char *end;
	long pid = strtol(name, &end, 10);

	return name[0] >= '1' && name[0] <= '9' && *end == '\0' && pid <= INT32_MAX ? (int)pid : 0;
}

static int64_t boot_time(struct scan *scan, int proc)
{
	struct buf stat = { 0 };
	int64_t boot = CLOCK_NONE;

	scan->dir = proc;
	if (!read_at(scan, "stat", &stat) || !proc_boot(buf_view(&stat), &boot))
		boot = CLOCK_NONE;
	buf_done(&stat);
	return boot;
}

bool holders_find(const struct holders_question *question, struct holders *ret, struct err *err)
{
	struct holders holders = { 0 };
	struct scan scan = { .question = question, .holders = &holders };
	DIR *all = opendir(question->proc);
	unsigned count = 0;
	struct dirent *entry;

	if (all == NULL)
		return err_set(err, errno == ENOENT ? ERR_ABSENT : ERR_SYSTEM, "%s: %s", question->proc,
			       strerror(errno));
	scan.boot = boot_time(&scan, dirfd(all));
	while ((entry = readdir(all)) != NULL) {
		scan.pid = pid_of(entry->d_name);
		if (scan.pid == 0 || scan.pid == question->self)
			continue;
		if (++count > LIMIT_PROCESSES) {
			holders.cut = true;
			break;
		}
		scan.dir = openat(dirfd(all), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (scan.dir < 0)
			continue;
		scan.unread = false;
		look(&scan);
		close(scan.dir);
	}
	closedir(all);
	group(&holders);
	*ret = holders;
	return true;
}

void holders_done(struct holders *holders)
{
	for (size_t i = 0; i < holders->count; i++) {
		free(holders->all[i].name);
		free(holders->all[i].unit);
		free(holders->all[i].command);
		free(holders->all[i].why);
	}
	free(holders->all);
	*holders = (struct holders){ 0 };
}
