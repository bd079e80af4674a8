/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/policy.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "check/member.h"
#include "check/path.h"
#include "check/policy_ext.h"
#include "check/policy_graph.h"
#include "check/question.h"
#include "check/reason.h"
#include "check/rule.h"
#include "model/der.h"

#define BY_QUESTION SIZE_MAX

/* Section 6.1.2 (d) to (f): certificates that are left before each takes effect. */
struct counters {
	size_t explicit_policy, inhibit_any, mapping;
	size_t asked_by; /* the depth whose policyConstraints made explicit_policy what it is; BY_QUESTION */
};

struct walk {
	const struct path *path;
	const struct question *question;
	struct reasons *reasons; /* NULL: not wanted */
	struct policy_graph *graph;
	struct counters left;
};

static bool refuse(struct walk *walk, enum reason_code code, size_t depth, const char *source,
		   const char *text)
{
	if (walk->reasons != NULL)
		reasons_add(walk->reasons, code, walk->path->at[depth], depth, source, "%s", text);
	return false;
}

static bool refuse_empty(struct walk *walk, size_t depth)
{
	struct buf text = { 0 };

	buf_text(&text, "no policy is valid from the anchor down to it, and one is required by ");
	if (walk->left.asked_by == BY_QUESTION)
		buf_text(&text, "what was asked");
	else if (walk->left.asked_by == depth)
		buf_text(&text, "its own policyConstraints");
	else
		buf_print(&text, "the policyConstraints of the certificate %zu above",
			  walk->left.asked_by - depth);
	buf_byte(&text, '\0');
	refuse(walk, REASON_POLICY, depth, "RFC 9618 section 5.3, RFC 5280 section 6.1.3 (f)",
	       (const char *)text.at);
	buf_done(&text);
	return false;
}

static void require_explicit(struct walk *walk, size_t depth, uint32_t skip)
{
	if (skip >= walk->left.explicit_policy)
		return;
	walk->left.explicit_policy = skip;
	walk->left.asked_by = depth;
}

static size_t less(size_t counter, uint32_t skip)
{
	return skip < counter ? skip : counter;
}

static size_t one_less(size_t counter)
{
	return counter > 0 ? counter - 1 : 0;
}

static bool self_issued(const struct member *member)
{
	return bytes_equal(member->subject, member->issuer);
}

/* Section 6.1.4 (a), (b), (h) to (j). */
static bool prepare_next(struct walk *walk, size_t depth, const struct policy_ext *ext)
{
	struct counters *left = &walk->left;

	for (size_t i = 0; i < ext->mapping_count; i++)
		if (policy_any(ext->mappings[i].issuer) || policy_any(ext->mappings[i].subject))
			return refuse(walk, REASON_POLICY, depth, "RFC 5280 section 6.1.4 (a)",
				      "it maps from or to anyPolicy");
	policy_graph_map(walk->graph, ext, left->mapping > 0);
	if (!self_issued(walk->path->at[depth])) {
		left->explicit_policy = one_less(left->explicit_policy);
		left->mapping = one_less(left->mapping);
		left->inhibit_any = one_less(left->inhibit_any);
	}
	require_explicit(walk, depth, ext->require_explicit);
	left->mapping = less(left->mapping, ext->inhibit_mapping);
	left->inhibit_any = less(left->inhibit_any, ext->inhibit_any);
	return true;
}

static bool step(struct walk *walk, size_t depth, struct policy_ext *ext)
{
	const struct member *member = walk->path->at[depth];
	bool anchor = walk->path->anchored && depth + 1 == walk->path->count;
	bool any = walk->left.inhibit_any > 0 || (depth > 0 && self_issued(member));

	if (ext->unknown_qualifier && member->cert.critical >> EXT_CERTIFICATE_POLICIES & 1)
		return refuse(walk, REASON_UNKNOWN_CRITICAL_EXTENSION, depth, "RFC 5280 section 4.2.1.4",
			      "certificatePolicies is critical and has a qualifier that is not known");
	if (anchor && !ext->present) /* section 6.1 does not ask it for policies: it stands for any */
		ext->present = ext->any = any = true;
	policy_graph_add(walk->graph, ext, any);
	if (walk->left.explicit_policy == 0 && policy_graph_empty(walk->graph))
		return refuse_empty(walk, depth);
	if (depth > 0)
		return prepare_next(walk, depth, ext);
	walk->left.explicit_policy = one_less(walk->left.explicit_policy); /* section 6.1.5 (a) */
	if (ext->require_explicit == 0)
		require_explicit(walk, depth, 0);
	return true;
}

