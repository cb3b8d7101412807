/* SPDX-License-Identifier: MIT */
/* What strangers' and issuers' documents cost in time, for linear.bats, which counts the
 * instructions of each call of measured(): tokens, headers, key sets and cache files of the shapes
 * that cost most, each at one length and at four times that. Prints a line for each call: its kind,
 * its shape, its length. */
#include "answer/variables.h"
#include "base/cleanup.h"
#include "json/json.h"
#include "json_shapes.h"
#include "keys/cachefile.h"
#include "policy/requirement.h"
#include "token/header.h"
#include "token_test.h"

#define LONGEST     128000
#define TIMES       "\"iat\":1699999990,\"exp\":1700000060,"
#define B43         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
#define B335        B43 B43 B43 B43 B43 B43 B43 "abcdefghijklmnopqrstuvwxyzABCDEFGH"
#define CACHE       "\"version\":3,\"uri\":\"u\",\"fetched\":1,"
#define RSA(kid, n) "{\"kty\":\"RSA\"," kid "\"e\":\"AQAB\",\"n\":\"" n "\"}"

/* What these documents are for. */
static const struct json_shape claims_shapes[] = {
    {"permissions", "\"permissions\":[", "\"read:%\"", "]", true},
    {"scope", "\"scope\":\"", " read:%", "\"", true},
    {"quotes in sub", "\"sub\":\"", "\\\"\\\\", "\"", true},
    {"strange letters in sub", "\"sub\":\"", "\x7f\x7f\x7f", "\"", true},
    {"audiences", "\"aud\":[\"" API "\",", "\"%\"", "]", true},
};
static const struct json_shape key_shapes[] = {
    {"keys", "\"keys\":[", RSA("\"kid\":\"%\",", B335 "BAAAAAB"), "]", true},
    {"keys of one kid", "\"keys\":[", RSA("\"kid\":\"k\",", "B%" B335 "B"), "]", true},
    {"keys without kid", "\"keys\":[", RSA("", "B%" B335 "B"), "]", true},
    {"keys that begin alike", "\"keys\":[", RSA("\"kid\":\"k\",", B335 "%B"), "]", true},
    {"keys that are one", "\"keys\":[", RSA("\"kid\":\"k\",", B335 "BAAAAAB"), "]", true},
    {"keys of no use", "\"keys\":[", "{\"kty\":\"oct\"}", "]", false},
};

static struct config *config;
static char text[LONGEST + 1];
static size_t length;
/* The last document was read to its end, and not refused. */
static bool taken;

static void check_token(void)
{
    static char name[] = "a", variable[] = "BEARER_CLAIM_A";
    static struct config_claim forward[] = {{.name = name, .path = name, .variable = variable},
                                            {.name = NULL}};
    static const char *const variables[] = {variable, NULL};
    const struct config told = {.forward_claims = forward};
    struct header_memo memo = {.length = 0};
    struct token token;
    struct requirement requirement;
    struct diag diag = {""};
    if (token_verify(config, &key_source, &memo, text, length, NOW, &token) == BEARER_OK) {
        (void)requirement_parse(
            "scope=x|permission=y either=z|claim:a=x|claim:/a/b~=**x*y**z|!claim:c~=*x*",
            &requirement, &diag);
        const struct requirement_facts facts = {.claims = token.claims, .now = NOW};
        (void)requirement_check(&requirement, &facts, NULL);
        token.rendered = variables_write(&token, &told, variables, false);
    }
    token_clear(&token);
}

static void check_header(void)
{
    struct header header;
    (void)header_check((const unsigned char *)text, length, config, &header);
}

static void check_keys(void)
{
    struct diag diag = {""};
    struct keyset *set CLEANUP(keyset_cleanup) =
        keyset_parse(text, length, config->algs, NULL, &diag);
    const struct jwk *key = NULL;
    taken = set != NULL;
    if (taken) {
        (void)keyset_find(set, "k", 1, JWA_RS256, &key);
    }
}

