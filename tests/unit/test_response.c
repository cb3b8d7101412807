/* SPDX-License-Identifier: MIT */
/* Answers, octet by octet, and what each denial says. */
#include "answer/response.h"

#include <stdlib.h>

#include "answer/challenge.h"
#include "json/json.h"

#include "tap.h"

static char sent[8192];
static size_t sent_length;

static void collect(void *context, const char *bytes, size_t length)
{
    (void)context;
    if (length > sizeof sent - 1 - sent_length) {
        printf("Bail out! an answer that is too long\n");
        exit(99);
    }
    memcpy(sent + sent_length, bytes, length);
    sent_length += length;
    sent[sent_length] = '\0';
}

static const char *send_it(const struct response *response, bool head)
{
    static const struct sink sink = {.write = collect};
    sent_length = 0;
    sent[0] = '\0';
    response_send(response, head, &sink);
    return sent;
}

#define JSON    "Content-Type: application/json\r\n"
#define NOSNIFF "X-Content-Type-Options: nosniff\r\n"
#define NOSTORE "Cache-Control: no-store\r\n"

static void good_answers(void)
{
    struct response response = {0};
    response_json(&response, "{\"a\":1}", 7);
    is_string(send_it(&response, false),
              "Status: 200 OK\r\n" JSON NOSNIFF "Content-Length: 7\r\n\r\n{\"a\":1}", "an answer");
    is_string(send_it(&response, true),
              "Status: 200 OK\r\n" JSON NOSNIFF "Content-Length: 7\r\n\r\n",
              "HEAD: all but the body");
    response.no_store = true;
    is_string(send_it(&response, false),
              "Status: 200 OK\r\n" NOSTORE JSON NOSNIFF "Content-Length: 7\r\n\r\n{\"a\":1}",
              "a private answer");
    response_json(&response, "{\"a\":1}garbage", 7);
    is_string(strstr(send_it(&response, false), "\r\n\r\n"), "\r\n\r\n{\"a\":1}",
              "a body is as long as it says");
    const struct response options = {.status = 204, .allow = "GET, HEAD, OPTIONS"};
    is_string(send_it(&options, false),
              "Status: 204 No Content\r\nAllow: GET, HEAD, OPTIONS\r\n" NOSNIFF "\r\n",
              "204 has no Content-Length");
    const struct response nothing = {
        .body = "{\"secret\":1}", .body_length = 12, .challenge = "Bearer"};
    is_string(send_it(&nothing, false),
              "Status: 500 Internal Server Error\r\n" NOSTORE JSON NOSNIFF
              "Content-Length: 34\r\n\r\n"
              "{\"detail\":\"Internal server error\"}",
              "no status is 500, and nothing of what was set");
}

