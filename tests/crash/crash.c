/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A change that is killed at every system call, whose every write fails, or that finds
 * the disk full: each file is old or new at any time, and after the next start all of
 * them are one of both. CRASH_STEP=N takes every N-th step only; CRASH_VERBOSE says what
 * was said.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/err.h"
#include "medium/libarchive.h"
#include "scene.h"
#include "tracer.h"

static int tests, bad_tests;

static void verdict(const char *sentence, long bad, long runs)
{
	printf("%s %d - %s\n# %ld runs\n", bad == 0 ? "ok" : "not ok", ++tests, sentence, runs);
	bad_tests += bad != 0;
	fflush(stdout);
}

static void skip(const char *sentence, const char *why)
{
	printf("ok %d - %s # SKIP %s\n", ++tests, sentence, why);
}

/* What is to be true after any accident. 1: it is not. */
static long judge(struct scene *scene, bool undo, long at, const char *what)
{
	const char *wrong = scene_mixed(scene);
	bool new = false;

	if (wrong == NULL && !scene_recover(scene))
		wrong = "the next start fails";
	if (wrong == NULL)
		wrong = scene_settled(scene, undo, &new);
	if (wrong != NULL)
		printf("# %s %ld: %s\n", what, at, wrong);
	return wrong != NULL;
}

static long step(void)
{
	const char *text = getenv("CRASH_STEP");
	long step = text != NULL ? strtol(text, NULL, 10) : 1;

	return step > 0 ? step : 1;
}

static void killed_everywhere(struct scene *scene, bool undo)
{
	const char *sentence = undo ? "an undo killed at any system call is done or not done"
				    : "a change killed at any system call is done or not done";
	struct tracer_run run = { .killed = true };
	long bad = 0, runs = 0;

	for (long at = 0; run.killed; at += step()) {
		const struct tracer_plan plan = { .kill_at = at, .fail_at = TRACER_NEVER };

		scene_reset(scene, undo);
		if (!tracer_run(undo ? scene_undo : scene_change, scene, &plan, &run)) {
			skip(sentence, "no process can be traced here");
			return;
		}
		bad += judge(scene, undo, at, "killed at step");
		runs++;
	}
	if (run.status != 0) {
		printf("# without being killed it ends with status %d\n", run.status);
		bad++;
	}
	verdict(sentence, bad, runs);
}

static void failed_everywhere(struct scene *scene, bool undo, int with, bool for_good, const char *sentence)
{
	struct tracer_plan plan = {
		.kill_at = TRACER_NEVER, .fail_at = 0, .fail_with = with, .for_good = for_good
	};
	struct tracer_run run = { .writes = 1 };
	long bad = 0, runs = 0;

	if (!tracer_can_fail()) {
		skip(sentence, "calls can be made to fail on x86-64 only");
		return;
	}
	for (bool failed = true; failed; plan.fail_at += step()) {
		scene_reset(scene, undo);
		if (!tracer_run(undo ? scene_undo : scene_change, scene, &plan, &run)) {
			skip(sentence, "no process can be traced here");
			return;
		}
		failed = run.writes > plan.fail_at;
		if (run.status < 0 || (!failed && run.status != 0)) {
			printf("# write %ld: it ended with status %d\n", plan.fail_at, run.status);
			bad++;
		}
		bad += judge(scene, undo, plan.fail_at, strerror(with));
		runs++;
	}
	verdict(sentence, bad, runs);
}

/* A file system of its own, of which all but some pages are taken. */
static int on_full_disk(void *data)
{
	enum { PAGE = 4096, PAGES = 64, MOST_FREE = 40 };
	const char *below = data;
	static const uint8_t page[PAGE];
	struct scene scene;
	long bad = 0;

	if (unshare(CLONE_NEWNS | (geteuid() != 0 ? CLONE_NEWUSER : 0)) != 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("tmpfs", below, "tmpfs", 0, "size=512k,mode=0755") != 0)
		return 77;
	scene_begin(&scene, below);
	for (long free_pages = 0; free_pages <= MOST_FREE; free_pages++) {
		char filler[128];
		int fd;

		scene_reset(&scene, false);
		snprintf(filler, sizeof(filler), "%s/filler", below);
		fd = open(filler, O_WRONLY | O_CREAT | O_TRUNC, 0600);
		while (write(fd, page, PAGE) == PAGE)
			;
		(void)!ftruncate(fd, lseek(fd, 0, SEEK_END) - free_pages * PAGE);
		close(fd);
		if (fork() == 0)
			_exit(scene_change(&scene));
		wait(NULL);
		/* The next start has no more room than that. */
		bad += judge(&scene, false, free_pages, "pages free:");
		unlink(filler);
	}
	scene_end(&scene);
	return bad != 0;
}

static void on_a_full_disk(const char *below)
{
	static const char sentence[] = "a change on a full disk is done or not done";
	char place[64];
	int status = -1;
	pid_t pid;

	snprintf(place, sizeof(place), "%s/anchorage-full-XXXXXX", below);
	if (mkdtemp(place) == NULL)
		return;
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		exit(on_full_disk(place));
	waitpid(pid, &status, 0);
	rmdir(place);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip(sentence, "nothing may be mounted here");
	else
		verdict(sentence, status != 0, 41);
}

/* Several at once want the same, and the opposite. */
static void several_at_once(struct scene *scene)
{
	enum { ROUNDS = 6, EACH = 3 };
	long bad = 0;

	for (int round = 0; round < ROUNDS; round++) {
		const char *wrong;
		bool new;

		scene_reset(scene, false);
		fflush(stdout);
		for (int i = 0; i < EACH; i++)
			if (fork() == 0)
				_exit(scene_change(scene));
		for (int i = 0, status; i < EACH; i++)
			bad += wait(&status) < 0 || status != 0;
		wrong = scene_settled(scene, false, &new);
		if (wrong != NULL || !new) {
			printf("# %s\n", wrong != NULL ? wrong : "it is not done");
			bad++;
		}
	}
	verdict("of several at once one does it, and the others find it done", bad, ROUNDS);
}

int main(void)
{
	const char *below = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
	struct libarchive library;
	struct err err;
	struct scene scene;

	umask(022);
	/* Then the helper does not load it each time, which is hundreds of calls that touch nothing of the
	 * tree. */
	(void)!libarchive_load(&library, &err);
	(void)crypto();
	scene_begin(&scene, below);
	killed_everywhere(&scene, false);
	killed_everywhere(&scene, true);
	failed_everywhere(&scene, false, EIO, false,
			  "a change of which any one write fails is done or not done");
	failed_everywhere(&scene, false, ENOSPC, false,
			  "a change for which once there is no space is done or not done");
	failed_everywhere(&scene, false, EIO, true,
			  "a change on a disk that dies is done or not done, after the next start");
	failed_everywhere(&scene, true, EIO, false,
			  "an undo of which any one write fails is done or not done");
	several_at_once(&scene);
	scene_end(&scene);
	on_a_full_disk(below);
	printf("1..%d\n", tests);
	return bad_tests > 0;
}
