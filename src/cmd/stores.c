/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cmd/host.h"
#include "cmd/inside.h"
#include "find/sweep.h"
#include "model/store.h"

struct stores_options {
	bool names, scan;
};

static const struct option options[] = {
	{ "names", 'n', OPTION_FLAG, offsetof(struct stores_options, names), NULL, NULL,
	  "only where they are: no store is read" },
	{ "scan", 0, OPTION_FLAG, offsetof(struct stores_options, scan), NULL, NULL,
	  "look into all files for certificates, and list those that belong to none of the stores" },
	{ 0 },
};

/* Whether a path is the spot's, or in it if that is a directory. */
static bool within(const char *path, const char *place)
{
	size_t len = strlen(place);

	return strncmp(path, place, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

static bool claims(const struct spot *spot, const struct sweep_hit *hit)
{
	if (spot->inode == hit->inode && spot->device == hit->device)
		return true;
	for (size_t i = 0; i < spot->place.path_count; i++)
		if (within(hit->path, spot->place.paths[i]))
			return true;
	for (size_t i = 0; i < spot->alias_count; i++)
		if (within(hit->path, spot->aliases[i].path))
			return true;
	return false;
}

static bool claimed(const struct host *host, const struct sweep_hit *hit)
{
	for (size_t i = 0; i < host->count; i++)
		if (claims(host->all[i].spot, hit))
			return true;
	return false;
}

static void progress(void *run_of, const struct sweep *so_far)
{
	const struct run *run = run_of;

	show_progress(&run->show, "%llu files, %llu MiB, %zu with certificates",
		      (unsigned long long)so_far->files, (unsigned long long)(so_far->bytes >> 20),
		      so_far->count);
}

static bool scan(struct run *run, const struct host *host, struct scanned *ret, struct sweep *sweep)
{
	struct err err = { 0 };

	if (!sweep_run(&run->root, "/", run->show.quiet ? NULL : progress, run, sweep, &err)) {
		cmd_fail(run, &err);
		return false;
	}
	show_progress(&run->show, "%s", "");
	ret->files = sweep->files;
	ret->bytes = sweep->bytes;
	ret->unread = sweep->unread;
	ret->all = mem_zero((sweep->count + 1) * sizeof(*ret->all));
	for (size_t i = 0; i < sweep->count; i++)
		if (!claimed(host, &sweep->hits[i]))
			ret->all[ret->count++] = (struct unclaimed){ sweep->hits[i].path, sweep->hits[i].kind,
								     sweep->hits[i].count };
	return true;
}

/* Finds, reads and shows the stores of the run's root. */
static enum status show_all(struct run *run, const struct stores_options *o, bool image)
{
	struct host host = { 0 };
	struct scanned scanned = { 0 };
	struct sweep sweep = { 0 };
	enum status status = STATUS_TROUBLE;
	bool scanned_too = o->scan || image;

	if (!host_find(run, &host))
		return STATUS_TROUBLE;
	if (image)
		host_of_image(&host);
	if (scanned_too && !scan(run, &host, &scanned, &sweep))
		goto out;
	if (!o->names)
		host_read(run, &host);
	show_stores(&run->show, host.all, host.count, scanned_too ? &scanned : NULL,
		    root_is_host(&run->root) ? NULL : run->root.path);
	status = host.spots.cut ? STATUS_TROUBLE : STATUS_OK;
out:
	free(scanned.all);
	sweep_done(&sweep);
	host_done(&host);
	return status;
}

/* An image is a root of what was taken out of it; what belongs to no store has certificates all the same. */
static enum status of_image(struct run *run, const struct stores_options *o, const char *path)
{
	struct store *notes = store_new(path);
	struct root outer = run->root;
	struct image image;
	struct err err = { 0 };
	enum status status = STATUS_TROUBLE;

	if (!inside_open(run, path, notes, &image, &err)) {
		cmd_fail(run, &err);
		goto out;
	}
	show_notes(&run->show, notes);
	run->root = image.root;
	run->environment = &image.environment;
	status = show_all(run, o, true);
	run->root = outer;
	run->environment = NULL;
	for (size_t i = 0; i < image.other_count; i++)
		cmd_say(run, "%s holds another image: %s!%s", path, path, image.others[i]);
	image_done(&image);
	if (store_incomplete(notes))
		status = STATUS_TROUBLE;
out:
	store_free(notes);
	return status;
}

static enum status stores_run(struct run *run, void *values, int argc, char **argv)
{
	const struct stores_options *o = values;

	if (argc > 1)
		return cmd_usage(run, "it takes one directory or image at most");
	if (argc == 1 && image_is(&run->root, argv[0]))
		return of_image(run, o, argv[0]);
	if (argc == 1 && !host_enter(run, argv[0]))
		return STATUS_TROUBLE;
	return show_all(run, o, false);
}

const struct cmd cmd_stores = {
	.name = "stores",
	.args = "[DIR|IMAGE]",
	.brief = "every trust store of this host, and who uses it",
	.options = options,
	.size = sizeof(struct stores_options),
	.run = stores_run,
};
