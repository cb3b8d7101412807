/* SPDX-License-Identifier: MIT */
/* The claims: cases 104 to 129. */
#include <stdlib.h>
#include <string.h>

#include "cases.h"

#define ISS    "\"iss\":\"" ISSUER "\","
#define AUD    "\"aud\":\"" AUDIENCE "\","
#define EXP    "\"exp\":" AT(+3600)
#define IS_ISS "{\"iss\":" EACH "," AUD EXP "}"
#define IS_AUD "{" ISS "\"aud\":" EACH "," EXP "}"
#define IS_EXP "{" ISS AUD "\"exp\":" EACH "}"
#define MORE   "{" GOOD "," EACH "}"
#define IS(x)  "{" GOOD ",\"" x "\":" EACH "}"

#define ZEROS_60 "000000000000000000000000000000000000000000000000000000000000"

static const char *const not_numbers[] = {
    "\"4100000000\"",       "\"never\"",    "\"\"", "true", "false", "null", "{}", "[]", "\"1\"",
    "{\"exp\":4100000000}", "[4100000000]", NULL};

static const char *const not_positive[] = {
    "-1",    "0",      "-0",  "0.0",    "-4100000000",
    "-1e-9", "-1.7e9", "0e9", "-1e400", "-9223372036854775809",
    NULL};

static const char *const too_large[] = {"253402300799.5",
                                        "253402300800",
                                        AT(+3600) "000",
                                        "9223372036854775807",
                                        "9223372036854775808",
                                        "18446744073709551615",
                                        "18446744075409551676", /* 2^64 + 1700000060 */
                                        "99999999999999999999",
                                        "1e12",
                                        "4.1e12",
                                        "1e400",
                                        "1e99999999999999999999",
                                        "1e9999999999999999999999999999999",
                                        NULL};

static const char *const past[] = {"1", "1e-400", AT(-1000), AT(-1), AT(0), AT(0) ".000", NULL};
static const char *const coming[] = {AT(+600), AT(+86400) ".5", "4294967296", "253402300799", NULL};
/* Within this second, which is 1.7e9 in process. */
static const char *const next[] = {AT(0) ".5", AT(0) "." ZEROS_60 "1", AT(+1), "1.7000000001e9",
                                   NULL};

