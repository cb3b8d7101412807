/* SPDX-License-Identifier: MIT */
#include "base/monotonic.h"

#include <time.h>

int64_t monotonic_ms(void)
{
    struct timespec time = {0};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int64_t monotonic_seconds(void)
{
    return monotonic_ms() / 1000;
}

int64_t monotonic_tick(void)
{
    struct timespec time = {0};
    clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}
