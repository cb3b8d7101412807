/* SPDX-License-Identifier: MIT */
/* Requests to endpoints, from their params to the octets of the answer: in which order they are
 * judged, what of them is refused, and what handlers may do. Who asks is known here; how a token is
 * judged is the subject of others. */
#include <bearer-app.h>

#include <stdlib.h>
#include <unistd.h>

#include "app/app.h"
#include "base/log.h"
#include "base/text.h"
#include "json/json.h"
#include "token/token.h"

#include "tap.h"

/* ---- A program ---- */

static int entered; /* how often a handler was */

static int show_item(struct bearer_call *call, void *state)
{
    char text[200];
    entered++;
    (void)state;
    snprintf(text, sizeof text, "id %lld, limit %lld of %zu, q %s, ratio %g, deep %d, sort %s\n",
             (long long)bearer_integer(call, "id"), (long long)bearer_integer(call, "limit"),
             bearer_given(call, "limit"),
             bearer_string(call, "q") != NULL ? bearer_string(call, "q") : "none",
             bearer_number(call, "ratio"), bearer_boolean(call, "deep"),
             bearer_string(call, "sort"));
    return bearer_reply(call, 200, "text/plain", text, strlen(text));
}

static int show_tags(struct bearer_call *call, void *state)
{
    struct text text = {0};
    entered++;
    (void)state;
    for (size_t i = 0; i < bearer_given(call, "tag"); i++) {
        text_puts(&text, bearer_query(call, "tag", i));
        text_puts(&text, ";");
    }
    int result = bearer_reply(call, 200, "text/plain", text.bytes, text.length);
    text_clear(&text);
    return result;
}

static int take_json(struct bearer_call *call, void *state)
{
    entered++;
    (void)state;
    bearer_add_header(call, "Location", "/items/1");
    return bearer_reply_json(call, 201, js_share(bearer_json(call)));
}

static int take_form(struct bearer_call *call, void *state)
{
    const char *name = bearer_form(call, "name", 0);
    const char *second = bearer_form(call, "name", 1);
    entered++;
    (void)state;
    bearer_add_header(call, "X-Second", second != NULL ? second : "none");
    return bearer_reply(call, 200, "text/plain", name, name != NULL ? strlen(name) : 0);
}

static int take_octets(struct bearer_call *call, void *state)
{
    size_t length = 0;
    const char *body = bearer_body(call, &length);
    entered++;
    (void)state;
    return bearer_reply(call, 200, "application/octet-stream", body, length);
}

static int take_pieces(struct bearer_call *call, void *state)
{
    char piece[7];
    char text[40];
    size_t total = 0;
    long n = 0;
    entered++;
    (void)state;
    while ((n = bearer_read(call, piece, sizeof piece)) > 0) {
        total += (size_t)n;
    }
    snprintf(text, sizeof text, "%zu, then %ld\n", total, n);
    return bearer_reply(call, 200, "text/plain", text, strlen(text));
}

static int nothing(struct bearer_call *call, void *state)
{
    (void)call;
    (void)state;
    return 0;
}

static int twice(struct bearer_call *call, void *state)
{
    (void)state;
    bearer_reply(call, 200, "text/plain", "first", 5);
    return bearer_reply(call, 500, "text/plain", "second", 6);
}

static int stream(struct bearer_call *call, void *state)
{
    (void)state;
    bearer_begin(call, 200, "text/event-stream");
    bearer_write(call, "one ", 4);
    return bearer_write(call, "two", 3);
}

static int broken_stream(struct bearer_call *call, void *state)
{
    (void)state;
    bearer_begin(call, 200, "text/plain");
    bearer_write(call, "half", 4);
    return -1;
}

static int stop_late(struct bearer_call *call, void *state)
{
    (void)state;
    bearer_begin(call, 200, "text/plain");
    return bearer_reply(call, 500, "text/plain", "x", 1) < 0 ? 0 : -1;
}

static int fail(struct bearer_call *call, void *state)
{
    (void)state;
    return bearer_fail(call, 409, "no \"such\" item\n\xc3\xa9");
}

