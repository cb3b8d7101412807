/* SPDX-License-Identifier: MIT */
/* The table of endpoints. It is part of this program, so that each of its rows can be looked at.
 * Rows that somebody adds have to be sound, and are not the subject otherwise: how a path is found
 * is asked of a table that has the shipped rows alone. */
#include "app/routes.c"

#include "base/log.h"

#include "policy/requirement.h"

#include "tap.h"

static const struct route shipped[] = {
    {METHOD_GET, "/public", ACCESS_PUBLIC, NULL, handle_public},
    {METHOD_GET, "/private", ACCESS_PRIVATE, NULL, handle_private},
    {METHOD_GET, "/private-scoped", ACCESS_PRIVATE, "scope=read:messages", handle_private},
};

enum { SHIPPED = sizeof shipped / sizeof shipped[0] };

static void find(const char *path, const char *method, enum bearer_code expected, const char *row,
                 const char *allowed)
{
    const struct route *route = &shipped[0];
    const char *allow = "unset";
    char shown[80];
    enum bearer_code code = find_row(shipped, SHIPPED, path, route_method(method), &route, &allow);
    bool same_row = row == NULL ? route == NULL : route != NULL && strcmp(route->path, row) == 0;
    bool same_allow =
        allowed == NULL ? allow == NULL : allow != NULL && strcmp(allow, allowed) == 0;
    if (!ok(code == expected && same_row && same_allow, "%s %s: %s", method,
            path != NULL ? log_escape(shown, sizeof shown, path, strlen(path)) : "(no path)",
            bearer_outcome(expected)->reason)) {
        printf("# got %s, row %s, allow %s\n", bearer_outcome(code)->reason,
               route != NULL ? route->path : "none", allow != NULL ? allow : "none");
    }
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

static void rows(void)
{
    for (size_t i = 0; i < ROUTES; i++) {
        const struct route *row = &routes[i];
        ok(row->access == ACCESS_PUBLIC || row->access == ACCESS_PRIVATE,
           "row %zu says who may: %s", i, row->path);
        ok(row->handler != NULL, "  has a handler");
        ok(row->methods != 0 && (row->methods & ~(unsigned)(METHOD_GET | METHOD_POST)) == 0,
           "  has methods that routes are made of");
        ok(row->path[0] == '/', "  has a path");
        ok(row->summary == NULL || *row->summary != '\0',
           "  and what it says it is for is not empty");
        struct requirement requirement;
        ok(row->require == NULL || (row->access == ACCESS_PRIVATE &&
                                    requirement_parse(row->require, &requirement, NULL)),
           "  requires something only if private, and something that is in the grammar");
        for (size_t j = 0; j < i; j++) {
            ok(strcmp(routes[j].path, row->path) != 0 || (routes[j].methods & row->methods) == 0,
               "  is reached, and not row %zu in its place", j);
        }
    }
}

/* The rows that are shipped are there, whatever stands beside them. */
static void shipped_rows(void)
{
    static const enum method asked[] = {METHOD_GET, METHOD_HEAD};
    for (size_t i = 0; i < 2 * SHIPPED; i++) {
        const struct route *row = &shipped[i / 2];
        const struct route *route = NULL;
        const char *allow = NULL;
        is_number(route_find(row->path, asked[i % 2], &route, &allow), BEARER_OK, "%s is there",
                  row->path);
        ok(route != NULL && route->access == row->access && route->handler == row->handler,
           "  for whom it is for, and by its handler");
        is_string(route != NULL ? route->require : "no row", row->require,
                  "  requires what it requires");
        ok(route != NULL && route->summary != NULL, "  and says what it is for");
    }
    is_number(ACCESS_NONE, 0, "a row that says nothing is closed");
}

static void documentation(void)
{
    const struct route *route = NULL;
    const char *allow = NULL;
    size_t count = 0;
    for (size_t i = 0; i < DOCS_ROUTES; i++) {
        const struct route *row = &docs_routes[i];
        find(row->path, "GET", BEARER_NOT_FOUND, NULL, NULL);
        ok(route_find_docs(row->path, METHOD_HEAD, &route, &allow) == BEARER_OK && route == row &&
               allow == NULL,
           "but where there is documentation");
        ok(row->access == ACCESS_PUBLIC && row->require == NULL && row->methods == METHOD_GET &&
               row->handler != NULL,
           "  for everybody, to be read");
    }
    is_number(route_find_docs("/docs", METHOD_POST, &route, &allow), BEARER_METHOD_NOT_ALLOWED,
              "POST /docs: 405");
    is_string(allow, GET_ALLOWED, "with what is allowed");
    is_number(route_find_docs("/docs/", METHOD_GET, &route, &allow), BEARER_NOT_FOUND,
              "/docs/ is nothing");
    is_number(route_find_docs("/private", METHOD_GET, &route, &allow), BEARER_NOT_FOUND,
              "and no endpoint is documentation");
    is_number(route_find_docs(NULL, METHOD_GET, &route, &allow), BEARER_NOT_FOUND, "nor no path");
    ok(route_table(&count) == routes && count == ROUTES, "what is documented is the table");
}

static void allow_values(void)
{
    is_string(allow_value(METHOD_GET), GET_ALLOWED, "Allow for GET");
    is_string(allow_value(METHOD_POST), "POST, OPTIONS", "Allow for POST");
    is_string(allow_value(METHOD_GET | METHOD_POST), "GET, HEAD, POST, OPTIONS", "Allow for both");
}

static void handlers(void)
{
    struct response response = {0};
    char payload[] = "{ \"sub\":\"\\u0061\" }\n";
    const struct token token = {.payload = payload, .payload_length = sizeof payload - 1};
    const struct call call = {.token = &token};
    const struct call nobody = {0};
    is_number(handle_public(&nobody, &response), BEARER_OK, "/public answers anybody");
    is_number(response.status, 200, "with 200");
    ok(response.body_length == strlen(response.body), "its length is right");
    is_string(
        response.body,
        "{\"status\":\"success\",\"msg\":\"Hello from a public endpoint! You don't need to be "
        "authenticated to see this.\"}",
        "and the tutorial's text");
    response = (struct response){0};
    is_number(handle_private(&call, &response), BEARER_OK, "/private answers");
    is_number(response.status, 200, "with 200");
    ok(response.body == payload && response.body_length == sizeof payload - 1,
       "and the very octets that were signed");
}

int main(void)
{
    methods();
    paths();
    rows();
    shipped_rows();
    documentation();
    allow_values();
    handlers();
    return tap_done();
}
