/* SPDX-License-Identifier: MIT */
/* explain: how to mend an iss that is not the configured one. Each line that is told to be written
 * is one that is accepted. */
#include <string.h>

#include "config/config_file.h"
#include "config/config_issuer.h"
#include "config/config_uri.h"
#include "ctl/explain/explain.h"
#include "ctl/fetch/slash.h"
#include "token/issuer.h"

/* While AUTH0_DOMAIN is set the keys are those of the domain, whatever the issuer; and
 * BEARER_TENANTS is for an issuer that has tenants. */
static const char *without_domain(const struct config *config)
{
    if (config->values[CONFIG_BEARER_TENANTS].text != NULL) {
        return "; remove BEARER_TENANTS";
    }
    return config->values[CONFIG_AUTH0_DOMAIN].text != NULL ? "; remove AUTH0_DOMAIN" : "";
}

/* What else has to be set for the issuer of an https:// URL to be the configured one. */
static void add_issuer_keys(const struct explain *explain, struct line *line, const char *theirs)
{
    const struct config *config = explain->config;
    line_add(line, "%s", without_domain(config));
    if (config->jwks_file != NULL) {
        line_add(line, "; its keys have to be in the file of BEARER_JWKS_URI");
    } else if (strpbrk(theirs, "?#") != NULL) {
        line_add(line, "; set BEARER_JWKS_URI to where its keys are");
    } else if (config->values[CONFIG_BEARER_JWKS_URI].text != NULL) {
        line_add(line, "; remove BEARER_JWKS_URI, or set it to where its keys are");
    }
}

const struct config *explain_profile_of(const struct explain *explain)
{
    const struct config *config = explain->all;
    while (config != NULL && !issuer_is(config->issuer, explain->claims)) {
        config = config->next;
    }
    return config;
}

void explain_mend_issuer(struct explain *explain)
{
    struct line *line = explain_new_mend(explain);
    char value[CONFIG_ITEM_MAX];
    size_t length = 0;
    const char *theirs = js_string(explain->claims, "iss", &length);
    bool slash = theirs != NULL && differ_by_slash(theirs, length, explain->config->issuer);
    const struct config *profile = explain_profile_of(explain);
    if (profile != NULL) {
        line_add(line,
                 "the token is of the profile %s, which was not asked: a location takes it if its "
                 "BEARER_PROFILE names that (bearerctl explain --profile %s)",
                 profile->profile, profile->profile);
    } else if (theirs == NULL || length == 0) {
        line_add(line,
                 "this is not an access token of any issuer: ask the configured one for a token");
    } else if (strlen(theirs) != length || config_issuer_fault(theirs) != NULL) {
        line_add(line, "the token is of another issuer, whose name cannot be configured: ask the "
                       "configured one for a token");
    } else if (!config_file_value(value, theirs)) {
        line_add(line, "the token is of another issuer or tenant, whose name is too long for this "
                       "line, or holds ${ or $(: ask the configured one; or, if that one is yours "
                       "as well, set AUTH0_ISSUER in single quotes to the iss of the token");
    } else if (slash && (config_is_https(theirs) || explain->config->discovery_uri == NULL)) {
        line_add(
            line,
            "the issuer differs only by the trailing slash: set AUTH0_ISSUER to the iss of the "
            "token, letter by letter: AUTH0_ISSUER=%s%s",
            value, without_domain(explain->config));
    } else if (config_is_https(theirs)) {
        line_add(
            line,
            "the token is of another issuer or tenant: ask the configured one; or, if that one is "
            "yours as well, AUTH0_ISSUER=%s",
            value);
        add_issuer_keys(explain, line, theirs);
    } else {
        line_add(line,
                 "the token is of another issuer or tenant: ask the configured one; or, if that "
                 "one is yours as well, set BEARER_JWKS_URI to where its keys are (https://, or "
                 "file:///PATH), as its name is no https:// URL, and AUTH0_ISSUER=%s%s",
                 value, without_domain(explain->config));
    }
    if (theirs != NULL && !config_is_ascii(theirs)) {
        line_add(line, "; not all of it is ASCII: is it the name that you know, or one that looks "
                       "like it?");
    }
}

/* The tenant is one of the issuer's, but none of those that are configured. */
void explain_mend_tenant(struct explain *explain)
{
    struct line *line = explain_new_mend(explain);
    const char *given = explain->config->values[CONFIG_BEARER_TENANTS].text;
    const char *tenant = js_string(explain->claims, "tid", NULL);
    line_add(line,
             "the token is of another tenant: ask for one of an accepted tenant; or, if this one "
             "is to have access, add it: BEARER_TENANTS=\"%s %s\"",
             given != NULL ? given : "", tenant != NULL ? tenant : "");
}

void explain_mend_user(struct explain *explain)
{
    struct line *line = explain_new_mend(explain);
    const char *name = explain->config->user_claim;
    const bool email = strcmp(name, "email") == 0 || strcmp(name, "/email") == 0;
    line_add(line, "BEARER_USER_CLAIM names %s, which is to be REMOTE_USER: ", name);
    if (email && js_type(explain->claims, "email") == JS_STRING) {
        line_add(line, "email is there, but counts only with email_verified true; have the issuer "
                       "verify it and write that, or name another claim, such as sub");
    } else {
        line_add(line,
                 "the token has no text there; have the issuer write it (a scope such as "
                 "profile or email, or a mapper), or name a claim that is there, such as sub");
    }
}
