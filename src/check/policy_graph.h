/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The valid policy graph of RFC 9618 section 5: for each certificate of a path the
 * policies it may be used under, once each, with edges to those above that lead there. It
 * replaces the tree of RFC 5280 section 6.1.2 (a), which grows without bound: this is
 * never larger than the extensions it is made of. OIDs are borrowed.
 */
#ifndef CHECK_POLICY_GRAPH_H
#define CHECK_POLICY_GRAPH_H

#include "base/bytes.h"

struct policy_ext;
struct policy_graph;

struct policy_graph *policy_graph_new(void); /* one node: anyPolicy */
void policy_graph_free(struct policy_graph *graph);
bool policy_graph_empty(const struct policy_graph *graph); /* the RFC's NULL */

/* Section 6.1.3 (d) and (e). `any`: anyPolicy counts in this certificate. */
void policy_graph_add(struct policy_graph *graph, const struct policy_ext *ext, bool any);

/* Section 6.1.4 (b), for the certificate added last. `allowed`: policy_mapping is not 0. */
void policy_graph_map(struct policy_graph *graph, const struct policy_ext *ext, bool allowed);

/*
 * Section 6.1.5 (g): the authority-constrained policies, in terms of the anchor's domain. *ret
 * is an owned array, sorted, no two alike; *ret_any: anyPolicy is among them.
 */
void policy_graph_end(const struct policy_graph *graph, struct bytes **ret, size_t *ret_count, bool *ret_any);

#endif
