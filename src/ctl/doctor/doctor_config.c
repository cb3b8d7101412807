/* SPDX-License-Identifier: MIT */
/* doctor: which file, which settings, what they amount to, and everything that is wrong with
 * them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/safefile.h"
#include "config/config_algorithms.h"
#include "config/config_list.h"
#include "config/config_load.h"
#include "ctl/doctor/doctor.h"
#include "door/revocations.h"
#include "keys/refresher.h"

static void tell_program(struct doctor *doctor)
{
    char shown[FINDING_PIECE];
    const char *dir = doctor->origin.program_dir;
    finding_shown(shown, dir != NULL ? dir : "an unknown folder");
    if (doctor->program_found) {
        finding(&doctor->findings, FINDING_OK, "program: bearer.fcgi is in %s", shown);
    } else {
        finding(
            &doctor->findings, FINDING_WARNING,
            "program: there is no bearer.fcgi in %s%s; the configuration is read as if it were in "
            "the former. Set BEARER_HOME to its folder",
            shown, getenv("BEARER_HOME") == NULL ? " or " FB_PKGLIBEXECDIR : "");
    }
}

/* Which file is read. What keeps it from being used is told by config_load(). */
static void tell_file(struct doctor *doctor)
{
    struct config_places places CLEANUP(config_places_clear) = {0};
    char one[FINDING_PIECE];
    char other[FINDING_PIECE] = "";
    unsigned found = 0;
    if (!config_places(&doctor->origin, &places) || places.relative != NULL) {
        return;
    }
    while (found < places.count &&
           safe_check(places.paths[found], doctor->origin.program_owner, NULL) == SAFE_MISSING) {
        found++;
    }
    if (found < places.count) {
        bool hidden = found + 1 < places.count && access(places.paths[found + 1], F_OK) == 0;
        finding(&doctor->findings, FINDING_OK, "configuration: the file is %s%s%s%s",
                finding_shown(one, places.paths[found]), hidden ? "; " : "",
                hidden ? finding_shown(other, places.paths[found + 1]) : "",
                hidden ? " is not read" : "");
    } else if (places.count == 0) {
        finding(&doctor->findings, FINDING_OK,
                "configuration: no file is read, as BEARER_CONFIG is empty");
    } else {
        finding(&doctor->findings, FINDING_OK, "configuration: no file; there is none at %s%s%s",
                finding_shown(one, places.paths[0]), places.count > 1 ? " or " : "",
                places.count > 1 ? finding_shown(other, places.paths[1]) : "");
    }
}

static void take_finding(void *context, bool error, const char *name, const char *text)
{
    struct doctor *doctor = context;
    (void)name;
    finding(&doctor->findings, error ? FINDING_FAILURE : FINDING_WARNING, "%s", text);
}

/* The URL of a proxy without what may be a password in it. */
static const char *mask_proxy(char *out, const char *url)
{
    char shown[FINDING_PIECE];
    const char *authority = strstr(url, "://");
    authority = authority != NULL ? authority + 3 : url;
    const char *at = strrchr(authority, '@');
    if (at == NULL) {
        return finding_shown(out, url);
    }
    (void)snprintf(out, FINDING_PIECE, "%.*s***@%.500s",
                   (int)(authority - url < 16 ? authority - url : 16), url,
                   finding_shown(shown, at + 1));
    return out;
}

static void tell_setting(struct doctor *doctor, enum config_name name)
{
    const struct config_value *value = &doctor->config->values[name];
    char shown[FINDING_PIECE];
    char file[FINDING_PIECE];
    const char *text = value->text;
    if (text == NULL) {
        text = config_usual(doctor->config, name);
        text = text != NULL ? finding_shown(shown, text) : NULL;
        finding(&doctor->findings, FINDING_OK, text != NULL ? "%s = %s (default)" : "%s is not set",
                config_name(name), text);
        return;
    }
    text = config_row(name)->kind == CONFIG_VALUE_PROXY ? mask_proxy(shown, text)
                                                        : finding_shown(shown, text);
    if (value->source == CONFIG_FROM_FILE) {
        finding(&doctor->findings, FINDING_OK, "%s = %s (%s:%u)", value->name, text,
                finding_shown(file, value->file), value->line);
    } else {
        finding(&doctor->findings, FINDING_OK, "%s = %s (environment)", value->name, text);
    }
}