static void pages_and_origins(void)
{
    struct response response = {0};
    response_page(&response, "<p>", 3, "default-src 'none'");
    is_string(
        send_it(&response, false),
        "Status: 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Security-Policy: "
        "default-src 'none'\r\n" NOSNIFF "Content-Length: 3\r\n\r\n<p>",
        "a page, with its policy");
#define EXPOSED "Access-Control-Expose-Headers: WWW-Authenticate, Retry-After\r\n"
    response = (struct response){.cors_origin = "https://a.example"};
    response_json(&response, "{}", 2);
    is_string(send_it(&response, false),
              "Status: 200 OK\r\n" JSON NOSNIFF
              "Access-Control-Allow-Origin: https://a.example\r\n" EXPOSED
              "Vary: Origin\r\nContent-Length: 2\r\n\r\n{}",
              "an answer that one origin may read");
    response.cors_origin = "*";
    is_string(send_it(&response, false),
              "Status: 200 OK\r\n" JSON NOSNIFF "Access-Control-Allow-Origin: *\r\n" EXPOSED
              "Content-Length: 2\r\n\r\n{}",
              "one that all may");
    response.cors_origin = "";
    is_string(send_it(&response, false),
              "Status: 200 OK\r\n" JSON NOSNIFF "Vary: Origin\r\nContent-Length: 2\r\n\r\n{}",
              "one that this origin may not, and others may");
    response = (struct response){
        .status = 204, .allow = "GET", .cors_origin = "https://a.example", .preflight = true};
    is_string(send_it(&response, false),
              "Status: 204 No Content\r\nAllow: GET\r\n" NOSNIFF
              "Access-Control-Allow-Origin: https://a.example\r\n" EXPOSED
              "Access-Control-Allow-Methods: GET\r\nAccess-Control-Allow-Headers: Authorization, "
              "Content-Type\r\n"
              "Access-Control-Max-Age: 600\r\nVary: Origin\r\n\r\n",
              "a preflight is told what may be sent");
    response.token_header = "X-Token";
    ok(strstr(send_it(&response, false),
              "Access-Control-Allow-Headers: X-Token, Content-Type\r\n") != NULL,
       "and in which header a token");
    response = (struct response){.cors_origin = "*"};
    is_string(send_it(&response, true),
              "Status: 500 Internal Server Error\r\n" NOSTORE JSON NOSNIFF
              "Access-Control-Allow-Origin: *\r\n" EXPOSED "Content-Length: 34\r\n\r\n",
              "a page may read that nothing was set, too");
}

static void denials(void)
{
    struct response response = {0};
    response_deny(&response, BEARER_NO_CREDENTIALS, "api", NULL);
    is_string(send_it(&response, false),
              "Status: 401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"api\"\r\n" NOSTORE JSON
                  NOSNIFF "Content-Length: 30\r\n\r\n{\"detail\":\"Not authenticated\"}",
              "case 21: no credentials");
    is_string(send_it(&response, true),
              "Status: 401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"api\"\r\n" NOSTORE JSON
                  NOSNIFF "Content-Length: 30\r\n\r\n",
              "the same for HEAD");
    response = (struct response){0};
    struct requirement requirement;
    const struct verdict lacking = {.location = &requirement,
                                    .lacking = {.requirement = &requirement}};
    ok(requirement_parse("scope=read:messages", &requirement, NULL), "a requirement");
    response_deny(&response, BEARER_EXPIRED, "My API", &lacking);
    is_string(send_it(&response, false),
              "Status: 401 Unauthorized\r\nWWW-Authenticate: Bearer realm=\"My API\", "
              "error=\"invalid_token\", error_description=\"The token has "
              "expired\"\r\n" NOSTORE JSON NOSNIFF
              "Content-Length: 34\r\n\r\n{\"detail\":\"The token has expired\"}",
              "a refused token");
    response = (struct response){0};
    response_deny(&response, BEARER_TWO_CREDENTIALS, NULL, NULL);
    is_string(send_it(&response, false),
              "Status: 400 Bad Request\r\nWWW-Authenticate: Bearer realm=\"api\", "
              "error=\"invalid_request\", error_description=\"More than one credential was "
              "sent\"\r\n" NOSTORE JSON NOSNIFF
              "Content-Length: 46\r\n\r\n{\"detail\":\"More than one credential was sent\"}",
              "case 20: two credentials");
    response = (struct response){0};
    response_deny(&response, BEARER_NOT_GRANTED, "api", &lacking);
    is_string(send_it(&response, false),
              "Status: 403 Forbidden\r\nWWW-Authenticate: Bearer realm=\"api\", "
              "error=\"insufficient_scope\", scope=\"read:messages\"\r\n" NOSTORE JSON NOSNIFF
              "Content-Length: 42\r\n\r\n{\"detail\":\"Required: scope=read:messages\"}",
              "case 126: a missing scope");
    response = (struct response){.allow = "GET, HEAD, OPTIONS"};
    response_deny(&response, BEARER_METHOD_NOT_ALLOWED, "api", NULL);
    is_string(send_it(&response, false),
              "Status: 405 Method Not Allowed\r\nAllow: GET, HEAD, OPTIONS\r\n" NOSTORE JSON NOSNIFF
              "Content-Length: 31\r\n\r\n{\"detail\":\"Method Not Allowed\"}",
              "another method");
    response = (struct response){.retry_after = 30};
    response_deny(&response, BEARER_NO_KEYS, "api", NULL);
    is_string(send_it(&response, false),
              "Status: 503 Service Unavailable\r\nRetry-After: 30\r\n" NOSTORE JSON NOSNIFF
              "Content-Length: 41\r\n\r\n{\"detail\":\"Signing keys are unavailable\"}",
              "no keys");
    response = (struct response){0};
    response_deny(&response, BEARER_NOT_FOUND, "api", NULL);
    is_string(send_it(&response, false),
              "Status: 404 Not Found\r\n" NOSTORE JSON NOSNIFF
              "Content-Length: 22\r\n\r\n{\"detail\":\"Not Found\"}",
              "no such path");
    response = (struct response){0};
    response_deny(&response, BEARER_MISCONFIGURED, NULL, NULL);
    is_string(send_it(&response, false),
              "Status: 500 Internal Server Error\r\n" NOSTORE JSON NOSNIFF
              "Content-Length: 33\r\n\r\n{\"detail\":\"Server misconfigured\"}",
              "misconfigured");
}

