/* SPDX-License-Identifier: MIT */
/* doctor: the keys where they come from, each with what it is good for, and the clock of who gave
 * them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/safefile.h"
#include "ctl/doctor/doctor.h"
#include "ctl/fetch/fetch.h"
#include "ctl/fetch/keysource.h"
#include "ctl/fetch/remedy.h"
#include "jose/keyset.h"
#include "json/json.h"
#include "keys/boundkeys.h"
#include "keys/cachefile.h"

#define CLOCK_OK_SECONDS \
    5 /* with a smaller leeway too: nobody's clock is better, and Date has whole seconds */
#define CLOCK_BAD_SECONDS 300 /* the largest leeway there is */

/* Told by the keyset about each key. */
struct keys_view {
    struct doctor *doctor;
    const struct json_object *array;
    unsigned eligible;
};

static const char *alg_list(char *out, unsigned algs)
{
    size_t used = 0;
    out[0] = '\0';
    for (unsigned alg = JWA_UNKNOWN + 1; alg < JWA__MAX && used < FINDING_PIECE; alg++) {
        if ((algs & JWA_BIT(alg)) != 0) {
            int n = snprintf(out + used, FINDING_PIECE - used, "%s%s", used > 0 ? " " : "",
                             jwa_name((enum jwa)alg));
            used += n > 0 ? (size_t)n : 0;
        }
    }
    return out;
}

/* "key 1: kid "x", RSA" */
static void name_key(char *out, size_t index, const char *kid, size_t kid_length,
                     const struct json_object *members)
{
    char shown[300];
    char type[40];
    size_t length = 0;
    const char *kty = js_string(members, "kty", &length);
    log_escape(type, sizeof type, kty != NULL ? kty : "no kty", kty != NULL ? length : 6);
    (void)snprintf(out, FINDING_PIECE, "key %zu: %s%s%s, %s", index + 1,
                   kid != NULL ? "kid \"" : "no kid",
                   kid != NULL ? log_escape(shown, sizeof shown, kid, kid_length) : "",
                   kid != NULL ? "\"" : "", type);
}

/* Not for us is as it should be: a set may hold keys for others too. Anything else is a fault of
 * the key. */
static bool is_foreign(enum jwk_fit fit)
{
    return fit == JWK_USE || fit == JWK_KEY_OPS || fit == JWK_ALG || fit == JWK_NO_ALG;
}

static void tell_skipped(struct keys_view *view, const char *name,
                         const struct json_object *members, enum jwk_fit fit)
{
    struct findings *findings = &view->doctor->findings;
    struct jwk *key CLEANUP(jwk_cleanup) = NULL;
    char algs[FINDING_PIECE];
    if ((fit == JWK_ALG || fit == JWK_NO_ALG) &&
        jwk_import(members, JWA_ALL, &key) == JWK_ELIGIBLE) {
        char line[JWA_LIST_MAX];
        unsigned more = jwk_algs(key) & (~jwk_algs(key) + 1); /* without alg a key is for several */
        finding(findings, FINDING_OK,
                "%s, skipped: it is for %s; if tokens are signed so, add that to AUTH0_ALGORITHMS: "
                "AUTH0_ALGORITHMS=%s%s",
                name, alg_list(algs, jwk_algs(key)),
                jwa_list(line, view->doctor->config->algs | more),
                more != jwk_algs(key) ? ", or the one that alg in their header says" : "");
    } else if (js_string_is(members, "kty", "oct")) {
        finding(
            findings, FINDING_WARNING,
            "%s, skipped: a symmetric key, with which everybody who reads it can make tokens; the "
            "issuer must not publish it",
            name);
    } else {
        finding(findings, is_foreign(fit) ? FINDING_OK : FINDING_WARNING, "%s, skipped: %s", name,
                jwk_fit_text(fit));
    }
}

static void take_key(void *context, size_t index, const char *kid, size_t kid_length,
                     enum jwk_fit fit)
{
    struct keys_view *view = context;
    const struct json_object *members = js_array_object(view->array, index);
    struct jwk *key CLEANUP(jwk_cleanup) = NULL;
    char name[FINDING_PIECE];
    char algs[FINDING_PIECE];
    name_key(name, index, kid, kid_length, members);
    if (fit == JWK_ELIGIBLE &&
        jwk_import(members, view->doctor->config->algs, &key) == JWK_ELIGIBLE &&
        !boundkeys_ours(view->doctor->config, key)) {
        char bound[300];
        finding(&view->doctor->findings, FINDING_OK,
                "%s, skipped: it is bound to another issuer: %s", name,
                log_escape(bound, sizeof bound, jwk_issuer(key), strlen(jwk_issuer(key))));
    } else if (key != NULL) {
        view->eligible++;
        finding(&view->doctor->findings, FINDING_OK, "%s, eligible: verifies %s", name,
                alg_list(algs, jwk_algs(key)));
    } else {
        tell_skipped(view, name, members, fit);
    }
    if (js_type(members, "d") != JS_ABSENT) {
        finding(
            &view->doctor->findings, FINDING_WARNING,
            "%s, comes with its private part: everybody who reads it can make tokens; the issuer "
            "needs a new key",
            name);
    }
}