/* Workers have only those variables that their server gives them. */
static void tell_environment(struct doctor *doctor)
{
    unsigned count = 0;
    for (unsigned i = 0; i < CONFIG__MAX; i++) {
        count += doctor->config->values[i].source == CONFIG_FROM_ENVIRONMENT ? 1 : 0;
    }
    if (count > 0) {
        finding(
            &doctor->findings, FINDING_OK,
            "environment: %u of these settings %s from the environment of this shell; workers have "
            "only what their web server passes on",
            count, count == 1 ? "is" : "are");
    }
}

static void add_item(char *list, size_t size, const char *item)
{
    size_t used = strlen(list);
    const char *between = used > 0 ? " " : "";
    size_t room = size - used - strlen(between);
    (void)snprintf(list + used, size - used, "%s%.*s", between, room > 0 ? (int)room - 1 : 0, item);
}

static bool is_client_id(const char *audience)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    static const char google[] = ".apps.googleusercontent.com";
    size_t length = strlen(audience);
    bool auth0 = length == 32 && strspn(audience, letters) == length;
    return auth0 ||
           (length >= sizeof google && strcmp(audience + length - sizeof google + 1, google) == 0);
}

/* What is often put there in the place of an API's identifier; NULL: none of that. */
static const char *audience_flaw(const struct config *config, const char *audience)
{
    const char *issuer = config->issuer;
    size_t length = strlen(issuer);
    length -= length > 0 && issuer[length - 1] == '/' ? 1 : 0;
    const char *host = strstr(issuer, "://");
    host = host != NULL ? host + 3 : issuer;
    size_t host_length = length - (size_t)(host - issuer);
    if (strlen(audience) == host_length && strncmp(audience, host, host_length) == 0) {
        return "is the issuer's host";
    }
    if (strncmp(audience, issuer, length) == 0 &&
        (audience[length] == '\0' || strcmp(audience + length, "/") == 0)) {
        return "is the issuer itself";
    }
    if (strncmp(audience, issuer, length) == 0 && strcmp(audience + length, "/userinfo") == 0) {
        return "is the issuer's own API about users: tokens for that alone are opaque, and not for "
               "you";
    }
    if (strstr(audience, ".auth0.com/api/v2") != NULL) {
        return "is the Management API of Auth0: a token for it can change the tenant, so clients "
               "must not send it to you";
    }
    return is_client_id(audience) && !config->id_tokens && config_audience_is_aud(config)
               ? "looks like the id of a client, which ID tokens are for; those are not for APIs"
               : NULL;
}

static void tell_audiences(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    char shown[FINDING_PIECE];
    for (size_t i = 0; config->audiences[i] != NULL; i++) {
        const char *flaw = audience_flaw(config, config->audiences[i]);
        if (flaw != NULL) {
            finding(
                &doctor->findings, FINDING_WARNING,
                "%s: %s %s; set it to the identifier of your API (Auth0: "
                "Applications, APIs), and have clients name that when they ask for a token, else "
                "they get an opaque one",
                config_spelling(config, CONFIG_AUTH0_API_AUDIENCE),
                finding_shown(shown, config->audiences[i]), flaw);
        }
    }
}

