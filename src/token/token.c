/* SPDX-License-Identifier: MIT */
#include "token/token.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/memory.h"
#include "jose/base64url.h"
#include "jose/jws.h"
#include "json/json.h"
#include "token/claims.h"
#include "token/issuer.h"

/* The token on its way through the checks. Everything in it is released by clear_parts(). */
struct parts {
    /* borrowed */
    const char *text;
    size_t header_span;
    /* header.payload: what the signature is over */
    size_t signed_span;
    struct header header;
    /* the header, from the memo */
    bool recalled;
    /* decoded header (unless recalled), payload, signature */
    unsigned char *octets[3];
    size_t lengths[3];
    /* NULL until needed */
    struct json_object *claims;
    /* what they take of memory */
    size_t claims_held;
    struct key_query query;
};

enum { HEADER, PAYLOAD, SIGNATURE };

static void clear_parts(struct parts *parts)
{
    for (int i = HEADER; i <= SIGNATURE; i++) {
        free(parts->octets[i]);
    }
    js_free(parts->claims);
}

/* Compact serialization (RFC 7515, section 7.1): three non-empty segments. */
static enum bearer_code split(const char *text, size_t length, const char *segments[3],
                              size_t lengths[3])
{
    const char *end = text + length;
    for (int i = HEADER; i <= SIGNATURE; i++) {
        const char *dot = memchr(text, '.', (size_t)(end - text));
        if ((dot == NULL) != (i == SIGNATURE)) {
            return BEARER_TOKEN_SEGMENTS;
        }
        const char *stop = dot != NULL ? dot : end;
        if (stop == text) {
            return BEARER_TOKEN_SEGMENTS;
        }
        segments[i] = text;
        lengths[i] = (size_t)(stop - text);
        text = stop + 1;
    }
    return BEARER_OK;
}

static enum bearer_code decode(struct parts *parts, const char *text, size_t length,
                               const struct header_memo *memo)
{
    const char *segments[3];
    size_t lengths[3];
    if (length > TOKEN_MAX) {
        return BEARER_TOKEN_TOO_LONG;
    }
    enum bearer_code code = split(text, length, segments, lengths);
    if (code != BEARER_OK) {
        return code;
    }
    parts->recalled = header_recall(memo, segments[HEADER], lengths[HEADER], &parts->header);
    for (int i = parts->recalled ? PAYLOAD : HEADER; i <= SIGNATURE; i++) {
        parts->octets[i] = malloc(BASE64URL_DECODED_MAX(lengths[i]));
        if (parts->octets[i] == NULL) {
            return BEARER_DENIED;
        }
        if (!base64url_decode(segments[i], lengths[i], parts->octets[i], &parts->lengths[i])) {
            return BEARER_TOKEN_BASE64;
        }
    }
    parts->text = text;
    parts->header_span = lengths[HEADER];
    parts->signed_span = lengths[HEADER] + 1 + lengths[PAYLOAD];
    return BEARER_OK;
}

/* The payload, if that has not been done. `refused` is what it is if it is not strict JSON. */
static enum bearer_code parse_claims(struct parts *parts, enum bearer_code refused)
{
    const char *why = NULL;
    if (parts->claims == NULL) {
        parts->claims = js_parse_held((const char *)parts->octets[PAYLOAD], parts->lengths[PAYLOAD],
                                      &why, &parts->claims_held);
    }
    return parts->claims != NULL ? BEARER_OK : why == js_no_memory ? BEARER_DENIED : refused;
}

/* What the header asks for, in the query; its kid also in *token, whatever comes of it. */
static enum bearer_code read_header(struct parts *parts, const struct config *config,
                                    struct token *token)
{
    struct header *header = &parts->header;
    enum bearer_code code = parts->recalled ? BEARER_OK
                                            : header_check(parts->octets[HEADER],
                                                           parts->lengths[HEADER], config, header);
    memcpy(token->kid, header->kid, header->kid_length);
    token->kid_length = header->kid_length;
    parts->query.kid = header->kid_length > 0 ? token->kid : NULL;
    parts->query.kid_length = header->kid_length;
    parts->query.alg = header->alg;
    return code;
}

/* The key the header names. An unknown kid is asked for again, with leave to fetch, if that could
 * help and the claims look as if they were for us. */
