/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "find/own.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/mem.h"
#include "base/root.h"
#include "base/text.h"
#include "model/anchor.h"
#include "model/store.h"

char *own_path(const char *name, const char *installed)
{
	const struct root host = { .fd = -1 };
	char exe[4096], *slash, *path;
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (len > 0) {
		exe[len] = '\0';
		slash = strrchr(exe, '/');
		path = mem_print("%.*s/data/%s", (int)(slash != NULL ? slash - exe : 0), exe, name);
		if (root_is_file(&host, path))
			return path;
		free(path);
	}
	return mem_string(installed, strlen(installed));
}

static bool has_id(struct bytes table, const uint8_t id[DIGEST_LEN])
{
	struct buf hex = { 0 };
	bool has;

	text_hex((struct bytes){ id, DIGEST_LEN }, &hex);
	has = memmem(table.at, table.len, hex.at, hex.len) != NULL;
	buf_done(&hex);
	return has;
}

bool own_names(struct bytes table, const struct store *certificates)
{
	for (size_t i = 0; i < certificates->count; i++) {
		const struct anchor *anchor = &certificates->anchors[i];
		uint8_t key[DIGEST_LEN];

		if (has_id(table, anchor->id) || (anchor_key_id(anchor, key) && has_id(table, key)))
			return true;
	}
	return false;
}
