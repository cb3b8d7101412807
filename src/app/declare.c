/* SPDX-License-Identifier: MIT */
/* What setup declares. The first thing wrong is kept, and the program says it and stops. */
#include "app/route.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/routes.h"
#include "json/json.h"

void route_clear(struct route_list *list)
{
    while (list->first != NULL) {
        struct bearer_route *route = list->first;
        list->first = route->next;
        while (route->answers != NULL) {
            struct route_answer *answer = route->answers;
            route->answers = answer->next;
            free(answer);
        }
        for (size_t i = 0; i < route->param_count; i++) {
            param_clear(&route->params[i]);
        }
        free(route->params);
        free(route->require);
        free(route);
    }
    free(list->sorted);
    *list = (struct route_list){0};
}

static const char *or_null(const char *text)
{
    return text != NULL ? text : "(NULL)";
}

/* Keeps what is wrong with a route, if nothing was before. */
__attribute__((format(printf, 3, 4))) static void
refuse(struct bearer_app *app, const struct bearer_route *route, const char *format, ...)
{
    va_list args;
    if (app->error.text[0] != '\0') {
        return;
    }
    va_start(args, format);
    diag_vset(&app->error, format, args);
    va_end(args);
    diag_wrap(&app->error, "the route %s %s", or_null(route->method), or_null(route->path));
}

static void refuse_memory(struct bearer_app *app, const struct bearer_route *route)
{
    app->no_memory = true;
    refuse(app, route, "out of memory");
}

