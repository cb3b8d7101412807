/* SPDX-License-Identifier: MIT */
#include "base/instant.h"

#include <stdio.h>
#include <time.h>

#define LATEST INT64_C(253402300799) /* the end of 9999 */

/* What is left of the text. */
struct reader {
    const char *at, *end;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Exactly so many digits, which make a number from `least` to `most`. */
static bool take_number(struct reader *reader, int digits, int least, int most, int *number)
{
    *number = 0;
    for (int i = 0; i < digits; i++, reader->at++) {
        if (reader->at == reader->end || !is_digit(*reader->at)) {
            return false;
        }
        *number = *number * 10 + (*reader->at - '0');
    }
    return *number >= least && *number <= most;
}

/* One character or the other. */
static bool take_one(struct reader *reader, char one, char other)
{
    return reader->at != reader->end && (*reader->at == one || *reader->at == other) &&
           reader->at++ != NULL;
}

/* A part of a second; *up: it is more than none. */
static bool take_fraction(struct reader *reader, bool *up)
{
    *up = false;
    if (reader->at == reader->end || *reader->at != '.') {
        return true;
    }
    const char *first = ++reader->at;
    for (; reader->at != reader->end && is_digit(*reader->at); reader->at++) {
        *up = *up || *reader->at != '0';
    }
    return reader->at != first;
}

/* Z, or how far the clock on that wall is ahead, in seconds. */
static bool take_offset(struct reader *reader, int64_t *ahead)
{
    int hours = 0;
    int minutes = 0;
    *ahead = 0;
    if (take_one(reader, 'Z', 'z')) {
        return true;
    }
    const char sign = reader->at != reader->end ? *reader->at : '\0';
    if (!take_one(reader, '+', '-')) {
        return false;
    }
    if (!take_number(reader, 2, 0, 23, &hours) || !take_one(reader, ':', ':') ||
        !take_number(reader, 2, 0, 59, &minutes)) {
        return false;
    }
    *ahead = (hours * 60 + minutes) * (sign == '-' ? -60 : 60);
    return true;
}

static int days_of(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* Days from 1970 to the first of this month. */
static int64_t days_before(int year, int month)
{
    int64_t days = INT64_C(365) * (year - 1970) + (year - 1969) / 4 - (year - 1901) / 100 +
                   (year - 1601) / 400;
    for (int i = 1; i < month; i++) {
        days += days_of(year, i);
    }
    return days;
}

static bool take_date(struct reader *reader, int64_t *seconds)
{
    int year = 0;
    int month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    int64_t ahead = 0;
    bool up = false;
    bool good = take_number(reader, 4, 1970, 9999, &year) && take_one(reader, '-', '-') &&
                take_number(reader, 2, 1, 12, &month) && take_one(reader, '-', '-') &&
                take_number(reader, 2, 1, days_of(year, month), &day) &&
                take_one(reader, 'T', 't') && take_number(reader, 2, 0, 23, &hour) &&
                take_one(reader, ':', ':') && take_number(reader, 2, 0, 59, &minute) &&
                take_one(reader, ':', ':') && take_number(reader, 2, 0, 60, &second) &&
                take_fraction(reader, &up) && take_offset(reader, &ahead) &&
                reader->at == reader->end;
    if (good) {
        *seconds = (days_before(year, month) + day - 1) * 86400 + hour * 3600 + minute * 60 +
                   second + (up ? 1 : 0) - ahead;
    }
    return good && *seconds >= 0 && *seconds <= LATEST;
}

bool instant_parse(const char *text, size_t length, int64_t *seconds)
{
    struct reader reader = {text, text + length};
    size_t digits = 0;
    *seconds = 0;
    while (digits < length && is_digit(text[digits])) {
        digits++;
    }
    if (digits == 0 || digits < length) {
        return take_date(&reader, seconds);
    }
    for (size_t i = 0; i < length && *seconds <= LATEST; i++) {
        *seconds = *seconds * 10 + (text[i] - '0');
    }
    return *seconds <= LATEST;
}

const char *instant_write(char out[INSTANT_TEXT], int64_t seconds)
{
    const time_t when = (time_t)seconds;
    struct tm parts;
    if (gmtime_r(&when, &parts) == NULL ||
        strftime(out, INSTANT_TEXT, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        (void)snprintf(out, INSTANT_TEXT, "%lld", (long long)seconds);
    }
    return out;
}
