/* SPDX-License-Identifier: MIT */
/* Which answers are right for a request.
 *
 * A worker decides at one instant between `before`, looked at just before the request was sent, and
 * `after`, looked at when its answer had come. Whatever is the same at both is what the worker saw,
 * and there is one right answer. Where something changed in between - a second began in which the
 * token is (no longer) valid or the keys are too old, a refresh started or ended - the answers
 * before and after the change are right, and no others. */
#include <stdio.h>
#include <string.h>

#include "soak.h"

#define DETAIL(text) "{\"detail\":\"" text "\"}"
#define INVALID(text)  \
    401, DETAIL(text), \
        "Bearer realm=\"api\", error=\"invalid_token\", error_description=\"" text "\""

/* Seconds by which a worker's own cooldown, which begins when it starts the refresh and is told by
 * another clock, may outlast the one in the record, which begins with the request: rounding, and up
 * to a second that this request waited for the lock. */
#define OWN_COOLDOWN 2

/* A worker that finds the lock held waits a second. One that did so may say so even if whoever held
 * it did not start anything. */
#define BUSY_MICROSECONDS 900000

/* A refresh lives no longer: after that and a cooldown there are keys again, if there is an
 * issuer. */
#define REFRESH_SECONDS 30

enum answer {
    ANSWER_PUBLIC,
    ANSWER_CLAIMS,
    ANSWER_NOBODY,
    ANSWER_TWO,
    ANSWER_SEGMENTS,
    ANSWER_ALG,
    ANSWER_SIGNATURE,
    ANSWER_AUDIENCE,
    ANSWER_ISSUER,
    ANSWER_EXPIRED,
    ANSWER_EARLY,
    ANSWER_SCOPE,
    ANSWER_UNKNOWN,
    ANSWER_NO_KEYS,
    ANSWER_NO_PATH,
    ANSWER_NO_METHOD,
    ANSWER__MAX
};

static const struct {
    long status;
    const char *body, *challenge;
} answers[ANSWER__MAX] = {
    [ANSWER_PUBLIC] =
        {200,
         "{\"status\":\"success\",\"msg\":\"Hello from a public endpoint! You don't need to be "
         "authenticated to see this.\"}",
         NULL},
    [ANSWER_CLAIMS] = {200, NULL, NULL}, /* the token's own */
    [ANSWER_NOBODY] = {401, DETAIL("Not authenticated"), "Bearer realm=\"api\""},
    [ANSWER_TWO] =
        {400, DETAIL("More than one credential was sent"),
         "Bearer realm=\"api\", error=\"invalid_request\", error_description=\"More than one "
         "credential was sent\""},
    [ANSWER_SEGMENTS] = {INVALID("The token is not three non-empty segments joined by dots")},
    [ANSWER_ALG] = {INVALID("The token algorithm is not one that is accepted here")},
    [ANSWER_SIGNATURE] = {INVALID("The token signature is not valid")},
    [ANSWER_AUDIENCE] = {INVALID("The token is for another audience (aud)")},
    [ANSWER_ISSUER] = {INVALID("The token is from another issuer (iss)")},
    [ANSWER_EXPIRED] = {INVALID("The token has expired")},
    [ANSWER_EARLY] = {INVALID("The token is not valid yet (nbf)")},
    [ANSWER_SCOPE] =
        {403, DETAIL("Required: scope=read:messages"),
         "Bearer realm=\"api\", error=\"insufficient_scope\", scope=\"read:messages\""},
    [ANSWER_UNKNOWN] = {INVALID("The token names an unknown key (kid)")},
    [ANSWER_NO_KEYS] = {503, DETAIL("Signing keys are unavailable"), NULL},
    [ANSWER_NO_PATH] = {404, DETAIL("Not Found"), NULL},
    [ANSWER_NO_METHOD] = {405, DETAIL("Method Not Allowed"), NULL},
};

#define A(answer) (1U << ANSWER_##answer)

