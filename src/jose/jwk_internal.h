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
    gnutls_pubkey_t pubkey;  /* the reader of it owns it */
    size_t signature_length; /* octets of each signature, RFC 7518, section 3 */
    size_t length;
    unsigned char octets[JWK_MATERIAL_MAX]; /* RSA: e as four octets, n; EC: x, y; Ed25519: x */
};

/* One kind of key: a row of the table in jwk.c. */
struct jwk_kind {
    const char *kty, *crv;    /* crv NULL: this kty has none */
    gnutls_ecc_curve_t curve; /* of an EC key */
    size_t octets;            /* of one coordinate */
    /* Reads, judges and imports the material. JWK_ELIGIBLE: material->pubkey is the caller's; else it is NULL. */
    enum jwk_fit (*read)(const struct json_object *members, const struct jwk_kind *kind,
                         struct jwk_material *material);
    const char
        *names[JWK_NAMES_MAX]; /* of the members that hold the material, in its order; NULL after the last */
};

struct jwk {
    gnutls_pubkey_t pubkey;
    const struct jwk_kind *kind;
    unsigned algs; /* what it may verify: a JWA_BIT set */
    size_t signature_length;
    size_t kid_length; /* 0: it has none */
    char kid[JWK_KID_MAX + 1];
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
