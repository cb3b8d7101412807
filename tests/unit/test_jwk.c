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

static void rsa_octets(const unsigned char *n, size_t n_length, const unsigned char *e, size_t e_length,
                       enum jwk_fit expected, const char *name)
{
    char *n_text = test_base64url(n, n_length);
    char *e_text = test_base64url(e, e_length);
    judged_free(rsa_text(n_text, e_text), RS256, expected, name);
    free(n_text);
    free(e_text);
}

static void exponents(void)
{
    static const struct {
        unsigned char e[6];
        size_t length;
        enum jwk_fit fit;
        const char *name;
    } rows[] = {
        {{1, 0, 1}, 3, JWK_ELIGIBLE, "e = 65537"},
        {{3}, 1, JWK_ELIGIBLE, "e = 3"},
        {{0xff, 0xff, 0xff, 0xff}, 4, JWK_ELIGIBLE, "e = 2^32 - 1"},
        {{1}, 1, JWK_RSA_EXPONENT, "case 84: e = 1, with which anyone can sign"},
        {{0}, 1, JWK_RSA_EXPONENT, "case 84: e = 0"},
        {{0}, 0, JWK_RSA_EXPONENT, "case 84: e is empty"},
        {{2}, 1, JWK_RSA_EXPONENT, "case 84: e = 2"},
        {{1, 0, 0}, 3, JWK_RSA_EXPONENT, "case 84: e = 65536"},
        {{1, 0, 0, 0, 1}, 5, JWK_RSA_EXPONENT, "case 84: e = 2^32 + 1"},
        {{0, 1, 0, 1}, 4, JWK_ELIGIBLE, "K3, case 87: e with a leading zero octet"},
        {{0, 0, 1, 0, 1}, 5, JWK_ELIGIBLE, "K3, case 87: e with two"},
        {{0, 0, 0, 1, 0, 1}, 6, JWK_ELIGIBLE, "K3, case 87: e with three"},
        {{0, 0, 0xff, 0xff, 0xff, 0xff}, 6, JWK_ELIGIBLE, "K3: the largest e with two"},
        {{0, 3}, 2, JWK_ELIGIBLE, "K3: e = 3 with one"},
        {{0, 1}, 2, JWK_RSA_EXPONENT, "case 84: e = 1 with a leading zero octet"},
        {{0, 0, 0, 1}, 4, JWK_RSA_EXPONENT, "case 84: e = 1 with three"},
        {{0, 0, 0, 0}, 4, JWK_RSA_EXPONENT, "case 84: e = 0 with three"},
        {{0, 1, 0, 0, 0, 1}, 6, JWK_RSA_EXPONENT, "case 84: e = 2^32 + 1 with one"},
    };
    unsigned char n[1024];
    size_t length = test_key_parameter(rsa, 'n', n);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rsa_octets(n, length, rows[i].e, rows[i].length, rows[i].fit, rows[i].name);
    }
    rsa_octets(n, length, n, length, JWK_RSA_EXPONENT, "case 84: e = n");
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
    rsa_octets(n, length + 1, e, sizeof e, JWK_RSA_MODULUS, "case 85: n is even, with a leading zero octet");
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
        rsa_octets(n, zeros + 1025, e, sizeof e, JWK_RSA_SIZE, "case 86: 8200 bits after zero octets");
        rsa_octets(n, zeros, e, sizeof e, JWK_RSA_SIZE, "case 85: nothing but zero octets");
    }
    struct test_key *small = test_key_new_rsa(1024, NULL);
    judged_free(test_key_jwk(small), RS256, JWK_RSA_SIZE, "case 83: 1024 bits");
    test_key_free(small);
}

/* The good modulus as text with the character at `at` (from its end, if negative) replaced and `tail` appended. */
static void changed_n(int at, char replacement, const char *tail, enum jwk_fit fit, const char *name)
{
    unsigned char octets[1024];
    size_t length = test_key_parameter(rsa, 'n', octets);
    char *good = test_base64url(octets, length);
    char text[600];
    snprintf(text, sizeof text, "%s%s", good, tail);
    if (at != 0) {
        text[at > 0 ? (size_t)at : strlen(good) - (size_t)-at] = replacement;
    }
    judged_free(rsa_text(text, "AQAB"), RS256, fit, name);
    free(good);
}

static void spoiled_n(int at, char replacement, const char *tail, const char *name)
{
    changed_n(at, replacement, tail, JWK_ENCODING, name);
}

