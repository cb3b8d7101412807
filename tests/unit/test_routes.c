/* SPDX-License-Identifier: MIT */
/* Which route a request is for, and what setup may declare. */
#include "app/routes.h"

#include "app/app.h"

#include "base/log.h"

#include "tap.h"

static int answer(struct bearer_call *call, void *state)
{
    (void)call;
    (void)state;
    return 0;
}

static struct bearer_app app;
static struct segment segments[ROUTE_VARIABLES_MAX];

static void find_in(const struct route_list *list, const char *path, const char *method,
                    enum bearer_code expected, const char *row, const char *allowed)
{
    const struct bearer_route *route = list->first;
    const char *allow = "unset";
    char shown[80];
    enum bearer_code code = route_find(list, path, method, &app.arena, &route, segments, &allow);
    bool same_row = row == NULL ? route == NULL : route != NULL && strcmp(route->path, row) == 0;
    bool same_allow =
        allowed == NULL ? allow == NULL : allow != NULL && strcmp(allow, allowed) == 0;
    if (!ok(code == expected && same_row && same_allow, "%s %s: %s", method,
            path != NULL ? log_escape(shown, sizeof shown, path, strlen(path)) : "(no path)",
            bearer_outcome(expected)->reason)) {
        printf("# got %s, row %s, allow %s\n", bearer_outcome(code)->reason,
               route != NULL ? route->path : "none", allow != NULL ? allow : "none");
    }
    arena_reset(&app.arena);
}

static void find(const char *path, const char *method, enum bearer_code expected, const char *row,
                 const char *allowed)
{
    find_in(&app.routes, path, method, expected, row, allowed);
}

#define GET_ALLOWED "GET, HEAD, OPTIONS"

static void methods(void)
{
    static const char *const paths[] = {"/public", "/private", "/private-scoped"};
    static const char *const others[] = {"POST",    "PUT",     "DELETE", "PATCH", "TRACE",
                                         "CONNECT", "get",     "Get",    "head",  "GETX",
                                         "GE",      "options", "",       "GET ",  "PROPFIND"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        find(paths[i], "GET", BEARER_OK, paths[i], NULL);
        find(paths[i], "HEAD", BEARER_OK, paths[i], NULL);
        find(paths[i], "OPTIONS", BEARER_OK, NULL, GET_ALLOWED);
        for (size_t j = 0; j < sizeof others / sizeof others[0]; j++) {
            find(paths[i], others[j], BEARER_METHOD_NOT_ALLOWED, NULL, GET_ALLOWED);
        }
    }
}

static void paths(void)
{
    static const char *const none[] = {"",
                                       "/",
                                       "//",
                                       "//public",
                                       "//private",
                                       "/private/",
                                       "/private//",
                                       "/Private",
                                       "/PRIVATE",
                                       "private",
                                       "/privat",
                                       "/privatex",
                                       "/private-",
                                       "/private-scoped/",
                                       "/private-scope",
                                       "/public/",
                                       "/public/private",
                                       "/public/../private",
                                       "/./private",
                                       "/private/.",
                                       "/private?x",
                                       "/private%2f",
                                       "/%70rivate",
                                       " /private",
                                       "/private ",
                                       "/private\n",
                                       "/public;x",
                                       "/public\\private",
                                       "*"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        find(none[i], "GET", BEARER_NOT_FOUND, NULL, NULL);
    }
    find(NULL, "GET", BEARER_NOT_FOUND, NULL, NULL);
    find(NULL, "OPTIONS", BEARER_NOT_FOUND, NULL, NULL);
    find("/none", "HEAD", BEARER_NOT_FOUND, NULL, NULL);
    find("/none", "OPTIONS", BEARER_NOT_FOUND, NULL, NULL);
    find("/none", "POST", BEARER_NOT_FOUND, NULL, NULL);
    find("/none", "NONSENSE", BEARER_NOT_FOUND, NULL, NULL);
}

