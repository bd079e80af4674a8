/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "change/loss.h"
#include "model/pick.h"
#include "show/json.h"
#include "show/put.h"
#include "show/show.h"

void show_exported(struct show *show, const struct pick *pick, const struct losses *losses,
		   const char *format, const char *to)
{
	if (show->json) {
		show_exported_json(show, pick, losses, format, to);
		return;
	}
	if (show->quiet || to == NULL)
		return;
	put_print(show, "%zu entr%s written as %s to ", pick->count, pick->count == 1 ? "y" : "ies", format);
	put_escaped(show, bytes_of(to));
	put(show, loss_any(losses) ? "; not everything could be said in this format, see above\n" : "\n");
}
