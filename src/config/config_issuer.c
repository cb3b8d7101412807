/* SPDX-License-Identifier: MIT */
#include "config/config_issuer.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "config/config_build.h"
#include "config/config_uri.h"

const char *config_issuer_fault(const char *text)
{
    const char *end = text + strlen(text);
    size_t characters = 0;
    uint32_t point = 0;
    for (size_t octets = 0; text < end; text += octets, characters++) {
        octets = utf8_character(text, end, &point);
        if (octets == 0) {
            return "is not text in UTF-8";
        }
        if (!utf8_is_visible(point)) {
            return "holds a space, or a character that is not visible";
        }
    }
    return characters >= 1 && characters <= CONFIG_ISSUER_MAX ? NULL
                                                              : "is longer than 512 characters";
}

bool config_is_visible(const char *text)
{
    const char *end = text + strlen(text);
    uint32_t point = 0;
    for (size_t octets = 0; text < end; text += octets) {
        octets = utf8_character(text, end, &point);
        if (octets == 0 || !utf8_is_visible(point)) {
            return false;
        }
    }
    return true;
}

/* Beside AUTH0_DOMAIN an issuer is only compared: one that names the domain by another scheme is
 * taken, and fits no token that the domain issues. */
static void warn_scheme(struct config_build *build, const char *issuer, const char *domain)
{
    static const char plain[] = "http://";
    if (domain == NULL || !config_begins(issuer, plain)) {
        return;
    }
    const char *rest = issuer + sizeof plain - 1;
    size_t length = strlen(domain);
    if (strncmp(rest, domain, length) == 0 && (rest[length] == '\0' || rest[length] == '/')) {
        config_warn(build, CONFIG_AUTH0_ISSUER,
                    "is plain http, but the tokens of %s are issued by https://%s/; write that, "
                    "or remove AUTH0_ISSUER",
                    domain, domain);
    }
}

/* Auth0's issuers end in a slash; without it no token would fit. */
static void warn_slash(struct config_build *build, const char *issuer, const char *domain)
{
    static const char auth0[] = ".auth0.com";
    if (!config_begins(issuer, CONFIG_HTTPS) ||
        strchr(issuer + strlen(CONFIG_HTTPS), '/') != NULL) {
        return;
    }
    const char *host = issuer + strlen(CONFIG_HTTPS);
    size_t length = strlen(host);
    size_t tail = sizeof auth0 - 1;
    if ((domain != NULL && strcmp(host, domain) == 0) ||
        (length > tail && strcmp(host + length - tail, auth0) == 0)) {
        config_warn(
            build, CONFIG_AUTH0_ISSUER,
            "has no slash at its end, but the tokens of %s are issued by https://%s/; write that, "
            "with the slash, or remove AUTH0_ISSUER and set AUTH0_DOMAIN",
            host, host);
    }
}

static void check(struct config_build *build, const char *text, bool only_compared)
{
    const enum config_name name = CONFIG_AUTH0_ISSUER;
    char shown[CONFIG_SHOWN_MAX];
    /* Without a place for its keys that is what is said, and no more (config_check_tenants()). */
    only_compared = only_compared || strstr(text, CONFIG_TENANT) != NULL;
    const char *why = only_compared ? NULL : config_https_fault(text);
    why = why != NULL ? why : config_issuer_fault(text);
    config_shown(shown, text);
    if (why == NULL) {
        warn_slash(build, text, build->config->domain);
        warn_scheme(build, text, build->config->domain);
    } else if (only_compared) {
        config_refuse(build, name, "'%s' %s; write %s", shown, why, config_row(name)->help);
    } else if (config_issuer_fault(text) == NULL) {
        config_refuse(build, name,
                      "'%s' %s. If that is its name to the letter, set BEARER_JWKS_URI to where "
                      "its keys are: then the name is only compared",
                      shown, why);
    } else {
        config_refuse(build, name, "'%s' %s", shown, why);
    }
}

void config_find_issuer(struct config_build *build, bool only_compared)
{
    struct config *config = build->config;
    if (config->values[CONFIG_AUTH0_ISSUER].text != NULL) {
        if (config->issuer != NULL) {
            check(build, config->issuer, only_compared);
        }
    } else if (config->domain != NULL) {
        if (asprintf(&config->issuer, CONFIG_HTTPS "%s/", config->domain) < 0) {
            config->issuer = NULL;
        }
        config_have_memory(build, config->issuer);
    } else if (config->values[CONFIG_AUTH0_DOMAIN].text == NULL) {
        config_refuse(build, CONFIG_AUTH0_DOMAIN,
                      "is not set; set it to %s, or AUTH0_ISSUER to the URL of another issuer",
                      config_row(CONFIG_AUTH0_DOMAIN)->help);
    }
}