static const struct case_row dates[] = {
    {104, BEARER_EXP_MISSING, .claims = "{" ISS AUD EACH "}",
     .values = OF("\"Exp\":4100000000", "\"sub\":\"x\"")},
    {104, BEARER_EXP_MISSING, .claims = "{" ISS "\"aud\":\"" AUDIENCE "\"}"},
    {105, BEARER_EXPIRED, .claims = IS_EXP,
     .values = OF(AT(0), AT(0) ".0", AT(-1), AT(-86400), "1", "1.5e9", "1e-400", "0.0001",
                  AT(-1) ".999999999999")},
    {105, BEARER_EXPIRED, .claims = IS_EXP, .values = OF("1.7e9", "17e8"), .exact = true},
    {106, BEARER_OK, .claims = IS_EXP, .values = OF(AT(+3600) ".5")},
    {106, BEARER_OK, .claims = IS_EXP, .values = OF(AT(0) "5e-1"), .exact = true},
    {106, BEARER_OK, .claims = IS_EXP, .values = next, .exact = true},
    {107, BEARER_OK, .claims = IS_EXP, .values = OF("4.1e9", "4100000000", "4100000000.0")},
    {108, BEARER_EXP_INVALID, .claims = IS_EXP, .values = not_numbers},
    {109, BEARER_EXP_INVALID, .claims = IS_EXP, .values = not_positive},
    {110, BEARER_EXP_INVALID, .claims = IS_EXP, .values = too_large},
    {110, BEARER_OK, .claims = IS_EXP, .values = OF("2147483648", "4294967296", "253402300799")},
    {110, BEARER_OK, .claims = IS_EXP, .values = OF("2147483647"), .exact = true},
    {111, BEARER_CLAIMS_JSON, .claims = IS_EXP,
     .values = OF("NaN", "Infinity", "-Infinity", "4100000000.", ".5", "04100000000", "+4e9",
                  "0x7fffffff", "-", "4100000000abc", "4100000000L", "4_100", "4e", "4,1e9")},
    {112, BEARER_NBF_INVALID, .claims = IS("nbf"), .values = not_numbers},
    {112, BEARER_NBF_INVALID, .claims = IS("nbf"), .values = not_positive},
    {112, BEARER_NBF_INVALID, .claims = IS("nbf"), .values = too_large},
    {112, BEARER_OK, .claims = IS("nbf"), .values = past},
    {112, BEARER_OK, .claims = IS("nbf"), .values = OF("1.7e9"), .exact = true},
    {112, BEARER_NOT_YET_VALID, .claims = IS("nbf"), .values = coming},
    {112, BEARER_NOT_YET_VALID, .claims = IS("nbf"), .values = next, .exact = true},
    {113, BEARER_IAT_INVALID, .claims = IS("iat"), .values = not_numbers},
    {113, BEARER_IAT_INVALID, .claims = IS("iat"), .values = not_positive},
    {113, BEARER_IAT_INVALID, .claims = IS("iat"), .values = too_large},
    {113, BEARER_OK, .claims = IS("iat"), .values = past},
    {113, BEARER_OK, .claims = IS("iat"), .values = OF("1.7e9"), .exact = true},
    {113, BEARER_IAT_FUTURE, .claims = IS("iat"), .values = coming},
    {113, BEARER_IAT_FUTURE, .claims = IS("iat"), .values = next, .exact = true},
};

/* With a leeway of five seconds. */
static const char *const within[] = {AT(+5), AT(+5) ".0", AT(+4) ".9", NULL};
static const char *const beyond[] = {AT(+5) ".1", AT(+6), NULL};
static const struct case_row lenient[] = {
    {105, BEARER_EXPIRED, .claims = IS_EXP, .values = OF(AT(-6), AT(-6) ".9", AT(-5), AT(-5) ".0"),
     .exact = true},
    {106, BEARER_OK, .claims = IS_EXP, .values = OF(AT(-5) ".1", AT(-4)), .exact = true},
    {112, BEARER_OK, .claims = IS("nbf"), .values = within, .exact = true},
    {112, BEARER_NOT_YET_VALID, .claims = IS("nbf"), .values = beyond, .exact = true},
    {113, BEARER_OK, .claims = IS("iat"), .values = within, .exact = true},
    {113, BEARER_IAT_FUTURE, .claims = IS("iat"), .values = beyond, .exact = true},
};

/* A digit that counts comes after 11,000 that do not. */
static void far_digits(void)
{
    char *claims[] = {text_of("{%s,\"nbf\":0.%011000d41e11010}", world.claims, 0),
                      text_of("{%s,\"iat\":0.%011000d41e11010}", world.claims, 0)};
    if (world.server == IN_PROCESS) {
        emit(112, BEARER_NOT_YET_VALID, sign(GOOD_HEADER, claims[0]), "nbf of 11,000 digits");
        emit(113, BEARER_IAT_FUTURE, sign(GOOD_HEADER, claims[1]), "iat of 11,000 digits");
    }
    free(claims[0]);
    free(claims[1]);
}

