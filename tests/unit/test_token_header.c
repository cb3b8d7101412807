/* The header of a token: cases 23 to 60. */
#include "token/token.h"

#include <ctype.h>

#include "token_test.h"

#define ALL_ALGS "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA"

static struct config *strict; /* RS256 only */
static struct config *every;  /* every algorithm */
static struct test_key *rsa;
static struct test_key *attacker; /* RSA; its public half is nowhere in the set */
static struct test_key *keys[JWA__MAX];

/* A token of this header over good claims, rightly signed with the key it should name. */
static void header(const char *json, enum bearer_code expected, const char *test)
{
    judge_token(test_key_sign(rsa, JWA_RS256, json, GOOD_CLAIMS), expected, "%s", test);
}

#define MEMBERS "\"alg\":\"RS256\",\"kid\":\"rsa-1\""

/* A header with these members more. */
static void member(const char *more, enum bearer_code expected, const char *test)
{
    char *json = text_of("{" MEMBERS ",%s}", more);
    judge_token(test_key_sign(rsa, JWA_RS256, json, GOOD_CLAIMS), expected, "%s: %s", test, more);
    free(json);
}

static void octets(const char *json, size_t length, const char *test)
{
    judge_token(test_key_sign_octets(rsa, JWA_RS256, json, length, GOOD_CLAIMS, sizeof GOOD_CLAIMS - 1),
                BEARER_HEADER_JSON, "%s", test);
}

#define refused(json, test) octets((json), sizeof(json) - 1, (test))

static void nested(unsigned depth, enum bearer_code expected, const char *test)
{
    char *json = text_of("{" MEMBERS ",\"x\":%*s}", (int)(2 * (depth - 1)), "");
    char *at = strchr(json, 'x') + 3;
    memset(at, '[', depth - 1);
    memset(at + depth - 1, ']', depth - 1);
    header(json, expected, test);
    free(json);
}

static void json(void)
{
    refused("RS256", "case 23: a word");
    refused("{" MEMBERS, "case 23: a cut object");
    refused("\x82\xa3\x61\x6c\x67\x65", "case 23: not even text");
    refused("[{" MEMBERS "}]", "case 24: an array");
    refused("\"{" MEMBERS "}\"", "case 24: a string");
    refused("null", "case 24: null");
    refused("1", "case 24: a number");
    refused("{" MEMBERS ",\"x\":\"\xff\"}", "case 25: bad UTF-8");
    refused("{" MEMBERS ",\"x\":\"\xc0\xaf\"}", "case 25: an overlong form");
    refused("{" MEMBERS ",\"x\":\"\xed\xa0\x80\"}", "case 25: a surrogate in UTF-8");
    refused("{" MEMBERS ",\"x\":\"\\ud800\"}", "case 25: a lone surrogate");
    refused("\xef\xbb\xbf{" MEMBERS "}", "case 26: a byte order mark");
    refused("\xff\xfe{\0}\0", "case 26: UTF-16");
    refused("{" MEMBERS "}x", "case 27: trailing garbage");
    refused("{" MEMBERS "}{}", "case 27: a second object");
    refused("{" MEMBERS "},", "case 27: a comma after it");
    refused("{" MEMBERS "}\0", "case 28: a NUL after it");
    refused("{" MEMBERS "}\0{\"alg\":\"none\"}", "case 28: NUL, then another header");
    refused("{\"alg\":\"none\"," MEMBERS "}", "case 29: alg twice, the last good");
    refused("{" MEMBERS ",\"alg\":\"RS256\"}", "case 29: alg twice, the same");
    refused("{" MEMBERS ",\"\\u0061lg\":\"none\"}", "case 29: alg twice, once escaped");
    refused("{" MEMBERS ",\"kid\":\"x\"}", "case 29: kid twice");
    refused("{" MEMBERS ",\"x\":{\"y\":1,\"y\":1}}", "case 29: a name twice further inside");
    refused("{\"alg\\u0000x\":\"RS256\",\"kid\":\"rsa-1\"}", "case 30: \\u0000 in a name");
    refused("{" MEMBERS ",\"crit\\u0000\":[]}", "case 30: \\u0000 at the end of a name");
    refused("{" MEMBERS ",\"x\":\"\\u0000\"}", "case 30: \\u0000 in a value");
    refused("{\"alg\0\":\"RS256\"}", "case 30: a raw NUL in a name");
    nested(32, BEARER_OK, "case 31: depth 32 is taken");
    nested(33, BEARER_HEADER_JSON, "case 31: depth 33");
    nested(1500, BEARER_HEADER_JSON, "case 31: depth 1500");
    refused("{" MEMBERS "/**/}", "case 32: a comment");
    refused("{'alg':'RS256','kid':'rsa-1'}", "case 32: single quotes");
    refused("{" MEMBERS ",\"x\":NaN}", "case 32: NaN");
    member("\"foo\":{\"alg\":\"none\"},\"Alg\":\"none\",\"KID\":\"x\"", BEARER_OK,
           "case 33: unknown members");
    member("\"iss\":\"evil\",\"aud\":[],\"exp\":1", BEARER_OK, "case 33: claims in the header say nothing");
}

