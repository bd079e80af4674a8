/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A PKCS#11 module that does what real ones do on bad days. A shared object, made
 * by the test suite and used by nobody else.
 *
 * Initialised with paths=A:B it poses as p11-kit's trust module: a slot for each
 * path, and in it a certificate for each file there, whose content is its value.
 * A file that begins with CRASH, HANG, EXIT or SLOW does that to whoever looks.
 * $FAKE is "fewer" or "other" for a module that shows not what it was asked for.
 *
 * Without paths it has a slot for each word of $FAKE, each with one certificate,
 * which is the file $FAKE_CERTIFICATE; the word is what the slot does, see below.
 */
#include <p11-kit/pkcs11.h>
#include <p11-kit/pkcs11x.h>

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ORIGIN (CKA_X_VENDOR + 8001)
enum { SLOTS = 8, OBJECTS = 64, SIZE = 1 << 16, FIRST = 18 };

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list);

struct object {
	char origin[1024];
	unsigned char value[SIZE];
	size_t size;
	bool trusted, distrusted;
};

static struct slot {
	char does[1024]; /* a path, or a word */
	struct object *objects;
	size_t count;
} slots[SLOTS];
static size_t slot_count;
static bool poses;
static struct slot *now; /* of the one session */
static size_t found;
static bool of_certificates;

static void do_as(const char *word)
{
	if (strncmp(word, "CRASH", 5) == 0) {
		fprintf(stderr, "fake-module: assertion 'the moon is full' failed\n");
		abort();
	}
	if (strncmp(word, "EXIT", 4) == 0)
		_exit(3); /* not exit(): that would be a leak checker's turn */
	if (strncmp(word, "SLOW", 4) == 0)
		sleep(2);
	while (strncmp(word, "HANG", 4) == 0)
		pause();
}

static void read_file(struct slot *slot, const char *path, const char *part)
{
	FILE *file = fopen(path, "rb");
	struct object *object;

	if (file == NULL || slot->count == OBJECTS)
		abort();
	slot->objects = realloc(slot->objects, (slot->count + 1) * sizeof(*slot->objects));
	object = &slot->objects[slot->count++];
	memset(object, 0, sizeof(*object));
	snprintf(object->origin, sizeof(object->origin), "%s", path);
	object->size = fread(object->value, 1, SIZE, file);
	object->trusted = strcmp(part, "anchors") == 0;
	object->distrusted = strcmp(part, "blocklist") == 0;
	fclose(file);
	do_as((const char *)object->value);
}