static bool asked_for_any(const struct question *question)
{
	for (size_t i = 0; i < question->policy.count; i++)
		if (policy_any(question->policy.oids[i]))
			return true;
	return question->policy.count == 0;
}

static bool has(const struct policies *policies, struct bytes oid)
{
	for (size_t i = 0; i < policies->count; i++)
		if (bytes_equal(policies->oids[i], oid))
			return true;
	return false;
}

/* The user-constrained policies out of the authority-constrained ones, section 6.1.5 (g). */
static void constrain(const struct question *question, struct policies *policies)
{
	struct policies out = { 0 };

	if (asked_for_any(question))
		return;
	for (size_t i = 0; i < question->policy.count; i++) {
		struct bytes oid = question->policy.oids[i];

		if ((policies->any || has(policies, oid)) && !has(&out, oid)) {
			out.oids = mem_grow(out.oids, out.count, sizeof(*out.oids));
			out.oids[out.count++] = oid;
		}
	}
	policies_done(policies);
	*policies = out;
}

static void put_oids(const struct bytes *oids, size_t count, struct buf *to)
{
	for (size_t i = 0; i < count && i < LIMIT_NAMES_TOLD; i++) {
		buf_text(to, i > 0 ? ", " : "");
		if (!der_oid_text(oids[i], to))
			buf_text(to, "?");
	}
	if (count > LIMIT_NAMES_TOLD)
		buf_print(to, " and %zu more", count - LIMIT_NAMES_TOLD);
}

static bool refuse_end(struct walk *walk, const struct policies *valid)
{
	const struct question *question = walk->question;
	struct buf text = { 0 };

	buf_text(&text, "the path is valid for ");
	if (valid->count == 0)
		buf_text(&text, "no policy");
	else
		put_oids(valid->oids, valid->count, &text);
	buf_text(&text, ", and required is ");
	if (asked_for_any(question))
		buf_text(&text, "any");
	else
		put_oids(question->policy.oids, question->policy.count, &text);
	buf_byte(&text, '\0');
	refuse(walk, REASON_POLICY, 0, "RFC 9618 section 5.5, RFC 5280 section 6.1.5 (g)",
	       (const char *)text.at);
	buf_done(&text);
	return false;
}

static bool finish(struct walk *walk, struct policies *ret)
{
	struct policies policies = { 0 }, valid = { 0 };
	bool ok;

	policy_graph_end(walk->graph, &policies.oids, &policies.count, &policies.any);
	policy_graph_end(walk->graph, &valid.oids, &valid.count, &valid.any);
	constrain(walk->question, &policies);
	ok = walk->left.explicit_policy > 0 || policies.count > 0 || policies.any;
	if (!ok)
		refuse_end(walk, &valid);
	policies_done(&valid);
	if (ok)
		*ret = policies;
	else
		policies_done(&policies);
	return ok;
}

static bool process(const struct path *path, const struct question *question, struct reasons *reasons,
		    struct policies *ret)
{
	/* n + 1, where n does not count the anchor; it is walked too, so it is one more with it */
	size_t never = path->count + 1;
	struct walk walk = { .path = path, .question = question, .reasons = reasons };
	bool ok = true;

	walk.graph = policy_graph_new();
	walk.left = (struct counters){ question->policy.explicit_policy ? 0 : never,
				       question->policy.inhibit_any ? 0 : never,
				       question->policy.inhibit_mapping ? 0 : never, BY_QUESTION };
	for (size_t depth = path->count; ok && depth-- > 0;) {
		struct policy_ext ext;
		const char *why = NULL;

		ok = policy_ext_read(&path->at[depth]->cert, &ext, &why);
		if (!ok)
			refuse(&walk, REASON_MALFORMED, depth, "RFC 5280 section 4.2.1.4", why);
		else
			ok = step(&walk, depth, &ext);
		policy_ext_done(&ext);
	}
	ok = ok && finish(&walk, ret);
	policy_graph_free(walk.graph);
	return ok;
}

static bool readable(const struct path *path)
{
	for (size_t i = 0; i < path->count; i++)
		if (!path->at[i]->readable)
			return false;
	return true;
}

void policy_check(const struct trial *trial)
{
	struct policies policies = { 0 };

	if (readable(trial->path))
		process(trial->path, trial->question, trial->reasons, &policies);
	policies_done(&policies);
}

void policies_of(const struct path *path, const struct question *question, struct policies *ret)
{
	*ret = (struct policies){ 0 };
	if (readable(path))
		process(path, question, NULL, ret);
}

void policies_done(struct policies *policies)
{
	free(policies->oids);
	*policies = (struct policies){ 0 };
}
