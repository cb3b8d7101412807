/* The claims of a token: cases 104 to 129. Each goes through token_verify() in a signed token, and alone through claims_check(). */
#include "token/claims.h"

#include "json/json.h"
#include "token_test.h"

static struct test_key *key;
static struct config *exact; /* no leeway */

/* What claims_check() says, and whether keys would be fetched for these claims. */
static enum bearer_code alone(const char *text, size_t length, bool *worth)
{
    struct json_object *object = js_parse(text, length, NULL);
    enum bearer_code code = BEARER_CLAIMS_JSON;
    *worth = false;
    if (object != NULL) {
        code = claims_check(object, judge_config, NOW, false);
        *worth = claims_worth_fetching(object, judge_config, NOW);
    }
    js_free(object);
    return code;
}

static void octets(const char *text, size_t length, enum bearer_code expected, const char *test)
{
    static const char header[] = "{\"alg\":\"EdDSA\",\"kid\":\"ed-1\"}";
    bool worth = false;
    bool fits = expected < BEARER_CLAIMS_JSON || expected > BEARER_EXPIRED; /* iss, aud and exp do */
    char *token = test_key_sign_octets(key, JWA_EDDSA, header, sizeof header - 1, text, length);
    enum bearer_code code = alone(text, length, &worth);
    if (code != expected || worth != fits) {
        ok(false, "%.200s: alone", test);
        printf("# got %s, %s\n", bearer_outcome(code)->reason, worth ? "worth a fetch" : "not worth a fetch");
    }
    judge_token(token, expected, "%s", test);
}

#define raw(text, expected, test) octets((text), sizeof(text) - 1, (expected), (test))

static void claims(const char *text, enum bearer_code expected, const char *test)
{
    octets(text, strlen(text), expected, test);
}

#define ISS "\"iss\":\"" ISSUER "\","
#define AUD "\"aud\":\"" API "\","
#define EXP "\"exp\":1700000060"

/* Good claims, but for this one; `value` is JSON. */
static void iss(const char *value, enum bearer_code expected, const char *test)
{
    char *text = text_of("{\"iss\":%s," AUD EXP "}", value);
    octets(text, strlen(text), expected, test);
    free(text);
}

static void aud(const char *value, enum bearer_code expected, const char *test)
{
    char *text = text_of("{" ISS "\"aud\":%s," EXP "}", value);
    octets(text, strlen(text), expected, test);
    free(text);
}

static void exp_is(const char *value, enum bearer_code expected, const char *test)
{
    char *text = text_of("{" ISS AUD "\"exp\":%s}", value);
    char *name = text_of("%s: exp %s", test, value);
    octets(text, strlen(text), expected, name);
    free(text);
    free(name);
}

/* Good claims with this one more. */
static void with(const char *member, enum bearer_code expected, const char *test)
{
    char *text = text_of("{" ISS AUD EXP ",%s}", member);
    char *name = text_of("%s: %s", test, member);
    octets(text, strlen(text), expected, name);
    free(text);
    free(name);
}

static const char *const not_numbers[] = {"\"1699999990\"", "true", "false", "null", "{}",
                                          "[1699999990]",   "\"\""};
enum { NOT_NUMBERS = sizeof not_numbers / sizeof not_numbers[0] };

static const char *const not_dates[] = {"-1",
                                        "0",
                                        "-0",
                                        "0.0",
                                        "0e9",
                                        "-1.7e9",
                                        "-1e-9",
                                        "253402300799.5",
                                        "253402300800",
                                        "1700000060000",
                                        "9223372036854775807",
                                        "9223372036854775808",
                                        "18446744073709551615",
                                        "18446744075409551676", /* 2^64 + 1700000060 */
                                        "99999999999999999999",
                                        "-9223372036854775809",
                                        "1e12",
                                        "1e400",
                                        "-1e400",
                                        "1e9999999999999999999999999999999"};
enum { NOT_DATES = sizeof not_dates / sizeof not_dates[0] };

