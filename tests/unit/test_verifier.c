/* SPDX-License-Identifier: MIT */
/* Tokens judged one after the other by one worker: whatever it remembers, the answer is the one it
 * would give without. */
#include "config/config_load.h"
#include "token/verifier.h"

#include <sys/resource.h>

#include "../support/failing.h"
#include "../support/next_tick.h"
#include "answer/variables.h"
#include "cache_test.h"
#include "token/tokencache.h"

#define NOW       INT64_C(1700000000)
#define MAX_STALE 86400
#define CLAIMS    "\"iss\":\"https://issuer.test/\",\"aud\":\"api\",\"sub\":\"me\""

static const struct log quiet = {.level = LOG_LEVEL_ERROR};

static struct test_key *old_key;
static struct test_key *new_key;

static struct {
    struct config *config;
    struct keycache *keys;
    struct tokencache *seen;
    struct verifier *verifier;
} worker;

/* Puts a document with these keys into the cache. */
static void cached(int64_t fetched, struct test_key *one, struct test_key *two)
{
    struct cache_names names = {0};
    struct diag diag = {""};
    char *jwks[2] = {test_key_jwk(one), two != NULL ? test_key_jwk(two) : NULL};
    char *keys = test_jwks(jwks, two != NULL ? 2 : 1);
    char *text = document_of(CACHE_URI, fetched, keys);
    int dir = cache_dir_open(at("cache"), (uid_t)-1, &diag);
    cache_names(CACHE_URI, NULL, NULL, &names);
    if (dir < 0 || !cache_write(dir, &names, text, strlen(text), &diag)) {
        tempdir_bail(diag.text);
    }
    close(dir);
    free(text);
    free(keys);
}

static struct config *configured(const char *audience, const char *octets)
{
    char directory[8300];
    char remember[64];
    char named[64];
    char *environment[] = {(char[]){"BEARER_CONFIG="},
                           (char[]){"AUTH0_ISSUER=https://issuer.test/"},
                           named,
                           (char[]){"AUTH0_ALGORITHMS=EdDSA"},
                           (char[]){"BEARER_JWKS_URI=" CACHE_URI},
                           (char[]){"BEARER_REFRESH=external"},
                           (char[]){"BEARER_LEEWAY=0"},
                           directory,
                           remember,
                           NULL};
    const struct config_origin origin = {.environment = environment, .program_owner = (uid_t)-1};
    struct diag diag = {""};
    snprintf(named, sizeof named, "AUTH0_API_AUDIENCE=%s", audience);
    snprintf(directory, sizeof directory, "BEARER_CACHE_DIR=%s", at("cache"));
    snprintf(remember, sizeof remember, "BEARER_TOKEN_CACHE_BYTES=%s", octets);
    struct config *config = config_load(&origin, NULL, &diag);
    if (config == NULL) {
        tempdir_bail(diag.text);
    }
    return config;
}

static void start(const char *octets)
{
    const struct keycache_options options = {.log = &quiet};
    worker.config = configured("api", octets);
    worker.keys = keycache_new(worker.config, &options);
    worker.seen = tokencache_new(worker.config->token_cache, 2);
    worker.verifier = verifier_new(worker.config, worker.keys, worker.seen, 0);
}

static void stop(void)
{
    verifier_free(worker.verifier);
    tokencache_free(worker.seen);
    keycache_free(worker.keys);
    config_free(worker.config);
}

/* What the worker says; with BEARER_OK the claims have to be those of the token. */
static enum bearer_code judged(const char *text, int64_t now, const char *payload)
{
    struct token *token = NULL;
    next_tick();
    enum bearer_code code = verifier_check(worker.verifier, text, strlen(text), now, &token);
    bool whole = token->payload == NULL && token->claims == NULL;
    if (code == BEARER_OK && payload != NULL) {
        whole = token->payload != NULL && token->payload_length == strlen(payload) &&
                memcmp(token->payload, payload, token->payload_length) == 0 &&
                token->claims != NULL;
    }
    return whole ? code : BEARER_CODE__MAX;
}

static void expect(const char *text, int64_t now, const char *payload, enum bearer_code expected,
                   const char *test)
{
    enum bearer_code code = judged(text, now, payload);
    if (!ok(code == expected, "%s", test)) {
        printf("# got %s, expected %s\n", bearer_outcome(code)->reason,
               bearer_outcome(expected)->reason);
    }
}

static char *sign(const struct test_key *key, const char *kid, const char *payload)
{
    char header[64];
    snprintf(header, sizeof header, "{\"alg\":\"EdDSA\",\"kid\":\"%s\"}", kid);
    return test_key_sign(key, JWA_EDDSA, header, payload);
}