/* What tokens are taken, where that is not what is usual. */
static void tell_kinds(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    if (config->id_tokens) {
        finding(&doctor->findings, FINDING_OK,
                "tokens: ID tokens are accepted too (BEARER_ID_TOKENS=on): whoever signs in at one "
                "of these audiences has one, and it grants nothing, so require who it is by a "
                "claim; access tokens are better where the issuer has them");
    }
    char shown[FINDING_PIECE];
    if (config->user_claim != NULL) {
        finding(&doctor->findings, FINDING_OK,
                "user: REMOTE_USER is %s (BEARER_USER_CLAIM); a token without it gets 403",
                finding_shown(shown, config->user_claim));
    }
    if (config->token_header != NULL) {
        finding(&doctor->findings, FINDING_OK,
                "token: it is taken from the header %s (BEARER_TOKEN_HEADER), and Authorization is "
                "not read; the page of your web server has the lines that keep it from programs",
                finding_shown(shown, config->values[CONFIG_BEARER_TOKEN_HEADER].text));
    }
    if (config->typ_required) {
        finding(&doctor->findings, FINDING_OK,
                "tokens: only those of RFC 9068 are accepted (BEARER_TOKEN_TYP=at+jwt)%s",
                strstr(config->issuer, ".auth0.com/") != NULL
                    ? "; Auth0 issues them where Applications, APIs, the API, Settings has RFC "
                      "9068 for JSON Web Token (JWT) Profile"
                    : "");
    }
}

static void tell_identity(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    char shown[FINDING_PIECE];
    char list[FINDING_PIECE] = "";
    finding(&doctor->findings, FINDING_OK, "issuer: %s", finding_shown(shown, config->issuer));
    if (config->tenants != NULL) {
        finding(&doctor->findings, FINDING_OK, "tenants: %s",
                strcmp(config->tenants[0], "*") == 0
                    ? "every one (BEARER_TENANTS is *): anybody can have a tenant, so require what "
                      "no stranger's token has, such as a claim"
                    : "those of BEARER_TENANTS, by the tid of a token");
    }
    bool words = false; /* that may have been meant as one */
    for (size_t i = 0; config->audiences[i] != NULL; i++) {
        char item[CONFIG_ITEM_MAX];
        const char *audience = config->audiences[i];
        bool written = config_item(item, audience, strlen(audience));
        add_item(list, sizeof list, written ? item : audience);
        words = words || (strpbrk(audience, ":/. ") == NULL && config->audiences[1] != NULL);
    }
    finding(&doctor->findings, FINDING_OK, "audiences: %s%s%s%s", finding_shown(shown, list),
            words ? "; one that holds a space or comma is written in quotes of its own: " : "",
            words ? config_spelling(config, CONFIG_AUTH0_API_AUDIENCE) : "",
            words ? "=\"'my api' other\"" : "");
    if (config_audience_is_open(config)) {
        finding(
            &doctor->findings, FINDING_OK,
            "audiences: nothing has to say for whom a token is (BEARER_AUDIENCE_CLAIM is none): "
            "endpoints answer 500, and so do guarded locations that require no claim");
    } else if (!config_audience_is_aud(config)) {
        finding(&doctor->findings, FINDING_OK,
                "audiences: one of them has to be in %s (BEARER_AUDIENCE_CLAIM), and in aud where "
                "a token has that; every API here that takes this claim takes the same tokens",
                finding_shown(shown, config->audience_claim));
    }
    tell_audiences(doctor);
    tell_kinds(doctor);
    char algorithms[CONFIG_ALGORITHMS_MAX];
    config_write_algorithms(algorithms, config->algs);
    finding(&doctor->findings, FINDING_OK, "algorithms: %s", algorithms);
    if (config->jwks_file != NULL) {
        finding(&doctor->findings, FINDING_OK, "keys: from the file %s",
                finding_shown(shown, config->jwks_file));
    } else if (config->jwks_uri != NULL) {
        finding(&doctor->findings, FINDING_OK, "keys: from %s",
                finding_shown(shown, config->jwks_uri));
    } else {
        finding(&doctor->findings, FINDING_OK, "keys: from where %s says",
                finding_shown(shown, config->discovery_uri));
    }
}

