/* SPDX-License-Identifier: MIT */
/* Which endpoint a request is for. */
#ifndef FB_APP_ROUTES_H
#define FB_APP_ROUTES_H

#include <stddef.h>

#include "app/arena.h"
#include "app/route.h"
#include "base/error.h"

/* A piece of the path, borrowed from it. */
struct segment {
    const char *text;
    size_t length;
};

/* Path first, then method. BEARER_OK: *route is the one, and `segments` has what its variables are.
 * Else *route is NULL: BEARER_NOT_FOUND; or BEARER_METHOD_NOT_ALLOWED, and *allow is a value for
 * the Allow header, the arena's. For OPTIONS on a path there is: BEARER_OK, *route NULL and *allow
 * set. BEARER_DENIED: out of memory. */
enum bearer_code route_find(const struct route_list *list, const char *path, const char *method,
                            struct arena *arena, const struct bearer_route **route,
                            struct segment segments[ROUTE_VARIABLES_MAX], const char **allow);

/* Of two paths of routes the one that is looked at first is less, at the first segment in which
 * they differ: a literal before a variable. 0: they are for the same paths. */
int route_compare(const char *one, const char *other);

#endif
