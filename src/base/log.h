/* SPDX-License-Identifier: MIT */
/* Lines for the operator. One event, one line, printable ASCII: whatever came from outside goes
 * through log_escape() first. Tokens and Authorization values are never given to a log. */
#ifndef FB_BASE_LOG_H
#define FB_BASE_LOG_H

#include <stddef.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG, LOG_LEVEL__MAX };

struct log {
    /* lines above this level are dropped */
    enum log_level level;
    /* Takes one whole line with its newline, `length` bytes; NULL: standard error. */
    void (*write)(void *context, const char *line, size_t length);
    void *context;
};

/* "error", "warn", "info" or "debug"; never NULL. */
const char *log_level_name(enum log_level level);

/* 0 and *level, or -1 if `name` is none of the four. */
int log_level_parse(const char *name, enum log_level *level);

/* Writes "fcgi-bearer: LEVEL: MESSAGE\n"; a message of over 2000 bytes is cut. `log` may be NULL:
 * nothing happens. */
void log_line(const struct log *log, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Copies `length` bytes at `bytes` into `out` (`size` bytes, at least 4) as a NUL-terminated
 * printable text: `"` and `\` get a backslash, everything outside 0x20..0x7e becomes \xHH. What
 * does not fit is replaced by "..". Returns `out`. */
const char *log_escape(char *out, size_t size, const char *bytes, size_t length);

#endif
