/* SPDX-License-Identifier: MIT */
#include "token/issuer.h"

#include <string.h>

#include "config/config_issuer.h"
#include "json/json.h"

/* The tenant that the claims name; NULL: none that could be one. */
static const char *tenant_of(const struct json_object *claims)
{
    size_t length = 0;
    const char *tid = js_string(claims, "tid", &length);
    return tid != NULL && config_is_tenant(tid, length) ? tid : NULL;
}

bool issuer_is(const char *issuer, const struct json_object *claims)
{
    const char *place = strstr(issuer, CONFIG_TENANT);
    if (place == NULL) {
        return js_string_is(claims, "iss", issuer);
    }
    size_t length = 0;
    const char *iss = js_string(claims, "iss", &length);
    const char *tenant = tenant_of(claims);
    const char *rest = place + strlen(CONFIG_TENANT);
    const size_t before = (size_t)(place - issuer);
    const size_t after = strlen(rest);
    return iss != NULL && tenant != NULL && length == before + CONFIG_TENANT_LENGTH + after &&
           memcmp(iss, issuer, before) == 0 &&
           memcmp(iss + before, tenant, CONFIG_TENANT_LENGTH) == 0 &&
           memcmp(iss + before + CONFIG_TENANT_LENGTH, rest, after) == 0;
}

enum bearer_code issuer_check(const struct json_object *claims, const struct config *config)
{
    if (js_type(claims, "iss") != JS_STRING) {
        return BEARER_ISS_MISSING;
    }
    if (!issuer_is(config->issuer, claims)) {
        return BEARER_ISS_WRONG;
    }
    if (strstr(config->issuer, CONFIG_TENANT) == NULL) {
        return BEARER_OK;
    }
    return config_has_tenant(config, tenant_of(claims)) ? BEARER_OK : BEARER_TENANT;
}
