/* SPDX-License-Identifier: MIT */
#include "config/config_cross.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_build.h"
#include "config/config_origin.h"
#include "config/config_uri.h"

#define JWKS ".well-known/jwks.json"

/* https://`host`/`path`, which belongs to the configuration at once. */
static void keep_url(struct config_build *build, const char *host, const char *path, char **to)
{
    if (asprintf(to, CONFIG_HTTPS "%s/%s", host, path) < 0) {
        *to = NULL;
    }
    config_have_memory(build, *to);
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

/* What is wrong with the text of an issuer: it is fetched from, unless it is only a name
 * (`name_only`). */
static void check_issuer(struct config_build *build, const char *text, bool name_only)
{
    const enum config_name name = CONFIG_AUTH0_ISSUER;
    char shown[CONFIG_SHOWN_MAX];
    const char *why = name_only ? NULL : config_https_fault(text);
    if (why != NULL) {
        config_refuse(build, name, "'%s' %s", config_shown(shown, text), why);
    } else if (!config_is_ascii(text) || strchr(text, ' ') != NULL) {
        config_refuse(build, name, "'%s' holds a space or what is not printable ASCII; write %s",
                      config_shown(shown, text), config_row(name)->help);
    } else {
        warn_slash(build, text, build->config->domain);
    }
}

/* The issuer, of the domain where it is not given. */
static void find_issuer(struct config_build *build, bool name_only)
{
    struct config *config = build->config;
    if (config->values[CONFIG_AUTH0_ISSUER].text != NULL) {
        if (config->issuer != NULL) {
            check_issuer(build, config->issuer, name_only);
        }
    } else if (config->domain != NULL) {
        keep_url(build, config->domain, "", &config->issuer);
    } else if (config->values[CONFIG_AUTH0_DOMAIN].text == NULL) {
        config_refuse(build, CONFIG_AUTH0_DOMAIN,
                      "is not set; set it to %s, or AUTH0_ISSUER to the URL of another issuer",
                      config_row(CONFIG_AUTH0_DOMAIN)->help);
    }
}

/* Only the issuer is known: its metadata say where the keys are (OpenID Connect Discovery, section
 * 4). */
static void discover(struct config_build *build, const char *issuer)
{
    if (strpbrk(issuer, "?#") != NULL) {
        config_refuse(
            build, CONFIG_AUTH0_ISSUER,
            "holds a query or fragment, so its keys cannot be discovered; set BEARER_JWKS_URI too");
        return;
    }
    build->config->discovery_uri = config_discovery_uri(issuer);
    config_have_memory(build, build->config->discovery_uri);
}

static void check_identity(struct config_build *build)
{
    struct config *config = build->config;
    const char *uri = build->config->values[CONFIG_BEARER_JWKS_URI].text;
    find_issuer(build, uri != NULL && config_begins(uri, "file:"));
    if (uri != NULL) {
        return;
    }
    if (config->domain != NULL) {
        keep_url(build, config->domain, JWKS, &config->jwks_uri);
    } else if (config->issuer != NULL && !build->refused[CONFIG_AUTH0_ISSUER]) {
        discover(build, config->issuer);
    }
}

static void check_audiences(struct config_build *build)
{
    const enum config_name name = CONFIG_AUTH0_API_AUDIENCE;
    if (build->config->values[name].text == NULL) {
        config_refuse(build, name, "is not set; set it to %s", config_row(name)->help);
    }
}

static void check_times(struct config_build *build)
{
    const struct config *config = build->config;
    if (config->max_stale >= config->ttl || build->refused[CONFIG_BEARER_JWKS_TTL] ||
        build->refused[CONFIG_BEARER_JWKS_MAX_STALE]) {
        return;
    }
    bool by_ttl = config_given(build, CONFIG_BEARER_JWKS_MAX_STALE) == NULL;
    config_refuse(
        build, by_ttl ? CONFIG_BEARER_JWKS_TTL : CONFIG_BEARER_JWKS_MAX_STALE,
        "keys would be refused (BEARER_JWKS_MAX_STALE, %lld) before they are refreshed "
        "(BEARER_JWKS_TTL, %lld); set BEARER_JWKS_MAX_STALE to %lld or more, or a smaller "
        "BEARER_JWKS_TTL",
        (long long)config->max_stale, (long long)config->ttl, (long long)config->ttl);
}

void config_cross_check(struct config_build *build)
{
    struct config *config = build->config;
    check_identity(build);
    check_audiences(build);
    check_times(build);
    if (config->values[CONFIG_BEARER_CACHE_DIR].text == NULL) {
        config->cache_dir = config_default_cache_dir(build->origin);
    }
}