/* The body is one strict JSON object with one text in it. */
static bool good_body(const struct response *response, const char *text)
{
    struct json_object *object = js_parse(response->body, response->body_length, NULL);
    bool good = js_string_is(object, "detail", text);
    js_free(object);
    return good;
}

static bool is_plain(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text < 0x20 || *text > 0x7e || *text == '"' || *text == '\\') {
            return false;
        }
    }
    return true;
}

/* The challenge this outcome must have, per design: none for 404, 405 and whatever is our own
 * fault. */
static void expected_challenge(char *out, size_t size, const struct bearer_outcome *row,
                               const char *realm)
{
    out[0] = '\0';
    if (row->error != NULL) {
        snprintf(out, size, "Bearer realm=\"%s\", error=\"%s\", error_description=\"%s\"", realm,
                 row->error, row->text);
    } else if (row->status == 401) {
        snprintf(out, size, "Bearer realm=\"%s\"", realm);
    }
}

static void every_code(void)
{
    char realm[129];
    memset(realm, 'r', sizeof realm - 1); /* the longest there can be */
    realm[sizeof realm - 1] = '\0';
    for (int i = -1; i <= BEARER_CODE__MAX + 1; i++) {
        enum bearer_code code = (enum bearer_code)i;
        const struct bearer_outcome *row = bearer_outcome(code == BEARER_OK ? BEARER_DENIED : code);
        struct response response = {0};
        char challenge[1024];
        response_deny(&response, code, realm, NULL);
        expected_challenge(challenge, sizeof challenge, row, realm);
        ok(response.status == row->status && row->status >= 400, "%d, %s: a denial, %u", i,
           row->reason, row->status);
        ok(good_body(&response, row->text), "  its body is strict JSON and says why");
        is_string(response.challenge, challenge, "  its challenge");
        ok((response.status < 500) || response.challenge[0] == '\0',
           "  no challenge for what is our fault");
        ok(response.no_store, "  nobody may store it");
        ok(is_plain(row->text) && is_plain(row->reason), "  its texts can stand anywhere");
        snprintf(challenge, sizeof challenge, "Status: %u ", row->status);
        ok(strncmp(send_it(&response, false), challenge, strlen(challenge)) == 0,
           "  and so it is sent");
    }
    is_number(bearer_outcome(BEARER_OK)->status, 200, "only BEARER_OK is a success");
    is_number(BEARER_DENIED, 0, "and zero is a denial");
}

static void every_reason(void)
{
    for (int i = 0; i < BEARER_CODE__MAX; i++) {
        const char *reason = bearer_outcome((enum bearer_code)i)->reason;
        bool alone = true;
        for (int j = 0; j < i; j++) {
            alone = alone && strcmp(bearer_outcome((enum bearer_code)j)->reason, reason) != 0;
        }
        ok(alone && strspn(reason, "abcdefghijklmnopqrstuvwxyz-0123456789") == strlen(reason) &&
               *reason != '\0',
           "a word of its own: %s", reason);
    }
}

