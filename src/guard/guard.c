/* SPDX-License-Identifier: MIT */
#include "guard/guard.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "answer/denial.h"
#include "base/monotonic.h"
#include "guard/denied.h"
#include "keys/refresher.h"

void guard_start(struct guard *guard, char *const *environment, bool may_keep,
                 bool (*stopping)(void))
{
    *guard =
        (struct guard){.log = {.level = LOG_LEVEL_WARN},
                       .live = {.may_keep = may_keep, .stopping = stopping, .log = &guard->log}};
    config_origin_self(&guard->live.origin, environment);
    guard->live.origin.plain_cgi = !may_keep;
    guard->live.refresher = refresher_find(guard->live.origin.program_dir);
    live_begin(&guard->live);
}

/* 0: unknown. */
static int64_t clock_ms(void)
{
    return monotonic_tick() / 1000000;
}

void guard_begin(struct guard *guard, const struct live *leader, bool (*stopping)(void))
{
    *guard = (struct guard){.log = *leader->log,
                            .live = {.may_keep = true,
                                     .look_at = INT64_MAX,
                                     .refresher = leader->refresher,
                                     .stopping = stopping,
                                     .log = &guard->log},
                            .library = true};
}

void guard_end(struct guard *guard)
{
    denials_tell(&guard->denials, &guard->log, INT64_MAX);
    live_end(&guard->live);
    requirements_clear(&guard->requirements);
}

void guard_stop(struct guard *guard)
{
    guard_end(guard);
    config_origin_clear(&guard->live.origin);
    free(guard->live.refresher);
    *guard = (struct guard){0};
}

/* Filling all of its 2 KiB with zeros would cost as much as the rest of a request whose token is
 * known: what is filled in only where it is needed (a denial's texts) begins with its
 * first member. */
void exchange_begin(struct exchange *exchange, char *const *params)
{
    exchange->params = params;
    exchange->request = (struct request){0};
    exchange->verdict = (struct verdict){0};
    exchange->nobody = (struct token){0};
    response_begin(&exchange->response);
    exchange->choice.first = NULL;
    exchange->of_profile = false;
    exchange->location = NULL;
    exchange->route = NULL;
}

void exchange_clear(struct exchange *exchange)
{
    token_clear(&exchange->nobody);
    if (exchange->response.own != NULL) { /* seldom, and a call costs more than a look */
        free(exchange->response.own);
    }
}

/* A server that sets a setting for requests (Apache's SetEnv with FastCGI) would otherwise be
 * ignored in silence. */
static void tell_setting(struct guard *guard, const struct exchange *exchange)
{
    const struct request *request = &exchange->request;
    if (request->setting == NULL || guard->setting_told ||
        exchange->params == guard->live.origin.environment) {
        return;
    }
    guard->setting_told = true;
    log_line(
        &guard->log, LOG_LEVEL_WARN,
        "%.*s comes as a request parameter and is ignored: write settings into the environment "
        "of the process (FcgidInitialEnv, bin-environment) or into bearer.env",
        (int)request->setting_length, request->setting);
}

/* A guarded location without BEARER_PROFILE, where there are several. */
static void tell_unchosen(const struct guard *guard, const struct request *request)
{
    log_line(&guard->log, request_is_lookup(request) ? LOG_LEVEL_DEBUG : LOG_LEVEL_ERROR,
             "a guarded location without BEARER_PROFILE, while there are %zu profiles: nothing is "
             "let through. Name those whose tokens it takes, as BEARER_REQUIRE is set, for example "
             "BEARER_PROFILE=default",
             guard->live.profiles->count);
}

