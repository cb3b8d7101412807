/* SPDX-License-Identifier: MIT */
/* The signature as a number and as octets: cases 69 to 72 and 75 to 79. */
#include <stdlib.h>
#include <string.h>

#include "jose/base64url.h"
#include "cases.h"

#define ES_HEADER "{\"alg\":\"%s\",\"typ\":\"at+jwt\",\"kid\":\"%s\"}"

/* The good claims under this header, with this signature: refused for it. */
static void refused(int number, const char *header, const unsigned char *signature, size_t length,
                    const char *name)
{
    emit(number, BEARER_SIGNATURE, test_token(header, world.good_claims, signature, length), "%s",
         name);
}

/* What `key` signs under this header. */
static size_t signature_of(const struct test_key *key, enum jwa alg, const char *header,
                           unsigned char *signature)
{
    char *token = test_token(header, world.good_claims, "", 0);
    size_t length = test_key_signature(key, alg, token, strlen(token) - 1, signature);
    free(token);
    return length;
}

/* The header in pieces: what the lowest bit of any octet makes of each. */
static void header_flips(void)
{
    static const struct {
        const char *text;
        enum bearer_code code;
    } pieces[] = {
        {"{\"", BEARER_HEADER_JSON},   {"alg", BEARER_HEADER_ALG},
        {"\":\"", BEARER_HEADER_JSON}, {"RS256", BEARER_ALG_NOT_ALLOWED},
        {"\",\"", BEARER_HEADER_JSON}, {"kid", BEARER_KID_MISSING},
        {"\":\"", BEARER_HEADER_JSON}, {"rsa-1", BEARER_KID_UNKNOWN},
        {"\",\"", BEARER_HEADER_JSON}, {"typ", BEARER_SIGNATURE},
        {"\":\"", BEARER_HEADER_JSON}, {"at+jwt", BEARER_HEADER_TYP},
        {"\",\"", BEARER_HEADER_JSON}, {"x", BEARER_SIGNATURE},
        {"\":\"", BEARER_HEADER_JSON}, {"abcdefgh", BEARER_SIGNATURE},
        {"\"}", BEARER_HEADER_JSON},
    };
    char header[200] = "";
    unsigned char signature[TEST_SIGNATURE_MAX];
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        strncat(header, pieces[i].text, sizeof header - strlen(header) - 1);
    }
    size_t length = signature_of(world.rsa, JWA_RS256, header, signature);
    emit(69, BEARER_OK, test_token(header, world.good_claims, signature, length),
         "no bit of the header");
    size_t at = 0;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        for (size_t j = 0; j < strlen(pieces[i].text); j++, at++) {
            header[at] ^= 1;
            emit(69, pieces[i].code, test_token(header, world.good_claims, signature, length),
                 "the lowest bit of octet %zu of the header", at);
            header[at] ^= 1;
        }
    }
}

/* A bit of each octet of the payload, and of each octet of the signature. */
static void bit_flips(void)
{
    unsigned char signature[TEST_SIGNATURE_MAX];
    size_t length = signature_of(world.rsa, JWA_RS256, GOOD_HEADER, signature);
    for (size_t i = 0; i < length; i++) {
        signature[i] ^= (unsigned char)(1u << (i % 8));
        emit(69, BEARER_SIGNATURE, test_token(GOOD_HEADER, world.good_claims, signature, length),
             "bit %zu of octet %zu of the signature", i % 8, i);
        signature[i] ^= (unsigned char)(1u << (i % 8));
    }
    char *claims = text_of("%s", world.good_claims);
    for (size_t i = 0; claims[i] != '\0'; i++) {
        claims[i] ^= (char)(1u << (i % 5)); /* never to NUL, which would cut it */
        emit(69, BEARER_SIGNATURE, test_token(GOOD_HEADER, claims, signature, length),
             "bit %zu of octet %zu of the payload", i % 5, i);
        claims[i] ^= (char)(1u << (i % 5));
    }
    free(claims);
}

/* out = a + b, big-endian and all `length` octets; false: it does not fit. */
static bool add(unsigned char *out, const unsigned char *a, const unsigned char *b, size_t length)
{
    unsigned carry = 0;
    for (size_t i = length; i > 0; i--) {
        carry += (unsigned)a[i - 1] + b[i - 1];
        out[i - 1] = (unsigned char)carry;
        carry >>= 8;
    }
    return carry == 0;
}

