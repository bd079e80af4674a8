/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GnuTLS, loaded and started when somebody first asks for it: linked to the program, it
 * and the nine libraries behind it would be most of the time of a short listing. A
 * function of GnuTLS is called as crypto()->NAME(...), without its prefix, and has a row
 * here; types and constants are those of its headers. Threads may call it at once. Where
 * GnuTLS cannot be loaded the process says so and ends, as nothing can be judged then.
 */
#ifndef BASE_CRYPTO_H
#define BASE_CRYPTO_H

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/pkcs7.h>
#include <gnutls/x509-ext.h>
#include <gnutls/x509.h>

#define CRYPTO_CALLS(X)                                                                                      \
	X(cipher_decrypt2)                                                                                   \
	X(cipher_deinit)                                                                                     \
	X(cipher_get_name)                                                                                   \
	X(cipher_init)                                                                                       \
	X(digest_get_name)                                                                                   \
	X(free)                                                                                              \
	X(global_init)                                                                                       \
	X(hash)                                                                                              \
	X(hash_deinit)                                                                                       \
	X(hash_fast)                                                                                         \
	X(hash_get_len)                                                                                      \
	X(hash_init)                                                                                         \
	X(hash_output)                                                                                       \
	X(hmac_fast)                                                                                         \
	X(idna_map)                                                                                          \
	X(oid_to_digest)                                                                                     \
	X(oid_to_sign)                                                                                       \
	X(pbkdf2)                                                                                            \
	X(pk_to_sign)                                                                                        \
	X(pkcs7_deinit)                                                                                      \
	X(pkcs7_export2)                                                                                     \
	X(pkcs7_get_signature_count)                                                                         \
	X(pkcs7_import)                                                                                      \
	X(pkcs7_init)                                                                                        \
	X(pkcs7_verify_direct)                                                                               \
	X(pubkey_deinit)                                                                                     \
	X(pubkey_get_pk_algorithm)                                                                           \
	X(pubkey_import)                                                                                     \
	X(pubkey_init)                                                                                       \
	X(pubkey_set_spki)                                                                                   \
	X(pubkey_verify_data2)                                                                               \
	X(pubkey_verify_hash2)                                                                               \
	X(sec_param_to_pk_bits)                                                                              \
	X(sign_get_name)                                                                                     \
	X(sign_get_pk_algorithm)                                                                             \
	X(sign_is_secure)                                                                                    \
	X(sign_is_secure2)                                                                                   \
	X(sign_supports_pk_algorithm)                                                                        \
	X(strerror)                                                                                          \
	X(x509_crt_deinit)                                                                                   \
	X(x509_crt_import)                                                                                   \
	X(x509_crt_init)                                                                                     \
	X(x509_ext_import_name_constraints)                                                                  \
	X(x509_name_constraints_deinit)                                                                      \
	X(x509_name_constraints_get_excluded)                                                                \
	X(x509_name_constraints_get_permitted)                                                               \
	X(x509_name_constraints_init)                                                                        \
	X(x509_rdn_get2)                                                                                     \
	X(x509_spki_deinit)                                                                                  \
	X(x509_spki_init)                                                                                    \
	X(x509_spki_set_rsa_pss_params)

struct crypto {
#define X(name) __typeof__(gnutls_##name) *(name);
	CRYPTO_CALLS(X)
#undef X
};

const struct crypto *crypto(void);

#endif