static void expiry(void)
{
    claims("{" ISS "\"aud\":\"" API "\"}", BEARER_EXP_MISSING, "case 104: no exp");
    claims("{" ISS AUD "\"Exp\":1700000060}", BEARER_EXP_MISSING, "case 104: Exp is another name");
    exp_is("1", BEARER_EXPIRED, "case 105");
    exp_is("1699999999", BEARER_EXPIRED, "case 105");
    exp_is("1700000000", BEARER_EXPIRED, "case 105");
    exp_is("1700000000.0", BEARER_EXPIRED, "case 105");
    exp_is("1699999999.999999999999", BEARER_EXPIRED, "case 105");
    exp_is("1.7e9", BEARER_EXPIRED, "case 105");
    exp_is("17e8", BEARER_EXPIRED, "case 105");
    exp_is("0.0001", BEARER_EXPIRED, "case 105");
    exp_is("1e-400", BEARER_EXPIRED, "case 105");
    exp_is("1700000000.5", BEARER_OK, "case 106");
    exp_is("17000000005e-1", BEARER_OK, "case 106");
    exp_is("1700000000.0000000000000000000000000000000000000000000000000000000000000000001", BEARER_OK,
           "case 106");
    exp_is("1700000001", BEARER_OK, "case 106");
    exp_is("4.1e9", BEARER_OK, "case 107");
    exp_is("4100000000", BEARER_OK, "case 107");
    for (size_t i = 0; i < NOT_NUMBERS; i++) {
        exp_is(not_numbers[i], BEARER_EXP_INVALID, "case 108");
    }
    for (size_t i = 0; i < NOT_DATES; i++) {
        exp_is(not_dates[i], BEARER_EXP_INVALID, "cases 109, 110");
    }
    exp_is("2147483647", BEARER_OK, "case 110");
    exp_is("2147483648", BEARER_OK, "case 110");
    exp_is("4294967296", BEARER_OK, "case 110");
    exp_is("253402300799", BEARER_OK, "case 110");
    static const char *const no_json[] = {"NaN",           "Infinity",    "-Infinity",  "1700000060.",
                                          "01700000060",   "+1700000060", "0x7fffffff", "1700000060L",
                                          "1_700_000_060", ".5",          "1e",         "-"};
    for (size_t i = 0; i < sizeof no_json / sizeof no_json[0]; i++) {
        exp_is(no_json[i], BEARER_CLAIMS_JSON, "case 111");
    }
}

/* nbf (case 112) or iat (case 113). */
static void start(const char *name, enum bearer_code invalid, enum bearer_code early, const char *test)
{
    static const struct {
        const char *value;
        bool early;
    } dates[] = {{"1", false},
                 {"1e-400", false},
                 {"1699999999", false},
                 {"1700000000", false},
                 {"1700000000.000", false},
                 {"1.7e9", false},
                 {"1700000000.5", true},
                 {"1700000000.00000000000000000000000000000000000000000000000000000000000000000001", true},
                 {"1700000001", true},
                 {"1.7000000001e9", true},
                 {"4294967296", true},
                 {"253402300799", true}};
    char text[160];
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        snprintf(text, sizeof text, "\"%s\":%s", name, dates[i].value);
        with(text, dates[i].early ? early : BEARER_OK, test);
    }
    char *late = text_of("\"%s\":0.%011000d41e11010", name, 0);
    with(late, early, test);
    free(late);
    for (size_t i = 0; i < NOT_NUMBERS; i++) {
        snprintf(text, sizeof text, "\"%s\":%s", name, not_numbers[i]);
        with(text, invalid, test);
    }
    for (size_t i = 0; i < NOT_DATES; i++) {
        snprintf(text, sizeof text, "\"%s\":%s", name, not_dates[i]);
        with(text, invalid, test);
    }
}

static void leeway(void)
{
    struct config *five = test_config("EdDSA", "5");
    judge_config = five;
    exp_is("1699999994", BEARER_EXPIRED, "leeway 5");
    exp_is("1699999994.9", BEARER_EXPIRED, "leeway 5");
    exp_is("1699999995", BEARER_EXPIRED, "leeway 5");
    exp_is("1699999995.0", BEARER_EXPIRED, "leeway 5");
    exp_is("1699999995.1", BEARER_OK, "leeway 5");
    exp_is("1699999996", BEARER_OK, "leeway 5");
    with("\"nbf\":1700000005", BEARER_OK, "leeway 5");
    with("\"nbf\":1700000005.0", BEARER_OK, "leeway 5");
    with("\"nbf\":1700000004.9", BEARER_OK, "leeway 5");
    with("\"nbf\":1700000005.1", BEARER_NOT_YET_VALID, "leeway 5");
    with("\"nbf\":1700000006", BEARER_NOT_YET_VALID, "leeway 5");
    with("\"iat\":1700000005", BEARER_OK, "leeway 5");
    with("\"iat\":1700000005.0", BEARER_OK, "leeway 5");
    with("\"iat\":1700000004.9", BEARER_OK, "leeway 5");
    with("\"iat\":1700000005.1", BEARER_IAT_FUTURE, "leeway 5");
    with("\"iat\":1700000006", BEARER_IAT_FUTURE, "leeway 5");
    judge_config = exact;
    config_free(five);
}

