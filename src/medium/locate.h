/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PKCS#11 tells the file an anchor came from, and no more. Reading that file once
 * with our own formats tells the line, so that people find it. A file that they
 * do not read, or that has changed meanwhile, leaves the anchor as it was.
 */
#ifndef MEDIUM_LOCATE_H
#define MEDIUM_LOCATE_H

struct root;
struct store;

/* For anchors with a file and no line. Reads each file once. */
void locate_lines(struct store *store, const struct root *root);

#endif
