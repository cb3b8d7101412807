/* SPDX-License-Identifier: MIT */
/* What the tests of tokens share: a fixed time, keys, a key source that counts, and the judgement
 * on one token. */
#ifndef TOKEN_TEST_H
#define TOKEN_TEST_H

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include "config/config_load.h"
#include "jose/keyset.h"
#include "keys.h"
#include "token/token.h"

#include "tap.h"

#define NOW INT64_C(1700000000)
#ifndef ISSUER /* tests/cases/cases.h has its own */
#define ISSUER "https://issuer.test/"
#define API    "https://api.test"
#define SECOND "urn:other"

/* Claims that are right at NOW, but for the brackets: more members can follow. */
#define CLAIMS                              \
    "\"iss\":\"" ISSUER "\",\"aud\":\"" API \
    "\",\"sub\":\"auth0|1\",\"iat\":1699999990,\"exp\":1700000060"
#define GOOD_CLAIMS "{" CLAIMS "}"
#define GOOD_HEADER "{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"rsa-1\"}"
#define TOKEN_TEXT_OF
#endif

__attribute__((noreturn, unused)) static void token_test_bail(const char *what)
{
    printf("Bail out! %s\n", what);
    fflush(stdout);
    exit(99);
}

/* The key set in use, and what was asked of it. */
static struct {
    struct keyset *set;
    unsigned finds;   /* all questions */
    unsigned fetches; /* those with leave to fetch */
    unsigned outlooks, renewals;
} source;

static enum bearer_code source_find(void *context, const struct key_query *query,
                                    const struct jwk **key)
{
    (void)context;
    source.finds++;
    source.fetches += query->may_fetch ? 1 : 0;
    if (query->now != NOW) {
        token_test_bail("a key was asked for at another time");
    }
    return keyset_find(source.set, query->kid, query->kid_length, query->alg, key);
}

/* A fetch could happen, as long as a test does not say otherwise. */
static enum key_outlook source_outlook_is = OUTLOOK_OPEN;

static enum key_outlook source_outlook(void *context, int64_t now)
{
    (void)context;
    (void)now;
    source.outlooks++;
    return source_outlook_is;
}

static void source_renew(void *context, int64_t now)
{
    (void)context;
    source.renewals += now == NOW ? 1 : 0;
}

static const struct key_source key_source = {
    .find = source_find, .outlook = source_outlook, .renew = source_renew};

/* A configuration of these algorithms (separated by spaces) and this leeway in seconds, the
 * caller's. `more` (NULL: none; up to NULL): settings, in the place of those. */
__attribute__((unused)) static struct config *
test_config(const char *algorithms, const char *leeway, const char *const *more)
{
    char algs[128];
    char skew[64];
    char first[4][256] = {"NONE=", "NONE=", "NONE=", "NONE="};
    char *environment[] = {first[0],
                           first[1],
                           first[2],
                           first[3],
                           (char[]){"BEARER_CONFIG="},
                           (char[]){"AUTH0_ISSUER=" ISSUER},
                           (char[]){"AUTH0_API_AUDIENCE=" API " " SECOND},
                           (char[]){"BEARER_JWKS_URI=https://issuer.test/jwks.json"},
                           (char[]){"BEARER_CACHE_DIR=/nonexistent"},
                           algs,
                           skew,
                           NULL};
    const struct config_origin origin = {.environment = environment, .program_owner = (uid_t)-1};
    struct diag diag = {""};
    for (size_t i = 0; i < 4 && more != NULL && more[i] != NULL; i++) {
        snprintf(first[i], sizeof first[i], "%s", more[i]);
        for (size_t base = 4; environment[base] != NULL; base++) {
            if (strncmp(environment[base], more[i], strcspn(more[i], "=") + 1) == 0) {
                *environment[base] = '_'; /* another name */
            }
        }
    }
    snprintf(algs, sizeof algs, "AUTH0_ALGORITHMS=%s", algorithms);
    snprintf(skew, sizeof skew, "BEARER_LEEWAY=%s", leeway);
    struct config *config = config_load(&origin, NULL, &diag);
    if (config == NULL) {
        token_test_bail(diag.text);
    }
    return config;
}

/* A set of these JWKs (`count` of them, each freed), for any algorithm. */
__attribute__((unused)) static struct keyset *test_keyset(char *jwks[], size_t count)
{
    struct diag diag = {""};
    char *text = test_jwks(jwks, count);
    struct keyset *set = keyset_parse(text, strlen(text), JWA_ALL, NULL, &diag);
    free(text);
    if (set == NULL) {
        token_test_bail(diag.text);
    }
    return set;
}

/* Remembered headers are of one configuration. */
static struct {
    const struct config *config;
    struct header_memo header;
} remembered;

static bool same_tokens(const struct token *one, const struct token *other)
{
    return one->kid_length == other->kid_length && strcmp(one->kid, other->kid) == 0 &&
           one->from == other->from && one->until == other->until &&
           one->payload_length == other->payload_length &&
           (one->claims == NULL) == (other->claims == NULL);
}

