/* SPDX-License-Identifier: MIT */
/* Test Anything Protocol for the unit tests: ok() lines on standard output, the plan at the end.
 * A test program calls its cases and ends with `return tap_done();`. */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int tap_count;
static int tap_failures;

#define ok(condition, ...) tap_ok((condition), __FILE__, __LINE__, __VA_ARGS__)

/* Both NULL counts as equal. */
#define is_string(got, expected, ...) \
    tap_is_string((got), (expected), __FILE__, __LINE__, __VA_ARGS__)
#define is_number(got, expected, ...) \
    tap_is_number((long long)(got), (long long)(expected), __FILE__, __LINE__, __VA_ARGS__)

__attribute__((format(printf, 4, 0))) static inline bool
tap_line(bool good, const char *file, int line, const char *format, va_list args)
{
    tap_count++;
    printf("%s %d - ", good ? "ok" : "not ok", tap_count);
    vprintf(format, args);
    putchar('\n');
    if (!good) {
        tap_failures++;
        printf("# failed at %s:%d\n", file, line);
    }
    fflush(stdout);
    return good;
}

__attribute__((format(printf, 4, 5), unused)) static bool tap_ok(bool good, const char *file,
                                                                 int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tap_line(good, file, line, format, args);
    va_end(args);
    return good;
}

__attribute__((format(printf, 5, 6), unused)) static bool tap_is_string(const char *got,
                                                                        const char *expected,
                                                                        const char *file, int line,
                                                                        const char *format, ...)
{
    bool good = got == expected || (got != NULL && expected != NULL && strcmp(got, expected) == 0);
    va_list args;
    va_start(args, format);
    tap_line(good, file, line, format, args);
    va_end(args);
    if (!good) {
        printf("#      got: %s\n# expected: %s\n", got != NULL ? got : "(null)",
               expected != NULL ? expected : "(null)");
    }
    return good;
}

__attribute__((format(printf, 5, 6), unused)) static bool tap_is_number(long long got,
                                                                        long long expected,
                                                                        const char *file, int line,
                                                                        const char *format, ...)
{
    bool good = got == expected;
    va_list args;
    va_start(args, format);
    tap_line(good, file, line, format, args);
    va_end(args);
    if (!good) {
        printf("#      got: %lld\n# expected: %lld\n", got, expected);
    }
    return good;
}

__attribute__((unused)) static int tap_done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failures == 0 ? 0 : 1;
}

#endif
