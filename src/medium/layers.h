/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which archives in an archive are the layers of images, and in which order: by the
 * manifest.json of `docker save`, by the index.json of an OCI layout (image-spec,
 * image-layout.md), or because it is a .deb, whose files are in data.tar. Digests
 * and signatures are not checked.
 */
#ifndef MEDIUM_LAYERS_H
#define MEDIUM_LAYERS_H

#include "base/texts.h"
#include "medium/tree.h"
#include "medium/unpacked.h"

struct layered {
	char *name;      /* "linux/arm64", "debian:12" */
	char *platform;  /* "linux/arm64", or "" where it is not told */
	uint32_t *units; /* the lowest first */
	size_t count;
	struct texts environment; /* "NAME=value", as its configuration has it */
};

struct layers {
	struct layered *all; /* none: it is not made of layers */
	size_t count;
	size_t chosen; /* the one for this machine, or the first */
	bool plain;    /* of a .deb: there are no whiteouts */
};

/* `tree` is of the files of the archive itself. What is missing is noted, about `name`. */
void layers_find(const struct unpacked *unpacked, struct tree *tree, const char *name, struct store *notes,
		 struct layers *ret);
void layers_done(struct layers *layers);

#endif
