/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/nss_write.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "medium/helper.h"
#include "medium/library.h"
#include "medium/token.h"
#include "medium/wire.h"

const uint16_t nss_purposes = PURPOSE_BIT(PURPOSE_SERVER_AUTH) | PURPOSE_BIT(PURPOSE_CLIENT_AUTH) |
			      PURPOSE_BIT(PURPOSE_EMAIL) | PURPOSE_BIT(PURPOSE_CODE_SIGNING);

static char *text_of(const struct wire *wire)
{
	struct bytes text = wire->field[WIRE_TEXT];

	return text.len > 0 ? mem_string((const char *)text.at, text.len) : NULL;
}

/* All that the helper said, of which nothing is believed that is not whole. */
static bool hear(struct bytes said, size_t count, struct nss_result *ret, struct err *err)
{
	size_t at = 0, heard = 0;
	struct wire wire;

	while (wire_next(said, &at, &wire) == WIRE_GOT) {
		uint64_t number = wire_number(&wire, WIRE_NUMBER);

		if (wire.type == WIRE_FAIL && number > ERR_NONE && number <= ERR_USAGE)
			return err_set(err, (enum err_code)number, "%.*s", (int)wire.field[WIRE_TEXT].len,
				       (const char *)wire.field[WIRE_TEXT].at);
		if (wire.type == WIRE_END)
			return heard == count || err_set(err, ERR_LIED, "NSS's softokn did not do all");
		if (wire.type != WIRE_CERTIFICATE)
			continue;
		if (heard == count || number > NSS_REFUSED)
			break;
		ret[heard++] = (struct nss_result){ (enum nss_did)number, text_of(&wire) };
	}
	return err_set(err, ERR_NONE, "%s", "");
}

static bool run(const struct nss_job *job, struct nss_result *ret, struct err *err)
{
	struct helper_job work = { .run = nss_change, .arg = job, .keep = &job->directory, .keep_count = 1 };
	struct buf said = { 0 }, fate = { 0 };
	enum helper_got got = HELPER_CLOSED;
	struct helper helper;
	bool ok;

	if (!helper_start(&work, &helper, err))
		return false;
	do
		got = helper_read(&helper, &said, token_tuning.silence_ms);
	while (got == HELPER_MORE);
	helper_end(&helper, got == HELPER_CLOSED);
	ok = got == HELPER_CLOSED && hear(buf_view(&said), job->count, ret, err);
	if (!ok && (got != HELPER_CLOSED || err->code == ERR_NONE)) {
		helper_fate(&helper, &fate);
		err_set(err, ERR_DAMAGED, "NSS's softokn %.*s while it changed a copy of the database",
			(int)fate.len, (const char *)fate.at);
	}
	helper_done(&helper);
	buf_done(&said);
	buf_done(&fate);
	return ok;
}

char *nss_softokn(struct err *err)
{
	const char *name = token_tuning.softokn;
	char *ret = strchr(name, '/') != NULL ? mem_string(name, strlen(name)) : library_find(name);

	if (ret == NULL)
		err_set(err, ERR_UNSUPPORTED,
			"an NSS database is read and written by NSS's libsoftokn3.so, which is in none of "
			"the "
			"library directories; install libnss3 (Debian, Ubuntu), nss-softokn (Fedora), nss "
			"(Arch, "
			"Alpine) or libsoftokn3 (SUSE)");
	return ret;
}

bool nss_write(const struct nss_job *job, struct nss_result *ret, struct err *err)
{
	struct nss_job whole = *job;
	char *module;
	bool ok;

	for (size_t i = 0; i < job->count; i++)
		ret[i] = (struct nss_result){ .did = NSS_REFUSED };
	*err = (struct err){ .code = ERR_NONE };
	whole.module = module = nss_softokn(err);
	ok = module != NULL && run(&whole, ret, err);
	free(module);
	return ok;
}

void nss_results_done(struct nss_result *results, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(results[i].text);
}
