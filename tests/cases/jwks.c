/* Keys that must never verify, each in a document with good ones: cases 80 to 98, 100 and 101. A token that names such a key is signed with it, so
 * that it is refused for nothing else: the same key under the kid "fit" verifies. */
#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "rsa_encodings.h"

#define ROWS_MAX 64

static struct test_key *key; /* that of the issuer in this family, but for its flaws */
static struct key_row rows[ROWS_MAX];
static size_t count;

static void row(char *jwk, const char *kid, enum jwk_fit fit)
{
    if (count == ROWS_MAX) {
        cases_bail("too many keys for one set");
    }
    rows[count++] = (struct key_row){.jwk = jwk, .kid = kid, .fit = fit};
}

static void end_set(const char *name)
{
    emit_set(name, rows, count);
    count = 0;
}

/* A token that names this kid, by this key. */
static void by(int number, enum bearer_code code, const struct test_key *signer, enum jwa alg,
               const char *kid)
{
    char *header = text_of("{\"alg\":\"%s\",\"kid\":\"%s\"}", jwa_name(alg), kid);
    emit(number, code, test_key_sign(signer, alg, header, world.good_claims), "%s, kid %s", jwa_name(alg),
         kid);
    free(header);
}

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
    row(test_key_jwk_with(named, members), kid, fit);
    by(number, BEARER_KID_UNKNOWN, key, JWA_RS256, kid);
    test_key_free(named);
}

static void purposes(void)
{
    with(80, JWK_USE, "80-enc", "\"use\":\"enc\",");
    with(80, JWK_USE, "80-case", "\"use\":\"SIG\",");
    with(80, JWK_USE, "80-empty", "\"use\":\"\",");
    with(80, JWK_USE, "80-array", "\"use\":[\"sig\"],");
    with(81, JWK_KEY_OPS, "81-sign", "\"key_ops\":[\"sign\",\"encrypt\"],");
    with(81, JWK_KEY_OPS, "81-case", "\"key_ops\":[\"VERIFY\"],");
    with(81, JWK_KEY_OPS, "81-empty", "\"key_ops\":[],");
    with(81, JWK_KEY_OPS, "81-string", "\"key_ops\":\"verify\",");
    with(82, JWK_ALG, "82-rs384", "\"alg\":\"RS384\",");
    with(82, JWK_ALG, "82-es256", "\"alg\":\"ES256\",");
    with(82, JWK_ALG, "82-hs256", "\"alg\":\"HS256\",");
    with(82, JWK_ALG, "82-none", "\"alg\":\"none\",");
    with(82, JWK_ALG, "82-oaep", "\"alg\":\"RSA-OAEP\",");
    with(82, JWK_ALG, "82-case", "\"alg\":\"rs256\",");
}

/* An RSA key of these members, which are JSON or NULL. */
static void rsa(int number, enum jwk_fit fit, const char *kid, const char *n, const char *e)
{
    row(text_of("{\"kid\":\"%s\",\"kty\":\"RSA\"%s%s%s%s}", kid, n != NULL ? ",\"n\":" : "",
                n != NULL ? n : "", e != NULL ? ",\"e\":" : "", e != NULL ? e : ""),
        kid, fit);
    by(number, fit == JWK_ELIGIBLE ? BEARER_OK : BEARER_KID_UNKNOWN, key, JWA_RS256, kid);
}

/* The same with these octets for n. */
static void modulus(int number, enum jwk_fit fit, const char *kid, const unsigned char *n, size_t length)
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
        row(test_key_jwk(made), small[i].kid, JWK_RSA_SIZE);
        by(83, BEARER_KID_UNKNOWN, made, JWA_RS256, small[i].kid);
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

