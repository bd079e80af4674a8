/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/call.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmd/cmd.h"

char *call_root(const struct run *run)
{
	struct buf text = { 0 };

	if (root_is_host(&run->root))
		return mem_string("", 0);
	buf_text(&text, "--root=");
	text_shell(run->root.path, &text);
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