/* Different keys under one kid: a token that names it is refused. */
static void tell_ambiguous(struct doctor *doctor, const struct keyset *set,
                           const struct json_object *array)
{
    for (size_t i = 0; i < js_array_length(array); i++) {
        const struct jwk *found = NULL;
        struct jwk *key CLEANUP(jwk_cleanup) = NULL;
        const struct json_object *members = js_array_object(array, i);
        size_t length = 0;
        if (jwk_import(members, doctor->config->algs, &key) != JWK_ELIGIBLE ||
            jwk_kid(key, &length) == NULL) {
            continue;
        }
        unsigned alg = JWA_UNKNOWN + 1;
        while ((jwk_algs(key) & JWA_BIT(alg)) == 0) {
            alg++;
        }
        if (keyset_find(set, jwk_kid(key, &length), length, (enum jwa)alg, &found) ==
            BEARER_KEY_AMBIGUOUS) {
            char name[FINDING_PIECE];
            name_key(name, i, jwk_kid(key, &length), length, members);
            finding(&doctor->findings, FINDING_WARNING,
                    "%s, is not the only one with this kid: tokens that name it are refused; the "
                    "issuer must give each key a kid of its own",
                    name);
        }
    }
}

/* Whether the set has this key, under its kid and for its algorithms. */
static bool has_key(const struct keyset *set, const struct jwk *key)
{
    size_t length = 0;
    size_t other_length = 0;
    const char *kid = jwk_kid(key, &length);
    for (size_t i = 0; i < keyset_count(set); i++) {
        const struct jwk *other = keyset_key(set, i);
        const char *other_kid = jwk_kid(other, &other_length);
        if (length == other_length && (length == 0 || memcmp(kid, other_kid, length) == 0) &&
            jwk_algs(key) == jwk_algs(other) && jwk_same_material(key, other)) {
            return true;
        }
    }
    return false;
}

/* Names each key of the one set that is not in the other. `what` is said of it. */
static void tell_missing(struct doctor *doctor, const struct keyset *set,
                         const struct keyset *other, const char *what)
{
    char shown[300];
    for (size_t i = 0; i < keyset_count(set); i++) {
        size_t length = 0;
        const char *kid = jwk_kid(keyset_key(set, i), &length);
        if (!has_key(other, keyset_key(set, i))) {
            finding(&doctor->findings, FINDING_WARNING,
                    "keys: %s%s%s: %s; run bearerctl refresh, as the workers' user or as root",
                    kid != NULL ? "kid \"" : "one without kid",
                    kid != NULL ? log_escape(shown, sizeof shown, kid, length) : "",
                    kid != NULL ? "\"" : "", what);
        }
    }
}

/* What the issuer publishes now, beside what workers hold. */
static void compare(struct doctor *doctor, const struct keyset *published)
{
    if (doctor->held == NULL) {
        return;
    }
    tell_missing(doctor, published, doctor->held,
                 "is published, but workers do not have it yet, so its tokens are not accepted");
    tell_missing(
        doctor, doctor->held, published,
        "is no longer published, but workers still hold it, so its tokens are still accepted");
}

/* Each key of the document, and how many will do. `from` is where it comes from, as shown. */
static void tell_keys(struct doctor *doctor, const struct json_object *jwks, const char *from)
{
    struct diag diag = {0};
    struct keys_view view = {.doctor = doctor, .array = js_array(jwks, "keys")};
    const struct keyset_visitor visitor = {.visit = take_key, .context = &view};
    struct keyset *set CLEANUP(keyset_cleanup) =
        keyset_make(jwks, doctor->config->algs, &visitor, &diag);
    if (set != NULL) {
        boundkeys_drop(set, doctor->config, &diag);
    }
    if (set == NULL || keyset_count(set) == 0) {
        finding(&doctor->findings, FINDING_FAILURE, "keys: %s: %s; no token can be accepted", from,
                diag.text);
    }
    if (set == NULL) {
        return;
    }
    compare(doctor, set);
    if (keyset_count(set) == 0) {
        return;
    }
    tell_ambiguous(doctor, set, view.array);
    finding(&doctor->findings, FINDING_OK, "keys: %s: %u of %zu eligible", from, view.eligible,
            js_array_length(view.array));
}