const struct shape shapes[KIND__MAX] = {
    [KIND_PUBLIC] = {"public", "GET", "/public", 6, POOL__MAX},
    [KIND_NOBODY] = {"no credentials", "GET", "/private", 4, POOL__MAX},
    [KIND_BASIC] = {"another scheme", "GET", "/private", 1, POOL__MAX},
    [KIND_GOOD] = {"good", "GET", "/private", 34, POOL_GOOD},
    [KIND_SCOPED] = {"good, with the scope", "GET", "/private-scoped", 10, POOL_SCOPED},
    [KIND_UNSCOPED] = {"good, without the scope", "GET", "/private-scoped", 5, POOL_GOOD},
    [KIND_BRIEF] = {"expiring during the run", "GET", "/private", 8, POOL_BRIEF},
    [KIND_EARLY] = {"valid from a moment of the run", "GET", "/private", 4, POOL_EARLY},
    [KIND_EXPIRED] = {"expired", "GET", "/private", 4, POOL_EXPIRED},
    [KIND_AUDIENCE] = {"another audience", "GET", "/private", 2, POOL_AUDIENCE},
    [KIND_ISSUER] = {"another issuer", "GET", "/private", 2, POOL_ISSUER},
    [KIND_SIGNATURE] = {"signature altered", "GET", "/private", 3, POOL_GOOD},
    [KIND_SWAPPED] = {"signature of another token", "GET", "/private-scoped", 2, POOL_SCOPED},
    [KIND_NONE] = {"alg none", "GET", "/private", 2, POOL_GOOD},
    [KIND_GARBAGE] = {"no token at all", "GET", "/private", 2, POOL__MAX},
    [KIND_TWO] = {"two credentials", "GET", "/private", 1, POOL_GOOD},
    [KIND_UNKNOWN] = {"unknown kid", "GET", "/private", 4, POOL_GOOD},
    [KIND_UNFIT] = {"unknown kid, expired", "GET", "/private", 2, POOL_EXPIRED},
    [KIND_DROPPED] = {"key withdrawn", "GET", "/private", 2, POOL_DROPPED},
    [KIND_NO_PATH] = {"no such path", "GET", "/privat", 1, POOL_GOOD},
    [KIND_NO_METHOD] = {"no such method", "DELETE", "/private", 1, POOL_GOOD},
};

bool may_fetch(enum kind kind)
{
    return kind == KIND_UNKNOWN || kind == KIND_DROPPED || kind == KIND_SIGNATURE ||
           kind == KIND_SWAPPED;
}

/* What does not get as far as the keys; 0: the others. */
static unsigned without_keys(enum kind kind)
{
    switch ((int)kind) {
    case KIND_PUBLIC:
        return A(PUBLIC);
    case KIND_NOBODY:
    case KIND_BASIC:
        return A(NOBODY);
    case KIND_NONE:
        return A(ALG);
    case KIND_GARBAGE:
        return A(SEGMENTS);
    case KIND_TWO:
        return A(TWO);
    case KIND_NO_PATH:
        return A(NO_PATH);
    case KIND_NO_METHOD:
        return A(NO_METHOD);
    default:
        return 0;
    }
}

/* The claims of a token with a good signature, in the order they are judged. */
static unsigned by_claims(const struct world *world, enum kind kind, const struct token *token,
                          int64_t now)
{
    if (!token->issuer) {
        return A(ISSUER);
    }
    if (!token->audience) {
        return A(AUDIENCE);
    }
    if (now >= token->exp + world->settings.leeway) {
        return A(EXPIRED);
    }
    if (token->nbf > now + world->settings.leeway) {
        return A(EARLY);
    }
    return kind == KIND_UNSCOPED && !token->scope ? A(SCOPE) : A(CLAIMS);
}

static bool busy(const struct moment *before, const struct moment *after)
{
    return before->record != after->record ||
           (after->record != NULL && after->record->outcome == ATTEMPT_RUNNING) ||
           after->microsecond - before->microsecond >= BUSY_MICROSECONDS;
}

/* The request may have been answered by what the record said then: all that it said in its time,
 * and before it if that still counted. */
static bool counted(const struct world *world, const struct moment *before,
                    const struct moment *after, const struct record *record)
{
    return record != before->record || record == after->record ||
           before->second - record->when < world->settings.cooldown + OWN_COOLDOWN;
}

/* The one before `record`, as long as that was in the time of the request. */
static const struct record *earlier(const struct moment *before, const struct record *record)
{
    return record == before->record ? NULL : record->older;
}

/* A kid that is in no key set, of a token whose claims fit: what the last refresh says, else a new
 * one. */
static unsigned by_refresh(const struct world *world, const struct moment *before,
                           const struct moment *after)
{
    unsigned right = busy(before, after) ? A(NO_KEYS) : 0;
    for (const struct record *at = after->record; at != NULL; at = earlier(before, at)) {
        if (at->outcome == ATTEMPT_SUCCEEDED && counted(world, before, after, at)) {
            right |= A(UNKNOWN);
        } else if (at->outcome == ATTEMPT_FAILED && counted(world, before, after, at)) {
            right |= A(NO_KEYS);
        }
    }
    return right;
}

static bool has_kid(const struct view *view, const char *kid)
{
    char member[160];
    snprintf(member, sizeof member, "\"kid\":\"%s\"", kid);
    return view != NULL && strstr(view->text, member) != NULL;
}

static bool usable(const struct world *world, const struct view *view, int64_t now)
{
    return view != NULL && now - view->fetched < world->settings.max_stale;
}