/* A status that is RFC 6750's for its error, and an error where RFC 6750 has one. */
static void statuses(void)
{
    for (int i = 0; i < BEARER_CODE__MAX; i++) {
        const struct bearer_outcome *row = bearer_outcome((enum bearer_code)i);
        unsigned status = row->status;
        if (row->error != NULL) {
            status = strcmp(row->error, "invalid_request") == 0                    ? 400
                     : strcmp(row->error, "invalid_token") == 0                    ? 401
                     : strcmp(row->error, "insufficient_scope") == 0               ? 403
                     : strcmp(row->error, "insufficient_user_authentication") == 0 ? 401
                                                                                   : 0;
        }
        ok(row->status == status, "%s: %s goes with %u", row->reason,
           row->error != NULL ? row->error : "no error", row->status);
    }
}

static void odd_scopes(void)
{
    struct response response = {0};
    char scope[1200];
    struct requirement requirement;
    const struct verdict lacking = {.location = &requirement,
                                    .lacking = {.requirement = &requirement}};
    response_deny(&response, BEARER_NOT_GRANTED, "api", NULL);
    ok(good_body(&response, "The token does not grant what is required"),
       "a requirement without a name");
    is_string(response.challenge,
              "Bearer realm=\"api\", error=\"insufficient_scope\", error_description=\"The token "
              "does not grant what is required\"",
              "and its challenge");
    ok(requirement_parse("scope=read:messages", &requirement, NULL), "a requirement");
    response_deny(&response, BEARER_EXPIRED, "api", &lacking);
    ok(strstr(response.challenge, "scope") == NULL && strstr(response.body, "read") == NULL,
       "no scope is named with another denial");
    for (size_t length = 1; length + 7 < sizeof scope; length += 7) {
        memset(scope, 's', length + 6);
        memcpy(scope, "scope=", 6);
        scope[length + 6] = '\0';
        response = (struct response){0};
        bool parsed = requirement_parse(scope, &requirement, NULL);
        response_deny(&response, BEARER_NOT_GRANTED, "api", &lacking);
        struct json_object *object = js_parse(response.body, response.body_length, NULL);
        bool good = parsed && object != NULL && js_type(object, "detail") == JS_STRING &&
                    response.status == 403 &&
                    strstr(response.challenge, "error=\"insufficient_scope\"") != NULL;
        js_free(object);
        if (!good) {
            ok(false, "a scope of %zu characters gets a whole denial", length);
            printf("# body \"%.*s\", challenge \"%s\"\n", (int)response.body_length, response.body,
                   response.challenge);
            return;
        }
    }
    ok(true, "a scope of any length gets a whole denial");
}

static void too_much(void)
{
    char allow[4096];
    memset(allow, 'A', sizeof allow - 1);
    allow[sizeof allow - 1] = '\0';
    const struct response response = {
        .status = 200, .body = "{\"secret\":1}", .body_length = 12, .allow = allow};
    static const char head[] =
        "Status: 500 Internal Server Error\r\n" NOSTORE JSON NOSNIFF "Content-Length: 34\r\n\r\n";
    char whole[512];
    snprintf(whole, sizeof whole, "%s{\"detail\":\"Internal server error\"}", head);
    is_string(send_it(&response, false), whole, "a head that is too long is 500, without its body");
    is_string(send_it(&response, true), head, "for HEAD too");
}

static void small_challenge(void)
{
    char out[32];
    challenge_write(out, sizeof out, BEARER_EXPIRED, "api", NULL);
    is_string(out, "", "a challenge that does not fit is none, rather than half of one");
    challenge_write(out, sizeof out, BEARER_NO_CREDENTIALS, NULL, NULL);
    is_string(out, "Bearer realm=\"api\"", "the realm is api where none is known");
    challenge_write(out, sizeof out, BEARER_OK, "api", NULL);
    is_string(out, "", "no challenge with success");
}