/* The header with this alg, which is JSON. */
static void alg(const char *value, enum bearer_code expected, const char *test)
{
    char *text = text_of("{\"alg\":%s,\"kid\":\"rsa-1\"}", value);
    judge_token(test_key_sign(rsa, JWA_RS256, text, GOOD_CLAIMS), expected, "%s: %s", test, value);
    free(text);
}

static void no_algorithm(void)
{
    static const char *const none[] = {"none", "None", "NONE", "nOnE"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        char *text = text_of("{\"alg\":\"%s\",\"kid\":\"rsa-1\"}", none[i]);
        judge_token(test_token(text, GOOD_CLAIMS, "", 0), BEARER_TOKEN_SEGMENTS,
                    "case 34: alg %s, empty signature", none[i]);
        judge_token(test_token(text, GOOD_CLAIMS, "x", 1), BEARER_ALG_NOT_ALLOWED,
                    "case 35: alg %s, some signature", none[i]);
        judge_token(test_key_sign(rsa, JWA_RS256, text, GOOD_CLAIMS), BEARER_ALG_NOT_ALLOWED,
                    "case 35: alg %s, a good RS256 signature", none[i]);
        free(text);
    }
    header("{\"kid\":\"rsa-1\",\"typ\":\"JWT\"}", BEARER_HEADER_ALG, "case 36: no alg");
    header("{}", BEARER_HEADER_ALG, "case 36: nothing at all");
    alg("null", BEARER_HEADER_ALG, "case 37");
    alg("256", BEARER_HEADER_ALG, "case 37");
    alg("[\"RS256\"]", BEARER_HEADER_ALG, "case 37");
    alg("{\"RS256\":1}", BEARER_HEADER_ALG, "case 37");
    alg("true", BEARER_HEADER_ALG, "case 37");
    alg("\"\"", BEARER_HEADER_ALG, "case 37");
    alg("\"rs256\"", BEARER_ALG_NOT_ALLOWED, "case 38");
    alg("\"RS256 \"", BEARER_ALG_NOT_ALLOWED, "case 38");
    alg("\" RS256\"", BEARER_ALG_NOT_ALLOWED, "case 38");
    alg("\"RS2567\"", BEARER_ALG_NOT_ALLOWED, "case 38");
    alg("\"RS25\"", BEARER_ALG_NOT_ALLOWED, "case 38");
    alg("\"RS256,none\"", BEARER_ALG_NOT_ALLOWED, "case 38");
    alg("\"RS256\\u0000\"", BEARER_HEADER_JSON, "case 38");
    alg("\"RS256\\n\"", BEARER_ALG_NOT_ALLOWED, "case 38");
}

