/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stddef.h>

#include "cmd/host.h"

struct stores_options {
	bool names;
};

static const struct option options[] = {
	{ "names", 'n', OPTION_FLAG, offsetof(struct stores_options, names), NULL, NULL,
	  "only where they are: no store is read" },
	{ 0 },
};

static enum status stores_run(struct run *run, void *values, int argc, char **argv)
{
	const struct stores_options *o = values;
	struct host host;

	(void)argv;
	if (argc > 0)
		return cmd_usage(run, "it takes no arguments; --root names another tree than this host's");
	if (!host_find(run, &host))
		return STATUS_TROUBLE;
	if (!o->names)
		host_read(run, &host);
	show_stores(&run->show, host.all, host.count);
	host_done(&host);
	return STATUS_OK;
}

const struct cmd cmd_stores = {
	.name = "stores",
	.args = "",
	.brief = "every trust store of this host, and who uses it",
	.options = options,
	.size = sizeof(struct stores_options),
	.run = stores_run,
};
