/* SPDX-License-Identifier: MIT */
/* Points in time, as people write them. */
#include "base/instant.h"

#include "tap.h"

static void is(const char *text, long long expected)
{
    int64_t seconds = -7;
    bool good = instant_parse(text, strlen(text), &seconds);
    if (!ok(good && seconds == expected, "%s is %lld", text, expected)) {
        printf("# got %s, %lld\n", good ? "a time" : "none", (long long)seconds);
    }
}

static void none(const char *text)
{
    int64_t seconds = -7;
    ok(!instant_parse(text, strlen(text), &seconds), "none: %s", text);
}

static void times(void)
{
    is("0", 0);
    is("1700000000", 1700000000);
    is("0001700000000", 1700000000);
    is("253402300799", 253402300799);
    is("1970-01-01T00:00:00Z", 0);
    is("2026-11-29T12:00:00Z", 1795953600);
    is("2026-11-29t12:00:00z", 1795953600);
    is("2026-11-29T12:00:00+00:00", 1795953600);
    is("2026-11-29T12:00:00-00:00", 1795953600);
    is("2026-11-29T14:30:00+02:30", 1795953600);
    is("2026-11-29T06:15:00-05:45", 1795953600);
    is("2026-11-28T12:01:00-23:59", 1795953600);
    is("2000-02-29T00:00:00Z", 951782400);
    is("2024-02-29T23:59:59Z", 1709251199);
    is("2024-03-01T00:00:00Z", 1709251200);
    is("2023-12-31T23:59:60Z", 1704067200);
    is("9999-12-31T23:59:59Z", 253402300799);
    is("1970-01-01T01:00:00+01:00", 0);

    is("2026-11-29T12:00:00.0Z", 1795953600);
    is("2026-11-29T12:00:00.000000Z", 1795953600);
    is("2026-11-29T12:00:00.1Z", 1795953601);
    is("2026-11-29T12:00:00.0000000001Z", 1795953601);
}

static void no_times(void)
{
    none("");
    none("now");
    none("-1");
    none("+1");
    none("1.5");
    none("1e9");
    none(" 1");
    none("1 ");
    none("253402300800");
    none("99999999999999999999999999");
    none("2026-11-29");
    none("2026-11-29T12:00:00");
    none("2026-11-29T12:00Z");
    none("2026-11-29 12:00:00Z");
    none("2026-11-29T12:00:00Zx");
    none("2026-11-29T12:00:00.Z");
    none("2026-11-29T12:00:00,5Z");
    none("2026-11-29T12:00:00+0200");
    none("2026-11-29T12:00:00+2:00");
    none("2026-11-29T12:00:00+24:00");
    none("2026-11-29T12:00:00+02:60");
    none("2026-13-01T00:00:00Z");
    none("2026-00-01T00:00:00Z");
    none("2026-01-00T00:00:00Z");
    none("2026-04-31T00:00:00Z");
    none("2026-02-29T00:00:00Z");
    none("2100-02-29T00:00:00Z");
    none("2026-01-01T24:00:00Z");
    none("2026-01-01T00:60:00Z");
    none("2026-01-01T00:00:61Z");
    none("1969-12-31T23:59:59Z");
    none("1970-01-01T00:00:00+00:01");
    none("9999-12-31T23:59:59-00:01");
    none("9999-12-31T23:59:59.5Z");
    none("26-11-29T12:00:00Z");
    none("20261129T120000Z");
}

static void written(void)
{
    char out[INSTANT_TEXT];
    is_string(instant_write(out, 0), "1970-01-01T00:00:00Z", "the first");
    is_string(instant_write(out, 1795953600), "2026-11-29T12:00:00Z", "one of today");
    is_string(instant_write(out, 253402300799), "9999-12-31T23:59:59Z", "the last");
}

int main(void)
{
    times();
    no_times();
    written();
    return tap_done();
}
