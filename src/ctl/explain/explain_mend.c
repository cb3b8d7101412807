/* SPDX-License-Identifier: MIT */
/* explain: how to mend what is wrong. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config/config_uri.h"
#include "ctl/doctor/findings.h"
#include "ctl/explain/explain.h"
#include "jose/keyset.h"
#include "json/json.h"
#include "policy/grants.h"
#include "token/issuer.h"
#include "token/token.h"

/* JSON, where a token was meant. */
static bool mend_json(struct explain *explain, const char *text)
{
    if (*text == '{') {
        line_add(explain_new_mend(explain),
                 "this is JSON, perhaps the whole answer of the token endpoint: take the "
                 "access_token out of it (jq -r .access_token)");
    }
    return *text == '{';
}

static void mend_comma(struct explain *explain)
{
    const char *text = explain->credentials + strcspn(explain->credentials, " ");
    if (!mend_json(explain, text + strspn(text, " "))) {
        line_add(explain_new_mend(explain),
                 "there is a comma in it: give one token, and nothing else");
    }
}

static void mend_segments(struct explain *explain)
{
    size_t dots = 0;
    for (size_t i = 0; i < explain->length; i++) {
        dots += explain->text[i] == '.' ? 1 : 0;
    }
    if (mend_json(explain, explain->text)) {
        return;
    }
    struct line *line = explain_new_mend(explain);
    if (dots == 4) {
        line_add(
            line,
            "an encrypted token (JWE, five segments): the client did not name an audience, or the "
            "API has token encryption switched on; ");
        explain_add_ask(explain, line);
    } else if (dots == 0) {
        line_add(line, "an opaque token: the client did not name an audience; ");
        explain_add_ask(explain, line);
    } else {
        line_add(line, "the token was cut or changed when it was copied: copy all of it");
    }
}

/* What the first character is that a token cannot have. */
static void mend_base64(struct explain *explain)
{
    static const struct {
        const char *characters, *what;
    } rows[] = {
        {" \t\r\n\v\f",
         "there is white space inside: it was broken into lines when it was copied, so join them"},
        {"\"'`", "there are quotes around it or in it: leave them out"},
        {"%", "it is percent-encoded: decode it, or take it from where it is not encoded"},
        {"=", "it is padded with =, which no JWT is: what encodes it must not do that"},
        {"+/", "it is in base64, not base64url: what encodes it must write - and _ for + and /"},
        {"<>", "it is in angle brackets: leave them out"},
    };
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    struct line *line = explain_new_mend(explain);
    for (size_t i = 0; i < explain->length; i++) {
        char c = explain->text[i];
        if (strchr(plain, c) != NULL) {
            continue;
        }
        for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
            if (strchr(rows[row].characters, c) != NULL) {
                line_add(line, "%s (character %zu)", rows[row].what, i + 1);
                return;
            }
        }
        line_add(line, "character %zu cannot be in a token: it was changed when it was copied",
                 i + 1);
        return;
    }
    line_add(line,
             "the last character of a segment is one that no encoder writes: the token was cut or "
             "changed when it was copied");
}

static void mend_algorithm(struct explain *explain)
{
    struct line *line = explain_new_mend(explain);
    unsigned ours = explain->config->algs;
    char list[JWA_LIST_MAX];
    char more[JWA_LIST_MAX];
    size_t length = 0;
    const char *alg = js_string(explain->header, "alg", &length);
    enum jwa known = alg != NULL ? jwa_parse(alg, length) : JWA_UNKNOWN;
    jwa_list(list, ours);
    if (known != JWA_UNKNOWN) {
        line_add(
            line,
            "if the issuer is to sign with %s, add it to AUTH0_ALGORITHMS: AUTH0_ALGORITHMS=%s; "
            "else have it sign with %s",
            jwa_name(known), jwa_list(more, ours | JWA_BIT(known)), list);
    } else if (alg != NULL && length >= 2 && memcmp(alg, "HS", 2) == 0) {
        line_add(
            line,
            "HS256 and its like are never accepted, because anyone who can check such a token can "
            "make one: set the API to %s%s",
            list,
            (ours & JWA_BIT(JWA_RS256)) != 0
                ? " (Auth0: Applications, APIs, the API, Settings, Signing Algorithm)"
                : "");
    } else {
        line_add(line, "no setting accepts that: have the issuer sign with %s", list);
    }
}

