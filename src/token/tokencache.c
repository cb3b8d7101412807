/* SPDX-License-Identifier: MIT */
#include "token/tokencache.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/memory.h"

#define HASHED 64 /* characters, from the end */
#define SHARE  8  /* one token takes at most this part of all */
#define USUAL \
    4096 /* octets a token takes; others make the lists longer or shorter, and nothing else */

struct entry {
    /* in its list */
    struct entry *next;
    /* in the order of use */
    struct entry *newer, *older;
    uint64_t hash;
    /* octets, this included */
    size_t held;
    size_t verifier;
    struct token token;
    size_t length;
    char text[];
};

struct tokencache {
    /* octets */
    size_t room, held;
    struct entry **lists;
    size_t list_count;
    struct entry *newest, *oldest;
    /* in no list any more, but borrowed until the next call */
    struct entry *leaving;
    uint64_t seeds[2];
    /* of the keys of each verifier */
    uint64_t versions[];
};

struct tokencache *tokencache_new(size_t octets, size_t verifiers)
{
    const size_t size = sizeof(struct tokencache) + verifiers * sizeof(uint64_t);
    struct tokencache *cache = octets == 0 ? NULL : calloc(1, size);
    if (cache == NULL) {
        return NULL;
    }
    cache->room = octets;
    cache->list_count = octets / USUAL + 1;
    cache->held = memory_block(size) + memory_block(cache->list_count * sizeof *cache->lists);
    cache->lists = calloc(cache->list_count, sizeof *cache->lists);
    if (cache->lists == NULL || getrandom(cache->seeds, sizeof cache->seeds, GRND_NONBLOCK) !=
                                    (ssize_t)sizeof cache->seeds) {
        tokencache_free(cache);
        return NULL;
    }
    return cache;
}

static struct entry **list_of(const struct tokencache *cache, uint64_t hash)
{
    return &cache->lists[hash % cache->list_count];
}

/* Out of the order of use. */
static void unorder(struct tokencache *cache, struct entry *entry)
{
    *(entry->newer != NULL ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older != NULL ? &entry->older->newer : &cache->oldest) = entry->newer;
}

/* First in the order of use. */
static void put_first(struct tokencache *cache, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = cache->newest;
    *(cache->newest != NULL ? &cache->newest->newer : &cache->oldest) = entry;
    cache->newest = entry;
}

static void release(struct entry *entry)
{
    token_clear(&entry->token);
    free(entry);
}

/* Out of everything; the entry is the caller's. */
static void take_out(struct tokencache *cache, struct entry *entry)
{
    struct entry **at = list_of(cache, entry->hash);
    while (*at != entry) {
        at = &(*at)->next;
    }
    *at = entry->next;
    unorder(cache, entry);
    cache->held -= entry->held;
}

static void forget(struct tokencache *cache, struct entry *entry)
{
    take_out(cache, entry);
    release(entry);
}

static void forget_all(struct tokencache *cache)
{
    while (cache->oldest != NULL) {
        forget(cache, cache->oldest);
    }
}

static void forget_those_of(struct tokencache *cache, size_t verifier)
{
    struct entry *entry = cache->oldest;
    while (entry != NULL) {
        struct entry *newer = entry->newer;
        if (entry->verifier == verifier) {
            forget(cache, entry);
        }
        entry = newer;
    }
}

static void let_go(struct tokencache *cache)
{
    if (cache->leaving != NULL) {
        release(cache->leaving);
        cache->leaving = NULL;
    }
}

void tokencache_free(struct tokencache *cache)
{
    if (cache == NULL) {
        return;
    }
    let_go(cache);
    forget_all(cache);
    free(cache->lists);
    free(cache);
}

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) *
           UINT64_C(0x9e3779b97f4a7c15); /* 2^64 by the golden ratio: odd, its bits well spread */
    return hash ^ hash >> 32;
}

/* Not for secrecy: it spreads tokens over the lists, and the seeds keep strangers from choosing
 * where theirs go. The end of a token is the end of its signature, which is another one for other
 * contents; what is kept has a good one, so nobody can have many kept that end alike. */
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

/* What every call begins with. Other keys: what they would say of these tokens nobody knows. */
static void begin(struct tokencache *cache, struct tokencache_keys keys)
{
    let_go(cache);
    if (cache->versions[keys.verifier] != keys.version) {
        forget_those_of(cache, keys.verifier);
        cache->versions[keys.verifier] = keys.version;
    }
}

struct token *tokencache_get(struct tokencache *cache, const char *text, size_t length,
                             struct tokencache_keys keys, int64_t now)
{
    begin(cache, keys);
    uint64_t hash = hash_of(cache, text, length);
    struct entry *entry = *list_of(cache, hash);
    while (entry != NULL &&
           (entry->hash != hash || entry->length != length || entry->verifier != keys.verifier ||
            memcmp(entry->text, text, length) != 0)) {
        entry = entry->next;
    }
    if (entry == NULL) {
        return NULL;
    }
    if (now < entry->token.from || now >= entry->token.until) {
        forget(cache, entry); /* verifying says what is wrong with it */
        return NULL;
    }
    if (entry != cache->newest) {
        unorder(cache, entry);
        put_first(cache, entry);
    }
    return &entry->token;
}

/* Octets that an entry for this takes. What is rendered has no memory to spare
 * (variables_write()). */
static size_t size_of(const struct token *token, size_t length)
{
    size_t rendered = token->rendered != NULL ? memory_block(strlen(token->rendered) + 1) : 0;
    return memory_block(sizeof(struct entry) + length) + token->held + rendered;
}

static void make_room(struct tokencache *cache, size_t octets)
{
    struct entry *entry = cache->oldest;
    while (entry != NULL && cache->held + octets > cache->room) {
        struct entry *newer = entry->newer;
        forget(cache, entry);
        entry = newer;
    }
}

struct token *tokencache_put(struct tokencache *cache, const char *text, size_t length,
                             struct tokencache_keys keys, struct token *token)
{
    size_t held = size_of(token, length);
    struct entry *entry =
        length > TOKEN_MAX || held > cache->room / SHARE ? NULL : malloc(sizeof *entry + length);
    if (entry == NULL) {
        return NULL;
    }
    begin(cache, keys);
    make_room(cache, held);
    *entry = (struct entry){.hash = hash_of(cache, text, length),
                            .held = held,
                            .verifier = keys.verifier,
                            .token = *token,
                            .length = length};
    *token = (struct token){0};
    memcpy(entry->text, text, length);
    struct entry **list = list_of(cache, entry->hash);
    entry->next = *list;
    *list = entry;
    put_first(cache, entry);
    cache->held += held;
    return &entry->token;
}

void tokencache_grown(struct tokencache *cache, const struct token *token)
{
    struct entry *entry = cache->newest; /* what was borrowed last */
    if (entry == NULL || token != &entry->token) {
        return;
    }
    size_t held = size_of(token, entry->length);
    cache->held += held - entry->held;
    entry->held = held;
    if (held > cache->room / SHARE) {
        take_out(cache, entry);
        cache->leaving = entry;
    } else {
        make_room(cache, 0); /* it stays: the newest goes last, and takes an eighth at most */
    }
}

size_t tokencache_held(const struct tokencache *cache)
{
    return cache->held;
}
