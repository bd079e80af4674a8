/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/retire.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "stage/put.h"

enum { HEX = 64 };

static bool hex(const char *text, size_t len, char ret[HEX + 1])
{
	if (len != HEX || strspn(text, "0123456789abcdef") < HEX)
		return false;
	memcpy(ret, text, HEX);
	ret[HEX] = '\0';
	return true;
}

/* The next field of a line, up to a tab; NULL: there is no more. */
static const char *field(const char **at, const char *end, size_t *ret_len)
{
	const char *start = *at, *tab;

	if (start >= end)
		return NULL;
	tab = memchr(start, '\t', (size_t)(end - start));
	*ret_len = (size_t)((tab != NULL ? tab : end) - start);
	*at = start + *ret_len + 1;
	return start;
}

static bool read_line(const char *line, const char *end, struct retirement *ret)
{
	size_t len = 0;
	const char *text = field(&line, end, &len);
	char *time = mem_string(text != NULL ? text : "", text != NULL ? len : 0);
	bool ok = clock_read(time, &ret->on);

	free(time);
	text = field(&line, end, &len);
	ok = ok && text != NULL && hex(text, len, ret->old);
	text = field(&line, end, &len);
	ok = ok && text != NULL && hex(text, len, ret->new);
	while ((text = field(&line, end, &len)) != NULL)
		texts_take(&ret->stores, mem_string(text, len));
	return ok && ret->stores.count > 0;
}

bool retirements_read(const struct root *root, const char *path, struct retirements *ret, struct err *err)
{
	struct buf text = { 0 };
	bool ok = true;
	unsigned line = 0;

	*ret = (struct retirements){ 0 };
	if (!root_has(root, path))
		return true;
	if (!root_read(root, path, &text, err)) {
		buf_done(&text);
		return err_in(err, "%s", path);
	}
	buf_byte(&text, '\0');
	for (const char *at = (const char *)text.at; ok && *at != '\0';) {
		const char *end = at + strcspn(at, "\n");

		line++;
		ret->all = mem_grow(ret->all, ret->count, sizeof(*ret->all));
		ret->all[ret->count] = (struct retirement){ 0 };
		ok = read_line(at, end, &ret->all[ret->count++]) ||
		     err_set(err, ERR_DAMAGED,
			     "%s: line %u is not understood; put it right, or remove it, to go on", path,
			     line);
		at = end + (*end == '\n');
	}
	buf_done(&text);
	if (!ok)
		retirements_done(ret);
	return ok;
}

void retirements_done(struct retirements *retirements)
{
	for (size_t i = 0; i < retirements->count; i++)
		texts_done(&retirements->all[i].stores);
	free(retirements->all);
	*retirements = (struct retirements){ 0 };
}

static void put_line(const struct retirement *one, struct buf *to)
{
	char time[CLOCK_TEXT];

	clock_text(one->on, time);
	buf_print(to, "%s\t%s\t%s", time, one->old, one->new);
	for (size_t i = 0; i < one->stores.count; i++)
		buf_print(to, "\t%s", one->stores.all[i]);
	buf_byte(to, '\n');
}

static bool stage(const struct root *root, const struct target *target, const struct requests *requests,
		  const struct terms *terms, struct staged *ret, struct err *err)
{
	struct retirements retirements;
	struct staged staged = { 0 };
	struct buf text = { 0 };
	char *above = mem_string(target->path, strlen(target->path));
	bool ok = retirements_read(root, target->path, &retirements, err), there = false;

	(void)requests; /* they are for stores */
	*strrchr(above, '/') = '\0';
	for (size_t i = 0; ok && i < retirements.count; i++) {
		size_t start = text.len;

		if (target->label == NULL && retirements.all[i].on <= terms->at)
			continue;
		put_line(&retirements.all[i], &text);
		there = there || (target->label != NULL && text.len - start == strlen(target->label) + 1 &&
				  memcmp(text.at + start, target->label, text.len - start - 1) == 0);
	}
	if (ok && target->label != NULL && !there)
		buf_print(&text, "%s\n", target->label);
	if (ok && text.len == 0)
		ok = put_nothing(&staged.edits, root, target->name, target->path, err);
	else if (ok)
		ok = put_directory(&staged.edits, root, target->name, above, err) &&
		     put_file(&staged.edits, root, target->name, target->path, buf_view(&text), 0644, err);
	if (ok)
		*ret = staged;
	else
		staged_done(&staged);
	retirements_done(&retirements);
	buf_done(&text);
	free(above);
	return ok;
}

const struct stager stager_retire = {
	.name = "retirements",
	.brief = "which anchors go on which day",
	.stage = stage,
};
