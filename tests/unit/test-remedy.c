/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who does not see the system's store, by the rows that are installed, in trees as hosts have them. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "find/owned.h"
#include "find/remedy.h"
#include "find/sites.h"
#include "find/survey.h"
#include "model/spot.h"

struct fixture {
	char top[32];
	struct root root;
	struct sites sites;
	struct spots spots;
	struct remedies remedies;
};

static char *rows(void)
{
	const char *top = getenv("srcdir");

	return mem_print("%s/data/sites.conf", top != NULL ? top : ".");
}

/* A Debian tree in which a line of shell has made more. */
static void begin(struct fixture *f, const char *script, char *const *environment)
{
	static char *const none[] = { NULL };
	char *path = rows(), *command;
	struct survey survey = { .environment = environment != NULL ? environment : none,
				 .everybody = true,
				 .sites = path };
	struct err err = { 0 };

	*f = (struct fixture){ 0 };
	snprintf(f->top, sizeof(f->top), "/tmp/anchorage-test-XXXXXX");
	assert_non_null(mkdtemp(f->top));
	command = mem_print("cd %s && mkdir -p etc/ssl/certs/java usr/local/share/ca-certificates usr/bin && "
			    "touch etc/ssl/certs/ca-certificates.crt etc/ssl/certs/java/cacerts && "
			    "echo root:x:0:0::/root:/bin/sh >etc/passwd && %s",
			    f->top, script);
	assert_int_equal(system(command), 0);
	free(command);
	assert_true(root_open(f->top, &f->root, &err));
	survey.root = &f->root;
	if (!sites_load(&f->root, path, &f->sites, &err) || !survey_find(&survey, &f->spots, &err))
		fail_msg("%s", err.text);
	remedies_for(&f->sites, &f->spots, "bundle", &f->remedies);
	free(path);
}

static void end(struct fixture *f)
{
	char *command = mem_print("rm -r %s", f->top);

	remedies_done(&f->remedies);
	spots_done(&f->spots);
	sites_done(&f->sites);
	root_done(&f->root);
	assert_int_equal(system(command), 0);
	free(command);
}

/* Whether this is said, of a store whose name begins so. */
static bool says(const struct fixture *f, const char *software, const char *line, const char *spot, bool adds)
{
	for (size_t i = 0; i < f->remedies.count; i++) {
		const struct remedy *remedy = &f->remedies.all[i];

		if (strcmp(remedy->software, software) == 0 && strcmp(remedy->line, line) == 0 &&
		    strncmp(remedy->spot->place.name, spot, strlen(spot)) == 0 && remedy->adds == adds)
			return true;
	}
	return false;
}

#define BUNDLE "/etc/ssl/certs/ca-certificates.crt"

