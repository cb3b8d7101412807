/* SPDX-License-Identifier: MIT */
#include "jose/keyset.h"

#include <stdlib.h>
#include <time.h>

#include "json/json.h"
#include "keys.h"
#include "tap.h"

#define RS256 JWA_BIT(JWA_RS256)

static struct test_key *rsa, *rsa2, *ec, *ed25519;

static struct keyset *parse(const char *text, unsigned algs, struct diag *diag)
{
    return keyset_parse(text, strlen(text), algs, NULL, diag);
}

/* The set of these JWKs, each of which is freed. */
static struct keyset *set_of(char *jwks[], size_t count, unsigned algs)
{
    struct diag diag = {""};
    char *text = test_jwks(jwks, count);
    struct keyset *set = parse(text, algs, &diag);
    if (set == NULL) {
        ok(false, "a set is made: %s", diag.text);
    }
    free(text);
    return set;
}

static char *jwk(const struct test_key *made, const char *kid, const char *more)
{
    struct test_key *again = test_key_again(made, kid);
    char *text = test_key_jwk_with(again, more);
    test_key_free(again);
    return text;
}

static void found(const struct keyset *set, const char *kid, enum jwa alg,
                  enum bearer_code expected, const char *name)
{
    const struct jwk *key = (const struct jwk *)(const void *)"not touched";
    enum bearer_code code = set == NULL
                                ? BEARER_DENIED
                                : keyset_find(set, kid, kid == NULL ? 0 : strlen(kid), alg, &key);
    is_string(bearer_outcome(code)->reason, bearer_outcome(expected)->reason, "%s", name);
    ok(set == NULL || (key != NULL) == (code == BEARER_OK), "  and there is a key only then");
    if (set != NULL && code == BEARER_OK) {
        size_t length = 0;
        const char *own = jwk_kid(key, &length);
        ok((jwk_algs(key) & JWA_BIT(alg)) != 0, "  which is for %s", jwa_name(alg));
        if (kid != NULL) {
            is_string(own, kid, "  and has that kid");
        }
    }
}

static void refused(const char *text, const char *message, const char *name)
{
    struct diag diag = {""};
    struct keyset *set = parse(text, JWA_ALL, &diag);
    ok(set == NULL, "%s: refused", name);
    is_string(diag.text, message, "  and says why");
    keyset_free(set);
}

/* A set without a key in it: the issuer's word all the same. */
static void empty(const char *text, const char *message, const char *name)
{
    struct diag diag = {""};
    const struct jwk *key = NULL;
    struct keyset *set = parse(text, JWA_ALL, &diag);
    ok(set != NULL && keyset_count(set) == 0, "%s: a set of none", name);
    is_string(diag.text, message, "  and says why");
    ok(set != NULL && keyset_find(set, "k", 1, JWA_RS256, &key) == BEARER_KID_UNKNOWN &&
           keyset_find(set, NULL, 0, JWA_RS256, &key) == BEARER_KID_MISSING && key == NULL,
       "  and nothing is found in it");
    keyset_free(set);
}