/* Each of these would be a line of its own in the head, or is not the handler's to say. */
static int inject(struct bearer_call *call, void *state)
{
    static const char *const bad[][2] = {{"X-A", "a\r\nX-B: b"},
                                         {"X-A", "a\nX-B: b"},
                                         {"X-A", "a\rX-B: b"},
                                         {"X-A\r\nX-B", "b"},
                                         {"X-A:", "b"},
                                         {"X A", "b"},
                                         {"", "b"},
                                         {"Status", "200 OK"},
                                         {"content-length", "5"},
                                         {"Content-Type", "a/b"},
                                         {"Connection", "x"},
                                         {"Transfer-Encoding", "chunked"},
                                         {"WWW-Authenticate", "x"},
                                         {"Variable-X", "x"},
                                         {"Access-Control-Allow-Origin", "*"},
                                         {"X-A", "a\x01"},
                                         {"X-A", "\x7f"},
                                         {"Vary", "*"},
                                         {"Allow", "GET"}};
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ok(bearer_add_header(call, bad[i][0], bad[i][1]) < 0, "header %zu is refused", i);
    }
    ok(bearer_reply(call, 200, "text/plain\r\nX-B: b", "x", 1) < 0, "a type with a line end");
    ok(bearer_begin(call, 200, "text/plain\nX-B: b") < 0, "one of a stream");
    ok(bearer_reply_fd(call, 200, "text/plain\nX-B: b", 0) < 0, "one of a file");
    ok(bearer_reply(call, 100, "text/plain", "x", 1) < 0, "a status that is no answer's");
    ok(bearer_reply(call, -1, NULL, NULL, 0) < 0, "a status that is none");
    ok(bearer_add_header(call, "X-Good", "\xc3\xa9 b") == 0, "a good header");
    ok(bearer_add_header(call, "Cache-Control", "private, max-age=5") == 0, "another");
    return bearer_reply(call, 204, "text/plain", "no body", 7);
}

static int send_file(struct bearer_call *call, void *state)
{
    const int *fd = state;
    return bearer_reply_fd(call, 200, "text/plain", *fd);
}

static int who(struct bearer_call *call, void *state)
{
    size_t length = 0;
    const char *claims = bearer_claims(call, &length);
    (void)state;
    ok(bearer_claim(call, "none") == NULL && bearer_claim(call, "/realm") == NULL &&
           bearer_claim(call, "/a~b") == NULL,
       "no text: none, an object, a pointer that is none");
    ok(claims == NULL || bearer_meets(call, "scope=read"), "grants");
    ok(!bearer_meets(call, "scope=write") && !bearer_meets(call, "no=requirement"),
       "and does not grant");
    is_string(bearer_header(call, "Accept-Language"), "de", "a header");
    is_string(bearer_variable(call, "REMOTE_ADDR"), NULL, "a variable that is not there");
    char *memory = bearer_alloc(call, 100000);
    memset(memory, 'x', 100000);
    const char *role = bearer_claim(call, "/realm/roles/0");
    return bearer_fail(call, 200, role != NULL ? role : "nobody");
}

static struct bearer_app app;
static int file = -1;