/* The oldest keys that a worker may have had. It looks at the file once in a tick of the clock
 * (keycache.c), 10 ms at most. */
static const struct view *oldest_view(const struct moment *before)
{
    const struct view *view = before->view;
    bool fresh = view != NULL && before->microsecond - view->seen < 10000;
    return fresh && view->older != NULL ? view->older : view;
}

/* With usable keys. That a key is in the set is looked at only once it may be withdrawn: before, a
 * rotation is the issuer's own affair, published a TTL before it signs, and a good token is
 * good. */
static unsigned with_keys(const struct world *world, enum kind kind, const struct token *token,
                          const struct moment *before, const struct moment *after)
{
    bool foreign = kind == KIND_UNKNOWN || kind == KIND_UNFIT;
    bool had = !foreign && !token->dropped; /* at one time of the request */
    bool lacked = foreign;
    for (const struct view *at = after->view; token->dropped && at != NULL;
         at = at == oldest_view(before) ? NULL : at->older) {
        bool has = !foreign && has_kid(at, token->kid);
        had = had || has;
        lacked = lacked || !has;
    }
    unsigned right = 0;
    for (int end = 0; end < 2; end++) {
        int64_t now = end == 0 ? before->second : after->second;
        bool fits = token->issuer && token->audience && now < token->exp + world->settings.leeway;
        if (had) {
            bool forged = kind == KIND_SIGNATURE || kind == KIND_SWAPPED;
            right |= forged ? A(SIGNATURE) : by_claims(world, kind, token, now);
        }
        if (lacked) {
            right |= fits ? by_refresh(world, before, after) : A(UNKNOWN);
        }
    }
    return right;
}

/* Keys that are too old are a fault of ours once there has been time for another refresh. */
static bool excused(const struct world *world, const struct moment *after)
{
    int64_t since =
        after->view != NULL ? after->view->fetched + world->settings.max_stale : after->second;
    since = since > world->issuer_since ? since : world->issuer_since;
    since = since > world->server_since ? since : world->server_since;
    return world->issuer != ISSUER_UP ||
           after->second - since <= world->settings.cooldown + REFRESH_SECONDS;
}

static unsigned right_answers(const struct world *world, enum kind kind, const struct token *token,
                              const struct moment *before, const struct moment *after)
{
    unsigned right = without_keys(kind);
    if (right != 0) {
        return right;
    }
    if (!usable(world, before->view, after->second) && excused(world, after)) {
        right |= A(NO_KEYS);
    }
    if (usable(world, after->view, before->second)) {
        right |= with_keys(world, kind, token, before, after);
    }
    return right;
}

/* Retry-After: a second where a refresh is under way, else what is left of the cooldown. */
static bool good_retry(const struct world *world, const struct moment *before,
                       const struct moment *after, int64_t seconds)
{
    int64_t cooldown = world->settings.cooldown;
    if (seconds == 1 && busy(before, after)) {
        return true;
    }
    for (const struct record *at = after->record; at != NULL; at = earlier(before, at)) {
        int64_t most = cooldown - (before->second - at->when) + OWN_COOLDOWN;
        int64_t least = cooldown - (after->second - at->when);
        if (at->outcome == ATTEMPT_FAILED && seconds >= 1 && seconds >= least && seconds <= most &&
            seconds <= cooldown) {
            return true;
        }
    }
    return false;
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

const char *judge(const struct world *world, enum kind kind, const struct token *token,
                  const struct moment *before, const struct moment *after,
                  const struct reply *reply)
{
    static char text[512];
    unsigned right = right_answers(world, kind, token, before, after);
    for (enum answer answer = 0; answer < ANSWER__MAX; answer++) {
        const char *body =
            answer == ANSWER_CLAIMS && token != NULL ? token->payload : answers[answer].body;
        bool retry = answer == ANSWER_NO_KEYS ? good_retry(world, before, after, reply->retry_after)
                                              : reply->retry_after == -1;
        if ((right & (1U << answer)) != 0 && reply->status == answers[answer].status &&
            same_text(reply->body, body) &&
            same_text(reply->challenge, answers[answer].challenge) && retry) {
            return NULL;
        }
    }
    int at = 0;
    text[0] = '\0';
    for (enum answer answer = 0; answer < ANSWER__MAX; answer++) {
        if ((right & (1U << answer)) != 0 && at >= 0 && (size_t)at < sizeof text) {
            at += snprintf(text + at, sizeof text - (size_t)at, "%s%ld %s", at > 0 ? ", or " : "",
                           answers[answer].status,
                           answers[answer].body != NULL ? answers[answer].body : "with the claims");
        }
    }
    return text[0] != '\0' ? text : "nothing: there ought to be keys";
}
