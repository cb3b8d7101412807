/* SPDX-License-Identifier: MIT */
/* The kid: cases 61 to 67. */
#include <stdlib.h>
#include <string.h>

#include "cases.h"

#define KID "{\"alg\":\"RS256\",\"kid\":" EACH "}"

/* From the attacker, and by the key that would be the right one, had it been named. */
#define BOTH(number, code, ...)                                               \
    {number, code, .header = KID, .values = OF(__VA_ARGS__), .forged = true}, \
    {                                                                         \
        number, code, .header = KID, .values = OF(__VA_ARGS__)                \
    }
#define UNKNOWN(number, ...) BOTH(number, BEARER_KID_UNKNOWN, __VA_ARGS__)

static const struct case_row rows[] = {
    UNKNOWN(61, "\"rsa-3\"", "\"evil\""),
    BOTH(63, BEARER_HEADER_KID, "1", "null", "true", "[\"rsa-1\"]", "{\"kid\":\"rsa-1\"}", "\"\""),
    UNKNOWN(64, "\"../../dev/null\"", "\"../../../../../../../../dev/null\"", "\"/dev/null\"",
            "\"/etc/passwd\"", "\"file:///dev/null\""),
    BOTH(64, BEARER_HEADER_JSON, "\"rsa-1\\u0000\""),
    UNKNOWN(65, "\"x' UNION SELECT 'AAAA'--\"", "\"';DROP TABLE keys;--\"", "\"$(id)`id`;|id\"",
            "\"%s%s%s%n\"", "\"%s%n%x\"", "\"a\\r\\nforged=1 denied status=200\"",
            "\"x\\r\\nSet-Cookie: a=b\"", "\"\\u001b[2Jforged\"", "\"\xc3\xa9\xe2\x80\xae\""),
    UNKNOWN(67, "\"RSA-1\"", "\"Rsa-1\"", "\"rsa-1 \"", "\" rsa-1\"", "\"rsa-\"", "\"rsa-10\"",
            "\"rsa-1\\n\"",
            "\"rsa\xe2\x80\x90"
            "1\""),
    {67, BEARER_OK, .header = KID, .values = OF("\"\\u0072sa-1\"")},
};

static void by_both(int number, enum bearer_code code, const char *value)
{
    const struct case_row both[] = {BOTH(number, code, value)};
    EMIT(both);
}

/* `text` so often; its octets count, not its characters. */
static void kid_of(size_t times, const char *text, enum bearer_code code)
{
    char *value = text_of("\"%*s\"", (int)(times * strlen(text)), "");
    for (size_t i = 0; i < times; i++) {
        memcpy(value + 1 + i * strlen(text), text, strlen(text));
    }
    by_both(66, code, value);
    free(value);
}

/* What a shell would run. */
static void commands(void)
{
    char *values[] = {text_of("\"$(touch %s)\"", world.witness),
                      text_of("\"|touch %s;\"", world.witness),
                      text_of("\"`touch %s`\"", world.witness)};
    for (size_t i = 0; i < 3; i++) {
        by_both(65, BEARER_KID_UNKNOWN, values[i]);
        free(values[i]);
    }
}

void family_kid(void)
{
    commands();
    EMIT(rows);
    kid_of(256, "k", BEARER_KID_UNKNOWN);
    kid_of(257, "k", BEARER_HEADER_KID);
    kid_of(300, "k", BEARER_HEADER_KID);
    kid_of(5000, "k", BEARER_HEADER_KID);
    kid_of(129, "\\u00e9", BEARER_HEADER_KID);
    emit(62, BEARER_KID_MISSING, sign("{\"alg\":\"RS256\"}", world.good_claims),
         "none, of several keys");
    world.set = "single";
    emit(62, BEARER_OK, sign("{\"alg\":\"RS256\"}", world.good_claims), "none, of one key");
    emit(62, BEARER_SIGNATURE,
         test_key_sign(world.attacker, JWA_RS256, "{\"alg\":\"RS256\"}", world.good_claims),
         "none, of one key that is another");
}
