/* SPDX-License-Identifier: MIT */
/* explain: the checks one by one. The state of each follows from the verdict alone; the words
 * beside it show what the token and the configuration say. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "ctl/doctor/findings.h"
#include "ctl/explain/explain.h"
#include "jose/base64url.h"
#include "jose/keyset.h"
#include "json/json.h"
#include "policy/grants.h"
#include "token/claims.h"
#include "token/header.h"
#include "token/issuer.h"

#define KIDS_SHOWN 10

/* Scope and permissions have no verdict of their own: they have failed if a term that names them
 * does not hold. */
static void fail_grants(struct explain *explain)
{
    const struct requirement *requirement = explain->requirement;
    const struct requirement_facts facts = explain_facts(explain);
    for (size_t first = 0, next = 0; first < requirement->count; first = next) {
        if (requirement_term_holds(requirement, first, &next, &facts)) {
            continue;
        }
        for (size_t i = first; i < next; i++) {
            const enum requirement_kind kind = requirement->tests[i].kind;
            if (kind == REQUIRE_SCOPE || kind == REQUIRE_EITHER) {
                explain->states[STAGE_SCOPE] = CHECK_FAILED;
            }
            if (kind == REQUIRE_PERMISSION || kind == REQUIRE_EITHER) {
                explain->states[STAGE_PERMISSIONS] = CHECK_FAILED;
            }
        }
    }
}

static void fill_states(struct explain *explain)
{
    const bool passed = explain->code == BEARER_OK;
    unsigned at = passed ? STAGE__MAX : bearer_outcome(explain->code)->stage;
    if (at == STAGE_NONE) { /* it cannot be told */
        return;
    }
    for (unsigned check = STAGE_FORM; check < STAGE__MAX; check++) {
        explain->states[check] = check < at    ? CHECK_PASSED
                                 : check == at ? CHECK_FAILED
                                               : CHECK_NOT_REACHED;
    }
    if (at >= STAGE_REQUIREMENT) {
        explain->verified_claims = explain->claims;
    }
    if (at == STAGE_REQUIREMENT) {
        fail_grants(explain);
    }
}

/* The segment with this index, parsed as a worker does it; NULL, and why in *flaw. */
static struct json_object *show_segment(const struct explain *explain, int index, const char **flaw)
{
    const char *end = explain->text + explain->length;
    const char *start = explain->text;
    const char *dot = memchr(start, '.', explain->length);
    for (; index > 0 && dot != NULL; index--) {
        start = dot + 1;
        dot = memchr(start, '.', (size_t)(end - start));
    }
    if (dot == NULL) {
        return NULL; /* the last one, and one beyond, is no JSON */
    }
    size_t length = (size_t)(dot - start);
    unsigned char *octets CLEANUP(cleanup_free) = malloc(BASE64URL_DECODED_MAX(length));
    if (octets == NULL) {
        return NULL;
    }
    if (!base64url_decode(start, length, octets, &length)) {
        *flaw = "not canonical unpadded base64url";
        return NULL;
    }
    return js_parse((const char *)octets, length, flaw);
}

static void show_form(struct explain *explain)
{
    size_t segments = 1;
    if (explain->text == NULL) {
        return;
    }
    for (size_t i = 0; i < explain->length; i++) {
        segments += explain->text[i] == '.' ? 1 : 0;
    }
    line_add(&explain->details[STAGE_FORM], "%zu characters, %zu segment%s", explain->length,
             segments, segments == 1 ? "" : "s");
}

static void show_header(struct explain *explain)
{
    const struct json_object *header = explain->header;
    size_t length = 0;
    if (header == NULL) {
        line_add(&explain->details[STAGE_HEADER], "%s",
                 explain->header_flaw != NULL ? explain->header_flaw : "");
        return;
    }
    const char *kid = js_string(header, "kid", &length);
    line_add(&explain->details[STAGE_HEADER], "kid ");
    line_add_strings(&explain->details[STAGE_HEADER], header, "kid");
    if (kid != NULL && (length == 0 || length > JWK_KID_MAX)) {
        line_add(&explain->details[STAGE_HEADER], ", of %zu octets", length);
    }
    line_add_strings(&explain->details[STAGE_ALGORITHM], header, "alg");
    if (explain->states[STAGE_ALGORITHM] == CHECK_FAILED) {
        line_add(&explain->details[STAGE_ALGORITHM], "; accepted here:");
        for (unsigned alg = JWA_UNKNOWN + 1; alg < JWA__MAX; alg++) {
            if ((explain->config->algs & JWA_BIT(alg)) != 0) {
                line_add(&explain->details[STAGE_ALGORITHM], " %s", jwa_name((enum jwa)alg));
            }
        }
    }
    line_add(&explain->details[STAGE_TYPE], "typ ");
    line_add_strings(&explain->details[STAGE_TYPE], header, "typ");
    static const char *const names[] = {"crit", "b64", "zip", "enc", "cty"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (js_type(header, names[i]) != JS_ABSENT) {
            line_add(&explain->details[STAGE_TYPE], ", with %s", names[i]);
        }
    }
}

static void show_date(struct line *line, int64_t when)
{
    char date[32];
    struct tm parts;
    time_t time = (time_t)when;
    if (gmtime_r(&time, &parts) != NULL &&
        strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%SZ", &parts) > 0) {
        line_add(line, "%s", date);
    }
}

