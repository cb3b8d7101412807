/* The endpoints: one row each. To add one, write a handler in handlers.c and give it a row in routes.c. */
#ifndef FB_APP_ROUTES_H
#define FB_APP_ROUTES_H

#include <stdbool.h>

#include "answer/response.h"
#include "door/request.h"
#include "token/token.h"

/* What a handler gets; all borrowed. */
struct call {
    const struct request *request;
    const struct token *token; /* verified; NULL on a public route */
    const struct config *config;
};

/* Fills the response, or says why there is none. The token has been verified and grants what the row requires. */
typedef enum bearer_code handler(const struct call *call, struct response *response);

/* Zero is the closed value: a row that says nothing about access is never answered. */
enum access { ACCESS_NONE = 0, ACCESS_PUBLIC, ACCESS_PRIVATE };

enum method { METHOD_OTHER = 0, METHOD_GET = 1, METHOD_HEAD = 2, METHOD_OPTIONS = 4, METHOD_POST = 8 };

struct route {
    unsigned methods; /* METHOD_ bits; HEAD goes with GET by itself */
    const char *path; /* PATH_INFO, exactly */
    enum access access;
    const char
        *require; /* of a private route, beyond a valid token: the grammar of BEARER_REQUIRE; NULL: nothing */
    handler *handler;
    const char *summary; /* one line for /openapi.json; NULL, or not said: none */
};

/* METHOD_OTHER for what no route serves. */
enum method route_method(const char *name);

/* Path first, then method. BEARER_OK: *route is the row. Else *route is NULL: BEARER_NOT_FOUND; or BEARER_METHOD_NOT_ALLOWED, and *allow
 * is a constant value for the Allow header. For METHOD_OPTIONS on a path there is: BEARER_OK, *route NULL and *allow set. */
enum bearer_code route_find(const char *path, enum method method, const struct route **route,
                            const char **allow);

/* The same among the rows that are there where BEARER_DOCS is set (docs.h). The others come first. */
enum bearer_code route_find_docs(const char *path, enum method method, const struct route **route,
                                 const char **allow);

/* The rows, without those of the documentation. */
const struct route *route_table(size_t *count);

#endif