/* Padding to a whole group of four, and no other. */
static void paddings(void)
{
    static const struct {
        const char *e;
        enum jwk_fit fit;
    } rows[] = {
        {"Aw==", JWK_ELIGIBLE},     {"AAEAAQ==", JWK_ELIGIBLE},
        {"AAAAAQAB", JWK_ELIGIBLE}, {"AAAAAAAAAAAAAQAB", JWK_ELIGIBLE},
        {"AAM=", JWK_ELIGIBLE},     {"Aw=", JWK_ENCODING},
        {"Aw===", JWK_ENCODING},    {"Aw=A", JWK_ENCODING},
        {"=Aw=", JWK_ENCODING},     {"A===", JWK_ENCODING},
        {"====", JWK_ENCODING},     {"==", JWK_ENCODING},
        {"=", JWK_ENCODING},        {"AQAB=", JWK_ENCODING},
        {"AQAB==", JWK_ENCODING},   {"AQAB====", JWK_ENCODING},
        {"Aw==Aw==", JWK_ENCODING}, {"Ax==", JWK_ENCODING},
        {"AQ==", JWK_RSA_EXPONENT}, {"AAAA", JWK_RSA_EXPONENT},
        {"AA==", JWK_RSA_EXPONENT}, {"Aw%3D%3D", JWK_ENCODING},
    };
    unsigned char octets[1024];
    size_t length = test_key_parameter(rsa, 'n', octets);
    char *n = test_base64url(octets, length);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char name[80];
        snprintf(name, sizeof name, "K3, case 87: e is %s", rows[i].e);
        judged_free(rsa_text(n, rows[i].e), RS256, rows[i].fit, name);
    }
    free(n);
    static const struct {
        const char *tail;
        enum jwk_fit fit;
    } tails[] = {{"=", JWK_ELIGIBLE}, {"==", JWK_ED_LENGTH}, {"AA", JWK_ED_LENGTH}, {"A=", JWK_ED_LENGTH}};
    length = test_key_parameter(ed25519, 'x', octets);
    char *x = test_base64url(octets, length);
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        char text[200];
        snprintf(text, sizeof text, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s%s\"}", x, tails[i].tail);
        judged(text, JWA_ALL, tails[i].fit, "K3: x of an Ed25519 key, padded or longer");
    }
    free(x);
}

static void encodings(void)
{
    changed_n(0, 0, "==", JWK_ELIGIBLE, "K3, case 87: n is padded");
    spoiled_n(0, 0, "=", "case 87: n is padded by too little");
    spoiled_n(0, 0, "===", "case 87: n is padded by too much");
    spoiled_n(-1, 'B', "==", "case 87: trailing bits of n, which is padded");
    spoiled_n(7, '=', "", "case 87: padding inside n");
    spoiled_n(-1, 'B', "",
              "case 87: trailing bits of n"); /* 256 octets leave four bits of the last character */
    spoiled_n(7, '+', "", "case 87: the other alphabet");
    spoiled_n(7, ' ', "", "case 87: a space in n");
    spoiled_n(0, 0, "AAA", "case 87: n of an impossible length");
    judged("{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQB\"}", RS256, JWK_ENCODING,
           "case 87: trailing bits of e");
    judged("{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"65537\"}", RS256, JWK_ENCODING,
           "case 87: e in decimal digits");
    judged("{\"kty\":\"RSA\",\"e\":\"AQAB\"}", RS256, JWK_ENCODING, "case 89: n is missing");
    judged("{\"kty\":\"RSA\",\"n\":3233,\"e\":\"AQAB\"}", RS256, JWK_ENCODING, "case 89: n is a number");
    judged("{\"kty\":\"RSA\",\"n\":[\"AQ\"],\"e\":\"AQAB\"}", RS256, JWK_ENCODING, "case 89: n is an array");
    judged("{\"kty\":\"RSA\",\"n\":\"AQ\"}", RS256, JWK_ENCODING, "case 89: e is missing");
    judged("{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":65537}", RS256, JWK_ENCODING, "case 89: e is a number");
    judged("{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":null}", RS256, JWK_ENCODING, "case 89: e is null");
    judged("{\"kty\":\"RSA\",\"x5c\":[\"MIIB\"]}", RS256, JWK_ENCODING, "case 91: x5c alone");
}

