/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/checked.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "format/format.h"
#include "model/pick.h"
#include "model/store.h"

static int by_id(const void *a, const void *b)
{
	return memcmp((*(const struct anchor *const *)a)->id, (*(const struct anchor *const *)b)->id, ID_LEN);
}

/* Whether the store that was read back holds the anchors that were to be written, each once, and no other. */
static bool same_set(const struct store *store, const struct pick *pick)
{
	const struct anchor **got = store_by_id(store);
	const struct anchor **want = mem_copy(pick->anchors, pick->count * sizeof(*want));
	bool same = store->count == pick->count;

	if (pick->count > 1)
		qsort(want, pick->count, sizeof(*want), by_id);
	for (size_t i = 0; same && i < pick->count; i++)
		same = memcmp(got[i]->id, want[i]->id, ID_LEN) == 0;
	free(got);
	free(want);
	return same;
}

bool checked_write(const struct format *format, const struct pick *pick, const struct style *style,
		   struct buf *to, struct err *err)
{
	struct store *back = NULL;
	bool ok = format->write(pick, style, to, err);

	if (ok) {
		back = store_new("what was written");
		ok = pick->count == 0 || format->read(buf_view(to), back, err);
	}
	if (ok) {
		store_finish(back);
		ok = same_set(back, pick) ||
		     err_set(err, ERR_DAMAGED,
			     "what was to be written as %s does not read back as the same %zu "
			     "certificates; nothing was changed",
			     format->kind.name, pick->count);
	}
	store_free(back);
	return ok;
}