static void declare(void)
{
    struct bearer_route *route =
        bearer_app_route(&app, "GET", "/items/{id}", "scope=read", show_item, NULL);
    bearer_route_param(route, "path id integer 1..");
    bearer_route_param(route, "query limit integer 1..100 = 10");
    bearer_route_param(route, "query q string 2..5 optional");
    bearer_route_param(route, "query ratio number 0.5..2.5 optional");
    bearer_route_param(route, "query deep boolean = off");
    bearer_route_param(route, "query sort name,price = name");
    route = bearer_app_route(&app, "GET", "/tags", BEARER_PUBLIC, show_tags, NULL);
    bearer_route_param(route, "query tag string ..9 repeated");
    route = bearer_app_route(&app, "POST", "/items", "scope=read", take_json, NULL);
    bearer_route_param(route, "query dry boolean optional");
    bearer_route_body(route, "application/json", 100, NULL);
    route = bearer_app_route(&app, "POST", "/forms", BEARER_PUBLIC, take_form, NULL);
    bearer_route_body(route, "application/x-www-form-urlencoded", 100, NULL);
    route = bearer_app_route(&app, "PUT", "/octets", BEARER_PUBLIC, take_octets, NULL);
    bearer_route_body(route, "application/octet-stream", 20000, NULL);
    route = bearer_app_route(&app, "PUT", "/pieces", BEARER_PUBLIC, take_pieces, NULL);
    bearer_route_upload(route, "application/octet-stream", 100);
    bearer_app_route(&app, "GET", "/nothing", BEARER_PUBLIC, nothing, NULL);
    bearer_app_route(&app, "GET", "/twice", BEARER_PUBLIC, twice, NULL);
    bearer_app_route(&app, "GET", "/stream", BEARER_PUBLIC, stream, NULL);
    bearer_app_route(&app, "GET", "/broken", BEARER_PUBLIC, broken_stream, NULL);
    bearer_app_route(&app, "GET", "/late", BEARER_PUBLIC, stop_late, NULL);
    bearer_app_route(&app, "GET", "/fail", BEARER_PUBLIC, fail, NULL);
    bearer_app_route(&app, "GET", "/inject", BEARER_PUBLIC, inject, NULL);
    bearer_app_route(&app, "GET", "/file", BEARER_PUBLIC, send_file, NULL);
    bearer_app_route(&app, "GET", "/who", "valid-token", who, NULL);
    bearer_app_route(&app, "GET", "/who-asks", BEARER_PUBLIC, who, NULL);
    is_string(app.error.text, "", "good declarations");
    app.state = &file;
}

/* ---- A request, and its answer ---- */

static struct text sent, logged;
static const char *body; /* what is left of it */
static size_t body_left;
static int reads;
static bool cut_short; /* the body ends in an error */
static bool was_cut;
static enum wire_wait waits;

static void collect(void *context, const char *bytes, size_t length)
{
    text_put(context, bytes, length);
}

/* By a few octets, as they come by a network. */
static ssize_t read_body(void *context, char *bytes, size_t size)
{
    size_t n = size < 5 ? size : 5;
    n = n < body_left ? n : body_left;
    (void)context;
    reads++;
    memcpy(bytes, body, n);
    body += n;
    body_left -= n;
    return n == 0 && cut_short ? -1 : (ssize_t)n;
}

static bool flush(void *context)
{
    (void)context;
    return true;
}

static void cut(void *context)
{
    (void)context;
    was_cut = true;
}

static void wait_for(void *context, enum wire_wait wait, unsigned handler, unsigned seconds)
{
    (void)context;
    (void)handler;
    (void)seconds;
    waits = wait;
}

/* A request by the params of a FastCGI responder. NULL: the param is not there. */
struct asked {
    const char *method, *path, *query;
    const char *type, *length;
    const char *body;
    size_t body_length;
    bool known; /* with a token of the scope read */
};

static void add(char **params, size_t *count, const char *name, const char *value)
{
    if (value != NULL) {
        struct text param = {0};
        text_puts(&param, name);
        text_puts(&param, value);
        params[(*count)++] = param.bytes;
    }
}

static unsigned ask(const struct asked *asked)
{
    static char payload[] = "{\"sub\":\"me\",\"scope\":\"read\",\"realm\":{\"roles\":[\"chief\"]}}";
    const struct wire wire = {.out = {collect, &sent},
                              .err = {collect, &logged},
                              .read = read_body,
                              .flush = flush,
                              .cut = cut,
                              .wait = wait_for};
    struct token token = {.payload = payload, .payload_length = sizeof payload - 1};
    char *params[10] = {NULL};
    size_t count = 0;
    text_clear(&sent);
    text_clear(&logged);
    add(params, &count, "REQUEST_METHOD=", asked->method);
    add(params, &count, "PATH_INFO=", asked->path);
    add(params, &count, "QUERY_STRING=", asked->query);
    add(params, &count, "CONTENT_TYPE=", asked->type);
    add(params, &count, "CONTENT_LENGTH=", asked->length);
    add(params, &count, "HTTP_ACCEPT_LANGUAGE=", "de");
    body = asked->body != NULL ? asked->body : "";
    body_left = asked->body != NULL && asked->body_length == 0 ? strlen(body) : asked->body_length;
    reads = 0;
    entered = 0;
    was_cut = false;
    token.claims = js_parse(payload, sizeof payload - 1, NULL);
    app_answer_known(&app, params, &wire, asked->known ? &token : NULL, false);
    js_free(token.claims);
    for (size_t i = 0; i < count; i++) {
        free(params[i]);
    }
    const char *status = sent.bytes != NULL ? strstr(sent.bytes, "Status: ") : NULL;
    return status != NULL ? (unsigned)strtoul(status + 8, NULL, 10) : 0;
}