static void issuer(void)
{
    static const char *const wrong[] = {"https://issuer.test",
                                        "https://issuer.test//",
                                        "https://Issuer.test/",
                                        "HTTPS://issuer.test/",
                                        "https://issuer.test:443/",
                                        "https://issuer.tes",
                                        "https://issuer.test/x",
                                        "https://issuer.test.evil.test/",
                                        "issuer.test",
                                        "http://issuer.test/",
                                        "https://evil.test/?https://issuer.test/",
                                        " https://issuer.test/",
                                        "https://issuer.test/ ",
                                        ""};
    claims("{" AUD EXP "}", BEARER_ISS_MISSING, "case 114: no iss");
    claims("{\"Iss\":\"" ISSUER "\"," AUD EXP "}", BEARER_ISS_MISSING, "case 114: Iss is another name");
    iss("1", BEARER_ISS_MISSING, "case 114: a number");
    iss("null", BEARER_ISS_MISSING, "case 114: null");
    iss("[\"" ISSUER "\"]", BEARER_ISS_MISSING, "case 114: an array");
    iss("{\"x\":\"" ISSUER "\"}", BEARER_ISS_MISSING, "case 114: an object");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char value[80];
        char name[120];
        snprintf(value, sizeof value, "\"%s\"", wrong[i]);
        snprintf(name, sizeof name, "case 115: iss %s", value);
        iss(value, BEARER_ISS_WRONG, name);
    }
    iss("\"https:\\/\\/issuer.test\\/\"", BEARER_OK, "the same iss, escaped");
    iss("\"" ISSUER "\\u0000evil\"", BEARER_CLAIMS_JSON, "case 116: a NUL in iss");
    iss("\"" ISSUER "\\u0000\"", BEARER_CLAIMS_JSON, "case 116: a NUL after iss");
}

static void audience(void)
{
    aud("\"" API "\"", BEARER_OK, "case 117: a string");
    aud("\"urn:other\"", BEARER_OK, "case 117: the second one configured");
    aud("[\"" API "\"]", BEARER_OK, "case 117: an array");
    aud("[\"x\",\"\",\"" API "\",\"y\"]", BEARER_OK, "case 117: an array with ours");
    aud("[\"x\",\"y\"]", BEARER_AUD_WRONG, "case 118: an array without ours");
    aud("[]", BEARER_AUD_WRONG, "case 118: an empty array");
    aud("{\"" API "\":1}", BEARER_AUD_MISSING, "case 119: an object");
    aud("1", BEARER_AUD_MISSING, "case 119: a number");
    aud("null", BEARER_AUD_MISSING, "case 119: null");
    aud("true", BEARER_AUD_MISSING, "case 119: true");
    aud("[\"" API "\",1]", BEARER_AUD_MISSING, "case 119: a mixed array, ours first");
    aud("[null,\"" API "\"]", BEARER_AUD_MISSING, "case 119: a mixed array, ours last");
    aud("[[\"" API "\"]]", BEARER_AUD_MISSING, "case 119: an array in an array");
    aud("\"https://api.tes\"", BEARER_AUD_WRONG, "case 120: a prefix");
    aud("\"https://api.test/\"", BEARER_AUD_WRONG, "case 120: a slash more");
    aud("\"api.test\"", BEARER_AUD_WRONG, "case 120: a substring");
    aud("\"HTTPS://API.TEST\"", BEARER_AUD_WRONG, "case 120: other case");
    aud("\"" API " urn:other\"", BEARER_AUD_WRONG, "case 120: the configured list as one");
    aud("\" " API "\"", BEARER_AUD_WRONG, "case 120: a space before it");
    aud("\"\"", BEARER_AUD_WRONG, "case 120: empty");
    claims("{" ISS EXP "}", BEARER_AUD_MISSING, "case 121: no aud");
    claims("{" ISS EXP ",\"azp\":\"" API "\",\"client_id\":\"" API "\"}", BEARER_AUD_MISSING,
           "case 121: azp and client_id are no aud");
}

