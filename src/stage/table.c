/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdlib.h>
#include <string.h>

#include "stage/stager.h"

const struct stager *const stagers[] = {
	&stager_nixos,   &stager_fedora, &stager_suse,    &stager_arch,     &stager_alpine, &stager_debian,
	&stager_p11kit,  &stager_pem,    &stager_trusted, &stager_jks,      &stager_pkcs12, &stager_dir,
	&stager_hashdir, &stager_der,    &stager_nss,     &stager_registry, &stager_user,   NULL,
};

const struct stager *stager_system(const struct root *root)
{
	for (size_t i = 0; stagers[i] != NULL; i++)
		if (stagers[i]->is != NULL && stagers[i]->is(root))
			return stagers[i];
	return NULL;
}

const struct stager *stager_kind(const char *kind)
{
	for (size_t i = 0; stagers[i] != NULL; i++)
		if (stagers[i]->is == NULL && strcmp(stagers[i]->name, kind) == 0)
			return stagers[i];
	return NULL;
}

void target_done(struct target *target)
{
	free(target->name);
	free(target->path);
	free(target->label);
	*target = (struct target){ 0 };
}
