/* The claims: cases 104 to 129. */
#include <stdlib.h>
#include <string.h>

#include "mint.h"

#define ISS "\"iss\":\"" ISSUER "\","
#define AUD "\"aud\":\"" AUDIENCE "\","

/* These claims are text, which is freed. */
static void claims(int number, enum bearer_code code, char *text, const char *name)
{
    emit(number, code, sign(GOOD_HEADER, text), "%s", name);
    free(text);
}

/* Right ones, and one more. */
static void with(int number, enum bearer_code code, const char *member)
{
    char *text = text_of("{%s,%s}", mint.claims, member);
    claims(number, code, text, member);
}

static char *exp_member(void)
{
    return text_of("\"exp\":%lld", (long long)mint.now + 3600);
}

/* One of iss, aud and exp is this member. */
static void instead(int number, enum bearer_code code, const char *iss, const char *aud, const char *name)
{
    char *exp = exp_member();
    claims(number, code, text_of("{%s%s%s}", iss, aud, exp), name);
    free(exp);
}

static void exp_is(int number, enum bearer_code code, const char *value)
{
    claims(number, code, text_of("{" ISS AUD "\"exp\":%s}", value), value);
}

static void exp_after(int number, enum bearer_code code, long long seconds, const char *more)
{
    char *value = text_of("%lld%s", (long long)mint.now + seconds, more);
    exp_is(number, code, value);
    free(value);
}

static void expiry(void)
{
    claims(104, BEARER_EXP_MISSING, text_of("{" ISS AUD "\"Exp\":4100000000}"), "Exp");
    claims(104, BEARER_EXP_MISSING, text_of("{" ISS AUD "\"sub\":\"x\"}"), "no exp");
    exp_after(105, BEARER_EXPIRED, 0, "");
    exp_after(105, BEARER_EXPIRED, 0, ".0");
    exp_after(105, BEARER_EXPIRED, -1, "");
    exp_after(105, BEARER_EXPIRED, -86400, "");
    exp_is(105, BEARER_EXPIRED, "1");
    exp_is(105, BEARER_EXPIRED, "1.5e9");
    exp_is(105, BEARER_EXPIRED, "1e-400");
    exp_after(106, BEARER_OK, 3600, ".5");
    exp_is(107, BEARER_OK, "4.1e9");
    exp_is(107, BEARER_OK, "4100000000.0");
    static const char *const not_numbers[] = {"\"4100000000\"",       "true",         "false", "null",
                                              "{\"exp\":4100000000}", "[4100000000]", "\"\"",  "\"never\""};
    for (size_t i = 0; i < sizeof not_numbers / sizeof not_numbers[0]; i++) {
        exp_is(108, BEARER_EXP_INVALID, not_numbers[i]);
    }
    static const char *const not_positive[] = {"-1", "0", "-0", "0.0", "0e9", "-4100000000"};
    for (size_t i = 0; i < sizeof not_positive / sizeof not_positive[0]; i++) {
        exp_is(109, BEARER_EXP_INVALID, not_positive[i]);
    }
    exp_is(110, BEARER_OK, "2147483648");
    exp_is(110, BEARER_OK, "4294967296");
    exp_is(110, BEARER_OK, "253402300799");
    static const char *const large[] = {"253402300800",
                                        "9223372036854775807",
                                        "9223372036854775808",
                                        "18446744073709551615",
                                        "99999999999999999999",
                                        "1e400",
                                        "1e12",
                                        "4.1e12",
                                        "1e99999999999999999999"};
    for (size_t i = 0; i < sizeof large / sizeof large[0]; i++) {
        exp_is(110, BEARER_EXP_INVALID, large[i]);
    }
    exp_after(110, BEARER_EXP_INVALID, 3600, "000");
    static const char *const no_json[] = {"NaN",         "Infinity", "-Infinity",  "4100000000.",   ".5",
                                          "04100000000", "+4e9",     "0x7fffffff", "4100000000abc", "4_100",
                                          "4e",          "4,1e9"};
    for (size_t i = 0; i < sizeof no_json / sizeof no_json[0]; i++) {
        exp_is(111, BEARER_CLAIMS_JSON, no_json[i]);
    }
}

