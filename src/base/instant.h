/* SPDX-License-Identifier: MIT */
/* Points in time as people write them. */
#ifndef FB_BASE_INSTANT_H
#define FB_BASE_INSTANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads a date and time (RFC 3339, section 5.6: 2026-11-29T12:00:00Z, or with an offset), or plain
 * seconds since 1970, from 1970 to the year 9999. *seconds is rounded up to a whole one. False: it
 * is neither. */
bool instant_parse(const char *text, size_t length, int64_t *seconds);

/* The same time as 2026-11-29T12:00:00Z. `out` has INSTANT_TEXT octets. */
#define INSTANT_TEXT 24
const char *instant_write(char out[INSTANT_TEXT], int64_t seconds);

#endif
