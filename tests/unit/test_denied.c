/* SPDX-License-Identifier: MIT */
/* The log line about a denied request: what is in it, as text and as JSON. */
#include "guard/denied.h"

#include <stdlib.h>

#include "json/json.h"

#include "tap.h"

static char logged[16384];
static unsigned lines;

static void take_line(void *context, const char *line, size_t length)
{
    (void)context;
    lines++;
    memcpy(logged, line, length);
    logged[length] = '\0';
}

static struct log test_log = {.level = LOG_LEVEL_DEBUG, .write = take_line};

static struct token *token_with(const char *claims)
{
    static struct token token;
    js_free(token.claims);
    token = (struct token){.kid = "k\"1", .kid_length = 3};
    token.claims = claims != NULL ? js_parse(claims, strlen(claims), NULL) : NULL;
    if (claims != NULL && token.claims == NULL) {
        printf("Bail out! not JSON: %s\n", claims);
        exit(99);
    }
    return &token;
}

/* The line, without what JSON begins with: the time. */
static const char *line_of(const struct denied *denied, bool json)
{
    lines = 0;
    logged[0] = '\0';
    test_log.json = json;
    static struct denials denials;
    denied_log(&denials, &test_log, denied, 0);
    logged[strcspn(logged, "\n")] = '\0';
    const char *level = json ? strstr(logged, "\"level\"") : logged;
    return level != NULL ? level : logged;
}

static const struct {
    const char *test;
    enum bearer_code code;
    struct request request;
    const char *claims;
    const char *route;
    const char *text;
    const char *json;
} rows[] = {
    {"all fields",
     BEARER_NOT_GRANTED,
     {.method = "GET",
      .path_info = "/x",
      .uri = "/api/x?access_token=secret",
      .client = "192.0.2.7",
      .require = "scope=a claim:b=c"},
     "{\"sub\":\"auth0|1\",\"azp\":\"app\",\"cid\":\"no\"}",
     NULL,
     "fcgi-bearer: warn: denied status=403 reason=not-granted client=192.0.2.7 kid=\"k\\\"1\" "
     "method=\"GET\" path=\"/api/x\" sub=\"auth0|1\" client_id=\"app\" profile=\"p\" need=\"scope=a claim:b=c\"",
     "\"level\":\"warn\",\"msg\":\"denied\",\"status\":403,\"reason\":\"not-granted\","
     "\"client\":\"192.0.2.7\",\"kid\":\"k\\\"1\",\"method\":\"GET\",\"path\":\"/api/x\","
     "\"sub\":\"auth0|1\",\"client_id\":\"app\",\"profile\":\"p\",\"need\":\"scope=a claim:b=c\"}"},
    {"nothing is known",
     BEARER_MISCONFIGURED,
     {0},
     NULL,
     NULL,
     "fcgi-bearer: warn: denied status=500 reason=misconfigured client=- kid=\"k\\\"1\" method=\"\" "
     "path=\"\" sub=\"\" client_id=\"\" profile=\"p\" need=\"\"",
     "\"level\":\"warn\",\"msg\":\"denied\",\"status\":500,\"reason\":\"misconfigured\","
     "\"client\":\"-\",\"kid\":\"k\\\"1\",\"method\":\"\",\"path\":\"\",\"sub\":\"\","
     "\"client_id\":\"\",\"profile\":\"p\",\"need\":\"\"}"},
    {"octets that do not print, and claims that are no strings",
     BEARER_REVOKED,
     {.method = "G\nT", .path_info = "/\xff\xc3\xa9\"#y", .client = "::1 denied", .require = ""},
     "{\"sub\":\"\\u00e9\\u0001\\ud83d\\ude00\",\"azp\":7,\"appid\":\"no\"}",
     "scope=a",
     "fcgi-bearer: warn: denied status=401 reason=revoked client=::1 kid=\"k\\\"1\" "
     "method=\"G\\x0aT\" path=\"/\\xff\\xc3\\xa9\\\"\" sub=\"\\xc3\\xa9\\x01\\xf0\\x9f\\x98\\x80\" "
     "client_id=\"\" profile=\"p\" need=\"scope=a\"",
     "\"level\":\"warn\",\"msg\":\"denied\",\"status\":401,\"reason\":\"revoked\","
     "\"client\":\"::1\",\"kid\":\"k\\\"1\",\"method\":\"G\\u000aT\","
     "\"path\":\"/\\ufffd\\u00e9\\\"\",\"sub\":\"\\u00e9\\u0001\\ud83d\\ude00\","
     "\"client_id\":\"\",\"profile\":\"p\",\"need\":\"scope=a\"}"},
    {"the location's and the endpoint's requirement; a client as Entra names it",
     BEARER_NOT_GRANTED,
     {.method = "POST", .path_info = "/", .client = "", .require = "scope=a", .role = ROLE_DENY},
     "{\"appid\":\"e\"}",
     "permission=b",
     "fcgi-bearer: debug: denied status=403 reason=not-granted client=- kid=\"k\\\"1\" "
     "method=\"POST\" path=\"/\" sub=\"\" client_id=\"e\" profile=\"p\" need=\"scope=a permission=b\"",
     "\"level\":\"debug\",\"msg\":\"denied\",\"status\":403,\"reason\":\"not-granted\","
     "\"client\":\"-\",\"kid\":\"k\\\"1\",\"method\":\"POST\",\"path\":\"/\",\"sub\":\"\","
     "\"client_id\":\"e\",\"profile\":\"p\",\"need\":\"scope=a permission=b\"}"},
};