static void hmac(const void *secret, size_t length, const char *test)
{
    static const char *const configurations[] = {"RS256 alone", "every algorithm"};
    for (unsigned bits = 256; bits <= 512; bits += 128) {
        char *text = text_of("{\"alg\":\"HS%u\",\"kid\":\"rsa-1\"}", bits);
        for (int i = 0; i < 2; i++) {
            judge_config = i == 0 ? strict : every;
            judge_token(test_token_hmac(bits, secret, length, text, GOOD_CLAIMS), BEARER_ALG_NOT_ALLOWED,
                        "%s: HS%u, configured: %s", test, bits, configurations[i]);
        }
        free(text);
    }
    judge_config = strict;
    judge_token(test_token_hmac(256, secret, length, GOOD_HEADER, GOOD_CLAIMS), BEARER_SIGNATURE,
                "%s: its HMAC under RS256", test);
}

/* The octets of PEM text: its base64 without the lines around it. Into `der`; returns their number. */
static size_t der_of(const char *pem, unsigned char *der)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned bits = 0;
    size_t length = 0;
    unsigned have = 0;
    for (pem = strchr(pem, '\n'); *pem != '-' && *pem != '='; pem++) {
        const char *found = strchr(alphabet, *pem);
        if (found == NULL) {
            continue;
        }
        bits = bits << 6 | (unsigned)(found - alphabet);
        have += 6;
        if (have >= 8) {
            have -= 8;
            der[length++] = (unsigned char)(bits >> have);
        }
    }
    return length;
}

static void symmetric(void)
{
    unsigned char bytes[2048];
    char *pem = test_key_pem(rsa);
    size_t length = strlen(pem);
    size_t bare = length;
    while (bare > 0 && isspace((unsigned char)pem[bare - 1])) {
        bare--;
    }
    hmac(pem, length, "case 39: the PEM");
    hmac(pem, bare, "case 40: the PEM without its newline");
    char *more = text_of("%s\n", pem);
    hmac(more, strlen(more), "case 40: the PEM with one more");
    free(more);
    hmac(bytes, der_of(pem, bytes), "case 40: the DER");
    free(pem);
    hmac(bytes, test_key_parameter(rsa, 'n', bytes), "case 40: n");
    char *jwk = test_key_jwk(rsa);
    hmac(jwk, strlen(jwk), "case 40: the JWK's text");
    free(jwk);
    hmac("", 0, "case 41: an empty secret");
    hmac("secret", 6, "case 42: a common password");
    hmac("rsa-1", 5, "case 42: the kid");
}

/* A token that says `said`, names the key of `named`, and is signed with it as `as`. */
static void crossed(enum jwa said, enum jwa named, enum jwa as, enum bearer_code expected, const char *test)
{
    char *text = text_of("{\"alg\":\"%s\",\"kid\":\"%s\"}", jwa_name(said), jwa_name(named));
    judge_token(test_key_sign(keys[named], as, text, GOOD_CLAIMS), expected, "%s: %s with the key for %s",
                test, jwa_name(said), jwa_name(named));
    free(text);
}

/* The other name of EdDSA (RFC 9864). */
static void ed25519(enum jwa named, enum jwa as, enum bearer_code expected, const char *test)
{
    char *text = text_of("{\"alg\":\"Ed25519\",\"kid\":\"%s\"}", jwa_name(named));
    judge_token(test_key_sign(keys[named], as, text, GOOD_CLAIMS), expected, "K3: alg Ed25519, %s", test);
    free(text);
}