/* With what is remembered of the tokens before: the same, and the source was asked the same. */
static void must_be_same_remembering(const struct config *config, const char *text, size_t length,
                                     enum bearer_code expected, const struct token *token)
{
    struct token again;
    const unsigned finds = source.finds;
    const unsigned fetches = source.fetches;
    const unsigned renewals = source.renewals;
    if (remembered.config != config) {
        remembered.config = config;
        remembered.header.length = 0;
    }
    for (int i = 0; i < 2; i++) {
        source.finds = 0;
        source.fetches = 0;
        source.renewals = 0;
        enum bearer_code code =
            token_verify(config, &key_source, &remembered.header, text, length, NOW, &again);
        bool same = code == expected && same_tokens(&again, token) && source.finds == finds &&
                    source.fetches == fetches && source.renewals == renewals;
        token_clear(&again);
        if (!same) {
            printf("# with a remembered header: %s instead of %s\n", bearer_outcome(code)->reason,
                   bearer_outcome(expected)->reason);
            token_test_bail("a remembered header changes the judgement");
        }
    }
}

/* token_verify() of a copy that has not an octet more, so that a sanitizer sees whoever reads on.
 * `token` is to be cleared. */
__attribute__((unused)) static enum bearer_code
verify_at(const struct config *config, const char *text, size_t length, struct token *token)
{
    char *copy = malloc(length > 0 ? length : 1);
    if (copy == NULL) {
        token_test_bail("out of memory");
    }
    memcpy(copy, text, length);
    struct header_memo nothing = {.length = 0};
    source.finds = 0;
    source.fetches = 0;
    source.renewals = 0;
    enum bearer_code code = token_verify(config, &key_source, &nothing, copy, length, NOW, token);
    must_be_same_remembering(config, copy, length, code, token);
    free(copy);
    return code;
}

/* What judge() uses: the configuration, and a token that is good with it and `source`, to be tried
 * after each refused one (case 130). */
static struct config *judge_config;
static char *good_token;

__attribute__((unused)) static bool good_token_passes(void)
{
    const unsigned finds = source.finds;
    const unsigned fetches = source.fetches;
    const unsigned renewals = source.renewals;
    struct token token;
    bool passes = verify_at(judge_config, good_token, strlen(good_token), &token) == BEARER_OK;
    token_clear(&token);
    source.finds = finds;
    source.fetches = fetches;
    source.renewals = renewals;
    return passes;
}

/* What newer keys could turn into a yes, without anybody's waiting for them. */
static bool mendable(enum bearer_code code)
{
    return code == BEARER_KID_MISSING || code == BEARER_KEY_UNFIT || code == BEARER_KEY_AMBIGUOUS ||
           code == BEARER_SIGNATURE;
}

/* Whether the source was asked as it has to be: not at all for what is refused before a key is
 * needed, with leave to fetch only once a kid has turned out unknown, and to renew its keys only
 * for what they could mend. */
__attribute__((unused)) static bool asked_rightly(enum bearer_code code)
{
    if (source.renewals > (mendable(code) ? 1 : 0)) {
        return false;
    }
    if (code < BEARER_KID_MISSING) {
        return code == BEARER_OK ? source.finds == 1 && source.fetches == 0 : source.finds == 0;
    }
    return source.finds == 1 + source.fetches &&
           (source.fetches == 0 || code == BEARER_KID_UNKNOWN);
}

/* One line of the test: the token gets exactly `expected`; a refused one yields no claims, and the
 * good one passes after it. */
__attribute__((format(printf, 4, 0), unused)) static bool
judge_octets(const char *text, size_t length, enum bearer_code expected, const char *format,
             va_list args)
{
    char name[256];
    struct token token;
    enum bearer_code code = verify_at(judge_config, text, length, &token);
    bool held_back = expected == BEARER_OK ||
                     (token.claims == NULL && token.payload == NULL && token.payload_length == 0);
    token_clear(&token);
    bool rightly = asked_rightly(code);
    bool good_after = good_token_passes();
    vsnprintf(name, sizeof name, format, args);
    bool good = ok(code == expected && held_back && rightly && good_after, "%s", name);
    if (!good) {
        printf("# got %s, expected %s%s%s%s\n", bearer_outcome(code)->reason,
               bearer_outcome(expected)->reason,
               held_back ? "" : "; a refused token yielded claims",
               rightly ? "" : "; the key source was asked too much or not at all",
               good_after ? "" : "; the good token was refused after it");
    }
    return good;
}

__attribute__((format(printf, 4, 5), unused)) static bool
judge(const char *text, size_t length, enum bearer_code expected, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool good = judge_octets(text, length, expected, format, args);
    va_end(args);
    return good;
}

/* The same for a NUL-terminated token, which is freed. */
__attribute__((format(printf, 3, 4), unused)) static bool
judge_token(char *token, enum bearer_code expected, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool good = judge_octets(token, strlen(token), expected, format, args);
    va_end(args);
    free(token);
    return good;
}

/* How often the source was asked for the last token. */
__attribute__((unused)) static void asked(unsigned finds, unsigned fetches, const char *test)
{
    if (!ok(source.finds == finds && source.fetches == fetches, "%s", test)) {
        printf("# %u questions, %u with leave to fetch; expected %u and %u\n", source.finds,
               source.fetches, finds, fetches);
    }
}

#ifdef TOKEN_TEXT_OF
__attribute__((format(printf, 1, 2), unused)) static char *text_of(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0) {
        token_test_bail("out of memory");
    }
    return text;
}
#endif

#endif