/* Which keys there are, and how old. */
static void show_keys(struct explain *explain)
{
    struct line *line = &explain->details[STAGE_KEY];
    const struct keyset *keys = explain->keys.keys;
    const struct config *config = explain->config;
    char piece[FINDING_PIECE];
    if (explain->states[STAGE_KEY] == CHECK_NOT_REACHED) {
        return;
    }
    if (keys == NULL) {
        const char *where = config->jwks_file != NULL ? config->jwks_file : config->cache_dir;
        line_add(line, "no usable keys in %s",
                 where != NULL ? finding_shown(piece, where) : "any cache");
        return;
    }
    if (explain->states[STAGE_KEY] == CHECK_PASSED) {
        line_add(line, "found among %zu", keyset_count(keys));
    } else if (keyset_count(keys) == 0) {
        line_add(line, "the issuer publishes none that can be used");
    } else {
        line_add(line, "there %s", keyset_count(keys) == 1 ? "is" : "are");
    }
    for (size_t i = 0; explain->states[STAGE_KEY] == CHECK_FAILED && i < keyset_count(keys); i++) {
        size_t length = 0;
        const char *kid = jwk_kid(keyset_key(keys, i), &length);
        line_add(line, " ");
        if (i == KIDS_SHOWN) {
            line_add(line, "and %zu more", keyset_count(keys) - i);
            break;
        }
        if (kid != NULL) {
            line_add_text(line, kid, length);
        } else {
            line_add(line, "one without kid");
        }
    }
    int64_t age = explain->now - explain->keys.since;
    line_add(line, ", %s %s ago, ", config->jwks_file != NULL ? "in a file changed" : "fetched",
             finding_span(piece, age > 0 ? age : 0));
    show_date(line, explain->keys.since);
}

static void show_time(struct explain *explain, enum bearer_stage check, const char *before,
                      const char *after)
{
    struct line *line = &explain->details[check];
    const char *name = explain_check_name(check);
    const char *text = js_number_text(explain->claims, name);
    struct numeric_date date;
    char span[FINDING_PIECE];
    if (text == NULL) {
        line_add_strings(line, explain->claims, name);
        return;
    }
    if (!numeric_date_parse(text, &date)) {
        line_add(line, "no date between 1970 and 9999: ");
        line_add_text(line, text, strlen(text));
        return;
    }
    int64_t passed = explain->now - date.seconds;
    line_add(line, passed >= 0 ? "%s %s ago, " : "%s in %s, ", passed >= 0 ? after : before,
             finding_span(span, passed >= 0 ? passed : -passed));
    show_date(line, date.seconds);
}

static void show_revoked(struct explain *explain)
{
    struct line *line = &explain->details[STAGE_REVOKED];
    char shown[FINDING_PIECE];
    const char *file = explain->config->revoked_file;
    if (explain->revocations == NULL) {
        line_add(line, "there is no list (BEARER_REVOKED_FILE)");
    } else if (explain->revoked != NULL) {
        line_add(line, "by line %u of %s", explain->revoked->number, finding_shown(shown, file));
    } else if (explain->states[STAGE_REVOKED] == CHECK_PASSED) {
        const size_t count = revoked_count(revocations_list(explain->revocations));
        line_add(line, "not by any of %zu line%s of %s", count, count == 1 ? "" : "s",
                 finding_shown(shown, file));
    }
}

static void show_claims(struct explain *explain)
{
    const struct json_object *claims = explain->claims;
    if (claims == NULL) {
        line_add(&explain->details[STAGE_CLAIMS], "%s",
                 explain->claims_flaw != NULL ? explain->claims_flaw : "");
        return;
    }
    line_add_strings(&explain->details[STAGE_ISS], claims, "iss");
    if (issuer_check(claims, explain->config) != BEARER_OK) {
        line_add(&explain->details[STAGE_ISS], "; accepted here: ");
        line_add_text(&explain->details[STAGE_ISS], explain->config->issuer,
                      strlen(explain->config->issuer));
        if (explain->config->tenants != NULL) {
            line_add(&explain->details[STAGE_ISS], ", and its tid is ");
            line_add_strings(&explain->details[STAGE_ISS], claims, "tid");
        }
    }
    explain_show_audience(explain);
    show_time(explain, STAGE_EXP, "expires", "expired");
    show_time(explain, STAGE_NBF, "valid", "valid since");
    show_time(explain, STAGE_IAT, "issued", "issued");
    if (js_type(claims, "sub") != JS_STRING) { /* who it is stays out of this */
        line_add_strings(&explain->details[STAGE_SUB], claims, "sub");
    }
    explain_show_kind(explain);
    line_add_strings(&explain->details[STAGE_SCOPE], claims, grants_scope_claim(claims));
    line_add_strings(&explain->details[STAGE_PERMISSIONS], claims, "permissions");
}

void explain_checks(struct explain *explain)
{
    if (explain->text != NULL) {
        explain->header = show_segment(explain, 0, &explain->header_flaw);
        explain->claims = show_segment(explain, 1, &explain->claims_flaw);
    }
    fill_states(explain);
    show_form(explain);
    show_header(explain);
    show_keys(explain);
    show_claims(explain);
    show_revoked(explain);
    line_add(&explain->details[STAGE_REQUIREMENT], "%s", explain->requirement->text);
}
