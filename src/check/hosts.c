/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/hosts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/store.h"

static int by_name(const void *a, const void *b)
{
	const struct store *const *x = a, *const *y = b;

	return strcmp((*x)->place, (*y)->place);
}

static const struct store **sorted(const struct store *host)
{
	const struct store **all = mem_zero((host->part_count + 1) * sizeof(const struct store *));

	for (size_t i = 0; i < host->part_count; i++)
		all[i] = host->parts[i];
	if (host->part_count > 1)
		qsort(all, host->part_count, sizeof(*all), by_name);
	return all;
}

static void add(struct hosts *to, enum host_kind kind, const struct store *store, const struct diff *diff)
{
	to->all = mem_grow(to->all, to->count, sizeof(*to->all));
	to->all[to->count++] = (struct host_change){ kind, store, *diff };
}

static void compare(struct hosts *to, const struct store *before, const struct store *after,
		    const struct wanted *wanted)
{
	struct diff diff = { 0 };

	if (before->unread != after->unread) {
		add(to, before->unread ? HOST_UNREAD_BEFORE : HOST_UNREAD_NOW, after, &diff);
		to->unread++;
		return;
	}
	diff_stores(before, after, wanted, &diff);
	if (diff.count > 0)
		add(to, HOST_CHANGED, after, &diff);
	else
		diff_done(&diff);
	to->same += diff.count == 0;
}

void hosts_diff(const struct store *before, const struct store *after, const struct wanted *wanted,
		struct hosts *ret)
{
	const struct store **a = sorted(before), **b = sorted(after);
	const struct diff none = { 0 };
	size_t i = 0, k = 0;

	*ret = (struct hosts){ 0 };
	while (i < before->part_count || k < after->part_count) {
		int order = i == before->part_count  ? 1
			    : k == after->part_count ? -1
						     : strcmp(a[i]->place, b[k]->place);

		if (order == 0)
			compare(ret, a[i], b[k], wanted);
		else
			add(ret, order < 0 ? HOST_REMOVED : HOST_ADDED, order < 0 ? a[i] : b[k], &none);
		i += order <= 0;
		k += order >= 0;
	}
	free(a);
	free(b);
}

void hosts_done(struct hosts *hosts)
{
	for (size_t i = 0; i < hosts->count; i++)
		diff_done(&hosts->all[i].diff);
	free(hosts->all);
	*hosts = (struct hosts){ 0 };
}
