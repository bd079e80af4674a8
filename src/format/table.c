/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "format/format.h"

const struct format *const formats[] = {
	&format_pem,       &format_der,  &format_trusted,  &format_p11kit, &format_pkcs7,   &format_pkcs12,
	&format_jks,       &format_edk2, &format_certdata, &format_sst,    &format_blocked, &format_embedded,
	&format_inventory, NULL,
};

const struct format *format_of(struct bytes file)
{
	const struct format *best = NULL;
	int most = 0;

	for (size_t i = 0; formats[i] != NULL; i++) {
		int bits = formats[i]->probe(file);

		if (bits > most) {
			most = bits;
			best = formats[i];
		}
	}
	return best;
}

const struct format *format_named(const char *name)
{
	for (size_t i = 0; formats[i] != NULL; i++)
		if (strcmp(formats[i]->kind.name, name) == 0)
			return formats[i];
	return NULL;
}
