/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/summary.h"

#include <string.h>

#include "base/text.h"
#include "cmd/change.h"
#include "model/anchor.h"

/* Of all stores and of each alone, each once. */
static void gather_requests(const struct changing *changing, struct requests *ret)
{
	struct requests all = { 0 };

	requests_join(&all, &changing->requests);
	for (size_t i = 0; i < changing->count; i++)
		if (!changing->targets[i].own)
			requests_join(&all, &changing->tasks[i].requests);
	for (size_t i = 0; i < all.count; i++)
		if (!requests_repeat(&all, i))
			requests_add(ret, all.all[i].kind, all.all[i].anchor);
	requests_done(&all);
}

/* What the command's name does not say of a request. */
static const char *other_word(const struct request *request, const char *verb)
{
	static const char *const words[REQUEST_KINDS] = { "trust ", "remove ", "distrust ", "allow again " };
	const char *word = words[request->kind];

	return strncmp(word, verb, strlen(verb)) == 0 ? "" : word;
}

char *summary_of(const struct changing *changing, const char *verb)
{
	enum { SHORT = 8, MOST = 3 };
	struct requests requests = { 0 };
	struct buf text = { 0 };
	bool named = false;

	gather_requests(changing, &requests);
	buf_text(&text, verb);
	if (requests.count > 0 && strcmp(verb, "apply") == 0)
		buf_text(&text, ":");
	for (size_t i = 0; i < requests.count && i < MOST; i++) {
		buf_print(&text, "%s%s", i > 0 ? ", " : " ", other_word(&requests.all[i], verb));
		anchor_name(requests.all[i].anchor, &text);
		buf_text(&text, " (");
		text_hex((struct bytes){ requests.all[i].anchor->id, SHORT }, &text);
		buf_text(&text, ")");
	}
	if (requests.count > MOST)
		buf_print(&text, " and %zu more", requests.count - MOST);
	for (size_t i = 0; i < changing->count; i++) {
		if (changing->targets[i].own)
			continue;
		buf_print(&text, "%s%s", named ? ", " : " in ", changing->targets[i].name);
		named = true;
	}
	requests_done(&requests);
	buf_byte(&text, '\0');
	return (char *)text.at;
}
