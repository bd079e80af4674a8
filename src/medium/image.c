/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"
#include "medium/lay.h"
#include "medium/listing.h"
#include "medium/sniff.h"
#include "medium/unpacked.h"
#include "model/store.h"

enum { TRIES = 3, BLOBS = 4 };

/* Of the process, as its terminal is: stores are read far from whoever knows of that. */
static struct unpacked_watch watched;

void image_watched(image_watch *watch, void *user)
{
	watched = (struct unpacked_watch){ watch, user };
}

/* An OCI layout, or an unpacked `docker save`, whose manifest is a list. */
static bool is_layout(const struct root *root, const char *path)
{
	char *layout = listing_path(path, "oci-layout"), *manifest = listing_path(path, "manifest.json");
	struct err err;
	bool is = root_is_file(root, layout);
	int fd = !is && root_is_file(root, manifest) ? root_open_file(root, manifest, &err) : -1;
	char first = 0;

	if (fd >= 0) {
		is = read(fd, &first, 1) == 1 && first == '[';
		close(fd);
	}
	free(layout);
	free(manifest);
	return is;
}

bool image_is(const struct root *root, const char *path)
{
	enum { HEAD = 32774 }; /* ISO 9660 says what it is behind 16 sectors */
	struct err err;
	struct buf head = { 0 };
	bool is = false;
	ssize_t n;
	int fd;

	if (!root_is_file(root, path)) /* a pipe can be read but once */
		return is_layout(root, path);
	fd = root_open_file(root, path, &err);
	if (fd < 0)
		return false;
	n = pread(fd, buf_room(&head, HEAD), HEAD, 0);
	head.len = n > 0 ? (size_t)n : 0;
	is = sniff_archive(buf_view(&head)) || sniff_closed(buf_view(&head)) != NULL;
	close(fd);
	buf_done(&head);
	return is;
}

bool image_split(const struct root *root, const char *path, char **ret_archive, char **ret_inner)
{
	const char *mark = path;

	if (strchr(path, '!') == NULL || root_has(root, path))
		return false;
	while ((mark = strchr(mark, '!')) != NULL) {
		const char *rest = ++mark;
		char *archive = mem_string(path, (size_t)(mark - 1 - path));

		if ((*rest == '/' || *rest == '\0') && root_has(root, archive)) {
			*ret_archive = archive;
			*ret_inner = mem_print("%s", *rest == '/' ? rest : "/");
			return true;
		}
		free(archive);
	}
	return false;
}

/* --- what is given to the other process --- */

struct inputs {
	struct unpack_input *all;
	size_t count;
};

static void inputs_done(struct inputs *in)
{
	for (size_t i = 0; i < in->count; i++) {
		close(in->all[i].fd);
		free(in->all[i].path);
	}
	free(in->all);
}

static bool add_input(const struct root *root, const char *path, const char *name, struct inputs *in,
		      struct err *err)
{
	int fd = fd_above(root_open_file(root, path, err));

	if (fd < 0)
		return false;
	in->all = mem_grow(in->all, in->count, sizeof(*in->all));
	in->all[in->count++] = (struct unpack_input){ fd, name != NULL ? mem_print("%s", name) : NULL };
	return true;
}

/* The files of a layout, which has few folders and few files. */
/* NOLINTNEXTLINE(misc-no-recursion): no deeper than BLOBS */
static bool add_folder(const struct root *root, const char *path, const char *name, unsigned depth,
		       struct inputs *in, struct err *err)
{
	struct listing listing;
	bool ok = listing_read(root, path, &listing, err);

	for (size_t i = 0; ok && i < listing.count; i++) {
		char *below = listing_path(path, listing.names[i]),
		     *as = mem_print("%s/%s", name, listing.names[i]);

		if (in->count >= LIMIT_IMAGE_LAYERS)
			ok = err_set(err, ERR_LIMIT, "more than %d files in a layout of an image",
				     LIMIT_IMAGE_LAYERS);
		else if (root_is_file(root, below))
			ok = add_input(root, below, as, in, err) || err_in(err, "%s", as);
		else if (depth < BLOBS && root_is_directory(root, below))
			ok = add_folder(root, below, as, depth + 1, in, err);
		free(below);
		free(as);
	}
	listing_done(&listing);
	return ok;
}

