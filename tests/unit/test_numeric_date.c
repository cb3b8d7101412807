/* SPDX-License-Identifier: MIT */
/* NumericDates, judged on their text. */
#include "token/claims.h"

#include <stdlib.h>

#include "tap.h"

#define DIGITS_30 "999999999999999999999999999999"

static void date(const char *text, long long seconds, bool fraction)
{
    struct numeric_date date = {.seconds = -7, .fraction = true};
    bool good = numeric_date_parse(text, &date);
    if (!ok(good && date.seconds == seconds && date.fraction == fraction, "%.80s is %lld%s", text,
            seconds, fraction ? " and a part" : "")) {
        printf("# got %s, %lld, %s\n", good ? "a date" : "none", (long long)date.seconds,
               date.fraction ? "and a part" : "exactly");
    }
}

static void none(const char *text)
{
    struct numeric_date date;
    ok(!numeric_date_parse(text, &date), "none: %.80s", text);
}

static void dates(void)
{
    date("1", 1, false);
    date("1700000000", 1700000000, false);
    date("1700000000.0", 1700000000, false);
    date("1700000000.000000", 1700000000, false);
    date("1700000000.5", 1700000000, true);
    date("1700000000.05", 1700000000, true);
    date("1700000000.50", 1700000000, true);
    date("1.7e9", 1700000000, false);
    date("1.7E9", 1700000000, false);
    date("1.7e+9", 1700000000, false);
    date("17e8", 1700000000, false);
    date("17e08", 1700000000, false);
    date("17000000000e-1", 1700000000, false);
    date("17000000005e-1", 1700000000, true);
    date("0.17e10", 1700000000, false);
    date("0.0017e12", 1700000000, false);
    date("1.70000000001e9", 1700000000, true);
    date("0.5", 0, true);
    date("0.0001", 0, true);
    date("1e-3", 0, true);
    date("0.9999999999999999999999999", 0, true);
    date("10.01", 10, true);
    date("4.1e9", 4100000000, false);
    date("2147483648", 2147483648, false);
    date("4294967296", 4294967296, false);
    date("253402300799", 253402300799, false);
    date("253402300799.0", 253402300799, false);
    date("253402300798.9", 253402300798, true);
    date("2.53402300799e11", 253402300799, false);
    date("999999999999e-1", 99999999999, true);
}

static void no_dates(void)
{
    static const char *const texts[] = {
        "0",
        "-0",
        "0.0",
        "-0.0",
        "0e5",
        "0e" DIGITS_30,
        "0e-" DIGITS_30,
        "0.000e400",
        "-1",
        "-0.0001",
        "-1700000000",
        "-1e400",
        "-1e-400",
        "253402300799.5",
        "253402300799.00000000000000000000000000000000000000000000000000000000001",
        "253402300800",
        "2534023007991e-1",
        "999999999999",
        "1000000000000",
        "1700000000000",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "18446744075409551616",
        "99999999999999999999",
        "1e12",
        "1e18",
        "1e19",
        "1e400",
        "1e" DIGITS_30,
        "1e+" DIGITS_30,
        "1.5e2147483648",
        "1e9223372036854775808",
        "1e18446744073709551625",
        "",
        "-",
        "x",
        "1x",
        "1 ",
        " 1",
        "+1",
        "1.5.5",
        "1e9e9",
        "0x10",
        "1,5"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        none(texts[i]);
    }
}

/* HEAD, then `zeros` zeros, then TAIL; in one of two static buffers. */
static const char *with_zeros(const char *head, size_t zeros, const char *tail)
{
    static char buffers[2][40000];
    static unsigned next;
    char *text = buffers[next++ % 2];
    size_t length = strlen(head);
    memcpy(text, head, length);
    memset(text + length, '0', zeros);
    memcpy(text + length + zeros, tail, strlen(tail) + 1);
    return text;
}

/* Texts longer than any number needs. A token of 16 KiB has room for them. */
static void long_texts(void)
{
    date("1e-400", 0, true);
    date("1e-" DIGITS_30, 0, true);
    date("1700000000e-" DIGITS_30, 0, true);
    date("1e000000000000000000000000000009", 1000000000, false);
    date("1e-00000000000000000000000000000", 1, false);
    date(with_zeros("1700000000.", 53, ""), 1700000000, false); /* 63 digits, and so on */
    date(with_zeros("1700000000.", 53, "1"), 1700000000, true);
    date(with_zeros("1700000000.", 54, "1"), 1700000000, true);
    date(with_zeros("1700000000.", 55, "1"), 1700000000, true);
    date(with_zeros("1700000000.", 300, ""), 1700000000, false);
    date(with_zeros("1700000000.", 300, "12"), 1700000000, true);
    date(with_zeros("1700000000.", 300, "1"), 1700000000, true);
    date(with_zeros("1700000000.", 12000, "1"), 1700000000, true);
    date(with_zeros("0.", 100, "17e110"), 1700000000, false);
    date(with_zeros("17", 100, "e-92"), 1700000000, false);
    date(with_zeros("17", 100, "1e-93"), 1700000000, true);
    none(with_zeros("17", 100, ""));
    none(with_zeros("1", 64, ""));
    none(with_zeros("1", 12000, ""));
    none(with_zeros("0.", 12000, ""));
    none(with_zeros("253402300799.", 12000, "1"));
    date(with_zeros("0.", 12000, "1"), 0, true);
    date(with_zeros("0.", 12000, "41e12010"), 4100000000, false);
    date(with_zeros("41", 12000, "e-11992"), 4100000000, false);
    date(with_zeros("0.", 33000, "41e33010"), 4100000000, false);
    none(with_zeros("0.", 12000, "1e12013"));
    none(with_zeros("-0.", 12000, "41e12010"));
}

int main(void)
{
    dates();
    no_dates();
    long_texts();
    return tap_done();
}
