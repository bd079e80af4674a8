/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside the helper process: one session with one token, and the way out.
 * Nothing is finalised or freed: the process ends.
 *
 * Modules are asked directly and not by P11KitIter: its attribute calls free
 * what they did not allocate, and it cannot be told to expect a lie.
 */
#ifndef MEDIUM_ASKER_H
#define MEDIUM_ASKER_H

#include "base/buf.h"
#include "base/err.h"
#include "medium/p11.h"
#include "medium/wire.h"
#include "model/store.h"

struct token_question;

struct asker {
	const struct token_question *question;
	int fd;
	struct buf out;
	P11KitUri *uri; /* NULL: everything is asked for */
	bool narrow;    /* it names objects and not only tokens */
	char *module_name;
	CK_FUNCTION_LIST *module;
	CK_SESSION_HANDLE session;
	bool p11kit;
	bool nss;                 /* softokn, on a database */
	bool older;               /* and it is from before the trust objects that it shows */
	struct bytes description; /* of the slot; empty where it may be cut */
	uint8_t *room;            /* ASKER_ROOM bytes */
	uint16_t forged; /* what of the object now looked at has a wrong signature: see WIRE_FORGED */
	unsigned unread; /* attributes that an NSS database has and does not give */
	CK_ULONG lie;    /* a size of an attribute that cannot be, if there was one */
};

enum { ASKER_ROOM = 24 << 14 };

/* Loads p11-kit. Before all else; ends the process where that cannot be. */
void asker_begin(struct asker *asker);

/* Sends what has been gathered. Ends the process where nobody listens. */
void asker_flush(struct asker *asker);

/* A record of a name or a text, sent at once. */
void asker_say(struct asker *asker, enum wire_type type, const char *name, const char *text);

void asker_note(struct asker *asker, enum note_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
_Noreturn void asker_fail(struct asker *asker, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* All of the session's objects that matter, as records. */
void asker_objects(struct asker *asker);

#endif
