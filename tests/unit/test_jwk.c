/* SPDX-License-Identifier: MIT */
#include "jose/jwk.h"

#include <stdlib.h>

#include "json/json.h"
#include "keys.h"
#include "tap.h"

#define RS256 JWA_BIT(JWA_RS256)

static struct test_key *rsa, *p256, *p384, *p521, *ed25519;

/* Imports the JWK in `text`; the key (or NULL) is the caller's. */
static struct jwk *import(const char *text, unsigned algs, enum jwk_fit *fit)
{
    struct json_object *members = js_parse(text, strlen(text), NULL);
    struct jwk *key = NULL;
    *fit = jwk_import(members, algs, &key);
    js_free(members);
    return key;
}

static void judged(const char *text, unsigned algs, enum jwk_fit expected, const char *name)
{
    enum jwk_fit fit = JWK_FAILED;
    struct jwk *key = import(text, algs, &fit);
    is_string(jwk_fit_text(fit), jwk_fit_text(expected), "%s", name);
    if ((key != NULL) != (expected == JWK_ELIGIBLE)) {
        ok(false, "  there is a key if, and only if, it is eligible");
    }
    jwk_free(key);
}

/* The same with a text that is freed. */
static void judged_free(char *text, unsigned algs, enum jwk_fit expected, const char *name)
{
    judged(text, algs, expected, name);
    free(text);
}

/* A good RSA key with these members before its own. */
static void with(const char *more, enum jwk_fit expected, const char *name)
{
    judged_free(test_key_jwk_with(rsa, more), JWA_ALL, expected, name);
}

static char *rsa_text(const char *n, const char *e)
{
    size_t length = strlen(n) + strlen(e) + 64;
    char *text = malloc(length);
    snprintf(text, length, "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}", n, e);
    return text;
}

static void rsa_octets(const unsigned char *n, size_t n_length, const unsigned char *e,
                       size_t e_length, enum jwk_fit expected, const char *name)
{
    char *n_text = test_base64url(n, n_length);
    char *e_text = test_base64url(e, e_length);
    judged_free(rsa_text(n_text, e_text), RS256, expected, name);
    free(n_text);
    free(e_text);
}

static void moduli(void)
{
    static const unsigned char e[] = {1, 0, 1};
    static unsigned char n[5000];
    size_t length = test_key_parameter(rsa, 'n', n + 1);
    is_number(length, 256, "an RSA modulus of 2048 bits");
    rsa_octets(n + 1, 255, e, sizeof e, JWK_RSA_SIZE, "case 83: 2040 bits");
    rsa_octets(n, length + 1, e, sizeof e, JWK_ELIGIBLE, "K3, case 88: a leading zero octet");
    rsa_octets(n, 1, e, sizeof e, JWK_RSA_SIZE, "case 85: n = 0");
    rsa_octets(n, 255, e, sizeof e, JWK_RSA_SIZE, "case 83: 2040 bits by way of a zero octet");
    rsa_octets(n, 0, e, sizeof e, JWK_RSA_SIZE, "case 85: n is empty");
    rsa_octets((const unsigned char *)"\x0f", 1, e, sizeof e, JWK_RSA_SIZE, "case 85: n = 15");
    n[1 + 255] ^= 1;
    rsa_octets(n + 1, length, e, sizeof e, JWK_RSA_MODULUS, "case 85: n is even");
    rsa_octets(n, length + 1, e, sizeof e, JWK_RSA_MODULUS,
               "case 85: n is even, with a leading zero octet");
    n[1 + 255] ^= 1;
    n[1] &= 0x7f;
    n[1] |= 0x40;
    rsa_octets(n + 1, length, e, sizeof e, JWK_RSA_SIZE, "case 83: 2047 bits");
    memset(n, 0xff, sizeof n);
    rsa_octets(n, 1024, e, sizeof e, JWK_ELIGIBLE, "8192 bits");
    rsa_octets(n, 1025, e, sizeof e, JWK_RSA_SIZE, "case 86: 8200 bits");
    rsa_octets(n, sizeof n, e, sizeof e, JWK_RSA_SIZE, "case 86: 40,000 bits");
    for (size_t zeros = 1; zeros <= 3000; zeros = zeros < 7 ? zeros + 1 : zeros * 5) {
        memset(n, 0, zeros);
        rsa_octets(n, zeros + 1024, e, sizeof e, JWK_ELIGIBLE, "K3: 8192 bits after zero octets");
        rsa_octets(n, zeros + 1025, e, sizeof e, JWK_RSA_SIZE,
                   "case 86: 8200 bits after zero octets");
        rsa_octets(n, zeros, e, sizeof e, JWK_RSA_SIZE, "case 85: nothing but zero octets");
    }
    struct test_key *small = test_key_new_rsa(1024, NULL);
    judged_free(test_key_jwk(small), RS256, JWK_RSA_SIZE, "case 83: 1024 bits");
    test_key_free(small);
}