static enum bearer_code find_key(struct parts *parts, const struct config *config,
                                 const struct key_source *keys, const struct jwk **key)
{
    enum bearer_code code = keys->find(keys->context, &parts->query, key);
    if (code != BEARER_KID_UNKNOWN ||
        keys->outlook(keys->context, parts->query.now) == OUTLOOK_SETTLED) {
        return code;
    }
    enum bearer_code parsed = parse_claims(parts, code);
    if (parsed != BEARER_OK || !claims_worth_fetching(parts->claims, config, parts->query.now)) {
        return parsed != BEARER_OK ? parsed : code;
    }
    parts->query.may_fetch = true;
    return keys->find(keys->context, &parts->query, key);
}

/* What newer keys could mend: another key under the same kid, the one key of an issuer that names
 * none. Whoever shows such a token does not wait for them - it may be a forger's, and they would
 * hold every worker - but whoever comes after has them. */
static void doubt_keys(struct parts *parts, const struct config *config,
                       const struct key_source *keys, enum bearer_code code)
{
    bool mendable = code == BEARER_SIGNATURE || code == BEARER_KID_MISSING ||
                    code == BEARER_KEY_UNFIT || code == BEARER_KEY_AMBIGUOUS;
    int64_t now = parts->query.now;
    if (mendable && keys->outlook(keys->context, now) == OUTLOOK_OPEN &&
        parse_claims(parts, code) == BEARER_OK &&
        claims_worth_fetching(parts->claims, config, now)) {
        keys->renew(keys->context, now);
    }
}

static enum bearer_code judge(struct parts *parts, const struct config *config,
                              const struct key_source *keys, struct header_memo *memo,
                              struct token *token)
{
    enum bearer_code code = read_header(parts, config, token);
    if (code != BEARER_OK) {
        return code;
    }
    const struct jwk *key = NULL;
    code = find_key(parts, config, keys, &key);
    if (code == BEARER_OK) {
        code = jws_verify(key, parts->query.alg, parts->text, parts->signed_span,
                          parts->octets[SIGNATURE], parts->lengths[SIGNATURE]);
    }
    if (code != BEARER_OK) {
        doubt_keys(parts, config, keys, code);
        return code;
    }
    if (!parts->recalled) {
        header_remember(memo, parts->text, parts->header_span, &parts->header);
    }
    code = parse_claims(parts, BEARER_CLAIMS_JSON);
    if (code == BEARER_OK) {
        code = claims_check(parts->claims, config, parts->query.now, parts->header.access_token);
    }
    const char *bound = jwk_issuer(key);
    return code == BEARER_OK && bound != NULL && !issuer_is(bound, parts->claims)
               ? BEARER_KEY_ISSUER
               : code;
}

enum bearer_code token_verify(const struct config *config, const struct key_source *keys,
                              struct header_memo *memo, const char *text, size_t length,
                              int64_t now, struct token *token)
{
    struct parts parts CLEANUP(clear_parts) = {.query = {.now = now}};
    *token = (struct token){0};
    enum bearer_code code = decode(&parts, text, length, memo);
    if (code == BEARER_OK) {
        code = judge(&parts, config, keys, memo, token);
    }
    if (code == BEARER_OK) {
        claims_validity(parts.claims, config, &token->from, &token->until);
        token->claims = steal(&parts.claims);
        token->held =
            parts.claims_held + memory_block(parts.lengths[PAYLOAD] + BASE64URL_DECODED_MAX(0));
        token->payload_length = parts.lengths[PAYLOAD];
        token->payload = (char *)steal(&parts.octets[PAYLOAD]);
    }
    return code;
}

struct json_object *token_claims(const char *text, size_t length)
{
    const char *segments[3];
    size_t lengths[3];
    size_t decoded = 0;
    if (length > TOKEN_MAX || split(text, length, segments, lengths) != BEARER_OK) {
        return NULL;
    }
    unsigned char *octets CLEANUP(cleanup_free) = malloc(BASE64URL_DECODED_MAX(lengths[PAYLOAD]));
    return octets != NULL && base64url_decode(segments[PAYLOAD], lengths[PAYLOAD], octets, &decoded)
               ? js_parse((const char *)octets, decoded, NULL)
               : NULL;
}

void token_clear(struct token *token)
{
    free(token->payload);
    free(token->rendered);
    js_free(token->claims);
    *token = (struct token){0};
}

static const char *member_of(const struct token *token, const char *claim, size_t *length)
{
    const char *text = js_string(token->claims, claim, length);
    if (text == NULL) {
        *length = 0;
        return "";
    }
    return text;
}

const char *token_subject(const struct token *token, size_t *length)
{
    return member_of(token, "sub", length);
}

const char *token_client(const struct token *token, size_t *length)
{
    return member_of(token, claims_client(token->claims), length);
}
