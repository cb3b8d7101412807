/* SPDX-License-Identifier: MIT */
#include "ctl/doctor/findings.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"

#define TEXT_MAX    2000 /* octets of one finding */
#define COLUMNS_MAX 500

static const struct {
    const char *word, *colour;
} levels[FINDING__MAX] = {
    [FINDING_OK] = {"ok", "\033[32m"},
    [FINDING_WARNING] = {"warning", "\033[33m"},
    [FINDING_FAILURE] = {"failure", "\033[31m"},
};

void findings_start(struct findings *findings, FILE *out)
{
    const char *no_color = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    bool dumb = term != NULL && strcmp(term, "dumb") == 0;
    *findings = (struct findings){.out = out};
    findings->colour = (no_color == NULL || *no_color == '\0') && !dumb && isatty(fileno(out)) == 1;
    findings->waits = !dumb && isatty(STDERR_FILENO) == 1;
}

/* By blanks: that works on every terminal. */
static void wait_over(struct findings *findings)
{
    if (findings->wait_shown > 0) {
        (void)fprintf(stderr, "\r%*s\r", (int)findings->wait_shown, "");
        findings->wait_shown = 0;
    }
}

void findings_wait(struct findings *findings, const char *format, ...)
{
    char text[COLUMNS_MAX + 1];
    struct winsize size = {0};
    va_list args;
    if (!findings->waits) {
        return;
    }
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    /* The last column stays free: a line that was wrapped could not be taken away. */
    size_t room =
        ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1 ? size.ws_col - 1U : 79;
    size_t length = n > 0 ? strlen(text) : 0;
    wait_over(findings);
    for (size_t i = 0; i < length && findings->wait_shown < room; i++) {
        if (text[i] >= 0x20 && text[i] <= 0x7e) {
            (void)fputc(text[i], stderr);
            findings->wait_shown++;
        }
    }
    (void)fflush(stderr);
}

static void print_text(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if (c >= 0x20 && c <= 0x7e) {
            (void)putc(c, out);
        } else {
            (void)fprintf(out, "\\x%02x", c);
        }
    }
}

void finding(struct findings *findings, enum finding_level level, const char *format, ...)
{
    char text[TEXT_MAX + 1];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (n < 0) {
        text[0] = '\0';
    }
    wait_over(findings);
    findings->count[level]++;
    (void)fprintf(findings->out, "%s%-7s%s  ", findings->colour ? levels[level].colour : "",
                  levels[level].word, findings->colour ? "\033[0m" : "");
    if (findings->profile != NULL) {
        (void)fprintf(findings->out, "profile %s: ", findings->profile);
    }
    print_text(findings->out, text);
    (void)putc('\n', findings->out);
    (void)fflush(findings->out); /* the next thing to look at may take seconds */
}

int findings_end(struct findings *findings)
{
    wait_over(findings);
    (void)fprintf(findings->out, "%u ok, %u warnings, %u failures\n", findings->count[FINDING_OK],
                  findings->count[FINDING_WARNING], findings->count[FINDING_FAILURE]);
    if (findings->count[FINDING_FAILURE] > 0) {
        return FINDING_FAILURE;
    }
    return findings->count[FINDING_WARNING] > 0 ? FINDING_WARNING : FINDING_OK;
}

const char *finding_shown(char *out, const char *text)
{
    return log_escape(out, FINDING_PIECE, text, strlen(text));
}

const char *finding_word(char *out, const char *path)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+@:,";
    size_t used = 0;
    bool quote = *path == '\0' || path[strspn(path, plain)] != '\0';
    if (quote) {
        out[used++] = '\'';
    }
    for (; *path != '\0' && used + sizeof "'\\'''" < FINDING_PIECE; path++) {
        if (*path == '\'') {
            memcpy(out + used, "'\\''", 4);
            used += 4;
        } else {
            /* Such a command is of no use, but harmless. */
            out[used++] = *path >= 0x20 && *path <= 0x7e ? *path : '?';
        }
    }
    if (quote) {
        out[used++] = '\'';
    }
    out[used] = '\0';
    return out;
}

const char *finding_span(char *out, int64_t seconds)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "days"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    size_t i = 0;
    while (units[i].seconds > 1 && seconds < 2 * units[i].seconds) {
        i++;
    }
    (void)snprintf(out, FINDING_PIECE, "%" PRId64 " %s", seconds / units[i].seconds, units[i].name);
    return out;
}

const char *finding_time(char *out, int64_t when, int64_t now)
{
    char span[FINDING_PIECE];
    char date[64];
    struct tm parts;
    time_t time = (time_t)when;
    if (gmtime_r(&time, &parts) == NULL ||
        strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S UTC", &parts) == 0) {
        (void)snprintf(date, sizeof date, "second %" PRId64, when);
    }
    (void)snprintf(out, FINDING_PIECE, "%s (%s %s)", date,
                   finding_span(span, when > now ? when - now : now - when),
                   when > now ? "in the future" : "ago");
    return out;
}
