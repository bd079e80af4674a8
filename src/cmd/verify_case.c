/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/verify.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "check/reference.h"
#include "cmd/input.h"
#include "cmd/meant.h"
#include "medium/chain.h"
#include "model/der.h"
#include "model/match.h"
#include "model/store.h"

static const uint8_t any_purpose[] = { 0x55, 0x1d, 0x25, 0x00 };

static bool read_purpose(const char *text, struct verify_case *it, struct err *err)
{
	struct question *q = &it->question;
	struct wanted wanted;
	struct buf oid = { 0 };
	bool ok = input_purpose(text != NULL ? text : "server-auth", &wanted, &oid, err);

	q->purpose_implied = text == NULL;
	if (ok && wanted.any) {
		q->purpose = PURPOSE_OTHER;
		q->purpose_oid = (struct bytes){ any_purpose, sizeof(any_purpose) };
	} else if (ok) {
		q->purpose = wanted.purpose;
		q->purpose_oid = wanted.purpose < PURPOSE_ROWS ? purposes[wanted.purpose].der
							       : arena_bytes(&it->arena, wanted.oid);
	}
	buf_done(&oid);
	return ok;
}

static bool read_policies(const struct option_list *list, struct verify_case *it, struct err *err)
{
	it->policies = mem_zero((list->count + 1) * sizeof(*it->policies));
	for (size_t i = 0; i < list->count; i++) {
		struct buf oid = { 0 };
		bool ok = der_oid_read(list->all[i], &oid);

		if (ok)
			it->policies[i] = arena_bytes(&it->arena, buf_view(&oid));
		buf_done(&oid);
		if (!ok)
			return err_set(err, ERR_USAGE, "--policy: '%s' is no OID; write it as 1.2.3.4",
				       list->all[i]);
	}
	it->question.policy.oids = it->policies;
	it->question.policy.count = list->count;
	return true;
}

static bool read_question(const struct run *run, const struct verify_options *o, struct verify_case *it,
			  struct err *err)
{
	struct question *q = &it->question;

	q->at = run->show.at;
	q->max_depth = o->max_depth;
	q->revocation = (enum revocation_mode)o->revocation;
	q->strict = o->strict;
	q->policy.explicit_policy = o->explicit_policy;
	q->policy.inhibit_mapping = o->inhibit_mapping;
	q->policy.inhibit_any = o->inhibit_any;
	return read_purpose(o->purpose, it, err) && read_policies(&o->policies, it, err) &&
	       (o->name == NULL || reference_read(o->name, &it->arena, &q->reference, err) ||
		err_in(err, "--name"));
}

static bool read_files(const struct run *run, const struct option_list *list, enum proof_kind kind,
		       struct verify_case *it, struct err *err)
{
	for (size_t i = 0; i < list->count; i++)
		if (!evidence_read(&run->root, list->all[i], kind, &it->files, err))
			return err_in(err, "%s", list->all[i]);
	return true;
}

/* What is damaged helps nobody, and is told once for all targets. */
static void tell_damage(const struct run *run, const struct proof *proofs, size_t count,
			struct verify_case *it)
{
	for (size_t i = 0; i < count; i++)
		if (proofs[i].damage != NULL) {
			cmd_say(run, "'%s' is not used: %s", proofs[i].where, proofs[i].damage);
			it->incomplete = true;
		}
}

static bool read_evidence(const struct run *run, const struct verify_options *o, struct verify_case *it,
			  struct err *err)
{
	if (!read_files(run, &o->crls, PROOF_CRL, it, err) || !read_files(run, &o->ocsp, PROOF_OCSP, it, err))
		return false;
	tell_damage(run, it->files.crls, it->files.crl_count, it);
	tell_damage(run, it->files.ocsp, it->files.ocsp_count, it);
	it->evidence = (struct evidence){
		.crls = it->files.crls,
		.crl_count = it->files.crl_count,
		.ocsp = it->files.ocsp,
		.ocsp_count = it->files.ocsp_count,
		.clock = { run->at_given, clock_unsynchronised(), BUILT },
	};
	return true;
}

static bool read_intermediates(const struct run *run, const struct option_list *list, struct verify_case *it,
			       struct err *err)
{
	size_t count = 0;

