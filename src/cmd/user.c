/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/user.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cmd/input.h"
#include "model/store.h"

/* By the XDG Base Directory Specification: a variable counts if it is an absolute path. */
static char *directory(const char *variable, const char *home, const char *below)
{
	const char *value = getenv(variable);

	return value != NULL && value[0] == '/' ? mem_string(value, strlen(value))
						: mem_print("%s/%s", home, below);
}

bool user_find(struct run *run, struct user_own *ret, struct err *err)
{
	const char *home = getenv("HOME");
	struct run quiet = *run;

	if (!root_is_host(&run->root))
		return err_set(err, ERR_USAGE,
			       "--user is about the user who runs this, and --root about no user");
	if (home == NULL || home[0] != '/')
		return err_set(err, ERR_USAGE, "--user: HOME names no directory; set it");
	quiet.show.quiet = true;
	ret->system = input_store(&quiet, "system");
	if (ret->system == NULL)
		return err_set(err, ERR_ABSENT, "--user: what the system trusts could not be read");
	ret->data = directory("XDG_DATA_HOME", home, ".local/share");
	ret->config = directory("XDG_CONFIG_HOME", home, ".config");
	ret->home = (struct user_home){ home, ret->data, ret->config, ret->system };
	return true;
}

void user_own_done(struct user_own *own)
{
	store_free(own->system);
	free(own->data);
	free(own->config);
	*own = (struct user_own){ 0 };
}

void user_advice(const struct run *run, const struct user_own *own, struct texts *ret)
{
	struct settings settings = { 0 };
	struct err ignored = { 0 };
	struct lack *lacking;
	size_t count = 0;

	if (!user_settings(&run->root, &own->home, &settings, &ignored))
		return;
	lacking = settings_lacking(&settings, environ, &count);
	if (count > 0)
		texts_take(ret,
			   mem_print("%zu of %zu variables are not in effect in this shell; new logins have "
				     "them (%s/environment.d/60-anchorage.conf). For now:",
				     count, settings.count, own->config));
	for (size_t i = 0; i < count; i++) {
		struct buf line = { 0 };

		setting_shell(lacking[i].setting, &line);
		if (lacking[i].has != NULL)
			buf_print(&line, "   # is now %s, and replaces what is set here", lacking[i].has);
		buf_byte(&line, '\0');
		texts_take(ret, (char *)line.at);
	}
	free(lacking);
	settings_done(&settings);
}
