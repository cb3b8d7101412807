/* A worker looks at the file behind its keys once in a tick of the clock (keycache.c): what a test has changed is seen from the next one on. */
#ifndef NEXT_TICK_H
#define NEXT_TICK_H

#include <time.h>

#include "monotonic.h"

static void next_tick(void)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    const int64_t tick = monotonic_tick();
    while (monotonic_tick() == tick) {
        nanosleep(&pause, NULL);
    }
}

#endif
