/* SPDX-License-Identifier: MIT */
/* Keys that must never verify, each in a document with good ones: cases 80 to 97 and 100. A token
 * that names such a key is signed with it, so that it is refused for nothing else: the same key
 * under the kid "fit" verifies. */
#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "rsa_encodings.h"

static struct test_key *key; /* that of the issuer in this family, but for its flaws */
/* The parameter of a key as text. */
static char *parameter(const struct test_key *of, char name)
{
    unsigned char octets[1024];
    size_t length = test_key_parameter(of, name, octets);
    return test_base64url(octets, length);
}

/* `key` with other members; each with a comma after it. */
static void with(int number, enum jwk_fit fit, const char *kid, const char *members)
{
    struct test_key *named = test_key_again(key, kid);
    set_key(test_key_jwk_with(named, members), kid, fit);
    emit_by(number, BEARER_KID_UNKNOWN, key, JWA_RS256, kid);
    test_key_free(named);
}

/* What `key` is not for, by its members. */
static const struct {
    int number;
    enum jwk_fit fit;
    const char *kid, *members;
} purposes[] = {
    {80, JWK_USE, "80-enc", "\"use\":\"enc\","},
    {80, JWK_USE, "80-case", "\"use\":\"SIG\","},
    {80, JWK_USE, "80-empty", "\"use\":\"\","},
    {80, JWK_USE, "80-array", "\"use\":[\"sig\"],"},
    {80, JWK_USE, "80-false", "\"use\":false,"},
    {81, JWK_KEY_OPS, "81-sign", "\"key_ops\":[\"sign\",\"encrypt\"],"},
    {81, JWK_KEY_OPS, "81-near", "\"key_ops\":[\"sign\",\"verif\",\"verify2\",\"VERIFY\"],"},
    {81, JWK_KEY_OPS, "81-case", "\"key_ops\":[\"VERIFY\"],"},
    {81, JWK_KEY_OPS, "81-empty", "\"key_ops\":[],"},
    {81, JWK_KEY_OPS, "81-string", "\"key_ops\":\"verify\","},
    {81, JWK_KEY_OPS, "81-object", "\"key_ops\":{\"0\":\"verify\"},"},
    {81, JWK_KEY_OPS, "81-no-use", "\"use\":null,\"key_ops\":[],"},
    {82, JWK_ALG, "82-rs384", "\"alg\":\"RS384\","},
    {82, JWK_ALG, "82-es256", "\"alg\":\"ES256\","},
    {82, JWK_ALG, "82-ed25519", "\"alg\":\"Ed25519\","},
    {82, JWK_ALG, "82-hs256", "\"alg\":\"HS256\","},
    {82, JWK_ALG, "82-none", "\"alg\":\"none\","},
    {82, JWK_ALG, "82-oaep", "\"alg\":\"RSA-OAEP\","},
    {82, JWK_ALG, "82-case", "\"alg\":\"rs256\","},
    {82, JWK_ALG, "82-empty", "\"alg\":\"\","},
    {82, JWK_ALG, "82-number", "\"alg\":0,"},
    {82, JWK_ALG, "82-array", "\"alg\":[\"RS256\"],"},
};

/* What it is for, or what is nothing to us. */
static const struct {
    int number;
    const char *kid, *members;
} fine[] = {
    {80, "80-sig", "\"use\":\"sig\","},
    {80, "80-null", "\"use\":null,"},
    {81, "81-verify", "\"key_ops\":[\"verify\"],"},
    {81, "81-more", "\"key_ops\":[7,\"sign\",\"verify\"],"},
    {81, "81-null", "\"key_ops\":null,"},
    {82, "82-rs256", "\"alg\":\"RS256\","},
    {82, "82-null", "\"alg\":null,\"x5c\":null,\"x5t\":null,"},
    {82, "82-nulls",
     "\"use\":null,\"key_ops\":null,\"alg\":null,\"x5c\":null,\"x5t\":null,\"d\":null,"},
    {92, "92-x5u",
     "\"x5c\":[\"bm8gY2VydGlmaWNhdGU\"],\"x5t\":\"AQ\",\"x5u\":\"file:///dev/null\","},
    {95, "95",
     "\"d\":\"PRIVATE-MEMBER\",\"p\":\"PRIVATE-MEMBER\",\"qi\":7,\"oth\":[{\"r\":\"PRIVATE-MEMBER\"}],"},
    {95, "95-k", "\"d\":\"AQ\",\"p\":7,\"k\":\"c2VjcmV0\","},
};

