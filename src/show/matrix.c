/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One certificate against all stores of a host: a line for each that has it, with
 * what decides, and the others by name.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "model/anchor.h"
#include "model/spot.h"
#include "model/store.h"
#include "show/constraint.h"
#include "show/json.h"
#include "show/put.h"
#include "show/show.h"

enum { MOST_NAME = 60, MOST_TRUST = 60 };

static const char *name(const struct surveyed *one)
{
	return one->spot->place.name;
}

/* The file or link that decides. */
static const char *decider(const struct surveyed *one, const struct anchor *in)
{
	return in->origin.file != NULL ? in->origin.file : one->spot->place.paths[0];
}

static size_t name_width(const struct surveyed *all, const struct anchor *const *in, size_t count)
{
	size_t width = strlen("STORE");

	for (size_t i = 0; i < count; i++) {
		char *text =
			in[i] != NULL ? text_escaped(show_name(all[i].spot, decider(&all[i], in[i]))) : NULL;
		size_t columns = text != NULL ? text_columns(bytes_of(text)) : 0;

		width = columns > width ? columns : width;
		free(text);
	}
	return width < MOST_NAME ? width : MOST_NAME;
}

static size_t trust_width(const struct anchor *const *in, size_t count)
{
	struct buf text = { 0 };
	size_t width = strlen("TRUST");

	for (size_t i = 0; i < count; i++) {
		text.len = 0;
		if (in[i] != NULL)
			show_trust(in[i], &text);
		width = text.len > width ? text.len : width;
	}
	buf_done(&text);
	return width < MOST_TRUST ? width : MOST_TRUST;
}

/* The file or link, the line, the alias: what to look at. */
static void put_decider(struct show *show, const struct origin *origin, const char *file)
{
	put_place(show, file);
	if (origin->line > 0)
		put_print(show, ", line %u", origin->line);
	if (origin->alias != NULL) {
		put(show, ", alias ");
		put_escaped(show, bytes_of(origin->alias));
	}
}

static void put_holder(struct show *show, const struct surveyed *one, const struct anchor *in, size_t names,
		       size_t trusts)
{
	struct buf text = { 0 };

	show_trust(in, &text);
	put(show, "  ");
	put_cell(show, show_name(one->spot, decider(one, in)), names, false);
	put(show, "  ");
	if (show->color)
		put(show, in->distrusted != 0       ? "\033[31m"
			  : anchor_trusted(in) != 0 ? "\033[32m"
						    : "\033[33m");
	put_cell(show, buf_view(&text), trusts, false);
	put(show, show->color ? "\033[0m  " : "  ");
	put_decider(show, &in->origin, decider(one, in));
	if (one->spot->state != SPOT_EFFECTIVE) {
		put_print(show, " (%s", spot_words[one->spot->state]);
		if (one->spot->by != NULL && show->verbose > 0) {
			put(show, " by ");
			put_escaped(show, bytes_of(one->spot->by));
		}
		put(show, ")");
	}
	put(show, "\n");
	put_attached(show, in);
	buf_done(&text);
}

/* The names of those that are in one state, filled into lines. */
static void put_others(struct show *show, const char *what, const struct surveyed *all,
		       const struct anchor *const *in, size_t count, bool readable)
{
	size_t others = 0, column;
	size_t most = show->columns > 40 ? show->columns : 100;

	for (size_t i = 0; i < count; i++)
		others += in[i] == NULL && (all[i].store != NULL) == readable;
	if (others == 0)
		return;
	put_print(show, "\n  %s %zu other%s:", what, others, others == 1 ? "" : "s");
	column = most;
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(name(&all[i]));

		if (in[i] != NULL || (all[i].store != NULL) != readable)
			continue;
		if (column + len + 2 > most || show->verbose > 0) {
			put(show, "\n    ");
			column = 4;
		} else {
			put(show, "  ");
			column += 2;
		}
		put_escaped(show, bytes_of(name(&all[i])));
		column += len;
		if (show->verbose > 0 && all[i].failed != NULL) {
			put(show, ": ");
			put_escaped(show, bytes_of(all[i].failed));
		}
	}
	put(show, "\n");
}

/* Which stores have who signed it: the next to be looked at where it is no root itself. */
static void put_issuer(struct show *show, const struct surveyed *all, const struct anchor *const *issuer,
		       size_t count)
{
	size_t have = 0, names = name_width(all, issuer, count), trusts = trust_width(issuer, count);

	for (size_t i = 0; i < count; i++)
		have += issuer[i] != NULL;
	put(show, have > 0 ? "\n  its issuer is in:\n" : "\n  its issuer is in none of them\n");
	for (size_t i = 0; i < count; i++)
		if (issuer[i] != NULL)
			put_holder(show, &all[i], issuer[i], names, trusts);
}

void show_matrix(struct show *show, const struct anchor *anchor, const struct surveyed *all,
		 const struct anchor *const *in, const struct anchor *const *issuer, size_t count)
{
	const struct store **stores;
	size_t names, trusts, have = 0;

	if (show->json) {
		show_matrix_json(show, anchor, all, in, issuer, count);
		return;
	}
	stores = mem_zero(sizeof(*stores));
	show_certificate(show, anchor, stores, NULL, NULL, 0);
	free(stores);
	names = name_width(all, in, count);
	trusts = trust_width(in, count);
	for (size_t i = 0; i < count; i++)
		have += in[i] != NULL;
	if (have > 0) {
		put(show, show->color ? "\033[2m  " : "  ");
		put_cell(show, bytes_of("STORE"), names, false);
		put(show, "  ");
		put_cell(show, bytes_of("TRUST"), trusts, false);
		put(show, show->color ? "  DECIDED BY\033[0m\n" : "  DECIDED BY\n");
	}
	for (size_t i = 0; i < count; i++)
		if (in[i] != NULL)
			put_holder(show, &all[i], in[i], names, trusts);
	put_others(show, have > 0 ? "absent from" : "in none; absent from", all, in, count, true);
	if (issuer != NULL)
		put_issuer(show, all, issuer, count);
	put_others(show, "not read:", all, in, count, false);
}
