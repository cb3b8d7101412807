/* SPDX-License-Identifier: MIT */
/* The decision about one token: form, header, key, signature, claims; in this order, and the first
 * thing wrong is the answer. */
#ifndef FB_TOKEN_TOKEN_H
#define FB_TOKEN_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "config/config.h"
#include "jose/jwk.h"
#include "keys/keyquery.h"
#include "token/header.h"

#define TOKEN_MAX (16 * 1024) /* characters */

struct json_object;

/* Where keys come from: the key cache, or a set in a test. */
struct key_source {
    /* BEARER_OK and a key that stays valid until the next call; or why there is none: see
     * keyset_find(), and BEARER_NO_KEYS. */
    enum bearer_code (*find)(void *context, const struct key_query *query, const struct jwk **key);
    /* Asked before claims that nobody has signed are parsed: that is dear, and strangers can ask
     * for it as often as they like. */
    enum key_outlook (*outlook)(void *context, int64_t now);
    /* Newer keys could be good for a token that was refused: has them fetched for those that come
     * after it. Waits for nothing. */
    void (*renew)(void *context, int64_t now);
    void *context;
};

struct token {
    /* as the header has it (for logs: escape it); empty if none or not reached */
    char kid[JWK_KID_MAX + 1];
    size_t kid_length;
    /* the octets that were signed; set on BEARER_OK only */
    char *payload;
    size_t payload_length;
    /* set on BEARER_OK only */
    struct json_object *claims;
    /* octets of memory that payload and claims take, at most */
    size_t held;
    int64_t from,
        /* set on BEARER_OK only: it is valid while from <= now < until, in seconds since 1970 */
        until;
    /* the version of the list of revoked tokens that does not name it (revocations_find()); 0: none
     * was asked */
    uint64_t unrevoked;
    /* what a caller made of the claims, to find it again with the token (variables_write(), see
     * verifier_rendered()); NULL: nothing yet */
    char *rendered;
    /* for a location that takes several issuers */
    bool rendered_for_several;
};

/* Judges `text` (`length` octets, not NUL-terminated) at `now`. *token is filled, to be released
 * with token_clear() in any case; its claims are there only if the result is BEARER_OK. Every other
 * result is a denial. `memo`, of this configuration, saves reading the same header again. */
enum bearer_code token_verify(const struct config *config, const struct key_source *keys,
                              struct header_memo *memo, const char *text, size_t length,
                              int64_t now, struct token *token);
void token_clear(struct token *token);

/* What a token says that nobody has verified: for who has yet to find out whose it is. The
 * caller's; NULL: it is no token of three segments, the second is not canonical base64url of strict
 * JSON, or out of memory. Of such a token token_verify() gives no BEARER_OK. */
struct json_object *token_claims(const char *text, size_t length);

/* The subject and the client of a verified token, *length octets, borrowed from it; of any other,
 * or where it names none, an empty text. */
const char *token_subject(const struct token *token, size_t *length);
const char *token_client(const struct token *token, size_t *length);

#endif
