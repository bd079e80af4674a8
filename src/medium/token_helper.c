/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The child's side of token.h: which modules, which slots, which tokens. It asks
 * and passes on; what the answers mean is decided by its parent.
 */
#include "medium/token.h"

#include <malloc.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "medium/asker.h"

static bool is_p11kit(const CK_TOKEN_INFO *info)
{
	return memcmp(info->model, "p11-kit-trust   ", 16) == 0 &&
	       memcmp(info->manufacturerID, "PKCS#11 Kit ", 12) == 0;
}

static struct bytes padded(const unsigned char *text, size_t room)
{
	return (struct bytes){ text, p11.space_strlen(text, room) };
}

static void send_token(struct asker *a, const CK_TOKEN_INFO *info)
{
	P11KitUri *uri = p11.uri_new();
	size_t begun = wire_begin(&a->out, WIRE_TOKEN);
	char *text = NULL;

	*p11.uri_get_token_info(uri) = *info;
	wire_put(&a->out, WIRE_NAME, padded(info->label, sizeof(info->label)));
	if (p11.uri_format(uri, P11_KIT_URI_FOR_TOKEN, &text) == P11_KIT_URI_OK)
		wire_put(&a->out, WIRE_URI, bytes_of(text));
	if (a->p11kit)
		wire_put(&a->out, WIRE_P11KIT, (struct bytes){ NULL, 0 });
	wire_end(&a->out, begun);
	asker_flush(a);
}

static void look_into(struct asker *a, CK_SLOT_ID slot)
{
	CK_TOKEN_INFO info = { .flags = 0 };
	CK_RV rv = a->module->C_GetTokenInfo(slot, &info);

	if (rv != CKR_OK) {
		asker_note(a, NOTE_WARN, "there is a token, but no telling which: %s", p11.strerror(rv));
		return;
	}
	if (a->uri != NULL && p11.uri_match_token_info(a->uri, &info) != 1)
		return;
	a->p11kit = is_p11kit(&info);
	send_token(a, &info);
	rv = a->module->C_OpenSession(slot, CKF_SERIAL_SESSION, NULL, NULL, &a->session);
	if (rv != CKR_OK) {
		/* A token that was never set up holds nothing. */
		asker_note(a, info.flags & CKF_TOKEN_INITIALIZED ? NOTE_ERROR : NOTE_INFO,
			   "the token cannot be opened: %s", p11.strerror(rv));
		return;
	}
	if (a->nss && (info.flags & CKF_LOGIN_REQUIRED))
		asker_note(a, NOTE_WARN,
			   "the database has a password: what it says of trust is read, but that nothing "
			   "else than NSS wrote it is not verified");
	else if (!a->p11kit && (info.flags & CKF_LOGIN_REQUIRED))
		asker_note(a, NOTE_INFO, "the token wants a login: only its public objects are read");
	asker_objects(a);
}

static bool to_skip(const struct asker *a, CK_SLOT_ID slot)
{
	if (a->nss && slot == 1) /* of softokn: algorithms and no objects */
		return true;
	for (size_t i = 0; i < a->question->skip_count; i++)
		if (a->question->skip[i].id == slot &&
		    strcmp(a->question->skip[i].module, a->module_name) == 0)
			return true;
	return false;
}

static void look_at(struct asker *a, CK_SLOT_ID slot)
{
	CK_SLOT_INFO info;
	CK_RV rv = a->module->C_GetSlotInfo(slot, &info);
	size_t begun;

	if (rv != CKR_OK) {
		asker_note(a, NOTE_WARN, "slot %lu of module '%s' is not described: %s", slot, a->module_name,
			   p11.strerror(rv));
		return;
	}
	if (to_skip(a, slot) || (a->uri != NULL && p11.uri_match_slot_info(a->uri, &info) != 1))
		return;
	if (a->uri != NULL && p11.uri_get_slot_id(a->uri) != (CK_SLOT_ID)-1 &&
	    p11.uri_get_slot_id(a->uri) != slot)
		return;
	a->description = padded(info.slotDescription, sizeof(info.slotDescription));
	begun = wire_begin(&a->out, WIRE_SLOT);
	wire_put_number(&a->out, WIRE_ID, slot);
	wire_put(&a->out, WIRE_TEXT, a->description);
	wire_end(&a->out, begun);
	asker_flush(a);
	if (a->description.len == sizeof(info.slotDescription))
		a->description.len = 0;
	look_into(a, slot);
	asker_say(a, WIRE_SLOT_END, NULL, NULL);
}

