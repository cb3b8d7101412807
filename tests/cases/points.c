/* SPDX-License-Identifier: MIT */
/* Keys that are points: off their curves, of small order, of other lengths. Case 101, of the family
 * jwks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

/* A key of this kty and crv (JSON members), with coordinates of these octets; a token that names it
 * is signed with the P-256 key. */
static void point(enum jwk_fit fit, const char *kid, const char *kind, const unsigned char *x,
                  size_t x_length, const unsigned char *y, size_t y_length)
{
    char *x_text = test_base64url(x, x_length);
    char *y_text = test_base64url(y, y_length);
    set_key(text_of("{\"kid\":\"%s\",%s,\"x\":\"%s\",\"y\":\"%s\"}", kid, kind, x_text, y_text),
            kid, fit);
    emit_by(101, fit == JWK_ELIGIBLE ? BEARER_KEY_UNFIT : BEARER_KID_UNKNOWN, world.ec[0],
            JWA_ES256, kid);
    free(x_text);
    free(y_text);
}

/* What is wrong with a point of one of the curves. */
static void curve(size_t which)
{
    static const char *const crvs[] = {"P-256", "P-384", "P-521", "P-256"};
    unsigned char x[1100] = {0}, y[1100] = {0};
    char kid[40];
    char *kind = text_of("\"kty\":\"EC\",\"crv\":\"%s\"", crvs[which]);
    char *other = text_of("\"kty\":\"EC\",\"crv\":\"%s\"", crvs[which + 1]);
    size_t size = test_key_parameter(world.ec[which], 'x', x + 1);
    test_key_parameter(world.ec[which], 'y', y + 1);
#define POINT(fit, name, kind, x, x_length, y, y_length)       \
    snprintf(kid, sizeof kid, "101-%s-%s", crvs[which], name); \
    point(fit, kid, kind, x, x_length, y, y_length)
    POINT(JWK_EC_LENGTH, "long-x", kind, x, size + 1, y + 1, size);
    POINT(JWK_EC_LENGTH, "long-y", kind, x + 1, size, y, size + 1);
    POINT(JWK_EC_LENGTH, "short", kind, x + 1, size - 1, y + 1, size);
    POINT(JWK_EC_LENGTH, "no-y", kind, x + 1, size, y + 1, 0);
    POINT(JWK_EC_LENGTH, "1023", kind, x + 1, 1023, y + 1, size);
    POINT(JWK_EC_LENGTH, "other", other, x + 1, size, y + 1, size);
    POINT(JWK_CRV, "ed", "\"kty\":\"EC\",\"crv\":\"Ed25519\"", x + 1, size, y + 1, size);
    POINT(JWK_CRV, "k", "\"kty\":\"EC\",\"crv\":\"secp256k1\"", x + 1, size, y + 1, size);
    POINT(JWK_CRV, "case", "\"kty\":\"EC\",\"crv\":\"p-256\"", x + 1, size, y + 1, size);
    POINT(JWK_CRV, "none", "\"kty\":\"EC\"", x + 1, size, y + 1, size);
    POINT(JWK_CRV, "okp", "\"kty\":\"OKP\",\"crv\":\"P-256\"", x + 1, size, y + 1, size);
    POINT(JWK_CRV, "x25519", "\"kty\":\"OKP\",\"crv\":\"X25519\"", x + 1, size, y + 1, size);
    POINT(JWK_CRV, "ed448", "\"kty\":\"OKP\",\"crv\":\"Ed448\"", x + 1, size, y + 1, size);
    POINT(JWK_CRV, "number", "\"kty\":\"OKP\",\"crv\":7", x + 1, size, y + 1, size);
    POINT(JWK_ELIGIBLE, "y-of-okp", "\"kty\":\"OKP\",\"crv\":\"Ed25519\"", x + 1, 32, y + 1, size);
    POINT(JWK_EC_POINT, "swapped", kind, y + 1, size, x + 1, size);
    POINT(JWK_EC_POINT, "zero", kind, x + 100, size, x + 100, size);
    memset(y + 100, 0xff, size);
    POINT(JWK_EC_POINT, "above-p", kind, x + 1, size, y + 100, size);
    y[size] ^= 1;
    POINT(JWK_EC_POINT, "off", kind, x + 1, size, y + 1, size);
#undef POINT
    free(kind);
    free(other);
}

/* An Ed25519 key. Under one of small order R = 1, S = 0 is right for any message. */
static void edwards(enum jwk_fit fit, const char *name, const unsigned char *x, size_t length)
{
    static const unsigned char anything[64] = {1};
    char *text = test_base64url(x, length);
    char *kid = text_of("101-%s-%02x%02x", name, x[0], x[31]);
    set_key(text_of("{\"kid\":\"%s\",\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}", kid, text),
            kid, fit);
    char *header = text_of("{\"alg\":\"EdDSA\",\"kid\":\"%s\"}", kid);
    emit(101, fit == JWK_ELIGIBLE ? BEARER_SIGNATURE : BEARER_KID_UNKNOWN,
         test_token(header, world.good_claims, anything, sizeof anything),
         "%s, the signature for any message", kid);
    free(header);
    free(kid);
    free(text);
}

/* y of the points of small order, from the list in "Taming the many EdDSAs" (Chalkias, Garillot,
 * Nikolaenko; 2020), table 1, and what is near 2^255 - 19. */
static void all_edwards(void)
{
    static const char *const small[] = {
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    };
    unsigned char x[33] = {0};
    for (size_t i = 0; i < sizeof small / sizeof small[0]; i++) {
        for (size_t j = 0; j < 32; j++) {
            char octet[3] = {small[i][2 * j], small[i][2 * j + 1], '\0'};
            x[j] = (unsigned char)strtoul(octet, NULL, 16);
        }
        edwards(JWK_ED_POINT, "small", x, 32);
        x[31] |= 0x80; /* the other sign */
        edwards(JWK_ED_POINT, "small", x, 32);
    }
    for (unsigned low = 0xe9; low <= 0xff; low++) { /* p - 4 to 2^255 - 1 */
        memset(x, 0xff, sizeof x);
        x[0] = (unsigned char)low;
        x[31] = low % 2 == 0 ? 0xff : 0x7f;
        edwards(low < 0xec ? JWK_ELIGIBLE : JWK_ED_POINT, "near-p", x, 32);
    }
    x[31] = 0x7f;
    x[1] = 0xfe;
    edwards(JWK_ELIGIBLE, "below-p", x, 32);
    edwards(JWK_ED_LENGTH, "long", x, 33);
    edwards(JWK_ED_LENGTH, "short", x, 31);
    edwards(JWK_ED_LENGTH, "empty", x, 0);
}

void jwks_points(void)
{
    world.set = "points";
    set_key(test_key_jwk(world.ec[0]), "ec-256", JWK_ELIGIBLE);
    emit_by(101, BEARER_OK, world.ec[0], JWA_ES256, "ec-256");
    for (size_t i = 0; i < 3; i++) {
        curve(i);
    }
    all_edwards();
    set_end(world.set);
}
