/* SPDX-License-Identifier: MIT */
/* The parts of soak: tokens.c (soak_tokens.c) makes what is sent, world (soak_world.c) knows what
 * the truth was at a moment, judge (soak_judge.c) says which answers were right for it. Seconds are
 * the worker's: time(NULL), on the same machine. */
#ifndef SOAK_H
#define SOAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "keys/attempt.h"
#include "keys/cachefile.h"

/* --- the world */

struct settings { /* of the workers' bearer.env */
    int64_t ttl, max_stale, cooldown, leeway;
};

/* A key cache file as it was between two refreshes; kept to the end of the run. */
struct view {
    struct view *older;
    struct stat identity;
    int64_t fetched;
    /* microsecond, at the latest, that it was put there */
    int64_t seen;
    char *text;
};

/* What the record of refreshes said, from one change to the next; kept likewise. */
struct record {
    struct record *older;
    /* the last one was started */
    int64_t when;
    enum attempt_outcome outcome;
};

enum issuer_state { ISSUER_CHANGING, ISSUER_UP, ISSUER_DOWN };

struct moment {
    /* what a worker would take for now */
    int64_t second;
    /* monotonic */
    int64_t microsecond;
    /* NULL: no cache file yet */
    struct view *view;
    /* NULL: no refresh yet */
    struct record *record;
    /* odd: the server is being restarted */
    unsigned restarts;
};

struct world {
    struct settings settings;
    struct cache_names names;
    int dir, record;
    struct moment last;
    enum issuer_state issuer;
    /* the second from which it has been as it is */
    int64_t issuer_since;
    /* since then it has not been restarted */
    int64_t server_since;
    /* when the last answer came to a request that may_fetch() */
    int64_t unknown_last;
    /* such requests under way */
    unsigned unknown_running;
    unsigned restarts, attempts, views, wrong;
};

/* Of the workers' cache directory, for this URI and BEARER_CA_FILE; issuer and server are up. False with a message
 * on stderr. */
bool world_open(struct world *world, const char *cache_dir, const char *uri, const char *ca,
                const struct settings *settings);
void world_close(struct world *world);

/* Looks at the cache, and whether what was done there since the last look was right: what is not
 * goes to stderr and counts as wrong. */
void world_look(struct world *world, struct moment *moment);
void world_issuer(struct world *world, enum issuer_state state);
void world_restart(struct world *world, bool changing);

/* --- tokens */

struct token {
    /* header.payload.signature */
    char *text;
    /* as it was signed */
    char *payload;
    char kid[128];
    /* nbf 0: none */
    int64_t exp, nbf;
    /* they are ours; it has the scope */
    bool audience, issuer, scope;
    /* its key has been, or is about to be, withdrawn */
    bool dropped;
};

/* What the workers are sent. Tokens of the first ones come from the issuer. */
enum pool {
    POOL_GOOD,
    POOL_SCOPED,
    POOL_BRIEF,
    POOL_EARLY,
    POOL_EXPIRED,
    POOL_AUDIENCE,
    POOL_ISSUER,
    POOL_DROPPED,
    POOL__MAX
};

/* Takes a token that the issuer made; false: it is none, or there is no such pool. The newest ones
 * of a pool are used. */
bool tokens_add(const char *pool, const char *text);
/* All tokens by this key go to POOL_DROPPED. */
void tokens_drop(const char *kid);
/* One of the pool, each in its turn; NULL: there is none. */
const struct token *tokens_next(enum pool pool);
void tokens_clear(void);

/* --- requests and their answers */

enum kind {
    KIND_PUBLIC,
    KIND_NOBODY,
    KIND_BASIC,
    KIND_GOOD,
    KIND_SCOPED,
    KIND_UNSCOPED,
    KIND_BRIEF,
    KIND_EARLY,
    KIND_EXPIRED,
    KIND_AUDIENCE,
    KIND_ISSUER,
    KIND_SIGNATURE,
    KIND_SWAPPED,
    KIND_NONE,
    KIND_GARBAGE,
    KIND_TWO,
    KIND_UNKNOWN,
    KIND_UNFIT,
    KIND_DROPPED,
    KIND_NO_PATH,
    KIND_NO_METHOD,
    KIND__MAX
};

struct shape {
    const char *name, *method, *path;
    /* of so many */
    unsigned weight;
    /* POOL__MAX: it needs no token */
    enum pool pool;
};
extern const struct shape shapes[KIND__MAX];

/* Writes the value of Authorization; empty: none is sent. `number` makes kids that were never
 * used. */
void shape_credentials(enum kind kind, const struct token *token, unsigned number, char *out,
                       size_t size);

struct reply {
    long status;
    /* NULL: no WWW-Authenticate */
    const char *body, *challenge;
    /* -1: none */
    int64_t retry_after;
};

/* NULL: right. Else what would have been; static. */
const char *judge(const struct world *world, enum kind kind, const struct token *token,
                  const struct moment *before, const struct moment *after,
                  const struct reply *reply);

/* True: a request of this kind can make workers fetch. */
bool may_fetch(enum kind kind);

#endif