/* The list of revoked tokens, as workers that start now would read it. */
static void tell_revoked(struct doctor *doctor)
{
    char shown[FINDING_PIECE];
    struct diag diag = {0};
    struct revocations *revocations CLEANUP(revocations_cleanup) = NULL;
    if (!revocations_open(doctor->all, config_count(doctor->all), &revocations, &diag)) {
        finding(&doctor->findings, FINDING_FAILURE,
                "%s (a worker that starts now, or reads another configuration, refuses it)",
                diag.text);
    } else if (revocations != NULL) {
        const size_t count = revoked_count(revocations_list(revocations));
        finding(&doctor->findings, FINDING_OK, "revoked: %zu line%s in %s, of %d at most", count,
                count == 1 ? "" : "s", finding_shown(shown, doctor->config->revoked_file),
                REVOKED_MAX);
    }
}

/* Whether workers can start a refresh, where they have to. */
static void tell_refresher(struct doctor *doctor)
{
    char shown[FINDING_PIECE];
    if (doctor->config->jwks_file != NULL) {
        return;
    }
    if (doctor->config->refresh_external) {
        finding(&doctor->findings, FINDING_OK,
                "refresh: workers start none; cron or a timer is to run bearerctl refresh at least "
                "every %" PRId64 " seconds",
                doctor->config->ttl);
        return;
    }
    char *path CLEANUP(cleanup_free) = refresher_find(doctor->origin.program_dir);
    if (path != NULL) {
        finding(&doctor->findings, FINDING_OK, "refresh: workers start %s",
                finding_shown(shown, path));
    } else {
        const char *dir = doctor->origin.program_dir;
        finding(
            &doctor->findings, FINDING_FAILURE,
            "refresh: workers find no bearerctl that %s may run, neither in %s nor in " FB_BINDIR
            "; put it beside bearer.fcgi, or set BEARER_REFRESH=external and have cron run it",
            doctor->user.name,
            finding_shown(shown, dir != NULL ? dir : "the folder of bearer.fcgi"));
    }
}

/* Those besides `default`, and where they are looked for. */
static void tell_profiles(struct doctor *doctor)
{
    char shown[FINDING_PIECE];
    size_t count = 0;
    for (const struct config *each = doctor->all->next; each != NULL; each = each->next) {
        count++;
    }
    if (doctor->all->folder != NULL && count > 0) {
        finding(&doctor->findings, FINDING_OK,
                "profiles: default, and %zu in %s; a guarded location that names none of them by "
                "BEARER_PROFILE answers 500",
                count, finding_shown(shown, doctor->all->folder));
    }
}

/* What a profile beside `default` has of its own; the rest was told of that one. */
static void tell_own(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    char shown[FINDING_PIECE];
    finding(&doctor->findings, FINDING_OK, "the file is %s; what it does not say is default's",
            finding_shown(shown, config->file));
    for (unsigned i = 0; i < CONFIG__MAX; i++) {
        if (config->values[i].text != NULL && config->values[i].file == config->file) {
            tell_setting(doctor, (enum config_name)i);
        }
    }
    if (config->require != NULL) {
        finding(&doctor->findings, FINDING_OK, "BEARER_REQUIRE = %s (line %u)",
                finding_shown(shown, config->require), config->require_line);
    } else {
        finding(&doctor->findings, FINDING_OK,
                "BEARER_REQUIRE is not set: locations that name it set that themselves");
    }
}

void doctor_config(struct doctor *doctor)
{
    const struct config_report report = {.finding = take_finding, .context = doctor};
    tell_program(doctor);
    tell_file(doctor);
    doctor->all = config_load(&doctor->origin, &report, NULL);
    doctor->config = doctor->all;
    if (doctor->all == NULL) {
        return;
    }
    for (unsigned i = 0; i < CONFIG__MAX; i++) {
        tell_setting(doctor, (enum config_name)i);
    }
    tell_environment(doctor);
    tell_revoked(doctor);
    tell_profiles(doctor);
}

void doctor_profile(struct doctor *doctor)
{
    if (doctor->config != doctor->all) {
        tell_own(doctor);
    }
    tell_identity(doctor);
    tell_refresher(doctor);
}
