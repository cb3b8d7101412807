/* SPDX-License-Identifier: MIT */
/* The endpoints of a program, as setup declares them. */
#ifndef FB_APP_ROUTE_H
#define FB_APP_ROUTE_H

#include <bearer-app.h>

#include "app/arena.h"
#include "app/param.h"
#include "base/diag.h"
#include "guard/guard.h"
#include "policy/requirement.h"

#define ROUTE_VARIABLES_MAX 8
#define ROUTE_PARAMS_MAX    32
#define BODY_WHOLE_MAX      ((size_t)64 * 1024 * 1024) /* octets of a body in memory */

/* Zero is the closed value: a route that says nothing about access is never answered. */
enum access { ACCESS_NONE = 0, ACCESS_PUBLIC, ACCESS_PRIVATE };

enum body_kind { BODY_NONE = 0, BODY_OCTETS, BODY_JSON, BODY_FORM, BODY_UPLOAD };

/* An answer, for documentation. */
struct route_answer {
    struct route_answer *next;
    int status;
    const char *type, *schema;
};

struct bearer_route {
    /* in the order of declaration */
    struct bearer_route *next;
    struct bearer_app *app;
    const char *method, *path, *summary;
    bearer_handler *handler;
    enum access access;
    /* beyond a valid token; NULL: nothing */
    struct requirement *require;
    /* how many {name} are in the path */
    size_t variables;
    /* the first `variables` of them are those of the path, in its order */
    struct param *params;
    size_t param_count;
    bool has_query;
    enum body_kind body;
    const char *body_type, *body_schema;
    size_t body_max;
    struct route_answer *answers;
};

/* Routes, as declared and as found: paths that are more to the letter come first. */
struct route_list {
    struct bearer_route *first, *last;
    struct bearer_route **sorted;
    size_t count;
};

struct bearer_app {
    struct guard guard;
    struct route_list routes;
    /* where BEARER_DOCS is set */
    struct route_list docs;
    const char *title;
    /* setup's */
    void *state;
    bool is_set_up;
    /* there was none for its routes */
    bool no_memory;
    struct arena arena;
    /* what was wrong first with what setup declared; empty: nothing */
    struct diag error;
};

/* Adds to one of its lists; bearer_app_route() does to app->routes. */
struct bearer_route *route_add(struct bearer_app *app, struct route_list *list,
                               const struct bearer_route *wanted, const char *requirement);
/* Releases all routes of a list. */
void route_clear(struct route_list *list);

#endif
