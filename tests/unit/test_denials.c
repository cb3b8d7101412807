/* SPDX-License-Identifier: MIT */
/* How often denials are written about: once a request, and of whom how many a second. */
#include "guard/denials.h"

#include "tap.h"

static char logged[8192];
static unsigned lines;

static void take_line(void *context, const char *line, size_t length)
{
    (void)context;
    size_t used = strlen(logged);
    lines++;
    if (used + length < sizeof logged) {
        memcpy(logged + used, line, length);
        logged[used + length] = '\0';
    }
}

static const struct log test_log = {.level = LOG_LEVEL_WARN, .write = take_line};

static struct denials denials;

/* How many of so many are written. */
static unsigned admitted(unsigned times, enum bearer_code code, const char *client, int64_t now)
{
    unsigned count = 0;
    for (unsigned i = 0; i < times; i++) {
        count += denials_admit(&denials, code, client, NULL, now);
    }
    return count;
}

static void told(int64_t now, const char *expected, const char *test)
{
    logged[0] = '\0';
    denials_tell(&denials, &test_log, now);
    is_string(logged, expected, "%s", test);
}

static void a_second(void)
{
    denials = (struct denials){0};
    is_number(admitted(20, BEARER_EXPIRED, "192.0.2.7", 5000), 20, "20 lines a second");
    is_number(admitted(30, BEARER_EXPIRED, "192.0.2.7", 5999), 0, "not one more");
    is_number(admitted(1, BEARER_EXPIRED, "192.0.2.8", 5999), 1, "but about another client");
    is_number(admitted(1, BEARER_SIGNATURE, "192.0.2.7", 5999), 1, "and for another reason");
    told(5999, "", "the count is not known before the second is over");
    told(6000, "fcgi-bearer: warn: denied status=401 reason=expired client=192.0.2.7 count=30\n",
         "then it is told");
    told(7000, "", "once");
    is_number(admitted(21, BEARER_EXPIRED, "192.0.2.7", 6000), 20, "the next second has its own");
    told(INT64_MAX,
         "fcgi-bearer: warn: denied status=401 reason=expired client=192.0.2.7 count=1\n",
         "at the end, what is left");
    ok(!denials.more, "and that is all");
    is_number(admitted(40, BEARER_EXPIRED, "192.0.2.7", 0), 40, "without a clock each is written");
    is_number(admitted(21, BEARER_EXPIRED, "192.0.2.7", 100), 20,
              "a clock that goes back begins anew");
    told(INT64_MAX,
         "fcgi-bearer: warn: denied status=401 reason=expired client=192.0.2.7 count=1\n",
         "with its count");
}

/* Who shares the 20 lines of the first. */
static const struct {
    const char *test, *first, *second;
    bool same;
    const char *shown;
} whose[] = {
    {"the same /64", "2001:db8:1:2::1", "2001:DB8:1:2:ffff:ffff:ffff:ffff", true,
     "2001:db8:1:2::/64"},
    {"another /64", "2001:db8:1:2::1", "2001:db8:1:3::1", false, "2001:db8:1:2::/64"},
    {"a /64 of zeros", "::1", "::2", true, "::/64"},
    {"IPv4 in IPv6", "::ffff:192.0.2.7", "192.0.2.7", true, "192.0.2.7"},
    {"others in IPv6", "::ffff:192.0.2.7", "::ffff:192.0.2.8", false, "192.0.2.7"},
    {"a zone says nothing", "fe80::1%eth0", "fe80::2%eth1", true, "fe80::/64"},
    {"IPv4 is no IPv6", "32.1.13.184", "2001:db8::", false, "32.1.13.184"},
    {"none", "", "", true, "-"},
    {"no address", "unix:", "unix:", true, "-"},
    {"no address, and another", "unix:", "host", false, "-"},
    {"too long for one", "1111111111111111111111111111111111111111111111111", "", false, "-"},
    {"what stands behind it", "192.0.2.7 x", "192.0.2.7", true, "192.0.2.7"},
};