/* Octets of memory that this process has had at most. */
static long resident(void)
{
    struct rusage usage;
    return getrusage(RUSAGE_SELF, &usage) == 0 ? usage.ru_maxrss * 1024L : 0;
}

/* The same story with and without a memory. `octets` is BEARER_TOKEN_CACHE_BYTES. */
static void story(const char *octets, bool remembers)
{
    static const char payload[] = "{" CLAIMS ",\"nbf\":1699999990.5,\"exp\":1700000060.5}";
    static const char other[] = "{" CLAIMS ",\"exp\":1700000060,\"n\":2}";
    char *token = sign(old_key, "old", payload);
    char *second = sign(old_key, "old", other);
    char *forged = strdup(token);
    char *octet = forged + strlen(forged) - 8;
    *octet = *octet == 'A' ? 'B' : 'A';
    printf("# BEARER_TOKEN_CACHE_BYTES=%s\n", octets);
    cached(NOW, old_key, NULL);
    start(octets);
    expect(token, NOW, payload, BEARER_OK, "a good token");
    failing->calls = 0;
    failing->kind = FAILING_MEMORY; /* is counted */
    expect(token, NOW, payload, BEARER_OK, "again");
    failing->kind = FAILING_NOTHING;
    ok((failing->calls == 0) == remembers, "which took %s memory", remembers ? "no" : "new");
    expect(second, NOW, other, BEARER_OK, "another of the same holder: its own claims");
    expect(forged, NOW, NULL, BEARER_SIGNATURE, "another signature under the same claims");
    expect(token, NOW, payload, BEARER_OK, "the good one after it");

    expect(token, NOW + 60, payload, BEARER_OK, "half a second before it expires");
    expect(token, NOW + 61, NULL, BEARER_EXPIRED, "expired");
    expect(token, NOW - 9, payload, BEARER_OK, "half a second after it began");
    expect(token, NOW - 10, NULL, BEARER_NOT_YET_VALID, "the clock set back: not yet valid");
    expect(token, NOW, payload, BEARER_OK, "within its time again");

    cached(NOW, old_key, new_key);
    expect(token, NOW, payload, BEARER_OK,
           "a rotation has published a new key: the old one's still counts");
    expect(token, NOW, payload, BEARER_OK, "again");
    cached(NOW, new_key, NULL);
    expect(token, NOW, NULL, BEARER_NO_KEYS,
           "its key is withdrawn (and who refreshes says nothing)");
    cached(NOW, old_key, NULL);
    expect(token, NOW, payload, BEARER_OK, "its key is back");
    expect(token, NOW, payload, BEARER_OK, "again");
    cached(NOW - MAX_STALE - 1, old_key, NULL);
    expect(token, NOW, NULL, BEARER_NO_KEYS, "keys older than MAX_STALE");
    cached(NOW + 1, old_key, NULL);
    expect(token, NOW, payload, BEARER_OK, "fetched again");
    stop();

    cached(NOW - MAX_STALE + 10, old_key, NULL);
    start(octets);
    expect(token, NOW, payload, BEARER_OK, "keys that are nearly too old");
    expect(token, NOW + 10, NULL, BEARER_NO_KEYS,
           "and are now: what is remembered does not outlive them");
    stop();
    free(token);
    free(second);
    free(forged);
}

/* The claims made into something else by a caller, kept with the token and released with it. */
static void rendered(void)
{
    static const char payload[] = "{" CLAIMS ",\"exp\":1700000060}";
    char *text = sign(old_key, "old", payload);
    struct token *token = NULL;
    cached(NOW, old_key, NULL);
    start("262144");
    verifier_check(worker.verifier, text, strlen(text), NOW, &token);
    ok(token->rendered == NULL, "nothing is made of it yet");
    size_t held = tokencache_held(worker.seen);
    token->rendered = strdup("made");
    verifier_rendered(worker.verifier, token);
    ok(tokencache_held(worker.seen) > held, "what is made of it counts");
    verifier_check(worker.verifier, text, strlen(text), NOW, &token);
    is_string(token->rendered, "made", "found again with the token");
    cached(NOW, old_key, new_key);
    next_tick();
    verifier_check(worker.verifier, text, strlen(text), NOW, &token);
    ok(token->rendered == NULL, "and forgotten with it");
    stop();
    verifier_free(NULL);
    free(text);
}

/* A second verifier with the same keys and the same memory, which serves another audience: what the
 * first has let in is no yes of this one. */