static const struct case_row parties[] = {
    {114, BEARER_ISS_MISSING, .claims = "{" EACH AUD EXP "}",
     .values = OF("", "\"Iss\":\"" ISSUER "\",", "\"iss\":1,", "\"iss\":null,",
                  "\"iss\":[\"" ISSUER "\"],", "\"iss\":{\"x\":\"" ISSUER "\"},")},
    {115, BEARER_ISS_WRONG, .claims = "{\"iss\":\"" EACH "\"," AUD EXP "}",
     .values = OF("https://issuer.example.test", "https://issuer.example.test//",
                  "https://Issuer.example.test/", "HTTPS://issuer.example.test/",
                  "https://issuer.example.test:443/", "https://issuer.example.test./",
                  "http://issuer.example.test/", "issuer.example.test",
                  "https://issuer.example.test/evil", "https://issuer.example.test/?",
                  "https://issuer.example.test/#", "https://issuer.example.test.evil.test/",
                  "https://evil.test/https://issuer.example.test/",
                  "https://evil.test/?https://issuer.example.test/",
                  "https://issuer.example.test@evil.test/", "https://issuer.example.tes",
                  " https://issuer.example.test/", "https://issuer.example.test/ ",
                  "https://issuer.example.test/\\n", "*", "")},
    {115, BEARER_OK, .claims = IS_ISS, .values = OF("\"https:\\/\\/issuer.example.test\\/\"")},
    {116, BEARER_CLAIMS_JSON, .claims = IS_ISS,
     .values = OF("\"" ISSUER "\\u0000evil\"", "\"" ISSUER "\\u0000\"")},
    {117, BEARER_OK, .claims = IS_AUD,
     .values = OF("\"" AUDIENCE "\"", "\"" SECOND "\"", "[\"" AUDIENCE "\"]",
                  "[\"x\",\"\",\"" AUDIENCE "\",\"y\"]", "[\"" SECOND "\",\"" AUDIENCE "\"]")},
    {118, BEARER_AUD_WRONG, .claims = IS_AUD, .values = OF("[\"x\",\"y\"]", "[]")},
    {119, BEARER_AUD_MISSING, .claims = IS_AUD,
     .values = OF("{\"" AUDIENCE "\":1}", "1", "null", "true", "[\"" AUDIENCE "\",1]",
                  "[null,\"" AUDIENCE "\"]", "[[\"" AUDIENCE "\"]]", "[{\"x\":\"" AUDIENCE "\"}]")},
    {120, BEARER_AUD_WRONG, .claims = IS_AUD,
     .values =
         OF("\"https://api.example.test\"", "\"https://api.example.tes\"", "\"api.example.test\"",
            "\"https://api.example.test//\"", "\"https://api.example.test/evil\"",
            "\"HTTPS://API.EXAMPLE.TEST/\"", "\"urn:Hostile:second\"", "\"urn:hostile:second2\"",
            "\"" AUDIENCE " " SECOND "\"", "\" " AUDIENCE "\"", "\"*\"", "\"\"")},
    {121, BEARER_AUD_MISSING, .claims = "{" ISS EACH EXP "}",
     .values = OF("", "\"azp\":\"" AUDIENCE "\",\"client_id\":\"" AUDIENCE "\",")},
};

static const struct case_row forms[] = {
    {122, BEARER_CLAIMS_JSON, .claims = MORE,
     .values = OF("\"iss\":\"" ISSUER "\"", "\"iss\":\"https://evil.test/\"", "\"aud\":\"x\"",
                  "\"exp\":1", "\"exp\":4100000000", "\"e\\u0078p\":4100000000",
                  "\"x\":{\"y\":1,\"y\":2}")},
    {122, BEARER_CLAIMS_JSON, .claims = IS_ISS,
     .values = OF("\"" ISSUER "\",\"nonce\":\"n\",\"aud\":\"client\",\"x\":[],\"exp\":1")},
    {123, BEARER_CLAIMS_JSON, .claims = MORE,
     .values = OF("\"iss\\u0000x\":\"evil\"", "\"\\u0000\":1", "\"x\":{\"y\\u0000\":1}",
                  "\"" NUL "\":1")},
    {123, BEARER_CLAIMS_JSON, .claims = "{\"iss" NUL "\":\"" ISSUER "\"}",
     .name = "a raw NUL in a name"},
    {124, BEARER_CLAIMS_JSON, .claims = EACH,
     .values = OF("[{" GOOD "}]", "{" GOOD "} x", "{" GOOD, "\xef\xbb\xbf{" GOOD "}",
                  "{" GOOD ",\"x\":\"\xff\"}", "null", "true", "4100000000", "\"" ISSUER "\"",
                  "\"{}\"", "[]", "iss=" ISSUER, " ")},
    {124, BEARER_CLAIMS_JSON, .claims = "{" GOOD "}" NUL, .name = "a NUL after it"},
    {124, BEARER_CLAIMS_JSON, .claims = "{" GOOD "}" NUL "{}", .name = "a NUL, then more"},
    {124, BEARER_ISS_MISSING, .claims = "{}", .name = "an empty object"},
};