static void documents(void)
{
    empty("{\"keys\":[]}", "the key set is empty", "D4, case 99: keys is empty");
    refused("{}", "the key set has no \"keys\"", "case 99: {}");
    refused("{\"error\":\"x\"}", "the key set has no \"keys\"", "case 99: keys is missing");
    refused("{\"keys\":\"x\"}", "\"keys\" of the key set is not an array",
            "case 99: keys is a string");
    refused("{\"keys\":null}", "\"keys\" of the key set is not an array", "case 99: keys is null");
    refused("{\"keys\":{\"kty\":\"RSA\"}}", "\"keys\" of the key set is not an array",
            "case 99: keys is an object");
    empty("{\"keys\":[1,\"x\",null,[]]}",
          "the key set has no eligible key among 4; the first: it is not a JSON object",
          "D4: elements that are no objects");
    empty("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AQ\"}]}",
          "the key set has no eligible key among 1; the first: its kty is none of RSA, EC, OKP",
          "D4, case 94: a symmetric key alone");
    refused("<html>", "the key set is not strict JSON: not a JSON object", "case 103: HTML");
    refused("", "the key set is not strict JSON: not a JSON object", "nothing");
    char *one = test_key_jwk(rsa);
    char text[4096];
    snprintf(text, sizeof text, "{\"keys\":[%s],\"keys\":[%s]}", one, one);
    refused(text, "the key set is not strict JSON: a name twice in one object",
            "case 103: keys twice");
    snprintf(text, sizeof text, "{\"keys\":[%s]} x", one);
    refused(text, "the key set is not strict JSON: something follows the JSON object",
            "case 103: trailing garbage");
    snprintf(text, sizeof text, "\xef\xbb\xbf{\"keys\":[%s]}", one);
    struct keyset *marked = parse(text, JWA_ALL, NULL);
    is_number(marked == NULL ? 0 : keyset_count(marked), 1, "K1: a byte order mark is skipped");
    keyset_free(marked);
    snprintf(text, sizeof text, "\xef\xbb\xbf\xef\xbb\xbf{\"keys\":[%s]}", one);
    refused(text, "the key set is not strict JSON: not a JSON object", "K1: one, and no more");
    refused("\xef\xbb", "the key set is not strict JSON: not a JSON object",
            "K1: nor a part of one");
    refused("\xef\xbb\xbf", "the key set is not strict JSON: not a JSON object",
            "K1: nor one alone");
    snprintf(text, sizeof text, "{\"keys\":[%s,{\"kty\":\"RSA\",\"kty\":\"RSA\"}]}", one);
    refused(text, "the key set is not strict JSON: a name twice in one object",
            "case 103: a member twice in another key");
    snprintf(text, sizeof text, "{\"keys\":[%s],\"more\":{\"keys\":7}}", one);
    struct keyset *set = parse(text, JWA_ALL, NULL);
    is_number(set == NULL ? 0 : keyset_count(set), 1, "other members of the document mean nothing");
    keyset_free(set);
    keyset_free(NULL);
    free(one);
}

static void mixture(void)
{
    char *jwks[] = {strdup("{\"kty\":\"oct\",\"kid\":\"s\",\"k\":\"c2VjcmV0\"}"),
                    strdup("{\"kty\":\"RSA\",\"kid\":\"weak\",\"n\":\"xQ\",\"e\":\"AQAB\"}"),
                    strdup("7"),
                    jwk(ec, "e", NULL),
                    jwk(ed25519, "o", NULL),
                    jwk(rsa, "enc", "\"use\":\"enc\","),
                    jwk(rsa, "r", NULL)};
    struct keyset *set = set_of(jwks, 7, RS256);
    is_number(keyset_count(set), 1, "cases 93, 100: only what is eligible is in the set");
    found(set, "r", JWA_RS256, BEARER_OK,
          "cases 93, 100: the RSA key among others, bad ones first");
    found(set, "r", JWA_RS384, BEARER_KEY_UNFIT, "case 43: not for an alg that is not configured");
    found(set, "e", JWA_ES256, BEARER_KID_UNKNOWN, "case 93: the EC key is not there");
    found(set, "s", JWA_RS256, BEARER_KID_UNKNOWN, "case 94: nor the symmetric one");
    found(set, "weak", JWA_RS256, BEARER_KID_UNKNOWN, "case 83: nor a weak one");
    found(set, "enc", JWA_RS256, BEARER_KID_UNKNOWN, "case 80: nor one for encryption");
    found(set, NULL, JWA_RS256, BEARER_OK, "case 62: without kid, one eligible key");
    found(set, "R", JWA_RS256, BEARER_KID_UNKNOWN, "case 67: a kid in another case");
    found(set, "r ", JWA_RS256, BEARER_KID_UNKNOWN, "case 67: a longer kid");
    found(set, "", JWA_RS256, BEARER_KID_UNKNOWN, "case 63: an empty kid");
    found(set, "r", JWA_UNKNOWN, BEARER_KEY_UNFIT, "case 47: no alg");
    found(set, NULL, JWA_UNKNOWN, BEARER_KID_MISSING, "case 47: no alg and no kid");
    found(set, "r", JWA__MAX, BEARER_KEY_UNFIT, "case 47: an alg that is none");
    keyset_free(set);
}

