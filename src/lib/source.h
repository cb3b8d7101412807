/* SPDX-License-Identifier: MIT */
/* What all threads of a process share: the configuration and the list of revoked tokens as they
 * were read last. Neither ever changes; who uses one owns it with the others, until it takes up the
 * next. */
#ifndef FB_LIB_SOURCE_H
#define FB_LIB_SOURCE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "base/log.h"
#include "guard/live.h"

struct source {
    /* of all that is not atomic */
    pthread_mutex_t lock;
    /* a copy: the host may change its own at any time */
    char **environment;
    struct log log;
    struct live live;
    /* live.look_at, for who does not have the lock */
    _Atomic int64_t look_at;
    /* another one whenever configuration or list are others; never 0 */
    _Atomic uint64_t version;
};

/* Reads the configuration in `file` (absolute; NULL: where programs look for it). False, with a
 * message in `diag`: there is no good one. To be closed in any case. */
bool source_open(struct source *source, const char *file, const struct log *log, struct diag *diag);
void source_close(struct source *source);

/* Looks once a second whether a file has changed; one thread does, and the others do not wait. */
void source_look(struct source *source);

/* Takes up what is newer than *version into `live`. False: out of memory. */
bool source_follow(struct source *source, struct live *live, uint64_t *version);

#endif