static void read_folder(struct slot *slot, const char *part)
{
	char folder[1100], path[1400];
	struct dirent *entry;
	struct stat st;
	DIR *all;

	snprintf(folder, sizeof(folder), "%s%s%s", slot->does, part[0] != '\0' ? "/" : "", part);
	all = opendir(folder);
	while (all != NULL && (entry = readdir(all)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
			read_file(slot, path, part);
	}
	if (all != NULL)
		closedir(all);
}

static void load(struct slot *slot)
{
	struct stat st;

	if (slot->objects != NULL)
		return;
	if (!poses) {
		read_file(slot, getenv("FAKE_CERTIFICATE"), "anchors");
		if (strcmp(slot->does, "loud") == 0)
			for (int i = 0; i < 10000; i++)
				printf("a line that is not to be seen in a listing, and there are many\n");
		fflush(stdout);
		if (strcmp(slot->does, "speaks") == 0)
			fprintf(stderr, "first\x1b[31mword\nlast word\n");
		do_as(slot->does);
	} else if (stat(slot->does, &st) == 0 && S_ISDIR(st.st_mode)) {
		read_folder(slot, "");
		read_folder(slot, "anchors");
		read_folder(slot, "blocklist");
	} else {
		read_file(slot, slot->does, "anchors");
	}
}

static CK_RV initialize(void *args)
{
	const CK_C_INITIALIZE_ARGS *init = args;
	const char *words = init != NULL ? init->pReserved : NULL, *fake = getenv("FAKE");
	const char *paths = words != NULL ? strstr(words, "paths=") : NULL;
	char *all, *save = NULL;

	if (fake == NULL)
		fake = "";
	poses = paths != NULL;
	do_as(fake);
	all = strdup(paths != NULL ? paths + strlen("paths=") : fake);
	for (char *word = strtok_r(all, ": ", &save); word != NULL && slot_count < SLOTS;
	     word = strtok_r(NULL, ": ", &save))
		snprintf(slots[slot_count++].does, sizeof(slots[0].does), "%s", word);
	free(all);
	if (poses && strcmp(fake, "fewer") == 0)
		slot_count--;
	if (poses && strcmp(fake, "other") == 0)
		strcpy(slots[0].does, "/etc/ssl/certs/ca-certificates.crt");
	return CKR_OK;
}

static CK_RV get_info(CK_INFO *info)
{
	memset(info, 0, sizeof(*info));
	memset(info->manufacturerID, ' ', sizeof(info->manufacturerID));
	memset(info->libraryDescription, ' ', sizeof(info->libraryDescription));
	return CKR_OK;
}

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID *ids, CK_ULONG *count)
{
	(void)present;
	for (size_t i = 0; ids != NULL && i < slot_count && i < *count; i++)
		ids[i] = FIRST + i;
	*count = slot_count;
	if (slot_count > 0 && strcmp(slots[0].does, "slots") == 0)
		*count = 1ul << 40;
	return CKR_OK;
}

static void pad(unsigned char *to, size_t room, const char *text)
{
	size_t len = strlen(text);

	memset(to, ' ', room);
	memcpy(to, text, len < room ? len : room);
}

static CK_RV get_slot_info(CK_SLOT_ID id, CK_SLOT_INFO *info)
{
	memset(info, 0, sizeof(*info));
	pad(info->slotDescription, sizeof(info->slotDescription), slots[id - FIRST].does);
	pad(info->manufacturerID, sizeof(info->manufacturerID), "fake");
	return CKR_OK;
}

static CK_RV get_token_info(CK_SLOT_ID id, CK_TOKEN_INFO *info)
{
	char label[1100];

	snprintf(label, sizeof(label), "Fake %s", slots[id - FIRST].does);
	memset(info, 0, sizeof(*info));
	pad(info->label, sizeof(info->label), label);
	pad(info->model, sizeof(info->model), poses ? "p11-kit-trust" : "fake");
	pad(info->manufacturerID, sizeof(info->manufacturerID), poses ? "PKCS#11 Kit" : "fake & sons");
	pad(info->serialNumber, sizeof(info->serialNumber), "1");
	info->flags = CKF_TOKEN_INITIALIZED;
	if (strcmp(slots[id - FIRST].does, "locked") == 0)
		info->flags |= CKF_LOGIN_REQUIRED;
	return CKR_OK;
}

static CK_RV open_session(CK_SLOT_ID id, CK_FLAGS flags, void *data, CK_NOTIFY notify, CK_SESSION_HANDLE *ret)
{
	(void)flags;
	(void)data;
	(void)notify;
	now = &slots[id - FIRST];
	*ret = id;
	return strcmp(now->does, "closed") == 0 ? CKR_DEVICE_ERROR : CKR_OK;
}

static CK_RV find_init(CK_SESSION_HANDLE session, CK_ATTRIBUTE *like, CK_ULONG count)
{
	CK_OBJECT_CLASS class = CKO_CERTIFICATE;

	(void)session;
	load(now);
	found = 0;
	of_certificates = count == 0 ||
			  (like[0].type == CKA_CLASS && memcmp(like[0].pValue, &class, sizeof(class)) == 0);
	return CKR_OK;
}

