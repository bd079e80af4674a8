/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/asker.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cursor.h"
#include "base/fd.h"
#include "base/limits.h"
#include "base/mem.h"

#define TRUST_ORIGIN   (CKA_X_VENDOR + 8001) /* the file: private to p11-kit, trust/types.h */
#define TRUST_CLASS    0x0bul                /* CKO_TRUST, PKCS#11 v3.2 */
#define TRUST_HASH     0x635ul               /* CKA_HASH_OF_CERTIFICATE */
#define TRUST_PEER     1ul                   /* CKT_TRUSTED */
#define TRUST_ANCHOR   2ul                   /* CKT_TRUST_ANCHOR */
#define TRUST_DISTRUST 3ul                   /* CKT_NOT_TRUSTED */
#define FORGED         0xc0ul                /* CKR_SIGNATURE_INVALID: of an attribute, in an NSS database */

enum {
	FLUSH = 1 << 15,
	ATTRIBUTES = 24,
	ROOM = ASKER_ROOM / ATTRIBUTES, /* for an attribute, before its size is known */
};

/* What is asked of an object, and as what it is passed on. */
enum row_is { IS_BYTES, IS_X509, IS_FLAG, IS_FILE, IS_HASH, IS_NSS_TRUST, IS_TRUST };
struct row {
	CK_ATTRIBUTE_TYPE type;
	enum row_is is;
	unsigned field; /* of the record; of trust the purpose */
};

void asker_flush(struct asker *a)
{
	if (!fd_write(a->fd, buf_view(&a->out)))
		_exit(1); /* nobody listens */
	a->out.len = 0;
}

void asker_say(struct asker *a, enum wire_type type, const char *name, const char *text)
{
	size_t begun = wire_begin(&a->out, type);

	if (name != NULL)
		wire_put(&a->out, WIRE_NAME, bytes_of(name));
	if (text != NULL)
		wire_put(&a->out, WIRE_TEXT, bytes_of(text));
	wire_end(&a->out, begun);
	asker_flush(a);
}

static void say_number(struct asker *a, enum wire_type type, unsigned number, const char *fmt, va_list ap)
{
	char text[1000];
	size_t begun = wire_begin(&a->out, type);

	vsnprintf(text, sizeof(text), fmt, ap);
	wire_put_number(&a->out, WIRE_NUMBER, number);
	wire_put(&a->out, WIRE_TEXT, bytes_of(text));
	wire_end(&a->out, begun);
}

void asker_note(struct asker *a, enum note_level level, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_number(a, WIRE_NOTE, level, fmt, ap);
	va_end(ap);
}

_Noreturn void asker_fail(struct asker *a, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say_number(a, WIRE_FAIL, code, fmt, ap);
	va_end(ap);
	asker_flush(a);
	_exit(0);
}

void asker_begin(struct asker *a)
{
	struct err err = { 0 };

	if (!p11_load(&err))
		asker_fail(a, err.code, "%s", err.text);
}

/* Whether an answer has what it has; a part of the attributes may be missing. */
static bool some(CK_RV rv)
{
	return rv == CKR_OK || rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_SENSITIVE;
}

static bool there(const CK_ATTRIBUTE *attr)
{
	return attr->pValue != NULL && attr->ulValueLen != CK_UNAVAILABLE_INFORMATION;
}

static struct bytes value_of(const CK_ATTRIBUTE *attr)
{
	return there(attr) ? (struct bytes){ attr->pValue, attr->ulValueLen } : (struct bytes){ NULL, 0 };
}

/* A size that is more than there is room for is a lie, or no use: the attribute counts as absent. */
static void check(struct asker *a, CK_ATTRIBUTE *attr, CK_ULONG room)
{
	if (attr->ulValueLen == CK_UNAVAILABLE_INFORMATION || attr->ulValueLen <= room)
		return;
	a->lie = attr->ulValueLen;
	attr->ulValueLen = CK_UNAVAILABLE_INFORMATION;
}

/* One attribute by itself, for modules that fail as a whole for one they do not know. */
static CK_RV get_one(struct asker *a, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attr)
{
	CK_ULONG asked;
	CK_RV rv;

	attr->pValue = NULL;
	attr->ulValueLen = 0;
	rv = a->module->C_GetAttributeValue(a->session, object, attr, 1);
	a->unread += a->nss && !some(rv);
	if (rv != CKR_OK)
		attr->ulValueLen = CK_UNAVAILABLE_INFORMATION;
	check(a, attr, LIMIT_TOKEN_RECORD / 2);
	if (attr->ulValueLen == CK_UNAVAILABLE_INFORMATION)
		return CKR_OK;
	asked = attr->ulValueLen;
	attr->pValue = mem_zero(asked); /* of the process */
	rv = a->module->C_GetAttributeValue(a->session, object, attr, 1);
	if (rv != CKR_OK)
		attr->ulValueLen = CK_UNAVAILABLE_INFORMATION;
	check(a, attr, asked);
	return rv;
}

