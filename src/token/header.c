/* SPDX-License-Identifier: MIT */
#include "token/header.h"

#include <string.h>

#include "base/ascii.h"
#include "base/cleanup.h"
#include "json/json.h"

static bool equals_ignoring_case(const char *text, size_t length, const char *lower)
{
    if (strlen(lower) != length) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (ascii_lower(text[i]) != lower[i]) {
            return false;
        }
    }
    return true;
}

bool header_is_access_token(const struct json_object *header)
{
    size_t length = 0;
    const char *typ = js_string(header, "typ", &length);
    return typ != NULL && (equals_ignoring_case(typ, length, "at+jwt") ||
                           equals_ignoring_case(typ, length, "application/at+jwt"));
}

/* `typ`: that of an access token; or, where that is not required, absent or that of a JWT (RFC
 * 7519, section 5.1). */
static bool good_typ(const struct json_object *header, const struct config *config)
{
    size_t length = 0;
    const char *typ = js_string(header, "typ", &length);
    bool plain = js_type(header, "typ") == JS_ABSENT ||
                 (typ != NULL && equals_ignoring_case(typ, length, "jwt"));
    return header_is_access_token(header) || (plain && !config->typ_required);
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

static enum bearer_code check_kid(const struct json_object *object, struct header *header)
{
    if (js_type(object, "kid") == JS_ABSENT) {
        return BEARER_OK;
    }
    size_t length = 0;
    const char *kid = js_string(object, "kid", &length);
    if (kid == NULL || length == 0 || length > JWK_KID_MAX) {
        return BEARER_HEADER_KID;
    }
    memcpy(header->kid, kid, length);
    header->kid[length] = '\0';
    header->kid_length = length;
    return BEARER_OK;
}

enum bearer_code header_check(const unsigned char *octets, size_t length,
                              const struct config *config, struct header *header)
{
    const char *why = NULL;
    *header = (struct header){0};
    struct json_object *object CLEANUP(js_cleanup) = js_parse((const char *)octets, length, &why);
    if (object == NULL) {
        return why == js_no_memory ? BEARER_DENIED : BEARER_HEADER_JSON;
    }
    enum bearer_code code =
        check_kid(object, header); /* first, so that every later denial can be logged with it */
    if (code == BEARER_OK) {
        code = check_alg(object, config, &header->alg);
    }
    if (code == BEARER_OK && !good_typ(object, config)) {
        code = BEARER_HEADER_TYP;
    }
    header->access_token = header_is_access_token(object);
    if (code == BEARER_OK && has_unsupported(object)) {
        code = BEARER_HEADER_UNSUPPORTED;
    }
    return code;
}

bool header_recall(const struct header_memo *memo, const char *segment, size_t length,
                   struct header *header)
{
    if (length != memo->length || memcmp(segment, memo->segment, length) != 0) {
        return false;
    }
    *header = memo->header;
    return true;
}

void header_remember(struct header_memo *memo, const char *segment, size_t length,
                     const struct header *header)
{
    if (length <= sizeof memo->segment) {
        memcpy(memo->segment, segment, length);
        memo->length = length;
        memo->header = *header;
    }
}