static void exponents(void)
{
    char *bare = parameter(key, 'n');
    char *n = text_of("\"%s\"", bare);
    rsa(84, JWK_RSA_EXPONENT, "84-one", n, "\"AQ\"");
    forged_by_e1();
    rsa(84, JWK_RSA_EXPONENT, "84-zero", n, "\"AA\"");
    rsa(84, JWK_RSA_EXPONENT, "84-two", n, "\"Ag\"");
    rsa(84, JWK_RSA_EXPONENT, "84-even", n, "\"AQAA\"");
    rsa(84, JWK_RSA_EXPONENT, "84-n", n, n);
    rsa(84, JWK_RSA_EXPONENT, "84-long", n, "\"AQAAAAE\"");
    rsa(84, JWK_RSA_EXPONENT, "84-empty", n, "\"\"");
    rsa(84, JWK_RSA_EXPONENT, "84-zero-one", n, "\"AAAAAQ==\"");
    char *padded = text_of("\"%s=\"", bare);
    rsa(87, JWK_ENCODING, "87-padding", padded, "\"AQAB\"");
    free(padded);
    char *loose = text_of("%s", n);
    loose[strlen(loose) - 2]++; /* of its last character four bits encode nothing */
    rsa(87, JWK_ENCODING, "87-bits", loose, "\"AQAB\"");
    free(loose);
    rsa(89, JWK_ENCODING, "89-no-n", NULL, "\"AQAB\"");
    rsa(89, JWK_ENCODING, "89-no-e", n, NULL);
    rsa(89, JWK_ENCODING, "89-n-number", "3233", "\"AQAB\"");
    rsa(89, JWK_ENCODING, "89-e-number", n, "65537");
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
        row(text_of("{\"kid\":\"%s\",%s\"n\":%s,\"e\":\"AQAB\"}", kinds[i].kid, kinds[i].kty, n),
            kinds[i].kid, kinds[i].fit);
        by(90, BEARER_KID_UNKNOWN, key, JWA_RS256, kinds[i].kid);
    }
    free(n);
    free(bare);
}

/* Certificates and secrets in the place of a key. */
static void others(void)
{
    char *x5c = certificate(key);
    row(text_of("{\"kid\":\"91\",\"kty\":\"RSA\",\"use\":\"sig\",\"alg\":\"RS256\",\"x5c\":[\"%s\"]}", x5c),
        "91", JWK_ENCODING);
    by(91, BEARER_KID_UNKNOWN, key, JWA_RS256, "91");
    free(x5c);
    row(text_of("{\"kid\":\"94\",\"kty\":\"oct\",\"alg\":\"HS256\",\"k\":\"c2VjcmV0\"}"), "94", JWK_KTY);
    row(text_of("{\"kid\":\"94-rs\",\"kty\":\"oct\",\"alg\":\"RS256\",\"k\":\"c2VjcmV0\"}"), "94-rs",
        JWK_KTY);
    emit(94, BEARER_ALG_NOT_ALLOWED,
         test_token_hmac(256, "secret", 6, "{\"alg\":\"HS256\",\"kid\":\"94\"}", world.good_claims), "HS256");
    emit(94, BEARER_KID_UNKNOWN,
         test_token_hmac(256, "secret", 6, "{\"alg\":\"RS256\",\"kid\":\"94\"}", world.good_claims), "RS256");
    emit(94, BEARER_KID_UNKNOWN,
         test_token_hmac(256, "secret", 6, "{\"alg\":\"RS256\",\"kid\":\"94-rs\"}", world.good_claims),
         "RS256, as the key says");
}

static void unfit(void)
{
    world.set = "unfit";
    by(80, BEARER_OK, key, JWA_RS256, "fit");
    purposes();
    sizes();
    exponents();
    others();
    row(test_key_jwk(key), "fit", JWK_ELIGIBLE);
    end_set(world.set);
}

/* `key` under this kid and with these members, and a token signed with it. */
static void good(int number, const char *kid, const char *members)
{
    struct test_key *named = test_key_again(key, kid);
    row(test_key_jwk_with(named, members), kid, JWK_ELIGIBLE);
    by(number, BEARER_OK, key, JWA_RS256, kid);
    test_key_free(named);
}

