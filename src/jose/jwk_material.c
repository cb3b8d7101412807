/* SPDX-License-Identifier: MIT */
/* The numbers of a public key: GnuTLS imports nearly anything, so they are judged here, first. */
#include "jose/jwk_internal.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "jose/base64url.h"
#include "jose/datum.h"
#include "json/json.h"

/* Leading zero octets that are left when whole groups of them were passed over. */
#define ZEROS_MAX 2

/* A decoded member. */
struct octets {
    size_t length;
    unsigned char at[BASE64URL_DECODED_MAX(BASE64URL_ENCODED(JWK_RSA_OCTETS_MAX + ZEROS_MAX))];
};

/* The member without the padding that RFC 7515, section 2, leaves out and some issuers do not;
 * NULL: there is no such string. */
static const char *encoded(const struct json_object *members, const char *name, size_t *length)
{
    const char *text = js_string(members, name, length);
    if (text != NULL && *length % 4 == 0) {
        for (int i = 0; i < 2 && *length > 0 && text[*length - 1] == '='; i++) {
            (*length)--;
        }
    }
    return text;
}

/* Decodes the member of at most `max` octets; a longer one is `too_long`. */
static enum jwk_fit decode(const struct json_object *members, const char *name, size_t max,
                           enum jwk_fit too_long, struct octets *out)
{
    size_t length = 0;
    const char *text = encoded(members, name, &length);
    if (text == NULL) {
        return JWK_ENCODING;
    }
    if (length > BASE64URL_ENCODED(max)) {
        return too_long;
    }
    return base64url_decode(text, length, out->at, &out->length) ? JWK_ELIGIBLE : JWK_ENCODING;
}

/* The same with an integer (RFC 7518, section 2: Base64urlUInt), in its shortest form then: zero
 * octets before it say nothing. */
static enum jwk_fit decode_integer(const struct json_object *members, const char *name, size_t max,
                                   enum jwk_fit too_long, struct octets *out)
{
    size_t length = 0;
    const char *text = encoded(members, name, &length);
    if (text == NULL) {
        return JWK_ENCODING;
    }
    for (; length >= 4 && memcmp(text, "AAAA", 4) == 0; length -= 4) { /* three zero octets */
        text += 4;
    }
    if (length > BASE64URL_ENCODED(max + ZEROS_MAX)) {
        return too_long;
    }
    if (!base64url_decode(text, length, out->at, &out->length)) {
        return JWK_ENCODING;
    }
    size_t zeros = 0;
    while (zeros < out->length && out->at[zeros] == 0) {
        zeros++;
    }
    out->length -= zeros;
    memmove(out->at, out->at + zeros, out->length);
    return out->length <= max ? JWK_ELIGIBLE : too_long;
}

/* Initializes, imports and checks; a refusal by GnuTLS is `refused`. */
static enum jwk_fit import(struct jwk_material *material, const struct jwk_kind *kind,
                           enum jwk_fit refused)
{
    gnutls_pubkey_t pubkey = NULL;
    if (gnutls_pubkey_init(&pubkey) < 0) {
        return JWK_FAILED;
    }
    int result = 0;
    if (kind->crv == NULL) {
        gnutls_datum_t e = datum(material->octets, JWK_EXPONENT_OCTETS);
        gnutls_datum_t n =
            datum(material->octets + JWK_EXPONENT_OCTETS, material->length - JWK_EXPONENT_OCTETS);
        result = gnutls_pubkey_import_rsa_raw(pubkey, &n, &e);
    } else {
        gnutls_datum_t x = datum(material->octets, kind->octets);
        gnutls_datum_t y = datum(material->octets + kind->octets, kind->octets);
        bool has_y = material->length > kind->octets;
        result = gnutls_pubkey_import_ecc_raw(pubkey, kind->curve, &x, has_y ? &y : NULL);
    }
    if (result >= 0) { /* a point off its curve is found here only */
        result = gnutls_pubkey_verify_params(pubkey);
    }
    if (result < 0) {
        gnutls_pubkey_deinit(pubkey);
        /* There is no number it could not read (no zeros get here): then memory ran out. */
        bool memory = result == GNUTLS_E_MEMORY_ERROR || result == GNUTLS_E_MPI_SCAN_FAILED;
        return memory ? JWK_FAILED : refused;
    }
    material->pubkey = pubkey;
    return JWK_ELIGIBLE;
}

/* RFC 7518, section 6.3.1. */
static enum jwk_fit judge_modulus(const struct octets *n)
{
    if (n->length < JWK_RSA_OCTETS_MIN || (n->length == JWK_RSA_OCTETS_MIN && n->at[0] < 0x80)) {
        return JWK_RSA_SIZE;
    }
    return n->at[n->length - 1] % 2 == 1 ? JWK_ELIGIBLE : JWK_RSA_MODULUS;
}

