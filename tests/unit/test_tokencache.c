/* SPDX-License-Identifier: MIT */
/* The memory for verified tokens: what it finds, and what it must not find any more. */
#include "token/tokencache.h"

#include <stdio.h>
#include <stdlib.h>

#include "../support/failing.h"
#include "base/memory.h"
#include "tap.h"

#define VERIFIERS 3

/* Under which keys, where it does not matter; others of the same verifier; those of another. */
static const struct tokencache_keys keys = {.verifier = 1, .version = 1};
static const struct tokencache_keys newer = {.verifier = 1, .version = 2};
static const struct tokencache_keys foreign = {.verifier = 2, .version = 1};

#define FROM 1000
#define TILL 2000
#define ROOM 262144

static struct token *put_as(struct tokencache *cache, const char *text, size_t length,
                            struct tokencache_keys under)
{
    struct token token = {
        .payload = strndup(text, length), .payload_length = length, .from = FROM, .until = TILL};
    struct token *kept = tokencache_put(cache, text, length, under, &token);
    ok((kept != NULL) == (token.payload == NULL), "  its parts have one owner");
    token_clear(&token);
    return kept;
}

static struct token *put(struct tokencache *cache, const char *text)
{
    return put_as(cache, text, strlen(text), keys);
}

static struct token *get(struct tokencache *cache, const char *text)
{
    return tokencache_get(cache, text, strlen(text), keys, FROM);
}

static bool is_kept(struct tokencache *cache, const char *text)
{
    const struct token *token = get(cache, text);
    return token != NULL && strcmp(token->payload, text) == 0;
}

static void found(void)
{
    char text[] = "header.payload.signature-that-is-longer";
    struct tokencache *cache = tokencache_new(ROOM, VERIFIERS);
    ok(get(cache, text) == NULL, "empty: nothing");
    struct token *kept = put(cache, text);
    ok(kept != NULL && get(cache, text) == kept && is_kept(cache, text), "what was put is found");
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        text[i] ^= 1;
        ok(get(cache, text) == NULL, "octet %zu is another: not found", i);
        text[i] ^= 1;
    }
    ok(tokencache_get(cache, text, length - 1, keys, FROM) == NULL, "an octet less: not found");
    ok(tokencache_get(cache, text, length + 1, keys, FROM) == NULL, "an octet more: not found");
    ok(tokencache_get(cache, "", 0, keys, FROM) == NULL, "no octet: not found");
    ok(is_kept(cache, text), "after all that it still is");
    tokencache_free(cache);
}

