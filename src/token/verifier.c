/* SPDX-License-Identifier: MIT */
#include "token/verifier.h"

#include <stdlib.h>

#include "token/tokencache.h"

struct verifier {
    const struct config *config;
    struct keycache *keys;
    /* NULL: nothing is remembered */
    struct tokencache *seen;
    /* there */
    size_t number;
    struct header_memo header;
    /* the last one that is not */
    struct token token;
};

struct verifier *verifier_new(const struct config *config, struct keycache *keys,
                              struct tokencache *seen, size_t number)
{
    struct verifier *verifier = calloc(1, sizeof *verifier);
    if (verifier == NULL) {
        return NULL;
    }
    verifier->config = config;
    verifier->keys = keys;
    verifier->seen = seen;
    verifier->number = number;
    return verifier;
}

void verifier_free(struct verifier *verifier)
{
    if (verifier == NULL) {
        return;
    }
    token_clear(&verifier->token);
    free(verifier);
}

static struct tokencache_keys keys_of(const struct verifier *verifier)
{
    return (struct tokencache_keys){.verifier = verifier->number,
                                    .version = keycache_version(verifier->keys)};
}

/* The yes of an earlier request, if the keys that said so are still those to be used. What is not
 * known does not bother the keys. */
static struct token *seen_before(struct verifier *verifier, const char *text, size_t length,
                                 int64_t now)
{
    if (verifier->seen == NULL) {
        return NULL;
    }
    const struct tokencache_keys keys = keys_of(verifier);
    struct token *token = tokencache_get(verifier->seen, text, length, keys, now);
    if (token == NULL || !keycache_ready(verifier->keys, now)) {
        return NULL;
    }
    return keycache_version(verifier->keys) == keys.version ? token : NULL;
}

bool verifier_remembers(struct verifier *verifier, const char *text, size_t length, int64_t now)
{
    return seen_before(verifier, text, length, now) != NULL;
}

void verifier_rendered(struct verifier *verifier, const struct token *token)
{
    if (verifier->seen != NULL) {
        tokencache_grown(verifier->seen, token);
    }
}

enum bearer_code verifier_check(struct verifier *verifier, const char *text, size_t length,
                                int64_t now, struct token **token)
{
    const struct key_source keys = {.find = keycache_find,
                                    .outlook = keycache_outlook,
                                    .renew = keycache_renew,
                                    .context = verifier->keys};
    token_clear(&verifier->token);
    *token = seen_before(verifier, text, length, now);
    if (*token != NULL) {
        return BEARER_OK;
    }
    *token = &verifier->token;
    enum bearer_code code = token_verify(verifier->config, &keys, &verifier->header, text, length,
                                         now, &verifier->token);
    if (code == BEARER_OK && verifier->seen != NULL) {
        struct token *kept =
            tokencache_put(verifier->seen, text, length, keys_of(verifier), &verifier->token);
        *token = kept != NULL ? kept : *token;
    }
    return code;
}
