/* SPDX-License-Identifier: MIT */
#include "lib/lanes.h"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#define LANES_MAX 64 /* of each kind */

/* For the lanes that never wait. */
static bool at_once(void)
{
    return true;
}

bool lanes_open(struct lanes *lanes, const struct source *source)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    lanes->count = processors < 1               ? 2
                   : processors > LANES_MAX / 2 ? LANES_MAX
                                                : 2 * (size_t)processors;
    lanes->all = calloc(2 * lanes->count, sizeof *lanes->all);
    for (size_t i = 0; lanes->all != NULL && i < 2 * lanes->count; i++) {
        struct lane *lane = &lanes->all[i];
        pthread_mutex_init(&lane->lock, NULL);
        guard_begin(&lane->guard, &source->live, i < lanes->count ? at_once : NULL);
    }
    return lanes->all != NULL;
}

void lanes_close(struct lanes *lanes)
{
    for (size_t i = 0; lanes->all != NULL && i < 2 * lanes->count; i++) {
        guard_end(&lanes->all[i].guard);
        pthread_mutex_destroy(&lanes->all[i].lock);
    }
    free(lanes->all);
    lanes->all = NULL;
}

/* Locks one. Where all are taken it waits for one: for what another thread does, which waits for
 * nothing that comes from the network unless this one may, too. */
static struct lane *lock_one(struct lane *group, size_t count)
{
    const int processor = sched_getcpu();
    const size_t first = processor < 0 ? 0 : (size_t)processor % count;
    for (size_t i = 0; i < count; i++) {
        struct lane *lane = &group[(first + i) % count];
        if (pthread_mutex_trylock(&lane->lock) == 0) {
            return lane;
        }
    }
    pthread_mutex_lock(&group[first].lock);
    return &group[first];
}

struct lane *lanes_take(struct lanes *lanes, struct source *source, bool may_wait)
{
    struct lane *lane = lock_one(lanes->all + (may_wait ? lanes->count : 0), lanes->count);
    if (lane->guard.live.left.count > 0) {
        refresher_reap_left(&lane->guard.live.left);
    }
    if (source_follow(source, &lane->guard.live, &lane->version)) {
        return lane;
    }
    lanes_leave(lane);
    return NULL;
}

void lanes_leave(struct lane *lane)
{
    pthread_mutex_unlock(&lane->lock);
}