static void fields(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct denied denied = {.code = rows[i].code,
                                      .request = &rows[i].request,
                                      .token = token_with(rows[i].claims),
                                      .profile = "p",
                                      .location = rows[i].request.require,
                                      .route = rows[i].route};
        is_string(line_of(&denied, false), rows[i].text, "%s", rows[i].test);
        const char *json = line_of(&denied, true);
        is_string(json, rows[i].json, "  as JSON");
        struct json_object *object = js_parse(logged, strlen(logged), NULL);
        size_t length = 0;
        const char *when = object != NULL ? js_string(object, "time", &length) : NULL;
        ok(when != NULL && length == 20 && when[19] == 'Z', "  which is JSON, with a time");
        js_free(object);
    }
}

/* The longest that anything may be: a whole requirement, and the rest says where it was cut. */
static void long_ones(void)
{
    static char need[REQUIREMENT_LENGTH_MAX + 1];
    static char path[8192];
    static char claims[8300];
    memset(need, 0x01, sizeof need - 1);
    memcpy(need + sizeof need - 5, "last", 4);
    memset(path, '"', sizeof path - 1);
    memcpy(claims, "{\"sub\":\"", 8);
    memset(claims + 8, 'x', 8000);
    memcpy(claims + 8008, "\"}", 3);
    struct request request = {.method = path, .uri = path, .client = path};
    const struct denied denied = {.code = BEARER_NOT_GRANTED,
                                  .request = &request,
                                  .profile = "",
                                  .location = need,
                                  .token = token_with(claims)};
    ok(strstr(line_of(&denied, false), "last\"") != NULL && strstr(logged, "xx..\"") != NULL,
       "a whole requirement, the longest there may be; the rest is cut and says so");
    (void)line_of(&denied, true);
    struct json_object *object = js_parse(logged, strlen(logged), NULL);
    size_t length = 0;
    ok(object != NULL && js_string(object, "sub", &length) != NULL && length < 600,
       "and JSON stays JSON");
    js_free(object);
}

/* As many in a second as the level lets through. */
static unsigned written(enum log_level level)
{
    const struct request request = {.client = "192.0.2.7"};
    const struct denied denied = {
        .code = BEARER_EXPIRED, .request = &request, .profile = "", .token = token_with(NULL)};
    struct denials denials = {0};
    test_log.level = level;
    lines = 0;
    for (int i = 0; i < 30; i++) {
        denied_log(&denials, &test_log, &denied, 1000);
    }
    denied_log(&denials, &test_log, &denied, 2000);
    test_log.level = LOG_LEVEL_DEBUG;
    return lines;
}

static void levels(void)
{
    is_number(written(LOG_LEVEL_WARN), DENIALS_A_SECOND + 2, "20, how many more, and the next one");
    is_number(written(LOG_LEVEL_INFO), DENIALS_A_SECOND + 2, "and so with info");
    is_number(written(LOG_LEVEL_DEBUG), 31, "with debug all");
    is_number(written(LOG_LEVEL_ERROR), 0, "with error none");
}

static void quiet(void)
{
    const struct request request = {.role = ROLE_DENY};
    const struct denied denied = {
        .code = BEARER_NOT_GRANTED, .request = &request, .profile = "", .token = token_with(NULL)};
    test_log.level = LOG_LEVEL_INFO;
    (void)line_of(&denied, false);
    is_number(lines, 0, "what is shown again is not said again");
    test_log.level = LOG_LEVEL_DEBUG;
}

int main(void)
{
    fields();
    long_ones();
    levels();
    quiet();
    (void)token_with(NULL);
    return tap_done();
}