enum jwk_fit jwk_read_rsa(const struct json_object *members, const struct jwk_kind *kind,
                          struct jwk_material *material)
{
    struct octets n, e;
    enum jwk_fit fit = decode_integer(members, "n", JWK_RSA_OCTETS_MAX, JWK_RSA_SIZE, &n);
    if (fit != JWK_ELIGIBLE) {
        return fit;
    }
    fit = decode_integer(members, "e", JWK_EXPONENT_OCTETS, JWK_RSA_EXPONENT, &e);
    if (fit != JWK_ELIGIBLE) {
        return fit;
    }
    fit = judge_modulus(&n);
    if (fit != JWK_ELIGIBLE) {
        return fit;
    }
    uint32_t exponent = 0;
    for (size_t i = 0; i < e.length; i++) {
        exponent = exponent << 8 | e.at[i];
    }
    /* With e = 1 every signature is right that says what was signed. */
    if (exponent < 3 || exponent % 2 == 0) {
        return JWK_RSA_EXPONENT;
    }
    memset(material->octets, 0, JWK_EXPONENT_OCTETS);
    memcpy(material->octets + JWK_EXPONENT_OCTETS - e.length, e.at, e.length);
    memcpy(material->octets + JWK_EXPONENT_OCTETS, n.at, n.length);
    material->length = JWK_EXPONENT_OCTETS + n.length;
    material->signature_length = n.length;
    return import(material, kind, JWK_IMPORT);
}

static bool is_zero(const unsigned char *octets, size_t length)
{
    unsigned char any = 0;
    for (size_t i = 0; i < length; i++) {
        any |= octets[i];
    }
    return any == 0;
}

/* RFC 7518, section 6.2.1: coordinates as long as the field, leading zero octets and all. */
enum jwk_fit jwk_read_ec(const struct json_object *members, const struct jwk_kind *kind,
                         struct jwk_material *material)
{
    static const char *const names[] = {"x", "y"};
    for (size_t i = 0; i < 2; i++) {
        struct octets coordinate;
        enum jwk_fit fit =
            decode(members, names[i], JWK_COORDINATE_MAX, JWK_EC_LENGTH, &coordinate);
        if (fit != JWK_ELIGIBLE) {
            return fit;
        }
        if (coordinate.length != kind->octets) {
            return JWK_EC_LENGTH;
        }
        if (is_zero(coordinate.at, coordinate.length)) { /* nobody's key; GnuTLS does not read it */
            return JWK_EC_POINT;
        }
        memcpy(material->octets + i * kind->octets, coordinate.at, kind->octets);
    }
    material->length = 2 * kind->octets;
    material->signature_length =
        2 * kind->octets; /* r || s; the order is as long as the field in these */
    return import(material, kind, JWK_EC_POINT);
}

#define ED25519_OCTETS 32

/* The y of the eight points whose order divides 8, little-endian. With such a key one fixed
 * signature is right for any message. */
static const unsigned char small_order[][ED25519_OCTETS] = {
    /* 0: order 4 */
    {0x00},
    /* 1: the neutral element */
    {0x01},
    /* p - 1: order 2 */
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    /* order 8 */
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
     0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
     0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    /* order 8: p minus the one before */
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
     0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
     0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
};

/* RFC 8032, section 5.1.3: y is the 255 low bits, the highest bit the sign of x. Canonical: y < p =
 * 2^255 - 19. */
static bool good_ed25519(const unsigned char *point)
{
    unsigned char y[ED25519_OCTETS];
    memcpy(y, point, sizeof y);
    y[ED25519_OCTETS - 1] &= 0x7f;
    for (size_t i = 0; i < sizeof small_order / sizeof small_order[0]; i++) {
        if (memcmp(y, small_order[i], sizeof y) == 0) {
            return false;
        }
    }
    bool high = y[ED25519_OCTETS - 1] == 0x7f;
    for (size_t i = 1; i < ED25519_OCTETS - 1; i++) {
        high = high && y[i] == 0xff;
    }
    return !(high && y[0] >= 0xed);
}

/* RFC 8037, section 2. */
enum jwk_fit jwk_read_ed25519(const struct json_object *members, const struct jwk_kind *kind,
                              struct jwk_material *material)
{
    struct octets x;
    enum jwk_fit fit = decode(members, "x", ED25519_OCTETS, JWK_ED_LENGTH, &x);
    if (fit != JWK_ELIGIBLE) {
        return fit;
    }
    if (x.length != ED25519_OCTETS) {
        return JWK_ED_LENGTH;
    }
    if (!good_ed25519(x.at)) {
        return JWK_ED_POINT;
    }
    memcpy(material->octets, x.at, x.length);
    material->length = x.length;
    material->signature_length = 2 * ED25519_OCTETS;
    return import(material, kind, JWK_IMPORT);
}