	it->chains = mem_zero((list->count + 1) * sizeof(*it->chains));
	for (; it->chain_count < list->count; it->chain_count++) {
		struct chain *chain = &it->chains[it->chain_count];

		if (!chain_read(list->all[it->chain_count], &run->root, chain, err)) {
			chain_done(chain);
			return err_in(err, "%s", list->all[it->chain_count]);
		}
		if (chain->store != NULL)
			show_notes(&run->show, chain->store);
		it->incomplete = it->incomplete || (chain->store != NULL && store_incomplete(chain->store));
		count += chain->count;
	}
	it->given = mem_zero((count + 1) * sizeof(*it->given));
	for (size_t i = 0; i < it->chain_count; i++)
		for (size_t k = 0; k < it->chains[i].count; k++)
			it->given[it->given_count++] =
				(struct given){ it->chains[i].all[k].der, it->chains[i].all[k].where };
	return true;
}

/* --without: of several stores, one at least must have it. */
static bool leave_out(const struct run *run, const char *text, struct verify_case *it)
{
	bool file = meant_file(run, text);
	struct store *from = file ? input_store((struct run *)run, text) : NULL;
	struct meant meant = { 0 };
	struct match match;
	struct err err = { 0 };
	bool ok = false, any = false;

	if (file && from == NULL)
		return false;
	match_read(text, &match);
	for (size_t i = 0; i < it->store_count && !file; i++)
		if (it->stores[i].store != NULL)
			meant_find(&meant, it->stores[i].store, &match);
	if (file)
		meant_find(&meant, from, NULL);
	if (meant.count > 1) {
		meant_ambiguous(run, text, file, &meant);
		goto out;
	}
	for (size_t i = 0; i < it->store_count && meant.count == 1; i++) {
		if (it->stores[i].store == NULL ||
		    store_find(it->stores[i].store, meant.all[0].anchor->id) == NULL)
			continue;
		trust_without(it->stores[i].trust, meant.all[0].anchor->id);
		any = true;
	}
	ok = any || err_set(&err, ERR_ABSENT, "--without: no certificate like '%s' in what is trusted%s",
			    text, meant_hint(text));
	if (!ok)
		cmd_fail(run, &err);
out:
	meant_done(&meant);
	store_free(from);
	return ok;
}

static bool read_stores(struct run *run, const struct verify_options *o, struct verify_case *it)
{
	static const char *const fallback[] = { "system" };
	const char *const *names = o->stores.count > 0 ? o->stores.all : fallback;
	size_t count = o->stores.count > 0 ? o->stores.count : 1, read = 0;

	it->stores = mem_zero(count * sizeof(*it->stores));
	for (; it->store_count < count; it->store_count++) {
		struct verify_store *at = &it->stores[it->store_count];

		at->name = names[it->store_count];
		at->store = input_store(run, at->name);
		it->incomplete = it->incomplete || at->store == NULL || store_incomplete(at->store);
		if (at->store == NULL)
			continue;
		at->trust = trust_new(at->store);
		read++;
	}
	return read > 0;
}

static bool read_changes(struct run *run, const struct verify_options *o, struct verify_case *it)
{
	it->extra = mem_zero((o->with.count + 1) * sizeof(struct store *));
	for (size_t i = 0; i < o->without.count; i++)
		if (!leave_out(run, o->without.all[i], it))
			return false;
	for (size_t i = 0; i < o->with.count; i++) {
		struct store *extra = input_store(run, o->with.all[i]);

		if (extra == NULL)
			return false;
		it->extra[it->extra_count++] = extra;
		it->incomplete = it->incomplete || store_incomplete(extra);
		for (size_t k = 0; k < it->store_count; k++)
			if (it->stores[k].trust != NULL)
				trust_with(it->stores[k].trust, extra);
	}
	return true;
}

bool verify_case_read(struct run *run, const struct verify_options *options, struct verify_case *ret)
{
	struct err err = { 0 };

	if (!read_question(run, options, ret, &err)) {
		cmd_usage(run, "%s", err.text);
		return false;
	}
	if (!read_evidence(run, options, ret, &err) ||
	    !read_intermediates(run, &options->intermediates, ret, &err)) {
		cmd_fail(run, &err);
		return false;
	}
	return read_stores(run, options, ret) && read_changes(run, options, ret);
}

void verify_case_done(struct verify_case *it)
{
	for (size_t i = 0; i < it->store_count; i++) {
		trust_free(it->stores[i].trust);
		store_free(it->stores[i].store);
	}
	free(it->stores);
	for (size_t i = 0; i < it->extra_count; i++)
		store_free(it->extra[i]);
	free(it->extra);
	for (size_t i = 0; i < it->chain_count; i++)
		chain_done(&it->chains[i]);
	free(it->chains);
	free(it->given);
	free(it->policies);
	evidence_files_done(&it->files);
	arena_done(&it->arena);
	*it = (struct verify_case){ 0 };
}
