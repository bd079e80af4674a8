/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All stores of a host as a table, with -v each with what is known of it. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/text.h"
#include "model/anchor.h"
#include "model/kind.h"
#include "model/spot.h"
#include "model/store.h"
#include "show/json.h"
#include "show/put.h"
#include "show/show.h"

enum { MOST_NAME = 60, MOST_KIND = 9, COUNT = 7, DATE = 10, STATE = 9, MOST_UNCLAIMED = 40 };

const char *show_kind(const struct surveyed *one)
{
	if (one->spot->kind != NULL && strcmp(one->spot->kind, "policy") == 0)
		return "p11-kit";
	if (one->spot->kind != NULL)
		return one->spot->kind;
	return one->store != NULL && one->store->kind != NULL ? one->store->kind->name : "";
}

size_t show_trusted(const struct store *store)
{
	size_t trusted = 0;

	for (size_t i = 0; i < store->count; i++)
		trusted += anchor_trusted(&store->anchors[i]) != 0;
	return trusted;
}

int64_t show_newest(const struct store *store)
{
	int64_t newest = CLOCK_NONE;

	for (size_t i = 0; i < store->count; i++)
		if (store->anchors[i].readable && store->anchors[i].cert.not_before > newest)
			newest = store->anchors[i].cert.not_before;
	return newest;
}

struct bytes show_name(const struct spot *spot, const char *file)
{
	const char *name = spot->place.name, *colon = strchr(name, ':');

	if (colon != NULL && strcmp(colon + 1, file) == 0)
		return (struct bytes){ (const uint8_t *)name, (size_t)(colon + 1 - name) };
	return bytes_of(name);
}

static struct bytes name(const struct surveyed *one)
{
	return show_name(one->spot, one->spot->place.paths[0]);
}

static struct bytes kind(const struct surveyed *one)
{
	return bytes_of(show_kind(one));
}

/* The width of a column: of its longest cell, up to a limit. */
static size_t width(const struct surveyed *all, size_t count, struct bytes (*cell)(const struct surveyed *),
		    size_t least, size_t most)
{
	size_t width = least;

	for (size_t i = 0; i < count; i++) {
		char *text = text_escaped(cell(&all[i]));
		size_t columns = text_columns(bytes_of(text));

		if (columns > width)
			width = columns;
		free(text);
	}
	return width < most ? width : most;
}

static void put_state(struct show *show, const struct surveyed *one)
{
	bool readable = !one->read || one->store != NULL;
	const char *word = !readable ? "unread" : spot_words[one->spot->state];

	put_color(show,
		  !readable                            ? COLOR_YELLOW
		  : one->spot->state == SPOT_EFFECTIVE ? COLOR_NONE
						       : COLOR_DIM,
		  word);
	for (size_t n = strlen(word); n < STATE; n++)
		put(show, " ");
}

/* The path; a module by its library. */
static void put_place_of(struct show *show, const struct spot *spot)
{
	if (spot->kind != NULL && strcmp(spot->kind, "policy") == 0)
		put(show, "p11-kit's trust policy");
	else
		put_place(show, spot->place.paths[0]);
}

static void put_row(struct show *show, const struct surveyed *one, size_t names, size_t kinds)
{
	char date[CLOCK_TEXT], count[24] = "-";

	if (one->store != NULL)
		snprintf(count, sizeof(count), "%zu", one->store->count);
	clock_date(one->spot->changed, date);
	put_cell(show, name(one), names, false);
	put(show, "  ");
	put_cell(show, kind(one), kinds, false);
	put_print(show, "  %*s  %-*s  ", COUNT, count, DATE, date);
	put_state(show, one);
	put(show, "  ");
	put_place_of(show, one->spot);
	put(show, "\n");
}

static void detail(struct show *show, const char *what, const char *text)
{
	put_print(show, "    %-9s ", what);
	put_escaped(show, bytes_of(text));
	put(show, "\n");
}

static void details(struct show *show, const char *what, const struct texts *texts)
{
	for (size_t i = 0; i < texts->count; i++)
		detail(show, i == 0 ? what : "", texts->all[i]);
}

static void put_aliases(struct show *show, const struct spot *spot)
{
	for (size_t i = 1; i < spot->place.path_count; i++)
		detail(show, "and", spot->place.paths[i]);
	for (size_t i = 0; i < spot->alias_count; i++) {
		const struct spot_alias *alias = &spot->aliases[i];
		const char *colon = strchr(alias->name, ':');
		bool said = colon != NULL && strcmp(colon + 1, alias->path) == 0;

		put_print(show, "    %-9s ", i == 0 ? "also" : "");
		put_escaped(show, bytes_of(alias->name));
		if (!said) {
			put(show, ", ");
			put_escaped(show, bytes_of(alias->path));
		}
		put(show, "\n");
	}
}