/* An RSA key of these members, which are JSON or NULL. */
static void rsa_key(enum jwk_fit fit, const char *kid, const char *n, const char *e)
{
    set_key(text_of("{\"kid\":\"%s\",\"kty\":\"RSA\"%s%s%s%s}", kid, n != NULL ? ",\"n\":" : "",
                    n != NULL ? n : "", e != NULL ? ",\"e\":" : "", e != NULL ? e : ""),
            kid, fit);
}

/* The same, and a token that is right if the key is. */
static void rsa(int number, enum jwk_fit fit, const char *kid, const char *n, const char *e)
{
    rsa_key(fit, kid, n, e);
    emit_by(number, fit == JWK_ELIGIBLE ? BEARER_OK : BEARER_KID_UNKNOWN, key, JWA_RS256, kid);
}

/* The same with these octets for n. */
static void modulus(int number, enum jwk_fit fit, const char *kid, const unsigned char *n,
                    size_t length)
{
    char *encoded = test_base64url(n, length);
    char *text = text_of("\"%s\"", encoded);
    rsa(number, fit, kid, text, "\"AQAB\"");
    free(text);
    free(encoded);
}

static void sizes(void)
{
    static const struct {
        unsigned bits;
        const char *kid;
    } small[] = {{1024, "83-1024"}, {1536, "83-1536"}, {2040, "83-2040"}};
    for (size_t i = 0; i < sizeof small / sizeof small[0]; i++) {
        struct test_key *made = test_key_new_rsa(small[i].bits, small[i].kid);
        set_key(test_key_jwk(made), small[i].kid, JWK_RSA_SIZE);
        emit_by(83, BEARER_KID_UNKNOWN, made, JWA_RS256, small[i].kid);
        test_key_free(made);
    }
    unsigned char n[2048] = {0};
    size_t length = test_key_parameter(key, 'n', n + 1);
    n[length]--; /* it was odd */
    modulus(85, JWK_RSA_MODULUS, "85-even", n + 1, length);
    modulus(85, JWK_RSA_SIZE, "85-zero", n, 1);
    modulus(85, JWK_RSA_SIZE, "85-empty", n, 0);
    modulus(85, JWK_RSA_SIZE, "85-tiny", (const unsigned char *)"\x0f", 1);
    if (gnutls_rnd(GNUTLS_RND_NONCE, n, sizeof n) < 0) {
        cases_bail("no random octets");
    }
    n[0] |= 0x80;
    n[1024] |= 1;
    n[sizeof n - 1] |= 1;
    modulus(86, JWK_RSA_SIZE, "86-8200", n, 1025);
    modulus(86, JWK_RSA_SIZE, "86-16384", n, sizeof n);
}

/* With e = 1 the signature is the encoded message itself: everybody can make it. */
static void forged_by_e1(void)
{
    unsigned char n[1024];
    struct rsa_encoding encoding;
    char *header = text_of("{\"alg\":\"RS256\",\"kid\":\"84-one\"}");
    char *unsigned_token = test_token(header, world.good_claims, "", 0);
    test_key_parameter(key, 'n', n);
    rsa_encoding(0, unsigned_token, strlen(unsigned_token) - 1, n, &encoding);
    emit(84, BEARER_KID_UNKNOWN,
         test_token(header, world.good_claims, encoding.message, sizeof encoding.message),
         "forged for e = 1");
    free(unsigned_token);
    free(header);
}

