/* SPDX-License-Identifier: MIT */
/* explain: what kind of token it is, and how to get one of the right kind. */
#include <string.h>
#include <strings.h>

#include "ctl/explain/explain.h"
#include "json/json.h"
#include "token/claims.h"
#include "token/header.h"

void explain_add_ask(const struct explain *explain, struct line *line)
{
    const char *audience = explain->config->audiences[0];
    line_add(line, "ask for an access token with audience ");
    if (audience != NULL) { /* no configuration is without one */
        line_add_text(line, audience, strlen(audience));
    }
}

static bool same_claim(const struct json_object *claims, const char *one, const char *other)
{
    const char *text = js_string(claims, one, NULL);
    return text != NULL && js_string_is(claims, other, text);
}

bool explain_is_id_token(const struct explain *explain)
{
    bool access_token = header_is_access_token(explain->header);
    return !explain->config->id_tokens &&
           (claims_id_mark(explain->claims, access_token) != NULL ||
            (!access_token && (same_claim(explain->claims, "aud", "azp") ||
                               same_claim(explain->claims, "aud", "client_id"))));
}

void explain_show_kind(struct explain *explain)
{
    static const char *const names[] = {"cnf", "at_hash", "c_hash", "events"};
    struct line *line = &explain->details[STAGE_KIND];
    const char *mark = claims_id_mark(explain->claims, header_is_access_token(explain->header));
    const char *lacking = explain->config->typ_required ? claims_lacking(explain->claims) : NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (js_type(explain->claims, names[i]) != JS_ABSENT) {
            line_add(line, "%s%s", line->text[0] == '\0' ? "with " : ", ", names[i]);
        }
    }
    if (mark != NULL && strcmp(mark, "nonce") == 0) {
        line_add(line, "%snonce, and none of scope, scp, client_id",
                 line->text[0] == '\0' ? "with " : ", ");
    }
    if (mark != NULL && explain->config->id_tokens) {
        line_add(line, "; accepted here, by BEARER_ID_TOKENS");
    }
    if (lacking != NULL) {
        line_add(line, "%swithout %s, which BEARER_TOKEN_TYP=at+jwt wants",
                 line->text[0] == '\0' ? "" : "; ", lacking);
    }
    if (line->text[0] == '\0') {
        line_add(line, "nothing says that it is another kind of token");
    }
}

void explain_mend_kind(struct explain *explain)
{
    struct line *line = explain_new_mend(explain);
    bool id = !explain->config->id_tokens &&
              claims_id_mark(explain->claims, header_is_access_token(explain->header)) != NULL;
    line_add(line, "this is an %s, not an access token: ", id ? "ID token" : "event (events)");
    explain_add_ask(explain, line);
    if (id && js_type(explain->claims, "events") == JS_ABSENT) {
        line_add(line, ". Where ID tokens are what clients are to send, as with Google, or the "
                       "access tokens of this issuer look like that, as those of Dex: "
                       "BEARER_ID_TOKENS=on");
    }
}

/* Who issues tokens of RFC 9068, and who does not. */
static void add_profile(struct line *line)
{
    line_add(line, "have the issuer write access tokens of RFC 9068 (Auth0: Applications, APIs, "
                   "the API, Settings, JSON Web Token (JWT) Profile), or set BEARER_TOKEN_TYP=any");
}

void explain_mend_typ(struct explain *explain)
{
    struct line *line = explain_new_mend(explain);
    size_t length = 0;
    const char *typ = js_string(explain->header, "typ", &length);
    bool plain = js_type(explain->header, "typ") == JS_ABSENT ||
                 (typ != NULL && length == 3 && strncasecmp(typ, "jwt", 3) == 0);
    if (plain) {
        line_add(line, "its typ is not at+jwt, which BEARER_TOKEN_TYP wants: send the access token "
                       "if this is another; else ");
        add_profile(line);
    } else {
        line_add(line, "its typ says that this is no access token, but perhaps an ID or logout "
                       "token: send the access token");
    }
}

void explain_mend_lacking(struct explain *explain)
{
    struct line *line = explain_new_mend(explain);
    const char *name = claims_lacking(explain->claims);
    line_add(line, "there is no usable %s in it, which an at+jwt has: ", name != NULL ? name : "");
    add_profile(line);
}
