/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "stage/variables.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

/* What each of them does stands in data/sites.conf by its software. */
const struct variable variables[] = {
	{ "SSL_CERT_FILE", VARIABLE_REPLACES, "OpenSSL, Go, Rust, Python's ssl, Ruby, Perl, PHP and uv" },
	/* Both OpenSSL and Go read a directory beside that file, and would find there what is forbidden. */
	{ "SSL_CERT_DIR", VARIABLE_HIDES, "OpenSSL, Go, Rust, Python's ssl, Ruby, Perl and PHP" },
	{ "CURL_CA_BUNDLE", VARIABLE_REPLACES, "curl" },
	{ "REQUESTS_CA_BUNDLE", VARIABLE_REPLACES, "Python's requests" },
	{ "PIP_CERT", VARIABLE_REPLACES, "pip" },
	{ "AWS_CA_BUNDLE", VARIABLE_REPLACES, "boto3 and the AWS CLI" },
	{ "HTTPLIB2_CA_CERTS", VARIABLE_REPLACES, "Python's httplib2" },
	{ "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", VARIABLE_REPLACES, "gcloud" },
	{ "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", VARIABLE_REPLACES, "gRPC" },
	{ "GIT_SSL_CAINFO", VARIABLE_REPLACES, "git" },
	{ "CARGO_HTTP_CAINFO", VARIABLE_REPLACES, "cargo" },
	{ "NIX_SSL_CERT_FILE", VARIABLE_REPLACES, "programs built by Nix" },
	{ "NPM_CONFIG_CAFILE", VARIABLE_REPLACES, "npm" },
	{ "COMPOSER_CAFILE", VARIABLE_REPLACES, "PHP's composer" },
	{ "PERL_LWP_SSL_CA_FILE", VARIABLE_REPLACES, "Perl's LWP" },
	{ "HEX_CACERTS_PATH", VARIABLE_REPLACES, "Erlang's hex" },
	{ "NODE_EXTRA_CA_CERTS", VARIABLE_ADDS, "Node.js and Bun" },
	{ "DENO_CERT", VARIABLE_ADDS, "Deno" },
	{ "BUNDLE_SSL_CA_CERT", VARIABLE_ADDS, "Ruby's bundler" },
	{ NULL, VARIABLE_REPLACES, NULL },
};

void settings_make(const char *all, const char *own, const char *directory, struct settings *ret)
{
	*ret = (struct settings){ 0 };
	for (const struct variable *row = variables; row->name != NULL; row++) {
		const char *value = row->kind == VARIABLE_REPLACES ? all
				    : row->kind == VARIABLE_ADDS   ? own
								   : directory;

		if (value == NULL)
			continue;
		ret->all = mem_grow(ret->all, ret->count, sizeof(*ret->all));
		ret->all[ret->count++] = (struct setting){ row, mem_string(value, strlen(value)) };
	}
}

void settings_done(struct settings *settings)
{
	for (size_t i = 0; i < settings->count; i++)
		free(settings->all[i].value);
	free(settings->all);
	*settings = (struct settings){ 0 };
}

/* Within double quotes four characters are escaped; a dollar is doubled, quoted or not (environment.d(5)). */
void settings_text(const struct settings *settings, struct buf *to)
{
	for (size_t i = 0; i < settings->count; i++) {
		buf_print(to, "%s=\"", settings->all[i].row->name);
		for (const char *c = settings->all[i].value; *c != '\0'; c++) {
			if (*c == '$')
				buf_byte(to, '$');
			else if (strchr("\"\\`", *c) != NULL)
				buf_byte(to, '\\');
			buf_byte(to, (unsigned char)*c);
		}
		buf_text(to, "\"\n");
	}
}

static void shell_line(const struct setting *setting, struct buf *to)
{
	buf_print(to, "export %s=", setting->row->name);
	text_quote(setting->value, to);
	buf_byte(to, '\n');
}

void settings_shell(const struct settings *settings, struct buf *to)
{
	for (size_t i = 0; i < settings->count; i++)
		shell_line(&settings->all[i], to);
}

static const char *value_in(char *const *environment, const char *name)
{
	size_t len = strlen(name);

	for (; environment != NULL && *environment != NULL; environment++)
		if (strncmp(*environment, name, len) == 0 && (*environment)[len] == '=')
			return *environment + len + 1;
	return NULL;
}

struct lack *settings_lacking(const struct settings *settings, char *const *environment, size_t *ret_count)
{
	struct lack *ret = mem_zero((settings->count + 1) * sizeof(*ret));

	*ret_count = 0;
	for (size_t i = 0; i < settings->count; i++) {
		const char *has = value_in(environment, settings->all[i].row->name);

		if (has == NULL || strcmp(has, settings->all[i].value) != 0)
			ret[(*ret_count)++] = (struct lack){ &settings->all[i], has };
	}
	return ret;
}