/* The modulus is right; of the token, which is signed with the key itself, only e = 65537 makes a
 * good one. */
static const struct {
    int number;
    enum jwk_fit fit;
    const char *kid, *e;
} exponents[] = {
    {84, JWK_RSA_EXPONENT, "84-one", "\"AQ\""},
    {84, JWK_RSA_EXPONENT, "84-zero", "\"AA\""},
    {84, JWK_RSA_EXPONENT, "84-two", "\"Ag\""},
    {84, JWK_RSA_EXPONENT, "84-even", "\"AQAA\""},
    {84, JWK_RSA_EXPONENT, "84-long", "\"AQAAAAE\""},
    {84, JWK_RSA_EXPONENT, "84-empty", "\"\""},
    {84, JWK_RSA_EXPONENT, "84-zero-one", "\"AAAAAQ==\""},
    {84, JWK_RSA_EXPONENT, "84-zero-1", "\"AAE\""},
    {84, JWK_RSA_EXPONENT, "84-zeros", "\"AAAAAA\""},
    {84, JWK_RSA_EXPONENT, "84-3-zeros", "\"AAAA\""},
    {84, JWK_RSA_EXPONENT, "84-padded-0", "\"AA==\""},
    {84, JWK_RSA_EXPONENT, "84-padded-1", "\"AQ==\""},
    {84, JWK_RSA_EXPONENT, "84-zero-long", "\"AAEAAAAB\""},
    {84, JWK_ELIGIBLE, "84-three", "\"Aw\""},
    {84, JWK_ELIGIBLE, "84-zero-three", "\"AAM\""},
    {84, JWK_ELIGIBLE, "84-largest", "\"_____w\""},
    {84, JWK_ELIGIBLE, "84-zero-largest", "\"AAD_____\""},
    {87, JWK_ELIGIBLE, "87-three-padded", "\"Aw==\""},
    {87, JWK_ELIGIBLE, "87-3-padded", "\"AAM=\""},
    {87, JWK_ENCODING, "87-less", "\"Aw=\""},
    {87, JWK_ENCODING, "87-more", "\"Aw===\""},
    {87, JWK_ENCODING, "87-amid", "\"Aw=A\""},
    {87, JWK_ENCODING, "87-around", "\"=Aw=\""},
    {87, JWK_ENCODING, "87-one", "\"A===\""},
    {87, JWK_ENCODING, "87-four", "\"====\""},
    {87, JWK_ENCODING, "87-two", "\"==\""},
    {87, JWK_ENCODING, "87-single", "\"=\""},
    {87, JWK_ENCODING, "87-whole-1", "\"AQAB=\""},
    {87, JWK_ENCODING, "87-whole-2", "\"AQAB==\""},
    {87, JWK_ENCODING, "87-whole-4", "\"AQAB====\""},
    {87, JWK_ENCODING, "87-twice", "\"Aw==Aw==\""},
    {87, JWK_ENCODING, "87-e-bits", "\"Ax==\""},
    {87, JWK_ENCODING, "87-e-loose", "\"AQB\""},
    {87, JWK_ENCODING, "87-digits", "\"65537\""},
    {87, JWK_ENCODING, "87-percent", "\"Aw%3D%3D\""},
    {87, JWK_ELIGIBLE, "87-e-zero", "\"AAEAAQ\""},
    {87, JWK_ELIGIBLE, "87-e-two", "\"AAABAAE\""},
    {87, JWK_ELIGIBLE, "87-e-three", "\"AAAAAQAB\""},
    {87, JWK_ELIGIBLE, "87-e-zeros", "\"AAAAAAAAAQAB\""},
    {87, JWK_ELIGIBLE, "87-e-nine", "\"AAAAAAAAAAAAAQAB\""},
    {87, JWK_ELIGIBLE, "87-e-padded", "\"AAEAAQ==\""},
    {89, JWK_ENCODING, "89-no-e", NULL},
    {89, JWK_ENCODING, "89-e-number", "65537"},
    {89, JWK_ENCODING, "89-e-null", "null"},
};

