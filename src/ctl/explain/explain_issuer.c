/* SPDX-License-Identifier: MIT */
/* explain: how to mend an iss that is not the configured one. Each line that is told to be written
 * is one that is accepted. */
#include <string.h>

#include "config/config_file.h"
#include "config/config_uri.h"
#include "ctl/explain/explain.h"
#include "ctl/fetch/slash.h"

/* A name as it stands in the file behind AUTH0_ISSUER=, into `out` of CONFIG_ITEM_MAX octets.
 * False: none that can be configured. */
static bool issuer_value(char *out, const char *name, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (name[i] <= 0x20 || name[i] > 0x7e) {
            return false;
        }
    }
    return length > 0 && config_file_value(out, name);
}

/* While it is set the keys are those of the domain, whatever the issuer. */
static const char *without_domain(const struct config *config)
{
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

void explain_mend_issuer(struct explain *explain)
{
    struct line *line = explain_new_mend(explain);
    char value[CONFIG_ITEM_MAX];
    size_t length = 0;
    const char *theirs = js_string(explain->claims, "iss", &length);
    bool slash = theirs != NULL && differ_by_slash(theirs, length, explain->config->issuer);
    if (theirs == NULL || length == 0) {
        line_add(line,
                 "this is not an access token of any issuer: ask the configured one for a token");
    } else if (!issuer_value(value, theirs, length)) {
        line_add(line, "the token is of another issuer, whose name cannot be configured: ask the "
                       "configured one for a token");
    } else if (slash && (config_is_https(theirs) || explain->config->jwks_file != NULL)) {
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
        line_add(
            line,
            "the token is of another issuer or tenant: ask the configured one; or, as that of the "
            "token is no https:// URL, set AUTH0_ISSUER to it and BEARER_JWKS_URI=file:///PATH to "
            "a file of its keys: AUTH0_ISSUER=%s",
            value);
    }
}
