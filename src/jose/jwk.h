/* SPDX-License-Identifier: MIT */
/* One verification key (RFC 7517, section 4; RFC 7518, section 6; RFC 8037), imported once and
 * kept.
 *
 * GnuTLS imports keys that verify anything (RSA e = 1, small-order Ed25519) and points off the
 * curve, so the key policy is ours: RSA of 2048 to 8192 bits, odd modulus, odd e with 3 <= e <
 * 2^32; EC with coordinates of exact length, on the curve; Ed25519 with 32 octets, a canonical y
 * that is not of small order; `use` absent or "sig"; `key_ops` absent or an array with "verify";
 * `alg` absent or one of those asked for and of this key's type; `kid` absent or a string of 1 to
 * 256 octets; `issuer` absent or a string of 1 to 2048 octets. Private and symmetric
 * members are ignored.
 *
 * What issuers write loosely and nobody can take for another key is put right first, then judged:
 * leading zero octets of n and e, `=` padding to a whole group of four, and members that are null,
 * which are as absent. Coordinates have one length, so that a zero octet too many or too few stays
 * a fault. */
#ifndef FB_JOSE_JWK_H
#define FB_JOSE_JWK_H

#include <stdbool.h>
#include <stddef.h>

#include "jose/jwa.h"

#define JWK_KID_MAX    256  /* octets */
#define JWK_ISSUER_MAX 2048 /* octets */

struct json_object;
struct jwk;

/* Why a key is not eligible. */
enum jwk_fit {
    /* memory ran out */
    JWK_FAILED = 0,
    JWK_ELIGIBLE,
    JWK_NOT_OBJECT,
    /* absent, not a string, or none of RSA, EC, OKP */
    JWK_KTY,
    /* absent or not a supported curve */
    JWK_CRV,
    JWK_USE,
    JWK_KEY_OPS,
    /* alg is not one of those asked for, or not of this kind of key */
    JWK_ALG,
    /* none of the algorithms asked for works with this kind of key */
    JWK_NO_ALG,
    JWK_KID,
    /* its issuer is not a string of 1 to JWK_ISSUER_MAX octets */
    JWK_ISSUER,
    /* a member is absent, not a string, or not base64url (padded or not) */
    JWK_ENCODING,
    JWK_RSA_SIZE,
    /* even */
    JWK_RSA_MODULUS,
    JWK_RSA_EXPONENT,
    JWK_EC_LENGTH,
    /* not on the curve */
    JWK_EC_POINT,
    JWK_ED_LENGTH,
    /* y not canonical, or of small order */
    JWK_ED_POINT,
    /* GnuTLS refused it */
    JWK_IMPORT,
    JWK_FIT__MAX
};

/* A sentence for operators, e.g. "the RSA modulus has fewer than 2048 or more than 8192 bits";
 * never NULL. */
const char *jwk_fit_text(enum jwk_fit fit);

/* Imports the key in `members` (an element of `keys` as js_array_object() gives it: NULL is
 * JWK_NOT_OBJECT) for the algorithms in `algs`. JWK_ELIGIBLE: *key is the caller's, to be released
 * with jwk_free(); else *key is NULL. */
enum jwk_fit jwk_import(const struct json_object *members, unsigned algs, struct jwk **key);
void jwk_free(struct jwk *key);
void jwk_cleanup(struct jwk **key); /* for CLEANUP() */

/* NULL if the key has none. Borrowed. */
const char *jwk_kid(const struct jwk *key, size_t *length);

/* Whose tokens alone it verifies, of those who use the set (a member `issuer`, as Microsoft Entra's
 * keys have it); NULL: anybody's. Borrowed. */
const char *jwk_issuer(const struct jwk *key);
bool jwk_same_issuer(const struct jwk *one, const struct jwk *other);

/* The algorithms it may verify, never 0. */
unsigned jwk_algs(const struct jwk *key);

/* What verifies with it; all borrowed. */
struct jwk_public {
    struct gnutls_pubkey_st *handle;
    /* as jwk_algs() */
    unsigned algs;
    /* octets of each signature (RFC 7518, section 3) */
    size_t signature_length;
};
struct jwk_public jwk_public(const struct jwk *key);

/* True if both are the same key material, whatever their other members say. */
bool jwk_same_material(const struct jwk *one, const struct jwk *other);

/* A new JSON object with the public members of a key and nothing else, in their one normal form
 * (kty, kid, issuer, use, alg, those that its kind of key has of crv, n, e, x, y; key_ops as
 * ["verify"]), the caller's to release; NULL when memory runs out. `key` is what jwk_import() made
 * of `members`. */
struct json_object *jwk_public_members(const struct json_object *members, const struct jwk *key);

#endif