/* The modulus as text with another character at `at` (from its end, if negative), and with
 * `tail`. */
static void loose_n(enum jwk_fit fit, const char *kid, int at, char other, const char *tail)
{
    char *bare = parameter(key, 'n');
    if (at != 0) {
        bare[at > 0 ? (size_t)at : strlen(bare) - (size_t)-at] = other;
    }
    char *n = text_of("\"%s%s\"", bare, tail);
    rsa(87, fit, kid, n, "\"AQAB\"");
    free(n);
    free(bare);
}

static void numbers(void)
{
    char *bare = parameter(key, 'n');
    char *n = text_of("\"%s\"", bare);
    for (size_t i = 0; i < sizeof exponents / sizeof exponents[0]; i++) {
        rsa_key(exponents[i].fit, exponents[i].kid, n, exponents[i].e);
        bool right = exponents[i].fit == JWK_ELIGIBLE && strstr(exponents[i].kid, "87-e") != NULL;
        emit_by(exponents[i].number,
                right                              ? BEARER_OK
                : exponents[i].fit == JWK_ELIGIBLE ? BEARER_SIGNATURE
                                                   : BEARER_KID_UNKNOWN,
                key, JWA_RS256, exponents[i].kid);
    }
    forged_by_e1();
    rsa(84, JWK_RSA_EXPONENT, "84-n", n, n);
    loose_n(JWK_ENCODING, "87-padding", 0, 0, "=");
    loose_n(JWK_ENCODING, "87-paddings", 0, 0, "===");
    loose_n(JWK_ENCODING, "87-bits", -1, bare[strlen(bare) - 1] + 1,
            ""); /* of it four bits encode nothing */
    loose_n(JWK_ENCODING, "87-bits-padded", -1, bare[strlen(bare) - 1] + 1, "==");
    loose_n(JWK_ENCODING, "87-inside", 7, '=', "");
    loose_n(JWK_ENCODING, "87-alphabet", 7, '+', "");
    loose_n(JWK_ENCODING, "87-space", 7, ' ', "");
    loose_n(JWK_ENCODING, "87-length", 0, 0, "AAA");
    rsa(89, JWK_ENCODING, "89-no-n", NULL, "\"AQAB\"");
    rsa(89, JWK_ENCODING, "89-n-number", "3233", "\"AQAB\"");
    rsa(89, JWK_ENCODING, "89-n-null", "null", "\"AQAB\"");
    rsa(89, JWK_ENCODING, "89-n-array", "[1]", "\"AQAB\"");
    static const struct {
        const char *kid, *kty;
        enum jwk_fit fit;
    } kinds[] = {{"90-missing", "", JWK_KTY},
                 {"90-case", "\"kty\":\"rsa\",", JWK_KTY},
                 {"90-space", "\"kty\":\"RSA \",", JWK_KTY},
                 {"90-number", "\"kty\":1,", JWK_KTY},
                 {"90-null", "\"kty\":null,", JWK_KTY},
                 {"90-array", "\"kty\":[\"RSA\"],", JWK_KTY},
                 {"90-ec", "\"kty\":\"EC\",", JWK_CRV},
                 {"90-oct", "\"kty\":\"oct\",", JWK_KTY}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        set_key(
            text_of("{\"kid\":\"%s\",%s\"n\":%s,\"e\":\"AQAB\"}", kinds[i].kid, kinds[i].kty, n),
            kinds[i].kid, kinds[i].fit);
        emit_by(90, BEARER_KID_UNKNOWN, key, JWA_RS256, kinds[i].kid);
    }
    free(n);
    free(bare);
}

