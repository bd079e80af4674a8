/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An archive, a package or a container image, opened as a root: a private
 * directory that holds what was wanted of it, so that every reader of files works
 * on it unchanged, and no link of it leads out. Read are tar, cpio (also several
 * behind each other, as an initramfs), zip, ar and .deb, .rpm and ISO 9660,
 * compressed by gzip, bzip2, xz, lzma, lz4 or zstd; what `docker save` writes and
 * OCI layouts, as archive or directory: their layers are put together, and `/` is
 * the image for this machine. What stands in an archive FILE within it is below
 * "FILE!", and what other images it holds below "/NAME!".
 *
 * One pass, in a process of its own (medium/unpack.h), with limits for all levels
 * together: LIMIT_IMAGE_* in base/limits.h. What is damaged, too large or left out
 * is a note. Names with ".." or in front of them "/" stay inside; links are kept as
 * links, and only the root resolves them; devices, FIFOs, owners and modes are not
 * made. Of a file larger than LIMIT_IMAGE_HEAD that is kept for a certificate
 * in it, only the head and what is around the certificates is there; the rest is
 * a hole, so that offsets are right.
 */
#ifndef MEDIUM_IMAGE_H
#define MEDIUM_IMAGE_H

#include "base/root.h"
#include "base/texts.h"
#include "medium/scratch.h"

struct store;

/* What of it is to be there. Directories are there only where something is in them, or they are asked for. */
struct image_want {
	/*
	 * Whether a regular file is wanted, by its path ("/etc/x", "/a.whl!/b"). Called in
	 * the other process: it may not change anything, open or wait. NULL: none.
	 */
	bool (*file)(const void *data, const char *path);
	const void *data;
	const char *
		asked; /* a path that is meant: what it leads to, and of a directory what is in it; or NULL */
	bool stores;   /* what is called or begins as a trust store, or holds a certificate as PEM */
};

struct image {
	struct root root; /* what was wanted, at its paths; root.path is "ARCHIVE!" */
	struct scratch scratch;
	char **others;             /* paths of other images in it, "/linux/arm64!" */
	size_t other_count, files; /* `files`: regular ones that were there, wanted or not */
	struct texts environment;  /* of the one at "/": what its configuration sets, "NAME=value" */
	bool system;               /* it holds an operating system */
	char *odd;                 /* what `asked` is where it is nothing to read: "a device"; or NULL */
};

/*
 * Notes, which name the archive, are added to `notes`. Until image_done() the
 * signals that end this process wait (helper_hold()). False: nothing of it could
 * be read; then there is nothing to free.
 */
bool image_open(const struct root *root, const char *path, const struct image_want *want, struct store *notes,
		struct image *ret, struct err *err);
void image_done(struct image *image);

/*
 * Who is told how far this process has come with an image, whoever opens it: often, with
 * what has come out of it up to now; in the end with a NULL name. NULL: nobody.
 */
typedef void image_watch(void *user, const char *name, uint64_t bytes, size_t entries);
void image_watched(image_watch *watch, void *user);

/* Whether a file is an archive by its bytes, also of a kind that is not read, or a directory an OCI layout or
 * an unpacked `docker save`. */
bool image_is(const struct root *root, const char *path);

/*
 * "ARCHIVE!/inner" apart, at the first "!" behind something that is there; "ARCHIVE!"
 * is "/". False: it is no such path, or it is a path as it stands. free() both.
 */
bool image_split(const struct root *root, const char *path, char **ret_archive, char **ret_inner);

#endif
