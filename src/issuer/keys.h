/* SPDX-License-Identifier: MIT */
/* Signing keys, made by GnuTLS: the private half as PEM, the public half as a JWK (RFC 7517). */
#ifndef FB_ISSUER_KEYS_H
#define FB_ISSUER_KEYS_H

#include <stddef.h>

#include "base/diag.h"
#include "jose/jwa.h"

#define KEYS_KID_LENGTH 16
#define KEYS_KID_DIGITS "0123456789abcdef"

struct key {
    /* random */
    char kid[KEYS_KID_LENGTH + 1];
    /* private, PKCS #8, NUL-terminated */
    char *pem;
    /* without the NUL */
    size_t pem_length;
    /* kty, use, alg, kid and the public members; nothing private */
    struct json_object *jwk;
};

/* Makes a new key for JWA_RS256 (RSA, 2048 bits) or JWA_ES256 (P-256), which the caller releases
 * with key_cleanup(). 0, or EX_SOFTWARE with the reason in `diag` and nothing to release. */
int key_make(enum jwa alg, struct key *key, struct diag *diag);

/* Wipes and releases it. A zeroed struct is fine. */
void key_cleanup(struct key *key); /* for CLEANUP() */

/* Overwrites a text that held a private key, and releases it. NULL is fine. */
void secret_cleanup(char **text); /* for CLEANUP() */

#endif
