/* Tokens that this worker has verified, so that the same token costs no signature, no JSON and no memory a second time.
 *
 * What is remembered is a yes, never a no, and only for as long as verifying again would say yes: within the token's own times, under the same
 * keys and the same configuration. Who asks says which keys (a number that changes with them): when it has changed, everything is forgotten.
 *
 * Bounded: `entries` tokens, in sets of four that replace the one used longest ago. A token is found by a hash with a random seed, so
 * that nobody can aim at a set, and is the same only if every octet is. */
#ifndef BEARER_TOKENCACHE_H
#define BEARER_TOKENCACHE_H

#include <stddef.h>
#include <stdint.h>

#include "token.h"

struct tokencache;

/* An empty one; memory for tokens is taken as they come. NULL: out of memory, no random seed, or `entries` is 0. */
struct tokencache *tokencache_new(size_t entries);
void tokencache_free(struct tokencache *cache);

/* The verified token with this text, if it is valid at `now` (seconds since 1970) and was verified under `keys`. Borrowed until the next
 * call with this cache; `rendered` in it may be set. NULL: it has to be verified. */
struct token *tokencache_get(struct tokencache *cache, const char *text, size_t length, uint64_t keys,
                             int64_t now);

/* Remembers *token, the good decision about `text` made under `keys`, and leaves *token empty: its parts are the cache's. Returns it as tokencache_get()
 * does; NULL: out of memory or longer than TOKEN_MAX, *token is as it was. */
struct token *tokencache_put(struct tokencache *cache, const char *text, size_t length, uint64_t keys,
                             struct token *token);

#endif