/* Certificates and secrets in the place of a key. */
static void others(void)
{
    char *x5c = certificate(key);
    set_key(
        text_of(
            "{\"kid\":\"91\",\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"x5c\":[\"%s\"]}",
            x5c),
        "91", JWK_ENCODING);
    emit_by(91, BEARER_KID_UNKNOWN, key, JWA_RS256, "91");
    free(x5c);
    set_key(text_of("{\"kid\":\"94\",\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"c2VjcmV0\"}"), "94",
            JWK_KTY);
    set_key(text_of("{\"kid\":\"94-rs\",\"kty\":\"oct\",\"alg\":\"RS256\",\"k\":\"c2VjcmV0\"}"),
            "94-rs", JWK_KTY);
    emit(94, BEARER_ALG_NOT_ALLOWED,
         test_token_hmac(256, "secret", 6, "{\"alg\":\"HS256\",\"kid\":\"94\"}", world.good_claims),
         "HS256");
    emit(94, BEARER_KID_UNKNOWN,
         test_token_hmac(256, "secret", 6, "{\"alg\":\"RS256\",\"kid\":\"94\"}", world.good_claims),
         "RS256");
    emit(94, BEARER_KID_UNKNOWN,
         test_token_hmac(256, "secret", 6, "{\"alg\":\"RS256\",\"kid\":\"94-rs\"}",
                         world.good_claims),
         "RS256, as the key says");
}

static void unfit(void)
{
    world.set = "unfit";
    emit_by(80, BEARER_OK, key, JWA_RS256, "fit");
    for (size_t i = 0; i < sizeof purposes / sizeof purposes[0]; i++) {
        with(purposes[i].number, purposes[i].fit, purposes[i].kid, purposes[i].members);
    }
    sizes();
    numbers();
    others();
    set_key(test_key_jwk(key), "fit", JWK_ELIGIBLE);
    set_end(world.set);
}

/* `key` under this kid and with these members, and a token signed with it. */
static void good(int number, const char *kid, const char *members)
{
    struct test_key *named = test_key_again(key, kid);
    set_key(test_key_jwk_with(named, members), kid, JWK_ELIGIBLE);
    emit_by(number, BEARER_OK, key, JWA_RS256, kid);
    test_key_free(named);
}

/* Keys written loosely, which are put right before they are judged. */
static void loose(void)
{
    unsigned char octets[1100] = {0};
    size_t length = test_key_parameter(key, 'n', octets + 4);
    char *bare = test_base64url(octets + 4, length);
    char *padded = text_of("\"%s==\"", bare);
    rsa(87, JWK_ELIGIBLE, "87-padded", padded, "\"AQAB\"");
    emit_by(87, BEARER_SIGNATURE, world.attacker, JWA_RS256, "87-padded");
    modulus(88, JWK_ELIGIBLE, "88-zero", octets + 3, length + 1);
    modulus(88, JWK_ELIGIBLE, "88-zeros", octets, length + 4);
    emit_by(88, BEARER_SIGNATURE, world.attacker, JWA_RS256, "88-zero");
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        good(fine[i].number, fine[i].kid, fine[i].members);
    }
    free(padded);
    free(bare);
}

