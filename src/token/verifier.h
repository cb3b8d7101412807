/* SPDX-License-Identifier: MIT */
/* The decision about a token as a worker makes it, request after request: under the keys that all
 * workers share, and remembering what it has verified before. */
#ifndef FB_TOKEN_VERIFIER_H
#define FB_TOKEN_VERIFIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "keys/keycache.h"
#include "token/token.h"

struct tokencache;
struct verifier;

/* `config` and `keys` must outlive it, and so must `seen`, where it remembers tokens as verifier
 * `number` (NULL: none are remembered). NULL: out of memory. */
struct verifier *verifier_new(const struct config *config, struct keycache *keys,
                              struct tokencache *seen, size_t number);
void verifier_free(struct verifier *verifier);

/* token_verify() with that memory: the same result, for the same reason. *token is never NULL,
 * borrowed until the next call, and verified only if the result is BEARER_OK. */
enum bearer_code verifier_check(struct verifier *verifier, const char *text, size_t length,
                                int64_t now, struct token **token);

/* Whether the token would be found good without being looked at again: it is remembered, and still
 * good at `now`. */
bool verifier_remembers(struct verifier *verifier, const char *text, size_t length, int64_t now);

/* To be called when a caller has set `rendered` of the token that verifier_check() gave last: it
 * counts among the octets that are held. */
void verifier_rendered(struct verifier *verifier, const struct token *token);

#endif