static void check_cache(void)
{
    struct diag diag = {""};
    struct cached cached CLEANUP(cached_clear) = {0};
    taken = cache_parse(text, length, "u", &cached, &diag);
    if (taken) {
        keyset_free(keyset_make(cached.json, config->algs, NULL, &diag));
    }
}

/* What is counted: nothing but this. */
__attribute__((noinline)) void measured(void (*check)(void));
__attribute__((noinline)) void measured(void (*check)(void))
{
    check();
    __asm__ volatile("" ::: "memory"); /* no tail call: it has an end of its own */
}

static void measure(const char *kind, const char *shape, void (*check)(void))
{
    printf("%s, %s: %zu\n", kind, shape, length);
    measured(check);
}

static void measure_token(const struct test_key *key, const char *payload, const char *shape)
{
    char *token CLEANUP(cleanup_free) =
        test_key_sign(key, JWA_EDDSA, "{\"alg\":\"EdDSA\",\"kid\":\"k\"}", payload);
    length = strlen(token);
    memcpy(text, token, length + 1);
    measure("a token", shape, check_token);
}

/* A token, its claims these members and the shape. */
static void measure_tokens(const struct test_key *key, const char *members,
                           const struct json_shape *shape)
{
    static char payload[LONGEST + 1];
    for (size_t size = 3000; size <= 12000; size *= 4) {
        (void)json_shape_write(shape, members, payload, size);
        measure_token(key, payload, shape->name);
    }
}

static void measure_documents(const char *kind, const char *members, const struct json_shape *shape,
                              size_t least, void (*check)(void))
{
    for (size_t size = least; size <= least * 4; size *= 4) {
        length = json_shape_write(shape, members, text, size);
        taken = true; /* a header says nothing */
        measure(kind, shape->name, check);
        if (shape->taken && !taken) {
            (void)fprintf(stderr, "%s, %s: refused\n", kind, shape->name);
            exit(EXIT_FAILURE);
        }
    }
}

int main(void)
{
    char members[1024];
    struct test_key *key = test_key_new(JWA_EDDSA, "k");
    char *jwk = test_key_jwk(key);
    config = test_config("EdDSA RS256", "5", NULL);
    source.set = test_keyset((char *[]){test_key_jwk(key)}, 1);
    measure_token(key, GOOD_CLAIMS, "usual"); /* what is made once for all is made */
    measure_token(key, GOOD_CLAIMS, "usual");
    for (size_t i = 0; i < JSON_SHAPES; i++) {
        measure_tokens(key, CLAIMS ",", &json_shapes[i]);
        measure_documents("a header", "\"alg\":\"EdDSA\",", &json_shapes[i], 3000, check_header);
        (void)snprintf(members, sizeof members, "\"keys\":[%s],", jwk);
        measure_documents("a key set", members, &json_shapes[i], 6000, check_keys);
        (void)snprintf(members, sizeof members, CACHE "\"keys\":[%s],", jwk);
        measure_documents("a cache file", members, &json_shapes[i], 6000, check_cache);
    }
    for (size_t i = 0; i < sizeof claims_shapes / sizeof claims_shapes[0]; i++) {
        bool aud = strstr(claims_shapes[i].before, "\"aud\"") != NULL;
        measure_tokens(key,
                       aud ? "\"iss\":\"" ISSUER "\"," TIMES
                           : "\"iss\":\"" ISSUER "\",\"aud\":\"" API "\"," TIMES,
                       &claims_shapes[i]);
    }
    for (size_t i = 0; i < sizeof key_shapes / sizeof key_shapes[0]; i++) {
        measure_documents("a key set", "", &key_shapes[i], 32000, check_keys);
        measure_documents("a cache file", CACHE, &key_shapes[i], 32000, check_cache);
    }
    free(jwk);
    keyset_free(source.set);
    config_free(config);
    test_key_free(key);
    return EXIT_SUCCESS;
}
