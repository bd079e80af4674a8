/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/unpack_share.h"

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include "medium/sniff.h"
#include "medium/unpack_out.h"

enum { LARGE = 1 << 20, WORTH = 8 << 20 }; /* bytes, of a member and of all */

/* A tar that is not compressed itself has members that can be stepped over. */
static bool has_steps(int fd)
{
	uint8_t head[SNIFF_HEAD];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	return n > 0 && sniff_tar((struct bytes){ head, (size_t)n });
}

unsigned share_count(const struct unpack_job *job)
{
	cpu_set_t set;
	int processors = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
	uint64_t size = 0;

	for (size_t i = 0; i < job->count; i++) {
		struct stat st;

		if (fstat(job->inputs[i].fd, &st) != 0 || !S_ISREG(st.st_mode))
			return 1;
		size += (uint64_t)st.st_size;
	}
	if (size < WORTH || processors < 2 ||
	    (job->count == 1 && job->inputs[0].path == NULL && !has_steps(job->inputs[0].fd)))
		return 1;
	return processors < SHARES ? (unsigned)processors : SHARES;
}

void share_begin(struct unpack *u, const struct unpack_job *job)
{
	u->share = (struct share){ job->share, job->shares > 0 ? job->shares : 1, { 0 } };
	u->quiet = u->share.me > 0;
}

bool share_takes(struct unpack *u, uint64_t size)
{
	struct share *s = &u->share;
	unsigned who = 0;

	if (s->of < 2 || size < LARGE || size == UINT64_MAX)
		return s->me == 0;
	for (unsigned i = 1; i < s->of; i++)
		if (s->load[i] < s->load[who])
			who = i;
	s->load[who] += size;
	if (who != s->me && s->me == 0)
		unpack_tell(u, UNPACK_ELSEWHERE, 0, who, bytes_of(""), bytes_of(""));
	u->quiet = who != s->me && s->me > 0;
	return who == s->me;
}

void share_end(struct unpack *u)
{
	if (u->share.me == 0 || u->quiet)
		return;
	unpack_tell(u, UNPACK_BACK, 0, u->bytes, bytes_of(""), bytes_of(""));
	unpack_flush(u);
	u->quiet = true;
}
