/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The program's own data files: installed, or beside it if it was not installed, as then they are of the same
 * build. */
#ifndef FIND_OWN_H
#define FIND_OWN_H

/* Where "data/NAME" lies beside the program, else `installed`; on the host. Owned by the caller. */
char *own_path(const char *name, const char *installed);

#endif
