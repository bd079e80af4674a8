/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/root.h"
#include "change/process.h"
#include "change/write.h"
#include "medium/helper.h"
#include "stage/stager.h"

enum { STEP_MS = 50 };

/* By sudo: root would write where another can put links to anywhere, and leave files that are not that
 * user's. */
static bool is_anothers(const char *home, struct err *err)
{
	struct stat st;

	return home != NULL && geteuid() == 0 && stat(home, &st) == 0 && st.st_uid != 0 &&
	       !err_set(
		       err, ERR_USAGE,
		       "--user is for who runs it, and '%s' belongs to user %u; run it as that user, without "
		       "sudo",
		       home, (unsigned)st.st_uid);
}

char *state_path(const struct root *root, bool user, struct err *err)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	if (!user)
		return mem_string(STATE_PATH, strlen(STATE_PATH));
	if (is_anothers(home, err) || is_anothers(state, err) || is_anothers(getenv("XDG_DATA_HOME"), err) ||
	    is_anothers(getenv("XDG_CONFIG_HOME"), err))
		return NULL;
	if (!root_is_host(root))
		err_set(err, ERR_USAGE, "--user is for this host, and not for the one below --root");
	else if (state != NULL && state[0] == '/')
		return mem_print("%s/anchorage", state);
	else if (home != NULL && home[0] == '/')
		return mem_print("%s/.local/state/anchorage", home);
	else
		err_set(err, ERR_USAGE, "$HOME does not say where this user's history is to be kept");
	return NULL;
}

/* Nobody else may put an entry there: what it says is done to the system. */
static bool is_ours(int fd, const char *path, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return err_set(err, ERR_SYSTEM, "cannot look at '%s': %s", path, strerror(errno));
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(
			err, ERR_UNSUPPORTED,
			"'%s' belongs to user %u; the history is kept only where nobody else can change it",
			path, (unsigned)st.st_uid);
	return (st.st_mode & 022) == 0 ||
	       err_set(err, ERR_UNSUPPORTED,
		       "others may write in '%s'; the history is kept only where nobody else can change it "
		       "(chmod go-w)",
		       path);
}

/* The system's state, or a directory above it; else it is a user's. */
static bool is_systems(const char *path)
{
	return strncmp(STATE_PATH, path, strlen(path)) == 0;
}

static const char *not_allowed(const char *path)
{
	return is_systems(path) ? " (changing a system is root's; --user changes your own stores)"
				: " (the history of --user is in $XDG_STATE_HOME, or else in $HOME)";
}

static bool cannot_make(const char *path, struct err *err)
{
	const char *advice = errno == EACCES || errno == EPERM ? not_allowed(path) : "";

	return err_set(err, ERR_SYSTEM, "cannot make '%s': %s%s", path, strerror(errno), advice);
}

/* The directory and those above it. */
/* NOLINTNEXTLINE(misc-no-recursion): as deep as the path */
static bool make_directory(const struct root *root, const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char *above;
	bool ok = true;
	int fd;

	if (slash == NULL || root_is_directory(root, path))
		return true;
	above = slash == path ? mem_string("/", 1) : mem_string(path, (size_t)(slash - path));
	if (slash != path)
		ok = make_directory(root, above, err);
	fd = ok ? root_open_at(root, above, O_RDONLY | O_DIRECTORY) : -1;
	if (ok && (fd < 0 || (mkdirat(fd, slash + 1, 0755) != 0 && errno != EEXIST)))
		ok = cannot_make(path, err);
	ok = ok && write_sync_directory(fd, err); /* the history in it must not get lost with it */
	if (fd >= 0)
		close(fd);
	free(above);
	return ok;
}

/* *ret stays -1 where there is none and none is to be made. */
static bool open_journal(int dir, bool make, const char *path, int *ret, struct err *err)
{
	if (make && mkdirat(dir, "journal", 0700) == 0) {
		if (!write_sync_directory(dir, err))
			return false;
	} else if (make && errno != EEXIST) {
		return cannot_make(path, err);
	}
	*ret = openat(dir, "journal", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*ret >= 0)
		return is_ours(*ret, path, err);
	return (errno == ENOENT && !make) ||
	       err_set(err, ERR_SYSTEM, "cannot open the history in '%s': %s%s", path, strerror(errno),
		       errno != EACCES             ? ""
		       : make || !is_systems(path) ? not_allowed(path)
						   : " (it is root's; with --user it is your own)");
}

bool state_open(const struct root *root, const char *path, bool make, struct state *ret, struct err *err)
{
	*ret = (struct state){ .root = root, .dir = -1, .journal = -1, .lock = -1, .tool_lock = -1 };
	ret->path = mem_string(path, strlen(path));
	if (make && !make_directory(root, path, err))
		return false;
	ret->dir = root_open_at(root, path, O_RDONLY | O_DIRECTORY);
	if (ret->dir < 0)
		return (!make && (errno == ENOENT || errno == ENOTDIR)) ||
		       err_set(err, ERR_SYSTEM, "cannot open '%s': %s", path, strerror(errno));
	return is_ours(ret->dir, path, err) && open_journal(ret->dir, make, path, &ret->journal, err);
}