static void kinds(void)
{
    enum jwk_fit fit = JWK_FAILED;
    struct jwk *key = NULL;
    is_number(jwk_import(NULL, JWA_ALL, &key), JWK_NOT_OBJECT, "no object is no key");
    ok(key == NULL, "  and none is handed out");
    judged("{}", JWA_ALL, JWK_KTY, "case 90: kty is missing");
    judged("{\"kty\":\"rsa\",\"n\":\"AQ\",\"e\":\"Aw\"}", JWA_ALL, JWK_KTY, "case 90: kty in another case");
    judged("{\"kty\":\"RSA \"}", JWA_ALL, JWK_KTY, "case 90: kty with a space");
    judged("{\"kty\":1}", JWA_ALL, JWK_KTY, "case 90: kty is a number");
    judged("{\"kty\":null}", JWA_ALL, JWK_KTY, "case 90: kty is null");
    judged("{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}", JWA_ALL, JWK_KTY, "case 94: a symmetric key");
    judged("{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"alg\":\"HS256\"}", JWA_ALL, JWK_KTY,
           "case 94: a symmetric key that says what it is for");
    judged("{\"kty\":\"EC\"}", JWA_ALL, JWK_CRV, "case 101: crv is missing");
    judged("{\"kty\":\"EC\",\"crv\":\"p-256\"}", JWA_ALL, JWK_CRV, "case 101: crv in another case");
    judged("{\"kty\":\"EC\",\"crv\":\"secp256k1\"}", JWA_ALL, JWK_CRV, "case 101: a curve we do not know");
    judged("{\"kty\":\"EC\",\"crv\":\"Ed25519\"}", JWA_ALL, JWK_CRV, "case 101: Ed25519 as kty EC");
    judged("{\"kty\":\"OKP\",\"crv\":\"P-256\"}", JWA_ALL, JWK_CRV, "case 101: P-256 as kty OKP");
    judged("{\"kty\":\"OKP\",\"crv\":\"X25519\"}", JWA_ALL, JWK_CRV, "case 101: X25519 signs nothing");
    judged("{\"kty\":\"OKP\",\"crv\":\"Ed448\"}", JWA_ALL, JWK_CRV, "case 101: Ed448");
    judged("{\"kty\":\"OKP\",\"crv\":7}", JWA_ALL, JWK_CRV, "case 101: crv is a number");
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

static void purposes(void)
{
    with("\"use\":\"sig\",", JWK_ELIGIBLE, "use sig");
    with("\"use\":\"enc\",", JWK_USE, "case 80: use enc");
    with("\"use\":\"SIG\",", JWK_USE, "case 80: use in another case");
    with("\"use\":\"\",", JWK_USE, "case 80: use is empty");
    with("\"use\":null,", JWK_ELIGIBLE, "K3, case 80: use is null");
    with("\"use\":[\"sig\"],", JWK_USE, "case 80: use is an array");
    with("\"key_ops\":[\"verify\"],", JWK_ELIGIBLE, "key_ops with verify");
    with("\"key_ops\":[7,\"sign\",\"verify\"],", JWK_ELIGIBLE, "key_ops with verify and more");
    with("\"key_ops\":[\"sign\",\"verif\",\"verify2\",\"VERIFY\"],", JWK_KEY_OPS,
         "case 81: key_ops without verify");
    with("\"key_ops\":[],", JWK_KEY_OPS, "case 81: key_ops is empty");
    with("\"key_ops\":\"verify\",", JWK_KEY_OPS, "case 81: key_ops is a string");
    with("\"key_ops\":null,", JWK_ELIGIBLE, "K3, case 81: key_ops is null");
    with("\"key_ops\":{\"0\":\"verify\"},", JWK_KEY_OPS, "case 81: key_ops is an object");
    with("\"alg\":\"RS256\",", JWK_ELIGIBLE, "alg RS256");
    with("\"alg\":\"ES256\",", JWK_ALG, "case 82: an RSA key for ES256");
    with("\"alg\":\"HS256\",", JWK_ALG, "case 82: an RSA key for HS256");
    with("\"alg\":\"none\",", JWK_ALG, "case 82: an RSA key for none");
    with("\"alg\":\"RSA-OAEP\",", JWK_ALG, "case 82: an RSA key for encryption");
    with("\"alg\":\"rs256\",", JWK_ALG, "case 82: alg in another case");
    with("\"alg\":\"\",", JWK_ALG, "case 82: alg is empty");
    with("\"alg\":null,", JWK_ELIGIBLE, "K3, case 82: alg is null");
    with("\"use\":null,\"key_ops\":null,\"alg\":null,\"kid\":null,\"x5c\":null,\"x5t\":null,\"d\":null,",
         JWK_ELIGIBLE, "K3: all that may be absent is null");
    with("\"use\":null,\"key_ops\":[],", JWK_KEY_OPS, "case 81: use is null, and key_ops has no verify");
    with("\"use\":false,", JWK_USE, "case 80: use is false");
    with("\"alg\":0,", JWK_ALG, "case 82: alg is a number");
    with("\"alg\":[\"RS256\"],", JWK_ALG, "case 82: alg is an array");
    judged_free(test_key_jwk_with(rsa, "\"alg\":\"RS384\","), RS256, JWK_ALG,
                "case 82: alg RS384 with RS256 configured");
    judged_free(test_key_jwk_with(p384, "\"alg\":\"ES256\","), JWA_ALL, JWK_ALG, "case 46: P-384 for ES256");
    enum jwk_fit fit = JWK_FAILED;
    char *text = test_key_jwk_with(rsa, "\"alg\":\"PS384\",");
    struct jwk *key = import(text, JWA_ALL, &fit);
    is_number(key == NULL ? 0 : jwk_algs(key), JWA_BIT(JWA_PS384), "with alg a key is for that one only");
    jwk_free(key);
    free(text);
}

static void ignored(void)
{
    with("\"d\":\"AQ\",\"p\":7,\"k\":\"c2VjcmV0\",", JWK_ELIGIBLE, "case 95: private members are ignored");
    with("\"x5c\":[\"bm8gY2VydGlmaWNhdGU\"],\"x5t\":\"AQ\",\"x5u\":\"file:///dev/null\",", JWK_ELIGIBLE,
         "case 92: certificates are ignored");
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
    is_string(key == NULL ? NULL : jwk_kid(key, &length), "\xc3\xa9/\"\n", "a kid as it is after unescaping");
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
    snprintf(text, length, "{\"kty\":\"%s\",\"crv\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"}", kty, crv, x_text,
             y_text);
    free(x_text);
    free(y_text);
    return text;
}

