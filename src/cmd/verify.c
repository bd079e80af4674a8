/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/verify.h"

#include <string.h>

#include "cmd/input.h"
#include "find/find.h"
#include "show/verdict.h"

static const char *revocation_word(unsigned n)
{
	return n <= REVOCATION_REQUIRE ? verdict_modes[n] : NULL;
}

#define AT(field) offsetof(struct verify_options, field)
static const struct option options[] = {
	{ "store", 's', OPTION_LIST, AT(stores), "STORE", find_name,
	  "what is trusted (default: system); of several each is asked" },
	{ "purpose", 'p', OPTION_TEXT, AT(purpose), "PURPOSE", input_purpose_word,
	  "what it is to be used for: a name or an OID (default server-auth)" },
	{ "name", 'n', OPTION_TEXT, AT(name), "NAME", NULL,
	  "the host, IP address or mail address that it must be for" },
	{ "intermediates", 'i', OPTION_LIST, AT(intermediates), "FILE", NULL,
	  "certificates that may help to build the path" },
	{ "crl", 0, OPTION_LIST, AT(crls), "FILE", NULL, "revocation lists" },
	{ "ocsp", 0, OPTION_LIST, AT(ocsp), "FILE", NULL, "OCSP responses" },
	{ "revocation", 0, OPTION_CHOICE, AT(revocation), "WHEN", revocation_word,
	  "off, prefer (default: by what is at hand), or require (unknown is rejected)" },
	{ "max-depth", 0, OPTION_NUMBER, AT(max_depth), "N", NULL,
	  "at most so many certificates between the target and the anchor" },
	{ "with", 0, OPTION_LIST, AT(with), "FILE", NULL, "as if the certificates in FILE were anchors" },
	{ "without", 0, OPTION_LIST, AT(without), "CERT", NULL, "as if the store did not have CERT" },
	{ "policy", 0, OPTION_LIST, AT(policies), "OID", NULL,
	  "a certificate policy that is acceptable (default: any)" },
	{ "explicit-policy", 0, OPTION_FLAG, AT(explicit_policy), NULL, NULL,
	  "the path must be valid for an acceptable policy" },
	{ "inhibit-mapping", 0, OPTION_FLAG, AT(inhibit_mapping), NULL, NULL,
	  "policies are not mapped to others" },
	{ "inhibit-any", 0, OPTION_FLAG, AT(inhibit_any), NULL, NULL, "anyPolicy stands for none" },
	{ "strict", 0, OPTION_FLAG, AT(strict), NULL, NULL,
	  "also by rules that some real chains break, as some clients do" },
	{ "null", '0', OPTION_FLAG, AT(null), NULL, NULL,
	  "targets are listed on standard input, each ended by a NUL" },
	{ "json-lines", 0, OPTION_FLAG, AT(json_lines), NULL, NULL,
	  "a JSON object for each target, one a line" },
	{ 0 },
};
#undef AT

static void preset(void *values)
{
	struct verify_options *o = values;

	o->revocation = REVOCATION_PREFER;
	o->max_depth = -1;
}

enum { WORTH_INDEX = 16 }; /* targets, from which on an index of long CRLs pays */

static enum status verify_run(struct run *run, void *values, int argc, char **argv)
{
	const struct verify_options *o = values;
	struct verify_case it = { 0 };
	struct targets targets = { 0 };
	enum status status = STATUS_TROUBLE;

	if (argc == 0 && !o->null)
		return cmd_usage(run, "what is to be verified? a file, a directory, or - for standard input");
	run->show.json = run->show.json || o->json_lines;
	if (targets_find(run, o->null, argc, argv, &targets) && verify_case_read(run, o, &it)) {
		if (targets.count >= WORTH_INDEX)
			evidence_index(&it.files);
		status = verify_bulk(run, o, &it, &targets);
	}
	if (targets.incomplete || it.incomplete)
		status = STATUS_TROUBLE;
	verify_case_done(&it);
	targets_done(&targets);
	return status;
}

const struct cmd cmd_verify = {
	.name = "verify",
	.args = "TARGET...",
	.brief = "whether a chain verifies against a store, and if not: why, and what to do",
	.options = options,
	.size = sizeof(struct verify_options),
	.preset = preset,
	.run = verify_run,
};