/* Padding to a whole group of four, and no other (of RSA keys: test_cases). */
static void paddings(void)
{
    static const struct {
        const char *tail;
        enum jwk_fit fit;
    } tails[] = {
        {"=", JWK_ELIGIBLE}, {"==", JWK_ED_LENGTH}, {"AA", JWK_ED_LENGTH}, {"A=", JWK_ED_LENGTH}};
    unsigned char octets[1024];
    size_t length = test_key_parameter(ed25519, 'x', octets);
    char *x = test_base64url(octets, length);
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        char text[200];
        snprintf(text, sizeof text, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s%s\"}", x,
                 tails[i].tail);
        judged(text, JWA_ALL, tails[i].fit, "K3: x of an Ed25519 key, padded or longer");
    }
    free(x);
}

static void kinds(void)
{
    enum jwk_fit fit = JWK_FAILED;
    struct jwk *key = NULL;
    is_number(jwk_import(NULL, JWA_ALL, &key), JWK_NOT_OBJECT, "no object is no key");
    ok(key == NULL, "  and none is handed out");
    const struct {
        const struct test_key *made;
        unsigned algs;
        const char *name;
    } rows[] = {{rsa,
                 JWA_BIT(JWA_RS256) | JWA_BIT(JWA_RS384) | JWA_BIT(JWA_RS512) | JWA_BIT(JWA_PS256) |
                     JWA_BIT(JWA_PS384) | JWA_BIT(JWA_PS512),
                 "RSA"},
                {p256, JWA_BIT(JWA_ES256), "P-256"},
                {p384, JWA_BIT(JWA_ES384), "P-384"},
                {p521, JWA_BIT(JWA_ES512), "P-521"},
                {ed25519, JWA_BIT(JWA_EDDSA), "Ed25519"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text = test_key_jwk(rows[i].made);
        key = import(text, JWA_ALL, &fit);
        is_number(key == NULL ? 0 : jwk_algs(key), rows[i].algs, "%s is for its own algorithms",
                  rows[i].name);
        jwk_free(key);
        judged(text, JWA_ALL & ~rows[i].algs, JWK_NO_ALG,
               "case 93: and not there when only others are configured");
        judged_free(text, JWA_BIT(JWA_UNKNOWN), JWK_NO_ALG, "nor when none is");
    }
}

/* (What a key is not for: test_cases.) */
static void purposes(void)
{
    judged_free(test_key_jwk_with(rsa, "\"alg\":\"RS384\","), RS256, JWK_ALG,
                "case 82: alg RS384 with RS256 configured");
    judged_free(test_key_jwk_with(p384, "\"alg\":\"ES256\","), JWA_ALL, JWK_ALG,
                "case 46: P-384 for ES256");
    enum jwk_fit fit = JWK_FAILED;
    char *text = test_key_jwk_with(rsa, "\"alg\":\"PS384\",");
    struct jwk *key = import(text, JWA_ALL, &fit);
    is_number(key == NULL ? 0 : jwk_algs(key), JWA_BIT(JWA_PS384),
              "with alg a key is for that one only");
    jwk_free(key);
    free(text);
}

static void kids(void)
{
    with("", JWK_ELIGIBLE, "no kid");
    with("\"kid\":\"\",", JWK_KID, "an empty kid");
    with("\"kid\":7,", JWK_KID, "a number as kid");
    with("\"kid\":null,", JWK_ELIGIBLE, "K3: null as kid, which is none");
    char more[400];
    for (size_t length = JWK_KID_MAX; length <= JWK_KID_MAX + 1; length++) {
        size_t n = (size_t)snprintf(more, sizeof more, "\"kid\":\"");
        memset(more + n, 'k', length);
        snprintf(more + n + length, sizeof more - n - length, "\",");
        with(more, length <= JWK_KID_MAX ? JWK_ELIGIBLE : JWK_KID,
             length <= JWK_KID_MAX ? "a kid of 256 octets" : "a kid of 257");
    }
    enum jwk_fit fit = JWK_FAILED;
    char *text = test_key_jwk_with(rsa, "\"kid\":\"\\u00e9/\\\"\\n\",");
    struct jwk *key = import(text, JWA_ALL, &fit);
    size_t length = 0;
    is_string(key == NULL ? NULL : jwk_kid(key, &length), "\xc3\xa9/\"\n",
              "a kid as it is after unescaping");
    is_number(length, 5, "its length in octets");
    jwk_free(key);
    free(text);
    text = test_key_jwk(rsa);
    key = import(text, JWA_ALL, &fit);
    ok(key != NULL && jwk_kid(key, &length) == NULL && length == 0, "no kid is NULL");
    jwk_free(key);
    free(text);
}

static char *point_text(const char *kty, const char *crv, const unsigned char *x, size_t x_length,
                        const unsigned char *y, size_t y_length)
{
    char *x_text = test_base64url(x, x_length);
    char *y_text = test_base64url(y, y_length);
    size_t length = strlen(x_text) + strlen(y_text) + 80;
    char *text = malloc(length);
    snprintf(text, length, "{\"kty\":\"%s\",\"crv\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"}", kty, crv,
             x_text, y_text);
    free(x_text);
    free(y_text);
    return text;
}