/* Keys written loosely, which are put right before they are judged. */
static void loose(void)
{
    unsigned char octets[1100] = {0};
    size_t length = test_key_parameter(key, 'n', octets + 4);
    char *bare = test_base64url(octets + 4, length);
    char *n = text_of("\"%s\"", bare);
    char *padded = text_of("\"%s==\"", bare);
    rsa(87, JWK_ELIGIBLE, "87-e-zero", n, "\"AAEAAQ\"");
    rsa(87, JWK_ELIGIBLE, "87-e-zeros", n, "\"AAAAAAAAAQAB\"");
    rsa(87, JWK_ELIGIBLE, "87-e-padded", n, "\"AAEAAQ==\"");
    rsa(87, JWK_ELIGIBLE, "87-padded", padded, "\"AQAB\"");
    by(87, BEARER_SIGNATURE, world.attacker, JWA_RS256, "87-padded");
    modulus(88, JWK_ELIGIBLE, "88-zero", octets + 3, length + 1);
    modulus(88, JWK_ELIGIBLE, "88-zeros", octets, length + 4);
    by(88, BEARER_SIGNATURE, world.attacker, JWA_RS256, "88-zero");
    good(80, "80-null", "\"use\":null,");
    good(81, "81-null", "\"key_ops\":null,");
    good(82, "82-null", "\"alg\":null,\"x5c\":null,\"x5t\":null,");
    free(padded);
    free(n);
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
    by(92, BEARER_SIGNATURE, world.attacker, JWA_RS256, "92");
    free(members);
    free(x5c);
    for (int i = 0; i < 3; i++) {
        static const char *const kids[] = {"ec-256", "ec-384", "ec-521"};
        row(test_key_jwk(world.ec[i]), kids[i], JWK_NO_ALG);
        by(93, BEARER_OK, world.rsa, JWA_RS256, "rsa-1");
    }
    row(test_key_jwk(world.ed), "ed-1", JWK_NO_ALG);
    row(text_of("{\"kid\":\"93-oct\",\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}"), "93-oct", JWK_KTY);
    row(text_of("{\"kid\":\"93-new\",\"kty\":\"AKP\",\"alg\":\"ML-DSA-44\",\"pub\":\"AA\"}"), "93-new",
        JWK_KTY);
    row(text_of("7"), "", JWK_NOT_OBJECT);
    row(text_of("null"), "", JWK_NOT_OBJECT);
    row(text_of("[]"), "", JWK_NOT_OBJECT);
    by(93, BEARER_OK, world.rsa, JWA_RS256, "rsa-1");
    good(95, "95",
         "\"d\":\"PRIVATE-MEMBER\",\"p\":\"PRIVATE-MEMBER\",\"qi\":7,\"oth\":[{\"r\":\"PRIVATE-MEMBER\"}],");
    good(96, "96-same", NULL);
    good(96, "96-same", "\"use\":\"sig\",");
    good(96, "96-bound", NULL);
    good(96, "96-bound", "\"alg\":\"RS256\",");
    static const char *const bad[] = {"\"use\":\"enc\",", "\"key_ops\":[],", "\"alg\":\"none\","};
    static const enum jwk_fit fits[] = {JWK_USE, JWK_KEY_OPS, JWK_ALG};
    struct test_key *hundredth = test_key_again(world.attacker, "100");
    for (size_t i = 0; i < 3; i++) {
        row(test_key_jwk_with(hundredth, bad[i]), "100", fits[i]);
    }
    row(text_of("{\"kid\":\"100\",\"kty\":\"RSA\",\"n\":\"AA\",\"e\":\"AQ\"}"), "100", JWK_RSA_SIZE);
    good(100, "100", NULL);
    by(100, BEARER_SIGNATURE, world.attacker, JWA_RS256, "100");
    test_key_free(hundredth);
    struct test_key *twice = test_key_again(key, "96-two");
    struct test_key *once = test_key_again(world.attacker, "96-two");
    row(test_key_jwk(twice), "96-two", JWK_ELIGIBLE);
    row(test_key_jwk(once), "96-two", JWK_ELIGIBLE);
    by(96, BEARER_KEY_AMBIGUOUS, key, JWA_RS256, "96-two");
    by(96, BEARER_KEY_AMBIGUOUS, world.attacker, JWA_RS256, "96-two");
    test_key_free(twice);
    test_key_free(once);
    end_set(world.set);
}

