/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libarchive, loaded by the helper processes that read archives and by nobody else: it
 * brings libxml2 and ICU along. A function of it is called as la.NAME(...), and has a row here.
 */
#ifndef MEDIUM_LIBARCHIVE_H
#define MEDIUM_LIBARCHIVE_H

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>

#define LIBARCHIVE_CALLS(X)                                                                                  \
	X(archive_entry_filetype)                                                                            \
	X(archive_entry_hardlink)                                                                            \
	X(archive_entry_pathname)                                                                            \
	X(archive_entry_size)                                                                                \
	X(archive_entry_size_is_set)                                                                         \
	X(archive_entry_symlink)                                                                             \
	X(archive_error_string)                                                                              \
	X(archive_filter_count)                                                                              \
	X(archive_format)                                                                                    \
	X(archive_read_data)                                                                                 \
	X(archive_read_data_block)                                                                           \
	X(archive_read_free)                                                                                 \
	X(archive_read_header_position)                                                                      \
	X(archive_read_new)                                                                                  \
	X(archive_read_next_header)                                                                          \
	X(archive_read_open)                                                                                 \
	X(archive_read_open1)                                                                                \
	X(archive_read_open_memory)                                                                          \
	X(archive_read_set_callback_data)                                                                    \
	X(archive_read_set_read_callback)                                                                    \
	X(archive_read_set_seek_callback)                                                                    \
	X(archive_read_support_filter_bzip2)                                                                 \
	X(archive_read_support_filter_gzip)                                                                  \
	X(archive_read_support_filter_lz4)                                                                   \
	X(archive_read_support_filter_lzma)                                                                  \
	X(archive_read_support_filter_rpm)                                                                   \
	X(archive_read_support_filter_xz)                                                                    \
	X(archive_read_support_filter_zstd)                                                                  \
	X(archive_read_support_format_ar)                                                                    \
	X(archive_read_support_format_cpio)                                                                  \
	X(archive_read_support_format_iso9660)                                                               \
	X(archive_read_support_format_raw)                                                                   \
	X(archive_read_support_format_tar)                                                                   \
	X(archive_read_support_format_zip)

struct libarchive {
#define X(name) __typeof__(name) *(name);
	LIBARCHIVE_CALLS(X)
#undef X
};

struct err;

/* False: ERR_UNSUPPORTED, and what to install. */
bool libarchive_load(struct libarchive *ret, struct err *err);

#endif
