/* SPDX-License-Identifier: MIT */
/* explain: the lines of a configuration that accepts a token whose issuer is not the configured
 * one. For whom it is, only a person can say. */
#include <stdio.h>
#include <string.h>

#include "config/config_file.h"
#include "config/config_issuer.h"
#include "config/config_list.h"
#include "config/config_uri.h"
#include "ctl/explain/explain.h"
#include "jose/jwa.h"
#include "token/claims.h"
#include "token/header.h"

/* The algorithm that its tokens are signed with; JWA_UNKNOWN: none that any setting accepts. */
static enum jwa algorithm(const struct explain *explain)
{
    size_t length = 0;
    const char *alg = js_string(explain->header, "alg", &length);
    return alg != NULL ? jwa_parse(alg, length) : JWA_UNKNOWN;
}

/* Whether a configuration could make it good. */
static bool could_be_good(const struct explain *explain)
{
    return algorithm(explain) != JWA_UNKNOWN && js_type(explain->claims, "cnf") == JS_ABSENT &&
           js_type(explain->claims, "events") == JS_ABSENT &&
           js_type(explain->claims, "exp") == JS_NUMBER;
}

static struct line *new_write(struct explain *explain)
{
    const size_t last = sizeof explain->writes / sizeof explain->writes[0] - 1;
    struct line *line = &explain->writes[explain->write_count < last ? explain->write_count : last];
    explain->write_count += explain->write_count <= last ? 1 : 0;
    line->text[0] = '\0';
    return line;
}

/* Its keys are found by its name, or somebody has to say where they are. */
static void put_issuer(struct explain *explain, const char *issuer, const char *value)
{
    size_t length = 0;
    const char *tid = js_string(explain->claims, "tid", &length);
    const char *place = tid != NULL && config_is_tenant(tid, length) ? strstr(issuer, tid) : NULL;
    line_add(new_write(explain), "AUTH0_ISSUER=%s", value);
    if (place != NULL && strlen(issuer) < 256) {
        line_add(new_write(explain),
                 "# or for several tenants AUTH0_ISSUER=%.*s" CONFIG_TENANT
                 "%s with BEARER_TENANTS=%s and BEARER_JWKS_URI",
                 (int)(place - issuer), issuer, place + CONFIG_TENANT_LENGTH, tid);
    }
    if (!config_is_https(issuer) || strpbrk(issuer, "?#") != NULL) {
        line_add(new_write(explain),
                 "# and BEARER_JWKS_URI, as its keys are not found by such a name");
    }
}

/* What the token has there is shown, and never written: with a stranger's audience in it a
 * configuration would take what was meant for somebody else. */
static void put_audience(struct explain *explain)
{
    static const char *const names[] = {"aud", "client_id", "azp", "cid", "appid"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (js_type(explain->claims, names[i]) == JS_ABSENT) {
            continue;
        }
        if (i > 0) {
            line_add(new_write(explain), "BEARER_AUDIENCE_CLAIM=%s", names[i]);
        }
        struct line *line = new_write(explain);
        line_add(line,
                 "# and AUTH0_API_AUDIENCE, the identifier of this API (the %s of the token: ",
                 names[i]);
        line_add_strings(line, explain->claims, names[i]);
        line_add(line, ")");
        return;
    }
    line_add(new_write(explain), "# nothing in the token says what it is for: no aud, no client");
}

void explain_lines(struct explain *explain)
{
    char value[CONFIG_ITEM_MAX];
    size_t length = 0;
    const char *issuer = js_string(explain->claims, "iss", &length);
    if (issuer == NULL || strlen(issuer) != length || config_issuer_fault(issuer) != NULL ||
        strstr(issuer, CONFIG_TENANT) != NULL || explain_profile_of(explain) != NULL ||
        !could_be_good(explain) || !config_file_value(value, issuer)) {
        return;
    }
    put_issuer(explain, issuer, value);
    put_audience(explain);
    if (algorithm(explain) != JWA_RS256) {
        line_add(new_write(explain), "AUTH0_ALGORITHMS=%s", jwa_name(algorithm(explain)));
    }
    if (claims_id_mark(explain->claims, header_is_access_token(explain->header)) != NULL) {
        line_add(new_write(explain), "BEARER_ID_TOKENS=on");
    }
}
