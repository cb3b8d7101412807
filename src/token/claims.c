/* SPDX-License-Identifier: MIT */
#include "token/claims.h"

#include <string.h>

#include "json/json.h"
#include "token/issuer.h"
#include "token/user.h"

/* Whether the date lies after `second`. */
static bool is_after(const struct numeric_date *date, int64_t second)
{
    return date->seconds > second || (date->seconds == second && date->fraction);
}

static bool read_date(const struct json_object *claims, const char *name, struct numeric_date *date)
{
    const char *text = js_number_text(claims, name);
    return text != NULL && numeric_date_parse(text, date);
}

/* Whether the claim, a string or an array of nothing but strings, holds one of the accepted
 * audiences. */
static enum bearer_code check_holds(const struct json_object *claims, const struct config *config,
                                    const char *name, enum bearer_code missing,
                                    enum bearer_code wrong)
{
    size_t length = 0;
    const char *text = js_string(claims, name, &length);
    if (text != NULL) {
        return config_has_audience(config, text, length) ? BEARER_OK : wrong;
    }
    const struct json_object *array = js_array(claims, name);
    if (array == NULL) {
        return missing;
    }
    enum bearer_code code = wrong;
    for (size_t i = 0; i < js_array_length(array); i++) {
        text = js_array_string(array, i, &length);
        if (text == NULL) {
            return missing;
        }
        if (config_has_audience(config, text, length)) {
            code = BEARER_OK;
        }
    }
    return code;
}

/* By another claim than aud; but where there is an aud, who is not in it must refuse the token (RFC
 * 7519, section 4.1.3). */
static enum bearer_code check_aud(const struct json_object *claims, const struct config *config)
{
    const bool other = !config_audience_is_aud(config);
    enum bearer_code code = BEARER_OK;
    if (!other || js_type(claims, "aud") != JS_ABSENT) {
        code = check_holds(claims, config, "aud", BEARER_AUD_MISSING, BEARER_AUD_WRONG);
    }
    return code == BEARER_OK && other && !config_audience_is_open(config)
               ? check_holds(claims, config, config->audience_claim, BEARER_AUDIENCE_CLAIM,
                             BEARER_AUDIENCE_CLAIM)
               : code;
}

static enum bearer_code check_exp(const struct json_object *claims, const struct config *config,
                                  int64_t now)
{
    struct numeric_date date;
    if (js_type(claims, "exp") == JS_ABSENT) {
        return BEARER_EXP_MISSING;
    }
    if (!read_date(claims, "exp", &date)) {
        return BEARER_EXP_INVALID;
    }
    return is_after(&date, now - config->leeway) ? BEARER_OK : BEARER_EXPIRED;
}

/* nbf and iat: optional, and not after now + leeway. */
static enum bearer_code check_start(const struct json_object *claims, const char *name,
                                    int64_t latest, enum bearer_code invalid,
                                    enum bearer_code early)
{
    struct numeric_date date;
    if (js_type(claims, name) == JS_ABSENT) {
        return BEARER_OK;
    }
    if (!read_date(claims, name, &date)) {
        return invalid;
    }
    return is_after(&date, latest) ? early : BEARER_OK;
}

/* What a server grants, or to whom, as only access tokens say it. Of another type it says nothing.
 * An empty scope is one: none was granted. */
static bool says_grant(const struct json_object *claims)
{
    return js_type(claims, "scope") == JS_STRING || js_type(claims, "scope") == JS_ARRAY ||
           js_type(claims, "scp") == JS_STRING || js_type(claims, "scp") == JS_ARRAY ||
           js_type(claims, "client_id") == JS_STRING;
}

const char *claims_id_mark(const struct json_object *claims, bool access_token)
{
    static const char *const hashes[] = {"at_hash", "c_hash"};
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
        if (js_type(claims, hashes[i]) != JS_ABSENT) {
            return hashes[i];
        }
    }
    return js_type(claims, "nonce") != JS_ABSENT && !access_token && !says_grant(claims) ? "nonce"
                                                                                         : NULL;
}

const char *claims_lacking(const struct json_object *claims)
{
    static const char *const texts[] = {"sub", "client_id", "jti"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        size_t length = 0;
        if (js_string(claims, texts[i], &length) == NULL || length == 0) {
            return texts[i];
        }
    }
    return js_type(claims, "iat") == JS_NUMBER ? NULL : "iat";
}

const char *claims_client(const struct json_object *claims)
{
    static const char *const names[] = {"azp", "client_id", "cid", "appid"};
    const size_t last = sizeof names / sizeof names[0] - 1;
    size_t i = 0;
    while (i < last && js_type(claims, names[i]) == JS_ABSENT) {
        i++;
    }
    return names[i];
}

/* A sender-constrained token (RFC 8705, RFC 9449), an ID token or an event (RFC 8417) is not what a
 * bearer may show; but an ID token is, where that is configured. */
static enum bearer_code check_kind(const struct json_object *claims, const struct config *config,
                                   bool access_token)
{
    if (js_type(claims, "cnf") != JS_ABSENT) {
        return BEARER_SENDER_CONSTRAINED;
    }
    if (js_type(claims, "events") != JS_ABSENT ||
        (!config->id_tokens && claims_id_mark(claims, access_token) != NULL)) {
        return BEARER_NOT_ACCESS_TOKEN;
    }
    return config->typ_required && claims_lacking(claims) != NULL ? BEARER_CLAIM_LACKING
                                                                  : BEARER_OK;
}

enum bearer_code claims_check(struct json_object *claims, const struct config *config, int64_t now,
                              bool access_token)
{
    enum bearer_code code = issuer_check(claims, config);
    if (code == BEARER_OK) {
        code = check_aud(claims, config);
    }
    if (code == BEARER_OK) {
        code = check_exp(claims, config, now);
    }
    int64_t latest = now + config->leeway;
    if (code == BEARER_OK) {
        code = check_start(claims, "nbf", latest, BEARER_NBF_INVALID, BEARER_NOT_YET_VALID);
    }
    if (code == BEARER_OK) {
        code = check_start(claims, "iat", latest, BEARER_IAT_INVALID, BEARER_IAT_FUTURE);
    }
    if (code == BEARER_OK && js_type(claims, "sub") != JS_ABSENT &&
        js_type(claims, "sub") != JS_STRING) {
        code = BEARER_SUB_INVALID;
    }
    if (code == BEARER_OK) {
        code = check_kind(claims, config, access_token);
    }
    size_t length = 0;
    if (code == BEARER_OK && config->user_claim != NULL &&
        user_find(claims, config, &length) == NULL) {
        code = BEARER_NO_USER;
    }
    return code;
}

/* The first whole second that is not before the date; 0 without one. */
static int64_t first_second(const struct json_object *claims, const char *name)
{
    struct numeric_date date;
    return read_date(claims, name, &date) ? date.seconds + (date.fraction ? 1 : 0) : 0;
}

void claims_validity(const struct json_object *claims, const struct config *config, int64_t *from,
                     int64_t *until)
{
    int64_t nbf = first_second(claims, "nbf");
    int64_t iat = first_second(claims, "iat");
    *from = (nbf > iat ? nbf : iat) - config->leeway;
    *until = first_second(claims, "exp") + config->leeway;
}

bool claims_worth_fetching(const struct json_object *claims, const struct config *config,
                           int64_t now)
{
    return issuer_check(claims, config) == BEARER_OK && check_aud(claims, config) == BEARER_OK &&
           check_exp(claims, config, now) == BEARER_OK;
}
