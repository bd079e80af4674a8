/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/lock.h"

#include <stdlib.h>

#include "base/texts.h"
#include "change/apply.h"
#include "stage/stager.h"

static void waits(void *data, const char *holder)
{
	const struct run *run = data;

	cmd_say(run, "waiting for %s", holder);
}

static bool catch_up(const struct run *run, struct state *state, struct err *err)
{
	struct texts said = { 0 };
	unsigned id;
	bool ok = apply_catch_up(state, &id, &said, err);

	if (id != 0)
		cmd_say(run,
			"change %u had been interrupted before the distribution's programs were told; they "
			"were told now",
			id);
	for (size_t i = 0; i < said.count; i++)
		cmd_say(run, "%s", said.all[i]);
	texts_done(&said);
	return ok;
}

bool lock_state(const struct run *run, bool user, struct state *ret, struct err *err)
{
	char *path = state_path(&run->root, user, err);
	const struct stager *system = user ? NULL : stager_system(&run->root);
	struct texts left = { 0 };
	unsigned id = 0;
	bool ok;

	*ret = (struct state){ .dir = -1, .journal = -1, .lock = -1, .tool_lock = -1 };
	ok = path != NULL && state_open(&run->root, path, true, ret, err) &&
	     state_lock(ret, system, waits, (void *)(uintptr_t)run, err) &&
	     apply_recover(ret, &id, &left, err);
	if (ok && id != 0)
		cmd_say(run, "change %u had been interrupted; what it had done was taken back", id);
	for (size_t i = 0; ok && i < left.count; i++)
		cmd_say(run, "%s was changed by somebody else since, and is left as it is", left.all[i]);
	texts_done(&left);
	free(path);
	return ok && catch_up(run, ret, err);
}
