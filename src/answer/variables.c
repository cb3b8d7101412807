/* SPDX-License-Identifier: MIT */
#include "answer/variables.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "base/utf8.h"
#include "json/json.h"
#include "policy/grants.h"
#include "token/claims.h"
#include "token/user.h"

/* Printable ASCII as it is, all else escaped as in JSON; and so are the characters in `also`. The
 * claims are strict JSON, so that all of it is UTF-8. */
static void put_escaped(struct text *text, const char *bytes, size_t length, const char *also)
{
    const char *end = bytes + length;
    for (const char *at = bytes; at < end;) {
        uint32_t c = 0;
        const size_t octets = utf8_character(at, end, &c);
        if (octets == 0) {
            text->failed = true;
            return;
        }
        if (c < 0x20 || c > 0x7e || strchr(also, (int)c) != NULL) {
            char escape[UTF8_ESCAPED];
            (void)utf8_escape(escape, c);
            text_puts(text, escape);
        } else {
            text_put(text, at, 1);
        }
        at += octets;
    }
}

/* In a value, quotes and backslashes are escaped too, so that what is escaped can be told from what
 * is not. */
#define IN_VALUE "\"\\"
/* In a list with spaces between its items, a space in an item must not make two of it. */
#define IN_ITEM IN_VALUE " "
/* JSON has its own quotes and backslashes. */
#define IN_JSON ""

static void start(struct text *text, const char *name)
{
    text_puts(text, "Variable-");
    text_puts(text, name);
    text_puts(text, ": ");
}

static void finish(struct text *text)
{
    text_puts(text, "\r\n");
}

/* A string member, or nothing. */
static void put_variable(struct text *text, const char *name, const struct json_object *claims,
                         const char *claim)
{
    size_t length = 0;
    const char *value = js_string(claims, claim, &length);
    start(text, name);
    if (value != NULL) {
        put_escaped(text, value, length, IN_VALUE);
    }
    finish(text);
}

/* Of the same sub, each issuer, and each tenant of one, has another user. */
static void put_user(struct text *text, struct json_object *claims, const struct config *config,
                     bool several)
{
    size_t length = 0;
    const char *user = user_find(claims, config, &length);
    start(text, "REMOTE_USER");
    if (user != NULL) {
        put_escaped(text, user, length, IN_VALUE);
    }
    const char *issuer = js_string(claims, "iss", &length);
    if (user != NULL && issuer != NULL && (several || user_needs_issuer(config))) {
        text_puts(text, "@");
        put_escaped(text, issuer, length, IN_VALUE);
    }
    finish(text);
}

/* A string array with spaces between its items. */
static void put_items(struct text *text, const struct json_object *array)
{
    bool first = true;
    for (size_t i = 0; i < js_array_length(array); i++) {
        size_t length = 0;
        const char *item = js_array_string(array, i, &length);
        if (item == NULL) {
            continue;
        }
        if (!first) {
            text_puts(text, " ");
        }
        first = false;
        put_escaped(text, item, length, IN_ITEM);
    }
}

/* One element that is no string makes all of an array grant nothing. */
static bool has_strings_only(const struct json_object *array)
{
    for (size_t i = 0; i < js_array_length(array); i++) {
        if (js_array_type(array, i) != JS_STRING) {
            return false;
        }
    }
    return true;
}

/* As grants_scope() reads it. */
static void put_scope(struct text *text, const struct json_object *claims)
{
    const char *name = grants_scope_claim(claims);
    if (js_type(claims, name) != JS_ARRAY) {
        put_variable(text, "BEARER_SCOPE", claims, name);
        return;
    }
    start(text, "BEARER_SCOPE");
    if (has_strings_only(js_array(claims, name))) {
        put_items(text, js_array(claims, name));
    }
    finish(text);
}

/* Whether the token has it; null, which json-c does not tell from nothing, is a value. */
static bool find_claim(struct json_object *claims, const struct config_claim *claim,
                       struct json_object **value)
{
    char steps[CONFIG_CLAIM_MAX + 1];
    size_t used = 0;
    const size_t length = strlen(claim->path);
    return claims != NULL && length <= CONFIG_CLAIM_MAX &&
           js_path_read(claim->path, length, steps, &used) &&
           js_follow(claims, steps, used, value) == JS_FOUND;
}

static void put_json(struct text *text, struct json_object *value)
{
    size_t length = 0;
    char *json CLEANUP(cleanup_free) = js_text(value, &length);
    text->failed = text->failed || json == NULL;
    if (json != NULL) {
        put_escaped(text, json, length, IN_JSON);
    }
}