static void pinned(void)
{
    ed25519(JWA_EDDSA, JWA_EDDSA, BEARER_ALG_NOT_ALLOWED, "where EdDSA is not configured");
    for (unsigned i = JWA_RS384; i < JWA__MAX; i++) {
        crossed((enum jwa)i, (enum jwa)i, (enum jwa)i, BEARER_ALG_NOT_ALLOWED,
                "cases 43, 47: not configured");
    }
    judge_config = every;
    for (unsigned i = JWA_RS256; i < JWA__MAX; i++) {
        crossed((enum jwa)i, (enum jwa)i, (enum jwa)i, BEARER_OK, "configured");
    }
    crossed(JWA_RS384, JWA_RS256, JWA_RS384, BEARER_KEY_UNFIT, "case 44: not the JWK's alg");
    crossed(JWA_PS256, JWA_RS256, JWA_PS256, BEARER_KEY_UNFIT, "case 44: not the JWK's alg");
    crossed(JWA_RS256, JWA_PS256, JWA_RS256, BEARER_KEY_UNFIT, "case 44: not the JWK's alg");
    crossed(JWA_RS256, JWA_ES256, JWA_ES256, BEARER_KEY_UNFIT, "case 45");
    crossed(JWA_ES256, JWA_RS256, JWA_RS256, BEARER_KEY_UNFIT, "case 45");
    crossed(JWA_EDDSA, JWA_ES256, JWA_ES256, BEARER_KEY_UNFIT, "case 45");
    crossed(JWA_ES256, JWA_EDDSA, JWA_EDDSA, BEARER_KEY_UNFIT, "case 45");
    crossed(JWA_ES256, JWA_ES384, JWA_ES256, BEARER_KEY_UNFIT, "case 46");
    crossed(JWA_ES384, JWA_ES256, JWA_ES256, BEARER_KEY_UNFIT, "case 46");
    crossed(JWA_ES384, JWA_ES512, JWA_ES384, BEARER_KEY_UNFIT, "case 46");
    alg("\"RS1\"", BEARER_ALG_NOT_ALLOWED, "case 47: unknown");
    alg("\"ES256K\"", BEARER_ALG_NOT_ALLOWED, "case 47: unknown");
    ed25519(JWA_EDDSA, JWA_EDDSA, BEARER_OK, "where EdDSA is");
    ed25519(JWA_RS256, JWA_RS256, BEARER_KEY_UNFIT, "with an RSA key");
    ed25519(JWA_ES256, JWA_ES256, BEARER_KEY_UNFIT, "with an EC key");
    alg("\"ed25519\"", BEARER_ALG_NOT_ALLOWED, "case 47: unknown");
    alg("\"Ed448\"", BEARER_ALG_NOT_ALLOWED, "case 47: unknown");
    alg("\"RSA-OAEP\"", BEARER_ALG_NOT_ALLOWED, "case 47: unknown");
    alg("\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"", BEARER_ALG_NOT_ALLOWED, "case 47: unknown");
    judge_config = strict;
}

/* A forged token whose header brings its own key, by each way of naming a key; and the same members in a good token, where they say nothing. */
static void embedded(const char *more, const char *test)
{
    static const struct {
        const char *kid;
        enum bearer_code code;
    } forged[] = {{"\"kid\":\"rsa-1\",", BEARER_SIGNATURE},
                  {"\"kid\":\"evil\",", BEARER_KID_UNKNOWN},
                  {"", BEARER_KID_MISSING}};
    for (size_t i = 0; i < sizeof forged / sizeof forged[0]; i++) {
        char *text = text_of("{\"alg\":\"RS256\",%s%s}", forged[i].kid, more);
        judge_token(test_key_sign(attacker, JWA_RS256, text, GOOD_CLAIMS), forged[i].code, "%s, %s", test,
                    *forged[i].kid != '\0' ? forged[i].kid : "no kid");
        free(text);
    }
    char *text = text_of("{" MEMBERS ",%s}", more);
    judge_token(test_key_sign(rsa, JWA_RS256, text, GOOD_CLAIMS), BEARER_OK, "%s, ignored in a good token",
                test);
    free(text);
    asked(1, 0, "  and nothing is fetched for it");
}

static void own_keys(void)
{
    char *jwk = test_key_jwk_with(attacker, "\"kid\":\"rsa-1\",\"alg\":\"RS256\",");
    char *more = text_of("\"jwk\":%s", jwk);
    embedded(more, "case 48: jwk");
    free(more);
    free(jwk);
    embedded("\"jku\":\"https://evil.test/jwks.json\"", "case 49: jku");
    embedded("\"jku\":\"https://issuer.test/jwks.json\"", "case 49: jku, our own");
    embedded("\"x5u\":\"https://evil.test/cert.pem\"", "case 50: x5u");
    embedded("\"x5c\":[\"MIIB\"],\"x5t\":\"AAAA\",\"x5t#S256\":\"AAAA\"", "case 51: x5c, x5t");
    embedded("\"jwk\":\"rsa-1\",\"jku\":1,\"x5u\":null,\"x5c\":{}", "cases 48 to 51: of the wrong type");
}

static void extensions(void)
{
    member("\"crit\":[\"exp\"],\"exp\":1", BEARER_HEADER_UNSUPPORTED, "case 52");
    member("\"crit\":[\"http://evil.test/x\"],\"http://evil.test/x\":true", BEARER_HEADER_UNSUPPORTED,
           "case 52");
    member("\"crit\":[]", BEARER_HEADER_UNSUPPORTED, "case 53: empty");
    member("\"crit\":\"b64\"", BEARER_HEADER_UNSUPPORTED, "case 53: a string");
    member("\"crit\":null", BEARER_HEADER_UNSUPPORTED, "case 53: null");
    member("\"crit\":false", BEARER_HEADER_UNSUPPORTED, "case 53: false");
    member("\"crit\":{}", BEARER_HEADER_UNSUPPORTED, "case 53: an object");
    member("\"crit\":[\"x\",\"x\"],\"x\":1", BEARER_HEADER_UNSUPPORTED, "case 53: duplicates");
    member("\"crit\":[\"alg\",\"kid\"]", BEARER_HEADER_UNSUPPORTED, "case 53: registered names");
    member("\"crit\":[\"absent\"]", BEARER_HEADER_UNSUPPORTED, "case 53: absent names");
    member("\"cri\\u0074\":[]", BEARER_HEADER_UNSUPPORTED, "case 53: escaped");
    member("\"b64\":false,\"crit\":[\"b64\"]", BEARER_HEADER_UNSUPPORTED, "case 54");
    member("\"b64\":false", BEARER_HEADER_UNSUPPORTED, "case 55");
    member("\"b64\":true,\"crit\":[\"b64\"]", BEARER_HEADER_UNSUPPORTED, "case 56");
    member("\"b64\":true", BEARER_HEADER_UNSUPPORTED, "case 56: alone");
    member("\"zip\":\"DEF\"", BEARER_HEADER_UNSUPPORTED, "case 57");
    member("\"enc\":\"A256GCM\"", BEARER_HEADER_UNSUPPORTED, "case 57");
    member("\"cty\":\"JWT\"", BEARER_HEADER_UNSUPPORTED, "case 57");
    member("\"cty\":null", BEARER_HEADER_UNSUPPORTED, "case 57");
}

static void types(void)
{
    static const char *const good[] = {
        "JWT", "jwt", "Jwt", "at+jwt", "AT+JWT", "application/at+jwt", "Application/AT+jwt"};
    static const char *const bad[] = {"dpop+jwt",
                                      "logout+jwt",
                                      "secevent+jwt",
                                      "JOSE",
                                      "JWE",
                                      "id_token",
                                      "at+jwt ",
                                      " JWT",
                                      "JWTx",
                                      "JW",
                                      "at-jwt",
                                      "at+jw",
                                      "at+jwt;v=1",
                                      "application/jwt",
                                      "application/dpop+jwt",
                                      ""};
    static const char *const types[] = {"null", "true", "1", "[\"JWT\"]", "{\"JWT\":1}"};
    char text[64];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        snprintf(text, sizeof text, "\"typ\":\"%s\"", good[i]);
        member(text, BEARER_OK, "case 58");
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        snprintf(text, sizeof text, "\"typ\":\"%s\"", bad[i]);
        member(text, BEARER_HEADER_TYP, "case 59");
    }
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        snprintf(text, sizeof text, "\"typ\":%s", types[i]);
        member(text, BEARER_HEADER_TYP, "case 60");
    }
    header("{" MEMBERS "}", BEARER_OK, "case 60: no typ");
}

