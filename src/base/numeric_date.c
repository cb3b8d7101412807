/* SPDX-License-Identifier: MIT */
#include "base/numeric_date.h"

#include <stddef.h>

#define DATE_MAX INT64_C(253402300799)

/* Digits past these decide nothing about a date in range. An exponent is cut only where it exceeds
 * what any text has digits (JS_TEXT_MAX), so that it cannot overflow and 0.000...4e11 is still what
 * it says. */
#define DIGITS_MAX   64
#define EXPONENT_MAX 10000000

/* A JSON number as its significant digits and the place of the decimal point among them:
 * 0.d1d2d3... * 10^point. */
struct decimal {
    bool negative;
    unsigned char digits[DIGITS_MAX];
    size_t count;
    /* a digit other than zero was left out */
    bool more;
    long point;
};

static const char *decimal_exponent(const char *at, struct decimal *out)
{
    if (*at != 'e' && *at != 'E') {
        return at;
    }
    at++;
    bool negative = *at == '-';
    if (*at == '-' || *at == '+') {
        at++;
    }
    long exponent = 0;
    for (; *at >= '0' && *at <= '9'; at++) {
        exponent = exponent < EXPONENT_MAX ? exponent * 10 + (*at - '0') : exponent;
    }
    out->point += negative ? -exponent : exponent;
    return at;
}

static bool decimal_parse(const char *text, struct decimal *out)
{
    *out = (struct decimal){.negative = *text == '-'};
    const char *at = text + (*text == '-' ? 1 : 0);
    const char *start = at;
    bool fraction = false;
    for (; (*at >= '0' && *at <= '9') || (*at == '.' && !fraction); at++) {
        if (*at == '.') {
            fraction = true;
            continue;
        }
        if (!fraction && (out->count > 0 || *at != '0')) {
            out->point++;
        } else if (fraction && out->count == 0 && *at == '0') {
            out->point--;
        }
        if (out->count == 0 && *at == '0') {
            continue; /* leading zeros */
        }
        if (out->count < DIGITS_MAX) {
            out->digits[out->count++] = (unsigned char)(*at - '0');
        } else {
            out->more = out->more || *at != '0';
        }
    }
    bool any = at > start;
    at = decimal_exponent(at, out);
    return any && *at == '\0';
}

bool numeric_date_parse(const char *text, struct numeric_date *date)
{
    *date = (struct numeric_date){0};
    struct decimal number;
    if (!decimal_parse(text, &number) || number.negative || number.count == 0 ||
        number.point > 12) {
        return false; /* not a number, negative, zero, or at least 10^12 */
    }
    int64_t seconds = 0;
    bool fraction = number.more;
    for (size_t i = 0; i < number.count; i++) {
        if ((long)i < number.point) {
            seconds = seconds * 10 + number.digits[i];
        } else {
            fraction = fraction || number.digits[i] != 0;
        }
    }
    for (long i = (long)number.count; i < number.point; i++) {
        seconds *= 10;
    }
    if (seconds > DATE_MAX || (seconds == DATE_MAX && fraction)) {
        return false;
    }
    date->seconds = seconds;
    date->fraction = fraction;
    return true;
}