/* The profiles that may judge the request. */
static enum bearer_code choose(const struct guard *guard, struct exchange *exchange)
{
    const struct request *request = &exchange->request;
    struct profiles *profiles = guard->live.profiles;
    if (request->profile != NULL) {
        struct diag diag;
        if (choice_read(&exchange->choice, profiles, request->profile, &diag)) {
            return BEARER_OK;
        }
        log_line(&guard->log, LOG_LEVEL_ERROR, "BEARER_PROFILE: %s", diag.text);
        return BEARER_MISCONFIGURED;
    }
    if (request->role != ROLE_RESPONDER && profiles->count > 1) {
        tell_unchosen(guard, request);
        return BEARER_MISCONFIGURED;
    }
    choice_default(&exchange->choice, profiles);
    return BEARER_OK;
}

enum bearer_code guard_read(struct guard *guard, struct exchange *exchange)
{
    live_look(&guard->live);
    if (guard->denials.more) {
        denials_tell(&guard->denials, &guard->log, clock_ms());
    }
    const struct profiles *profiles = guard->live.profiles;
    const enum config_role role = profiles != NULL ? profiles->config->role : ROLE_RESPONDER;
    enum bearer_code code = request_read(exchange->params, role, &guard->log, &exchange->request);
    tell_setting(guard, exchange);
    if (profiles == NULL) {
        log_line(&guard->log, LOG_LEVEL_ERROR, "no usable configuration: %s",
                 guard->live.config_error.text);
        return BEARER_MISCONFIGURED;
    }
    return code == BEARER_OK ? choose(guard, exchange) : code;
}

const struct profile *guard_profile(const struct guard *guard, const struct exchange *exchange)
{
    const struct profiles *profiles = guard->live.profiles;
    if (exchange->verdict.profile != NULL) {
        return exchange->verdict.profile;
    }
    return exchange->choice.first != NULL ? exchange->choice.first
           : profiles != NULL             ? &profiles->all[0]
                                          : NULL;
}

/* A guarded location without BEARER_REQUIRE. */
static void tell_unguarded(const struct guard *guard, const struct request *request)
{
    if (request_is_lookup(request)) {
        log_line(&guard->log, LOG_LEVEL_DEBUG,
                 "Apache itself looks up what is guarded (for a PATH_INFO, a listing or an "
                 "include), without BEARER_REQUIRE: that look-up is denied, and no client sees it");
        return;
    }
    if (guard->library) {
        log_line(&guard->log, LOG_LEVEL_ERROR,
                 "a check without BEARER_REQUIRE: nothing is let through. Give it as a fact, for "
                 "example {\"BEARER_REQUIRE\", \"valid-token\"}");
        return;
    }
    log_line(
        &guard->log, LOG_LEVEL_ERROR,
        "a guarded location without BEARER_REQUIRE: nothing is let through. Set it for the "
        "location - lighttpd: setenv.set-environment; Apache: SetEnvIf Request_URI ^ "
        "BEARER_REQUIRE=valid-token (SetEnv does not reach an authorizer); nginx: auth_request "
        "\"/.bearer/valid-token\", which the fastcgi_param of guard.conf hands on");
}

/* Whether what a guarded location requires stands in one place: the param, or each of its profiles.
 * False, with a line in the log: in none, or in two. */
static bool one_source(const struct guard *guard, struct exchange *exchange)
{
    struct choice_own own;
    choice_own(&exchange->choice, &own);
    exchange->of_profile = exchange->request.require == NULL;
    if (!exchange->of_profile && own.with != NULL) {
        log_line(&guard->log, LOG_LEVEL_ERROR,
                 "BEARER_REQUIRE is set for the location and in %s.env too: nothing is let "
                 "through. Remove one of the two",
                 own.with->config->profile);
        return false;
    }
    if (exchange->of_profile && own.with == NULL) {
        tell_unguarded(guard, &exchange->request);
        return false;
    }
    if (exchange->of_profile && own.without != NULL) {
        log_line(&guard->log, LOG_LEVEL_ERROR,
                 "the profile %s of a guarded location has a BEARER_REQUIRE of its own and %s has "
                 "none: nothing is let through. Give each one in its NAME.env (default cannot have "
                 "one), or none and set BEARER_REQUIRE for the location",
                 own.with->config->profile, own.without->config->profile);
        return false;
    }
    if (exchange->of_profile && own.differ) {
        log_line(&guard->log, LOG_LEVEL_ERROR,
                 "the profiles of a guarded location do not agree on whether nobody may pass "
                 "(optional in BEARER_REQUIRE): nothing is let through. Let all say it, or none");
        return false;
    }
    return true;
}