/* As many keys as there may be; those between the first and the last are nobody's. */
static void thousand(void)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL) {
        cases_bail("out of memory");
    }
    char *jwk = test_key_jwk(key);
    fputs(jwk, out);
    for (int i = 0; i < 998; i++) {
        unsigned char n[256];
        if (gnutls_rnd(GNUTLS_RND_NONCE, n, sizeof n) < 0) {
            cases_bail("no random octets");
        }
        n[0] |= 0x80;
        n[255] |= 1;
        char *encoded = test_base64url(n, sizeof n);
        fprintf(out, ",\n{\"kid\":\"98-%d\",\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQAB\"}", i, encoded);
        free(encoded);
    }
    fclose(out);
    world.set = "thousand";
    row(text_of("%s", text), "", JWK_ELIGIBLE);
    end_set(world.set);
    by(98, BEARER_OK, key, JWA_RS256, "98");
    by(98, BEARER_SIGNATURE, key, JWA_RS256, "98-997");
    by(98, BEARER_KID_UNKNOWN, key, JWA_RS256, "98-998");
    char *more = text_of("{\"keys\":[%s,\n%s,\n%s]}", text, jwk, jwk);
    emit_document("thousand-and-one", more, "the key set has 1001 keys; at most 1000 are taken");
    world.set = "thousand-and-one";
    by(98, BEARER_NO_KEYS, key, JWA_RS256, "98-998");
    free(more);
    free(jwk);
    free(text);
}

/* One kid for keys of several kinds: the token's alg says which. */
static void kinds(void)
{
    struct test_key *again[] = {test_key_again(key, "97"), test_key_again(world.ec[0], "97"),
                                test_key_again(world.ed, "97")};
    world.site = "wide";
    world.set = "kinds";
    for (int i = 0; i < 3; i++) {
        row(test_key_jwk(again[i]), "97", JWK_ELIGIBLE);
    }
    by(97, BEARER_OK, key, JWA_RS256, "97");
    by(97, BEARER_OK, key, JWA_PS512, "97");
    by(97, BEARER_OK, world.ec[0], JWA_ES256, "97");
    by(97, BEARER_OK, world.ed, JWA_EDDSA, "97");
    by(97, BEARER_SIGNATURE, world.attacker, JWA_RS256, "97");
    by(97, BEARER_KEY_UNFIT, world.ec[1], JWA_ES384, "97");
    struct test_key *bound = test_key_again(key, "82-bound");
    row(test_key_jwk_with(bound, "\"alg\":\"RS384\","), "82-bound", JWK_ELIGIBLE);
    by(82, BEARER_OK, key, JWA_RS384, "82-bound");
    by(82, BEARER_KEY_UNFIT, key, JWA_RS256, "82-bound");
    end_set(world.set);
    test_key_free(bound);
    for (int i = 0; i < 3; i++) {
        test_key_free(again[i]);
    }
}

/* A key of kty EC, with coordinates of these octets. */
static void point(enum jwk_fit fit, const char *kid, const char *crv, const unsigned char *x, size_t x_length,
                  const unsigned char *y, size_t y_length)
{
    char *x_text = test_base64url(x, x_length);
    char *y_text = test_base64url(y, y_length);
    row(text_of("{\"kid\":\"%s\",\"kty\":\"EC\",%s\"x\":\"%s\",\"y\":\"%s\"}", kid, crv, x_text, y_text), kid,
        fit);
    by(101, BEARER_KID_UNKNOWN, world.ec[0], JWA_ES256, kid);
    free(x_text);
    free(y_text);
}