static const char *answered(void)
{
    const char *end = sent.bytes != NULL ? strstr(sent.bytes, "\r\n\r\n") : NULL;
    return end != NULL ? end + 4 : "(no answer)";
}

static void answers(const struct asked *asked, unsigned status, const char *expected,
                    const char *test)
{
    char path[80];
    const unsigned got = ask(asked);
    log_escape(path, sizeof path, asked->path, strlen(asked->path));
    if (!ok(got == status && strcmp(answered(), expected) == 0, "%s %s%s: %.60s, %u", asked->method,
            path, asked->query != NULL ? "?..." : "", test, status)) {
        printf("# got %u %s\n# expected %s\n# log %s\n", got, answered(), expected,
               logged.bytes != NULL ? logged.bytes : "");
    }
    ok(status < 400 || entered == 0, "  the handler is entered for good requests only");
    ok(waits == WIRE_PEER || entered == 0, "  and afterwards it is the peer that is waited for");
}

#define DETAIL(type, loc, msg) \
    "{\"detail\":[{\"type\":\"" type "\",\"loc\":[" loc "],\"msg\":\"" msg "\"}]}"
#define INT_PARSING "Input should be a valid integer, unable to parse string as an integer"
#define INT_SIZE    "Unable to parse input string as an integer, exceeded maximum size"
#define NUM_PARSING "Input should be a valid number, unable to parse string as a number"
#define BOOL        "Input should be a valid boolean, unable to interpret input"
#define WORDS       "Input should be 'name' or 'price'"
#define AT_MOST_ONE "List should have at most 1 item after validation"
#define ENCODING    "{\"detail\":\"The path, query or body is not encoded as it has to be\"}"

