/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "change/loss.h"
#include "change/replace.h"
#include "cmd/input.h"
#include "stage/output.h"
#include "model/anchor.h"
#include "model/edit.h"
#include "model/kind.h"
#include "model/store.h"

enum lossy { LOSSY_KEEP, LOSSY_SKIP, LOSSY_FAIL };

struct export_options {
	int format, filter, lossy;
	const char *purpose;
	bool comment, overwrite, allow_empty;
};

static const char *format_word(unsigned n)
{
	return outputs[n].name;
}

static const char *lossy_word(unsigned n)
{
	static const char *const words[] = { "keep", "skip", "fail", NULL };

	return words[n];
}

static const struct option options[] = {
	{ "format", 'F', OPTION_CHOICE, offsetof(struct export_options, format), "FORMAT", format_word,
	  "what to make (default pem-bundle)" },
	{ "filter", 'f', OPTION_CHOICE, offsetof(struct export_options, filter), "WHAT", input_filter_word,
	  "which entries: ca-anchors (default; of an inventory all), trust-policy, blocklist, certificates, "
	  "all" },
	{ "purpose", 'p', OPTION_TEXT, offsetof(struct export_options, purpose), "PURPOSE",
	  input_purpose_word,
	  "only anchors for this; server-auth where the format knows no purposes, unless 'any' is given" },
	{ "comment", 'c', OPTION_FLAG, offsetof(struct export_options, comment), NULL, NULL,
	  "a line with the name before each PEM block" },
	{ "overwrite", 0, OPTION_FLAG, offsetof(struct export_options, overwrite), NULL, NULL,
	  "replace what is there" },
	{ "on-lossy", 0, OPTION_CHOICE, offsetof(struct export_options, lossy), "WHAT", lossy_word,
	  "anchors the format cannot fully express: keep and report (default), skip, or fail" },
	{ "allow-empty", 0, OPTION_FLAG, offsetof(struct export_options, allow_empty), NULL, NULL,
	  "write even if no certificate is left" },
	{ 0 },
};

static void preset(void *values)
{
	((struct export_options *)values)->filter = -1; /* by what is written */
}

/* What is to be exported, and in which shape. */
struct export
{
	const struct export_options *o;
	const struct output *output;
	enum filter filter;
	struct kind target; /* what the output can say, or what the user knows of it */
	struct pick pick;
	struct losses losses;
	struct edits edits;
};

/* As `trust` does: a format without purposes is for TLS servers unless told otherwise. */
static void choose_servers(const struct run *run, struct export *e, const struct store *store)
{
	const struct wanted any = { .any = true };
	struct wanted servers = { .purpose = PURPOSE_SERVER_AUTH };
	struct pick all;

	servers.oid = purposes[PURPOSE_SERVER_AUTH].der;
	pick_from(store, e->filter, &servers, &e->pick);
	pick_from(store, e->filter, &any, &all);
	if (all.count > e->pick.count)
		cmd_say(run,
			"%s cannot say for what an anchor is trusted: %zu for server-auth, and not %zu for "
			"other purposes (--purpose chooses, 'any' takes all)",
			e->output->name, e->pick.count, all.count - e->pick.count);
	pick_done(&all);
}

/* What the default filter passes over is said; who gave --filter knows. */
static void say_left_out(const struct run *run, const struct store *store)
{
	size_t others = 0, distrusted = 0;

	for (size_t i = 0; i < store->count; i++) {
		const struct anchor *anchor = &store->anchors[i];
		bool trusted = anchor_trusted(anchor) != 0;

		others += trusted && anchor->readable && !anchor_authority(anchor);
		distrusted += !trusted && anchor->distrusted != 0;
	}
	if (others > 0)
		cmd_say(run, "%zu %s left out (--filter=all takes everything)", others,
			others == 1 ? "anchor that is no CA is" : "anchors that are no CAs are");
	if (distrusted > 0)
		cmd_say(run, "%zu distrusted %s left out (--filter=trust-policy takes %s too)", distrusted,
			distrusted == 1 ? "entry is" : "entries are", distrusted == 1 ? "it" : "them");
}

static bool choose(struct run *run, struct export *e, const struct store *store, struct buf *oid,
		   struct err *err)
{
	bool skip = e->o->lossy == LOSSY_SKIP, list = e->filter == FILTER_BLOCKLIST;
	struct wanted wanted;

	if (!input_purpose(e->o->purpose, &wanted, oid, err))
		return false;
	e->target = *output_kind(e->output);
	if (!e->o->comment && strcmp(e->target.name, "pem") == 0)
		e->target.can &= ~(unsigned)CAN_LABEL; /* only comments hold it */
	if (list && !(e->target.can & CAN_DISTRUST))
		cmd_say(run, "%s: a list of what is NOT trusted; nothing may use it as a trust store",
			e->output->name);
	if (list)
		e->target.can |= CAN_DISTRUST; /* the whole file says it */
	if (e->o->purpose == NULL && !(e->target.can & CAN_PURPOSE) && !list &&
	    e->filter != FILTER_CERTIFICATES)
		choose_servers(run, e, store);
	else
		pick_from(store, e->filter, &wanted, &e->pick);
	if (e->o->filter < 0 && e->filter == FILTER_CA_ANCHORS)
		say_left_out(run, store);
	loss_find(&e->pick, &e->target, skip, &e->losses);
	loss_drop(&e->pick, &e->target, skip);
	return true;
}

