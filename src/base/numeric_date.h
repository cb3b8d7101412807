/* SPDX-License-Identifier: MIT */
/* Dates of tokens (RFC 7519, section 2). */
#ifndef FB_BASE_NUMERIC_DATE_H
#define FB_BASE_NUMERIC_DATE_H

#include <stdbool.h>
#include <stdint.h>

/* A NumericDate judged on its text: 0 < date <= 253402300799 (the year 9999). */
struct numeric_date {
    /* whole seconds, rounded down */
    int64_t seconds;
    /* a part of a second more */
    bool fraction;
};

/* Reads a JSON number; false if it is no such date. */
bool numeric_date_parse(const char *text, struct numeric_date *date);

#endif