/* True if there are no keys because the issuer publishes none that will do. */
static bool mend_withdrawn(struct explain *explain)
{
    if (explain->keys.keys == NULL || keyset_count(explain->keys.keys) > 0) {
        return false;
    }
    line_add(
        explain_new_mend(explain),
        "no token can be accepted until the issuer publishes a usable key: \"bearerctl doctor\" "
        "names those that it publishes, and why they are not");
    return true;
}

static void mend_no_kid(struct explain *explain)
{
    if (!mend_withdrawn(explain)) {
        line_add(explain_new_mend(explain),
                 "the issuer publishes several keys: its tokens have to say which (kid)");
    }
}

static void mend_unknown_key(struct explain *explain)
{
    if (mend_withdrawn(explain)) {
        return;
    }
    struct line *line = explain_new_mend(explain);
    char shown[FINDING_PIECE];
    const struct config *config = explain->config;
    if (js_type(explain->claims, "iss") == JS_STRING &&
        !issuer_is(config->issuer, explain->claims)) {
        line_add(line,
                 "the token is from another issuer or tenant than the one configured (see iss)");
    } else if (config->jwks_file != NULL) {
        line_add(
            line,
            "the issuer has changed its keys, or the token is of another tenant: put the key set "
            "as it is published now into %s",
            finding_shown(shown, config->jwks_file));
    } else {
        line_add(
            line,
            "the issuer has changed its keys, or the token is of another tenant: %srun \"bearerctl "
            "refresh\", and explain again",
            explain->keys.would_refresh
                ? "a worker would have the keys fetched before it refuses this; "
                : "");
    }
}

static void mend_no_keys(struct explain *explain)
{
    struct line *line = explain_new_mend(explain);
    char shown[FINDING_PIECE];
    const struct config *config = explain->config;
    if (config->jwks_file != NULL) {
        line_add(line, "put the issuer's key set into %s", finding_shown(shown, config->jwks_file));
    } else {
        line_add(
            line,
            "run \"bearerctl refresh\" as the user of the workers, or as root: it says why, if "
            "there are none%s",
            explain->keys.would_refresh
                ? "; a worker would try that first. If workers have keys, they use another cache: "
                  "run this as their user"
                : "");
    }
}

/* A line with before= lets in who logs in again. */
static void mend_revoked(struct explain *explain)
{
    char shown[FINDING_PIECE];
    line_add(explain_new_mend(explain),
             "it was taken back by line %u of %s%s; to let it in again, remove that line",
             explain->revoked->number, finding_shown(shown, explain->config->revoked_file),
             explain->revoked->before != REVOKED_NO_LIMIT
                 ? ", which takes tokens that were issued before a time: ask for a new one"
                 : "");
}

