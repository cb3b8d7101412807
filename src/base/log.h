/* SPDX-License-Identifier: MIT */
/* Lines for the operator. One event, one line, printable ASCII: whatever came from outside goes
 * through log_escape() first. Tokens and Authorization values are never given to a log. */
#ifndef FB_BASE_LOG_H
#define FB_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG, LOG_LEVEL__MAX };

struct log {
    /* lines above this level are dropped */
    enum log_level level;
    /* one JSON object a line, not text */
    bool json;
    /* Takes one whole line with its newline, `length` bytes and a NUL behind them; NULL: standard
     * error. */
    void (*write)(void *context, const char *line, size_t length);
    void *context;
};

/* "error", "warn", "info" or "debug"; never NULL. */
const char *log_level_name(enum log_level level);

/* 0 and *level, or -1 if `name` is none of the four. */
int log_level_parse(const char *name, enum log_level *level);

/* Writes "fcgi-bearer: LEVEL: MESSAGE\n", or {"time":"...","level":"LEVEL","msg":"MESSAGE"}; a
 * message of over 2000 bytes is cut. `log` may be NULL: nothing happens. */
void log_line(const struct log *log, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What an event says beside its name. */
struct log_field {
    /* that of the JSON member too */
    const char *name;
    /* `length` octets, whatever they are; NULL: the number counts */
    const char *text;
    size_t length;
    unsigned number;
    /* without quotes where lines are text: it has no space */
    bool bare;
    /* as log_escape()'s `size`; LOG_FIELDS_MAX for all of a line */
    size_t most;
};

#define LOG_FIELDS_MAX 12288

/* Writes an event as log_line() writes a message: "fcgi-bearer: LEVEL: EVENT NAME=TEXT
 * NAME="TEXT"\n", or the members after "msg". Where JSON escapes, \u and what is no UTF-8 is
 * U+FFFD, the text has log_escape()'s \xHH. `event` is plain ASCII. */
void log_fields(const struct log *log, enum log_level level, const char *event,
                const struct log_field *fields, size_t count);

/* Copies `length` bytes at `bytes` into `out` (`size` bytes, at least 4) as a NUL-terminated
 * printable text: `"` and `\` get a backslash, everything outside 0x20..0x7e becomes \xHH. What
 * does not fit is replaced by "..". Returns `out`. */
const char *log_escape(char *out, size_t size, const char *bytes, size_t length);

#endif