/* Keys that are not what they seem, but good; and what may stand beside them. */
static void mixed(void)
{
    world.set = "mixed";
    loose();
    char *x5c = certificate(world.attacker);
    char *members = text_of("\"x5c\":[\"%s\"],\"x5t\":\"AA\",", x5c);
    good(92, "92", members);
    emit_by(92, BEARER_SIGNATURE, world.attacker, JWA_RS256, "92");
    free(members);
    free(x5c);
    for (int i = 0; i < 3; i++) {
        static const char *const kids[] = {"ec-256", "ec-384", "ec-521"};
        set_key(test_key_jwk(world.ec[i]), kids[i], JWK_NO_ALG);
        emit_by(93, BEARER_OK, world.rsa, JWA_RS256, "rsa-1");
    }
    set_key(test_key_jwk(world.ed), "ed-1", JWK_NO_ALG);
    set_key(text_of("{\"kid\":\"93-oct\",\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}"), "93-oct", JWK_KTY);
    set_key(text_of("{\"kid\":\"93-new\",\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\",\"pub\":\"AA\"}"),
            "93-new", JWK_KTY);
    set_key(text_of("7"), "", JWK_NOT_OBJECT);
    set_key(text_of("null"), "", JWK_NOT_OBJECT);
    set_key(text_of("[]"), "", JWK_NOT_OBJECT);
    emit_by(93, BEARER_OK, world.rsa, JWA_RS256, "rsa-1");
    good(96, "96-same", NULL);
    good(96, "96-same", "\"use\":\"sig\",");
    good(96, "96-bound", NULL);
    good(96, "96-bound", "\"alg\":\"RS256\",");
    static const char *const bad[] = {"\"use\":\"enc\",", "\"key_ops\":[],", "\"alg\":\"none\","};
    static const enum jwk_fit fits[] = {JWK_USE, JWK_KEY_OPS, JWK_ALG};
    struct test_key *hundredth = test_key_again(world.attacker, "100");
    for (size_t i = 0; i < 3; i++) {
        set_key(test_key_jwk_with(hundredth, bad[i]), "100", fits[i]);
    }
    set_key(text_of("{\"kid\":\"100\",\"kty\":\"RSA\",\"n\":\"AA\",\"e\":\"AQ\"}"), "100",
            JWK_RSA_SIZE);
    good(100, "100", NULL);
    emit_by(100, BEARER_SIGNATURE, world.attacker, JWA_RS256, "100");
    test_key_free(hundredth);
    struct test_key *twice = test_key_again(key, "96-two");
    struct test_key *once = test_key_again(world.attacker, "96-two");
    set_key(test_key_jwk(twice), "96-two", JWK_ELIGIBLE);
    set_key(test_key_jwk(once), "96-two", JWK_ELIGIBLE);
    emit_by(96, BEARER_KEY_AMBIGUOUS, key, JWA_RS256, "96-two");
    emit_by(96, BEARER_KEY_AMBIGUOUS, world.attacker, JWA_RS256, "96-two");
    test_key_free(twice);
    test_key_free(once);
    set_end(world.set);
}

/* One kid for keys of several kinds: the token's alg says which. */
static void kinds(void)
{
    struct test_key *again[] = {test_key_again(key, "97"), test_key_again(world.ec[0], "97"),
                                test_key_again(world.ed, "97")};
    world.site = "wide";
    world.set = "kinds";
    for (int i = 0; i < 3; i++) {
        set_key(test_key_jwk(again[i]), "97", JWK_ELIGIBLE);
    }
    emit_by(97, BEARER_OK, key, JWA_RS256, "97");
    emit_by(97, BEARER_OK, key, JWA_PS512, "97");
    emit_by(97, BEARER_OK, world.ec[0], JWA_ES256, "97");
    emit_by(97, BEARER_OK, world.ed, JWA_EDDSA, "97");
    emit_by(97, BEARER_SIGNATURE, world.attacker, JWA_RS256, "97");
    emit_by(97, BEARER_KEY_UNFIT, world.ec[1], JWA_ES384, "97");
    struct test_key *bound = test_key_again(key, "82-bound");
    set_key(test_key_jwk_with(bound, "\"alg\":\"RS384\","), "82-bound", JWK_ELIGIBLE);
    emit_by(82, BEARER_OK, key, JWA_RS384, "82-bound");
    emit_by(82, BEARER_KEY_UNFIT, key, JWA_RS256, "82-bound");
    set_end(world.set);
    test_key_free(bound);
    for (int i = 0; i < 3; i++) {
        test_key_free(again[i]);
    }
}

void family_jwks(void)
{
    key = test_key_new(JWA_RS256, "fit");
    unfit();
    mixed();
    kinds();
    jwks_points();
    test_key_free(key);
}