static void without_kid(void)
{
    char *two[] = {jwk(rsa, NULL, NULL), jwk(rsa2, "k2", NULL), jwk(ec, NULL, NULL)};
    struct keyset *set = set_of(two, 3, JWA_ALL);
    found(set, NULL, JWA_RS256, BEARER_KID_MISSING, "case 62: without kid, several eligible keys");
    found(set, NULL, JWA_ES256, BEARER_OK, "case 62: but one for ES256");
    found(set, NULL, JWA_ES384, BEARER_KID_MISSING, "case 62: and none for ES384");
    found(set, "k2", JWA_RS256, BEARER_OK, "a kid names its key");
    found(set, "", JWA_RS256, BEARER_KID_UNKNOWN,
          "an empty kid names none, not even one without kid");
    found(set, "x", JWA_RS256, BEARER_KID_UNKNOWN, "nor does another kid");
    keyset_free(set);
    char *by_alg[] = {jwk(rsa, "a", "\"alg\":\"RS256\","), jwk(rsa2, "b", "\"alg\":\"RS384\",")};
    set = set_of(by_alg, 2, JWA_ALL);
    found(set, NULL, JWA_RS256, BEARER_OK, "case 62: one is eligible for RS256");
    found(set, NULL, JWA_RS384, BEARER_OK, "case 62: and one for RS384");
    found(set, NULL, JWA_RS512, BEARER_KID_MISSING, "case 62: but none for RS512");
    found(set, "a", JWA_RS384, BEARER_KEY_UNFIT, "case 82: a key with another alg");
    keyset_free(set);
    char *same[] = {jwk(rsa, "a", NULL), jwk(rsa, "b", NULL)};
    set = set_of(same, 2, JWA_ALL);
    is_number(keyset_count(set), 2, "one key under two kids is there twice");
    found(set, NULL, JWA_RS256, BEARER_OK, "case 62: but still only one key can be meant");
    keyset_free(set);
    char *three[] = {jwk(rsa, "a", NULL), jwk(rsa2, "b", NULL), jwk(rsa, "c", NULL)};
    set = set_of(three, 3, JWA_ALL);
    found(set, NULL, JWA_RS256, BEARER_KID_MISSING, "case 62: one of several twice is not one");
    keyset_free(set);
}

static void duplicates(void)
{
    char *same[] = {jwk(rsa, "k", NULL), jwk(ec, "z", NULL), jwk(rsa, "k", "\"use\":\"sig\","),
                    jwk(rsa, "k", NULL)};
    struct keyset *set = set_of(same, 4, JWA_ALL);
    is_number(keyset_count(set), 2, "case 96: the same key again is dropped");
    found(set, "k", JWA_RS256, BEARER_OK, "case 96: duplicate kid, same key");
    keyset_free(set);
    char *different[] = {jwk(rsa, "k", NULL), jwk(rsa2, "k", NULL), jwk(rsa, "k", NULL)};
    set = set_of(different, 3, JWA_ALL);
    is_number(keyset_count(set), 2, "case 96: different keys are both there");
    found(set, "k", JWA_RS256, BEARER_KEY_AMBIGUOUS, "case 96: duplicate kid, different keys");
    keyset_free(set);
    char *algs[] = {jwk(rsa, "k", "\"alg\":\"RS256\","), jwk(rsa, "k", NULL),
                    jwk(rsa2, "k", "\"alg\":\"RS384\",")};
    set = set_of(algs, 3, JWA_ALL);
    is_number(keyset_count(set), 3, "case 96: the same key for other algorithms is kept");
    found(set, "k", JWA_RS256, BEARER_OK, "case 96: both are the same for RS256");
    found(set, "k", JWA_RS384, BEARER_KEY_AMBIGUOUS, "case 96: for RS384 they are not");
    found(set, "k", JWA_PS512, BEARER_OK, "case 96: for PS512 there is one");
    found(set, "k", JWA_ES256, BEARER_KEY_UNFIT, "case 45: an EC alg with RSA keys");
    keyset_free(set);
    char *kinds[] = {jwk(rsa, "k", NULL), jwk(ec, "k", NULL), jwk(ed25519, "k", NULL)};
    set = set_of(kinds, 3, JWA_ALL);
    found(set, "k", JWA_RS256, BEARER_OK, "case 97: same kid, the RSA key by alg");
    found(set, "k", JWA_ES256, BEARER_OK, "case 97: the EC key by alg");
    found(set, "k", JWA_EDDSA, BEARER_OK, "case 97: the Ed25519 key by alg");
    found(set, "k", JWA_ES384, BEARER_KEY_UNFIT, "case 97: but none for ES384");
    found(set, NULL, JWA_ES256, BEARER_OK, "case 97: without kid too");
    keyset_free(set);
}

struct seen {
    size_t count;
    char text[1024];
};

static void see(void *context, size_t index, const char *kid, size_t kid_length, enum jwk_fit fit)
{
    struct seen *seen = context;
    seen->count++;
    size_t used = strlen(seen->text);
    snprintf(seen->text + used, sizeof seen->text - used, "%zu %.*s %d; ", index,
             kid == NULL ? 1 : (int)kid_length, kid == NULL ? "-" : kid, (int)fit);
}

