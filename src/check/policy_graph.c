/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/policy_graph.h"

#include <stdlib.h>

#include "base/mem.h"
#include "check/policy_ext.h"

enum { NO_NODE = -1 };

struct node {
	struct bytes oid;
	size_t first, count; /* its parents, in level.edges */
	bool mapped;         /* its expected policies are those of the mappings */
	bool dead;           /* taken away by a mapping that is not allowed */
};

/* A policy that a node expects of the certificate below. */
struct expected {
	struct bytes oid;
	size_t node;
};

struct level {
	struct node *nodes; /* owned; `sorted` of them by OID, then what mappings made */
	size_t count, sorted;
	size_t *edges; /* owned; nodes of the level above */
	size_t edge_count;
	struct expected *expects; /* owned; by OID; the node of anyPolicy has none here */
	size_t expect_count;
	long any; /* the node of anyPolicy; NO_NODE */
};

struct policy_graph {
	struct level *levels; /* owned; the first holds anyPolicy alone */
	size_t count;
	bool empty;
};

static int by_oid(const void *a, const void *b)
{
	return policy_order(a, b); /* the OID is the first member of both structs */
}

static struct level *add_level(struct policy_graph *graph)
{
	struct level *level;

	graph->levels = mem_grow(graph->levels, graph->count, sizeof(*graph->levels));
	level = &graph->levels[graph->count++];
	*level = (struct level){ .any = NO_NODE };
	return level;
}

static void add_node(struct level *level, struct bytes oid)
{
	level->nodes = mem_grow(level->nodes, level->count, sizeof(*level->nodes));
	level->nodes[level->count++] = (struct node){ .oid = oid, .first = level->edge_count };
}

/* To the node added last. */
static void add_edge(struct level *level, size_t parent)
{
	level->edges = mem_grow(level->edges, level->edge_count, sizeof(*level->edges));
	level->edges[level->edge_count++] = parent;
	level->nodes[level->count - 1].count++;
}

static void add_expected(struct level *level, struct bytes oid, size_t node)
{
	level->expects = mem_grow(level->expects, level->expect_count, sizeof(*level->expects));
	level->expects[level->expect_count++] = (struct expected){ oid, node };
}

static struct node *find(const struct level *level, struct bytes oid)
{
	return level->sorted == 0 ? NULL
				  : bsearch(&oid, level->nodes, level->sorted, sizeof(*level->nodes), by_oid);
}

/* What each node expects, once the mappings are known; also whether anything is left. */
static void settle(struct policy_graph *graph, const struct policy_ext *ext, bool allowed)
{
	struct level *level = &graph->levels[graph->count - 1];
	size_t alive = 0;

	free(level->expects);
	level->expects = NULL;
	level->expect_count = 0;
	for (size_t i = 0; i < level->count; i++) {
		alive += !level->nodes[i].dead;
		if (!level->nodes[i].dead && !level->nodes[i].mapped && (long)i != level->any)
			add_expected(level, level->nodes[i].oid, i);
	}
	for (size_t i = 0; ext != NULL && allowed && i < ext->mapping_count; i++) {
		struct node *node = find(level, ext->mappings[i].issuer);

		if (node != NULL && node->mapped)
			add_expected(level, ext->mappings[i].subject, (size_t)(node - level->nodes));
	}
	if (level->expect_count > 1)
		qsort(level->expects, level->expect_count, sizeof(*level->expects), by_oid);
	graph->empty = alive == 0;
}

struct policy_graph *policy_graph_new(void)
{
	static const struct bytes any = { (const uint8_t *)"\x55\x1d\x20\x00", 4 };
	struct policy_graph *graph = mem_zero(sizeof(*graph));
	struct level *level = add_level(graph);

	add_node(level, any);
	level->any = 0;
	return graph;
}

void policy_graph_free(struct policy_graph *graph)
{
	if (graph == NULL)
		return;
	for (size_t i = 0; i < graph->count; i++) {
		free(graph->levels[i].nodes);
		free(graph->levels[i].edges);
		free(graph->levels[i].expects);
	}
	free(graph->levels);
	free(graph);
}

bool policy_graph_empty(const struct policy_graph *graph)
{
	return graph->empty;
}

