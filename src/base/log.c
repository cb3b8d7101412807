/* SPDX-License-Identifier: MIT */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/instant.h"
#include "base/utf8.h"

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

/* A line on its way; room for its end, a brace, a newline and a NUL, is always left. */
struct line {
    size_t used;
    char bytes[LOG_FIELDS_MAX + 2048];
};

static size_t room(const struct line *line)
{
    return sizeof line->bytes - 3 - line->used;
}

static void put(struct line *line, const char *text)
{
    const size_t length = strlen(text);
    if (length <= room(line)) {
        memcpy(line->bytes + line->used, text, length);
        line->used += length;
    }
}

/* One octet as the text of a line has it; its characters are returned. */
static size_t escape_octet(char piece[UTF8_ESCAPED], unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    if (c < 0x20 || c > 0x7e) {
        memcpy(piece, (const char[]){'\\', 'x', hex[c >> 4], hex[c & 15]}, 4);
        return 4;
    }
    if (c == '"' || c == '\\') {
        memcpy(piece, (const char[]){'\\', (char)c}, 2);
        return 2;
    }
    piece[0] = (char)c;
    return 1;
}

/* The character at `at` as JSON has it; its octets are *octets. */
static size_t escape_character(char piece[UTF8_ESCAPED], const char *at, const char *end,
                               size_t *octets)
{
    uint32_t point = 0xfffd;
    *octets = utf8_character(at, end, &point);
    if (*octets == 0) {
        *octets = 1;
    }
    return point < 0x20 || point > 0x7e ? utf8_escape(piece, point)
                                        : escape_octet(piece, (unsigned char)point);
}

/* log_escape(), or the same for JSON; the length is returned. */
static size_t escape(char *out, size_t size, const char *bytes, size_t length, bool json)
{
    size_t used = 0;
    size_t octets = 1;
    for (size_t i = 0; i < length; i += octets) {
        char piece[UTF8_ESCAPED];
        const size_t n = json ? escape_character(piece, bytes + i, bytes + length, &octets)
                              : escape_octet(piece, (unsigned char)bytes[i]);
        if (used + n + 3 > size) { /* room for "..", NUL */
            out[used++] = '.';
            out[used++] = '.';
            break;
        }
        memcpy(out + used, piece, n);
        used += n;
    }
    out[used] = '\0';
    return used;
}

const char *log_escape(char *out, size_t size, const char *bytes, size_t length)
{
    (void)escape(out, size, bytes, length, false);
    return out;
}

/* Nothing where there is no room for all that it may be: a line stays what it is. */
static void put_field(struct line *line, const struct log_field *field, bool json)
{
    const char *quote = json || !field->bare ? "\"" : "";
    char number[16];
    if (strlen(field->name) + sizeof number + (field->text != NULL ? field->most : 0) >
        room(line)) {
        return;
    }
    put(line, json ? ",\"" : " ");
    put(line, field->name);
    put(line, json ? "\":" : "=");
    if (field->text == NULL) {
        (void)snprintf(number, sizeof number, "%u", field->number);
        put(line, number);
        return;
    }
    put(line, quote);
    line->used += escape(line->bytes + line->used, field->most, field->text, field->length, json);
    put(line, quote);
}

/* What stands before the message. */
static void begin(struct line *line, bool json, enum log_level level)
{
    char time_text[INSTANT_TEXT];
    struct timespec now = {0};
    line->used = 0;
    if (json) {
        (void)clock_gettime(CLOCK_REALTIME, &now);
        put(line, "{\"time\":\"");
        put(line, instant_write(time_text, now.tv_sec));
        put(line, "\",\"level\":\"");
    } else {
        put(line, "fcgi-bearer: ");
    }
    put(line, log_level_name(level));
    put(line, json ? "\",\"msg\":\"" : ": ");
}

static void finish(const struct log *log, struct line *line)
{
    if (log->json) {
        line->bytes[line->used++] = '}';
    }
    line->bytes[line->used++] = '\n';
    line->bytes[line->used] = '\0';
    if (log->write != NULL) {
        log->write(log->context, line->bytes, line->used);
    } else if (write(STDERR_FILENO, line->bytes, line->used) < 0) {
        return; /* there is nowhere left to say so */
    }
}

void log_line(const struct log *log, enum log_level level, const char *format, ...)
{
    if (log == NULL || level > log->level) {
        return;
    }
    struct line line;
    char message[2048];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (length < 0) {
        return;
    }
    begin(&line, log->json, level);
    if (log->json) {
        line.used += escape(line.bytes + line.used, LOG_FIELDS_MAX, message, strlen(message), true);
        put(&line, "\"");
    } else {
        for (char *c = message; *c != '\0'; c++) {
            *c = *c >= 0x20 && *c <= 0x7e ? *c : '?'; /* whatever slipped in, it prints */
        }
        put(&line, message);
    }
    finish(log, &line);
}

void log_fields(const struct log *log, enum log_level level, const char *event,
                const struct log_field *fields, size_t count)
{
    if (log == NULL || level > log->level) {
        return;
    }
    struct line line;
    begin(&line, log->json, level);
    put(&line, event);
    put(&line, log->json ? "\"" : "");
    for (size_t i = 0; i < count; i++) {
        put_field(&line, &fields[i], log->json);
    }
    finish(log, &line);
}
