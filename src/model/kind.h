/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a format or a medium is called and what it can say about an anchor. The
 * loss report is computed from `can`: what an anchor has, minus what the target
 * can express. The only part of a format that code outside medium/ ever sees.
 */
#ifndef MODEL_KIND_H
#define MODEL_KIND_H

enum kind_can {
	CAN_LABEL = 1 << 0,              /* each anchor has a name */
	CAN_PURPOSE = 1 << 1,            /* trust differs by purpose */
	CAN_DISTRUST = 1 << 2,           /* "never trust this" */
	CAN_DISTRUST_AFTER = 1 << 3,     /* "trust what was issued before this date" */
	CAN_CONSTRAIN = 1 << 4,          /* extensions attached by the store */
	CAN_NO_CERTIFICATE = 1 << 5,     /* distrust of an issuer and serial number, or of a key */
	CAN_MANY = 1 << 6,               /* more than one certificate in a file */
	CAN_NEUTRAL = 1 << 7,            /* a certificate that is neither trusted nor distrusted */
	CAN_DISTRUST_AFTER_ANY = 1 << 8, /* the same for other purposes than TLS servers and mail */
	CAN_ALL = (1 << 9) - 1,
};

struct kind {
	const char *name;  /* as in KIND:PATH */
	const char *brief; /* one line for help and manual */
	unsigned can;      /* set of enum kind_can */
};

#endif
