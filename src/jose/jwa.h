/* SPDX-License-Identifier: MIT */
/* The signature algorithms we know (RFC 7518, section 3.1; RFC 8037, section 3.1; RFC 9864). No
 * symmetric one, no "none", ever. */
#ifndef FB_JOSE_JWA_H
#define FB_JOSE_JWA_H

#include <stddef.h>

enum jwa {
    JWA_UNKNOWN = 0,
    JWA_RS256,
    JWA_RS384,
    JWA_RS512,
    JWA_PS256,
    JWA_PS384,
    JWA_PS512,
    JWA_ES256,
    JWA_ES384,
    JWA_ES512,
    JWA_EDDSA,
    JWA__MAX
};

/* A set of algorithms is an unsigned with these bits. */
#define JWA_BIT(alg) (1u << (alg))
#define JWA_ALL      (JWA_BIT(JWA__MAX) - 2u)

/* The other name of EdDSA with Ed25519, the one curve we have for it (RFC 9864, section 2.2). */
#define JWA_ED25519_NAME "Ed25519"

/* The algorithm of exactly this name (case matters), or JWA_UNKNOWN. Of the two names of JWA_EDDSA
 * either will do, in tokens, keys and settings. */
enum jwa jwa_parse(const char *name, size_t length);

/* "RS256" ... "EdDSA"; never NULL. */
const char *jwa_name(enum jwa alg);

/* The names of a set of algorithms with a comma between them, as AUTH0_ALGORITHMS takes them: into
 * `out`, which has JWA_LIST_MAX octets, and returned. */
#define JWA_LIST_MAX 80
const char *jwa_list(char *out, unsigned set);

/* The algorithms that a key of this `kty` (and `crv`; NULL for RSA) can be used with; 0 if there
 * are none. */
unsigned jwa_of_key(const char *kty, const char *crv);

#endif