/* A token of RFC 9110, section 5.6.2, in upper case as all methods are. */
static bool is_method(const char *method)
{
    return method != NULL && *method != '\0' &&
           method[strspn(method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")] == '\0';
}

/* Counts the variables of a path. False: it is none. */
static bool read_path(struct bearer_app *app, struct bearer_route *route)
{
    const char *at = route->path;
    if (at == NULL || *at != '/') {
        refuse(app, route, "a path begins with /");
        return false;
    }
    for (; *at != '\0'; at++) {
        if (*at == '}') {
            break;
        }
        if (*at == '{') {
            const size_t length = strcspn(at + 1, "{}/");
            const char *end = at + 1 + length;
            if (at[-1] != '/' || length == 0 || *end != '}' || (end[1] != '/' && end[1] != '\0') ||
                route->variables == ROUTE_VARIABLES_MAX) {
                break;
            }
            route->variables++;
            at = end;
        }
    }
    if (*at != '\0') {
        refuse(app, route,
               "a variable of a path is {name} between two / or at its end, at most %d "
               "of them",
               ROUTE_VARIABLES_MAX);
        return false;
    }
    return true;
}

static bool read_access(struct bearer_app *app, struct bearer_route *route, const char *requirement)
{
    struct diag diag = {0};
    if (requirement == NULL) {
        refuse(app, route,
               "it says not what it requires: BEARER_PUBLIC, \"valid-token\", or more in the "
               "grammar of BEARER_REQUIRE");
        return false;
    }
    if (strcmp(requirement, BEARER_PUBLIC) == 0) {
        route->access = ACCESS_PUBLIC;
        return true;
    }
    route->access = ACCESS_PRIVATE;
    if (strcmp(requirement, "valid-token") == 0) {
        return true;
    }
    route->require = malloc(sizeof *route->require);
    if (route->require == NULL) {
        refuse_memory(app, route);
        return false;
    }
    if (!requirement_parse(requirement, route->require, &diag)) {
        refuse(app, route, "%s", diag.text);
        return false;
    }
    if (route->require->optional) {
        refuse(app, route,
               "it requires a token that is optional: say BEARER_PUBLIC, or leave out "
               "optional");
        return false;
    }
    return true;
}

/* The parameter of this place and name. */
static struct param *find_param(struct bearer_route *route, enum param_place place,
                                const char *name, size_t length)
{
    for (size_t i = 0; i < route->param_count; i++) {
        struct param *param = &route->params[i];
        if (param->place == place && strlen(param->name) == length &&
            memcmp(param->name, name, length) == 0) {
            return param;
        }
    }
    return NULL;
}

static bool add_param(struct bearer_route *route, struct param *param)
{
    struct param *grown = realloc(route->params, (route->param_count + 1) * sizeof *route->params);
    if (grown == NULL) {
        return false;
    }
    route->params = grown;
    route->params[route->param_count++] = *param;
    *param = (struct param){0};
    return true;
}

/* Of each variable of the path a string, until it is declared as something else. */
static bool add_variables(struct bearer_app *app, struct bearer_route *route)
{
    const char *at = strchr(route->path, '{');
    for (; at != NULL; at = strchr(at + 1, '{')) {
        struct param param;
        char declaration[300];
        struct diag diag = {0};
        const int length = (int)strcspn(at + 1, "}");
        (void)snprintf(declaration, sizeof declaration, "path %.*s string", length, at + 1);
        const bool twice = find_param(route, PARAM_PATH, at + 1, (size_t)length) != NULL;
        const bool good =
            param_parse(declaration, &param, &diag) && !twice && add_param(route, &param);
        param_clear(&param);
        if (!good) {
            refuse(app, route, "its variable {%.*s}: %s", length, at + 1,
                   twice ? "it is there twice" : diag.text);
            return false;
        }
    }
    return true;
}

/* Puts it into both lists of its kind, if there is no other one like it. */
static bool insert(struct bearer_app *app, struct route_list *list, struct bearer_route *route)
{
    size_t at = 0;
    struct bearer_route **grown = realloc(list->sorted, (list->count + 1) * sizeof *list->sorted);
    if (grown == NULL) {
        refuse_memory(app, route);
        return false;
    }
    list->sorted = grown;
    while (at < list->count && route_compare(list->sorted[at]->path, route->path) <= 0) {
        const struct bearer_route *other = list->sorted[at++];
        if (route_compare(other->path, route->path) != 0) {
            continue;
        }
        if (strcmp(other->method, route->method) == 0) {
            refuse(app, route, "there is one already for the same requests");
            return false;
        }
        if (strcmp(other->path, route->path) != 0) {
            refuse(app, route, "it names the variables of its path otherwise than %s does",
                   other->path);
            return false;
        }
    }
    memmove(&list->sorted[at + 1], &list->sorted[at], (list->count - at) * sizeof *list->sorted);
    list->sorted[at] = route;
    list->count++;
    return true;
}

struct bearer_route *route_add(struct bearer_app *app, struct route_list *list,
                               const struct bearer_route *wanted, const char *requirement)
{
    struct bearer_route *route = malloc(sizeof *route);
    if (route == NULL) {
        refuse_memory(app, wanted);
        return NULL;
    }
    *route = *wanted;
    route->app = app;
    route->next = NULL;
    if (list->last != NULL) {
        list->last->next = route;
    } else {
        list->first = route;
    }
    list->last = route;
    if (!is_method(route->method) || strcmp(route->method, "HEAD") == 0 ||
        strcmp(route->method, "OPTIONS") == 0) {
        refuse(app, route,
               "a method is a word in upper case, such as GET (with which HEAD goes) or "
               "POST; OPTIONS is answered for every path");
        return NULL;
    }
    if (route->handler == NULL) {
        refuse(app, route, "it has no handler");
        return NULL;
    }
    return read_path(app, route) && read_access(app, route, requirement) &&
                   add_variables(app, route) && insert(app, list, route)
               ? route
               : NULL;
}

struct bearer_route *bearer_app_route(struct bearer_app *app, const char *method, const char *path,
                                      const char *requirement, bearer_handler *handler,
                                      const char *summary)
{
    const struct bearer_route wanted = {
        .method = method, .path = path, .handler = handler, .summary = summary};
    return route_add(app, &app->routes, &wanted, requirement);
}

void bearer_route_param(struct bearer_route *route, const char *declaration)
{
    struct param param;
    struct diag diag = {0};
    if (route == NULL) { /* what was wrong with it is known */
        return;
    }
    bool good = declaration != NULL && param_parse(declaration, &param, &diag);
    if (declaration == NULL) {
        param = (struct param){0};
    }
    struct param *there =
        good ? find_param(route, param.place, param.name, strlen(param.name)) : NULL;
    if (good && param.place == PARAM_PATH) {
        good = there != NULL;
        diag_set(&diag, "the path has no variable of this name");
        if (good) {
            param_clear(there);
            *there = param;
            param = (struct param){0};
        }
    } else if (good) {
        good = there == NULL && route->param_count < ROUTE_PARAMS_MAX && add_param(route, &param);
        diag_set(&diag, there != NULL ? "it is there twice" : "there are too many, or no memory");
        route->has_query = true;
    }
    if (!good) {
        refuse(route->app, route, "the parameter \"%s\": %s", or_null(declaration), diag.text);
    }
    param_clear(&param);
}

static void add_body(struct bearer_route *route, enum body_kind kind, const char *type, size_t max)
{
    if (route == NULL) {
        return;
    }
    if (route->body != BODY_NONE || type == NULL || strchr(type, '/') == NULL ||
        strpbrk(type, "; \t\r\n\"\\") != NULL) {
        refuse(route->app, route, "the body \"%s\": %s", or_null(type),
               route->body != BODY_NONE ? "there is one already"
                                        : "its type is a media type without parameters, such as "
                                          "application/json");
        return;
    }
    const size_t most = kind == BODY_UPLOAD ? SIZE_MAX
                        : kind == BODY_JSON ? JS_TEXT_MAX
                                            : BODY_WHOLE_MAX;
    if (max > most) {
        refuse(route->app, route, "the body \"%s\": it is read whole up to %zu octets", type, most);
        return;
    }
    route->body = kind;
    route->body_type = type;
    route->body_max = max;
}

/* Whether a text for documentation is what can stand there: strict JSON, or nothing. */
static bool is_schema(const char *schema)
{
    struct json_object *value = schema != NULL ? js_parse(schema, strlen(schema), NULL) : NULL;
    const bool good = schema == NULL || value != NULL;
    js_free(value);
    return good;
}

void bearer_route_body(struct bearer_route *route, const char *type, size_t max, const char *schema)
{
    const bool json = type != NULL && strcmp(type, "application/json") == 0;
    const bool form = type != NULL && strcmp(type, "application/x-www-form-urlencoded") == 0;
    add_body(route, json ? BODY_JSON : form ? BODY_FORM : BODY_OCTETS, type, max);
    if (route != NULL && !is_schema(schema)) {
        refuse(route->app, route, "the schema of its body is no JSON object");
    } else if (route != NULL) {
        route->body_schema = schema;
    }
}

void bearer_route_upload(struct bearer_route *route, const char *type, size_t max)
{
    add_body(route, BODY_UPLOAD, type, max);
}

void bearer_route_answer(struct bearer_route *route, int status, const char *type,
                         const char *schema)
{
    if (route == NULL) {
        return;
    }
    struct route_answer **end = &route->answers;
    while (*end != NULL && (*end)->status < status) {
        end = &(*end)->next;
    }
    struct route_answer *answer = malloc(sizeof *answer);
    const bool there = *end != NULL && (*end)->status == status;
    if (answer == NULL || there || !response_has_status((unsigned)status) || !is_schema(schema)) {
        refuse(route->app, route, "the answer %d: %s", status,
               answer == NULL ? "out of memory"
               : there        ? "it is there twice"
                              : "it is no status that is sent, or its schema is no JSON object");
        free(answer);
        return;
    }
    *answer = (struct route_answer){*end, status, type, schema};
    *end = answer;
}