static void times(void)
{
    static const struct {
        int64_t now;
        bool valid;
        const char *test;
    } rows[] = {
        {FROM, true, "its first second"},
        {TILL - 1, true, "its last second"},
        {TILL, false, "expired"},
        {FROM - 1, false, "not yet valid: the clock was set back"},
        {INT64_MIN, false, "the beginning of time"},
        {INT64_MAX, false, "the end of time"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tokencache *cache = tokencache_new(ROOM, VERIFIERS);
        put(cache, "token");
        const struct token *token = tokencache_get(cache, "token", 5, keys, rows[i].now);
        ok((token != NULL) == rows[i].valid, "%s", rows[i].test);
        ok(is_kept(cache, "token") == rows[i].valid, "  and it is %s",
           rows[i].valid ? "kept" : "forgotten for good");
        tokencache_free(cache);
    }
}

static void other_keys(void)
{
    struct tokencache *cache = tokencache_new(ROOM, VERIFIERS);
    put(cache, "one");
    put(cache, "two");
    ok(tokencache_get(cache, "one", 3, newer, FROM) == NULL,
       "verified under other keys: not found");
    ok(get(cache, "one") == NULL && get(cache, "two") == NULL,
       "nor any of them when those keys come back");
    put(cache, "one");
    put_as(cache, "new", 3, newer);
    ok(tokencache_get(cache, "new", 3, newer, FROM) != NULL &&
           tokencache_get(cache, "one", 3, newer, FROM) == NULL,
       "the first token under new keys makes the others be forgotten");
    tokencache_free(cache);
}

/* What one verifier found good is no other's, be their keys the same or not. */
static void several_verifiers(void)
{
    struct tokencache *cache = tokencache_new(ROOM, VERIFIERS);
    const struct token *mine = put(cache, "one");
    ok(tokencache_get(cache, "one", 3, foreign, FROM) == NULL,
       "verified by another verifier: not found");
    const struct token *theirs = put_as(cache, "one", 3, foreign);
    ok(theirs != mine && get(cache, "one") == mine &&
           tokencache_get(cache, "one", 3, foreign, FROM) == theirs,
       "verified by both: each finds its own");
    ok(tokencache_get(cache, "one", 3, newer, FROM) == NULL && get(cache, "one") == NULL,
       "the keys of one are others: what it verified is forgotten");
    ok(tokencache_get(cache, "one", 3, foreign, FROM) == theirs, "  and nothing else");
    const size_t held = tokencache_held(cache);
    put(cache, "two");
    ok(tokencache_held(cache) > held, "all of them share its room");
    tokencache_free(cache);
}

/* Puts token number n, which holds so many octets beside its text. */
static struct token *put_number(struct tokencache *cache, int n, size_t octets)
{
    char name[32];
    struct token token = {
        .payload = calloc(1, octets), .from = FROM, .until = TILL, .held = memory_block(octets)};
    int length = snprintf(name, sizeof name, "token-%d", n);
    struct token *kept = tokencache_put(cache, name, (size_t)length, keys, &token);
    token_clear(&token);
    return kept;
}

static bool has_number(struct tokencache *cache, int n)
{
    char name[32];
    (void)snprintf(name, sizeof name, "token-%d", n);
    return get(cache, name) != NULL;
}

/* Floods a cache of so many octets, and counts what is really taken. */
static void flood(size_t room, size_t least, size_t most)
{
    size_t kept = 0;
    bool within = true;
    failing->octets = failing->most = 0;
    failing->counting = true;
    struct tokencache *cache = tokencache_new(room, VERIFIERS);
    const int puts = (int)(room / 512);
    for (int n = 0; n < puts; n++) {
        (void)put_number(cache, n, least + (size_t)n * 7919 % (most - least + 1));
        within =
            within && tokencache_held(cache) <= room &&
            failing->octets <= (long)(tokencache_held(cache) / 16 * 17); /* see memory_block() */
    }
    ok(within, "%zu octets: of %d tokens of %zu to %zu octets never more than that is held", room,
       puts, least, most);
    ok(failing->most <= (long)(room / 16 * 17 + most + 4096),
       "  and of memory not more than the one that comes in beyond it: %ld", failing->most);
    for (int n = 0; n < puts; n++) {
        kept += has_number(cache, n) ? 1 : 0;
    }
    ok(kept * (most + 1024) * 2 >= room, "  %zu tokens are kept: the room is used", kept);
    ok(has_number(cache, puts - 1) && !has_number(cache, 0),
       "  the last among them, the first not");
    tokencache_free(cache);
    failing->counting = false;
    is_number(failing->octets, 0, "  and all of it is given back");
}

static void bounds(void)
{
    ok(tokencache_new(0, VERIFIERS) == NULL, "no octets: no memory");
    flood(ROOM, 100, 100);
    flood(ROOM, 1, 20000);
    flood((size_t)4 << 20, 1000, 8000);
    flood((size_t)4 << 20, 400000, 500000);

    struct tokencache *cache = tokencache_new(ROOM, VERIFIERS);
    for (int n = 0; n < 9; n++) {
        (void)put_number(cache, n, ROOM / 9);
        ok(has_number(cache, 0), "the first is used again");
    }
    ok(!has_number(cache, 1) && has_number(cache, 2) && has_number(cache, 8),
       "the one used longest ago went for the ninth");
    ok(put_number(cache, 77, ROOM / 8) == NULL && !has_number(cache, 77) && has_number(cache, 2),
       "one that takes more than an eighth is not remembered, and drives nobody out");
    static char long_text[TOKEN_MAX + 2];
    memset(long_text, 'x', sizeof long_text - 1);
    ok(put(cache, long_text) == NULL && get(cache, long_text) == NULL, "no token is that long");
    tokencache_free(cache);
    tokencache_free(NULL);
}

/* Sets what a caller makes of the claims: so many octets. */
static void render(struct tokencache *cache, struct token *token, size_t octets)
{
    token->rendered = malloc(octets);
    memset(token->rendered, 'x', octets - 1);
    token->rendered[octets - 1] = '\0';
    tokencache_grown(cache, token);
}

static void growing(void)
{
    struct tokencache *cache = tokencache_new(ROOM, VERIFIERS);
    size_t empty = tokencache_held(cache);
    struct token *token = put_number(cache, 1, 100);
    size_t before = tokencache_held(cache);
    render(cache, token, 5000);
    is_number(tokencache_held(cache), before + memory_block(5000),
              "what is made of a token counts");
    ok(has_number(cache, 1), "  and is kept");
    for (int n = 2; n < 9; n++) {
        (void)put_number(cache, n, ROOM / 9);
    }
    ok(has_number(cache, 1) && has_number(cache, 2), "others beside it");
    ok(has_number(cache, 8), "the last of them");
    token = get(cache, "token-8");
    render(cache, token, 3000);
    ok(has_number(cache, 8), "that one grows");
    (void)put_number(cache, 9, 28000);
    token = put_number(cache, 10, 14000);
    ok(tokencache_held(cache) + 9000 > ROOM, "nearly full");
    render(cache, token, 9000);
    ok(tokencache_held(cache) <= ROOM && has_number(cache, 10) && !has_number(cache, 3) &&
           has_number(cache, 4),
       "one that grows drives out the one used longest ago");
    token = put_number(cache, 11, 100);
    render(cache, token, ROOM / 8);
    is_number(strlen(token->rendered), ROOM / 8 - 1,
              "one that grows too much stays until the next call");
    ok(!has_number(cache, 11) && has_number(cache, 10), "  and is gone then");
    struct token mine = {.rendered = strdup("x")};
    before = tokencache_held(cache);
    tokencache_grown(cache, &mine);
    is_number(tokencache_held(cache), before, "what is not of this cache does not count");
    token_clear(&mine);
    token = put_number(cache, 12, 100);
    render(cache, token, ROOM / 8);
    ok(tokencache_get(cache, "x", 1, newer, FROM) == NULL && tokencache_held(cache) == empty,
       "under other keys it is as empty as at first");
    token = put_number(cache, 13, 100);
    render(cache, token, ROOM / 8);
    tokencache_free(cache); /* with one that is leaving */
    cache = tokencache_new(ROOM, VERIFIERS);
    tokencache_grown(cache, &mine); /* with none */
    tokencache_free(cache);
}

int main(void)
{
    found();
    times();
    other_keys();
    several_verifiers();
    bounds();
    growing();
    return tap_done();
}
