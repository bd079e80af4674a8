/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/cmd.h"

const struct cmd *const cmds[] = {
	&cmd_stores, &cmd_list,     &cmd_show,    &cmd_diff,  &cmd_export,  &cmd_verify, &cmd_add,
	&cmd_remove, &cmd_distrust, &cmd_refresh, &cmd_apply, &cmd_history, &cmd_undo,   NULL,
};
