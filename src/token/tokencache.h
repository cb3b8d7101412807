/* SPDX-License-Identifier: MIT */
/* Tokens that this worker has verified, so that the same token costs no signature, no JSON and no
 * memory a second time.
 *
 * What is remembered is a yes, never a no, and only for as long as verifying again would say yes:
 * within the token's own times, under the same keys and the same configuration. Several verifiers
 * share one, so that all of them together take no more memory than one: what one has verified is
 * found by that one alone. Who asks says under which keys, by a number that changes with them: when
 * it has changed, everything that this verifier had verified is forgotten.
 *
 * Bounded in octets of memory, all that is held for a token counted: its text, its payload, the
 * values of its claims and what was made of them. Where there is no room, those used longest ago
 * go; one that would take more than an eighth of all is not remembered. A token is found by a hash
 * with a random seed, so that nobody can choose where theirs go, and is the same only if every
 * octet is. */
#ifndef FB_TOKEN_TOKENCACHE_H
#define FB_TOKEN_TOKENCACHE_H

#include <stddef.h>
#include <stdint.h>

#include "token/token.h"

struct tokencache;

/* Under what a token was verified. */
struct tokencache_keys {
    /* which verifier, below the number that tokencache_new() was told */
    size_t verifier;
    /* of its keys */
    uint64_t version;
};

/* An empty one for so many verifiers, of so many octets of memory; it is taken as tokens come.
 * NULL: out of memory, no random seed, or `octets` is 0. */
struct tokencache *tokencache_new(size_t octets, size_t verifiers);
void tokencache_free(struct tokencache *cache);

/* The verified token with this text, if it is valid at `now` (seconds since 1970) and was verified
 * under `keys`. Borrowed until the next call of this, tokencache_put() or tokencache_free() with
 * this cache. NULL: it has to be verified. */
struct token *tokencache_get(struct tokencache *cache, const char *text, size_t length,
                             struct tokencache_keys keys, int64_t now);

/* Remembers *token, the good decision about `text` made under `keys`, and leaves *token empty: its
 * parts are the cache's. Returns it as tokencache_get() does; NULL: out of memory, longer than
 * TOKEN_MAX or too much for the cache, *token is as it was. */
struct token *tokencache_put(struct tokencache *cache, const char *text, size_t length,
                             struct tokencache_keys keys, struct token *token);

/* To be called when `rendered` of a token has been set. If it is one of this cache, what it holds
 * is counted anew: others may have to go, and so may the token itself, with the next call; until
 * then it stays as it is. */
void tokencache_grown(struct tokencache *cache, const struct token *token);

/* What it holds in all, in octets: never more than tokencache_new() was told, but for the token
 * that tokencache_grown() lets go. */
size_t tokencache_held(const struct tokencache *cache);

#endif