static void rsa_lengths(void)
{
    unsigned char octets[TEST_SIGNATURE_MAX + 8] = {0};
    size_t length = signature_of(world.rsa, JWA_RS256, GOOD_HEADER, octets + 1);
    refused(70, GOOD_HEADER, octets + 1, length - 1, "the last octet cut");
    refused(70, GOOD_HEADER, octets + 2, length - 1, "the first octet cut");
    refused(70, GOOD_HEADER, octets + 1, 1, "one octet");
    refused(70, GOOD_HEADER, octets + 1, length / 2, "half of it");
    refused(70, GOOD_HEADER, octets + 1, length + 1, "a zero octet more");
    refused(71, GOOD_HEADER, octets, length + 1, "a leading zero");
    memcpy(octets + 1 + length, octets + 1, length);
    refused(70, GOOD_HEADER, octets + 1, 2 * length, "twice");
}

/* s + n is right wherever s is reduced first. It needs an s that is small enough: the claims of
 * some number have one. */
static void plus_modulus(enum jwa alg, const char *header, const unsigned char *n, size_t length)
{
    for (unsigned i = 0; i < 1000; i++) {
        unsigned char s[TEST_SIGNATURE_MAX];
        char *claims = text_of("{%s,\"n\":%u}", world.claims, i);
        char *token = test_token(header, claims, "", 0);
        test_key_signature(world.rsa, alg, token, strlen(token) - 1, s);
        free(token);
        bool found = add(s, s, n, length);
        if (found) {
            emit(72, BEARER_SIGNATURE, test_token(header, claims, s, length), "%s, s + n",
                 jwa_name(alg));
        }
        free(claims);
        if (found) {
            return;
        }
    }
}

static void rsa_numbers(enum jwa alg)
{
    char *header = text_of(ES_HEADER, jwa_name(alg), "rsa-1");
    unsigned char n[TEST_SIGNATURE_MAX], s[TEST_SIGNATURE_MAX] = {0};
    size_t length = test_key_parameter(world.rsa, 'n', n);
    refused(72, header, s, length, "s = 0");
    s[length - 1] = 1;
    refused(72, header, s, length, "s = 1");
    refused(72, header, n, length, "s = n");
    add(s, s, n, length);
    refused(72, header, s, length, "s = n + 1");
    memcpy(s, n, length);
    s[length - 1] ^= 1; /* n is odd */
    refused(72, header, s, length, "s = n - 1");
    memset(s, 0xff, length);
    refused(72, header, s, length, "s with all bits");
    plus_modulus(alg, header, n, length);
    free(header);
}

/* The right signature of each algorithm, and those that are nearly right. */
static void near(enum jwa alg, const struct test_key *key, const char *kid)
{
    char *header = text_of(ES_HEADER, jwa_name(alg), kid);
    unsigned char room[TEST_SIGNATURE_MAX + 2] = {0};
    unsigned char *signature = room + 1;
    size_t length = signature_of(key, alg, header, signature);
    emit(78, BEARER_OK, test_token(header, world.good_claims, signature, length),
         "%s as it should be", jwa_name(alg));
    refused(70, header, signature, length - 1, jwa_name(alg));
    refused(70, header, signature, length + 1, jwa_name(alg));
    refused(70, header, signature, 1, jwa_name(alg));
    refused(71, header, room, length + 1, jwa_name(alg));
    refused(71, header, room, length, jwa_name(alg));
    refused(79, header, room, TEST_SIGNATURE_MAX, jwa_name(alg));
    char *claims = text_of("{%s,\"x\":1}", world.claims);
    emit(78, BEARER_SIGNATURE, test_token(header, claims, signature, length), "%s, of other claims",
         jwa_name(alg));
    free(claims);
    free(header);
}

static void swapped(void)
{
    char *other_claims = text_of("{%s,\"scope\":\"read:messages\"}", world.claims);
    char *other = sign("{" MEMBERS "}", other_claims);
    char *good[3], *part[3];
    split(world.good, good);
    split(other, part);
    emit(78, BEARER_OK, other, "another good token");
    emit(78, BEARER_SIGNATURE, text_of("%s.%s.%s", good[0], part[1], good[2]),
         "the payload of another");
    emit(78, BEARER_SIGNATURE, text_of("%s.%s.%s", part[0], good[1], good[2]),
         "the header of another");
    emit(78, BEARER_SIGNATURE, text_of("%s.%s.%s", good[0], good[1], part[2]),
         "the signature of another");
    emit(78, BEARER_HEADER_ALG, text_of("%s.%s.%s", good[1], good[0], good[2]),
         "header and payload swapped");
    emit(78, BEARER_SIGNATURE,
         test_key_sign(world.attacker, JWA_RS256, GOOD_HEADER, world.good_claims),
         "the attacker's signature");
    emit(78, BEARER_SIGNATURE,
         test_key_sign(world.other, JWA_RS256, GOOD_HEADER, world.good_claims),
         "the signature of another of the issuer's keys");
    free(good[0]);
    free(part[0]);
    free(other_claims);
}

/* The order of each curve (SEC 2, section 2). */
static const struct {
    enum jwa alg;
    const char *kid, *order;
} curves[] = {
    {JWA_ES256, "ec-256", "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"},
    {JWA_ES384, "ec-384",
     "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"},
    {JWA_ES512, "ec-521",
     "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409"},
};