static void nested(unsigned depth, enum bearer_code expected)
{
    char name[40];
    char *text = text_of("{" ISS AUD EXP ",\"x\":%*s}", (int)(2 * (depth - 1)), "");
    char *at = strstr(text, "\"x\":") + 4;
    snprintf(name, sizeof name, "case 125: depth %u", depth);
    memset(at, '[', depth - 1);
    memset(at + depth - 1, ']', depth - 1);
    claims(text, expected, name);
    free(text);
}

static void form(void)
{
    with("\"iss\":\"" ISSUER "\"", BEARER_CLAIMS_JSON, "case 122");
    with("\"aud\":\"x\"", BEARER_CLAIMS_JSON, "case 122");
    with("\"exp\":1", BEARER_CLAIMS_JSON, "case 122");
    with("\"e\\u0078p\":1700000060", BEARER_CLAIMS_JSON, "case 122");
    with("\"iss\\u0000x\":\"evil\"", BEARER_CLAIMS_JSON, "case 123");
    with("\"\\u0000\":1", BEARER_CLAIMS_JSON, "case 123");
    raw("{" ISS AUD EXP ",\"\0\":1}", BEARER_CLAIMS_JSON, "case 123: a raw NUL in a name");
    raw("[{" ISS AUD EXP "}]", BEARER_CLAIMS_JSON, "case 124: an array");
    raw("\"{"
        "}\"",
        BEARER_CLAIMS_JSON, "case 124: a string");
    raw("null", BEARER_CLAIMS_JSON, "case 124: null");
    raw("1700000060", BEARER_CLAIMS_JSON, "case 124: a number");
    raw("iss=" ISSUER, BEARER_CLAIMS_JSON, "case 124: no JSON");
    raw("{" ISS AUD EXP "}\0{}", BEARER_CLAIMS_JSON, "case 124: a NUL, then more");
    raw("{" ISS AUD EXP "} x", BEARER_CLAIMS_JSON, "case 124: trailing garbage");
    raw("\xef\xbb\xbf{" ISS AUD EXP "}", BEARER_CLAIMS_JSON, "case 124: a byte order mark");
    raw("{" ISS AUD EXP ",\"x\":\"\xff\"}", BEARER_CLAIMS_JSON, "case 124: bad UTF-8");
    raw("{}", BEARER_ISS_MISSING, "case 124: an empty object");
    nested(32, BEARER_OK);
    nested(33, BEARER_CLAIMS_JSON);
    nested(2000, BEARER_CLAIMS_JSON);
}

static void kind(void)
{
    iss("\"" ISSUER "\",\"nonce\":\"n\",\"aud\":\"client\",\"x\":[],\"exp\":1", BEARER_CLAIMS_JSON,
        "an attempt to close the claims early");
    aud("\"client-id\",\"nonce\":\"n\",\"auth_time\":1", BEARER_AUD_WRONG,
        "case 127: an ID token, by its aud");
    with("\"at_hash\":\"x\"", BEARER_NOT_ACCESS_TOKEN, "case 127");
    with("\"c_hash\":\"x\"", BEARER_NOT_ACCESS_TOKEN, "case 127");
    with("\"events\":{\"http://schemas.openid.net/event/backchannel-logout\":{}}", BEARER_NOT_ACCESS_TOKEN,
         "case 127");
    with("\"at_hash\":null", BEARER_NOT_ACCESS_TOKEN, "case 127");
    with("\"c_hash\":0", BEARER_NOT_ACCESS_TOKEN, "case 127");
    with("\"events\":false", BEARER_NOT_ACCESS_TOKEN, "case 127");
    with("\"cnf\":{\"jkt\":\"x\"}", BEARER_SENDER_CONSTRAINED, "case 127");
    with("\"cnf\":{\"x5t#S256\":\"x\"}", BEARER_SENDER_CONSTRAINED, "case 127");
    with("\"cnf\":{}", BEARER_SENDER_CONSTRAINED, "case 127");
    with("\"cnf\":null", BEARER_SENDER_CONSTRAINED, "case 127");
    with("\"Nonce\":\"n\",\"azp\":\"a\",\"jti\":\"j\",\"CNF\":1", BEARER_OK, "other claims");
    with("\"sub\":\"a\\r\\nX-Evil: 1\"", BEARER_OK, "case 128: escaped CRLF is text");
    with("\"sub\":\"a\r\nX-Evil: 1\"", BEARER_CLAIMS_JSON, "case 128: raw CRLF is no JSON");
    with("\"sub\":\"auth0|1\"", BEARER_OK, "case 129");
    with("\"sub\":\"\"", BEARER_OK, "case 129");
    with("\"sub\":1", BEARER_SUB_INVALID, "case 129");
    with("\"sub\":null", BEARER_SUB_INVALID, "case 129");
    with("\"sub\":true", BEARER_SUB_INVALID, "case 129");
    with("\"sub\":[\"auth0|1\"]", BEARER_SUB_INVALID, "case 129");
    with("\"sub\":{\"id\":1}", BEARER_SUB_INVALID, "case 129");
}

