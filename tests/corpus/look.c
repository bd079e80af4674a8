/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "look.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "format/format.h"
#include "model/anchor.h"
#include "model/facts.h"
#include "model/name.h"
#include "model/store.h"

static void ask(const struct anchor *anchor)
{
	struct buf text = { 0 };
	struct facts facts;
	uint32_t hash;
	char *shown;

	facts_of(anchor, &facts);
	anchor_name(anchor, &text);
	shown = text_escaped(buf_view(&text));
	for (enum purpose p = 0; p < PURPOSE_ROWS; p++)
		anchor_serves(anchor, p, purposes[p].der);
	anchor_authority(anchor);
	name_hash(anchor->cert.subject, &hash);
	name_hash_old(anchor->cert.subject, &hash);
	free(shown);
	buf_done(&text);
	facts_done(&facts);
}

struct store *look(const struct format *format, struct bytes file, struct err *err)
{
	struct store *store = store_new("here");
	uint8_t *exact = file.len > 0 ? mem_copy(file.at, file.len) : NULL;
	bool ok = format->read((struct bytes){ exact, file.len }, store, err);

	free(exact); /* the store lives on without the file */
	if (!ok) {
		store_free(store);
		return NULL;
	}
	store_finish(store);
	for (size_t i = 0; i < store->count; i++)
		ask(&store->anchors[i]);
	for (size_t i = 0; i < store->part_count; i++)
		for (size_t k = 0; k < store->parts[i]->count; k++)
			ask(&store->parts[i]->anchors[k]);
	return store;
}

bool look_says_something(const struct store *store)
{
	return store->count > 0 || store->note_count > 0 || store->part_count > 0;
}