/* nbf (case 112) or iat (case 113). */
static void start(int number, const char *name, enum bearer_code early, enum bearer_code invalid)
{
    static const char *const wrong[] = {"\"1\"", "true", "null", "{}",    "[1]",
                                        "\"\"",  "0",    "-1",   "1e400", "253402300800"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char *member = text_of("\"%s\":%s", name, wrong[i]);
        with(number, invalid, member);
        free(member);
    }
    static const struct {
        long long seconds;
        bool good;
    } rows[] = {{-1000, true}, {0, true}, {600, false}, {86400, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *member = text_of("\"%s\":%lld", name, (long long)mint.now + rows[i].seconds);
        with(number, rows[i].good ? BEARER_OK : early, member);
        free(member);
    }
}

static void issuer(void)
{
    static const char *const missing[] = {"",
                                          "\"Iss\":\"" ISSUER "\",",
                                          "\"iss\":1,",
                                          "\"iss\":null,",
                                          "\"iss\":[\"" ISSUER "\"],",
                                          "\"iss\":{\"x\":\"" ISSUER "\"},"};
    for (size_t i = 0; i < sizeof missing / sizeof missing[0]; i++) {
        instead(114, BEARER_ISS_MISSING, missing[i], AUD, *missing[i] != '\0' ? missing[i] : "no iss");
    }
    static const char *const wrong[] = {"https://issuer.example.test",
                                        "https://issuer.example.test//",
                                        "https://Issuer.example.test/",
                                        "HTTPS://issuer.example.test/",
                                        "https://issuer.example.test:443/",
                                        "https://issuer.example.test./",
                                        "http://issuer.example.test/",
                                        "issuer.example.test",
                                        "https://issuer.example.test/evil",
                                        "https://issuer.example.test/?",
                                        "https://issuer.example.test/#",
                                        "https://issuer.example.test.evil.test/",
                                        "https://evil.test/https://issuer.example.test/",
                                        "https://issuer.example.test@evil.test/",
                                        "https://issuer.example.tes",
                                        " https://issuer.example.test/",
                                        "https://issuer.example.test/ ",
                                        "https://issuer.example.test/\\n",
                                        "*",
                                        ""};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char *member = text_of("\"iss\":\"%s\",", wrong[i]);
        instead(115, BEARER_ISS_WRONG, member, AUD, member);
        free(member);
    }
    instead(116, BEARER_CLAIMS_JSON, "\"iss\":\"" ISSUER "\\u0000evil\",", AUD, "an escaped NUL in iss");
    instead(116, BEARER_CLAIMS_JSON, "\"iss\":\"" ISSUER "\\u0000\",", AUD, "an escaped NUL after iss");
}

static void aud_is(int number, enum bearer_code code, const char *value)
{
    char *member = text_of("\"aud\":%s,", value);
    instead(number, code, ISS, member, value);
    free(member);
}

static void audience(void)
{
    static const char *const good[] = {"\"" AUDIENCE "\"", "\"" SECOND "\"", "[\"" AUDIENCE "\"]",
                                       "[\"x\",\"\",\"" AUDIENCE "\",\"y\"]",
                                       "[\"" SECOND "\",\"" AUDIENCE "\"]"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        aud_is(117, BEARER_OK, good[i]);
    }
    aud_is(118, BEARER_AUD_WRONG, "[\"x\",\"y\"]");
    aud_is(118, BEARER_AUD_WRONG, "[]");
    static const char *const wrong[] = {"{\"" AUDIENCE "\":1}",
                                        "1",
                                        "null",
                                        "true",
                                        "[\"" AUDIENCE "\",1]",
                                        "[null,\"" AUDIENCE "\"]",
                                        "[[\"" AUDIENCE "\"]]",
                                        "[{\"x\":\"" AUDIENCE "\"}]"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        aud_is(119, BEARER_AUD_MISSING, wrong[i]);
    }
    static const char *const near[] = {"\"https://api.example.test\"",
                                       "\"https://api.example.tes\"",
                                       "\"api.example.test\"",
                                       "\"https://api.example.test//\"",
                                       "\"https://api.example.test/evil\"",
                                       "\"HTTPS://API.EXAMPLE.TEST/\"",
                                       "\"urn:Hostile:second\"",
                                       "\"urn:hostile:second2\"",
                                       "\"" AUDIENCE " " SECOND "\"",
                                       "\" " AUDIENCE "\"",
                                       "\"*\"",
                                       "\"\""};
    for (size_t i = 0; i < sizeof near / sizeof near[0]; i++) {
        aud_is(120, BEARER_AUD_WRONG, near[i]);
    }
    instead(121, BEARER_AUD_MISSING, ISS, "", "no aud");
    instead(121, BEARER_AUD_MISSING, ISS, "\"azp\":\"" AUDIENCE "\",\"client_id\":\"" AUDIENCE "\",",
            "azp and client_id");
}