/* What a parameter of /items/{id} is refused for. NULL for the path: 7. */
static const struct {
    const char *path, *query, *expected;
    unsigned status;
} items[] = {
    {"/items/7", NULL, "id 7, limit 10 of 0, q none, ratio 0, deep 0, sort name\n", 200},
    {"/items/007", "", "id 7, limit 10 of 0, q none, ratio 0, deep 0, sort name\n", 200},
    {"/items/+7", "&&limit=3&&", "id 7, limit 3 of 1, q none, ratio 0, deep 0, sort name\n", 200},
    {"/items/9223372036854775807", "q=a%20%C3%A9+b&ratio=1.5e0&deep=YES&sort=price&other=%00x",
     ENCODING, 400},
    {"/items/9223372036854775807", "q=a%20%C3%A9+b&ratio=1.5e0&deep=YES&sort=price&other",
     "id 9223372036854775807, limit 10 of 0, q a \xc3\xa9 b, ratio 1.5, deep 1, sort price\n", 200},
    {"/items/9223372036854775808", NULL, DETAIL("int_parsing_size", "\"path\",\"id\"", INT_SIZE),
     422},
    {"/items/-9223372036854775809", NULL, DETAIL("int_parsing_size", "\"path\",\"id\"", INT_SIZE),
     422},
    {"/items/-9223372036854775808", NULL,
     DETAIL("greater_than_equal", "\"path\",\"id\"", "Input should be greater than or equal to 1"),
     422},
    {"/items/0", NULL,
     DETAIL("greater_than_equal", "\"path\",\"id\"", "Input should be greater than or equal to 1"),
     422},
    {"/items/x", NULL, DETAIL("int_parsing", "\"path\",\"id\"", INT_PARSING), 422},
    {"/items/1 ", NULL, DETAIL("int_parsing", "\"path\",\"id\"", INT_PARSING), 422},
    {"/items/0x1", NULL, DETAIL("int_parsing", "\"path\",\"id\"", INT_PARSING), 422},
    {"/items/%31", NULL, DETAIL("int_parsing", "\"path\",\"id\"", INT_PARSING), 422},
    {"/items/\xff", NULL, ENCODING, 400},
    {"/items/\xc0\xaf", NULL, ENCODING, 400},
    {NULL, "limit=", DETAIL("int_parsing", "\"query\",\"limit\"", INT_PARSING), 422},
    {NULL, "limit", DETAIL("int_parsing", "\"query\",\"limit\"", INT_PARSING), 422},
    {NULL, "limit=1e3", DETAIL("int_parsing", "\"query\",\"limit\"", INT_PARSING), 422},
    {NULL, "limit=101",
     DETAIL("less_than_equal", "\"query\",\"limit\"", "Input should be less than or equal to 100"),
     422},
    {NULL, "limit=1&limit=2", DETAIL("too_long", "\"query\",\"limit\"", AT_MOST_ONE), 422},
    {NULL, "LIMIT=x", "id 7, limit 10 of 0, q none, ratio 0, deep 0, sort name\n", 200},
    {NULL, "q=a",
     DETAIL("string_too_short", "\"query\",\"q\"", "String should have at least 2 characters"),
     422},
    {NULL, "q=%C3%A9%C3%A9%C3%A9%C3%A9%C3%A9",
     "id 7, limit 10 of 0, q \xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9, ratio 0, deep 0, sort "
     "name\n",
     200},
    {NULL, "q=abcdef",
     DETAIL("string_too_long", "\"query\",\"q\"", "String should have at most 5 characters"), 422},
    {NULL, "q=%2525", "id 7, limit 10 of 0, q %25, ratio 0, deep 0, sort name\n", 200},
    {NULL, "ratio=nan", DETAIL("float_parsing", "\"query\",\"ratio\"", NUM_PARSING), 422},
    {NULL, "ratio=0x1p0", DETAIL("float_parsing", "\"query\",\"ratio\"", NUM_PARSING), 422},
    {NULL, "ratio=1e999",
     DETAIL("finite_number", "\"query\",\"ratio\"", "Input should be a finite number"), 422},
    {NULL, "ratio=.4",
     DETAIL("greater_than_equal", "\"query\",\"ratio\"",
            "Input should be greater than or equal to 0.5"),
     422},
    {NULL, "deep=2", DETAIL("bool_parsing", "\"query\",\"deep\"", BOOL), 422},
    {NULL, "sort=Name", DETAIL("enum", "\"query\",\"sort\"", WORDS), 422},
    {NULL, "%zz", ENCODING, 400},
    {NULL, "a=%", ENCODING, 400},
    {NULL, "a=%4", ENCODING, 400},
    {NULL, "a%00b", ENCODING, 400},
    {NULL, "a=%FF", ENCODING, 400},
    {NULL, "a=%C0%AF", ENCODING, 400},
    {NULL, "a=%ED%A0%80", ENCODING, 400},
    {NULL, "a=\xe2\x82", ENCODING, 400},
    {NULL, "a=%u0041", ENCODING, 400},
    {NULL, "limit=x&sort=y",
     "{\"detail\":[{\"type\":\"int_parsing\",\"loc\":[\"query\",\"limit\"],\"msg\":\"" INT_PARSING
     "\"},{\"type\":\"enum\",\"loc\":[\"query\",\"sort\"],\"msg\":\"" WORDS "\"}]}",
     422},
};

static void parameters(void)
{
    for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
        const struct asked asked = {.method = "GET",
                                    .path = items[i].path != NULL ? items[i].path : "/items/7",
                                    .query = items[i].query,
                                    .known = true};
        char query[80] = "no query";
        if (items[i].query != NULL) {
            log_escape(query, sizeof query, items[i].query, strlen(items[i].query));
        }
        answers(&asked, items[i].status, items[i].expected, query);
    }
    struct asked asked = {.method = "GET", .path = "/tags"};
    answers(&asked, 422, DETAIL("missing", "\"query\",\"tag\"", "Field required"), "one is needed");
    asked.query = "tag=a&x=&tag=&tag=c%26";
    answers(&asked, 200, "a;;c&;", "all of a name");
    asked.query = "tag=a&tag=0123456789&tag=0123456789";
    answers(
        &asked, 422,
        DETAIL("string_too_long", "\"query\",\"tag\"", "String should have at most 9 characters"),
        "each is judged, and the first bad one is told");
    struct text query = {0};
    for (int i = 0; i < 10000; i++) {
        text_puts(&query, "tag=a&b=%C3%A9&");
    }
    asked.query = query.bytes;
    is_number(ask(&asked), 200, "10,000 names");
    is_number(strlen(answered()), 20000, "  all of them are there");
    text_clear(&query);
}