static void curve(const struct test_key *made, const char *crv, const char *other)
{
    unsigned char x[1024] = {0};
    unsigned char y[1024] = {0};
    size_t size = test_key_parameter(made, 'x', x + 1);
    test_key_parameter(made, 'y', y + 1);
#define EC(x, x_length, y, y_length, fit, name) \
    judged_free(point_text("EC", crv, (x), (x_length), (y), (y_length)), JWA_ALL, (fit), (name))
    EC(x + 1, size, y + 1, size, JWK_ELIGIBLE, crv);
    EC(x, size + 1, y + 1, size, JWK_EC_LENGTH, "case 101: x with a leading zero octet too many");
    EC(x + 1, size, y, size + 1, JWK_EC_LENGTH, "case 101: y with one");
    EC(x + 1, size - 1, y + 1, size, JWK_EC_LENGTH, "case 101: x too short");
    EC(x + 1, size, y + 1, 0, JWK_EC_LENGTH, "case 101: y is empty");
    EC(x + 1, 1023, y + 1, size, JWK_EC_LENGTH, "case 101: x of a thousand octets");
    EC(y + 1, size, x + 1, size, JWK_EC_POINT, "case 101: x and y swapped are off the curve");
    y[size] ^= 1;
    EC(x + 1, size, y + 1, size, JWK_EC_POINT, "case 101: off the curve");
    y[size] ^= 1;
    memset(y + 100, 0xff, size);
    EC(x + 1, size, y + 100, size, JWK_EC_POINT, "case 101: y above p");
    memset(y + 100, 0, size);
    EC(y + 100, size, y + 100, size, JWK_EC_POINT, "case 101: (0, 0)");
#undef EC
    char *padded[2];
    for (int i = 0; i < 2; i++) {
        char *bare = test_base64url(i == 0 ? x + 1 : y + 1, size);
        padded[i] = malloc(strlen(bare) + 3);
        snprintf(padded[i], strlen(bare) + 3, "%s%s", bare, size % 3 == 0 ? "" : size % 3 == 1 ? "==" : "=");
        free(bare);
    }
    char text[512];
    snprintf(text, sizeof text, "{\"kty\":\"EC\",\"crv\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"}", crv, padded[0],
             padded[1]);
    judged(text, JWA_ALL, JWK_ELIGIBLE, "K3: padded coordinates");
    free(padded[0]);
    free(padded[1]);
    judged_free(point_text("EC", other, x + 1, size, y + 1, size), JWA_ALL, JWK_EC_LENGTH,
                "case 101: the wrong crv");
    judged_free(point_text("OKP", "Ed25519", x + 1, 32, y + 1, size), JWA_ALL, JWK_ELIGIBLE,
                "32 octets are an Ed25519 key, and y means nothing there");
}

