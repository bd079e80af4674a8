/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/match.h"

#include <ctype.h>

#include "base/buf.h"
#include "base/text.h"
#include "model/anchor.h"
#include "model/facts.h"
#include "model/store.h"

enum { LEAST_DIGITS = 8 };

void match_read(const char *text, struct match *ret)
{
	size_t n = 0;

	*ret = (struct match){ .words = text };
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == ':' || *p == ' ')
			continue;
		if (!isxdigit((unsigned char)*p) || n >= sizeof(ret->hex) - 1) {
			n = 0;
			break;
		}
		ret->hex[n++] = (char)tolower((unsigned char)*p);
	}
	ret->hex[n >= LEAST_DIGITS ? n : 0] = '\0';
}

static bool match_words(const char *words, const struct anchor *anchor)
{
	struct buf text = { 0 };
	struct facts facts;
	bool found;

	facts_of(anchor, &facts);
	buf_text(&text, facts.subject);
	buf_byte(&text, ' ');
	anchor_name(anchor, &text);
	found = text_has_words(buf_view(&text), words);
	facts_done(&facts);
	buf_done(&text);
	return found;
}

bool match_anchor(const struct match *match, const struct anchor *anchor)
{
	struct buf hex = { 0 };
	size_t len = strlen(match->hex);
	bool found;

	if (len == 0)
		return match->words[strspn(match->words, " ")] != '\0' && match_words(match->words, anchor);
	if (anchor->names != ANCHOR_CERTIFICATE && anchor->names != ANCHOR_FINGERPRINT)
		return false;
	text_hex((struct bytes){ anchor->id, ID_LEN }, &hex);
	found = memcmp(hex.at, match->hex, len) == 0;
	buf_done(&hex);
	return found;
}