#define JSON  "application/json"
#define FORM  "application/x-www-form-urlencoded"
#define CUT   "{\"detail\":\"The body is not as long as it was said to be\"}"
#define LARGE "{\"detail\":\"The body is too large\"}"
#define TYPE  "{\"detail\":\"The body is not of a type that is taken\"}"
#define NO_JSON(why)                                                                            \
    "{\"detail\":[{\"type\":\"json_invalid\",\"loc\":[\"body\"],\"msg\":\"JSON decode error\"," \
    "\"ctx\":{\"error\":\"" why "\"}}]}"
#define TEN "0123456789"

static const struct {
    const char *path, *type, *length, *body;
    unsigned status;
    const char *expected; /* NULL: some JSON that is none */
} bodies[] = {
    {"/items", JSON, "7", "{\"a\":1}", 201, "{\"a\":1}"},
    {"/items", "Application/JSON ; charset=utf-8", "7", "{\"a\":1}", 201, "{\"a\":1}"},
    {"/items", JSON, NULL, "{\"a\":1}", 201, "{\"a\":1}"},
    {"/items", JSON, "", "{\"a\":1}", 201, "{\"a\":1}"},
    {"/items", JSON, "-1", "{\"a\":1}", 201, "{\"a\":1}"},
    {"/items", JSON, "0", NULL, 422, DETAIL("missing", "\"body\"", "Field required")},
    {"/items", NULL, "0", NULL, 422, DETAIL("missing", "\"body\"", "Field required")},
    {"/items", NULL, "7", "{\"a\":1}", 415, TYPE},
    {"/items", "", "7", "{\"a\":1}", 415, TYPE},
    {"/items", "text/json", "7", "{\"a\":1}", 415, TYPE},
    {"/items", "application/jsonx", "7", "{\"a\":1}", 415, TYPE},
    {"/items", "application/json, text/plain", "7", "{\"a\":1}", 415, TYPE},
    {"/items", "application/json; a=b, application/json", "7", "{\"a\":1}", 415, TYPE},
    {"/items", "text/plain;application/json", "7", "{\"a\":1}", 415, TYPE},
    {"/items", JSON, "8", "{\"a\":1}", 400, CUT},
    {"/items", JSON, "6", "{\"a\":1}", 400, CUT},
    {"/items", JSON, "x", "{\"a\":1}", 400, CUT},
    {"/items", JSON, "7, 7", "{\"a\":1}", 400, CUT},
    {"/items", JSON, "+7", "{\"a\":1}", 400, CUT},
    {"/items", JSON, "-7", "{\"a\":1}", 400, CUT},
    {"/items", JSON, "101", "{\"a\":1}", 413, LARGE},
    {"/items", JSON, "10737418240", "{\"a\":1}", 413, LARGE},
    {"/items", JSON, "99999999999999999999999", "{\"a\":1}", 413, LARGE},
    {"/items", JSON, NULL, TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "1", 413, LARGE},
    {"/items", JSON, "5", "{\"a\":", 422, NULL},
    {"/items", JSON, "15", "{\"a\":1,\"a\":2}  ", 422, NULL},
    {"/items", JSON, "2", "[]", 422, NULL},
    {"/items", JSON, "10", "{\"a\":\"\xff\"} ", 422, NULL},
    {"/items", JSON, "7", "{'a':1}", 422, NULL},
    {"/forms", FORM, "18", "name=a+b%2B&name=%20", 400, CUT},
    {"/forms", FORM, "20", "name=a+b%2B&name=%20", 200, "a b+"},
    {"/forms", FORM, "0", NULL, 200, ""},
    {"/forms", FORM, "8", "name=%zz", 400, ENCODING},
    {"/forms", FORM, "8", "name=%00", 400, ENCODING},
    {"/forms", "multipart/form-data; boundary=x", "8", "name=abc", 415, TYPE},
    {"/forms", FORM, "15", "name=x&name=a%0", 400, ENCODING},
};