/* Under a key of small order R = 1, S = 0 is right for any message. */
static void small_order(const char *kid, const unsigned char *x, size_t length, enum jwk_fit fit)
{
    static const unsigned char anything[64] = {1};
    char *text = test_base64url(x, length);
    row(text_of("{\"kid\":\"%s\",\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"%s\"}", kid, text), kid, fit);
    char *header = text_of("{\"alg\":\"EdDSA\",\"kid\":\"%s\"}", kid);
    emit(101, BEARER_KID_UNKNOWN, test_token(header, world.good_claims, anything, sizeof anything),
         "%s, the signature for any message", kid);
    free(header);
    free(text);
}

static void points(void)
{
    static const char p256[] = "\"crv\":\"P-256\",";
    unsigned char x[100] = {0}, y[100] = {0};
    world.set = "points";
    test_key_parameter(world.ec[0], 'x', x + 1);
    test_key_parameter(world.ec[0], 'y', y + 1);
    row(test_key_jwk(world.ec[0]), "ec-256", JWK_ELIGIBLE);
    by(101, BEARER_OK, world.ec[0], JWA_ES256, "ec-256");
    point(JWK_EC_LENGTH, "101-long-x", p256, x, 33, y + 1, 32);
    point(JWK_EC_LENGTH, "101-long-y", p256, x + 1, 32, y, 33);
    point(JWK_EC_LENGTH, "101-short", p256, x + 1, 31, y + 1, 32);
    point(JWK_EC_LENGTH, "101-p384", "\"crv\":\"P-384\",", x + 1, 32, y + 1, 32);
    point(JWK_CRV, "101-ed", "\"crv\":\"Ed25519\",", x + 1, 32, y + 1, 32);
    point(JWK_CRV, "101-k", "\"crv\":\"secp256k1\",", x + 1, 32, y + 1, 32);
    point(JWK_CRV, "101-case", "\"crv\":\"p-256\",", x + 1, 32, y + 1, 32);
    point(JWK_CRV, "101-none", "", x + 1, 32, y + 1, 32);
    point(JWK_EC_POINT, "101-swapped", p256, y + 1, 32, x + 1, 32);
    point(JWK_EC_POINT, "101-zero", p256, x + 40, 32, y + 40, 32);
    y[32] ^= 1;
    point(JWK_EC_POINT, "101-off", p256, x + 1, 32, y + 1, 32);
    unsigned char ed[33] = {0};
    small_order("101-order-4", ed, 32, JWK_ED_POINT);
    ed[31] = 0x80;
    small_order("101-order-4-sign", ed, 32, JWK_ED_POINT);
    ed[31] = 0;
    ed[0] = 1;
    small_order("101-order-1", ed, 32, JWK_ED_POINT);
    small_order("101-ed-long", ed, 33, JWK_ED_LENGTH);
    small_order("101-ed-short", ed, 31, JWK_ED_LENGTH);
    memset(ed, 0xff, sizeof ed);
    ed[31] = 0x7f;
    ed[0] = 0xec; /* p - 1 */
    small_order("101-order-2", ed, 32, JWK_ED_POINT);
    ed[0] = 0xee; /* p + 1: the neutral element, not in its canonical form */
    small_order("101-not-canonical", ed, 32, JWK_ED_POINT);
    end_set(world.set);
}

void family_jwks(void)
{
    key = test_key_new(JWA_RS256, "fit");
    unfit();
    mixed();
    kinds();
    points();
    test_key_free(key);
}

void family_many(void)
{
    key = test_key_new(JWA_RS256, "98");
    thousand();
    test_key_free(key);
}