/* Both coordinates padded to whole groups of four. (What is wrong with points: test_cases.) */
static void padded(const struct test_key *made, const char *crv)
{
    unsigned char octets[1024];
    char *padded[2];
    for (int i = 0; i < 2; i++) {
        size_t size = test_key_parameter(made, "xy"[i], octets);
        char *bare = test_base64url(octets, size);
        padded[i] = malloc(strlen(bare) + 3);
        snprintf(padded[i], strlen(bare) + 3, "%s%s", bare,
                 size % 3 == 0   ? ""
                 : size % 3 == 1 ? "=="
                                 : "=");
        free(bare);
    }
    char text[512];
    snprintf(text, sizeof text, "{\"kty\":\"EC\",\"crv\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"}", crv,
             padded[0], padded[1]);
    judged(text, JWA_ALL, JWK_ELIGIBLE, "K3: padded coordinates");
    free(padded[0]);
    free(padded[1]);
}

static void curves(void)
{
    padded(p256, "P-256");
    padded(p384, "P-384");
    padded(p521, "P-521");
    judged("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\"}", JWA_ALL, JWK_EC_LENGTH,
           "case 101: x of one octet");
    judged("{\"kty\":\"EC\",\"crv\":\"P-256\",\"y\":\"AQ\"}", JWA_ALL, JWK_ENCODING,
           "case 101: x is missing");
    judged("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ==\",\"y\":\"AQ\"}", JWA_ALL, JWK_EC_LENGTH,
           "case 101: x of one octet, padded");
    judged("{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}", JWA_ALL, JWK_ENCODING,
           "case 101: Ed25519 without x");
    /* one key in 128 has a coordinate with a leading zero octet, which belongs there */
    for (int i = 0; i < 20000; i++) {
        struct test_key *made = test_key_new(JWA_ES256, NULL);
        unsigned char x[1024], y[1024];
        size_t size = test_key_parameter(made, 'x', x);
        test_key_parameter(made, 'y', y);
        test_key_free(made);
        if (x[0] == 0) {
            judged_free(point_text("EC", "P-256", x, size, y, size), JWA_ALL, JWK_ELIGIBLE,
                        "x that begins with a zero octet");
            judged_free(point_text("EC", "P-256", x + 1, size - 1, y, size), JWA_ALL, JWK_EC_LENGTH,
                        "case 101: and lost it");
            return;
        }
    }
    ok(false, "there is a key whose x begins with a zero octet");
}