static bool memo_has(const struct header_memo *memo, const char *token)
{
    struct header header;
    return header_recall(memo, token, strcspn(token, "."), &header);
}

static enum bearer_code verify_with(struct header_memo *memo, const char *text)
{
    struct token token;
    enum bearer_code code = token_verify(strict, &key_source, memo, text, strlen(text), NOW, &token);
    token_clear(&token);
    return code;
}

/* That the judgement is the same with it, verify_at() sees for every token of these tests. */
static void memo(void)
{
    struct header_memo memo = {.length = 0};
    char *other = test_key_sign(rsa, JWA_RS256, "{\"kid\":\"rsa-1\",\"alg\":\"RS256\"}", GOOD_CLAIMS);
    char *expired = test_key_sign(rsa, JWA_RS256, GOOD_HEADER, "{\"exp\":1}");
    char *longer = text_of("{\"alg\":\"RS256\",\"kid\":\"rsa-1\",\"x\":\"%0*d\"}", HEADER_SEGMENT_MAX, 0);
    char *large = test_key_sign(rsa, JWA_RS256, longer, GOOD_CLAIMS);
    char *forged = test_key_sign(attacker, JWA_RS256, "{\"kid\":\"rsa-1\",\"alg\":\"RS256\"}", GOOD_CLAIMS);
    ok(!memo_has(&memo, good_token), "no header is remembered at first");
    ok(verify_with(&memo, forged) == BEARER_SIGNATURE && memo.length == 0,
       "nor that of a token whose signature is bad");
    ok(verify_with(&memo, expired) == BEARER_ISS_MISSING && memo_has(&memo, good_token),
       "that of a good signature is, whatever the claims say");
    ok(verify_with(&memo, forged) == BEARER_SIGNATURE && memo_has(&memo, good_token),
       "a forged token does not displace it");
    ok(verify_with(&memo, large) == BEARER_OK && memo_has(&memo, good_token),
       "nor does a header too long to be remembered");
    ok(verify_with(&memo, other) == BEARER_OK && memo_has(&memo, other) && !memo_has(&memo, good_token),
       "another good one does");
    ok(verify_with(&memo, forged) == BEARER_SIGNATURE, "with its header a forged token is still forged");
    free(other);
    free(expired);
    free(longer);
    free(large);
    free(forged);
}

