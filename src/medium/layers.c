/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/layers.h"

#include <json-c/json.h>
#include <stdlib.h>
#include <sys/utsname.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "model/store.h"

enum { INDEXES = 4 }; /* an index in an index in ... */

struct finder {
	const struct unpacked *unpacked;
	struct tree *tree;
	const char *name;
	struct store *notes;
	struct layers *to;
};

static void missing(const struct finder *f, const char *what, const char *why)
{
	store_note_file(f->notes, NOTE_ERROR, f->name, NOTE_NOWHERE, "'%s', a part of the image, %s", what,
			why);
}

/* The JSON in a file of the archive, or NULL. */
static struct json_object *load(const struct finder *f, const char *path)
{
	const struct node *node = tree_find(f->tree, path);
	struct json_tokener *tokener;
	struct json_object *json = NULL;
	struct buf text = { 0 };

	if (node == NULL || node->kind != NODE_FILE)
		return NULL;
	tokener = json_tokener_new_ex(LIMIT_JSON_DEPTH);
	if (tokener == NULL)
		mem_out();
	if (unpacked_load(f->unpacked, node->stage, LIMIT_IMAGE_JSON, &text) && text.len <= LIMIT_IMAGE_JSON)
		json = json_tokener_parse_ex(tokener, (const char *)text.at, (int)text.len);
	json_tokener_free(tokener);
	buf_done(&text);
	return json;
}

static struct json_object *member(struct json_object *json, const char *name, enum json_type type)
{
	struct json_object *value = NULL;

	if (!json_object_is_type(json, json_type_object) || !json_object_object_get_ex(json, name, &value) ||
	    !json_object_is_type(value, type))
		return NULL;
	return value;
}

static const char *text_of(struct json_object *json, const char *name)
{
	struct json_object *value = member(json, name, json_type_string);

	return value != NULL ? json_object_get_string(value) : "";
}

/* "linux/arm/v7", "" if it is not told. */
static char *platform_of(struct json_object *json)
{
	const char *os = text_of(json, "os"), *machine = text_of(json, "architecture");
	const char *variant = text_of(json, "variant");

	if (machine[0] == '\0')
		return mem_string("", 0);
	return mem_print("%s/%s%s%s", os[0] != '\0' ? os : "linux", machine, variant[0] != '\0' ? "/" : "",
			 variant);
}

static struct layered *add(struct finder *f)
{
	struct layers *to = f->to;

	to->all = mem_grow(to->all, to->count, sizeof(*to->all));
	to->all[to->count] = (struct layered){ 0 };
	return &to->all[to->count++];
}

static void add_layer(const struct finder *f, struct layered *image, const char *path)
{
	const struct node *node = tree_find(f->tree, path);

	if (node == NULL || node->unit == 0) {
		missing(f, path, node == NULL ? "is not there" : "is no archive that can be read");
		return;
	}
	image->units = mem_grow(image->units, image->count, sizeof(*image->units));
	image->units[image->count++] = node->unit;
}