/* NSS's softoken refuses a number's buffer that is too large. */
static size_t room_of(const struct row *row)
{
	return row->is == IS_NSS_TRUST || row->is == IS_TRUST || row->is == IS_X509 ? sizeof(CK_ULONG) : ROOM;
}

/* Modules that are known fill what has room enough: one call for all. */
static bool get_roomy(struct asker *a, CK_OBJECT_HANDLE object, const struct row *rows, size_t count,
		      CK_ATTRIBUTE *attrs)
{
	for (size_t i = 0; i < count; i++) {
		attrs[i].pValue = a->room + i * ROOM;
		attrs[i].ulValueLen = room_of(&rows[i]);
	}
	if (!some(a->module->C_GetAttributeValue(a->session, object, attrs, count)))
		return false;
	for (size_t i = 0; i < count; i++)
		check(a, &attrs[i], room_of(&rows[i]));
	return true;
}

/* Any other module may refuse a buffer that is too large: the sizes first, then exactly these. */
static bool get_exact(struct asker *a, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attrs, size_t count)
{
	CK_ATTRIBUTE ask[ATTRIBUTES] = { 0 };
	CK_ULONG n = 0;
	size_t used = 0;
	CK_RV rv;

	for (size_t i = 0; i < count; i++)
		ask[i].type = attrs[i].type;
	rv = a->module->C_GetAttributeValue(a->session, object, ask, count);
	if (!some(rv))
		return false;
	for (size_t i = 0; i < count; i++) {
		attrs[i].pValue = NULL;
		attrs[i].ulValueLen = ask[i].ulValueLen;
		if (ask[i].ulValueLen == 0 && rv != CKR_OK)
			return false; /* it may have stopped at the first that it does not know */
		if (ask[i].ulValueLen == CK_UNAVAILABLE_INFORMATION)
			continue;
		if (ask[i].ulValueLen > ASKER_ROOM - used)
			return false;
		attrs[i].pValue = a->room + used;
		used += ask[i].ulValueLen;
		ask[n++] = attrs[i];
	}
	if (n > 0 && a->module->C_GetAttributeValue(a->session, object, ask, n) != CKR_OK)
		return false;
	for (size_t i = count; n > 0 && i-- > 0;)
		if (there(&attrs[i])) {
			check(a, &ask[--n], attrs[i].ulValueLen);
			attrs[i].ulValueLen = ask[n].ulValueLen;
		}
	return true;
}

static void get(struct asker *a, CK_OBJECT_HANDLE object, const struct row *rows, size_t count,
		CK_ATTRIBUTE *ret)
{
	bool got;

	a->forged = 0;
	for (size_t i = 0; i < count; i++)
		ret[i] = (CK_ATTRIBUTE){ .type = rows[i].type };
	got = a->p11kit || a->nss ? get_roomy(a, object, rows, count, ret) : get_exact(a, object, ret, count);
	for (size_t i = 0; i < count; i++)
		if (!got || (a->nss && rows[i].is >= IS_HASH && !there(&ret[i])))
			if (get_one(a, object, &ret[i]) == FORGED)
				a->forged |= (uint16_t)(rows[i].is == IS_HASH ? PURPOSES_ALL
									      : PURPOSE_BIT(rows[i].field));
}

static int by_handle(const void *a, const void *b)
{
	CK_OBJECT_HANDLE x = *(const CK_OBJECT_HANDLE *)a, y = *(const CK_OBJECT_HANDLE *)b;

	return (x > y) - (x < y);
}

struct handles {
	CK_OBJECT_HANDLE *all;
	size_t count;
};

/* In the order of their handles, each once: p11-kit gives them in the order of the file. */
static void sort(struct handles *h)
{
	size_t kept = 0;

	if (h->count == 0)
		return;
	qsort(h->all, h->count, sizeof(*h->all), by_handle);
	for (size_t i = 0; i < h->count; i++)
		if (kept == 0 || h->all[i] != h->all[kept - 1])
			h->all[kept++] = h->all[i];
	h->count = kept;
}

static struct handles find(struct asker *a, CK_ATTRIBUTE *like, CK_ULONG like_count)
{
	enum { BATCH = 1024 };
	struct handles ret = { mem_zero(BATCH * sizeof(*ret.all)), 0 };
	size_t room = BATCH;
	CK_ULONG n;
	CK_RV rv = a->module->C_FindObjectsInit(a->session, like, like_count);

