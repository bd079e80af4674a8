/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tarball.h"

#include <stdio.h>
#include <string.h>

#include "base/base64.h"
#include "make.h"

void tar_add(struct buf *to, const char *name, char type, const char *link, struct bytes content)
{
	char head[512] = { 0 };
	unsigned sum = 0;

	snprintf(head, 100, "%s", name);
	memcpy(head + 100, "0006777", 8); /* the mode: all there is, to be ignored */
	memcpy(head + 108, "0000000", 8);
	memcpy(head + 116, "0000000", 8);
	snprintf(head + 124, 12, "%011lo", (unsigned long)content.len);
	memcpy(head + 136, "00000000000", 12);
	memset(head + 148, ' ', 8);
	head[156] = type;
	if (link != NULL)
		snprintf(head + 157, 100, "%s", link);
	memcpy(head + 257, "ustar\00000", 8);
	memcpy(head + 329, "0000001", 8);
	memcpy(head + 337, "0000003", 8);
	for (size_t i = 0; i < sizeof(head); i++)
		sum += (unsigned char)head[i];
	snprintf(head + 148, 8, "%06o", sum);
	buf_bytes(to, (struct bytes){ (const uint8_t *)head, sizeof(head) });
	buf_bytes(to, content);
	while (to->len % 512 != 0)
		buf_byte(to, 0);
}

void tar_text(struct buf *to, const char *name, const char *text)
{
	tar_add(to, name, TAR_FILE, NULL, bytes_of(text));
}

void tar_end(struct buf *to)
{
	for (int i = 0; i < 1024; i++)
		buf_byte(to, 0);
}

void pem_cert(struct buf *to, const char *cn, unsigned key)
{
	struct buf der = { 0 };

	make_cert(&(struct make){ .cn = cn, .key = key }, &der);
	buf_text(to, "-----BEGIN CERTIFICATE-----\n");
	base64_write(buf_view(&der), 64, to);
	buf_text(to, "-----END CERTIFICATE-----\n");
	buf_done(&der);
}

void tar_cert(struct buf *to, const char *name, const char *cn, unsigned key)
{
	struct buf pem = { 0 };

	pem_cert(&pem, cn, key);
	tar_add(to, name, TAR_FILE, NULL, buf_view(&pem));
	buf_done(&pem);
}

void ar_add(struct buf *to, const char *name, struct bytes content)
{
	if (to->len == 0)
		buf_text(to, "!<arch>\n");
	buf_print(to, "%-16s%-12u%-6u%-6u%-8o%-10zu`\n", name, 0, 0, 0, 0100644, content.len);
	buf_bytes(to, content);
	if (content.len % 2 != 0)
		buf_byte(to, '\n');
}

void cpio_add(struct buf *to, const char *name, struct bytes content)
{
	size_t len = strlen(name) + 1;

	buf_print(to, "070701%08x%08x%08x%08x%08x%08x%08zx%08x%08x%08x%08x%08zx%08x", (unsigned)to->len + 1,
		  0100644, 0, 0, 1, 0, content.len, 0, 0, 0, 0, len, 0);
	buf_bytes(to, (struct bytes){ (const uint8_t *)name, len });
	while (to->len % 4 != 0)
		buf_byte(to, 0);
	buf_bytes(to, content);
	while (to->len % 4 != 0)
		buf_byte(to, 0);
}