bool guard_location(struct guard *guard, bool guarded, struct exchange *exchange)
{
    const struct request *request = &exchange->request;
    if (guarded && !one_source(guard, exchange)) {
        return false;
    }
    if (request->require == NULL) {
        return true;
    }
    struct diag diag = {0};
    exchange->location = requirements_find(&guard->requirements, request->require, &diag);
    if (exchange->location == NULL) {
        log_line(&guard->log, LOG_LEVEL_ERROR, "BEARER_REQUIRE: %s", diag.text);
        return false;
    }
    return true;
}

/* Apache does not pass the header by default; who set this up cannot see that from a 401. Once for
 * each process; by plain CGI each request has its own, which cannot know what others brought, so
 * that there it is only for who asks for every detail. */
static void hint_apache(struct guard *guard, const struct request *request)
{
    const enum log_level level = guard->live.origin.plain_cgi ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARN;
    if (guard->authorization_seen || guard->hint_given || request->server == NULL ||
        strncmp(request->server, "Apache", 6) != 0) {
        return;
    }
    guard->hint_given = true;
    log_line(
        &guard->log, level,
        "no Authorization header has arrived in this process so far. If clients send one, Apache "
        "keeps it back: it passes it on only with \"CGIPassAuth On\" in the <Directory>, "
        "<Location> or .htaccess of this program (in an .htaccess without AuthConfig: SetEnvIf "
        "Authorization \"(.+)\" HTTP_AUTHORIZATION=$1). \"bearerctl doctor URL\" tries it");
}

enum bearer_code guard_check(struct guard *guard, const struct demands *demands,
                             struct exchange *exchange)
{
    struct request *request = &exchange->request;
    /* In that all that were chosen agree (choice_read()). */
    const char *header = exchange->choice.first->config->token_header;
    if (header != NULL) {
        request->credentials = request_credentials(exchange->params, header);
    }
    guard->authorization_seen =
        guard->authorization_seen || request->credentials.authorization != NULL;
    exchange->verdict = door_decide(&exchange->choice, guard->live.revocations,
                                    &request->credentials, demands, time(NULL));
    if (exchange->verdict.code == BEARER_NO_CREDENTIALS && header == NULL) {
        hint_apache(guard, request);
    }
    if (exchange->verdict.code == BEARER_MISCONFIGURED) {
        log_line(&guard->log, LOG_LEVEL_ERROR,
                 "BEARER_AUDIENCE_CLAIM is none in the profile %s, which serves guarded locations "
                 "only, and only those whose BEARER_REQUIRE has a term of claim: alone, such as "
                 "claim:role=admin",
                 exchange->verdict.profile->config->profile);
    }
    return exchange->verdict.code;
}

static void log_denied(struct guard *guard, enum bearer_code code, const struct exchange *exchange)
{
    const struct profile *profile = guard_profile(guard, exchange);
    const bool chosen = exchange->choice.first != NULL;
    const struct denied denied = {
        .code = code,
        .request = &exchange->request,
        .token = exchange->verdict.token != NULL ? exchange->verdict.token : &exchange->nobody,
        .profile = chosen ? profile->config->profile : "",
        .location =
            chosen && exchange->of_profile ? profile->require.text : exchange->request.require,
        .route = exchange->route != NULL ? exchange->route->text : NULL};
    denied_log(&guard->denials, &guard->log, &denied, clock_ms());
}

void guard_deny(struct guard *guard, enum bearer_code code, struct exchange *exchange)
{
    const char *allow = exchange->response.allow;
    response_begin(&exchange->response);
    exchange->response.allow = allow;
    denial_write(&exchange->response, code, guard_profile(guard, exchange), &exchange->verdict);
    log_denied(guard, code, exchange);
}
