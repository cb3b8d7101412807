#include "token.h"

#include <stdlib.h>
#include <string.h>

#include "base64url.h"
#include "claims.h"
#include "cleanup.h"
#include "json.h"
#include "jws.h"

/* The token on its way through the checks. Everything in it is released by clear_parts(). */
struct parts {
    const char *text;         /* borrowed */
    size_t signed_span;       /* header.payload: what the signature is over */
    unsigned char *octets[3]; /* decoded header, payload, signature */
    size_t lengths[3];
    struct json_object *header;
    struct json_object *claims; /* NULL until needed */
    struct key_query query;
};

enum { HEADER, PAYLOAD, SIGNATURE };

static void clear_parts(struct parts *parts)
{
    for (int i = HEADER; i <= SIGNATURE; i++) {
        free(parts->octets[i]);
    }
    js_free(parts->header);
    js_free(parts->claims);
}

/* Compact serialization (RFC 7515, section 7.1): three non-empty segments. */
static enum bearer_code split(const char *text, size_t length, const char *segments[3], size_t lengths[3])
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

static enum bearer_code decode(struct parts *parts, const char *text, size_t length)
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
    for (int i = HEADER; i <= SIGNATURE; i++) {
        parts->octets[i] = malloc(BASE64URL_DECODED_MAX(lengths[i]));
        if (parts->octets[i] == NULL) {
            return BEARER_DENIED;
        }
        if (!base64url_decode(segments[i], lengths[i], parts->octets[i], &parts->lengths[i])) {
            return BEARER_TOKEN_BASE64;
        }
    }
    parts->text = text;
    parts->signed_span = lengths[HEADER] + 1 + lengths[PAYLOAD];
    return BEARER_OK;
}

static bool equals_ignoring_case(const char *text, size_t length, const char *lower)
{
    if (strlen(lower) != length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        if (c >= 'A' && c <= 'Z') {
            c = (char)(c - 'A' + 'a');
        }
        if (c != lower[i]) {
            return false;
        }
    }
    return true;
}

/* `typ`: absent, or that of a JWT (RFC 7519, section 5.1) or of an access token (RFC 9068, section 2.1). */
static bool good_typ(const struct json_object *header)
{
    if (js_type(header, "typ") == JS_ABSENT) {
        return true;
    }
    size_t length = 0;
    const char *typ = js_string(header, "typ", &length);
    return typ != NULL &&
           (equals_ignoring_case(typ, length, "jwt") || equals_ignoring_case(typ, length, "at+jwt") ||
            equals_ignoring_case(typ, length, "application/at+jwt"));
}

/* Members that would change what the token means; whatever they say, we do not do it. */
static bool has_unsupported(const struct json_object *header)
{
    static const char *const names[] = {"crit", "b64", "zip", "enc", "cty"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (js_type(header, names[i]) != JS_ABSENT) {
            return true;
        }
    }
    return false;
}

static enum bearer_code check_alg(const struct json_object *header, const struct config *config,
                                  enum jwa *alg)
{
    size_t length = 0;
    const char *name = js_string(header, "alg", &length);
    if (name == NULL || length == 0) {
        return BEARER_HEADER_ALG;
    }
    *alg = jwa_parse(name, length);
    bool configured = *alg != JWA_UNKNOWN && (config->algs & JWA_BIT(*alg)) != 0;
    return configured ? BEARER_OK : BEARER_ALG_NOT_ALLOWED;
}

static enum bearer_code check_kid(struct parts *parts, struct token *token)
{
    if (js_type(parts->header, "kid") == JS_ABSENT) {
        return BEARER_OK;
    }
    size_t length = 0;
    const char *kid = js_string(parts->header, "kid", &length);
    if (kid == NULL || length == 0 || length > JWK_KID_MAX) {
        return BEARER_HEADER_KID;
    }
    memcpy(token->kid, kid, length);
    token->kid[length] = '\0';
    token->kid_length = length;
    parts->query.kid = kid;
    parts->query.kid_length = length;
    return BEARER_OK;
}

/* One of the two JSON segments; `refused` is what it is if it is not strict JSON. */
static enum bearer_code parse(const struct parts *parts, int segment, enum bearer_code refused,
                              struct json_object **object)
{
    const char *why = NULL;
    *object = js_parse((const char *)parts->octets[segment], parts->lengths[segment], &why);
    if (*object != NULL) {
        return BEARER_OK;
    }
    return why == js_no_memory ? BEARER_DENIED : refused;
}

static enum bearer_code check_header(struct parts *parts, const struct config *config, struct token *token)
{
    enum bearer_code code = parse(parts, HEADER, BEARER_HEADER_JSON, &parts->header);
    if (code == BEARER_OK) {
        code = check_kid(parts, token); /* first, so that every later denial can be logged with it */
    }
    if (code == BEARER_OK) {
        code = check_alg(parts->header, config, &parts->query.alg);
    }
    if (code == BEARER_OK && !good_typ(parts->header)) {
        code = BEARER_HEADER_TYP;
    }
    if (code == BEARER_OK && has_unsupported(parts->header)) {
        code = BEARER_HEADER_UNSUPPORTED;
    }
    return code;
}

/* The key the header names. An unknown kid is asked for again, with leave to fetch, if the claims look as if they were for us. */
static enum bearer_code find_key(struct parts *parts, const struct config *config,
                                 const struct key_source *keys, const struct jwk **key)
{
    enum bearer_code code = keys->find(keys->context, &parts->query, key);
    if (code != BEARER_KID_UNKNOWN) {
        return code;
    }
    enum bearer_code parsed = parse(parts, PAYLOAD, code, &parts->claims);
    if (parsed != BEARER_OK || !claims_worth_fetching(parts->claims, config, parts->query.now)) {
        return parsed != BEARER_OK ? parsed : code;
    }
    parts->query.may_fetch = true;
    return keys->find(keys->context, &parts->query, key);
}

static enum bearer_code judge(struct parts *parts, const struct config *config, const struct key_source *keys,
                              struct token *token)
{
    enum bearer_code code = check_header(parts, config, token);
    if (code != BEARER_OK) {
        return code;
    }
    const struct jwk *key = NULL;
    code = find_key(parts, config, keys, &key);
    if (code != BEARER_OK) {
        return code;
    }
    code = jws_verify(key, parts->query.alg, parts->text, parts->signed_span, parts->octets[SIGNATURE],
                      parts->lengths[SIGNATURE]);
    if (code != BEARER_OK) {
        return code;
    }
    if (parts->claims == NULL) {
        code = parse(parts, PAYLOAD, BEARER_CLAIMS_JSON, &parts->claims);
    }
    return code != BEARER_OK ? code : claims_check(parts->claims, config, parts->query.now);
}

enum bearer_code token_verify(const struct config *config, const struct key_source *keys, const char *text,
                              size_t length, int64_t now, struct token *token)
{
    struct parts parts CLEANUP(clear_parts) = {.query = {.now = now}};
    *token = (struct token){0};
    enum bearer_code code = decode(&parts, text, length);
    if (code == BEARER_OK) {
        code = judge(&parts, config, keys, token);
    }
    if (code == BEARER_OK) {
        claims_validity(parts.claims, config, &token->from, &token->until);
        token->claims = steal(&parts.claims);
        token->payload_length = parts.lengths[PAYLOAD];
        token->payload = (char *)steal(&parts.octets[PAYLOAD]);
    }
    return code;
}

void token_clear(struct token *token)
{
    free(token->payload);
    free(token->rendered);
    js_free(token->claims);
    *token = (struct token){0};
}
