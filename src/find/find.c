/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "find/find.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/root.h"
#include "find/mozilla.h"
#include "find/system.h"
#include "model/kind.h"
#include "model/place.h"

/* Places that are always known. */
static const struct {
	const char *name;
	bool (*places)(const struct root *root, struct place **ret, size_t *ret_count, struct err *err);
} names[] = {
	{ "system", system_places },
	{ "mozilla", mozilla_places },
};

const char *find_name(unsigned index)
{
	return index < sizeof(names) / sizeof(names[0]) ? names[index].name : NULL;
}

void find_done(struct place *places, size_t count)
{
	for (size_t i = 0; i < count; i++)
		place_done(&places[i]);
	free(places);
}

/* The kind whose name stands in front of the colon, or NULL. */
static const struct kind *prefix(const char *text, size_t len, const struct kind *(*kinds)(unsigned))
{
	const struct kind *kind;

	for (unsigned i = 0; (kind = kinds(i)) != NULL; i++)
		if (strlen(kind->name) == len && memcmp(kind->name, text, len) == 0)
			return kind;
	return NULL;
}

static void one(const char *name, const char *kind, const char *path, struct place **ret, size_t *ret_count)
{
	*ret = mem_zero(sizeof(**ret));
	*ret_count = 1;
	place_set(*ret, name, kind);
	place_add_path(*ret, path);
}

bool find_places(const char *text, const struct root *root, const struct kind *(*kinds)(unsigned),
		 struct place **ret, size_t *ret_count, struct err *err)
{
	size_t len = strcspn(text, ":");
	const struct kind *kind;

	if (text[0] == '\0')
		return err_set(err, ERR_USAGE,
			       "an empty STORE; name a file, a directory, KIND:PATH, 'system' or 'mozilla'");
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(text, names[i].name) == 0)
			return names[i].places(root, ret, ret_count, err);
	if (strncmp(text, "pkcs11:", 7) == 0) {
		one(text, "pkcs11", text, ret, ret_count);
		return true;
	}
	kind = text[len] == ':' ? prefix(text, len, kinds) : NULL;
	if (kind != NULL && text[len + 1] == '\0')
		return err_set(err, ERR_USAGE, "'%s': a path must follow the colon", text);
	if (kind != NULL)
		one(text, kind->name, text + len + 1, ret, ret_count);
	else
		one(text, NULL, text, ret, ret_count);
	return true;
}
