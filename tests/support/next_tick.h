/* SPDX-License-Identifier: MIT */
/* A worker looks at the file behind its keys once in a tick of the clock (keycache.c): what a test
 * has changed is seen from the next one on. */
#ifndef NEXT_TICK_H
#define NEXT_TICK_H

#include <time.h>

static void next_tick(void)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    struct timespec first, now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &first);
    do {
        nanosleep(&pause, NULL);
        clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    } while (now.tv_sec == first.tv_sec && now.tv_nsec == first.tv_nsec);
}

#endif
