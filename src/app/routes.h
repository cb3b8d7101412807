/* SPDX-License-Identifier: MIT */
/* The endpoints: one row each. To add one, write a handler in handlers.c and give it a row in
 * routes.c. */
#ifndef FB_APP_ROUTES_H
#define FB_APP_ROUTES_H

#include <stddef.h>

#include "app/route.h"
#include "base/error.h"

/* METHOD_OTHER for what no route serves. */
enum method route_method(const char *name);

/* Path first, then method. BEARER_OK: *route is the row. Else *route is NULL: BEARER_NOT_FOUND; or
 * BEARER_METHOD_NOT_ALLOWED, and *allow is a constant value for the Allow header. For
 * METHOD_OPTIONS on a path there is: BEARER_OK, *route NULL and *allow set. */
enum bearer_code route_find(const char *path, enum method method, const struct route **route,
                            const char **allow);

/* The same among the rows that are there where BEARER_DOCS is set (docs.h). The others come
 * first. */
enum bearer_code route_find_docs(const char *path, enum method method, const struct route **route,
                                 const char **allow);

/* The rows, without those of the documentation. */
const struct route *route_table(size_t *count);

#endif