static void visitor(void)
{
    char *jwks[] = {
        strdup("{\"kty\":\"oct\",\"kid\":\"s\"}"),
        strdup("7"),
        jwk(rsa, "r", NULL),
        jwk(rsa, "r", NULL),
        jwk(ec, NULL, NULL),
        strdup("{\"kty\":\"RSA\",\"kid\":\"\"}"),
        strdup("{\"kty\":\"RSA\",\"kid\":7}"),
        jwk(rsa,
            "longer than any kid may be, for with this tail it has 257 "
            "octets-------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------------",
            NULL)};
    char *text = test_jwks(jwks, 8);
    struct seen seen = {0, ""};
    const struct keyset_visitor each = {see, &seen};
    struct keyset *set = keyset_parse(text, strlen(text), JWA_ALL, &each, NULL);
    char expected[256];
    snprintf(expected, sizeof expected,
             "0 s %d; 1 - %d; 2 r %d; 3 r %d; 4 - %d; 5 - %d; 6 - %d; 7 - %d; ", JWK_KTY,
             JWK_NOT_OBJECT, JWK_ELIGIBLE, JWK_ELIGIBLE, JWK_ELIGIBLE, JWK_KID, JWK_KID, JWK_KID);
    is_string(seen.text, expected, "each element is told, in order, with its kid and why");
    is_number(keyset_count(set), 2, "and the set is what is eligible");
    keyset_free(set);
    free(text);
}

static bool unbound(const void *context, const struct jwk *key)
{
    return jwk_issuer(key) == NULL && context == (const void *)&rsa;
}

/* What is dropped does not stand in the way of another key. */
static void dropped(void)
{
    const struct jwk *key = NULL;
    char *jwks[] = {jwk(rsa, "k", NULL), jwk(rsa2, "k", "\"issuer\":\"https://a.test/\","),
                    jwk(rsa2, NULL, "\"issuer\":\"https://a.test/\",")};
    char *text = test_jwks(jwks, 3);
    struct keyset *set = keyset_parse(text, strlen(text), JWA_BIT(JWA_RS256), NULL, NULL);
    is_number(keyset_find(set, "k", 1, JWA_RS256, &key), BEARER_KEY_AMBIGUOUS,
              "two keys of one kid");
    is_number(keyset_find(set, NULL, 0, JWA_RS256, &key), BEARER_KID_MISSING, "  and no kid");
    is_number(keyset_keep(set, unbound, &rsa), 2, "two of three are dropped");
    is_number(keyset_count(set), 1, "  one is left");
    is_number(keyset_find(set, "k", 1, JWA_RS256, &key), BEARER_OK, "  which its kid names");
    is_number(keyset_find(set, NULL, 0, JWA_RS256, &key), BEARER_OK, "  and none does, too");
    is_number(keyset_keep(set, unbound, NULL), 1, "then it is dropped");
    is_number(keyset_find(set, NULL, 0, JWA_RS256, &key), BEARER_KID_MISSING, "  and none is left");
    keyset_free(set);
    free(text);
}

/* A JWKS of `count` RSA keys with kids key-0, key-1 ... or all "same": any odd number of 2048 bits
 * passes for a modulus. */
static char *many(size_t count, bool same_kid)
{
    unsigned char n[1024];
    size_t length = test_key_parameter(rsa, 'n', n);
    char **jwks = calloc(count, sizeof *jwks);
    for (size_t i = 0; i < count; i++) {
        n[length - 3] = (unsigned char)(i >> 8);
        n[length - 2] = (unsigned char)i;
        char *modulus = test_base64url(n, length);
        char kid[32];
        snprintf(kid, sizeof kid, "key-%zu", i);
        jwks[i] = malloc(512);
        snprintf(jwks[i], 512, "{\"kty\":\"RSA\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"AQAB\"}",
                 same_kid ? "same" : kid, modulus);
        free(modulus);
    }
    char *text = test_jwks(jwks, count);
    free(jwks);
    return text;
}

static double seconds(clock_t since)
{
    return (double)(clock() - since) / CLOCKS_PER_SEC;
}

