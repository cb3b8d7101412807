/* SPDX-License-Identifier: MIT */
/* A message for an operator: what was wrong, where, and what to do next. Never for the client. */
#ifndef FB_BASE_DIAG_H
#define FB_BASE_DIAG_H

#include <stdarg.h>

struct diag {
    /* NUL-terminated; too long a message is cut */
    char text[1024];
};

/* Replaces the message; by nothing if it cannot be written. `diag` may be NULL: then nothing
 * happens. */
void diag_set(struct diag *diag, const char *format, ...) __attribute__((format(printf, 2, 3)));
void diag_vset(struct diag *diag, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Puts "prefix: " before the message there is (the outer fact first). `diag` may be NULL. */
void diag_wrap(struct diag *diag, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
