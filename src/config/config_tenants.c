/* SPDX-License-Identifier: MIT */
/* An issuer with many tenants, of which BEARER_TENANTS says who may. */
#include <string.h>

#include "base/ascii.h"
#include "config/config.h"
#include "config/config_build.h"
#include "config/config_issuer.h"
#include "config/config_list.h"

#define ANY "*"

bool config_is_tenant(const char *text, size_t length)
{
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (length != CONFIG_TENANT_LENGTH) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        const bool hex = text[i] != '\0' && strchr("0123456789abcdef", text[i]) != NULL;
        if (form[i] == 'x' ? !hex : text[i] != '-') {
            return false;
        }
    }
    return true;
}

bool config_has_tenant(const struct config *config, const char *tenant)
{
    for (size_t i = 0; tenant != NULL && config->tenants != NULL && config->tenants[i] != NULL;
         i++) {
        if (strcmp(config->tenants[i], ANY) == 0 ||
            memcmp(config->tenants[i], tenant, CONFIG_TENANT_LENGTH) == 0) {
            return true;
        }
    }
    return false;
}

static void check_tenant(struct config_build *build, enum config_name name, const char *text)
{
    char shown[CONFIG_SHOWN_MAX];
    char lower[CONFIG_TENANT_LENGTH + 1];
    if (config_is_tenant(text, strlen(text))) {
        return;
    }
    if (strlen(text) == CONFIG_TENANT_LENGTH) {
        memcpy(lower, text, sizeof lower);
        ascii_make_lower(lower);
        if (config_is_tenant(lower, CONFIG_TENANT_LENGTH)) {
            config_refuse(build, name, "'%s' has to be in lower case, as `tid` has it: %s",
                          config_shown(shown, text), lower);
            return;
        }
    }
    config_refuse(build, name, "'%s' is not the id of a tenant; write %s",
                  config_shown(shown, text), config_row(name)->help);
}

void config_take_tenants(struct config_build *build, enum config_name name, const char *text,
                         void *field)
{
    char ***tenants = field;
    const unsigned errors = build->errors;
    config_take_list(build, name, text, field);
    for (size_t i = 0; *tenants != NULL && (*tenants)[i] != NULL && build->errors == errors; i++) {
        if (strcmp((*tenants)[i], ANY) != 0) {
            check_tenant(build, name, (*tenants)[i]);
        } else if ((*tenants)[1] != NULL) {
            config_refuse(build, name,
                          "* stands for every tenant: write it alone, or leave it out");
        }
    }
}

void config_check_tenants(struct config_build *build)
{
    const struct config *config = build->config;
    const char *issuer = config_given(build, CONFIG_AUTH0_ISSUER);
    const char *place = issuer != NULL ? strstr(issuer, CONFIG_TENANT) : NULL;
    const char *given = config->values[CONFIG_BEARER_TENANTS].text;
    if (place == NULL) {
        if (given != NULL && !build->refused[CONFIG_AUTH0_ISSUER]) {
            config_refuse(build, CONFIG_BEARER_TENANTS,
                          "is for an AUTH0_ISSUER with " CONFIG_TENANT " in it, for example "
                          "https://login.microsoftonline.com/" CONFIG_TENANT
                          "/v2.0; write that, or "
                          "remove this");
        } else if (issuer != NULL && strpbrk(issuer, "{}") != NULL) {
            config_warn(build, CONFIG_AUTH0_ISSUER,
                        "holds braces, and is compared as it stands: what stands for the tenant of "
                        "a token is " CONFIG_TENANT);
        }
        return;
    }
    if (strstr(place + 1, CONFIG_TENANT) != NULL) {
        config_refuse(build, CONFIG_AUTH0_ISSUER, "holds " CONFIG_TENANT " twice; write it once");
    } else if (given == NULL) {
        config_refuse(build, CONFIG_BEARER_TENANTS,
                      "is not set, but AUTH0_ISSUER holds " CONFIG_TENANT ": set it to %s",
                      config_row(CONFIG_BEARER_TENANTS)->help);
    } else if (config->values[CONFIG_BEARER_JWKS_URI].text == NULL) {
        config_refuse(build, CONFIG_BEARER_JWKS_URI,
                      "is not set, but by an AUTH0_ISSUER with " CONFIG_TENANT
                      " no keys are found: "
                      "set it to where those of all tenants are, for example "
                      "https://login.microsoftonline.com/common/discovery/v2.0/keys");
    }
}

/* The character at this place of an issuer: a digit of a tenant's id is '\1'. */
static char at_place(const char *issuer, const char *place, size_t i)
{
    static const char form[] =
        "\1\1\1\1\1\1\1\1-\1\1\1\1-\1\1\1\1-\1\1\1\1-\1\1\1\1\1\1\1\1\1\1\1\1";
    const size_t before = place != NULL ? (size_t)(place - issuer) : strlen(issuer);
    if (i < before) {
        return issuer[i];
    }
    return i < before + CONFIG_TENANT_LENGTH
               ? form[i - before]
               : issuer[i - CONFIG_TENANT_LENGTH + strlen(CONFIG_TENANT)];
}

static size_t length_of(const char *issuer, const char *place)
{
    return strlen(issuer) + (place != NULL ? CONFIG_TENANT_LENGTH - strlen(CONFIG_TENANT) : 0);
}

bool config_issuers_meet(const char *one, const char *other)
{
    const char *first = strstr(one, CONFIG_TENANT);
    const char *second = strstr(other, CONFIG_TENANT);
    const size_t length = length_of(one, first);
    if (length != length_of(other, second)) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        const char a = at_place(one, first, i);
        const char b = at_place(other, second, i);
        const char plain = a == '\1' ? b : a;
        const bool digit = strchr("0123456789abcdef\1", plain) != NULL;
        if (a != b && ((a != '\1' && b != '\1') || !digit)) {
            return false;
        }
    }
    return true;
}
