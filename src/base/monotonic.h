/* SPDX-License-Identifier: MIT */
/* The clock that nobody sets: for how long something has taken or may take. Its beginning says
 * nothing. */
#ifndef FB_BASE_MONOTONIC_H
#define FB_BASE_MONOTONIC_H

#include <stdint.h>

int64_t monotonic_ms(void);
int64_t monotonic_seconds(void); /* rounded down */

/* The kernel's tick, in nanoseconds: another one after 10 ms at most. Costs no system call. 0:
 * unknown. */
int64_t monotonic_tick(void);

#endif