	while (rv == CKR_OK) {
		n = 0;
		rv = a->module->C_FindObjects(a->session, ret.all + ret.count, BATCH, &n);
		if (rv != CKR_OK || n == 0)
			break;
		if (n > BATCH || ret.count + n > LIMIT_TOKEN_OBJECTS) {
			asker_note(a, NOTE_ERROR, "the token shows more than %d objects, which is the limit",
				   LIMIT_TOKEN_OBJECTS);
			break;
		}
		ret.count += n;
		if (room - ret.count < BATCH) {
			room *= 2;
			ret.all = realloc(ret.all, room * sizeof(*ret.all));
			if (ret.all == NULL)
				mem_out();
		}
	}
	if (rv != CKR_OK)
		asker_note(a, NOTE_ERROR, "objects cannot be searched: %s", p11.strerror(rv));
	a->module->C_FindObjectsFinal(a->session);
	sort(&ret);
	return ret;
}

static struct handles find_class(struct asker *a, CK_OBJECT_CLASS class)
{
	CK_ATTRIBUTE like = { CKA_CLASS, &class, sizeof(class) };

	return find(a, &like, 1);
}

static void put_file(struct asker *a, struct bytes file)
{
	struct bytes rest = bytes_skip(file, a->description.len);
	bool inside = a->description.len > 0 && bytes_start(file, a->description) &&
		      (rest.len == 0 || rest.at[0] == '/');

	if (file.len > 0)
		wire_put(&a->out, inside ? WIRE_REST : WIRE_ORIGIN, inside ? rest : file);
}

/* What a trust object can say of a purpose. */
static const struct says {
	CK_ULONG nss, new;
	enum wire_field field;
} says[] = {
	{ CKT_NSS_TRUSTED_DELEGATOR, TRUST_ANCHOR, WIRE_TRUSTED },
	{ CKT_NSS_NOT_TRUSTED, TRUST_DISTRUST, WIRE_DISTRUSTED },
	{ CKT_NSS_TRUSTED, TRUST_PEER, WIRE_PEER },
};
enum { SAYS = sizeof(says) / sizeof(says[0]) };

/* A softokn from before PKCS#11 3.2 does not know that these are numbers, and gives them as they are kept. */
static bool number_of(struct bytes value, CK_ULONG *ret)
{
	struct cursor c = { .all = value };

	if (value.len == sizeof(*ret))
		memcpy(ret, value.at, sizeof(*ret));
	else
		*ret = cursor_be32(&c);
	return value.len == sizeof(*ret) || value.len == 4;
}

static void add_trust(struct asker *a, uint16_t trust[SAYS], const struct row *row, struct bytes value)
{
	CK_ULONG number;

	a->older |= a->nss && row->is == IS_TRUST && value.len == 4;
	for (size_t i = 0; number_of(value, &number) && i < SAYS; i++)
		if (number == (row->is == IS_TRUST ? says[i].new : says[i].nss))
			trust[i] |= PURPOSE_BIT(row->field);
}

static void put_rows(struct asker *a, const struct row *rows, const CK_ATTRIBUTE *attrs, size_t count)
{
	uint16_t trust[SAYS] = { 0 };

	for (size_t i = 0; i < count; i++) {
		struct bytes value = value_of(&attrs[i]);

		switch (rows[i].is) {
		case IS_BYTES:
		case IS_HASH:
			if (value.len > 0)
				wire_put(&a->out, rows[i].field, value);
			break;
		case IS_FLAG:
			/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): there() has looked */
			if (value.len == 1 && value.at[0] != CK_FALSE)
				wire_put_number(&a->out, rows[i].field, PURPOSES_ALL);
			break;
		case IS_FILE:
			put_file(a, value);
			break;
		case IS_NSS_TRUST:
		case IS_TRUST:
			add_trust(a, trust, &rows[i], value);
			break;
		case IS_X509:
			break;
		}
	}
	for (size_t i = 0; i < SAYS; i++)
		if (trust[i] != 0)
			wire_put_number(&a->out, says[i].field, trust[i]);
	if (a->forged != 0)
		wire_put_number(&a->out, WIRE_FORGED, a->forged);
}

static void send_rows(struct asker *a, enum wire_type type, unsigned flag, const struct row *rows,
		      const CK_ATTRIBUTE *attrs, size_t count)
{
	size_t begun = wire_begin(&a->out, type);

	if (flag < WIRE_FIELDS)
		wire_put(&a->out, flag, (struct bytes){ NULL, 0 });
	put_rows(a, rows, attrs, count);
	wire_end(&a->out, begun);
	if (a->out.len > FLUSH)
		asker_flush(a);
}