static void put_content(struct show *show, const struct store *store)
{
	char date[CLOCK_TEXT];
	size_t trusted = show_trusted(store);

	clock_date(show_newest(store), date);
	if (trusted < store->count)
		put_print(show, "    %-9s %zu trusted, %zu not\n", "entries", trusted,
			  store->count - trusted);
	if (show_newest(store) != CLOCK_NONE)
		put_print(show, "    %-9s valid from %s\n", "newest", date);
	if (store->note_count > 0)
		put_print(show, "    %-9s %zu; 'anchorage list' shows them\n", "notes", store->note_count);
}

static void put_details(struct show *show, const struct surveyed *one)
{
	const struct spot *spot = one->spot;

	if (one->failed != NULL)
		detail(show, "unread", one->failed);
	if (spot->by != NULL)
		detail(show, spot_words[spot->state], spot->by);
	put_aliases(show, spot);
	if (one->twin != NULL)
		detail(show, "equals", one->twin->place.name);
	if (one->store != NULL)
		put_content(show, one->store);
	details(show, "used by", &spot->used_by);
	details(show, "feeds", &spot->feeds);
	if (spot->owner != NULL)
		detail(show, "of", spot->owner);
	if (spot->write != NULL)
		detail(show, "change", spot->write);
	details(show, "note", &spot->notes);
}

static void put_sum(struct show *show, const struct surveyed *all, size_t count, const char *in)
{
	size_t states[SPOT_STATES] = { 0 }, unread = 0;

	for (size_t i = 0; i < count; i++) {
		states[all[i].spot->state]++;
		unread += all[i].read && all[i].store == NULL;
	}
	put_print(show, "%zu store%s", count, count == 1 ? "" : "s");
	for (size_t i = 0; i < SPOT_STATES; i++)
		if (i != SPOT_EFFECTIVE && states[i] > 0)
			put_print(show, ", %zu %s", states[i], spot_words[i]);
	if (unread > 0)
		put_print(show, ", %zu unread", unread);
	if (in != NULL) {
		put(show, "; paths are inside ");
		put_escaped(show, bytes_of(in));
	}
	put(show, "\n");
}

static int by_count(const void *a, const void *b)
{
	const struct unclaimed *x = a, *y = b;

	return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp(x->path, y->path);
}

static void put_scanned(struct show *show, const struct scanned *scanned, bool more)
{
	size_t most = show->verbose > 0 ? scanned->count : MOST_UNCLAIMED;

	put_print(show, "\n%zu%s file%s with certificates, of %llu that were read", scanned->count,
		  more ? " more" : "", scanned->count == 1 ? "" : "s", (unsigned long long)scanned->files);
	if (scanned->unread > 0)
		put_print(show, "; %llu could not be", (unsigned long long)scanned->unread);
	put(show, "\n");
	if (scanned->count > 1)
		qsort(scanned->all, scanned->count, sizeof(*scanned->all), by_count);
	for (size_t i = 0; i < scanned->count && i < most; i++) {
		put_print(show, "  %*zu  ", COUNT, scanned->all[i].count);
		put_cell(show, bytes_of(scanned->all[i].kind), MOST_KIND, false);
		put(show, "  ");
		put_escaped(show, bytes_of(scanned->all[i].path));
		put(show, "\n");
	}
	if (scanned->count > most)
		put_print(show, "  and %zu more; -v names them all\n", scanned->count - most);
}

void show_stores(struct show *show, const struct surveyed *all, size_t count, const struct scanned *scanned,
		 const char *in)
{
	size_t names, kinds;

	if (show->json) {
		show_stores_json(show, all, count, scanned);
		return;
	}
	names = width(all, count, name, strlen("STORE"), MOST_NAME);
	kinds = width(all, count, kind, strlen("KIND"), MOST_KIND);
	if (show->color)
		put(show, "\033[2m");
	put_cell(show, bytes_of("STORE"), names, false);
	put(show, "  ");
	put_cell(show, bytes_of("KIND"), kinds, false);
	put_print(show, "  %*s  %-*s  %-*s  PLACE\n", COUNT, "ENTRIES", DATE, "CHANGED", STATE, "STATE");
	if (show->color)
		put(show, "\033[0m");
	for (size_t i = 0; i < count; i++) {
		put_row(show, &all[i], names, kinds);
		if (show->verbose > 0)
			put_details(show, &all[i]);
	}
	put_sum(show, all, count, count > 0 || (scanned != NULL && scanned->count > 0) ? in : NULL);
	if (scanned != NULL)
		put_scanned(show, scanned, count > 0);
}
