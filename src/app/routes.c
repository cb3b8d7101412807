/* SPDX-License-Identifier: MIT */
#include "app/routes.h"

#include <stddef.h>
#include <string.h>

#include "app/docs.h"
#include "app/handlers.h"

#pragma GCC diagnostic ignored "-Wmissing-field-initializers" /* a row may end with its handler */
static const struct route routes[] = {
    {METHOD_GET, "/public", ACCESS_PUBLIC, NULL, handle_public, "A greeting for everybody"},
    {METHOD_GET, "/private", ACCESS_PRIVATE, NULL, handle_private, "The claims of the token"},
    {METHOD_GET, "/private-scoped", ACCESS_PRIVATE, "scope=read:messages", handle_private,
     "The claims of a token with the scope read:messages"},
};

/* Where BEARER_DOCS is set. */
static const struct route docs_routes[] = {
    {METHOD_GET, "/docs", ACCESS_PUBLIC, NULL, handle_docs},
    {METHOD_GET, "/openapi.json", ACCESS_PUBLIC, NULL, handle_openapi},
};

enum {
    ROUTES = sizeof routes / sizeof routes[0],
    DOCS_ROUTES = sizeof docs_routes / sizeof docs_routes[0]
};

enum method route_method(const char *name)
{
    static const struct {
        const char *name;
        enum method method;
    } methods[] = {{"GET", METHOD_GET},
                   {"HEAD", METHOD_HEAD},
                   {"OPTIONS", METHOD_OPTIONS},
                   {"POST", METHOD_POST}};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        if (strcmp(methods[i].name, name) == 0) {
            return methods[i].method;
        }
    }
    return METHOD_OTHER;
}

static const char *allow_value(unsigned methods)
{
    switch (methods & (METHOD_GET | METHOD_POST)) {
    case METHOD_GET | METHOD_POST:
        return "GET, HEAD, POST, OPTIONS";
    case METHOD_POST:
        return "POST, OPTIONS";
    default:
        return "GET, HEAD, OPTIONS";
    }
}

static enum bearer_code find_row(const struct route *rows, size_t count, const char *path,
                                 enum method method, const struct route **route, const char **allow)
{
    unsigned methods = 0; /* of all rows with this path */
    enum method wanted = method == METHOD_HEAD ? METHOD_GET : method;
    *route = NULL;
    *allow = NULL;
    for (size_t i = 0; path != NULL && i < count; i++) {
        if (strcmp(rows[i].path, path) != 0) {
            continue;
        }
        methods |= rows[i].methods;
        if ((rows[i].methods & wanted) != 0) {
            *route = &rows[i];
            return BEARER_OK;
        }
    }
    if (methods == 0) {
        return BEARER_NOT_FOUND;
    }
    *allow = allow_value(methods);
    return method == METHOD_OPTIONS ? BEARER_OK : BEARER_METHOD_NOT_ALLOWED;
}

enum bearer_code route_find(const char *path, enum method method, const struct route **route,
                            const char **allow)
{
    return find_row(routes, ROUTES, path, method, route, allow);
}

enum bearer_code route_find_docs(const char *path, enum method method, const struct route **route,
                                 const char **allow)
{
    return find_row(docs_routes, DOCS_ROUTES, path, method, route, allow);
}

const struct route *route_table(size_t *count)
{
    *count = ROUTES;
    return routes;
}
