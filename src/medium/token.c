/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/token.h"

#include <stdlib.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "medium/helper.h"
#include "medium/wire.h"

struct token_tuning token_tuning = {
	.silence_ms = LIMIT_TOKEN_MS,
	.retry_ms = LIMIT_TOKEN_RETRY_MS,
	.trust_module = "p11-kit-trust.so",
	.softokn = "libsoftokn3.so",
};

/* How far one helper's answer has been understood. */
struct hearing {
	struct token_answer *answer;
	struct buf bytes; /* behind what was understood */
	size_t total;
	char *module;
	bool in_slot, ended, failed;
	struct err *err; /* of WIRE_FAIL */
};

static char *text_of(const struct wire *wire, enum wire_field field)
{
	return mem_string((const char *)wire->field[field].at, wire->field[field].len);
}

static struct token_slot *slot_now(struct hearing *h)
{
	return &h->answer->slots[h->answer->count - 1];
}

static void slot_begin(struct hearing *h, const struct wire *wire)
{
	struct token_answer *answer = h->answer;

	answer->slots = mem_grow(answer->slots, answer->count, sizeof(*answer->slots));
	answer->slots[answer->count++] = (struct token_slot){
		.module = mem_string(h->module != NULL ? h->module : "",
				     h->module != NULL ? strlen(h->module) : 0),
		.description = text_of(wire, WIRE_TEXT),
		.label = mem_string("", 0),
		.uri = mem_string("", 0),
		.id = wire_number(wire, WIRE_ID),
	};
	h->in_slot = true;
}

static void slot_token(struct token_slot *slot, const struct wire *wire)
{
	free(slot->label);
	free(slot->uri);
	slot->label = text_of(wire, WIRE_NAME);
	slot->uri = text_of(wire, WIRE_URI);
	slot->p11kit = wire_has(wire, WIRE_P11KIT);
	slot->matched = true;
}

/* A failure without a code of its own would be none. */
static bool hear_failure(struct hearing *h, const struct wire *wire)
{
	uint64_t code = wire_number(wire, WIRE_NUMBER);
	struct bytes text = wire->field[WIRE_TEXT];

	if (code <= ERR_NONE || code > ERR_USAGE)
		return false;
	h->failed = true;
	err_set(h->err, (enum err_code)code, "%.*s", (int)text.len, (const char *)text.at);
	return true;
}

/* False: the record is out of place. */
static bool hear(struct hearing *h, const struct wire *wire, struct bytes whole)
{
	switch (wire->type) {
	case WIRE_MODULE:
		free(h->module);
		h->module = text_of(wire, WIRE_NAME);
		return !h->in_slot;
	case WIRE_SLOT:
		if (h->in_slot || h->answer->count >= LIMIT_TOKEN_SLOTS)
			return false;
		slot_begin(h, wire);
		return true;
	case WIRE_TOKEN:
		if (h->in_slot)
			slot_token(slot_now(h), wire);
		return h->in_slot;
	case WIRE_SLOT_END:
		if (!h->in_slot)
			return false;
		h->in_slot = false;
		return true;
	case WIRE_FAIL:
		return hear_failure(h, wire);
	case WIRE_END:
		h->ended = true;
		return !h->in_slot;
	case WIRE_NOTE:
		buf_bytes(h->in_slot ? &slot_now(h)->records : &h->answer->notes, whole);
		return true;
	default:
		if (h->in_slot)
			buf_bytes(&slot_now(h)->records, whole);
		return h->in_slot;
	}
}

/* All whole records that have arrived. False, with `why`: the helper is not to be listened to. */
static bool hear_all(struct hearing *h, struct buf *why)
{
	struct bytes all = buf_view(&h->bytes);
	enum wire_got got = WIRE_SHORT;
	struct wire wire;
	size_t at = 0, from = 0;

	while (!h->ended && !h->failed && (got = wire_next(all, &at, &wire)) == WIRE_GOT) {
		if (!hear(h, &wire, (struct bytes){ all.at + from, at - from })) {
			got = WIRE_BAD;
			break;
		}
		from = at;
	}
	h->total += from;
	memmove(h->bytes.at, h->bytes.at + from, h->bytes.len - from);
	h->bytes.len -= from;
	if (got == WIRE_BAD)
		buf_text(why, "answered with what is no answer");
	else if (h->total + h->bytes.len > LIMIT_TOKEN_TOTAL)
		buf_print(why, "answered with more than %zu MiB, which is the limit",
			  LIMIT_TOKEN_TOTAL >> 20);
	return why->len == 0;
}

