/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cmd/cmd.h"

static bool is_plain(const char *text)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+,:@%";

	return *text != '\0' && text[strspn(text, plain)] == '\0';
}

char *call_root(const struct run *run)
{
	const char *path = run->root.path;
	struct buf text = { 0 };

	if (root_is_host(&run->root))
		return mem_string("", 0);
	buf_text(&text, "--root=");
	if (is_plain(path)) {
		buf_text(&text, path);
	} else {
		buf_byte(&text, '\'');
		for (; *path != '\0'; path++)
			if (*path == '\'')
				buf_text(&text, "'\\''");
			else
				buf_byte(&text, (uint8_t)*path);
		buf_byte(&text, '\'');
	}
	buf_text(&text, " ");
	buf_byte(&text, '\0');
	return (char *)text.at;
}

char *call_command(const struct run *run, const char *command, bool user)
{
	char *root = call_root(run);
	char *line = mem_print("anchorage %s%s%s", root, command, user ? " --user" : "");

	free(root);
	return line;
}