static bool inputs_of(const struct root *root, const char *path, struct inputs *ret, struct err *err)
{
	*ret = (struct inputs){ 0 };
	if (!root_is_directory(root, path))
		return add_input(root, path, NULL, ret, err);
	if (!is_layout(root, path))
		return err_set(
			err, ERR_UNSUPPORTED,
			"a directory, and neither an OCI layout nor an unpacked docker save; use --root");
	return add_folder(root, path, "", 0, ret, err);
}

/* --- opening --- */

static bool begin_scratch(unsigned *place, struct image *image, int *ret_stage, int *ret_files,
			  struct err *err)
{
	if (!scratch_make_from(place, &image->scratch, err))
		return false;
	if (mkdirat(image->scratch.fd, "stage", 0700) == 0 &&
	    mkdirat(image->scratch.fd, "files", 0700) == 0) {
		*ret_stage =
			openat(image->scratch.fd, "stage", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		*ret_files =
			openat(image->scratch.fd, "files", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	}
	return (*ret_stage >= 0 && *ret_files >= 0) ||
	       err_set(err, ERR_SYSTEM, "'%s': %s", image->scratch.path, strerror(errno));
}

struct opening {
	const struct root *root;
	const char *path;
	struct image_want want;
	struct store *notes;
	unsigned place, next; /* of the scratch directory: from which on, and from which on if it is full */
	char *again;          /* there has to be another pass, for this path */
};

static bool pass(struct opening *o, struct image *image, struct err *err)
{
	struct inputs in = { 0 };
	struct unpack_job job = { .want = &o->want };
	struct unpacked unpacked = { 0 };
	int stage = -1, files = -1;
	bool ok;

	*image = (struct image){ .root = { .fd = -1 }, .scratch = { .fd = -1 } };
	o->next = o->place;
	ok = begin_scratch(&o->next, image, &stage, &files, err) && inputs_of(o->root, o->path, &in, err);
	job.inputs = in.all;
	job.count = in.count;
	ok = ok && unpacked_read(&job, o->path, stage, o->notes, &watched, &unpacked, err) &&
	     lay_out(&unpacked, o->path, o->want.asked, files, o->notes, image, &o->again, err);
	unpacked_done(&unpacked);
	inputs_done(&in);
	if (stage >= 0)
		close(stage);
	if (files >= 0)
		close(files);
	if (!ok)
		return false;
	scratch_empty(image->scratch.fd, "stage");
	image->root.path = mem_print("%s!", o->path);
	image->root.fd = openat(image->scratch.fd, "files", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return image->root.fd >= 0 ||
	       err_set(err, ERR_SYSTEM, "'%s': %s", image->scratch.path, strerror(errno));
}

static bool is_full(const struct image *image)
{
	struct statvfs st;

	return image->scratch.path != NULL && fstatvfs(image->scratch.fd, &st) == 0 &&
	       st.f_bavail * st.f_frsize < 1 << 20;
}

bool image_open(const struct root *root, const char *path, const struct image_want *want, struct store *notes,
		struct image *ret, struct err *err)
{
	struct opening o = { .root = root, .path = path, .want = *want, .notes = notes };
	size_t told = notes->note_count, room = notes->note_room;
	char *asked = NULL;
	bool ok = false;

	for (int i = 0; i < TRIES; i++) {
		ok = pass(&o, ret, err);
		/* A link led to a file that nobody knew to be wanted; or memory is full. Once more. */
		if (i + 1 == TRIES || (ok && o.again == NULL) ||
		    (!ok && (o.next == SCRATCH_PLACES || !is_full(ret))))
			break;
		if (!ok)
			o.place = o.next;
		if (o.again != NULL) {
			free(asked);
			o.want.asked = asked = o.again;
			o.again = NULL;
		}
		image_done(ret);
		notes->note_count = told;
		notes->note_room = room;
	}
	if (watched.call != NULL)
		watched.call(watched.user, NULL, 0, 0);
	free(o.again);
	free(asked);
	if (!ok)
		image_done(ret);
	return ok;
}

void image_done(struct image *image)
{
	for (size_t i = 0; i < image->other_count; i++)
		free(image->others[i]);
	free(image->others);
	free(image->odd);
	texts_done(&image->environment);
	root_done(&image->root);
	scratch_done(&image->scratch);
	*image = (struct image){ .root = { .fd = -1 }, .scratch = { .fd = -1 } };
}