static bool write_out(struct run *run, struct export *e, const char *to, struct err *err)
{
	const struct style style = { e->o->comment, run->show.at };
	unsigned foreign = 0;

	if (!output_stage(e->output, &e->pick, &style, &e->edits, err))
		return false;
	if (to == NULL) {
		buf_bytes(&run->show.out, buf_view(&e->edits.all[0].content));
		return true;
	}
	if (e->output->layout == LAYOUT_FILE)
		return replace_file(&run->root, to, buf_view(&e->edits.all[0].content), e->o->overwrite, err);
	if (e->o->overwrite && root_is_directory(&run->root, to) &&
	    !output_stage_stale(e->output, &run->root, to, &e->edits, &foreign, err))
		return err_in(err, "%s", to);
	if (foreign > 0)
		cmd_say(run, "%u file%s in the directory %s not from an export and %s left alone", foreign,
			foreign == 1 ? "" : "s", foreign == 1 ? "is" : "are", foreign == 1 ? "is" : "are");
	return replace_directory(&run->root, to, &e->edits, e->o->overwrite, err);
}

static bool may_write(const struct run *run, const struct export *e, const char *to, struct err *err)
{
	if (e->pick.count == 0 && !e->o->allow_empty)
		return err_set(err, ERR_USAGE,
			       "no certificate is left to write; an empty %s would trust nothing "
			       "(--allow-empty writes it all the same)",
			       e->output->name);
	if (to == NULL && e->output->layout != LAYOUT_FILE)
		return err_set(err, ERR_USAGE,
			       "%s is a directory; say which, as in: anchorage export --format=%s STORE DIR",
			       e->output->name, e->output->name);
	if (to != NULL && e->output->layout == LAYOUT_FILE && root_is_directory(&run->root, to))
		return err_set(err, ERR_USAGE, "'%s' is a directory, and %s is one file: name the file", to,
			       e->output->name);
	if (to != NULL && e->output->layout != LAYOUT_FILE && root_has(&run->root, to) &&
	    !root_is_directory(&run->root, to))
		return err_set(err, ERR_USAGE, "'%s' is no directory, and %s is one", to, e->output->name);
	if (to == NULL && !e->output->text && isatty(fileno(run->show.to)))
		return err_set(err, ERR_USAGE, "%s is no text for a terminal; name a file to write to",
			       e->output->name);
	return true;
}

static enum status export_run(struct run *run, void *values, int argc, char **argv)
{
	struct export e = { .o = values };
	const char *to = argc == 2 && strcmp(argv[1], "-") != 0 ? argv[1] : NULL;
	struct store *store = NULL;
	struct buf oid = { 0 };
	struct err err = { 0 };
	enum status status = STATUS_TROUBLE;

	if (argc < 1 || argc > 2)
		return cmd_usage(run,
				 "it takes a store and, unless it goes to standard output, where to write");
	e.output = &outputs[e.o->format];
	if (e.o->filter >= 0)
		e.filter = (enum filter)e.o->filter;
	else
		e.filter = strcmp(e.output->format, "inventory") == 0 ? FILTER_ALL : FILTER_CA_ANCHORS;
	store = input_store(run, argv[0]);
	if (store == NULL)
		goto out;
	if (store->part_count > 0) {
		err_set(&err, ERR_USAGE, "%s: an inventory of %zu stores; name one as FILE!NAME", argv[0],
			store->part_count);
		cmd_fail(run, &err);
		goto out;
	}
	if (run->show.json && to == NULL) { /* no object will hold them */
		run->show.json = false;
		show_notes(&run->show, store);
		run->show.json = true;
	}
	if (store_incomplete(store)) {
		err_set(&err, ERR_DAMAGED, "not all of '%s' could be read, so nothing is written", argv[0]);
		cmd_fail(run, &err);
		goto out;
	}
	if (!choose(run, &e, store, &oid, &err)) {
		cmd_fail(run, &err);
		goto out;
	}
	if (!run->show.json || to == NULL)
		show_losses(&run->show, &e.losses, e.output->name);
	if (e.o->lossy == LOSSY_FAIL && loss_any(&e.losses)) {
		err_set(&err, ERR_UNSUPPORTED,
			"%s cannot say all of this (--on-lossy=fail); nothing is written", e.output->name);
		cmd_fail(run, &err);
		e.pick.count = 0;
		show_exported(&run->show, &e.pick, &e.losses, e.output->name, NULL);
		status = STATUS_NO;
		goto out;
	}
	if (!may_write(run, &e, to, &err) || !write_out(run, &e, to, &err)) {
		cmd_fail(run, &err);
		goto out;
	}
	if (to != NULL)
		show_exported(&run->show, &e.pick, &e.losses, e.output->name, to);
	status = STATUS_OK;
out:
	edits_done(&e.edits);
	losses_done(&e.losses);
	pick_done(&e.pick);
	store_free(store);
	buf_done(&oid);
	return status;
}

const struct cmd cmd_export = {
	.name = "export",
	.args = "STORE [DEST]",
	.brief = "a store in another format, with a report of what that format cannot say",
	.options = options,
	.size = sizeof(struct export_options),
	.preset = preset,
	.run = export_run,
};