static void depths(void)
{
    static const int levels[] = {32, 33, 2000};
    char *before = text_of("%s,\"x\":", world.claims);
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
        char *text = nested(before, levels[i]);
        emit(125, levels[i] > 32 ? BEARER_CLAIMS_JSON : BEARER_OK, sign(GOOD_HEADER, text),
             "depth %d", levels[i]);
        free(text);
    }
    free(before);
}

/* Of the route that wants the scope read:messages. */
static const struct case_row scopes[] = {
    {126, BEARER_OK, .claims = MORE,
     .values =
         OF("\"scope\":\"read:messages\"", "\"scope\":\"openid read:messages write\"",
            "\"scp\":[\"read:messages\"]", "\"scp\":\"x read:messages\"",
            "\"scope\":[\"x\",\"read:messages\"]", "\"scope\":\"\",\"scp\":\"read:messages\"")},
    {126, BEARER_NOT_GRANTED, .claims = MORE,
     .values = OF("\"x\":1", "\"scope\":\"\"", "\"scope\":\"read\"", "\"scope\":\"read:messages2\"",
                  "\"scope\":\"read:messagesonly\"", "\"scope\":\"xread:messages\"",
                  "\"scope\":\"Read:Messages\"", "\"scope\":\"read:messages;\"",
                  "\"scope\":\"read:messages\\r\\nx\"", "\"scope\":\"write\\tread:messages\"",
                  "\"scope\":[\"read:messages\",1]", "\"scope\":{\"read:messages\":1}",
                  "\"scope\":null", "\"scope\":1", "\"Scope\":\"read:messages\"",
                  "\"scopes\":\"read:messages\"", "\"scp\":[\"read\",1]",
                  "\"permissions\":[\"read:messages\"]", "\"roles\":[\"read:messages\"]")},
    {128, BEARER_NOT_GRANTED, .claims = MORE,
     .values = OF("\"scope\":\"x\\r\\nX-Evil: 1\\r\\nforged=1\"")},
};

static const struct case_row kinds[] = {
    {127, BEARER_AUD_WRONG, .claims = IS_AUD,
     .values = OF("\"the-client\",\"nonce\":\"n\",\"at_hash\":\"x\"",
                  "\"client-id\",\"nonce\":\"n\",\"auth_time\":1")},
    {127, BEARER_NOT_ACCESS_TOKEN, .claims = MORE,
     .values = OF("\"at_hash\":\"x\"", "\"c_hash\":\"x\"", "\"at_hash\":null", "\"c_hash\":0",
                  "\"events\":{\"urn:x\":{}}", "\"events\":false",
                  "\"events\":{\"http://schemas.openid.net/event/backchannel-logout\":{}}")},
    {127, BEARER_SENDER_CONSTRAINED, .claims = IS("cnf"),
     .values = OF("{\"jkt\":\"x\"}", "{\"x5t#S256\":\"x\"}", "{}", "null")},
    {127, BEARER_OK, .claims = MORE,
     .values = OF("\"Nonce\":\"n\",\"azp\":\"a\",\"jti\":\"j\",\"CNF\":1")},
    {128, BEARER_OK, .claims = MORE,
     .values =
         OF("\"name\":\"a\\r\\nX-Evil: 1\\r\\n\\r\\nforged=1\"", "\"a\\r\\nX-Evil: 1\":\"\"")},
    {128, BEARER_CLAIMS_JSON, .claims = MORE,
     .values = OF("\"name\":\"a\r\nX-Evil: 1\"", "\"sub\":\"a\r\nX-Evil: 1\"")},
    {128, BEARER_ISS_WRONG, .claims = IS_ISS, .values = OF("\"x\\r\\nX-Evil: 1\\r\\nforged=1\"")},
    {129, BEARER_SUB_INVALID, .claims = "{" ISS AUD EXP ",\"sub\":" EACH "}",
     .values = OF("1", "null", "true", "[\"auth0|1\"]", "{\"id\":1}")},
    {129, BEARER_OK, .claims = "{" ISS AUD EXP EACH "}",
     .values = OF("", ",\"sub\":\"\"", ",\"sub\":\"auth0|1\"", ",\"sub\":\"a\\r\\nX-Evil: 1\"")},
};

