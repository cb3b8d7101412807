/* The kid: cases 61 to 68. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mint.h"

#define FLOOD 10000

/* A token with this kid, which is JSON, signed by the attacker: known to nobody. */
static void kid(int number, enum bearer_code code, const char *value)
{
    char *header = text_of("{\"alg\":\"RS256\",\"kid\":%s}", value);
    emit(number, code, test_key_sign(mint.attacker, JWA_RS256, header, mint.good_claims), "%.60s", value);
    free(header);
    /* The key would be the right one, had it been named. */
    header = text_of("{\"alg\":\"RS256\",\"kid\":%s}", value);
    emit(number, code, sign(header, mint.good_claims), "%.60s, signed by the issuer", value);
    free(header);
}

static void kid_of(size_t octets, enum bearer_code code)
{
    char *value = text_of("\"%*s\"", (int)octets, "");
    memset(value + 1, 'k', octets);
    kid(66, code, value);
    free(value);
}

/* What a shell would run. */
static void commands(void)
{
    char *values[] = {text_of("\"$(touch %s)\"", mint.witness), text_of("\"|touch %s;\"", mint.witness),
                      text_of("\"`touch %s`\"", mint.witness)};
    for (size_t i = 0; i < 3; i++) {
        kid(65, BEARER_KID_UNKNOWN, values[i]);
        free(values[i]);
    }
}

void family_kid(void)
{
    commands();
    static const struct {
        int number;
        const char *value;
    } unknown[] = {
        {61, "\"rsa-3\""},
        {61, "\"evil\""},
        {64, "\"../../dev/null\""},
        {64, "\"../../../../../../../../dev/null\""},
        {64, "\"/dev/null\""},
        {64, "\"/etc/passwd\""},
        {64, "\"file:///dev/null\""},
        {65, "\"x' UNION SELECT 'AAAA'--\""},
        {65, "\"';DROP TABLE keys;--\""},
        {65, "\"%s%s%s%n\""},
        {65, "\"a\\r\\nforged=1 denied status=200\""},
        {65, "\"\\u001b[2Jforged\""},
        {65, "\"\xc3\xa9\xe2\x80\xae\""},
        {67, "\"RSA-1\""},
        {67, "\"Rsa-1\""},
        {67, "\"rsa-1 \""},
        {67, "\" rsa-1\""},
        {67, "\"rsa-\""},
        {67, "\"rsa-10\""},
        {67, "\"rsa-1\\n\""},
        {67, "\"rsa\xe2\x80\x90"
             "1\""},
    };
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        kid(unknown[i].number, BEARER_KID_UNKNOWN, unknown[i].value);
    }
    static const char *const wrong[] = {"1", "null", "true", "[\"rsa-1\"]", "{\"kid\":\"rsa-1\"}", "\"\""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        kid(63, BEARER_HEADER_KID, wrong[i]);
    }
    kid(64, BEARER_HEADER_JSON, "\"rsa-1\\u0000\"");
    kid_of(256, BEARER_KID_UNKNOWN);
    kid_of(257, BEARER_HEADER_KID);
    kid_of(300, BEARER_HEADER_KID);
    kid_of(5000, BEARER_HEADER_KID);
    emit(62, BEARER_KID_MISSING, sign("{\"alg\":\"RS256\"}", mint.good_claims), "none, of several keys");
    mint.set = "single";
    emit(62, BEARER_OK, sign("{\"alg\":\"RS256\"}", mint.good_claims), "none, of one key");
    emit(62, BEARER_SIGNATURE,
         test_key_sign(mint.attacker, JWA_RS256, "{\"alg\":\"RS256\"}", mint.good_claims),
         "none, of one key that is another");
}

/* As many kids as there are requests. The claims fit, so that each of them is worth a fetch, but for the cooldown. */
void flood(const char *url)
{
    static const unsigned char signature[256] = {1};
    FILE *file = open_in("flood.curl", "w");
    for (unsigned i = 0; i < FLOOD; i++) {
        char *header = text_of("{\"alg\":\"RS256\",\"kid\":\"flood-%u\"}", i);
        char *token = test_token(header, mint.good_claims, signature, sizeof signature);
        fprintf(file,
                "next\nurl = \"%s/private\"\nmax-time = 60\nnoproxy = \"*\"\nheader = \"Authorization: "
                "Bearer %s\"\n"
                "output = \"/dev/null\"\nwrite-out = \"%%{http_code} %%header{www-authenticate}\\n\"\n",
                url, token);
        free(token);
        free(header);
    }
    closed(file);
}