static CK_ULONG slots_of(struct asker *a, CK_SLOT_ID **ret)
{
	CK_ULONG count = 0, asked;
	CK_RV rv = a->module->C_GetSlotList(CK_TRUE, NULL, &count);

	if (count > LIMIT_TOKEN_SLOTS) {
		asker_note(a, NOTE_ERROR, "the module '%s' shows %lu slots; the first %d are read",
			   a->module_name, count, LIMIT_TOKEN_SLOTS);
		count = LIMIT_TOKEN_SLOTS;
	}
	asked = count;
	*ret = mem_zero((asked + 1) * sizeof(**ret));
	if (rv == CKR_OK && count > 0)
		rv = a->module->C_GetSlotList(CK_TRUE, *ret, &count);
	if (rv != CKR_OK && rv != CKR_BUFFER_TOO_SMALL) {
		asker_note(a, NOTE_ERROR, "the module '%s' does not tell its slots: %s", a->module_name,
			   p11.strerror(rv));
		return 0;
	}
	return count < asked ? count : asked;
}

static void set_module(struct asker *a, CK_FUNCTION_LIST *module, const char *name)
{
	a->module = module;
	a->module_name = mem_string(name, strlen(name));
	asker_say(a, WIRE_MODULE, name, NULL);
}

static void look_through(struct asker *a)
{
	CK_SLOT_ID *slots;
	CK_ULONG count;
	CK_INFO info;

	if (a->uri != NULL && a->module->C_GetInfo(&info) == CKR_OK &&
	    p11.uri_match_module_info(a->uri, &info) != 1)
		return;
	count = slots_of(a, &slots);
	for (CK_ULONG i = 0; i < count; i++)
		look_at(a, slots[i]);
}

static const char *reason(void)
{
	const char *text = p11.message();

	return text != NULL ? text : "p11-kit does not say why";
}

static void load(struct asker *a, const char *name, struct bytes arguments)
{
	/* NSS's modules read one more pointer behind the structure (its C_INITIALIZE_ARGS has one more). */
	struct {
		CK_C_INITIALIZE_ARGS args;
		void *none;
	} init = { .args = { .flags = CKF_OS_LOCKING_OK, .pReserved = (void *)(uintptr_t)arguments.at } };
	CK_FUNCTION_LIST *module;
	CK_RV rv;

	asker_say(a, WIRE_MODULE, name, NULL);
	module = p11.module_load(name, P11_KIT_MODULE_UNMANAGED);
	if (module == NULL)
		asker_fail(a, ERR_UNSUPPORTED, "the PKCS#11 module '%s' cannot be loaded: %s", name,
			   reason());
	rv = module->C_Initialize(&init);
	if (rv != CKR_OK && a->nss)
		asker_fail(a, ERR_DAMAGED, "NSS cannot open the database (error 0x%lx)", rv);
	if (rv != CKR_OK && rv != CKR_CRYPTOKI_ALREADY_INITIALIZED)
		asker_fail(a, ERR_SYSTEM, "the PKCS#11 module '%s' does not start: %s", name,
			   p11.strerror(rv));
	set_module(a, module, name);
}

/*
 * p11-kit's module ignores a second initialisation and goes on showing the paths
 * of the first: what it shows must be what was asked for.
 */
static void check_paths(struct asker *a)
{
	const struct token_question *q = a->question;
	CK_SLOT_ID *slots;
	CK_ULONG count = slots_of(a, &slots);

	if (count != q->fd_count)
		asker_fail(a, ERR_LIED, "p11-kit's trust module was asked for %zu paths and shows %lu",
			   q->fd_count, count);
	for (size_t i = 0; i < q->fd_count; i++) {
		char *path = mem_print("/proc/self/fd/%d", q->fds[i]);
		struct bytes shown = { NULL, 0 };
		CK_SLOT_INFO info;

		if (a->module->C_GetSlotInfo(slots[i], &info) == CKR_OK)
			shown = padded(info.slotDescription, sizeof(info.slotDescription));
		if (!bytes_equal(shown, bytes_of(path)))
			asker_fail(a, ERR_LIED, "p11-kit's trust module was asked for '%s' and shows '%.*s'",
				   path, (int)shown.len, (const char *)shown.at);
	}
}

/* The module takes a path that is missing for an empty store: /proc must be there. */
static void check_descriptor(struct asker *a, int fd)
{
	char *path = mem_print("/proc/self/fd/%d", fd);
	struct stat by_path, by_fd;

	if (stat(path, &by_path) != 0 || fstat(fd, &by_fd) != 0 || by_path.st_dev != by_fd.st_dev ||
	    by_path.st_ino != by_fd.st_ino)
		asker_fail(a, ERR_SYSTEM,
			   "a module cannot be given a file: /proc is not mounted, or not as it should be");
}

