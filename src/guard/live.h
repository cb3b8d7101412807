/* SPDX-License-Identifier: MIT */
/* The configuration of a running process, and the one that replaces it when its file has
 * changed. */
#ifndef FB_GUARD_LIVE_H
#define FB_GUARD_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/log.h"
#include "config/config.h"
#include "config/config_watch.h"
#include "door/profile.h"
#include "door/revocations.h"
#include "keys/refresher.h"

struct live {
    struct config_origin origin;
    /* NULL: there is no usable configuration */
    struct profiles *profiles;
    /* of revoked tokens; NULL: there is no list */
    struct revocations *revocations;
    /* why the last reading gave none */
    struct diag config_error;
    /* what is to be said of the configuration in use, a line each, when the next request comes;
     * NULL: nothing */
    char *warnings;
    struct config_watch watch;
    /* milliseconds of monotonic_tick(): the next look at its file */
    int64_t look_at;
    /* config_error counts: it is read again at each look */
    bool refused;
    /* how many configurations it has been */
    uint64_t taken;
    /* what an earlier configuration had started may still run */
    struct refresher_left left;
    /* absolute path of bearerctl, NULL if there is none */
    char *refresher;
    /* see struct keycache_options, and so for `stopping` */
    bool may_keep;
    bool (*stopping)(void);
    /* its level and format are the configuration's */
    struct log *log;
};

/* Reads it for the first time: live->profiles, or live->config_error. Warnings are logged with the
 * first request, those of a later one when it is taken up. The origin and what stands
 * behind `refresher` must be there. */
void live_begin(struct live *live);

/* Between requests: looks whether it has changed, at most once a second, and reads it again. A good
 * one replaces the old as a whole, with keys, verified tokens and the list of revoked ones; with a
 * bad one, or none, all stays as it is. So does the list by itself, where only that has changed
 * (revocations_look()). Both are logged, the latter once for each change. Costs no system call in
 * between. */
void live_look(struct live *live);

/* Takes up what `leader` has, whose owner sees that it does not change meanwhile: the configuration
 * and the list are the same two, with keys and remembered tokens of its own. So each thread has one
 * that follows, and looks at no file of the configuration itself. False: out of memory, nothing has
 * changed. */
bool live_follow(struct live *live, const struct live *leader);

/* Releases what it has. */
void live_end(struct live *live);

#endif