/* A key for each algorithm under its name as kid, each bound to it, and the key rsa-1. */
static void make_keys(void)
{
    char *jwks[JWA__MAX];
    char more[32];
    for (unsigned i = JWA_RS256; i < JWA__MAX; i++) {
        enum jwa each = (enum jwa)i;
        bool is_rsa = jwa_of_key("RSA", NULL) & JWA_BIT(each);
        keys[each] = is_rsa && each > JWA_RS256 ? test_key_again(keys[JWA_RS256], jwa_name(each))
                                                : test_key_new(each, jwa_name(each));
        snprintf(more, sizeof more, "\"alg\":\"%s\",", jwa_name(each));
        jwks[each - 1] = test_key_jwk_with(keys[each], more);
    }
    rsa = test_key_new(JWA_RS256, "rsa-1");
    attacker = test_key_new(JWA_RS256, NULL);
    jwks[JWA__MAX - 1] = test_key_jwk(rsa);
    source.set = test_keyset(jwks, JWA__MAX);
}

int main(void)
{
    make_keys();
    strict = test_config("RS256", "0");
    every = test_config(ALL_ALGS, "0");
    judge_config = strict;
    good_token = test_key_sign(rsa, JWA_RS256, GOOD_HEADER, GOOD_CLAIMS);
    json();
    no_algorithm();
    symmetric();
    pinned();
    own_keys();
    extensions();
    types();
    memo();
    free(good_token);
    keyset_free(source.set);
    config_free(strict);
    config_free(every);
    for (unsigned i = JWA_RS256; i < JWA__MAX; i++) {
        test_key_free(keys[i]);
    }
    test_key_free(rsa);
    test_key_free(attacker);
    return tap_done();
}