static void ask_paths(struct asker *a)
{
	struct buf arguments = { 0 };

	buf_text(&arguments, "verbose=yes paths=");
	for (size_t i = 0; i < a->question->fd_count; i++) {
		check_descriptor(a, a->question->fds[i]);
		buf_print(&arguments, "%s/proc/self/fd/%d", i > 0 ? ":" : "", a->question->fds[i]);
	}
	buf_byte(&arguments, 0);
	load(a, token_tuning.trust_module, buf_view(&arguments));
	check_paths(a);
	look_through(a);
}

static void ask_configured(struct asker *a, int flags)
{
	CK_FUNCTION_LIST **modules = p11.modules_load_and_initialize(flags);

	if (modules == NULL)
		asker_fail(a, ERR_SYSTEM, "p11-kit's configured modules cannot be loaded: %s", reason());
	if (modules[0] == NULL)
		asker_fail(a, ERR_ABSENT, "p11-kit has no %smodule configured",
			   flags & P11_KIT_MODULE_TRUSTED ? "trust policy " : "");
	for (size_t i = 0; modules[i] != NULL; i++) {
		const char *only = a->uri != NULL ? p11.uri_get_module_name(a->uri) : NULL;
		char *name = p11.module_get_name(modules[i]);

		if (name == NULL)
			name = mem_print("%zu", i);
		if (only != NULL && strcmp(only, name) != 0)
			continue;
		set_module(a, modules[i], name);
		look_through(a);
	}
}

static void ask_uri(struct asker *a)
{
	const char *path;
	CK_ULONG n = 0;
	int got;

	a->uri = p11.uri_new();
	got = p11.uri_parse(a->question->uri, P11_KIT_URI_FOR_ANY, a->uri);
	if (got != P11_KIT_URI_OK)
		asker_fail(a, ERR_USAGE, "no PKCS#11 URI (RFC 7512): %s", p11.uri_message(got));
	if (p11.uri_any_unrecognized(a->uri))
		asker_fail(a, ERR_USAGE, "the PKCS#11 URI has an attribute that p11-kit does not know");
	p11.uri_get_attributes(a->uri, &n);
	a->narrow = n > 0;
	path = p11.uri_get_module_path(a->uri);
	if (path == NULL) {
		ask_configured(a, 0);
		return;
	}
	load(a, path, (struct bytes){ NULL, 0 });
	look_through(a);
}

/*
 * softokn takes its parameters where others have pReserved (lib/util/pkcs11t.h). noModDB: the modules that
 * pkcs11.txt names are foreign code.
 */
static void ask_nss(struct asker *a)
{
	struct buf arguments = { 0 };

	check_descriptor(a, a->question->fds[0]);
	buf_print(&arguments,
		  "configdir='sql:/proc/self/fd/%d' certPrefix='' keyPrefix='' secmod='' flags=noModDB%s",
		  a->question->fds[0], a->question->writable ? "" : ",readOnly");
	buf_byte(&arguments, 0);
	/* Unless told, it asks for files that are not there for 33 ms to see how fast the disk is (sdb.c). */
	setenv("NSS_SDB_USE_CACHE", "no", 1);
	a->nss = true;
	load(a, a->question->module, buf_view(&arguments));
	look_through(a);
}

/*
 * The trust module takes some 30 KiB for a certificate, in small pieces. In huge pages, where the system has
 * them, a list of 150 takes less than half the page faults.
 */
static void make_room(void)
{
	enum { HEAP_STEP = 8 << 20 };
	void *room;

	mallopt(M_TOP_PAD, HEAP_STEP);
	mallopt(M_MMAP_THRESHOLD, 2 * HEAP_STEP); /* the room is to be the heap's, and stay so */
	room = malloc(HEAP_STEP);
	mem_huge(room, HEAP_STEP);
	free(room);
}

void token_helper(const void *question, int out)
{
	struct asker a = { .question = question, .fd = out, .room = mem_zero(ASKER_ROOM) };

	make_room();
	asker_begin(&a);
	switch (a.question->from) {
	case TOKEN_POLICY:
		ask_configured(&a, P11_KIT_MODULE_TRUSTED);
		break;
	case TOKEN_PATHS:
		ask_paths(&a);
		break;
	case TOKEN_URI:
		ask_uri(&a);
		break;
	case TOKEN_NSS:
		ask_nss(&a);
		break;
	}
	asker_say(&a, WIRE_END, NULL, NULL);
}
