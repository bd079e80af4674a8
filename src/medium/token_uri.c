/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "medium/token_uri.h"

#include "base/buf.h"
#include "medium/token.h"
#include "medium/wire.h"

static void buf_percent(struct buf *to, struct bytes text)
{
	static const char hex[] = "0123456789ABCDEF";

	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.at[i];

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		    (c != 0 && strchr("-._~", c) != NULL)) {
			buf_byte(to, c);
		} else {
			buf_byte(to, '%');
			buf_byte(to, (unsigned char)hex[c >> 4]);
			buf_byte(to, (unsigned char)hex[c & 15]);
		}
	}
}

static void uri_part(struct buf *uri, const char *name, struct bytes value)
{
	if (uri->at[uri->len - 1] != ':')
		buf_byte(uri, ';');
	buf_print(uri, "%s=", name);
	buf_percent(uri, value);
}

char *token_uri(const struct token_said *said, const struct wire *wire)
{
	struct buf uri = { 0 };

	if (said->uri == NULL || said->uri[0] == '\0')
		return NULL;
	buf_text(&uri, said->uri);
	if (wire_has(wire, WIRE_ID))
		uri_part(&uri, "id", wire->field[WIRE_ID]);
	if (wire_has(wire, WIRE_LABEL))
		uri_part(&uri, "object", wire->field[WIRE_LABEL]);
	uri_part(&uri, "type", bytes_of("cert"));
	buf_text(&uri, said->query);
	buf_byte(&uri, 0);
	return (char *)uri.at;
}
