/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "medium/lay.h"
#include "medium/listing.h"
#include "medium/sniff.h"
#include "medium/unpacked.h"
#include "model/store.h"

enum { TRIES = 3, BLOBS = 4 };

/* A descriptor that is none of the standard ones, which the other process has of its own. */
static int above(int fd)
{
	int other;

	if (fd < 0 || fd > 2)
		return fd;
	other = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	close(fd);
	return other;
}

/* An unpacked `docker save` or an OCI layout. */
static bool is_layout(const struct root *root, const char *path)
{
	static const char *const names[] = { "oci-layout", "manifest.json" };
	bool is = false;

	for (size_t i = 0; !is && i < sizeof(names) / sizeof(names[0]); i++) {
		char *file = listing_path(path, names[i]);

		is = root_is_file(root, file);
		free(file);
	}
	return is && root_is_directory(root, path);
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
	is = sniff_archive(buf_view(&head));
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
	int fd = above(root_open_file(root, path, err));

	if (fd < 0)
		return false;
	in->all = mem_grow(in->all, in->count, sizeof(*in->all));
	in->all[in->count++] = (struct unpack_input){ fd, name != NULL ? mem_print("%s", name) : NULL };
	return true;
}

/* The files of a layout, which has few folders and few files. */
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

static bool begin_scratch(struct image *image, int *ret_stage, int *ret_files, struct err *err)
{
	if (!scratch_make(&image->scratch, err))
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

/* One pass. *ret_again: there has to be another, for this path. */
static bool pass(const struct root *root, const char *path, const struct image_want *want,
		 struct store *notes, struct image *image, char **ret_again, struct err *err)
{
	struct inputs in = { 0 };
	struct unpack_job job = { .want = want };
	struct unpacked unpacked = { 0 };
	int stage = -1, files = -1;
	bool ok = begin_scratch(image, &stage, &files, err) && inputs_of(root, path, &in, err);

	job.inputs = in.all;
	job.count = in.count;
	ok = ok && unpacked_read(&job, path, stage, notes, &unpacked, err) &&
	     lay_out(&unpacked, path, want->asked, files, notes, image, ret_again, err);
	unpacked_done(&unpacked);
	inputs_done(&in);
	if (stage >= 0)
		close(stage);
	if (files >= 0)
		close(files);
	if (!ok)
		return false;
	scratch_empty(image->scratch.fd, "stage");
	image->root.path = mem_print("%s!", path);
	image->root.fd = openat(image->scratch.fd, "files", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return image->root.fd >= 0 ||
	       err_set(err, ERR_SYSTEM, "'%s': %s", image->scratch.path, strerror(errno));
}

bool image_open(const struct root *root, const char *path, const struct image_want *want, struct store *notes,
		struct image *ret, struct err *err)
{
	struct image_want now = *want;
	char *again = NULL, *asked = NULL;
	size_t told = notes->note_count;
	bool ok = false;

	for (int i = 0; i < TRIES; i++) {
		*ret = (struct image){ .root = { .fd = -1 }, .scratch = { .fd = -1 } };
		again = NULL;
		ok = pass(root, path, &now, notes, ret, &again, err);
		if (!ok || again == NULL)
			break;
		/* A link led to a file that nobody knew to be wanted: once more, and it is. */
		free(asked);
		now.asked = asked = again;
		if (i + 1 < TRIES) {
			image_done(ret);
			notes->note_count = notes->note_room = told;
		}
	}
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
	root_done(&image->root);
	scratch_done(&image->scratch);
	*image = (struct image){ .root = { .fd = -1 }, .scratch = { .fd = -1 } };
}
