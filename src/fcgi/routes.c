#include "routes.h"

#include <stddef.h>
#include <string.h>

#include "handlers.h"

static const struct route routes[] = {
    {METHOD_GET, "/public", ACCESS_PUBLIC, NULL, handle_public},
    {METHOD_GET, "/private", ACCESS_PRIVATE, NULL, handle_private},
    {METHOD_GET, "/private-scoped", ACCESS_PRIVATE, "scope=read:messages", handle_private},
};

enum { ROUTES = sizeof routes / sizeof routes[0] };

enum method route_method(const char *name)
{
    static const struct {
        const char *name;
        enum method method;
    } methods[] = {
        {"GET", METHOD_GET}, {"HEAD", METHOD_HEAD}, {"OPTIONS", METHOD_OPTIONS}, {"POST", METHOD_POST}};
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

enum bearer_code route_find(const char *path, enum method method, const struct route **route,
                            const char **allow)
{
    unsigned methods = 0; /* of all rows with this path */
    enum method wanted = method == METHOD_HEAD ? METHOD_GET : method;
    *route = NULL;
    *allow = NULL;
    for (size_t i = 0; path != NULL && i < ROUTES; i++) {
        if (strcmp(routes[i].path, path) != 0) {
            continue;
        }
        methods |= routes[i].methods;
        if ((routes[i].methods & wanted) != 0) {
            *route = &routes[i];
            return BEARER_OK;
        }
    }
    if (methods == 0) {
        return BEARER_NOT_FOUND;
    }
    *allow = allow_value(methods);
    return method == METHOD_OPTIONS ? BEARER_OK : BEARER_METHOD_NOT_ALLOWED;
}
