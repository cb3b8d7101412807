#include "tokencache.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "cleanup.h"

#define WAYS   4  /* places in a set */
#define HASHED 64 /* characters, from the end */

struct entry {
    struct token token;
    size_t length;
    char text[];
};

/* What is looked at first lies together: a set is one or two cache lines. */
struct place {
    uint64_t hash;
    uint64_t used; /* when, in calls */
    struct entry *entry;
};

struct tokencache {
    struct place *places;
    size_t sets;
    size_t ways; /* WAYS, or fewer where there are fewer entries */
    uint64_t seeds[2];
    uint64_t keys;
    uint64_t calls;
};

struct tokencache *tokencache_new(size_t entries)
{
    struct tokencache *cache = entries == 0 ? NULL : calloc(1, sizeof *cache);
    if (cache == NULL) {
        return NULL;
    }
    cache->ways = entries < WAYS ? entries : WAYS;
    cache->sets = entries / cache->ways;
    cache->places = calloc(cache->sets * cache->ways, sizeof *cache->places);
    if (cache->places == NULL ||
        getrandom(cache->seeds, sizeof cache->seeds, GRND_NONBLOCK) != (ssize_t)sizeof cache->seeds) {
        tokencache_free(cache);
        return NULL;
    }
    return cache;
}

static void forget(struct place *place)
{
    if (place->entry != NULL) {
        token_clear(&place->entry->token);
        free(place->entry);
    }
    *place = (struct place){0};
}

static void forget_all(struct tokencache *cache)
{
    for (size_t i = 0; i < cache->sets * cache->ways; i++) {
        forget(&cache->places[i]);
    }
}

void tokencache_free(struct tokencache *cache)
{
    if (cache == NULL) {
        return;
    }
    if (cache->places != NULL) {
        forget_all(cache);
    }
    free(cache->places);
    free(cache);
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) *
           UINT64_C(0x9e3779b97f4a7c15); /* 2^64 by the golden ratio: odd, its bits well spread */
    return hash ^ hash >> 32;
}

/* Not for secrecy: it spreads tokens over the sets, and the seeds keep strangers from choosing where theirs go. The end of a token is the end of its signature,
 * which is another one for other contents; what is kept has a good one, so nobody can have many kept that end alike. */
static uint64_t hash_of(const struct tokencache *cache, const char *text, size_t length)
{
    uint64_t hash = cache->seeds[0] ^ length;
    uint64_t word = 0;
    if (length > HASHED) {
        text += length - HASHED;
        length = HASHED;
    }
    for (; length >= sizeof word; length -= sizeof word, text += sizeof word) {
        memcpy(&word, text, sizeof word);
        hash = mix(hash, word);
    }
    word = 0;
    memcpy(&word, text, length);
    return mix(mix(hash, word), cache->seeds[1]);
}

/* Other keys: what they would say of these tokens nobody knows. */
static void under_keys(struct tokencache *cache, uint64_t keys)
{
    if (cache->keys != keys) {
        forget_all(cache);
        cache->keys = keys;
    }
}

static struct place *set_of(const struct tokencache *cache, uint64_t hash)
{
    return &cache->places[hash % cache->sets * cache->ways];
}

struct token *tokencache_get(struct tokencache *cache, const char *text, size_t length, uint64_t keys,
                             int64_t now)
{
    under_keys(cache, keys);
    uint64_t hash = hash_of(cache, text, length);
    struct place *set = set_of(cache, hash);
    for (size_t i = 0; i < cache->ways; i++) {
        struct entry *entry = set[i].hash == hash ? set[i].entry : NULL;
        if (entry == NULL || entry->length != length || memcmp(entry->text, text, length) != 0) {
            continue;
        }
        if (now < entry->token.from || now >= entry->token.until) {
            forget(&set[i]); /* verifying says what is wrong with it */
            return NULL;
        }
        set[i].used = ++cache->calls;
        return &entry->token;
    }
    return NULL;
}

struct token *tokencache_put(struct tokencache *cache, const char *text, size_t length, uint64_t keys,
                             struct token *token)
{
    struct entry *entry = length > TOKEN_MAX ? NULL : malloc(sizeof *entry + length);
    if (entry == NULL) {
        return NULL;
    }
    under_keys(cache, keys);
    uint64_t hash = hash_of(cache, text, length);
    struct place *set = set_of(cache, hash);
    struct place *oldest = set;
    for (size_t i = 1; i < cache->ways; i++) {
        oldest = set[i].used < oldest->used ? &set[i] : oldest;
    }
    forget(oldest);
    entry->token = *token;
    *token = (struct token){0};
    entry->length = length;
    memcpy(entry->text, text, length);
    *oldest = (struct place){.hash = hash, .used = ++cache->calls, .entry = entry};
    return &entry->token;
}