/* Literal before variable, segment by segment; and what a variable stands for. */
static void variables(void)
{
    find("/items", "GET", BEARER_OK, "/items", NULL);
    find("/items/42", "GET", BEARER_OK, "/items/{id}", NULL);
    ok(segments[0].length == 2 && memcmp(segments[0].text, "42", 2) == 0,
       "and what the segment is");
    find("/items/42", "HEAD", BEARER_OK, "/items/{id}", NULL);
    find("/items/42", "DELETE", BEARER_OK, "/items/{id}", NULL);
    find("/items/new", "GET", BEARER_OK, "/items/new", NULL);
    find("/items/newer", "GET", BEARER_OK, "/items/{id}", NULL);
    find("/items/new", "DELETE", BEARER_OK, "/items/{id}", NULL);
    find("/items/new", "PUT", BEARER_METHOD_NOT_ALLOWED, NULL, "GET, HEAD, DELETE, OPTIONS");
    find("/items/7/parts/wheel", "PATCH", BEARER_OK, "/items/{id}/parts/{part}", NULL);
    ok(segments[0].length == 1 && segments[1].length == 5 &&
           memcmp(segments[1].text, "wheel", 5) == 0,
       "each of two");
    find("/items/7/parts/wheel", "GET", BEARER_METHOD_NOT_ALLOWED, NULL, "PATCH, OPTIONS");
    find("/items/7/parts/wheel", "OPTIONS", BEARER_OK, NULL, "PATCH, OPTIONS");
    find("/x/parts", "GET", BEARER_OK, "/{any}/parts", NULL);
    find("/items/parts", "GET", BEARER_OK, "/items/{id}", NULL);
    find("/items/%2e%2e", "GET", BEARER_OK, "/items/{id}", NULL); /* decoded once, by the server */
    static const char *const none[] = {"/items/",        "/items//",        "/items/.",
                                       "/items/..",      "/items/42/",      "/items/a/b",
                                       "/items//parts/", "/items/7/parts/", "/items/7/parts",
                                       "//parts",        "/./parts",        "/../parts"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        find(none[i], "GET", BEARER_NOT_FOUND, NULL, NULL);
    }
    find("/items/...", "GET", BEARER_OK, "/items/{id}", NULL);
}

static void documentation(void)
{
    static const char *const paths[] = {"/docs", "/openapi.json"};
    for (size_t i = 0; i < 2; i++) {
        find(paths[i], "GET", BEARER_NOT_FOUND, NULL, NULL);
        find_in(&app.docs, paths[i], "HEAD", BEARER_OK, paths[i], NULL);
    }
    for (const struct bearer_route *route = app.docs.first; route != NULL; route = route->next) {
        ok(route->access == ACCESS_PUBLIC && route->require == NULL, "%s is for everybody",
           route->path);
    }
    find_in(&app.docs, "/docs", "POST", BEARER_METHOD_NOT_ALLOWED, NULL, GET_ALLOWED);
    find_in(&app.docs, "/docs/", "GET", BEARER_NOT_FOUND, NULL, NULL);
    find_in(&app.docs, "/private", "GET", BEARER_NOT_FOUND, NULL, NULL);
    find_in(&app.docs, NULL, "GET", BEARER_NOT_FOUND, NULL, NULL);
    is_number(ACCESS_NONE, 0, "a route that says nothing is closed");
}

/* A declaration that stops the program, and the message. */
static void stops(const char *method, const char *path, const char *requirement,
                  const char *message)
{
    struct bearer_app other;
    ok(app_begin(&other, NULL), "an app");
    bearer_app_route(&other, "GET", "/there/{a}", "valid-token", answer, NULL);
    struct bearer_route *route = bearer_app_route(&other, method, path, requirement, answer, NULL);
    is_string(other.error.text, message, "%s %s is refused", method != NULL ? method : "NULL",
              path != NULL ? path : "NULL");
    ok(route == NULL, "  and no route");
    bearer_route_param(route, "of no route");
    bearer_route_body(route, "of/none", 1, NULL);
    bearer_route_answer(route, 200, NULL, NULL);
    is_string(other.error.text, message, "  the first thing wrong is what counts");
    app_end(&other);
}

#define METHODS                                                                                   \
    ": a method is a word in upper case, such as GET (with which HEAD goes) or POST; OPTIONS is " \
    "answered for every path"
#define VARIABLES ": a variable of a path is {name} between two / or at its end, at most 8 of them"

