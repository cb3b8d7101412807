/* SPDX-License-Identifier: MIT */
/* The tokens of a soak: what the issuer made, and what becomes of it on the way to a worker. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "jose/base64url.h"
#include "json/json.h"
#include "soak.h"

#define POOL_SIZE 8 /* the newest ones are used */

static const char *const pool_names[POOL__MAX] = {"good",    "scoped",   "brief",  "early",
                                                  "expired", "audience", "issuer", "dropped"};

static struct {
    struct token *tokens[POOL_SIZE];
    size_t count, newest, turn;
} pools[POOL__MAX];

/* All there ever were: requests may be under way with them. */
static struct token **all;
static size_t all_count;

static char *decode(const char *text, size_t length)
{
    size_t size = 0;
    char *octets CLEANUP(cleanup_free) = calloc(1, BASE64URL_DECODED_MAX(length) + 1);
    if (octets == NULL || !base64url_decode(text, length, (unsigned char *)octets, &size)) {
        return NULL;
    }
    octets[size] = '\0';
    return steal(&octets);
}

static struct token *read_token(const char *text, enum pool pool)
{
    struct token *token CLEANUP(cleanup_free) = calloc(1, sizeof *token);
    const char *dot = strchr(text, '.');
    const char *second = dot != NULL ? strchr(dot + 1, '.') : NULL;
    char *header CLEANUP(cleanup_free) = second != NULL ? decode(text, (size_t)(dot - text)) : NULL;
    char *payload CLEANUP(cleanup_free) =
        second != NULL ? decode(dot + 1, (size_t)(second - dot - 1)) : NULL;
    if (token == NULL || header == NULL || payload == NULL) {
        return NULL;
    }
    struct json_object *head CLEANUP(js_cleanup) = js_parse(header, strlen(header), NULL);
    struct json_object *claims CLEANUP(js_cleanup) = js_parse(payload, strlen(payload), NULL);
    size_t length = 0;
    const char *kid = js_string(head, "kid", &length);
    if (kid == NULL || length >= sizeof token->kid) {
        return NULL;
    }
    memcpy(token->kid, kid, length);
    token->exp = js_count(claims, "exp");
    token->nbf = js_type(claims, "nbf") == JS_ABSENT ? 0 : js_count(claims, "nbf");
    token->scope = js_type(claims, "scope") != JS_ABSENT;
    token->audience = pool != POOL_AUDIENCE;
    token->issuer = pool != POOL_ISSUER;
    token->text = strdup(text);
    token->payload = steal(&payload);
    return steal(&token);
}

/* The list owns it from here on; false: it is gone. */
static bool keep(struct token *token)
{
    struct token **grown = realloc(all, (all_count + 1) * sizeof(struct token *));
    if (grown == NULL) {
        free(token->text);
        free(token->payload);
        free(token);
        return false;
    }
    all = grown;
    all[all_count++] = token;
    return true;
}

static void put(enum pool pool, struct token *token)
{
    pools[pool].newest = (pools[pool].newest + 1) % POOL_SIZE;
    pools[pool].tokens[pools[pool].newest] = token;
    pools[pool].count += pools[pool].count < POOL_SIZE ? 1 : 0;
}

bool tokens_add(const char *name, const char *text)
{
    enum pool pool = 0;
    while (pool < POOL__MAX && strcmp(pool_names[pool], name) != 0) {
        pool++;
    }
    struct token *token = pool < POOL__MAX ? read_token(text, pool) : NULL;
    if (token == NULL || !keep(token)) {
        return false;
    }
    put(pool, token);
    return true;
}

void tokens_drop(const char *kid)
{
    for (size_t i = 0; i < all_count; i++) {
        all[i]->dropped = all[i]->dropped || strcmp(all[i]->kid, kid) == 0;
    }
    for (enum pool pool = 0; pool < POOL_DROPPED; pool++) {
        struct token *kept[POOL_SIZE];
        size_t count = 0;
        for (size_t i = 1; i <= POOL_SIZE; i++) { /* the oldest first */
            struct token *token = pools[pool].tokens[(pools[pool].newest + i) % POOL_SIZE];
            if (token != NULL && token->dropped) {
                put(POOL_DROPPED, token);
            } else if (token != NULL) {
                kept[count++] = token;
            }
        }
        memset(&pools[pool], 0, sizeof pools[pool]);
        for (size_t i = 0; i < count; i++) {
            put(pool, kept[i]);
        }
    }
}

const struct token *tokens_next(enum pool pool)
{
    for (size_t i = 0; pools[pool].count > 0 && i < POOL_SIZE; i++) {
        const struct token *token = pools[pool].tokens[pools[pool].turn++ % POOL_SIZE];
        if (token != NULL) {
            return token;
        }
    }
    return NULL;
}

void tokens_clear(void)
{
    for (size_t i = 0; i < all_count; i++) {
        free(all[i]->text);
        free(all[i]->payload);
        free(all[i]);
    }
    free(all);
    all = NULL;
    all_count = 0;
}

/* The token under another header. */
static void with_header(const char *header, const struct token *token, char *out, size_t size)
{
    char encoded[BASE64URL_ENCODED(256) + 1];
    base64url_encode((const unsigned char *)header, strlen(header), encoded);
    snprintf(out, size, "Bearer %s%s", encoded, strchr(token->text, '.'));
}

/* The token with another letter in the middle of its signature. */
static void with_other_letter(const struct token *token, char *out, size_t size)
{
    int n = snprintf(out, size, "Bearer %s", token->text);
    if (n > 0 && (size_t)n < size) {
        char *letter = &out[n - 40];
        *letter = *letter == 'A' ? 'B' : 'A';
    }
}

/* Header and payload of the one, signature of another one by the same key, if there is one; else it
 * is altered. */
static void with_other_signature(const struct token *token, char *out, size_t size)
{
    const struct token *other = tokens_next(POOL_GOOD);
    if (other == NULL || other == token || strcmp(other->kid, token->kid) != 0) {
        with_other_letter(token, out, size);
        return;
    }
    const char *end = strrchr(token->text, '.');
    snprintf(out, size, "Bearer %.*s%s", (int)(end - token->text), token->text,
             strrchr(other->text, '.'));
}

void shape_credentials(enum kind kind, const struct token *token, unsigned number, char *out,
                       size_t size)
{
    char header[256];
    out[0] = '\0';
    if (kind == KIND_BASIC) {
        snprintf(out, size, "Basic c29hazpzb2Fr");
    } else if (kind == KIND_GARBAGE) {
        snprintf(out, size, "Bearer soak.%u", number);
    } else if (kind == KIND_SIGNATURE) {
        with_other_letter(token, out, size);
    } else if (kind == KIND_SWAPPED) {
        with_other_signature(token, out, size);
    } else if (kind == KIND_NONE) {
        snprintf(header, sizeof header, "{\"alg\":\"none\",\"kid\":\"%s\"}", token->kid);
        with_header(header, token, out, size);
    } else if (kind == KIND_UNKNOWN || kind == KIND_UNFIT) {
        snprintf(header, sizeof header, "{\"alg\":\"RS256\",\"kid\":\"soak-%u\"}", number);
        with_header(header, token, out, size);
    } else if (kind == KIND_TWO) {
        snprintf(out, size, "Bearer %s, Bearer %s", token->text, token->text);
    } else if (token != NULL) {
        snprintf(out, size, "Bearer %s", token->text);
    }
}