static size_t from_hex(const char *hex, unsigned char *out)
{
    size_t length = strlen(hex) / 2;
    for (size_t i = 0; i < length; i++) {
        char octet[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        out[i] = (unsigned char)strtoul(octet, NULL, 16);
    }
    return length;
}

static void ecdsa_numbers(const char *header, const unsigned char *good, size_t half,
                          const char *order)
{
    static const char *const names[] = {"0", "1", "n - 1", "n", "n + 1"};
    unsigned char special[5][66] = {{0}};
    unsigned char signature[132];
    from_hex(order, special[3]);
    special[1][half - 1] = 1;
    memcpy(special[2], special[3], half);
    special[2][half - 1] ^= 1;
    add(special[4], special[3], special[1], half);
    for (size_t i = 0; i < 5; i++) {
        for (size_t j = 0; j < 7; j++) { /* 5, 6: one of the two is right */
            memcpy(signature, j == 5 ? good : special[i], half);
            memcpy(signature + half, j == 5 ? special[i] : j == 6 ? good + half : special[j], half);
            emit(75, BEARER_SIGNATURE, test_token(header, world.good_claims, signature, 2 * half),
                 "%zu bits, r = %s, s = %s", 8 * half, j == 5 ? "right" : names[i],
                 j == 6   ? "right"
                 : j == 5 ? names[i]
                          : names[j]);
        }
    }
    if (add(signature, good, special[3], half)) { /* P-521 has room for it, the others rarely */
        memcpy(signature + half, good + half, half);
        refused(75, header, signature, 2 * half, "r + n");
    }
    memcpy(signature, good, half);
    if (add(signature + half, good + half, special[3], half)) {
        refused(75, header, signature, 2 * half, "s + n");
    }
    memset(signature, 0xff, 2 * half);
    refused(75, header, signature, 2 * half, "r and s with all bits");
    memcpy(signature, good + half, half);
    memcpy(signature + half, good, half);
    refused(75, header, signature, 2 * half, "r and s swapped");
}

/* DER of SEQUENCE { INTEGER r, INTEGER s }, each with a zero octet before it; returns the
 * length. */
static size_t der_of(const unsigned char *signature, size_t half, unsigned char *der)
{
    size_t n = 0;
    size_t inner = 2 * (half + 3);
    der[n++] = 0x30;
    if (inner > 127) {
        der[n++] = 0x81;
    }
    der[n++] = (unsigned char)inner;
    for (size_t i = 0; i < 2; i++) {
        der[n++] = 0x02;
        der[n++] = (unsigned char)(half + 1);
        der[n++] = 0;
        memcpy(der + n, signature + i * half, half);
        n += half;
    }
    return n;
}

static void ecdsa_forms(const char *header, const unsigned char *good, size_t half)
{
    static const size_t lengths[] = {2,  32,  48,  63,  64,  65,  66,   95,  96,
                                     97, 128, 131, 132, 133, 256, 1024, 4096};
    unsigned char other[4096] = {0};
    size_t length = der_of(good, half, other);
    refused(76, header, other, length, "DER");
    refused(76, header, other, 2 * half, "DER, cut to the right length");
    memset(other, 0, sizeof other);
    memcpy(other + 1, good, half);
    memcpy(other + half + 2, good + half, half);
    refused(77, header, other, 2 * half + 2, "a zero octet before r and before s");
    memset(other, 0x5a, sizeof other);
    memcpy(other, good, 2 * half);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        if (lengths[i] != 2 * half) {
            emit(lengths[i] == 4096 ? 79 : 77, BEARER_SIGNATURE,
                 test_token(header, world.good_claims, other, lengths[i]), "%zu octets for %zu",
                 lengths[i], 2 * half);
        }
    }
}

void family_signature(void)
{
    unsigned char good[TEST_SIGNATURE_MAX];
    header_flips();
    bit_flips();
    rsa_lengths();
    rsa_numbers(JWA_RS256);
    swapped();
    world.site = "wide";
    world.set = "main-wide";
    rsa_numbers(JWA_PS256);
    for (unsigned alg = JWA_RS256; alg <= JWA_PS512; alg++) {
        near((enum jwa)alg, world.rsa, "rsa-1");
    }
    near(JWA_EDDSA, world.ed, "ed-1");
    for (size_t i = 0; i < 3; i++) {
        char *header = text_of(ES_HEADER, jwa_name(curves[i].alg), curves[i].kid);
        size_t length = signature_of(world.ec[i], curves[i].alg, header, good);
        near(curves[i].alg, world.ec[i], curves[i].kid);
        ecdsa_numbers(header, good, length / 2, curves[i].order);
        ecdsa_forms(header, good, length / 2);
        free(header);
    }
}