/* What tells an ID token from an access token where both are for this API (D11). */
#define NONCE "\"nonce\":\"n\""
static const char *const id_tokens[] = {
    NONCE,
    "\"nonce\":\"\"",
    "\"nonce\":null",
    "\"nonce\":7",
    NONCE ",\"azp\":\"app\",\"auth_time\":1,\"acr\":\"1\"",
    NONCE ",\"azp\":\"app\",\"auth_time\":1,\"scp\":null",
    NONCE ",\"permissions\":[\"read:messages\"],\"roles\":[\"admin\"],\"cid\":\"app\"",
    NONCE ",\"scope\":null",
    NONCE ",\"scope\":7",
    NONCE ",\"scp\":{}",
    NONCE ",\"scp\":null,\"client_id\":null",
    NONCE ",\"client_id\":[\"app\"]",
    NONCE ",\"Scope\":\"a\",\"scopes\":\"a\",\"clientId\":\"app\"",
    NULL};
static const char *const access_tokens[] = {
    NONCE ",\"scope\":\"openid profile\"",
    NONCE ",\"scope\":\"\"",
    NONCE ",\"scope\":[\"a\"]",
    NONCE ",\"scp\":\"a b\"",
    NONCE ",\"scp\":[\"a\"]",
    NONCE ",\"client_id\":\"app\"",
    "\"sid\":\"s\",\"auth_time\":1,\"azp\":\"app\",\"email\":\"a@b.test\"",
    NULL};

static void id_marks(void)
{
    static const char *const headers[] = {"{" MEMBERS "}",
                                          "{" MEMBERS ",\"typ\":\"JWT\"}",
                                          "{" MEMBERS ",\"typ\":\"jwt\"}",
                                          "{" MEMBERS ",\"typ\":\"at+jwt\"}",
                                          "{" MEMBERS ",\"typ\":\"AT+JWT\"}",
                                          "{" MEMBERS ",\"typ\":\"application/at+jwt\"}"};
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        const struct case_row rows[] = {
            {127, i >= 3 ? BEARER_OK : BEARER_NOT_ACCESS_TOKEN, .header = headers[i],
             .claims = MORE, .values = id_tokens},
            {127, BEARER_OK, .header = headers[i], .claims = MORE, .values = access_tokens},
            {127, BEARER_NOT_ACCESS_TOKEN, .header = headers[i], .claims = MORE,
             .values = OF(NONCE ",\"scope\":\"a\",\"at_hash\":\"x\"",
                          "\"client_id\":\"app\",\"c_hash\":\"x\"")},
        };
        EMIT(rows);
    }
}

void family_claims(void)
{
    EMIT(dates);
    far_digits();
    EMIT(parties);
    EMIT(forms);
    depths();
    EMIT(kinds);
    id_marks();
    world.path = "/private-scoped";
    EMIT(scopes);
    world.path = "/private";
    world.site = "lenient"; /* in process only */
    EMIT(lenient);
}