static void materials(void)
{
    enum jwk_fit fit = JWK_FAILED;
    struct test_key *again = test_key_again(rsa, "again");
    struct test_key *large = test_key_new_rsa(3072, "large");
    char *texts[] = {test_key_jwk(rsa),     test_key_jwk_with(again, "\"alg\":\"PS256\","),
                     test_key_jwk(p256),    test_key_jwk(p384),
                     test_key_jwk(ed25519), test_key_jwk(large)};
    struct jwk *keys[6];
    for (size_t i = 0; i < 6; i++) {
        keys[i] = import(texts[i], JWA_ALL, &fit);
        free(texts[i]);
    }
    ok(jwk_same_material(keys[0], keys[1]), "the same key under another kid and alg");
    ok(!jwk_same_material(keys[0], keys[2]) && !jwk_same_material(keys[2], keys[3]) &&
           !jwk_same_material(keys[2], keys[4]),
       "different keys");
    ok(!jwk_same_material(keys[0], keys[5]) && !jwk_same_material(keys[5], keys[0]),
       "of the same kind, but of another length");
    test_key_free(large);
    for (size_t i = 0; i < 6; i++) {
        jwk_free(keys[i]);
    }
    jwk_free(NULL);
    is_number(jwa_of_key("EC", NULL), 0, "an EC key without a curve is for no algorithm");
    test_key_free(again);
}

/* What is kept of the key in `text`; NULL: nothing. */
static void public_of(const char *text, const char *expected, const char *name)
{
    struct json_object *members = js_parse(text, strlen(text), NULL);
    struct jwk *key = NULL;
    struct json_object *public = NULL;
    if (jwk_import(members, JWA_ALL, &key) == JWK_ELIGIBLE) {
        public = jwk_public_members(members, key);
    }
    char *kept = public == NULL ? NULL : js_text(public, NULL);
    is_string(kept, expected, "%s", name);
    free(kept);
    js_free(public);
    jwk_free(key);
    js_free(members);
}

/* A parameter as text, after so many zero octets; the caller's. */
static char *parameter(const struct test_key *of, char name, size_t zeros)
{
    unsigned char octets[1100] = {0};
    return test_base64url(octets, zeros + test_key_parameter(of, name, octets + zeros));
}

static void publics(void)
{
    char *n = parameter(rsa, 'n', 0);
    char *long_n = parameter(rsa, 'n', 4);
    char *x = parameter(p256, 'x', 0);
    char *y = parameter(p256, 'y', 0);
    char *ed = parameter(ed25519, 'x', 0);
    char given[2000];
    char kept[2000];
#define PUBLIC(name, kept_format, kept_args, given_format, ...)   \
    do {                                                          \
        snprintf(kept, sizeof kept, kept_format, kept_args);      \
        snprintf(given, sizeof given, given_format, __VA_ARGS__); \
        public_of(given, kept, name);                             \
    } while (0)
    PUBLIC(
        "case 95: only the public members of an RSA key",
        "{\"kty\":\"RSA\",\"kid\":\"k1\",\"use\":\"sig\",\"alg\":\"RS256\",\"e\":\"AQAB\",\"n\":\"%s\"}",
        n,
        "{\"d\":\"PRIVATE\",\"p\":\"P\",\"q\":\"Q\",\"dp\":\"DP\",\"dq\":\"DQ\",\"qi\":\"QI\","
        "\"oth\":[{\"r\":\"R\"}],\"k\":\"K\",\"x5c\":[\"MIIB\"],\"x5t\":\"T\","
        "\"x5u\":\"https://x.example/\",\"nbf\":1,\"x\":\"X\",\"y\":\"Y\",\"crv\":\"C\","
        "\"e\":\"AQAB\",\"n\":\"%s\",\"alg\":\"RS256\",\"use\":\"sig\",\"kid\":\"k1\","
        "\"kty\":\"RSA\"}",
        n);
    PUBLIC("K3: what is kept of a loose RSA key is its one normal form",
           "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%s\"}", n,
           "{\"kty\":\"RSA\",\"kid\":null,\"use\":null,\"alg\":null,\"key_ops\":null,\"n\":\"%s\","
           "\"e\":\"AAEAAQ==\"}",
           long_n);
    snprintf(kept, sizeof kept, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"}", x,
             y);
    snprintf(
        given, sizeof given,
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s=\",\"d\":\"PRIVATE\",\"n\":\"N\"}",
        x, y);
    public_of(given, kept, "case 95: of an EC key");
    PUBLIC("case 95: of an Ed25519 key", "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}", ed,
           "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\",\"y\":\"Y\",\"d\":\"PRIVATE\"}", ed);
    PUBLIC("K3: Ed25519 is kept as EdDSA",
           "{\"kty\":\"OKP\",\"alg\":\"EdDSA\",\"crv\":\"Ed25519\",\"x\":\"%s\"}", ed,
           "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"Ed25519\",\"x\":\"%s=\"}", ed);
    PUBLIC(
        "case 95: nothing hides in key_ops",
        "{\"kty\":\"RSA\",\"key_ops\":[\"verify\"],\"e\":\"Aw\",\"n\":\"%s\"}", n,
        "{\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"Aw\",\"key_ops\":[\"verify\",{\"d\":\"PRIVATE\"},\"sign\"]}",
        n);
#undef PUBLIC
    public_of("{\"kty\":\"oct\",\"k\":\"K\"}", NULL, "case 94: a symmetric key has none");
    free(n);
    free(long_n);
    free(x);
    free(y);
    free(ed);
}