static const char *text_at(struct json_object *array, size_t i)
{
	struct json_object *value = json_object_array_get_idx(array, i);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

static size_t length(struct json_object *array)
{
	return array != NULL ? (size_t)json_object_array_length(array) : 0;
}

/* What the configuration of an image (OCI image-spec, config.md; Docker's is the same) says of it. */
static void configure(struct layered *image, struct json_object *json, struct json_object *platform)
{
	struct json_object *config = member(json, "config", json_type_object);
	struct json_object *env = member(config, "Env", json_type_array);

	image->platform = platform_of(platform != NULL ? platform : json);
	for (size_t i = 0; i < length(env) && i < LIMIT_IMAGE_ENV; i++) {
		const char *equals = strchr(text_at(env, i), '=');

		if (equals != NULL && equals != text_at(env, i))
			texts_add(&image->environment, text_at(env, i));
	}
}

/* --- docker save --- */

static bool docker(struct finder *f, struct json_object *manifest)
{
	if (!json_object_is_type(manifest, json_type_array))
		return false;
	for (size_t i = 0; i < length(manifest) && f->to->count < LIMIT_IMAGE_COUNT; i++) {
		struct json_object *one = json_object_array_get_idx(manifest, i), *config;
		struct json_object *layers = member(one, "Layers", json_type_array);
		struct json_object *tags = member(one, "RepoTags", json_type_array);
		struct layered *image;

		if (layers == NULL)
			continue;
		config = load(f, text_of(one, "Config"));
		image = add(f);
		configure(image, config, NULL);
		json_object_put(config);
		if (length(tags) > 0)
			image->name = mem_print("%s", text_at(tags, 0));
		for (size_t k = 0; k < length(layers) && k < LIMIT_IMAGE_LAYERS; k++)
			add_layer(f, image, text_at(layers, k));
		if (length(layers) > LIMIT_IMAGE_LAYERS)
			missing(f, text_of(one, "Config"), "has too many layers");
	}
	return f->to->count > 0;
}

/* --- OCI --- */

/* "sha256:0123…" is /blobs/sha256/0123…; NULL: it is no digest. */
static char *blob_of(struct json_object *descriptor)
{
	const char *digest = text_of(descriptor, "digest"), *colon = strchr(digest, ':');

	if (colon == NULL || strchr(digest, '/') != NULL)
		return NULL;
	return mem_print("/blobs/%.*s/%s", (int)(colon - digest), digest, colon + 1);
}

static void oci_image(struct finder *f, struct json_object *manifest, struct json_object *platform)
{
	struct json_object *layers = member(manifest, "layers", json_type_array), *config = NULL;
	struct layered *image = add(f);
	char *blob = blob_of(member(manifest, "config", json_type_object));

	if (blob != NULL)
		config = load(f, blob);
	free(blob);
	configure(image, config, platform);
	json_object_put(config);
	for (size_t i = 0; i < length(layers) && i < LIMIT_IMAGE_LAYERS; i++) {
		blob = blob_of(json_object_array_get_idx(layers, i));
		if (blob != NULL)
			add_layer(f, image, blob);
		free(blob);
	}
	if (length(layers) > LIMIT_IMAGE_LAYERS)
		missing(f, f->name, "has too many layers");
}

/* BuildKit adds manifests of what is no image, for a platform "unknown". */
static bool no_image(struct json_object *descriptor)
{
	struct json_object *platform = member(descriptor, "platform", json_type_object);

	return strcmp(text_of(platform, "os"), "unknown") == 0;
}

/* NOLINTNEXTLINE(misc-no-recursion): no deeper than INDEXES */
static void oci_index(struct finder *f, struct json_object *index, unsigned depth)
{
	struct json_object *manifests = member(index, "manifests", json_type_array);

	for (size_t i = 0; i < length(manifests) && f->to->count < LIMIT_IMAGE_COUNT; i++) {
		struct json_object *one = json_object_array_get_idx(manifests, i), *json;
		char *blob = no_image(one) ? NULL : blob_of(one);

		json = blob != NULL ? load(f, blob) : NULL;
		if (json != NULL && member(json, "layers", json_type_array) != NULL)
			oci_image(f, json, member(one, "platform", json_type_object));
		else if (json != NULL && depth < INDEXES)
			oci_index(f, json, depth + 1);
		else if (blob != NULL && f->to->count > 0)
			store_note_file(f->notes, NOTE_INFO, f->name, NOTE_NOWHERE,
					"the image '%s' is named, and not in the archive", blob);
		else if (blob != NULL)
			missing(f, blob, "is not there");
		json_object_put(json);
		free(blob);
	}
}

/* --- all --- */

/* What the image-spec calls this machine; Go's names. */
static char *this_platform(void)
{
	static const struct {
		const char *kernel, *go;
	} machines[] = {
		{ "x86_64", "amd64" },  { "aarch64", "arm64" },   { "i686", "386" },
		{ "armv7l", "arm/v7" }, { "ppc64le", "ppc64le" }, { "s390x", "s390x" },
	};
	struct utsname name;

	if (uname(&name) != 0)
		return mem_string("", 0);
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
		if (strcmp(machines[i].kernel, name.machine) == 0)
			return mem_print("linux/%s", machines[i].go);
	return mem_print("linux/%s", name.machine);
}

static void choose(struct layers *to)
{
	char *here = this_platform();

	to->chosen = to->count;
	for (size_t i = 0; to->chosen == to->count && i < to->count; i++)
		if (strncmp(to->all[i].platform, here, strlen(here)) == 0)
			to->chosen = i;
	if (to->chosen == to->count)
		to->chosen = 0;
	free(here);
}

/* Each by its platform, if that tells them apart, else by its tag, or with a number. */
static void name_all(struct layers *to)
{
	for (size_t i = 0; i < to->count; i++) {
		struct layered *image = &to->all[i];
		bool alone = image->platform[0] != '\0';

		for (size_t k = 0; k < to->count; k++)
			alone = alone && (k == i || strcmp(to->all[k].platform, image->platform) != 0);
		if (alone || image->name == NULL) {
			free(image->name);
			image->name = mem_print("%s", image->platform[0] != '\0' ? image->platform : "image");
		}
		for (size_t k = 0; k < i; k++)
			if (strcmp(to->all[k].name, image->name) == 0) {
				char *numbered = mem_print("%s-%zu", image->name, i + 1);

				free(image->name);
				image->name = numbered;
				k = i;
			}
	}
}

/* What a .deb holds: the archives in it, without the one that is for dpkg. */
static bool deb(struct finder *f)
{
	const struct node *node;

	if (tree_find(f->tree, "/debian-binary") == NULL)
		return false;
	for (node = f->tree->top->child; node != NULL; node = node->next)
		if (node->unit != 0 && strncmp(node->name, "data.tar", 8) == 0) {
			struct layered *image = add(f);

			image->platform = mem_string("", 0);
			image->units = mem_grow(NULL, 0, sizeof(*image->units));
			image->units[image->count++] = node->unit;
			f->to->plain = true;
			return true;
		}
	return false;
}

void layers_find(const struct unpacked *unpacked, struct tree *tree, const char *name, struct store *notes,
		 struct layers *ret)
{
	struct finder f = { unpacked, tree, name, notes, ret };
	struct json_object *json = load(&f, "/manifest.json");

	*ret = (struct layers){ 0 };
	if (json == NULL || !docker(&f, json)) {
		json_object_put(json);
		json = load(&f, "/index.json");
		if (json != NULL && tree_find(tree, "/blobs") != NULL)
			oci_index(&f, json, 0);
	}
	json_object_put(json);
	if (ret->count == 0)
		deb(&f);
	if (ret->count >= LIMIT_IMAGE_COUNT)
		store_note_file(notes, NOTE_WARN, name, NOTE_NOWHERE,
				"more than %d images, of which the first are read", LIMIT_IMAGE_COUNT - 1);
	choose(ret);
	name_all(ret);
}

void layers_done(struct layers *layers)
{
	for (size_t i = 0; i < layers->count; i++) {
		free(layers->all[i].name);
		free(layers->all[i].platform);
		free(layers->all[i].units);
		texts_done(&layers->all[i].environment);
	}
	free(layers->all);
	*layers = (struct layers){ 0 };
}