static void curves(void)
{
    curve(p256, "P-256", "P-384");
    curve(p384, "P-384", "P-521");
    curve(p521, "P-521", "P-256");
    judged("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ\"}", JWA_ALL, JWK_EC_LENGTH,
           "case 101: x of one octet");
    judged("{\"kty\":\"EC\",\"crv\":\"P-256\",\"y\":\"AQ\"}", JWA_ALL, JWK_ENCODING,
           "case 101: x is missing");
    judged("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AQ==\",\"y\":\"AQ\"}", JWA_ALL, JWK_EC_LENGTH,
           "case 101: x of one octet, padded");
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

static void ed(const unsigned char *x, size_t length, enum jwk_fit expected, const char *name)
{
    char *x_text = test_base64url(x, length);
    char text[256];
    snprintf(text, sizeof text, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}", x_text);
    judged(text, JWA_ALL, expected, name);
    free(x_text);
}

static void edwards(void)
{
    /* y of the points of small order, from the list in "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko; 2020), table 1 */
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
        ed(x, 32, JWK_ED_POINT, "case 101: Ed25519 of small order");
        x[31] |= 0x80;
        ed(x, 32, JWK_ED_POINT, "case 101: the same with the other sign");
    }
    for (unsigned low = 0xe9; low <= 0xff; low++) { /* p - 4 to 2^255 - 1 */
        memset(x, 0xff, sizeof x);
        x[0] = (unsigned char)low;
        x[31] = low % 2 == 0 ? 0xff : 0x7f;
        ed(x, 32, low < 0xec ? JWK_ELIGIBLE : JWK_ED_POINT,
           low < 0xec ? "a large y" : "case 101: y not below p");
    }
    memset(x, 0xff, sizeof x);
    x[31] = 0x7f;
    x[1] = 0xfe;
    ed(x, 32, JWK_ELIGIBLE, "a y just below is canonical");
    ed(x, 31, JWK_ED_LENGTH, "case 101: Ed25519 of 31 octets");
    ed(x, 33, JWK_ED_LENGTH, "case 101: Ed25519 of 33");
    ed(x, 0, JWK_ED_LENGTH, "case 101: Ed25519 of none");
    judged("{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}", JWA_ALL, JWK_ENCODING, "case 101: Ed25519 without x");
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
    char *written = public == NULL ? NULL : js_text(public, NULL);
    is_string(written, expected, "%s", name);
    free(written);
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
    PUBLIC("case 95: only the public members of an RSA key",
           "{\"kty\":\"RSA\",\"kid\":\"k1\",\"use\":\"sig\",\"alg\":\"RS256\",\"e\":\"AQAB\",\"n\":\"%s\"}",
           n,
           "{\"d\":\"PRIVATE\",\"p\":\"P\",\"q\":\"Q\",\"dp\":\"DP\",\"dq\":\"DQ\",\"qi\":\"QI\",\"oth\":[{"
           "\"r\":\"R\"}],"
           "\"k\":\"K\",\"x5c\":[\"MIIB\"],\"x5t\":\"T\",\"x5u\":\"https://x.example/"
           "\",\"nbf\":1,\"x\":\"X\",\"y\":\"Y\","
           "\"crv\":\"C\",\"e\":\"AQAB\",\"n\":\"%s\",\"alg\":\"RS256\",\"use\":\"sig\",\"kid\":\"k1\","
           "\"kty\":\"RSA\"}",
           n);
    PUBLIC("K3: what is kept of a loose RSA key is its one normal form",
           "{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%s\"}", n,
           "{\"kty\":\"RSA\",\"kid\":null,\"use\":null,\"alg\":null,\"key_ops\":null,\"n\":\"%s\",\"e\":"
           "\"AAEAAQ==\"}",
           long_n);
    snprintf(kept, sizeof kept, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s\"}", x, y);
    snprintf(given, sizeof given,
             "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\",\"y\":\"%s=\",\"d\":\"PRIVATE\",\"n\":\"N\"}", x,
             y);
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
    judged_free(test_key_jwk_with(ed25519, "\"alg\":\"Ed25519\","), JWA_BIT(JWA_EDDSA), JWK_ELIGIBLE,
                "K3: a key whose alg is Ed25519");
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
    ignored();
    kids();
    exponents();
    moduli();
    encodings();
    paddings();
    names();
    curves();
    edwards();
    materials();
    publics();
    test_key_free(rsa);
    test_key_free(p256);
    test_key_free(p384);
    test_key_free(p521);
    test_key_free(ed25519);
    return tap_done();
}