static void each_program_with_a_store_of_its_own_gets_its_line(void **state)
{
	static const struct {
		const char *script, *software, *line, *spot;
		bool adds;
	} cases[] = {
		{ "d=srv/app/venv/lib/python3.11/site-packages/certifi && mkdir -p $d && touch $d/cacert.pem",
		  "Python's requests", "REQUESTS_CA_BUNDLE=" BUNDLE, "certifi:", false },
		{ "d=srv/app/venv/lib/python3.11/site-packages/certifi && mkdir -p $d && touch $d/cacert.pem",
		  "Python's httpx", "SSL_CERT_FILE=" BUNDLE, "certifi:", false },
		{ "d=srv/app/venv/lib/python3.11/site-packages/pip/_vendor/certifi && mkdir -p $d && touch "
		  "$d/cacert.pem",
		  "pip", "PIP_CERT=" BUNDLE, "pip:", false },
		{ "touch usr/bin/node", "Node.js", "NODE_EXTRA_CA_CERTS=" BUNDLE, "node", true },
		{ "d=usr/lib/jvm/x/lib/security && mkdir -p $d && touch $d/cacerts", "Java",
		  "JAVA_TOOL_OPTIONS=-Djavax.net.ssl.trustStore=/etc/ssl/certs/java/cacerts",
		  "java:", false },
		{ "mkdir -p root/.pki/nssdb && touch root/.pki/nssdb/cert9.db",
		  "Chrome, Chromium and Electron", "anchorage add --to 'nss:/root/.pki/nssdb' FILE",
		  "nss:", true },
		{ "mkdir srv && touch srv/own.pem && printf '[http]\\n\\tsslCAInfo = /srv/own.pem\\n' "
		  ">etc/gitconfig",
		  "git (/etc/gitconfig line 2, http.sslCAInfo)", "anchorage add --to 'git:/srv/own.pem' FILE",
		  "git:", true },
		{ "mkdir -p opt/conda/ssl && touch opt/conda/ssl/cacert.pem",
		  "OpenSSL in a conda environment", "SSL_CERT_FILE=" BUNDLE, "conda", false },
		{ "mkdir -p etc/ipa && touch etc/ipa/ca.crt", "FreeIPA's clients", "ipa-certupdate", "ipa",
		  true },
		{ "d=usr/lib/google-cloud-sdk/lib/third_party/certifi && mkdir -p $d && touch $d/cacert.pem",
		  "Google Cloud SDK", "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE=" BUNDLE, "gcloud:", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f;

		begin(&f, cases[i].script, NULL);
		if (!says(&f, cases[i].software, cases[i].line, cases[i].spot, cases[i].adds))
			fail_msg("%s: not '%s', but %zu others, the first: %s: %s", cases[i].software,
				 cases[i].line, f.remedies.count,
				 f.remedies.count > 0 ? f.remedies.all[0].software : "none",
				 f.remedies.count > 0 ? f.remedies.all[0].line : "");
		end(&f);
	}
}

static void who_reads_what_the_system_s_store_is_made_into_needs_nothing(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f,
	      "mkdir -p usr/lib/jvm/x/lib/security srv etc/docker/certs.d/x && touch "
	      "etc/docker/certs.d/x/ca.crt && "
	      "ln -s /etc/ssl/certs/java/cacerts "
	      "usr/lib/jvm/x/lib/security/cacerts",
	      NULL);
	if (f.remedies.count > 0)
		fail_msg("%s: %s", f.remedies.all[0].software, f.remedies.all[0].line);
	remedies_for(&f.sites, &f.spots, "system", &f.remedies);
	if (f.remedies.count > 0)
		fail_msg("%s: %s", f.remedies.all[0].software, f.remedies.all[0].line);
	end(&f);
}

static void a_variable_that_is_set_already_is_not_told_again(void **state)
{
	static char *const set[] = { "REQUESTS_CA_BUNDLE=" BUNDLE, NULL };
	struct fixture f;

	(void)state;
	begin(&f, "d=srv/app/venv/lib/python3.11/site-packages/certifi && mkdir -p $d && touch $d/cacert.pem",
	      set);
	for (size_t i = 0; i < f.remedies.count; i++)
		assert_null(strstr(f.remedies.all[i].line, "REQUESTS_CA_BUNDLE"));
	assert_true(says(&f, "Python's httpx", "SSL_CERT_FILE=" BUNDLE, "certifi:", false));
	end(&f);
}

static void stores_of_packages_are_known_by_their_paths_wherever_they_lie(void **state)
{
	static const struct {
		const char *path, *site;
	} cases[] = {
		{ "/a/b/lib/python3.12/site-packages/certifi/cacert.pem", "certifi" },
		{ "/a/lib/python3/dist-packages/pip/_vendor/certifi/cacert.pem", "pip" },
		{ "/x/jdk/lib/security/cacerts", "java" },
		{ "/x/jdk/jre/lib/security/cacerts", "java" },
		{ "/usr/share/grpc/roots.pem", "grpc-system" },
		{ "/home/a/miniconda3/ssl/cacert.pem", "conda" },
		{ "/etc/ssl/certs/java/cacerts", NULL },
		{ "/etc/ssl/certs/ca-certificates.crt", NULL },
		{ "/x/jdk/lib/security/jssecacerts", NULL },
		{ "/srv/cacert.pem", NULL },
	};
	const struct root host = { .fd = -1 };
	struct sites sites = { 0 };
	struct err err = { 0 };
	char *path = rows();

	(void)state;
	assert_true(sites_load(&host, path, &sites, &err));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct site *site = owned_by(&sites, cases[i].path);

		if ((site != NULL) != (cases[i].site != NULL) ||
		    (site != NULL && strcmp(site->name, cases[i].site) != 0))
			fail_msg("%s: %s", cases[i].path, site != NULL ? site->name : "nobody's");
	}
	sites_done(&sites);
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_program_with_a_store_of_its_own_gets_its_line),
		cmocka_unit_test(who_reads_what_the_system_s_store_is_made_into_needs_nothing),
		cmocka_unit_test(a_variable_that_is_set_already_is_not_told_again),
		cmocka_unit_test(stores_of_packages_are_known_by_their_paths_wherever_they_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
