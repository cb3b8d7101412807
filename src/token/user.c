/* SPDX-License-Identifier: MIT */
#include "token/user.h"

#include <string.h>

#include "json/json.h"

/* Else whoever signs up with somebody's address would be that somebody. */
static bool email_is_verified(const struct json_object *claims)
{
    size_t length = 0;
    return js_type(claims, "email_verified") == JS_BOOLEAN &&
           strcmp(js_scalar(claims, "email_verified", &length), "true") == 0;
}

const char *user_find(struct json_object *claims, const struct config *config, size_t *length)
{
    const char *name = config->user_claim != NULL ? config->user_claim : "sub";
    char steps[CONFIG_CLAIM_MAX + 1];
    size_t used = 0;
    struct json_object *found = NULL;
    if (claims == NULL || strlen(name) > CONFIG_CLAIM_MAX ||
        !js_path_read(name, strlen(name), steps, &used) ||
        js_follow(claims, steps, used, &found) != JS_FOUND) {
        return NULL;
    }
    const enum js_type type = js_value_type(found);
    const bool text_like = type == JS_STRING || (type == JS_NUMBER && config->user_claim != NULL);
    if (!text_like ||
        (used == sizeof "email" && strcmp(steps, "email") == 0 && !email_is_verified(claims))) {
        return NULL;
    }
    const char *text = js_value_scalar(found, length);
    return text != NULL && *length > 0 ? text : NULL;
}

bool user_needs_issuer(const struct config *config)
{
    return config->tenants != NULL &&
           (config->tenants[1] != NULL || strcmp(config->tenants[0], "*") == 0);
}
