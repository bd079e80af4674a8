/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/mine.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "find/find.h"
#include "medium/medium.h"
#include "model/place.h"
#include "model/store.h"

/* XDG Base Directory Specification: a relative path is no path. */
static char *directory(const char *variable, const char *home, const char *otherwise)
{
	const char *value = getenv(variable);

	return value != NULL && value[0] == '/' ? mem_string(value, strlen(value))
						: mem_print("%s/%s", home, otherwise);
}

static struct store *read_system(const struct run *run, struct err *err)
{
	struct place *places = NULL;
	struct store *ret = NULL;
	size_t count = 0;

	if (find_places("system", &run->root, medium_kind, &places, &count, err) && count > 0)
		ret = medium_read(&places[0], &run->root, err);
	find_done(places, count);
	return ret;
}

struct mine *mine_find(struct run *run, struct err *err)
{
	const char *home = getenv("HOME");
	struct mine *ret;

	if (!root_is_host(&run->root)) {
		err_set(err, ERR_USAGE, "--user is for this host, and not for the one below --root");
		return NULL;
	}
	if (home == NULL || home[0] != '/') {
		err_set(err, ERR_USAGE, "$HOME does not say where this user's anchors are to be kept");
		return NULL;
	}
	ret = mem_zero(sizeof(*ret));
	ret->home = mem_string(home, strlen(home));
	ret->data = directory("XDG_DATA_HOME", home, ".local/share");
	ret->config = directory("XDG_CONFIG_HOME", home, ".config");
	ret->system = read_system(run, err);
	if (ret->system == NULL) {
		mine_free(ret);
		return NULL;
	}
	ret->as = (struct user_home){ ret->home, ret->data, ret->config, ret->system };
	return ret;
}

void mine_free(struct mine *mine)
{
	if (mine == NULL)
		return;
	free(mine->home);
	free(mine->data);
	free(mine->config);
	store_free(mine->system);
	free(mine);
}

/* A shell reads the file of variables as systemd does unless a path has what only one of them doubles. */
static char *line_for_now(const struct mine *mine, const struct settings *settings)
{
	char *path = user_variables_path(&mine->as), *ret;
	struct buf lines = { 0 };

	if (strpbrk(path, "$'\"\\`") == NULL && strpbrk(mine->data, "$'\"\\`") == NULL) {
		ret = mem_print("set -a; . '%s'; set +a", path);
	} else {
		settings_shell(settings, &lines);
		buf_byte(&lines, '\0');
		for (uint8_t *c = lines.at; *c != '\0'; c++)
			if (*c == '\n')
				*c = c[1] == '\0' ? '\0' : ';';
		ret = (char *)lines.at;
	}
	free(path);
	return ret;
}

static void tell_lacking(const struct mine *mine, const struct settings *settings, const struct lack *lacks,
			 size_t count, struct texts *ret)
{
	char *line = line_for_now(mine, settings);
	size_t unset = 0;

	for (size_t i = 0; i < count; i++) {
		unset += lacks[i].has == NULL;
		if (lacks[i].has != NULL)
			texts_take(ret, mem_print("%s is '%s' here: %s will not see it",
						  lacks[i].setting->row->name, lacks[i].has,
						  lacks[i].setting->row->used_by));
	}
	if (unset > 0)
		texts_take(ret,
			   mem_print("%zu variable%s not set in this environment yet; systemd sets %s at the "
				     "next login",
				     unset, unset == 1 ? " is" : "s are", unset == 1 ? "it" : "them"));
	texts_take(ret, mem_print("for now, and in ~/.profile where systemd starts no session: %s", line));
	free(line);
}

void mine_tell(const struct run *run, const struct mine *mine, struct texts *ret)
{
	struct settings settings = { 0 };
	struct err ignored = { 0 };
	struct lack *lacks = NULL;
	size_t count = 0;

	if (!user_settings(&run->root, &mine->as, &settings, &ignored))
		return;
	lacks = settings_lacking(&settings, environ, &count);
	if (count > 0)
		tell_lacking(mine, &settings, lacks, count, ret);
	else if (settings.count > 0)
		texts_take(ret, mem_print("all %zu variables are set in this environment", settings.count));
	free(lacks);
	settings_done(&settings);
}
