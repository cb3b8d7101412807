/* SPDX-License-Identifier: MIT */
/* Where checks run side by side. A lane is what a worker process is: it has keys, remembered tokens
 * and requirements of its own, all under one lock, so that none of the code behind it knows of
 * threads. There are some more than processors; a thread takes that of the processor it runs on, if
 * it is free, else the next. So threads do not meet, and share no line of memory that is written.
 *
 * Checks that may wait for keys have lanes of their own: nobody else waits behind them. */
#ifndef FB_LIB_LANES_H
#define FB_LIB_LANES_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guard/guard.h"
#include "lib/source.h"

struct lane {
    pthread_mutex_t lock;
    /* of the source that guard.live follows; 0: it has never been used */
    uint64_t version;
    struct guard guard;
};

struct lanes {
    /* of each kind: those whose checks may wait are behind the others */
    size_t count;
    struct lane *all;
};

/* False: out of memory. To be closed in any case. */
bool lanes_open(struct lanes *lanes, const struct source *source);
void lanes_close(struct lanes *lanes);

/* A lane that is this thread's until lanes_leave(). NULL: out of memory. */
struct lane *lanes_take(struct lanes *lanes, struct source *source, bool may_wait);
void lanes_leave(struct lane *lane);

#endif