static void put_claims(struct text *text, struct json_object *claims,
                       const struct config_claim *forward)
{
    struct json_object *chosen CLEANUP(js_cleanup) = js_new_object();
    text->failed = text->failed || chosen == NULL;
    start(text, "BEARER_CLAIMS");
    for (; claims != NULL && forward != NULL && forward->name != NULL; forward++) {
        struct json_object *value = NULL;
        if (!forward->twice && find_claim(claims, forward, &value) &&
            !js_set_shared(chosen, forward->name, value)) {
            text->failed = true;
            return;
        }
    }
    if (js_has_members(chosen)) {
        put_json(text, chosen);
    }
    finish(text);
}

/* A claim's own variable, which may be another profile's: empty where this one's token has
 * nothing for it. */
static void put_claim(struct text *text, const char *variable, struct json_object *claims,
                      const struct config_claim *forward)
{
    struct json_object *value = NULL;
    size_t length = 0;
    while (claims != NULL && forward != NULL && forward->name != NULL &&
           (forward->clashes || strcmp(forward->variable, variable) != 0)) {
        forward++;
    }
    start(text, variable);
    if (claims != NULL && forward != NULL && forward->name != NULL &&
        find_claim(claims, forward, &value)) {
        const enum js_type type = js_value_type(value);
        const char *scalar = js_value_scalar(value, &length);
        if (scalar != NULL) {
            put_escaped(text, scalar, length, IN_VALUE);
        } else if (type == JS_ARRAY && has_strings_only(value)) {
            put_items(text, value);
        } else {
            put_json(text, value);
        }
    }
    finish(text);
}

char *variables_write(const struct token *token, const struct config *config,
                      const char *const *claim_variables, bool several)
{
    struct json_object *claims = token->claims;
    struct text text = {0};
    const char *client = claims_client(claims);
    const char *exp = js_number_text(claims, "exp");
    put_user(&text, claims, config, several);
    start(&text, "AUTH_TYPE");
    text_puts(&text, claims != NULL ? "Bearer" : "");
    finish(&text);
    put_variable(&text, "BEARER_SUB", claims, "sub");
    put_scope(&text, claims);
    start(&text, "BEARER_PERMISSIONS");
    put_items(&text, js_array(claims, "permissions"));
    finish(&text);
    put_variable(&text, "BEARER_CLIENT_ID", claims, client);
    put_variable(&text, "BEARER_ISSUER", claims, "iss");
    start(&text, "BEARER_PROFILE");
    text_puts(&text, claims != NULL ? config->profile : "");
    finish(&text);
    start(&text, "BEARER_EXP");
    text_puts(&text, exp != NULL ? exp : "");
    finish(&text);
    put_claims(&text, claims, config->forward_claims);
    for (; claim_variables != NULL && *claim_variables != NULL; claim_variables++) {
        put_claim(&text, *claim_variables, claims, config->forward_claims);
    }
    if (text.failed) {
        free(text.bytes);
        return NULL;
    }
    char *fitting = realloc(text.bytes, text.length + 1); /* it may be kept for long */
    return fitting != NULL ? fitting : text.bytes;
}

/* A param's name without what internal redirects have put before it. */
static const char *without_redirects(const char *param)
{
    static const char redirect[] = "REDIRECT_";
    while (strncmp(param, redirect, sizeof redirect - 1) == 0) {
        param += sizeof redirect - 1;
    }
    return param;
}

bool variables_are_kept(char *const *params)
{
    static const char mod_fcgid[] = "FCGI_APACHE_ROLE=ACCESS_CHECKER";
    static const char ours[] = "BEARER_EXP=";
    bool checker = false;
    bool before = false;
    for (; *params != NULL; params++) {
        checker = checker || strcmp(*params, mod_fcgid) == 0;
        before = before || strncmp(without_redirects(*params), ours, sizeof ours - 1) == 0;
    }
    return checker && before;
}

/* Whether a param is "NAME=VALUE" where the line is "Variable-NAME: VALUE". */
static bool is_said(const char *line, size_t length, char *const *params)
{
    const size_t prefix = sizeof "Variable-" - 1;
    const char *colon = memchr(line, ':', length);
    size_t name = (size_t)(colon - line) - prefix;
    const char *value = colon + 2;
    size_t rest = length - (size_t)(value - line);
    for (; *params != NULL; params++) {
        const char *param = without_redirects(*params);
        if (strncmp(param, line + prefix, name) == 0 && param[name] == '=' &&
            strlen(param + name + 1) == rest && memcmp(param + name + 1, value, rest) == 0) {
            return true;
        }
    }
    return false;
}

char *variables_unsaid(const char *lines, char *const *params)
{
    struct text text = {0};
    text_puts(&text, "");
    for (const char *end = strstr(lines, "\r\n"); end != NULL; end = strstr(lines, "\r\n")) {
        if (!is_said(lines, (size_t)(end - lines), params)) {
            text_put(&text, lines, (size_t)(end + 2 - lines));
        }
        lines = end + 2;
    }
    if (text.failed) {
        free(text.bytes);
        return NULL;
    }
    return text.bytes;
}