static void two_verifiers(void)
{
    static const char payload[] = "{" CLAIMS ",\"exp\":1700000060}";
    char *text = sign(old_key, "old", payload);
    struct token *token = NULL;
    cached(NOW, old_key, NULL);
    start("262144");
    struct config *config = configured("other", "262144");
    struct verifier *other = verifier_new(config, worker.keys, worker.seen, 1);
    for (int i = 0; i < 2; i++) {
        expect(text, NOW, payload, BEARER_OK, "the first verifier lets it in");
        ok(verifier_check(other, text, strlen(text), NOW, &token) == BEARER_AUD_WRONG,
           "  and the second does not");
    }
    verifier_free(other);
    config_free(config);
    stop();
    free(text);
}

#define ROOM ((size_t)4 << 20) /* BEARER_TOKEN_CACHE_BYTES unless set */
/* Beside it: one token in the making, with its text, and one that is too much to be remembered. */
#define BESIDE ((size_t)3 << 19)

/* The claims of token number n: `count` empty objects, each 800 octets of memory or so, and a text
 * that makes the payload so long. */
static void make_payload(char *out, size_t size, unsigned n, unsigned count, size_t length)
{
    size_t used =
        (size_t)snprintf(out, size, "{" CLAIMS ",\"exp\":1700000060,\"jti\":\"%u\",\"a\":[0", n);
    for (unsigned i = 0; i < count; i++) {
        used += (size_t)snprintf(out + used, size - used, ",{}");
    }
    used += (size_t)snprintf(out + used, size - used, "],\"b\":\"");
    while (used + 2 < length) {
        out[used++] = 'x';
    }
    (void)snprintf(out + used, size - used, "\"}");
}

/* Many distinct tokens for one worker, each shown twice, guarding: what is made of the claims is
 * kept as well. */
static void flood(const char *test, unsigned tokens, unsigned count, size_t length,
                  enum bearer_code expected)
{
    static char payload[16384];
    static char name[] = "b", variable[] = "BEARER_CLAIM_B";
    static struct config_claim forward[] = {{.name = name, .path = name, .variable = variable},
                                            {.name = NULL}};
    static const char *const variables[] = {variable, NULL};
    const struct config told = {.forward_claims = forward};
    struct token *token = NULL;
    bool all = true;
    size_t most = 0;
    cached(NOW, old_key, NULL);
    start("4194304");
    failing->octets = failing->most = 0;
    failing->counting = true;
    for (unsigned n = 0; n < tokens; n++) {
        make_payload(payload, sizeof payload, n, count, length);
        char *text = sign(old_key, "old", payload);
        for (int i = 0; i < 2; i++) {
            all =
                verifier_check(worker.verifier, text, strlen(text), NOW, &token) == expected && all;
            if (expected == BEARER_OK && token->rendered == NULL) {
                token->rendered = variables_write(token, &told, variables, false);
                verifier_rendered(worker.verifier, token);
            }
        }
        size_t held = tokencache_held(worker.seen);
        most = held > most ? held : most;
        free(text);
    }
    failing->counting = false;
    ok(all, "D9: %s, %u of them: %s", test, tokens, bearer_outcome(expected)->reason);
    ok(most <= ROOM, "  %zu octets are held at most", most);
    ok(failing->most <= (long)(ROOM + ROOM / 16 + BESIDE),
       "  %ld were taken at most, with all beside", failing->most);
    stop();
}

static void floods(void)
{
    const long before = resident();
    flood("usual tokens", 1500, 0, 400, BEARER_OK);
    flood("the dearest that are remembered", 40, 560, 12000, BEARER_OK);
    flood("the dearest that are taken", 40, 720, 12000, BEARER_OK);
    flood("dearer ones", 40, 3900, 12000, BEARER_CLAIMS_JSON);
    flood("small dear ones", 150, 100, 500, BEARER_OK);
    flood("those of which much is made", 200, 0, 8000, BEARER_OK);
#ifndef __SANITIZE_ADDRESS__ /* it keeps what is freed */
    const long grown = resident() - before;
    ok(grown <= (long)(ROOM + ROOM / 4 + BESIDE), "D9: the process grew by %ld in all that", grown);
#else
    (void)before;
#endif
}

int main(void)
{
    tempdir_make();
    make_directory(at("cache"), 0700);
    old_key = test_key_new(JWA_EDDSA, "old");
    new_key = test_key_new(JWA_EDDSA, "new");
    story("0", false);
    story("262144", true);
    story("4194304", true);
    rendered();
    two_verifiers();
    floods();
    test_key_free(old_key);
    test_key_free(new_key);
    return tap_done();
}
