/* SPDX-License-Identifier: MIT */
#include "app/app.h"

#include <string.h>

#include "app/cors.h"
#include "app/routes.h"
#include "base/cleanup.h"
#include "guard/authorize.h"

/* What a row requires beyond a valid token, into exchange->route. False, with a line in the log: it
 * cannot be read. */
static bool read_requirement(struct guard *guard, const struct route *route,
                             struct exchange *exchange)
{
    struct diag diag = {0};
    exchange->route = requirements_find(&guard->requirements, route->require, &diag);
    if (exchange->route != NULL) {
        return true;
    }
    log_line(&guard->log, LOG_LEVEL_ERROR, "the route %s: %s", route->path, diag.text);
    return false;
}

/* Runs the handler of a row, if the request may have what it answers. */
static enum bearer_code serve(struct guard *guard, const struct route *route,
                              struct exchange *exchange)
{
    struct demands demands = {.location = exchange->location};
    struct call call = {.request = &exchange->request, .config = exchange->choice.first->config};
    if (route->access != ACCESS_PUBLIC && route->access != ACCESS_PRIVATE) {
        return BEARER_DENIED;
    }
    if (route->require != NULL) {
        if (!read_requirement(guard, route, exchange)) {
            return BEARER_MISCONFIGURED;
        }
        demands.route = exchange->route;
    }
    demands.token_needed = route->access == ACCESS_PRIVATE || demands.route != NULL;
    enum bearer_code code = BEARER_OK;
    if (demands.token_needed || demands.location != NULL) {
        code = guard_check(guard, &demands, exchange);
        exchange->response.no_store = true;
    }
    if (code != BEARER_OK) {
        return code;
    }
    call.token = route->access == ACCESS_PRIVATE ? exchange->verdict.token : NULL;
    call.routes = route_table(&call.route_count);
    return route->handler(&call, &exchange->response);
}

/* Path, then method, then credentials. */
static enum bearer_code respond(struct guard *guard, struct exchange *exchange)
{
    const struct request *request = &exchange->request;
    const struct route *route = NULL;
    if (!guard_location(guard, false, exchange)) {
        return BEARER_MISCONFIGURED;
    }
    const enum method method = route_method(request->method);
    enum bearer_code code =
        route_find(request->path_info, method, &route, &exchange->response.allow);
    if (code == BEARER_NOT_FOUND && guard->live.profiles->config->docs != NULL) {
        code = route_find_docs(request->path_info, method, &route, &exchange->response.allow);
    }
    if (code != BEARER_OK) {
        return code;
    }
    if (route == NULL) { /* OPTIONS */
        exchange->response.status = 204;
        return BEARER_OK;
    }
    return serve(guard, route, exchange);
}

static enum bearer_code decide(struct guard *guard, struct exchange *exchange)
{
    enum bearer_code code = guard_read(guard, exchange);
    if (code != BEARER_OK) {
        return code;
    }
    return exchange->request.role == ROLE_RESPONDER ? respond(guard, exchange)
                                                    : guard_authorize(guard, exchange);
}

void app_answer(void *context, char *const *params, const struct sink *sink,
                const struct sink *log_sink)
{
    struct guard *guard = context;
    struct exchange exchange CLEANUP(exchange_clear);
    exchange_begin(&exchange, params);
    guard->log.write = log_sink->write;
    guard->log.context = log_sink->context;
    enum bearer_code code = decide(guard, &exchange);
    if (code != BEARER_OK) {
        guard_deny(guard, code, &exchange);
    }
    const struct profile *profile = guard_profile(guard, &exchange);
    if (profile != NULL && profile->config->cors_origins != NULL &&
        exchange.request.role == ROLE_RESPONDER) {
        exchange.response.token_header = config_token_header(profile->config);
        cors_complete(profile->config->cors_origins, params, &exchange.response);
    }
    bool head = exchange.request.method != NULL && strcmp(exchange.request.method, "HEAD") == 0;
    response_send(&exchange.response, head, sink);
    guard->log.write = NULL; /* the request's error stream ends with the request */
    guard->log.context = NULL;
}
