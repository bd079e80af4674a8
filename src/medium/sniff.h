/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a file in an archive could be, by its name and its first bytes, at the
 * speed at which archives are read. A guess: the formats decide.
 */
#ifndef MEDIUM_SNIFF_H
#define MEDIUM_SNIFF_H

#include "base/bytes.h"

enum { SNIFF_HEAD = 512 }; /* bytes that are enough, of a file that has so many */

bool sniff_name(const char *path);     /* called as trust stores and certificates are */
bool sniff_store(struct bytes head);   /* begins as one that is no PEM */
bool sniff_archive(struct bytes head); /* begins as an archive, or is compressed */
bool sniff_zip(struct bytes head);
bool sniff_tar(struct bytes head); /* that is not compressed */

/* An archive that is worth looking into by its first bytes, and, where those say little, by its name. */
bool sniff_inside(struct bytes head, const char *path);

/* Called as layers of an image are, or what a .deb holds: no folder of its own, but a part of what it is in.
 */
bool sniff_layer(const char *path);

/* What has files in it and is not read, with what to do: "a squashfs file system; …"; or NULL. */
const char *sniff_closed(struct bytes head);

/* The offset of a PEM certificate's first or last line in `text`, or text.len. */
enum { SNIFF_OVERLAP = 64 }; /* bytes before a place found that may be part of its line */
size_t sniff_pem(struct bytes text);

#endif