static size_t distrust_after_rows(struct row *to)
{
	size_t n = 0;

	for (unsigned i = 0; i < PURPOSE_ROWS; i++)
		if (purposes[i].distrust_after != 0)
			to[n++] = (struct row){ purposes[i].distrust_after, IS_BYTES, WIRE_AFTER + i };
	return n;
}

enum { ROW_TYPE, ROW_LABEL, ROW_ID }; /* the first of certificate_rows(), which are looked at here */

static size_t certificate_rows(const struct asker *a, struct row *to)
{
	static const struct row any[] = {
		[ROW_TYPE] = { CKA_CERTIFICATE_TYPE, IS_X509, 0 },
		[ROW_LABEL] = { CKA_LABEL, IS_BYTES, WIRE_LABEL },
		[ROW_ID] = { CKA_ID, IS_BYTES, WIRE_ID },
		{ CKA_VALUE, IS_BYTES, WIRE_VALUE },
		{ CKA_ISSUER, IS_BYTES, WIRE_ISSUER },
		{ CKA_SERIAL_NUMBER, IS_BYTES, WIRE_SERIAL },
	}, other[] = {
		{ CKA_TRUSTED, IS_FLAG, WIRE_TRUSTED },
		{ CKA_NSS_MOZILLA_CA_POLICY, IS_FLAG, WIRE_MOZILLA },
	}, more[] = {
		{ CKA_X_DISTRUSTED, IS_FLAG, WIRE_DISTRUSTED },
		{ CKA_PUBLIC_KEY_INFO, IS_BYTES, WIRE_KEY },
		{ TRUST_ORIGIN, IS_FILE, 0 },
	};
	size_t n = sizeof(any) / sizeof(any[0]);

	memcpy(to, any, sizeof(any));
	if (a->nss) /* each attribute is a query of SQLite, and it has none of the others */
		return n;
	memcpy(to + n, other, sizeof(other));
	n += sizeof(other) / sizeof(other[0]);
	if (a->p11kit) {
		memcpy(to + n, more, sizeof(more));
		n += sizeof(more) / sizeof(more[0]);
	}
	return n + distrust_after_rows(to + n);
}

/* NSS looks at no other purposes, nor at dates, in its databases: nssCryptokiTrust_GetAttributes(). */
static bool has_row(const struct asker *a, unsigned purpose)
{
	return !a->nss || purpose == PURPOSE_SERVER_AUTH || purpose == PURPOSE_CLIENT_AUTH ||
	       purpose == PURPOSE_EMAIL || purpose == PURPOSE_CODE_SIGNING;
}

static size_t trust_rows(const struct asker *a, bool new, struct row *to)
{
	size_t n = 0;

	to[n++] = (struct row){ CKA_ISSUER, IS_BYTES, WIRE_ISSUER };
	to[n++] = (struct row){ CKA_SERIAL_NUMBER, IS_BYTES, WIRE_SERIAL };
	to[n++] = (struct row){ new ? TRUST_HASH : CKA_CERT_SHA1_HASH, IS_HASH, WIRE_HASH };
	for (unsigned i = 0; i < PURPOSE_ROWS; i++) {
		unsigned long type = new ? purposes[i].trust : purposes[i].nss_trust;

		if (type != 0 && has_row(a, i))
			to[n++] = (struct row){ type, new ? IS_TRUST : IS_NSS_TRUST, i };
	}
	if (a->nss)
		return n;
	to[n++] = (struct row){ CKA_LABEL, IS_BYTES, WIRE_LABEL };
	/* The builtins of NSS 3.123 to 3.125 have Izenpe's date here and not on the certificate. */
	return n + distrust_after_rows(to + n);
}

/* What an URI names is listed; what it does not may still distrust it. */
static bool is_context(const struct asker *a, const CK_ATTRIBUTE *attrs)
{
	CK_OBJECT_CLASS class = CKO_CERTIFICATE;
	CK_ATTRIBUTE has[] = { { CKA_CLASS, &class, sizeof(class) }, attrs[ROW_LABEL], attrs[ROW_ID] };

	return a->narrow && p11.uri_match_attributes(a->uri, has, 3) != 1;
}

