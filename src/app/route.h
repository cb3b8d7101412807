/* SPDX-License-Identifier: MIT */
/* An endpoint, as one row says it, and what its handler gets. */
#ifndef FB_APP_ROUTE_H
#define FB_APP_ROUTE_H

#include <stddef.h>

#include "answer/response.h"
#include "config/config.h"
#include "guard/request.h"
#include "token/token.h"

struct route;

/* What a handler gets; all borrowed. */
struct call {
    const struct request *request;
    /* verified; NULL on a public route */
    const struct token *token;
    const struct config *config;
    /* the rows, without those of the documentation */
    const struct route *routes;
    size_t route_count;
};

/* Fills the response, or says why there is none. The token has been verified and grants what the
 * row requires. */
typedef enum bearer_code handler(const struct call *call, struct response *response);

/* Zero is the closed value: a row that says nothing about access is never answered. */
enum access { ACCESS_NONE = 0, ACCESS_PUBLIC, ACCESS_PRIVATE };

enum method {
    METHOD_OTHER = 0,
    METHOD_GET = 1,
    METHOD_HEAD = 2,
    METHOD_OPTIONS = 4,
    METHOD_POST = 8
};

struct route {
    /* METHOD_ bits; HEAD goes with GET by itself */
    unsigned methods;
    /* PATH_INFO, exactly */
    const char *path;
    enum access access;
    /* beyond a valid token: the grammar of BEARER_REQUIRE; NULL: nothing */
    const char *require;
    handler *handler;
    /* one line for /openapi.json; NULL, or not said: none */
    const char *summary;
};

#endif
