/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const level_names[LOG_LEVEL__MAX] = {
    [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARN] = "warn",
    [LOG_LEVEL_INFO] = "info",
    [LOG_LEVEL_DEBUG] = "debug",
};

const char *log_level_name(enum log_level level)
{
    return (unsigned)level < LOG_LEVEL__MAX ? level_names[level] : "error";
}

int log_level_parse(const char *name, enum log_level *level)
{
    for (unsigned i = 0; i < LOG_LEVEL__MAX; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *level = (enum log_level)i;
            return 0;
        }
    }
    return -1;
}

void log_line(const struct log *log, enum log_level level, const char *format, ...)
{
    if (log == NULL || level > log->level) {
        return;
    }
    char line[2048];
    size_t used = (size_t)snprintf(line, sizeof line, "fcgi-bearer: %s: ", log_level_name(level));
    va_list args;
    va_start(args, format);
    int body = vsnprintf(line + used, sizeof line - used - 1, format, args);
    va_end(args);
    if (body < 0) {
        return;
    }
    size_t room = sizeof line - used - 2;
    size_t end = used + ((size_t)body < room ? (size_t)body : room);
    for (; used < end; used++) {
        if (line[used] < 0x20 || line[used] > 0x7e) {
            line[used] = '?'; /* whatever slipped in, an event stays one printable line */
        }
    }
    line[used++] = '\n';
    if (log->write != NULL) {
        log->write(log->context, line, used);
    } else if (write(STDERR_FILENO, line, used) < 0) {
        return; /* there is nowhere left to say so */
    }
}

const char *log_escape(char *out, size_t size, const char *bytes, size_t length)
{
    static const char hex[] = "0123456789abcdef";
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)bytes[i];
        char piece[4];
        size_t n = 0;
        if (c == '"' || c == '\\') {
            piece[n++] = '\\';
            piece[n++] = (char)c;
        } else if (c >= 0x20 && c <= 0x7e) {
            piece[n++] = (char)c;
        } else {
            piece[n++] = '\\';
            piece[n++] = 'x';
            piece[n++] = hex[c >> 4];
            piece[n++] = hex[c & 15];
        }
        if (used + n + 3 > size) { /* room for "..", NUL */
            out[used++] = '.';
            out[used++] = '.';
            break;
        }
        memcpy(out + used, piece, n);
        used += n;
    }
    out[used] = '\0';
    return out;
}