static void send_certificate(struct asker *a, const struct row *rows, const CK_ATTRIBUTE *attrs, size_t count)
{
	struct bytes type = value_of(&attrs[ROW_TYPE]), label = value_of(&attrs[ROW_LABEL]);
	CK_CERTIFICATE_TYPE x509 = CKC_X_509;

	if (type.len == sizeof(x509) && memcmp(type.at, &x509, sizeof(x509)) != 0)
		asker_note(a, NOTE_WARN, "'%.*s' is a certificate, but not of X.509: it is not listed",
			   (int)label.len, (const char *)label.at);
	else
		send_rows(a, WIRE_CERTIFICATE, is_context(a, attrs) ? WIRE_CONTEXT : WIRE_FIELDS, rows, attrs,
			  count);
}

static void send_certificates(struct asker *a)
{
	CK_BBOOL yes = CK_TRUE;
	CK_ATTRIBUTE distrusted = { CKA_X_DISTRUSTED, &yes, sizeof(yes) }, attrs[ATTRIBUTES];
	struct handles all = find_class(a, CKO_CERTIFICATE), other = { NULL, 0 };
	struct row rows[ATTRIBUTES];
	size_t count = certificate_rows(a, rows);

	for (size_t i = 0; i < all.count; i++) {
		get(a, all.all[i], rows, count, attrs);
		send_certificate(a, rows, attrs, count);
	}
	/* As p11-kit reads its blocklist: an object of any class distrusts its issuer and serial, and its
	 * key.
	 */
	if (a->p11kit)
		other = find(a, &distrusted, 1);
	for (size_t i = 0; i < other.count; i++) {
		if (bsearch(&other.all[i], all.all, all.count, sizeof(*all.all), by_handle) != NULL)
			continue;
		get(a, other.all[i], rows, count, attrs);
		send_rows(a, WIRE_CERTIFICATE, a->narrow ? WIRE_CONTEXT : WIRE_FIELDS, rows, attrs, count);
	}
}

static void send_class(struct asker *a, CK_OBJECT_CLASS class, enum wire_type type, unsigned flag,
		       const struct row *rows, size_t count)
{
	struct handles all = find_class(a, class);
	CK_ATTRIBUTE attrs[ATTRIBUTES];

	for (size_t i = 0; i < all.count; i++) {
		get(a, all.all[i], rows, count, attrs);
		send_rows(a, type, flag, rows, attrs, count);
	}
}

/* Each file of a directory that made any object, whatever it is: most follow one another. */
static void send_files(struct asker *a)
{
	static const struct row origin = { TRUST_ORIGIN, IS_FILE, 0 };
	struct handles all = find(a, NULL, 0);
	struct buf last = { 0 };
	CK_ATTRIBUTE attr;

	for (size_t i = 0; i < all.count; i++) {
		get(a, all.all[i], &origin, 1, &attr);
		if (value_of(&attr).len == 0 || bytes_equal(value_of(&attr), buf_view(&last)))
			continue;
		last.len = 0;
		buf_bytes(&last, value_of(&attr));
		send_rows(a, WIRE_FILE, WIRE_FIELDS, &origin, &attr, 1);
	}
}

static void send_objects(struct asker *a)
{
	static const struct row extension[] = {
		{ CKA_PUBLIC_KEY_INFO, IS_BYTES, WIRE_KEY },
		{ CKA_VALUE, IS_BYTES, WIRE_VALUE },
		{ TRUST_ORIGIN, IS_FILE, 0 },
	};
	struct row rows[ATTRIBUTES];
	struct stat st;
	char *path;

	send_certificates(a);
	if (!a->p11kit) {
		send_class(a, TRUST_CLASS, WIRE_TRUST, WIRE_NEW_TRUST, rows, trust_rows(a, true, rows));
		send_class(a, CKO_NSS_TRUST, WIRE_TRUST, WIRE_FIELDS, rows, trust_rows(a, false, rows));
		return;
	}
	send_class(a, CKO_X_CERTIFICATE_EXTENSION, WIRE_EXTENSION, WIRE_FIELDS, extension, 3);
	path = mem_string((const char *)a->description.at, a->description.len);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		send_files(a);
}

void asker_objects(struct asker *a)
{
	a->lie = 0;
	send_objects(a);
	if (a->unread > 0)
		asker_note(a, NOTE_ERROR, "the database is damaged: NSS cannot read %u attributes in it",
			   a->unread);
	if (a->older)
		asker_note(a, NOTE_WARN,
			   "the softokn of this host is older than the NSS that wrote what is said of trust: "
			   "that nothing else wrote it is not verified");
	if (a->lie != 0)
		asker_note(a, NOTE_ERROR,
			   "the token claims an attribute of %lu bytes, which is not believed: not all of it "
			   "is read",
			   a->lie);
}