/* For each verdict a text where that is always the same, else what looks at the token. */
static const struct {
    const char *text;
    void (*say)(struct explain *explain);
} remedies[BEARER_CODE__MAX] = {
    [BEARER_DENIED] = {"something failed inside, most likely memory ran out: try again", NULL},
    [BEARER_NO_CREDENTIALS] = {"the header has to be \"Authorization: Bearer TOKEN\"", NULL},
    [BEARER_TWO_CREDENTIALS] = {NULL, mend_comma},
    [BEARER_TOKEN_TOO_LONG] =
        {"have the issuer put less into it: fewer permissions, groups or claims of your own", NULL},
    [BEARER_TOKEN_SEGMENTS] = {NULL, mend_segments},
    [BEARER_TOKEN_BASE64] = {NULL, mend_base64},
    [BEARER_HEADER_JSON] =
        {"no issuer writes such a header: the token was cut or changed when it was copied", NULL},
    [BEARER_HEADER_ALG] = {"no issuer leaves the algorithm out: take the token as it was issued",
                           NULL},
    [BEARER_ALG_NOT_ALLOWED] = {NULL, mend_algorithm},
    [BEARER_HEADER_TYP] = {NULL, explain_mend_typ},
    [BEARER_HEADER_UNSUPPORTED] =
        {"the token uses an extension that is not accepted here: the issuer must not use it", NULL},
    [BEARER_HEADER_KID] = {"the issuer has to name its key by a kid of 1 to 256 octets", NULL},
    [BEARER_NO_KEYS] = {NULL, mend_no_keys},
    [BEARER_KID_MISSING] = {NULL, mend_no_kid},
    [BEARER_KID_UNKNOWN] = {NULL, mend_unknown_key},
    [BEARER_KEY_UNFIT] =
        {"the issuer's key with this kid is not for this algorithm: was the token changed?", NULL},
    [BEARER_KEY_AMBIGUOUS] = {"the issuer has to give each of its keys a kid of its own", NULL},
    [BEARER_SIGNATURE] =
        {"the token was changed after it was signed, or cut when it was copied, or is of another "
         "issuer whose key has the same kid: ask for a new one",
         NULL},
    [BEARER_CLAIMS_JSON] =
        {"the issuer has to write its claims as strict JSON, no name twice, and not thousands of "
         "empty values",
         NULL},
    [BEARER_KEY_ISSUER] =
        {"the issuer has published this key for tokens of another issuer or tenant alone (issuer "
         "in the key set): the token was changed, or the key signs what it is not for",
         NULL},
    [BEARER_TENANT] = {NULL, explain_mend_tenant},
    [BEARER_ISS_MISSING] = {NULL, explain_mend_issuer},
    [BEARER_ISS_WRONG] = {NULL, explain_mend_issuer},
    [BEARER_AUD_MISSING] = {NULL, explain_mend_audience},
    [BEARER_AUD_WRONG] = {NULL, explain_mend_audience},
    [BEARER_AUDIENCE_CLAIM] = {NULL, explain_mend_audience},
    [BEARER_EXP_MISSING] = {"the issuer has to give its tokens an expiry (exp)", NULL},
    [BEARER_EXP_INVALID] = {NULL, explain_mend_date},
    [BEARER_EXPIRED] =
        {"ask for a new token; if this one is new, the clock of this machine is wrong "
         "(timedatectl)",
         NULL},
    [BEARER_NBF_INVALID] = {NULL, explain_mend_date},
    [BEARER_NOT_YET_VALID] = {NULL, explain_mend_early},
    [BEARER_IAT_INVALID] = {NULL, explain_mend_date},
    [BEARER_IAT_FUTURE] = {NULL, explain_mend_early},
    [BEARER_SUB_INVALID] = {"the issuer has to write sub as a string", NULL},
    [BEARER_SENDER_CONSTRAINED] =
        {"a DPoP or mTLS token, good only with a proof that is not checked here: switch sender "
         "constraining off for this API, or for this client",
         NULL},
    [BEARER_NOT_ACCESS_TOKEN] = {NULL, explain_mend_kind},
    [BEARER_CLAIM_LACKING] = {NULL, explain_mend_lacking},
    [BEARER_REVOKED] = {NULL, mend_revoked},
    [BEARER_NO_USER] = {NULL, explain_mend_user},
    [BEARER_NOT_MEANT] = {NULL, explain_mend_grants},
    [BEARER_NOT_GRANTED] = {NULL, explain_mend_grants},
    [BEARER_STEP_UP] = {NULL, explain_mend_grants},
};

void explain_mend(struct explain *explain)
{
    if (explain->code == BEARER_MISCONFIGURED) { /* of the location, and not of the token */
        explain_mend_open(explain);
    } else if (remedies[explain->code].say != NULL) {
        remedies[explain->code].say(explain);
    } else if (remedies[explain->code].text != NULL) {
        line_add(explain_new_mend(explain), "%s", remedies[explain->code].text);
    }
    if (explain->keys.would_renew) {
        line_add(explain_new_mend(explain),
                 "newer keys of the issuer may be good for it: a worker refuses it and has them "
                 "fetched; run \"bearerctl refresh\", and explain again");
    }
}
