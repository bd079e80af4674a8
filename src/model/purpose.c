/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "model/purpose.h"

#define DER(text)                                                                                            \
	{                                                                                                    \
		(const uint8_t *)(text), sizeof(text) - 1                                                    \
	}
#define PKIX_KP "\x2b\x06\x01\x05\x05\x07\x03" /* 1.3.6.1.5.5.7.3 */

const struct purpose_row purposes[PURPOSE_ROWS] = {
	[PURPOSE_SERVER_AUTH] = {
		.name = "server-auth", .oid = "1.3.6.1.5.5.7.3.1", .der = DER(PKIX_KP "\x01"),
		.nss_trust = 0xce536358, .trust = 0x62c, .distrust_after = 0xce534373,
		.mozilla = "SERVER_AUTH", .brief = "TLS servers",
	},
	[PURPOSE_CLIENT_AUTH] = {
		.name = "client-auth", .oid = "1.3.6.1.5.5.7.3.2", .der = DER(PKIX_KP "\x02"),
		.nss_trust = 0xce536359, .trust = 0x62d,
		.mozilla = "CLIENT_AUTH", .brief = "TLS clients",
	},
	[PURPOSE_EMAIL] = {
		.name = "email", .oid = "1.3.6.1.5.5.7.3.4", .der = DER(PKIX_KP "\x04"),
		.nss_trust = 0xce53635b, .trust = 0x62f, .distrust_after = 0xce534374,
		.mozilla = "EMAIL_PROTECTION", .brief = "S/MIME mail",
	},
	[PURPOSE_CODE_SIGNING] = {
		.name = "code-signing", .oid = "1.3.6.1.5.5.7.3.3", .der = DER(PKIX_KP "\x03"),
		.nss_trust = 0xce53635a, .trust = 0x62e,
		.mozilla = "CODE_SIGNING", .brief = "signed programs",
	},
	[PURPOSE_IPSEC_END_SYSTEM] = {
		.name = "ipsec-end-system", .oid = "1.3.6.1.5.5.7.3.5", .der = DER(PKIX_KP "\x05"),
		.nss_trust = 0xce53635c,
		.mozilla = "IPSEC_END_SYSTEM", .brief = "IPsec end systems (obsolete)",
	},
	[PURPOSE_IPSEC_TUNNEL] = {
		.name = "ipsec-tunnel", .oid = "1.3.6.1.5.5.7.3.6", .der = DER(PKIX_KP "\x06"),
		.nss_trust = 0xce53635d,
		.mozilla = "IPSEC_TUNNEL", .brief = "IPsec tunnels (obsolete)",
	},
	[PURPOSE_IPSEC_USER] = {
		.name = "ipsec-user", .oid = "1.3.6.1.5.5.7.3.7", .der = DER(PKIX_KP "\x07"),
		.nss_trust = 0xce53635e,
		.mozilla = "IPSEC_USER", .brief = "IPsec users (obsolete)",
	},
	[PURPOSE_TIME_STAMPING] = {
		.name = "time-stamping", .oid = "1.3.6.1.5.5.7.3.8", .der = DER(PKIX_KP "\x08"),
		.nss_trust = 0xce53635f, .trust = 0x631,
		.mozilla = "TIME_STAMPING", .brief = "trusted time stamps",
	},
};

enum purpose purpose_of_oid(struct bytes der)
{
	enum purpose purpose = PURPOSE_SERVER_AUTH;

	while (purpose < PURPOSE_ROWS && !bytes_equal(purposes[purpose].der, der))
		purpose++;
	return purpose;
}

bool purpose_any(struct bytes der)
{
	static const uint8_t any[] = { 0x55, 0x1d, 0x25, 0x00 };

	return bytes_equal(der, (struct bytes){ any, sizeof(any) });
}
