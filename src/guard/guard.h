/* SPDX-License-Identifier: MIT */
/* What a process needs to judge requests - configuration, keys, log - and what is the same of all
 * of them, be it for an endpoint or for a guarded location. */
#ifndef FB_GUARD_GUARD_H
#define FB_GUARD_GUARD_H

#include <stdbool.h>

#include "answer/response.h"
#include "base/log.h"
#include "door/door.h"
#include "guard/denials.h"
#include "guard/live.h"
#include "guard/request.h"
#include "policy/requirements.h"

struct guard {
    struct live live;
    struct log log;
    struct denials denials;
    struct requirements requirements;
    /* some request brought one */
    bool authorization_seen;
    bool hint_given;
    bool setting_told;
    /* a program asks by itself: what a web server sets it says in bearer_fact */
    bool library;
};

/* One request on its way to its answer. */
struct exchange {
    /* NAME=value, NULL-terminated; borrowed */
    char *const *params;
    struct request request;
    struct choice choice;
    struct verdict verdict;
    /* no token */
    struct token nobody;
    struct response response;
    /* NULL: none. Borrowed from the guard, and the route's is valid as long as the location's is */
    const struct requirement *location, *route;
    /* the location requires what the profile says that decides */
    bool of_profile;
};

/* Reads the configuration; without a good one guard->live.profiles is NULL and
 * guard->live.config_error says why. `environment` is borrowed, and so is `stopping`, asked during
 * waits. `may_keep`: the process outlives the request. */
void guard_start(struct guard *guard, char *const *environment, bool may_keep,
                 bool (*stopping)(void));
void guard_stop(struct guard *guard);

/* For a thread among others, instead: what it needs follows `leader`, from which all that is no
 * configuration is borrowed (live_follow() is to be called before the first request). No server
 * sets anything for it. */
void guard_begin(struct guard *guard, const struct live *leader, bool (*stopping)(void));
void guard_end(struct guard *guard);

/* Begins an exchange about a request with these params; cleared by exchange_clear() in any case. */
void exchange_begin(struct exchange *exchange, char *const *params);
void exchange_clear(struct exchange *exchange); /* for CLEANUP() */

/* Reads the params into exchange->request, by the newest configuration, and chooses the profiles.
 * BEARER_OK, or why it is not
 * judged any further; BEARER_MISCONFIGURED is logged. */
enum bearer_code guard_read(struct guard *guard, struct exchange *exchange);

/* Finds what the location requires: its BEARER_REQUIRE, read into exchange->location, or, where it
 * is guarded, that of each profile it names (exchange->of_profile). False, with a line in the log
 * that says what to do, if it is not in the grammar; and of what is `guarded` if there is none, or
 * the two contradict. */
bool guard_location(struct guard *guard, bool guarded, struct exchange *exchange);

/* Whose settings an answer is made with: the profile that decided, else the first that was chosen,
 * else `default`. NULL: there is no usable configuration. */
const struct profile *guard_profile(const struct guard *guard, const struct exchange *exchange);

/* door_decide() into exchange->verdict; its code is returned. */
enum bearer_code guard_check(struct guard *guard, const struct demands *demands,
                             struct exchange *exchange);

/* Makes exchange->response a denial, and logs it. Nothing of a half-made answer stays, but the
 * Allow of a 405. */
void guard_deny(struct guard *guard, enum bearer_code code, struct exchange *exchange);

#endif