/* A payload of these octets. */
static void raw(int number, const char *octets, size_t length, const char *name)
{
    emit(number, BEARER_CLAIMS_JSON,
         test_key_sign_octets(mint.rsa, JWA_RS256, GOOD_HEADER, strlen(GOOD_HEADER), octets, length), "%s",
         name);
}

static void nested(int depth, enum bearer_code code)
{
    char *open = text_of("%*s", depth - 1, "");
    char *close = text_of("%*s", depth - 1, "");
    memset(open, '[', strlen(open));
    memset(close, ']', strlen(close));
    char *text = text_of("{%s,\"x\":%s%s}", mint.claims, open, close);
    emit(125, code, sign(GOOD_HEADER, text), "depth %d", depth);
    free(text);
    free(open);
    free(close);
}

static void json(void)
{
    static const char *const twice[] = {
        "\"iss\":\"" ISSUER "\"", "\"iss\":\"https://evil.test/\"", "\"aud\":\"x\"",
        "\"exp\":4100000000",     "\"e\\u0078p\":4100000000",       "\"x\":{\"y\":1,\"y\":2}"};
    for (size_t i = 0; i < sizeof twice / sizeof twice[0]; i++) {
        with(122, BEARER_CLAIMS_JSON, twice[i]);
    }
    with(123, BEARER_CLAIMS_JSON, "\"iss\\u0000x\":\"evil\"");
    with(123, BEARER_CLAIMS_JSON, "\"\\u0000\":1");
    with(123, BEARER_CLAIMS_JSON, "\"x\":{\"y\\u0000\":1}");
    static const char nul[] = "{\"iss\0\":\"" ISSUER "\"}";
    raw(123, nul, sizeof nul - 1, "a raw NUL in a name");
    char *text = text_of("[%s]", mint.good_claims);
    raw(124, text, strlen(text), "an array");
    free(text);
    text = text_of("%s x", mint.good_claims);
    raw(124, text, strlen(text), "trailing garbage");
    raw(124, text, strlen(text) - 3, "cut off");
    text[strlen(text) - 2] = '\0';
    raw(124, text, strlen(text) + 1, "a NUL after it");
    free(text);
    text = text_of("\xef\xbb\xbf%s", mint.good_claims);
    raw(124, text, strlen(text), "a byte order mark");
    free(text);
    static const char *const others[] = {
        "null", "true", "4100000000", "\"" ISSUER "\"", "[]", "iss=https://issuer.example.test/", " "};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        raw(124, others[i], strlen(others[i]), others[i]);
    }
    nested(32, BEARER_OK);
    nested(33, BEARER_CLAIMS_JSON);
    nested(2000, BEARER_CLAIMS_JSON);
}

/* Of the route that wants the scope read:messages. */
static void scopes(void)
{
    static const char *const granting[] = {"\"scope\":\"read:messages\"",
                                           "\"scope\":\"openid read:messages write\"",
                                           "\"scp\":[\"read:messages\"]", "\"scp\":\"x read:messages\""};
    static const char *const lacking[] = {"\"x\":1",
                                          "\"scope\":\"\"",
                                          "\"scope\":\"read\"",
                                          "\"scope\":\"read:messages2\"",
                                          "\"scope\":\"read:messagesonly\"",
                                          "\"scope\":\"xread:messages\"",
                                          "\"scope\":\"Read:Messages\"",
                                          "\"scope\":\"read:messages;\"",
                                          "\"scope\":\"read:messages\\r\\nx\"",
                                          "\"scope\":\"write\\tread:messages\"",
                                          "\"scope\":[\"read:messages\"]",
                                          "\"scope\":{\"read:messages\":1}",
                                          "\"scope\":null",
                                          "\"scope\":1",
                                          "\"Scope\":\"read:messages\"",
                                          "\"scopes\":\"read:messages\"",
                                          "\"scp\":[\"read\",1]",
                                          "\"permissions\":[\"read:messages\"]",
                                          "\"roles\":[\"read:messages\"]"};
    mint.path = "/private-scoped";
    for (size_t i = 0; i < sizeof granting / sizeof granting[0]; i++) {
        with(126, BEARER_OK, granting[i]);
    }
    for (size_t i = 0; i < sizeof lacking / sizeof lacking[0]; i++) {
        with(126, BEARER_NOT_GRANTED, lacking[i]);
    }
    mint.path = "/private";
}