/* The last line printed tells most: an assertion that failed, a sanitizer's summary. */
static void last_words(const struct buf *said, struct buf *to)
{
	size_t end = said->len, start;

	while (end > 0 && (said->at[end - 1] == '\n' || said->at[end - 1] == '\r'))
		end--;
	for (start = end; start > 0 && said->at[start - 1] != '\n' && end - start < 300;)
		start--;
	if (end > start)
		buf_print(to, ": '%.*s'", (int)(end - start), (const char *)said->at + start);
}

/* Listens until the end. True: it was heard out; else `why` is how it ended. */
static bool listen(struct helper *helper, struct hearing *h, int silence_ms, struct buf *why)
{
	for (;;) {
		switch (helper_read(helper, &h->bytes, silence_ms)) {
		case HELPER_MORE:
			if (!hear_all(h, why))
				return false;
			if (h->ended || h->failed)
				return true;
			break;
		case HELPER_CLOSED:
			helper_end(helper, true);
			helper_fate(helper, why);
			last_words(&helper->said, why);
			return false;
		case HELPER_SILENT:
			buf_print(why, "gave no answer for %d.%d seconds and was stopped", silence_ms / 1000,
				  silence_ms % 1000 / 100);
			if (h->in_slot)
				slot_now(h)->silent = true;
			return false;
		case HELPER_STOPPED:
			h->failed = true;
			err_set(h->err, ERR_SYSTEM, "interrupted");
			return true;
		}
	}
}

/* Everything that is known about a helper that was not heard out goes to the slot it was in. */
static void bury(struct hearing *h, const struct buf *why)
{
	struct bytes text = buf_view(why);

	if (h->in_slot) {
		struct token_slot *slot = slot_now(h);

		buf_done(&slot->records);
		slot->death = mem_string((const char *)text.at, text.len);
	} else {
		h->answer->death = h->module != NULL ? mem_print("the module '%s' %.*s", h->module,
								 (int)text.len, (const char *)text.at)
						     : mem_print("p11-kit or a module that it loads %.*s",
								 (int)text.len, (const char *)text.at);
	}
}

bool token_ask_once(const struct token_question *question, struct token_answer *ret, struct err *err)
{
	struct helper_job job = {
		.run = token_helper,
		.arg = question,
		.keep = question->fds,
		.keep_count = question->fd_count,
	};
	struct hearing h = { .answer = ret, .err = err };
	struct buf why = { 0 };

	helper_done(&ret->last);
	if (!helper_start(&job, &ret->last, err))
		return false;
	if (listen(&ret->last, &h, question->silence_ms, &why)) {
		helper_listen(&ret->last);
		buf_bytes(&ret->said, buf_view(&ret->last.said));
		if (ret->last.said_more)
			buf_print(&ret->said, "\n(what was printed beyond %d bytes is dropped)\n",
				  LIMIT_TOKEN_WORDS);
	} else {
		bury(&h, &why);
		helper_done(&ret->last);
	}
	buf_done(&why);
	buf_done(&h.bytes);
	free(h.module);
	return !h.failed;
}

bool token_ask(const struct token_question *question, struct token_answer *ret, struct err *err)
{
	struct token_question again = *question;
	struct err late = { 0 };
	size_t before = 0;

	if (!token_ask_once(question, ret, err))
		return false;
	/* As long as helpers die in some slot, the next passes over that one too. */
	for (int runs = 1;
	     ret->death == NULL && ret->count > before && ret->slots[ret->count - 1].death != NULL; runs++) {
		if (runs >= LIMIT_TOKEN_RUNS) {
			ret->death = mem_print("%d helpers died; no more are started", runs);
			break;
		}
		before = again.skip_count = ret->count;
		again.skip = ret->slots;
		buf_done(&ret->notes); /* said again */
		buf_done(&ret->said);
		if (!token_ask_once(&again, ret, &late)) {
			ret->death = mem_string(late.text, strlen(late.text));
			break;
		}
	}
	return true;
}

void token_answer_done(struct token_answer *answer)
{
	for (size_t i = 0; i < answer->count; i++) {
		free(answer->slots[i].module);
		free(answer->slots[i].description);
		free(answer->slots[i].label);
		free(answer->slots[i].uri);
		free(answer->slots[i].death);
		buf_done(&answer->slots[i].records);
	}
	helper_done(&answer->last);
	free(answer->slots);
	free(answer->death);
	buf_done(&answer->notes);
	buf_done(&answer->said);
	*answer = (struct token_answer){ 0 };
}
