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

struct live {
    struct config_origin origin;
    /* NULL: there is no usable configuration */
    struct profiles *profiles;
    /* of revoked tokens; NULL: there is no list */
    struct revocations *revocations;
    /* why the last reading gave none */
    struct diag config_error;
    struct config_watch watch;
    /* milliseconds of monotonic_tick(): the next look at its file */
    int64_t look_at;
    /* config_error counts: it is read again at each look */
    bool refused;
    /* what an earlier configuration had started may still run */
    bool children_left;
    /* absolute path of bearerctl, NULL if there is none */
    char *refresher;
    /* see struct keycache_options, and so for `stopping` */
    bool may_keep;
    bool (*stopping)(void);
    /* its level and format are the configuration's */
    struct log *log;
};

/* Reads it for the first time: live->profiles, or live->config_error. The origin and what stands
 * behind `refresher` must be there. */
void live_begin(struct live *live);

/* Between requests: looks whether it has changed, at most once a second, and reads it again. A good
 * one replaces the old as a whole, with keys, verified tokens and the list of revoked ones; with a
 * bad one, or none, all stays as it is. So does the list by itself, where only that has changed
 * (revocations_look()). Both are logged, the latter once for each change. Costs no system call in
 * between. */
void live_look(struct live *live);

/* Releases live->profiles and live->revocations. */
void live_end(struct live *live);

#endif