static void bad_routes(void)
{
    stops("get", "/a", BEARER_PUBLIC, "the route get /a" METHODS);
    stops("HEAD", "/a", BEARER_PUBLIC, "the route HEAD /a" METHODS);
    stops("OPTIONS", "/a", BEARER_PUBLIC, "the route OPTIONS /a" METHODS);
    stops("", "/a", BEARER_PUBLIC, "the route  /a" METHODS);
    stops(NULL, "/a", BEARER_PUBLIC, "the route (NULL) /a" METHODS);
    stops("GET", "a", BEARER_PUBLIC, "the route GET a: a path begins with /");
    stops("GET", NULL, BEARER_PUBLIC, "the route GET (NULL): a path begins with /");
    stops("GET", "/{", BEARER_PUBLIC, "the route GET /{" VARIABLES);
    stops("GET", "/{}", BEARER_PUBLIC, "the route GET /{}" VARIABLES);
    stops("GET", "/a{b}", BEARER_PUBLIC, "the route GET /a{b}" VARIABLES);
    stops("GET", "/{a}b", BEARER_PUBLIC, "the route GET /{a}b" VARIABLES);
    stops("GET", "/a}", BEARER_PUBLIC, "the route GET /a}" VARIABLES);
    stops("GET", "/{a/b}", BEARER_PUBLIC, "the route GET /{a/b}" VARIABLES);
    stops("GET", "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}", BEARER_PUBLIC,
          "the route GET /{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}" VARIABLES);
    stops("GET", "/{a}/{a}", BEARER_PUBLIC,
          "the route GET /{a}/{a}: its variable {a}: it is there twice");
    stops("GET", "/a", NULL,
          "the route GET /a: it says not what it requires: BEARER_PUBLIC, \"valid-token\", or more "
          "in the grammar of BEARER_REQUIRE");
    stops("GET", "/a", "valid-token optional",
          "the route GET /a: it requires a token that is optional: say BEARER_PUBLIC, or leave out "
          "optional");
    stops("GET", "/there/{a}", "valid-token",
          "the route GET /there/{a}: there is one already for the same requests");
    stops("GET", "/there/{b}", "valid-token",
          "the route GET /there/{b}: there is one already for the same requests");
    stops("PUT", "/there/{b}", "valid-token",
          "the route PUT /there/{b}: it names the variables of its path otherwise than /there/{a} "
          "does");
    struct bearer_app other;
    ok(app_begin(&other, NULL), "an app");
    bearer_app_route(&other, "GET", "/a", "scope", answer, NULL);
    ok(strncmp(other.error.text, "the route GET /a: ", 18) == 0 && strlen(other.error.text) > 18,
       "a requirement that is none: %s", other.error.text);
    app_end(&other);
    ok(app_begin(&other, NULL), "an app");
    bearer_app_route(&other, "GET", "/a", BEARER_PUBLIC, NULL, NULL);
    is_string(other.error.text, "the route GET /a: it has no handler", "no handler");
    app_end(&other);
}

/* What is wrong with a declaration of a parameter of GET /a/{id}; NULL: nothing. */
static const struct {
    const char *declaration, *message;
} params[] = {
    {"path id integer", NULL},
    {"query q string", NULL},
    {"query q integer 1..", NULL},
    {"query q integer ..-1 = -7 repeated", NULL},
    {"query q number -.5..1e3 optional", NULL},
    {"query q a,b = b", NULL},
    {"query q string 0..0 = x", "its default is one that it would refuse"},
    {"", "it begins with path or query"},
    {"header q string", "it begins with path or query"},
    {"Path id string", "it begins with path or query"},
    {"query", "its second word is a name, without quotes"},
    {"query  string", "its second word is a name, without quotes"},
    {"query \"q\" string", "its second word is a name, without quotes"},
    {"query q", "its third word is string, integer, number, boolean, or words with commas between "
                "them"},
    {"query q interger", "its third word is string, integer, number, boolean, or words with commas "
                         "between them"},
    {"query q a,,b", "its words are at most 32, none of them empty"},
    {"query q a,", "its words are at most 32, none of them empty"},
    {"query q integer 2..1", "its bounds MIN..MAX are numbers of its type, or lengths of a string, "
                             "the less first"},
    {"query q integer ..", "its bounds MIN..MAX are numbers of its type, or lengths of a string, "
                           "the less first"},
    {"query q integer 1.5..", "its bounds MIN..MAX are numbers of its type, or lengths of a "
                              "string, the less first"},
    {"query q string -1..", "its bounds MIN..MAX are numbers of its type, or lengths of a string, "
                            "the less first"},
    {"query q boolean 0..1", "its bounds MIN..MAX are numbers of its type, or lengths of a string, "
                             "the less first"},
    {"query q a,b 0..1", "its bounds MIN..MAX are numbers of its type, or lengths of a string, the "
                         "less first"},
    {"query q integer 9223372036854775808..", "its bounds MIN..MAX are numbers of its type, or "
                                              "lengths of a string, the less first"},
    {"query q integer = x", "its default is one that it would refuse"},
    {"query q integer =", "its default is one that it would refuse"},
    {"query q integer 1..2 = 3", "its default is one that it would refuse"},
    {"query q integer repeated optional", "after its type come only [MIN..MAX] [= DEFAULT | "
                                          "optional] [repeated]"},
    {"query q integer 1", "after its type come only [MIN..MAX] [= DEFAULT | optional] [repeated]"},
    {"query q integer ", "after its type come only [MIN..MAX] [= DEFAULT | optional] [repeated]"},
    {"path id string optional", "in a path it is there, and once: leave out = DEFAULT, optional "
                                "and repeated"},
    {"path id string repeated", "in a path it is there, and once: leave out = DEFAULT, optional "
                                "and repeated"},
    {"path other string", "the path has no variable of this name"},
    {"query there string", "it is there twice"},
};