static void some_bodies(void)
{
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        const struct asked asked = {.method = "POST",
                                    .path = bodies[i].path,
                                    .type = bodies[i].type,
                                    .length = bodies[i].length,
                                    .body = bodies[i].body,
                                    .known = true};
        if (bodies[i].expected != NULL) {
            answers(&asked, bodies[i].status, bodies[i].expected, "a body");
        } else {
            is_number(ask(&asked), 422, "no JSON");
            ok(strncmp(answered(), NO_JSON(""), strlen(NO_JSON("")) - 5) == 0 && entered == 0,
               "  says so: %s", answered());
        }
    }
    struct asked asked = {.method = "POST", .path = "/items", .type = JSON, .known = true};
    struct text deep = {0};
    for (int i = 0; i < 33; i++) {
        text_puts(&deep, "{\"\":");
    }
    asked.body = deep.bytes;
    asked.length = "132";
    is_number(ask(&asked), 413, "JSON deeper than is taken is long, too");
    text_clear(&deep);
    asked.body = "{\"a\":1";
    asked.length = NULL;
    cut_short = true;
    answers(&asked, 400, CUT, "a body that ends in an error");
    cut_short = false;
}

/* Those that are larger, and what is read of them. */
static void large_bodies(void)
{
    static char octets[20001];
    memset(octets, 'o', sizeof octets);
    octets[0] = '\0';
    octets[9000] = '\0';
    struct asked asked = {.method = "PUT",
                          .path = "/octets",
                          .type = "application/octet-stream",
                          .body = octets,
                          .body_length = 20000};
    is_number(ask(&asked), 200, "octets of which nobody says how many");
    ok(sent.length > 20000 && memcmp(sent.bytes + sent.length - 20000, octets, 20000) == 0,
       "  come whole");
    asked.length = "20000";
    is_number(ask(&asked), 200, "octets of which somebody does");
    ok(sent.length > 20000 && memcmp(sent.bytes + sent.length - 20000, octets, 20000) == 0,
       "  come whole");
    asked.length = NULL;
    asked.body_length = 20001;
    answers(&asked, 413, LARGE, "one octet more");
    asked.length = "10737418240";
    answers(&asked, 413, LARGE, "10 GB announced");
    is_number(reads, 0, "  nothing of it is read");
    asked.path = "/pieces";
    answers(&asked, 413, LARGE, "10 GB announced for pieces");
    asked.length = "100";
    asked.body_length = 100;
    answers(&asked, 200, "100, then 0\n", "pieces");
    asked.length = "99";
    answers(&asked, 200, "95, then -1\n", "pieces of more than was said");
    asked.length = "101";
    answers(&asked, 413, LARGE, "pieces of too much");
    asked.length = "100";
    asked.body_length = 99;
    answers(&asked, 200, "99, then -1\n", "pieces of less");
    asked.length = NULL;
    asked.body_length = 101;
    answers(&asked, 200, "100, then -1\n", "pieces of too much, which nobody said");
}

/* Path, method, credentials, requirement, parameters, body: the first thing wrong is the answer, and
 * nothing of the body is read before. */
static void order(void)
{
    struct asked asked = {.method = "PUT",
                          .path = "/item",
                          .query = "%zz",
                          .type = "text/plain",
                          .length = "999",
                          .body = "{",
                          .known = false};
    answers(&asked, 404, "{\"detail\":\"Not Found\"}", "path");
    asked.path = "/items";
    answers(&asked, 405, "{\"detail\":\"Method Not Allowed\"}", "method");
    asked.method = "POST";
    answers(&asked, 401, "{\"detail\":\"Not authenticated\"}", "credentials");
    asked.known = true;
    answers(&asked, 400, ENCODING, "parameters");
    asked.query = "dry=what";
    answers(&asked, 422, DETAIL("bool_parsing", "\"query\",\"dry\"", BOOL), "parameters");
    asked.query = "dry=on";
    answers(&asked, 415, TYPE, "the body's type");
    asked.type = JSON;
    answers(&asked, 413, LARGE, "the body's length");
    is_number(reads, 0, "until here nothing of it was read");
    asked.length = "1";
    is_number(ask(&asked), 422, "the body");
    ok(reads > 0, "which has been read");
}