/* What a denial says of what is required: `location` and `route` as they are written, and which of
 * them, and whose first terms, the token does not meet. */
static const struct {
    enum bearer_code code;
    const char *location, *route;
    /* behind the realm */
    const char *challenge;
    /* as JSON has it; NULL: the outcome's text */
    const char *detail;
} named[] = {
    {BEARER_NOT_GRANTED,
     "claim:groups='Nord S\xc3\xbc"
     "d' scope=a",
     "scope=b", ", error=\"insufficient_scope\", scope=\"a b\"",
     "Required: claim:groups='Nord S\\u00fcd' scope=a"},
    {BEARER_NOT_GRANTED, "claim:a='\xf0\x9f\x94\x91\xe2\x82\xac'", NULL,
     ", error=\"insufficient_scope\", error_description=\"The token does not grant what is "
     "required\"",
     "Required: claim:a='\\ud83d\\udd11\\u20ac'"},
    {BEARER_NOT_GRANTED, "claim:a='\"\\'", NULL,
     ", error=\"insufficient_scope\", error_description=\"The token does not grant what is "
     "required\"",
     "Required: claim:a='\\\"\\\\'"},
    {BEARER_NOT_MEANT, "audience=a scope=b", NULL,
     ", error=\"invalid_token\", error_description=\"The token is for another audience or from "
     "another issuer than this location takes\"",
     NULL},
    {BEARER_STEP_UP, "acr=gold|acr=silver|max-age=5 acr=x max-age=60 scope=b", NULL,
     ", error=\"insufficient_user_authentication\", acr_values=\"gold silver\", max_age=\"60\"",
     NULL},
    {BEARER_STEP_UP, "max-age=0", NULL,
     ", error=\"insufficient_user_authentication\", max_age=\"0\"", NULL},
    {BEARER_STEP_UP, "acr='a b'", NULL,
     ", error=\"insufficient_user_authentication\", error_description=\"The user has to sign in "
     "again: later, or in another way\"",
     NULL},
};

static const struct requirement_test *first_of(const struct requirement *requirement,
                                               enum requirement_kind kind)
{
    for (size_t i = 0; i < requirement->count; i++) {
        if (requirement->tests[i].kind == kind && !requirement->tests[i].alternative) {
            return &requirement->tests[i];
        }
    }
    return NULL;
}

static void names(void)
{
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        struct response response = {0};
        struct requirement location;
        struct requirement route;
        struct verdict verdict = {.code = named[i].code};
        char challenge[512];
        char body[256];
        if (named[i].location != NULL) {
            ok(requirement_parse(named[i].location, &location, NULL), "%s", named[i].location);
            verdict.location = &location;
            verdict.lacking = (struct lacking){.requirement = &location,
                                               .acr = first_of(&location, REQUIRE_ACR),
                                               .max_age = first_of(&location, REQUIRE_MAX_AGE)};
        }
        if (named[i].route != NULL) {
            ok(requirement_parse(named[i].route, &route, NULL), "%s", named[i].route);
            verdict.route = &route;
        }
        response_deny(&response, named[i].code, NULL, &verdict);
        snprintf(challenge, sizeof challenge, "Bearer realm=\"api\"%s", named[i].challenge);
        is_string(response.challenge, challenge, "the challenge of row %zu", i);
        snprintf(body, sizeof body, "{\"detail\":\"%s\"}",
                 named[i].detail != NULL ? named[i].detail : bearer_outcome(named[i].code)->text);
        is_string(response.body, body, "the body of row %zu", i);
        is_number(response.body_length, strlen(body), "and its length");
    }
}

int main(void)
{
    good_answers();
    pages_and_origins();
    denials();
    every_code();
    every_reason();
    statuses();
    odd_scopes();
    too_much();
    small_challenge();
    names();
    return tap_done();
}
