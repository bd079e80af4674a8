/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/unpack_keep.h"

#include "base/limits.h"
#include "format/format.h"
#include "medium/image.h"

enum { AROUND = 1 << 20 }; /* bytes that are told behind a certificate */

/* Whether `path` is what was asked for, or up to two folders below it. */
static bool below(const char *path, const char *asked)
{
	size_t len = strlen(asked);
	const char *rest = path + len, *slash;

	if (strncmp(path, asked, len) != 0 || (*rest != '\0' && *rest != '/'))
		return false;
	slash = *rest == '/' ? strchr(rest + 1, '/') : NULL;
	return slash == NULL || strchr(slash + 1, '/') == NULL;
}

/* The path that was asked for may begin with the name of an image, "/linux/arm64!/etc". */
static const char *asked_within(const char *asked)
{
	const char *inner = strstr(asked, "!/");

	return inner != NULL ? inner + 1 : asked;
}

bool keep_asked(const struct image_want *want, const char *path)
{
	const char *asked = want->asked;

	return asked != NULL && asked[0] != '\0' && (below(path, asked) || below(path, asked_within(asked)));
}

bool keep_asked_inside(const struct image_want *want, const char *path)
{
	size_t len = strlen(path);

	for (int i = 0; want->asked != NULL && i < 2; i++) {
		const char *asked = i == 0 ? want->asked : asked_within(want->asked);

		if (strncmp(asked, path, len) == 0 &&
		    (asked[len] == '\0' || (asked[len] == '!' && asked[len + 1] == '/')))
			return true;
	}
	return false;
}

/* What says how layers belong together. */
static bool is_meta(const char *path, struct bytes head)
{
	if (head.len == 0 || (head.at[0] != '{' && head.at[0] != '['))
		return false;
	if (strncmp(path, "/blobs/", 7) == 0)
		return true;
	return strchr(path + 1, '/') == NULL && strlen(path) > 5 &&
	       strcmp(path + strlen(path) - 5, ".json") == 0;
}

static void tell_bytes(struct keep *k, struct bytes bytes, uint64_t at)
{
	struct unpack *u = k->u;

	if (k->over || bytes.len == 0)
		return;
	if (k->bytes + bytes.len > LIMIT_IMAGE_FILE) {
		unpack_note(u, NOTE_ERROR, k->full,
			    "more than %zu MiB, which is the limit for one file of an archive",
			    LIMIT_IMAGE_FILE >> 20);
		k->over = true;
		return;
	}
	k->bytes += bytes.len;
	u->kept += bytes.len;
	if (u->kept > LIMIT_IMAGE_KEPT)
		unpack_stop(u, ERR_LIMIT,
			    "more than %zu MiB of what could be trust stores, which is the limit",
			    LIMIT_IMAGE_KEPT >> 20);
	k->told = at + bytes.len;
	for (size_t n; bytes.len > 0; bytes = bytes_skip(bytes, n), at += n) {
		n = bytes.len < UNPACK_MOST / 2 ? bytes.len : UNPACK_MOST / 2;
		unpack_tell(u, UNPACK_DATA, k->unit, at, bytes_of(""), (struct bytes){ bytes.at, n });
	}
}

static void tell_begin(struct keep *k)
{
	struct unpack *u = k->u;

	if (k->on)
		return;
	k->on = true;
	if (++u->files > LIMIT_IMAGE_FILES)
		unpack_stop(u, ERR_LIMIT, "more than %d files that could be trust stores, which is the limit",
			    LIMIT_IMAGE_FILES);
	unpack_tell(u, UNPACK_FILE, k->unit, 0, bytes_of(k->path), bytes_of(""));
	tell_bytes(k, buf_view(&k->head), 0);
}

static bool has_pem(const struct keep *k, struct bytes block)
{
	uint8_t seam[2 * SNIFF_OVERLAP];
	size_t len = block.len < SNIFF_OVERLAP ? block.len : SNIFF_OVERLAP;

	if (sniff_pem(block) < block.len)
		return true;
	if (k->tail_len == 0 || len == 0)
		return false;
	memcpy(seam, k->tail, k->tail_len);
	memcpy(seam + k->tail_len, block.at, len);
	len += k->tail_len;
	return sniff_pem((struct bytes){ seam, len }) < len;
}

void keep_block(struct keep *k, struct bytes block, uint64_t at, bool last)
{
	if (k->all)
		tell_bytes(k, block, at);
	if (k->all || !(k->around || k->u->want->stores))
		return;
	if (has_pem(k, block)) {
		tell_begin(k);
		if (k->told < at && at - k->told >= k->tail_len)
			tell_bytes(k, (struct bytes){ k->tail, k->tail_len }, at - k->tail_len);
		k->until = at + block.len + AROUND;
	}
	if (k->on && at < k->until)
		tell_bytes(k, block, at);
	else if (!k->on && !last && at == k->head.len && at + block.len <= LIMIT_IMAGE_HEAD)
		buf_bytes(&k->head, block);
	k->tail_len = block.len < SNIFF_OVERLAP ? block.len : SNIFF_OVERLAP;
	if (k->tail_len > 0)
		memcpy(k->tail, block.at + block.len - k->tail_len, k->tail_len);
}

void keep_begin(struct keep *k, struct bytes head, uint64_t size)
{
	const struct image_want *want = k->u->want;

	bool program = format_embedded.probe(head) > 0;

	k->all = (want->file != NULL && want->file(want->data, k->full)) || keep_asked(want, k->full) ||
		 (is_meta(k->path, head) && size <= LIMIT_IMAGE_JSON) ||
		 (want->stores && (sniff_name(k->path) || sniff_store(head)));
	if (k->all)
		tell_begin(k);
	/* Some are larger than any store: of these certificates are what is wanted. */
	k->around = k->all && program && size > LIMIT_IMAGE_FILE;
	k->all = k->all && !k->around;
	if (k->around)
		k->until = LIMIT_IMAGE_HEAD; /* by which it is recognised */
}

void keep_end(struct keep *k, uint64_t size)
{
	if (k->on) /* it ends where it is no longer told: holes would be read as what is in it */
		unpack_tell(k->u, UNPACK_FILE_END, k->unit, k->all && k->over ? k->told : size, bytes_of(""),
			    bytes_of(""));
	else
		unpack_tell(k->u, UNPACK_OTHER, k->unit, size, bytes_of(k->path), bytes_of(""));
	buf_done(&k->head);
}