/* What tells an ID token from an access token where both are for this API. `typ` NULL: the header has none. */
static void id_token(const char *typ, const char *members, bool access)
{
    char *header = typ == NULL ? text_of("{\"alg\":\"EdDSA\",\"kid\":\"ed-1\"}")
                               : text_of("{\"alg\":\"EdDSA\",\"kid\":\"ed-1\",\"typ\":\"%s\"}", typ);
    char *text = text_of("{" ISS AUD EXP ",%s}", members);
    judge_token(test_key_sign(key, JWA_EDDSA, header, text), access ? BEARER_OK : BEARER_NOT_ACCESS_TOKEN,
                "D11: typ %s: %s", typ != NULL ? typ : "absent", members);
    free(header);
    free(text);
}

static void id_tokens(void)
{
#define NONCE "\"nonce\":\"n\""
    static const char *const id[] = {
        NONCE,
        "\"nonce\":\"\"",
        "\"nonce\":null",
        "\"nonce\":7",
        NONCE ",\"azp\":\"app\",\"auth_time\":1,\"acr\":\"1\"",
        NONCE ",\"permissions\":[\"read:messages\"],\"roles\":[\"admin\"],\"cid\":\"app\"",
        NONCE ",\"scope\":null",
        NONCE ",\"scope\":7",
        NONCE ",\"scp\":{}",
        NONCE ",\"scp\":null,\"client_id\":null",
        NONCE ",\"client_id\":[\"app\"]",
        NONCE ",\"Scope\":\"a\",\"scopes\":\"a\",\"clientId\":\"app\"",
    };
    static const char *const access[] = {
        NONCE ",\"scope\":\"openid profile\"",
        NONCE ",\"scope\":\"\"",
        NONCE ",\"scope\":[\"a\"]",
        NONCE ",\"scp\":\"a b\"",
        NONCE ",\"scp\":[\"a\"]",
        NONCE ",\"client_id\":\"app\"",
        "\"sid\":\"s\",\"auth_time\":1,\"azp\":\"app\",\"email\":\"a@b.test\"",
    };
    static const char *const typs[] = {NULL, "JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt"};
    for (size_t t = 0; t < sizeof typs / sizeof typs[0]; t++) {
        bool typed = t >= 3;
        for (size_t i = 0; i < sizeof id / sizeof id[0]; i++) {
            id_token(typs[t], id[i], typed);
        }
        for (size_t i = 0; i < sizeof access / sizeof access[0]; i++) {
            id_token(typs[t], access[i], true);
        }
        id_token(typs[t], NONCE ",\"scope\":\"a\",\"at_hash\":\"x\"", false);
        id_token(typs[t], "\"client_id\":\"app\",\"c_hash\":\"x\"", false);
    }
#undef NONCE
}

int main(void)
{
    key = test_key_new(JWA_EDDSA, "ed-1");
    source.set = test_keyset((char *[]){test_key_jwk(key)}, 1);
    exact = test_config("EdDSA", "0");
    judge_config = exact;
    good_token = test_key_sign(key, JWA_EDDSA, "{\"alg\":\"EdDSA\",\"kid\":\"ed-1\"}", GOOD_CLAIMS);
    expiry();
    start("nbf", BEARER_NBF_INVALID, BEARER_NOT_YET_VALID, "case 112");
    start("iat", BEARER_IAT_INVALID, BEARER_IAT_FUTURE, "case 113");
    leeway();
    issuer();
    audience();
    form();
    kind();
    id_tokens();
    free(good_token);
    keyset_free(source.set);
    config_free(exact);
    test_key_free(key);
    return tap_done();
}