/* The first of `above->expects` that is not before `oid`. */
static size_t expects_from(const struct level *above, struct bytes oid)
{
	size_t low = 0, high = above->expect_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (policy_order(&above->expects[middle].oid, &oid) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* A node under all that expect it, else under anyPolicy (6.1.3 (d) (1)). */
static void add_policy(struct level *level, const struct level *above, struct bytes oid)
{
	size_t i = expects_from(above, oid);
	bool found = i < above->expect_count && bytes_equal(above->expects[i].oid, oid);

	if (!found && above->any == NO_NODE)
		return;
	add_node(level, oid);
	if (!found)
		add_edge(level, (size_t)above->any);
	for (; i < above->expect_count && bytes_equal(above->expects[i].oid, oid); i++)
		add_edge(level, above->expects[i].node);
}

/* What is expected and not named is there by anyPolicy (6.1.3 (d) (2)). */
static void add_by_any(struct level *level, const struct level *above, const struct policy_ext *ext)
{
	for (size_t i = 0; i < above->expect_count; i++) {
		struct bytes oid = above->expects[i].oid;

		if (i > 0 && bytes_equal(oid, above->expects[i - 1].oid))
			continue;
		if (ext->count == 0 || bsearch(&oid, ext->oids, ext->count, sizeof(oid), by_oid) == NULL)
			add_policy(level, above, oid);
	}
}

void policy_graph_add(struct policy_graph *graph, const struct policy_ext *ext, bool any)
{
	const struct level *above;
	struct level *level;

	if (graph->empty || !ext->present) {
		graph->empty = true;
		return;
	}
	level = add_level(graph);
	above = &graph->levels[graph->count - 2];
	for (size_t i = 0; i < ext->count; i++)
		add_policy(level, above, ext->oids[i]);
	any = any && ext->any;
	if (any)
		add_by_any(level, above, ext);
	if (level->count > 1)
		qsort(level->nodes, level->count, sizeof(*level->nodes), by_oid);
	level->sorted = level->count;
	if (any && above->any != NO_NODE) {
		level->any = (long)level->count;
		add_node(level, graph->levels[0].nodes[0].oid);
		add_edge(level, (size_t)above->any);
	}
	settle(graph, NULL, false);
}

/* A policy that is mapped, but stands only behind anyPolicy, gets a node (6.1.4 (b) (1)). */
static void add_mapped(struct policy_graph *graph, const struct policy_ext *ext)
{
	struct level *level = &graph->levels[graph->count - 1];
	const struct level *above = &graph->levels[graph->count - 2];
	size_t before = level->count;

	for (size_t i = 0; i < ext->mapping_count; i++) {
		struct bytes oid = ext->mappings[i].issuer;
		struct node *node = find(level, oid);

		if (node != NULL) {
			node->mapped = true;
		} else if (level->any != NO_NODE &&
			   (i == 0 || !bytes_equal(oid, ext->mappings[i - 1].issuer))) {
			add_node(level, oid);
			add_edge(level, (size_t)above->any);
			level->nodes[level->count - 1].mapped = true;
		}
	}
	if (level->count == before)
		return;
	/* find() needs them sorted, and nothing points at nodes of this level yet but `any` */
	if (level->any != NO_NODE) {
		struct node any = level->nodes[level->any];

		memmove(&level->nodes[level->any], &level->nodes[level->any + 1],
			(level->count - (size_t)level->any - 1) * sizeof(any));
		level->sorted = level->count - 1;
		qsort(level->nodes, level->sorted, sizeof(any), by_oid);
		level->any = (long)level->sorted;
		level->nodes[level->any] = any;
	}
}

void policy_graph_map(struct policy_graph *graph, const struct policy_ext *ext, bool allowed)
{
	struct level *level = &graph->levels[graph->count - 1];

	if (graph->empty || ext->mapping_count == 0)
		return;
	if (allowed)
		add_mapped(graph, ext);
	for (size_t i = 0; !allowed && i < ext->mapping_count; i++) {
		struct node *node = find(level, ext->mappings[i].issuer);

		if (node != NULL)
			node->dead = true;
	}
	settle(graph, ext, allowed);
}

/* Marks the nodes of `level` from which the end is reached, by the marks of the level below it. */
static bool *reached(const struct level *level, const struct level *below, const bool *below_reached)
{
	bool *marks = mem_zero(level->count * sizeof(*marks) + 1);

	for (size_t i = 0; below == NULL && i < level->count; i++)
		marks[i] = !level->nodes[i].dead;
	for (size_t i = 0; below != NULL && i < below->count; i++)
		for (size_t k = 0; below_reached[i] && k < below->nodes[i].count; k++)
			marks[below->edges[below->nodes[i].first + k]] = true;
	return marks;
}

static bool is_under_any(const struct level *level, const struct node *node, const struct level *above)
{
	for (size_t k = 0; above->any != NO_NODE && k < node->count; k++)
		if (level->edges[node->first + k] == (size_t)above->any)
			return true;
	return false;
}

static size_t unique(struct bytes *oids, size_t count)
{
	size_t kept = 0;

	if (count > 1)
		qsort(oids, count, sizeof(*oids), by_oid);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || !bytes_equal(oids[kept - 1], oids[i]))
			oids[kept++] = oids[i];
	return kept;
}

void policy_graph_end(const struct policy_graph *graph, struct bytes **ret, size_t *ret_count, bool *ret_any)
{
	const struct level *below = NULL;
	struct bytes *oids = NULL;
	bool *marks = NULL;
	size_t count = 0;

	*ret_any = !graph->empty && graph->levels[graph->count - 1].any != NO_NODE;
	for (size_t l = graph->count; !graph->empty && l-- > 1;) {
		const struct level *level = &graph->levels[l];
		bool *now = reached(level, below, marks);

		for (size_t i = 0; i < level->count; i++)
			if (now[i] && (long)i != level->any &&
			    is_under_any(level, &level->nodes[i], level - 1)) {
				oids = mem_grow(oids, count, sizeof(*oids));
				oids[count++] = level->nodes[i].oid;
			}
		free(marks);
		marks = now;
		below = level;
	}
	free(marks);
	*ret_count = unique(oids, count);
	*ret = oids;
}