static void thousand(void)
{
    char *text = many(KEYSET_KEYS_MAX, false);
    clock_t start = clock();
    struct keyset *set = parse(text, JWA_ALL, NULL);
    ok(seconds(start) < 2, "case 98: 1000 keys in bounded time (%.0f ms)", 1e3 * seconds(start));
    is_number(set == NULL ? 0 : keyset_count(set), KEYSET_KEYS_MAX, "case 98: 1000 keys are taken");
    size_t right = 0;
    start = clock();
    for (size_t i = 0; i < KEYSET_KEYS_MAX; i++) {
        char kid[32];
        int length = snprintf(kid, sizeof kid, "key-%zu", i);
        const struct jwk *key = NULL;
        size_t own = 0;
        right += keyset_find(set, kid, (size_t)length, JWA_RS256, &key) == BEARER_OK &&
                 strcmp(jwk_kid(key, &own), kid) == 0 && own == (size_t)length;
    }
    is_number(right, KEYSET_KEYS_MAX, "case 98: each is found by its kid (%.0f us)",
              1e6 * seconds(start));
    found(set, "key-1000", JWA_RS256, BEARER_KID_UNKNOWN, "case 98: and no other");
    found(set, NULL, JWA_RS256, BEARER_KID_MISSING, "case 62: without kid none of them");
    keyset_free(set);
    free(text);
    text = many(KEYSET_KEYS_MAX, true);
    start = clock();
    set = parse(text, JWA_ALL, NULL);
    ok(seconds(start) < 2, "case 98: 1000 keys under one kid in bounded time (%.0f ms)",
       1e3 * seconds(start));
    found(set, "same", JWA_RS256, BEARER_KEY_AMBIGUOUS, "case 96: none of them is meant");
    keyset_free(set);
    free(text);
    text = many(KEYSET_KEYS_MAX + 1, false);
    refused(text, "the key set has 1001 keys; at most 1000 are taken", "case 98: 1001 keys");
    struct json_object *document = js_parse(text, strlen(text), NULL);
    ok(keyset_public_keys(document) == NULL, "  and not kept either");
    js_free(document);
    free(text);
}

static void publics(void)
{
    char *jwks[] = {
        jwk(rsa, "r", "\"d\":\"PRIVATE\",\"p\":\"PRIVATE\",\"x5c\":[\"MIIB\"],"),
        strdup("{\"kty\":\"oct\",\"kid\":\"s\",\"k\":\"PRIVATE\"}"),
        jwk(ec, "e", "\"d\":\"PRIVATE\",\"key_ops\":[\"sign\",\"verify\"],"),
        strdup("{\"kty\":\"RSA\",\"kid\":\"weak\",\"n\":\"xQ\",\"e\":\"AQAB\",\"d\":\"PRIVATE\"}"),
        strdup("[\"PRIVATE\"]"),
        jwk(ed25519, NULL, "\"d\":\"PRIVATE\",")};
    char *text = test_jwks(jwks, 6);
    struct json_object *document = js_parse(text, strlen(text), NULL);
    struct json_object *array = keyset_public_keys(document);
    is_number(js_array_length(array), 3, "case 95: the eligible keys are kept");
    char *kept = array == NULL ? strdup("") : js_text(array, NULL);
    ok(strstr(kept, "PRIVATE") == NULL && strstr(kept, "x5c") == NULL &&
           strstr(kept, "\"d\"") == NULL,
       "case 95: and nothing private with them");
    free(kept);
    struct json_object *again = js_new_object();
    ok(js_set_value(again, "keys", array), "  as a document of its own");
    struct keyset *set = keyset_make(again, JWA_ALL, NULL, NULL);
    is_number(set == NULL ? 0 : keyset_count(set), 3, "  they make the same set");
    found(set, "r", JWA_RS256, BEARER_OK, "  with the RSA key");
    found(set, "e", JWA_ES256, BEARER_OK, "  with the EC key");
    found(set, NULL, JWA_EDDSA, BEARER_OK, "  with the Ed25519 key");
    keyset_free(set);
    js_free(again);
    js_free(document);
    free(text);
    document = js_parse("{\"keys\":7}", 10, NULL);
    ok(keyset_public_keys(document) == NULL && keyset_public_keys(NULL) == NULL,
       "no array, no keys");
    js_free(document);
}

int main(void)
{
    rsa = test_key_new(JWA_RS256, NULL);
    rsa2 = test_key_new(JWA_RS256, NULL);
    ec = test_key_new(JWA_ES256, NULL);
    ed25519 = test_key_new(JWA_EDDSA, NULL);
    documents();
    mixture();
    without_kid();
    duplicates();
    visitor();
    dropped();
    thousand();
    publics();
    test_key_free(rsa);
    test_key_free(rsa2);
    test_key_free(ec);
    test_key_free(ed25519);
    return tap_done();
}
