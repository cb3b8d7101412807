/* SPDX-License-Identifier: MIT */
/* Signatures (RFC 7515, section 5.2; RFC 7518, sections 3.3 to 3.5; RFC 8037, section 3.1), through
 * GnuTLS. */
#ifndef FB_JOSE_JWS_H
#define FB_JOSE_JWS_H

#include <stddef.h>

#include "base/error.h"
#include "jose/jwk.h"

/* BEARER_OK if `signature` over the `length` bytes at `data` is right for this key under `alg`;
 * BEARER_KEY_UNFIT if the key is not for this algorithm; BEARER_SIGNATURE if it is not right (wrong
 * length too: RSA as long as the modulus, ECDSA exactly r||s, each as long as the field);
 * BEARER_DENIED when memory runs out or GnuTLS fails otherwise (where it says so: some of its own
 * failures look like a wrong signature). */
enum bearer_code jws_verify(const struct jwk *key, enum jwa alg, const char *data, size_t length,
                            const unsigned char *signature, size_t signature_length);

#endif
