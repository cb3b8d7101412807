/* SPDX-License-Identifier: MIT */
/* Inside a key: for jwk.c and jwk_material.c only. */
#ifndef FB_JOSE_JWK_INTERNAL_H
#define FB_JOSE_JWK_INTERNAL_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stddef.h>

#include "jose/jwk.h"

#define JWK_RSA_OCTETS_MIN  256  /* of the modulus: 2048 bits */
#define JWK_RSA_OCTETS_MAX  1024 /* 8192 bits */
#define JWK_EXPONENT_OCTETS 4
#define JWK_COORDINATE_MAX  66 /* P-521 */
#define JWK_MATERIAL_MAX    (JWK_EXPONENT_OCTETS + JWK_RSA_OCTETS_MAX)
#define JWK_NAMES_MAX       3 /* with the NULL */

/* What the public key consists of, and what GnuTLS made of it. */
struct jwk_material {
    /* the reader of it owns it */
    gnutls_pubkey_t pubkey;
    /* octets of each signature, RFC 7518, section 3 */
    size_t signature_length;
    size_t length;
    /* RSA: e as four octets, n; EC: x, y; Ed25519: x */
    unsigned char octets[JWK_MATERIAL_MAX];
};

/* One kind of key: a row of the table in jwk.c. */
struct jwk_kind {
    /* crv NULL: this kty has none */
    const char *kty, *crv;
    /* of an EC key */
    gnutls_ecc_curve_t curve;
    /* of one coordinate */
    size_t octets;
    /* Reads, judges and imports the material. JWK_ELIGIBLE: material->pubkey is the caller's; else
     * it is NULL. */
    enum jwk_fit (*read)(const struct json_object *members, const struct jwk_kind *kind,
                         struct jwk_material *material);
    /* of the members that hold the material, in its order; NULL after the last */
    const char *names[JWK_NAMES_MAX];
};

struct jwk {
    gnutls_pubkey_t pubkey;
    const struct jwk_kind *kind;
    /* what it may verify: a JWA_BIT set */
    unsigned algs;
    size_t signature_length;
    /* 0: it has none */
    size_t kid_length;
    char kid[JWK_KID_MAX + 1];
    /* NULL: none in particular */
    char *issuer;
    size_t material_length;
    unsigned char material[];
};

/* The `read` functions (jwk_material.c). */
enum jwk_fit jwk_read_rsa(const struct json_object *members, const struct jwk_kind *kind,
                          struct jwk_material *material);
enum jwk_fit jwk_read_ec(const struct json_object *members, const struct jwk_kind *kind,
                         struct jwk_material *material);
enum jwk_fit jwk_read_ed25519(const struct json_object *members, const struct jwk_kind *kind,
                              struct jwk_material *material);

#endif