/* Under this typ, and with this member. */
static void typed(const char *typ, enum bearer_code code, const char *member)
{
    char *header = text_of("{\"alg\":\"RS256\",\"typ\":\"%s\",\"kid\":\"rsa-1\"}", typ);
    char *text = text_of("{%s,%s}", mint.claims, member);
    emit(127, code, sign(header, text), "typ %s: %s", typ, member);
    free(text);
    free(header);
}

static void kinds(void)
{
    instead(127, BEARER_AUD_WRONG, ISS, "\"aud\":\"the-client\",\"nonce\":\"n\",\"at_hash\":\"x\",",
            "an ID token, by its aud");
    static const char *const id[] = {"\"at_hash\":\"x\"", "\"c_hash\":\"x\"", "\"at_hash\":null",
                                     "\"events\":{\"urn:x\":{}}"};
    for (size_t i = 0; i < sizeof id / sizeof id[0]; i++) {
        with(127, BEARER_NOT_ACCESS_TOKEN, id[i]);
    }
    typed("JWT", BEARER_NOT_ACCESS_TOKEN, "\"nonce\":\"n\"");
    typed("JWT", BEARER_NOT_ACCESS_TOKEN, "\"nonce\":\"n\",\"azp\":\"app\",\"auth_time\":1,\"scp\":null");
    typed("JWT", BEARER_OK, "\"nonce\":\"n\",\"scope\":\"openid\"");
    typed("JWT", BEARER_OK, "\"nonce\":\"n\",\"client_id\":\"app\"");
    typed("at+jwt", BEARER_OK, "\"nonce\":\"n\"");
    static const char *const bound[] = {"\"cnf\":{\"jkt\":\"x\"}", "\"cnf\":{\"x5t#S256\":\"x\"}",
                                        "\"cnf\":{}", "\"cnf\":null"};
    for (size_t i = 0; i < sizeof bound / sizeof bound[0]; i++) {
        with(127, BEARER_SENDER_CONSTRAINED, bound[i]);
    }
    with(128, BEARER_OK, "\"name\":\"a\\r\\nX-Evil: 1\\r\\n\\r\\nforged=1\"");
    with(128, BEARER_OK, "\"a\\r\\nX-Evil: 1\":\"\"");
    with(128, BEARER_CLAIMS_JSON, "\"name\":\"a\r\nX-Evil: 1\"");
    instead(128, BEARER_ISS_WRONG, "\"iss\":\"x\\r\\nX-Evil: 1\\r\\nforged=1\",", AUD,
            "escaped CR LF in iss");
    mint.path = "/private-scoped";
    with(128, BEARER_NOT_GRANTED, "\"scope\":\"x\\r\\nX-Evil: 1\\r\\nforged=1\"");
    mint.path = "/private";
    char *exp = exp_member();
    static const char *const subs[] = {"1", "null", "true", "[\"auth0|1\"]", "{\"id\":1}"};
    for (size_t i = 0; i < sizeof subs / sizeof subs[0]; i++) {
        char *text = text_of("{" ISS AUD "%s,\"sub\":%s}", exp, subs[i]);
        claims(129, BEARER_SUB_INVALID, text, subs[i]);
    }
    claims(129, BEARER_OK, text_of("{" ISS AUD "%s,\"sub\":\"\"}", exp), "an empty sub");
    claims(129, BEARER_OK, text_of("{" ISS AUD "%s}", exp), "no sub");
    free(exp);
}

void family_claims(void)
{
    expiry();
    start(112, "nbf", BEARER_NOT_YET_VALID, BEARER_NBF_INVALID);
    start(113, "iat", BEARER_IAT_FUTURE, BEARER_IAT_INVALID);
    issuer();
    audience();
    json();
    scopes();
    kinds();
}