static void replies(void)
{
    struct asked asked = {.method = "GET", .path = "/nothing"};
    is_number(ask(&asked), 500, "no answer is 500");
    is_string(answered(), "{\"detail\":\"Internal server error\"}", "  and nothing else");
    ok(strstr(logged.bytes, "the handler of GET /nothing returned 0 without an answer\n") != NULL,
       "  which is in the log");
    asked.path = "/twice";
    answers(&asked, 200, "first", "the first of two answers stands");
    ok(strstr(logged.bytes, "the handler of GET /twice answers twice") != NULL, "  and the log");
    asked.path = "/stream";
    answers(&asked, 200, "one two", "a stream");
    ok(strstr(sent.bytes, "Content-Length") == NULL && !was_cut, "  of no length, and whole");
    asked.path = "/broken";
    answers(&asked, 200, "half", "a stream whose handler fails");
    ok(was_cut, "  is cut");
    asked.path = "/late";
    answers(&asked, 200, "", "an answer within a stream is none");
    ok(!was_cut, "  and the stream is whole");
    asked.path = "/stream";
    asked.method = "HEAD";
    answers(&asked, 200, "", "HEAD of a stream");
    asked.path = "/twice";
    answers(&asked, 200, "", "HEAD");
    ok(strstr(sent.bytes, "Content-Length: 5\r\n") != NULL, "  has the length of GET");
    asked.method = "GET";
    asked.path = "/fail";
    answers(&asked, 409, "{\"detail\":\"no \\\"such\\\" item\\n\xc3\xa9\"}", "a refusal");
    asked.path = "/inject";
    is_number(ask(&asked), 204, "no header is injected");
    is_string(sent.bytes,
              "X-Good: \xc3\xa9 b\r\nCache-Control: private, max-age=5\r\nStatus: 204 No "
              "Content\r\nX-Content-Type-Options: nosniff\r\n\r\n",
              "  all of the answer");
    ok(strstr(logged.bytes, "\\x0d\\x0a") != NULL && strstr(logged.bytes, "\nX-B") == NULL,
       "  nor into the log");
}

static void files(void)
{
    char name[] = "/tmp/test_call.XXXXXX";
    int ends[2] = {-1, -1};
    const struct asked asked = {.method = "GET", .path = "/file"};
    file = mkstemp(name);
    ok(file >= 0 && write(file, "0123456789", 10) == 10 && lseek(file, 4, SEEK_SET) == 4, "a file");
    unlink(name);
    answers(&asked, 200, "456789", "what is left of a file");
    ok(strstr(sent.bytes, "Content-Length: 6\r\n") != NULL && !was_cut, "  with its length");
    answers(&asked, 200, "", "nothing is left");
    close(file);
    ok(pipe(ends) == 0 && write(ends[1], "piped", 5) == 5 && close(ends[1]) == 0, "a pipe");
    file = ends[0];
    answers(&asked, 200, "piped", "what comes by a pipe");
    ok(strstr(sent.bytes, "Content-Length") == NULL && !was_cut, "  of no length");
    close(file);
    file = -1;
    ask(&asked);
    ok(was_cut, "what cannot be read cuts the connection");
}

static void somebody(void)
{
    struct asked asked = {.method = "GET", .path = "/who", .known = true};
    is_number(ask(&asked), 200, "somebody asks");
    is_string(answered(), "{\"detail\":\"chief\"}", "  and a claim is where the pointer says");
    ok(strstr(sent.bytes, "Cache-Control: no-store\r\n") != NULL, "  for nobody else to keep");
    asked.path = "/who-asks";
    asked.known = false;
    is_number(ask(&asked), 200, "nobody asks");
    is_string(answered(), "{\"detail\":\"nobody\"}", "  and has no claims");
}

int main(void)
{
    ok(app_begin(&app, NULL), "an app");
    declare();
    parameters();
    some_bodies();
    large_bodies();
    order();
    replies();
    files();
    somebody();
    text_clear(&sent);
    text_clear(&logged);
    app_end(&app);
    requirements_clear(&app.guard.requirements);
    return tap_done();
}