static CK_RV find(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *ret, CK_ULONG most, CK_ULONG *count)
{
	(void)session;
	*count = 0;
	if (!of_certificates)
		return CKR_OK;
	if (strcmp(now->does, "endless") == 0 || strcmp(now->does, "flood") == 0) {
		for (*count = 0; *count < most; ++*count)
			ret[*count] = ++found;
		return CKR_OK;
	}
	if (strcmp(now->does, "count") == 0) {
		*count = most + 1;
		return CKR_OK;
	}
	for (; found < now->count && *count < most; found++)
		ret[(*count)++] = found + 1;
	return CKR_OK;
}

static CK_RV find_final(CK_SESSION_HANDLE session)
{
	(void)session;
	return CKR_OK;
}

/* False: there is no such attribute. */
static bool value_of(const struct object *object, CK_ATTRIBUTE_TYPE type, const void **ret, CK_ULONG *size)
{
	static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	static const CK_CERTIFICATE_TYPE x509 = CKC_X_509;
	static char flood[1 << 20];

	*size = 1;
	if (type == CKA_VALUE && strcmp(now->does, "flood") == 0) {
		*ret = flood;
		*size = sizeof(flood);
	} else if (type == CKA_VALUE) {
		*ret = object->value;
		*size = object->size;
	} else if (type == CKA_LABEL) {
		*ret = "fake certificate";
		*size = 16;
	} else if (type == CKA_CERTIFICATE_TYPE) {
		*ret = &x509;
		*size = sizeof(x509);
	} else if (type == CKA_TRUSTED) {
		*ret = object->trusted ? &yes : &no;
	} else if (type == CKA_X_DISTRUSTED && poses) {
		*ret = object->distrusted ? &yes : &no;
	} else if (type == ORIGIN && poses) {
		*ret = object->origin;
		*size = strlen(object->origin);
	} else {
		return false;
	}
	return true;
}

/* "exact": as NSS's softoken, which refuses a buffer that is too large; "picky": stops at the first unknown.
 */
static CK_RV get(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE handle, CK_ATTRIBUTE *attrs, CK_ULONG count)
{
	const struct object *object = &now->objects[handle <= now->count ? handle - 1 : 0];
	CK_RV rv = CKR_OK;

	(void)session;
	for (CK_ULONG i = 0; i < count; i++) {
		const void *value = NULL;
		CK_ULONG size;

		if (strcmp(now->does, "length") == 0) {
			attrs[i].ulValueLen = 1ul << 60;
			continue;
		}
		if (!value_of(object, attrs[i].type, &value, &size)) {
			attrs[i].ulValueLen = CK_UNAVAILABLE_INFORMATION;
			rv = CKR_ATTRIBUTE_TYPE_INVALID;
			if (strcmp(now->does, "picky") == 0)
				return rv;
			continue;
		}
		if (attrs[i].pValue != NULL &&
		    (attrs[i].ulValueLen < size ||
		     (strcmp(now->does, "exact") == 0 && attrs[i].ulValueLen != size)))
			rv = CKR_BUFFER_TOO_SMALL;
		else if (attrs[i].pValue != NULL)
			memcpy(attrs[i].pValue, value, size);
		attrs[i].ulValueLen =
			strcmp(now->does, "grows") == 0 && attrs[i].pValue != NULL ? size + 9 : size;
	}
	return rv;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list)
{
	static CK_FUNCTION_LIST functions = {
		.version = { 2, 40 },
		.C_Initialize = initialize,
		.C_GetInfo = get_info,
		.C_GetFunctionList = C_GetFunctionList,
		.C_GetSlotList = get_slot_list,
		.C_GetSlotInfo = get_slot_info,
		.C_GetTokenInfo = get_token_info,
		.C_OpenSession = open_session,
		.C_FindObjectsInit = find_init,
		.C_FindObjects = find,
		.C_FindObjectsFinal = find_final,
		.C_GetAttributeValue = get,
	};

	*list = &functions;
	return CKR_OK;
}