static void clients(void)
{
    char line[200];
    for (size_t i = 0; i < sizeof whose / sizeof whose[0]; i++) {
        denials = (struct denials){0};
        (void)admitted(21, BEARER_EXPIRED, whose[i].first, 1000);
        is_number(admitted(1, BEARER_EXPIRED, whose[i].second, 1000), !whose[i].same, "%s",
                  whose[i].test);
        snprintf(line, sizeof line, "client=%s count=%d\n", whose[i].shown, 1 + whose[i].same);
        logged[0] = '\0';
        denials_tell(&denials, &test_log, INT64_MAX);
        ok(strstr(logged, line) != NULL, "  told as %s", whose[i].shown);
    }
    denials = (struct denials){0};
    ok(denials_admit(&denials, BEARER_EXPIRED, NULL, NULL, 1000), "no client at all");
}

/* More clients than there are places, as many as an attacker has. */
static void crowds(void)
{
    char client[40];
    unsigned count = 0;
    denials = (struct denials){0};
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(client, sizeof client, "192.0.%u.%u", i / 256, i % 256);
        count += admitted(1, BEARER_EXPIRED, client, 1000);
    }
    is_number(count, DENIALS_CLIENTS + DENIALS_A_SECOND, "those without a place share one");
    is_number(admitted(19, BEARER_EXPIRED, "192.0.0.0", 1999), 19, "who has one keeps it");
    told(2000, "fcgi-bearer: warn: denied reason=any client=any count=916\n",
         "the rest is a number");
    is_number(admitted(20, BEARER_EXPIRED, "192.0.9.9", 2000), 20, "a second later there is room");
}

static void requests(void)
{
    char id[40];
    unsigned count = 0;
    denials = (struct denials){0};
    ok(denials_admit(&denials, BEARER_EXPIRED, "192.0.2.7", "a", 1000), "a request with an id");
    ok(!denials_admit(&denials, BEARER_EXPIRED, "192.0.2.7", "a", 1000), "is written about once");
    ok(!denials_admit(&denials, BEARER_SIGNATURE, "192.0.2.7", "a", 99000),
       "whatever the answer is, and when");
    ok(denials_admit(&denials, BEARER_EXPIRED, "192.0.2.8", "a", 1000),
       "an id is its client's: none silences what is said of another");
    ok(denials_admit(&denials, BEARER_EXPIRED, "192.0.2.7", "b", 1000), "another request");
    ok(denials_admit(&denials, BEARER_EXPIRED, "192.0.2.7", "", 1000) &&
           denials_admit(&denials, BEARER_EXPIRED, "192.0.2.7", "", 1000),
       "an empty id is none");
    ok(denials_admit(&denials, BEARER_EXPIRED, "", "a1", 1000) &&
           denials_admit(&denials, BEARER_EXPIRED, "1", "a", 1000),
       "id and client are not one text");
    for (unsigned i = 0; i < 3 * DENIALS_REQUESTS; i++) {
        snprintf(id, sizeof id, "id-%u", i);
        count += denials_admit(&denials, BEARER_EXPIRED, "192.0.2.9", id, 0);
        count += denials_admit(&denials, BEARER_EXPIRED, "192.0.2.9", id, 0);
    }
    is_number(count, 3 * DENIALS_REQUESTS, "the last ones are known, however many there were");
    ok(denials_admit(&denials, BEARER_EXPIRED, "192.0.2.9", "id-0", 0), "the first is forgotten");
    denials = (struct denials){0};
    (void)admitted(20, BEARER_EXPIRED, "192.0.2.7", 1000);
    ok(!denials_admit(&denials, BEARER_EXPIRED, "192.0.2.7", "c", 1000) &&
           !denials_admit(&denials, BEARER_EXPIRED, "192.0.2.7", "c", 1000),
       "one that is too many");
    told(INT64_MAX,
         "fcgi-bearer: warn: denied status=401 reason=expired client=192.0.2.7 count=1\n",
         "is counted once too");
}

int main(void)
{
    a_second();
    clients();
    crowds();
    requests();
    return tap_done();
}