/* Who wrote its number into our lock file. */
static char *holder_of(int fd)
{
	char text[16] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	long id = n > 0 ? strtol(text, NULL, 10) : 0;

	return id > 0 ? mem_print("anchorage (process %ld)", id) : mem_print("another anchorage");
}

/* A wait of which people are told once. */
struct wait {
	state_waits *tell;
	void *data;
	int64_t until;
	char *told;
};

/* Takes `holder`. False: it has been waited for long enough. */
static bool go_on(struct wait *wait, char *holder, struct err *err)
{
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000L };
	bool ok = helper_now() < wait->until;

	if (wait->told == NULL || strcmp(wait->told, holder) != 0) {
		if (wait->tell != NULL)
			wait->tell(wait->data, holder);
		free(wait->told);
		wait->told = holder;
	} else {
		free(holder);
	}
	if (!ok)
		return err_set(
			err, ERR_BUSY,
			"waited for %s for %d seconds; nothing was changed: try again when it has ended",
			wait->told, LIMIT_LOCK_MS / 1000);
	nanosleep(&step, NULL);
	return true;
}

/* `tool`: whose lock it is; NULL: ours. */
static bool take_lock(int fd, const char *tool, const char *path, struct wait *wait, struct err *err)
{
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return err_set(err, ERR_SYSTEM, "cannot lock '%s': %s", path, strerror(errno));
		if (!go_on(wait,
			   tool == NULL ? holder_of(fd) : mem_print("%s, which has locked '%s'", tool, path),
			   err))
			return false;
	}
	return true;
}

/* In a tree of somebody else's making it may be a device, or another name of a file that is none of ours. */
static bool open_lock(struct state *state, struct err *err)
{
	struct stat st;

	if (fstatat(state->dir, "lock", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (!S_ISREG(st.st_mode) || st.st_nlink != 1))
		return err_set(
			err, ERR_UNSUPPORTED,
			"'%s/lock' is not the file that anchorage makes; nothing was changed: remove it",
			state->path);
	state->lock =
		openat(state->dir, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	/* Who may open it may lock it: by flock(2) a reader too. */
	return (state->lock >= 0 && fchmod(state->lock, 0600) == 0) ||
	       err_set(err, ERR_SYSTEM, "cannot open '%s/lock': %s", state->path, strerror(errno));
}

static bool lock_own(struct state *state, struct wait *wait, struct err *err)
{
	char id[16];
	int len = snprintf(id, sizeof(id), "%-10d\n", (int)getpid());

	if (state->lock >= 0)
		return true; /* ours already; another descriptor would wait for this one */
	if (!open_lock(state, err))
		return false;
	if (!take_lock(state->lock, NULL, state->path, wait, err))
		return false;
	/* For who waits; it locks nothing, so a full disk does no harm. Always as long, and so over the last.
	 */
	(void)!pwrite(state->lock, id, (size_t)len, 0);
	return true;
}

/* The file is made by its owner only: where it is not, nobody has locked it. */
static bool lock_tool(struct state *state, const struct stager *system, struct wait *wait, struct err *err)
{
	const char *tool = system->tool != NULL ? system->tool : system->name;

	if (system->lock == NULL || state->tool_lock >= 0)
		return true;
	state->tool_lock = root_open_at(state->root, system->lock, O_RDONLY);
	if (state->tool_lock < 0)
		return errno == ENOENT || errno == ENOTDIR ||
		       err_set(err, ERR_SYSTEM, "cannot open '%s': %s", system->lock, strerror(errno));
	return take_lock(state->tool_lock, tool, system->lock, wait, err);
}

bool state_tool_runs(const struct state *state, const struct stager *system)
{
	return system != NULL && system->tool != NULL && process_runs(state->root, system->tool, NULL);
}

bool state_lock(struct state *state, const struct stager *system, state_waits *waits, void *data,
		struct err *err)
{
	struct wait wait = { .tell = waits, .data = data, .until = helper_now() + LIMIT_LOCK_MS };
	char *who = NULL;
	bool ok = lock_own(state, &wait, err) && (system == NULL || lock_tool(state, system, &wait, err));

	while (ok && system != NULL && system->tool != NULL &&
	       process_runs(state->root, system->tool, &who)) {
		ok = go_on(&wait, who, err);
		who = NULL;
	}
	free(wait.told);
	return ok;
}

void state_done(struct state *state)
{
	const int all[] = { state->tool_lock, state->lock, state->journal, state->dir };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (all[i] >= 0)
			close(all[i]);
	free(state->path);
	*state = (struct state){ .dir = -1, .journal = -1, .lock = -1, .tool_lock = -1 };
}
