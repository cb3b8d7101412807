/* The memory for verified tokens: what it finds, and what it must not find any more. */
#include "tokencache.h"

#include <stdio.h>
#include <stdlib.h>

#include "tap.h"

#define KEYS 1 /* the version of the keys, where it does not matter */
#define FROM 1000
#define TILL 2000

static struct token *put_as(struct tokencache *cache, const char *text, size_t length, uint64_t keys)
{
    struct token token = {
        .payload = strndup(text, length), .payload_length = length, .from = FROM, .until = TILL};
    struct token *kept = tokencache_put(cache, text, length, keys, &token);
    ok((kept != NULL) == (token.payload == NULL), "  its parts have one owner");
    token_clear(&token);
    return kept;
}

static struct token *put(struct tokencache *cache, const char *text)
{
    return put_as(cache, text, strlen(text), KEYS);
}

static struct token *get(struct tokencache *cache, const char *text)
{
    return tokencache_get(cache, text, strlen(text), KEYS, FROM);
}

static bool is_kept(struct tokencache *cache, const char *text)
{
    const struct token *token = get(cache, text);
    return token != NULL && strcmp(token->payload, text) == 0;
}

static void found(void)
{
    char text[] = "header.payload.signature-that-is-longer";
    struct tokencache *cache = tokencache_new(100);
    ok(get(cache, text) == NULL, "empty: nothing");
    struct token *kept = put(cache, text);
    ok(kept != NULL && get(cache, text) == kept && is_kept(cache, text), "what was put is found");
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        text[i] ^= 1;
        ok(get(cache, text) == NULL, "octet %zu is another: not found", i);
        text[i] ^= 1;
    }
    ok(tokencache_get(cache, text, length - 1, KEYS, FROM) == NULL, "an octet less: not found");
    ok(tokencache_get(cache, text, length + 1, KEYS, FROM) == NULL, "an octet more: not found");
    ok(tokencache_get(cache, "", 0, KEYS, FROM) == NULL, "no octet: not found");
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
        struct tokencache *cache = tokencache_new(4);
        put(cache, "token");
        const struct token *token = tokencache_get(cache, "token", 5, KEYS, rows[i].now);
        ok((token != NULL) == rows[i].valid, "%s", rows[i].test);
        ok(is_kept(cache, "token") == rows[i].valid, "  and it is %s",
           rows[i].valid ? "kept" : "forgotten for good");
        tokencache_free(cache);
    }
}

static void other_keys(void)
{
    struct tokencache *cache = tokencache_new(100);
    put(cache, "one");
    put(cache, "two");
    ok(tokencache_get(cache, "one", 3, KEYS + 1, FROM) == NULL, "verified under other keys: not found");
    ok(get(cache, "one") == NULL && get(cache, "two") == NULL, "nor any of them when those keys come back");
    put(cache, "one");
    put_as(cache, "new", 3, KEYS + 1);
    ok(tokencache_get(cache, "new", 3, KEYS + 1, FROM) != NULL &&
           tokencache_get(cache, "one", 3, KEYS + 1, FROM) == NULL,
       "the first token under new keys makes the others be forgotten");
    tokencache_free(cache);
}

/* As many as said, never more; of a set the one used longest ago goes. */
static void bounds(void)
{
    static const size_t sizes[] = {1, 2, 3, 4, 5, 64, 1000};
    char name[32];
    ok(tokencache_new(0) == NULL, "no entries: no memory");
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct tokencache *cache = tokencache_new(sizes[i]);
        size_t kept = 0;
        int puts = 20 * (int)sizes[i];
        for (int n = 0; n < puts; n++) {
            struct token token = {.from = FROM, .until = TILL};
            int length = snprintf(name, sizeof name, "token-%d", n);
            (void)tokencache_put(cache, name, (size_t)length, KEYS, &token);
        }
        ok(get(cache, name) != NULL, "%zu: the last one is there", sizes[i]);
        for (int n = 0; n < puts; n++) {
            snprintf(name, sizeof name, "token-%d", n);
            kept += get(cache, name) != NULL ? 1 : 0;
        }
        ok(kept <= sizes[i] && kept * 4 >= sizes[i], "%zu: %zu of %d are kept", sizes[i], kept, puts);
        tokencache_free(cache);
    }
    struct tokencache *cache = tokencache_new(4); /* one set */
    put(cache, "a");
    put(cache, "b");
    put(cache, "c");
    put(cache, "d");
    ok(is_kept(cache, "a"), "the first is used again");
    put(cache, "e");
    ok(is_kept(cache, "a") && get(cache, "b") == NULL && is_kept(cache, "c") && is_kept(cache, "d") &&
           is_kept(cache, "e"),
       "the one used longest ago went");
    static char long_text[TOKEN_MAX + 2];
    memset(long_text, 'x', sizeof long_text - 1);
    ok(put(cache, long_text) == NULL && get(cache, long_text) == NULL, "no token is that long");
    long_text[TOKEN_MAX] = '\0';
    ok(put(cache, long_text) != NULL && is_kept(cache, long_text), "the longest there is");
    tokencache_free(cache);
    tokencache_free(NULL);
}

int main(void)
{
    found();
    times();
    other_keys();
    bounds();
    return tap_done();
}