static void from_file(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    struct diag diag = {0};
    const char *why = NULL;
    char *text CLEANUP(cleanup_free) = NULL;
    size_t length = 0;
    char shown[FINDING_PIECE];
    finding_shown(shown, config->jwks_file);
    if (safe_read(config->jwks_file, config->program_owner, CACHE_FILE_MAX, &text, &length, NULL,
                  &diag) != SAFE_OK) {
        finding(&doctor->findings, FINDING_FAILURE, "keys: %s", diag.text);
        return;
    }
    struct json_object *jwks CLEANUP(js_cleanup) = js_parse_document(text, length, &why);
    if (jwks == NULL) {
        finding(
            &doctor->findings, FINDING_FAILURE,
            "keys: %s is not strict JSON: %s; put the document there as the issuer publishes it",
            shown, why);
        return;
    }
    tell_keys(doctor, jwks, shown);
}

static void tell_failure(struct doctor *doctor, const char *what, enum cause cause,
                         const char *text)
{
    const struct config *config = doctor->config;
    const char *help = remedy(cause, REMEDY_KEYS, config->ca_file != NULL, config->proxy != NULL);
    finding(&doctor->findings, FINDING_FAILURE, "%s: %s%s%s", what, text, help != NULL ? "; " : "",
            help != NULL ? help : "");
}

/* What is to be said of a server whose clock is `ahead` seconds ahead of ours (negative:
 * behind). */
static enum finding_level clock_level(int64_t ahead, int64_t leeway)
{
    int64_t off = ahead < 0 ? -ahead : ahead;
    if (off > CLOCK_BAD_SECONDS) {
        return FINDING_FAILURE;
    }
    return off > (leeway > CLOCK_OK_SECONDS ? leeway : CLOCK_OK_SECONDS) ? FINDING_WARNING
                                                                         : FINDING_OK;
}

/* `before` and `after`: our clock around the fetch. Its answer was made somewhere in between. */
static void tell_clock(struct doctor *doctor, int64_t date, int64_t before, int64_t after)
{
    int64_t leeway = doctor->config->leeway;
    int64_t ahead = date < before ? date - before : date > after ? date - after : 0;
    if (date < 0) {
        finding(
            &doctor->findings, FINDING_WARNING,
            "clock: the server does not say what time it is, so this machine's clock could not be "
            "compared");
        return;
    }
    enum finding_level level = clock_level(ahead, leeway);
    if (ahead == 0) {
        finding(&doctor->findings, level, "clock: the same as the server's");
    } else if (level == FINDING_OK) {
        finding(&doctor->findings, level, "clock: %" PRId64 " s %s the server's",
                ahead < 0 ? -ahead : ahead, ahead < 0 ? "ahead of" : "behind");
    } else {
        finding(&doctor->findings, level,
                "clock: %" PRId64
                " s %s the server's, and tokens are judged with a leeway of %" PRId64
                " s (BEARER_LEEWAY): %s; set this machine's clock, best by NTP",
                ahead < 0 ? -ahead : ahead, ahead < 0 ? "ahead of" : "behind", leeway,
                ahead < 0 ? "good ones count as expired too early"
                          : "new ones count as issued in the future");
    }
}

static void from_network(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    struct diag diag = {0};
    char shown[FINDING_PIECE];
    char other[FINDING_PIECE];
    struct fetch_response response CLEANUP(fetch_clear) = {0};
    struct json_object *jwks CLEANUP(js_cleanup) = NULL;
    enum cause cause = CAUSE_OTHER;
    findings_wait(&doctor->findings, "asking %s", finding_shown(shown, config_keys_uri(config)));
    struct keysource found CLEANUP(keysource_clear) = {0};
    if (!keysource_find(config, &found, &cause, &diag)) {
        tell_failure(doctor, "discovery", cause, diag.text);
        return;
    }
    finding_shown(shown, found.jwks_uri);
    if (found.metadata != NULL) {
        finding(&doctor->findings, FINDING_OK,
                "discovery: %s names the same issuer, and keys at %s",
                finding_shown(other, found.metadata), shown);
        doctor_token_issuer(doctor, &found);
    }
    findings_wait(&doctor->findings, "fetching the keys from %s", shown);
    int64_t before = (int64_t)time(NULL);
    enum fetch_result result =
        keysource_fetch(config, found.jwks_uri, NULL, NULL, &jwks, &response, &diag);
    int64_t after = (int64_t)time(NULL);
    if (result == FETCH_OK) {
        tell_keys(doctor, jwks, shown);
    } else {
        tell_failure(doctor, "keys", response.cause, diag.text);
    }
    if (result == FETCH_OK || response.date >= 0) {
        tell_clock(doctor, response.date, before, after);
    }
    if (result == FETCH_OK) {
        doctor_issuer(doctor);
    }
}

void doctor_keys(struct doctor *doctor)
{
    if (doctor->config->jwks_file != NULL) {
        from_file(doctor);
    } else if (doctor->offline) {
        finding(&doctor->findings, FINDING_OK, "keys: not fetched (--offline)");
    } else {
        from_network(doctor);
    }
}