static void parameters(void)
{
    for (size_t i = 0; i < sizeof params / sizeof params[0]; i++) {
        struct bearer_app other;
        char message[400] = "";
        ok(app_begin(&other, NULL), "an app");
        struct bearer_route *route =
            bearer_app_route(&other, "GET", "/a/{id}", "valid-token", answer, NULL);
        bearer_route_param(route, "query there string");
        bearer_route_param(route, params[i].declaration);
        if (params[i].message != NULL) {
            snprintf(message, sizeof message, "the route GET /a/{id}: the parameter \"%s\": %s",
                     params[i].declaration, params[i].message);
        }
        is_string(other.error.text, message, "parameter \"%s\"", params[i].declaration);
        app_end(&other);
    }
}

/* What is wrong with the rest of a route. */
static void bodies(void)
{
    static const char *const types[] = {"json", "application/json; charset=utf-8", "a/b\r\nc",
                                        "a/\"b"};
    struct bearer_app other;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        ok(app_begin(&other, NULL), "an app");
        bearer_route_body(bearer_app_route(&other, "POST", "/a", "valid-token", answer, NULL),
                          types[i], 1, NULL);
        ok(strstr(other.error.text, "its type is a media type without parameters") != NULL,
           "a type that is none");
        app_end(&other);
    }
    ok(app_begin(&other, NULL), "an app");
    struct bearer_route *route =
        bearer_app_route(&other, "POST", "/a", "valid-token", answer, NULL);
    bearer_route_body(route, "application/json", (size_t)1024 * 1024 + 1, NULL);
    is_string(other.error.text,
              "the route POST /a: the body \"application/json\": it is read whole up to 1048576 "
              "octets",
              "too much JSON");
    app_end(&other);
    ok(app_begin(&other, NULL), "an app");
    route = bearer_app_route(&other, "POST", "/a", "valid-token", answer, NULL);
    bearer_route_body(route, "a/b", 1, NULL);
    bearer_route_upload(route, "a/b", 1);
    is_string(other.error.text, "the route POST /a: the body \"a/b\": there is one already",
              "two bodies");
    app_end(&other);
    ok(app_begin(&other, NULL), "an app");
    route = bearer_app_route(&other, "POST", "/a", "valid-token", answer, NULL);
    bearer_route_answer(route, 299, NULL, NULL);
    is_string(other.error.text,
              "the route POST /a: the answer 299: it is no status that is sent, or its schema is "
              "no JSON object",
              "a status that is none");
    app_end(&other);
    ok(app_begin(&other, NULL), "an app");
    route = bearer_app_route(&other, "POST", "/a", "valid-token", answer, NULL);
    bearer_route_body(route, "application/json", 1, "{'a':1}");
    is_string(other.error.text, "the route POST /a: the schema of its body is no JSON object",
              "a schema that is none");
    app_end(&other);
}

int main(void)
{
    ok(app_begin(&app, NULL), "an app");
    bearer_app_route(&app, "GET", "/public", BEARER_PUBLIC, answer, NULL);
    bearer_app_route(&app, "GET", "/private", "valid-token", answer, NULL);
    bearer_app_route(&app, "GET", "/private-scoped", "scope=read:messages", answer, NULL);
    methods();
    paths();
    /* The order of declaration decides nothing. */
    bearer_app_route(&app, "GET", "/{any}/parts", "valid-token", answer, NULL);
    bearer_app_route(&app, "GET", "/items/{id}", "valid-token", answer, NULL);
    bearer_app_route(&app, "DELETE", "/items/{id}", "valid-token", answer, NULL);
    bearer_app_route(&app, "GET", "/items/new", "valid-token", answer, NULL);
    bearer_app_route(&app, "GET", "/items", "valid-token", answer, NULL);
    bearer_app_route(&app, "POST", "/items", "valid-token", answer, NULL);
    bearer_app_route(&app, "PATCH", "/items/{id}/parts/{part}", "valid-token", answer, NULL);
    is_string(app.error.text, "", "good declarations");
    find("/items", "PUT", BEARER_METHOD_NOT_ALLOWED, NULL, "GET, HEAD, POST, OPTIONS");
    variables();
    documentation();
    app_end(&app);
    bad_routes();
    parameters();
    bodies();
    return tap_done();
}