static void texts(void)
{
    int different = 1;
    for (unsigned i = JWK_FAILED; i < JWK_FIT__MAX; i++) {
        for (unsigned j = i + 1; j < JWK_FIT__MAX; j++) {
            different &= strcmp(jwk_fit_text((enum jwk_fit)i), jwk_fit_text((enum jwk_fit)j)) != 0;
        }
    }
    ok(different, "each reason has a text of its own");
    is_string(jwk_fit_text((enum jwk_fit)1000), jwk_fit_text(JWK_FAILED),
              "what is no reason has that of a failure");
}

/* RFC 9864: one algorithm, two names. */
static void names(void)
{
    is_number(jwa_parse("Ed25519", 7), JWA_EDDSA, "K3: Ed25519 is EdDSA");
    is_number(jwa_parse("ed25519", 7), JWA_UNKNOWN, "K3: case matters");
    is_number(jwa_parse("Ed25519 ", 8), JWA_UNKNOWN, "K3: to the letter");
    is_number(jwa_parse("Ed448", 5), JWA_UNKNOWN, "K3: another curve is not known");
    judged_free(test_key_jwk_with(ed25519, "\"alg\":\"Ed25519\","), JWA_BIT(JWA_EDDSA),
                JWK_ELIGIBLE, "K3: a key whose alg is Ed25519");
    judged_free(test_key_jwk_with(ed25519, "\"alg\":\"EdDSA\","), JWA_BIT(JWA_EDDSA), JWK_ELIGIBLE,
                "K3: one whose alg is EdDSA");
    judged_free(test_key_jwk_with(ed25519, "\"alg\":\"Ed448\","), JWA_ALL, JWK_ALG,
                "K3: for Ed448 it is not");
    judged_free(test_key_jwk_with(rsa, "\"alg\":\"Ed25519\","), JWA_ALL, JWK_ALG,
                "case 82: an RSA key for Ed25519");
    judged_free(test_key_jwk_with(p256, "\"alg\":\"Ed25519\","), JWA_ALL, JWK_ALG,
                "case 82: an EC key for Ed25519");
}

int main(void)
{
    rsa = test_key_new(JWA_RS256, NULL);
    p256 = test_key_new(JWA_ES256, NULL);
    p384 = test_key_new(JWA_ES384, NULL);
    p521 = test_key_new(JWA_ES512, NULL);
    ed25519 = test_key_new(JWA_EDDSA, NULL);
    texts();
    kinds();
    purposes();
    kids();
    moduli();
    paddings();
    names();
    curves();
    materials();
    publics();
    test_key_free(rsa);
    test_key_free(p256);
    test_key_free(p384);
    test_key_free(p521);
    test_key_free(ed25519);
    return tap_done();
}
