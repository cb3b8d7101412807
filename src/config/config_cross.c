/* SPDX-License-Identifier: MIT */
#include "config/config_cross.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"
#include "config/config_build.h"
#include "config/config_issuer.h"
#include "config/config_origin.h"
#include "config/config_uri.h"

#define JWKS "/.well-known/jwks.json"

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
    config_find_issuer(build, uri != NULL || config->domain != NULL);
    config_check_tenants(build);
    if (uri != NULL) {
        return;
    }
    if (config->domain != NULL) {
        if (asprintf(&config->jwks_uri, CONFIG_HTTPS "%s" JWKS, config->domain) < 0) {
            config->jwks_uri = NULL;
        }
        config_have_memory(build, config->jwks_uri);
    } else if (config->issuer != NULL && !build->refused[CONFIG_AUTH0_ISSUER]) {
        discover(build, config->issuer);
    }
}

/* Without need of any there may be none: then a token that has an aud is refused. */
static void check_audiences(struct config_build *build)
{
    const enum config_name name = CONFIG_AUTH0_API_AUDIENCE;
    struct config *config = build->config;
    if (config->values[name].text != NULL) {
        return;
    }
    if (config->audience_claim != NULL && config_audience_is_open(config)) {
        config->audiences = calloc(1, sizeof config->audiences[0]);
        (void)config_have_memory(build, config->audiences);
    } else {
        config_refuse(build, name, "is not set; set it to %s", config_row(name)->help);
    }
}

/* RFC 9068, section 4, knows one audience. */
static void check_audience_claim(struct config_build *build)
{
    const struct config *config = build->config;
    if (config->audience_claim != NULL && config->typ_required && !config_audience_is_aud(config)) {
        config_refuse(build, CONFIG_BEARER_AUDIENCE_CLAIM,
                      "names another claim than aud, but an at+jwt (BEARER_TOKEN_TYP) has its "
                      "audience there; remove one of the two settings");
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
    check_audience_claim(build);
    check_times(build);
    if (config->values[CONFIG_BEARER_CACHE_DIR].text == NULL) {
        config->cache_dir = config_default_cache_dir(build->origin);
    }
}
