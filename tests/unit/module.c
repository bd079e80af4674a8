/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unit.h"

#include "module.h"

#define P11_KIT_FUTURE_UNSTABLE_API
#include <p11-kit/iter.h>
#include <p11-kit/p11-kit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

/* Attributes that are not in p11-kit's headers, or not in old ones: pkcs11x.h and trust/types.h. */
enum { MOST = 12 };
static const CK_ATTRIBUTE_TYPE cert_types[] = { CKA_VALUE,    CKA_TRUSTED,  0xd8444764UL, 0xce534372UL,
						0xce534373UL, 0xce534374UL, CKA_ISSUER,   CKA_SERIAL_NUMBER,
						0x129UL,      CKA_LABEL };
static const char *const cert_names[] = { "",        " trusted=", " distrusted=", " policy=", " server=",
					  " email=", " issuer=",  " serial=",     " key=",    " label=" };
static const CK_ATTRIBUTE_TYPE ext_types[] = { CKA_OBJECT_ID, 0x129UL, CKA_VALUE };
static const char *const ext_names[] = { "", " key=", " value=" };
static const CK_ATTRIBUTE_TYPE nss_types[] = { CKA_ISSUER, CKA_SERIAL_NUMBER, 0xce536358UL, 0xce53635bUL,
					       0xce53635aUL };
static const char *const nss_names[] = { "issuer=", " serial=", " server=", " email=", " code=" };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
static const struct {
	CK_OBJECT_CLASS class;
	const char *name;
	const CK_ATTRIBUTE_TYPE *types;
	const char *const *names;
	size_t count;
} classes[] = {
	{ CKO_CERTIFICATE, "cert ", cert_types, cert_names, COUNT(cert_types) },
	{ 0xd84447c8UL, "ext ", ext_types, ext_names, COUNT(ext_types) },
	{ 0xce534353UL, "nss ", nss_types, nss_names, COUNT(nss_types) },
};

/* Truths as a digit, numbers as numbers, dates as text, the rest as hex. */
static void put(const CK_ATTRIBUTE *attribute, struct buf *to)
{
	struct bytes value = { attribute->pValue, attribute->ulValueLen };
	CK_ULONG number;

	if (attribute->ulValueLen == CK_UNAVAILABLE_INFORMATION || value.len == 0) {
		buf_byte(to, '-');
	} else if (value.len == 1) {
		buf_print(to, "%u", value.at[0]);
	} else if (value.len == sizeof(number) && attribute->type > 0xce536000UL &&
		   attribute->type < 0xce537000UL) {
		memcpy(&number, value.at, sizeof(number));
		buf_print(to, "%lx", number);
	} else if (attribute->type == 0xce534373UL || attribute->type == 0xce534374UL) {
		buf_bytes(to, value);
	} else {
		text_hex(value, to);
	}
}

static void put_object(P11KitIter *iter, struct buf *to)
{
	CK_OBJECT_CLASS class = 0;
	CK_ATTRIBUTE one = { CKA_CLASS, &class, sizeof(class) };

	p11_kit_iter_get_attributes(iter, &one, 1);
	for (size_t i = 0; i < COUNT(classes); i++) {
		CK_ATTRIBUTE all[MOST] = { 0 };

		if (class != classes[i].class)
			continue;
		for (size_t k = 0; k < classes[i].count; k++)
			all[k].type = classes[i].types[k];
		p11_kit_iter_load_attributes(iter, all, classes[i].count);
		buf_text(to, classes[i].name);
		for (size_t k = 0; k < classes[i].count; k++) {
			buf_text(to, classes[i].names[k]);
			put(&all[k], to);
			free(all[k].pValue);
		}
		buf_byte(to, '\n');
	}
}

static int enumerate(const char *path, struct buf *to)
{
	CK_FUNCTION_LIST *module = p11_kit_module_load("p11-kit-trust.so", P11_KIT_MODULE_UNMANAGED);
	char *paths = mem_print("paths='%s'", path);
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK, .pReserved = paths };
	P11KitIter *iter = p11_kit_iter_new(NULL, 0);
	CK_SLOT_ID slot;
	CK_ULONG slots = 1;

	if (module == NULL || module->C_Initialize(&args) != CKR_OK ||
	    module->C_GetSlotList(CK_TRUE, &slot, &slots) != CKR_OK || slots != 1)
		return 1;
	p11_kit_iter_begin_with(iter, module, slot, 0);
	while (p11_kit_iter_next(iter) == CKR_OK)
		put_object(iter, to);
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort_lines(struct bytes text, struct buf *to)
{
	char *copy = mem_string((const char *)text.at, text.len), **lines = NULL, *save = NULL;
	size_t count = 0;

	for (char *line = strtok_r(copy, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save)) {
		lines = mem_grow(lines, count, sizeof(*lines));
		lines[count++] = line;
	}
	if (count > 0)
		qsort(lines, count, sizeof(*lines), by_text);
	for (size_t i = 0; i < count; i++)
		buf_print(to, "%s\n", lines[i]);
	free(lines);
	free(copy);
}

/* In the child: _Exit(), as cmocka's and the sanitizers' hooks belong to the parent. */
static _Noreturn void be_child(const char *path, int out)
{
	struct buf text = { 0 };
	int status = enumerate(path, &text);
	FILE *file = fdopen(out, "wb");

	if (file == NULL || fwrite(text.at, 1, text.len, file) != text.len || fclose(file) != 0)
		status = 1;
	_Exit(status);
}

bool module_read(const char *path, struct buf *to)
{
	struct buf text = { 0 };
	uint8_t room[4096];
	int ends[2], status;
	ssize_t n;
	pid_t child;

	fflush(NULL);
	assert_int_equal(pipe(ends), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		be_child(path, ends[1]);
	close(ends[1]);
	while ((n = read(ends[0], room, sizeof(room))) > 0)
		buf_bytes(&text, (struct bytes){ room, (size_t)n });
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	sort_lines(buf_view(&text), to);
	buf_done(&text);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
