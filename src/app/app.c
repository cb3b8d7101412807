/* SPDX-License-Identifier: MIT */
#include "app/app.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "app/call.h"
#include "app/docs.h"
#include "app/routes.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "guard/authorize.h"
#include "json/json.h"

bool app_begin(struct bearer_app *app, const char *title)
{
    *app = (struct bearer_app){.title = title, .guard.log.level = LOG_LEVEL_WARN};
    app->arena.first = malloc(ARENA_FIRST);
    if (app->arena.first == NULL) {
        app->no_memory = true;
        diag_set(&app->error, "out of memory");
    }
    return !app->no_memory && docs_add(app);
}

void app_end(struct bearer_app *app)
{
    route_clear(&app->routes);
    route_clear(&app->docs);
    arena_reset(&app->arena);
    free(app->arena.first);
    app->arena.first = NULL;
}

/* Path, then method. A route NULL with BEARER_OK: OPTIONS, and the answer is there. */
static enum bearer_code find(struct bearer_call *call)
{
    struct bearer_app *app = call->app;
    const struct request *request = &call->exchange.request;
    const struct profiles *profiles = app->guard.live.profiles;
    struct response *response = &call->exchange.response;
    enum bearer_code code = route_find(&app->routes, request->path_info, request->method,
                                       &app->arena, &call->route, call->segments, &response->allow);
    if (code == BEARER_NOT_FOUND && profiles != NULL && profiles->config->docs != NULL) {
        code = route_find(&app->docs, request->path_info, request->method, &app->arena,
                          &call->route, call->segments, &response->allow);
    }
    if (code == BEARER_OK && call->route == NULL) {
        response->status = 204;
    }
    return code;
}

/* Credentials, then what the route and the location require. */
static enum bearer_code admit(struct bearer_call *call)
{
    struct exchange *exchange = &call->exchange;
    const struct bearer_route *route = call->route;
    const struct demands demands = {.location = exchange->location,
                                    .route = route->require,
                                    .token_needed = route->access == ACCESS_PRIVATE};
    if (route->access != ACCESS_PUBLIC && route->access != ACCESS_PRIVATE) {
        return BEARER_DENIED;
    }
    if (!demands.token_needed && demands.location == NULL) {
        return BEARER_OK;
    }
    exchange->route = route->require;
    exchange->response.no_store = true;
    return guard_check(&call->app->guard, &demands, exchange);
}

/* What became of the answer of a handler that has returned. */
static enum bearer_code judge(struct bearer_call *call, int result)
{
    if (call->answer == ANSWER_NONE) {
        bearer_log(call, "the handler of %s %s returned %d without an answer", call->route->method,
                   call->route->path, result);
        call->exchange.verdict.location = NULL; /* it may have read others meanwhile */
        call->exchange.verdict.route = NULL;
        return BEARER_DENIED;
    }
    if (call->answer == ANSWER_CUT || (call->answer == ANSWER_BEGUN && result != 0)) {
        bearer_log(call, "the answer of %s %s is not whole: its connection is cut",
                   call->route->method, call->route->path);
        call->wire->cut(call->wire->context);
    }
    return BEARER_OK;
}

/* Parameters, then body, then the handler. */
static enum bearer_code run(struct bearer_call *call, struct text *faults)
{
    const struct bearer_route *route = call->route;
    enum bearer_code code = route->param_count > 0 ? call_parameters(call, faults) : BEARER_OK;
    if (code == BEARER_OK && route->body != BODY_NONE) {
        code = call_body(call, faults);
    }
    if (code != BEARER_OK) {
        return code;
    }
    call->head = strcmp(call->exchange.request.method, "HEAD") == 0;
    call_wait(call, WIRE_HANDLER);
    const int result = route->handler(call, call->app->state);
    code = judge(call, result);
    call_wait(call, WIRE_PEER);
    return code;
}

static enum bearer_code respond(struct bearer_call *call, struct text *faults)
{
    if (!guard_location(&call->app->guard, false, &call->exchange)) {
        return BEARER_MISCONFIGURED;
    }
    enum bearer_code code = find(call);
    if (code != BEARER_OK || call->route == NULL) {
        return code;
    }
    code = admit(call);
    return code == BEARER_OK ? run(call, faults) : code;
}

static enum bearer_code decide(struct bearer_call *call, struct text *faults)
{
    struct guard *guard = &call->app->guard;
    enum bearer_code code = guard_read(guard, &call->exchange);
    if (code != BEARER_OK) {
        return code;
    }
    if (call->app->no_memory) { /* there may be more routes than it knows */
        return BEARER_DENIED;
    }
    return call->exchange.request.role == ROLE_RESPONDER ? respond(call, faults)
                                                         : guard_authorize(guard, &call->exchange);
}

static void begin(struct bearer_call *call, struct bearer_app *app, char *const *params,
                  const struct wire *wire)
{
    memset(call, 0, offsetof(struct bearer_call, exchange));
    call->app = app;
    call->wire = wire;
    exchange_begin(&call->exchange, params);
    app->guard.log.write = wire->err.write;
    app->guard.log.context = wire->err.context;
}

/* What no handler has answered is answered here. */
static void finish(struct bearer_call *call, enum bearer_code code, const struct text *faults)
{
    struct exchange *exchange = &call->exchange;
    struct bearer_app *app = call->app;
    const char *method = exchange->request.method;
    call->head = method != NULL && strcmp(method, "HEAD") == 0;
    if (code != BEARER_OK) {
        guard_deny(&app->guard, code, exchange);
    }
    if (code == BEARER_BAD_PARAMETERS) {
        exchange->response.body = faults->bytes;
        exchange->response.body_length = faults->length;
    }
    if (call->answer == ANSWER_NONE) {
        call_send(call);
    }
    js_free(call->json);
    arena_reset(&app->arena);
    app->guard.log.write = NULL; /* the request's error stream ends with the request */
    app->guard.log.context = NULL;
}

void app_answer(void *context, char *const *params, const struct wire *wire)
{
    struct bearer_call call;
    struct text faults CLEANUP(text_clear) = {0};
    begin(&call, context, params, wire);
    const enum bearer_code code = decide(&call, &faults);
    finish(&call, code, &faults);
    exchange_clear(&call.exchange);
}

/* Whether a token that is known to be good grants what the route requires. */
static enum bearer_code admit_known(struct bearer_call *call, struct token *token)
{
    struct verdict *verdict = &call->exchange.verdict;
    const struct bearer_route *route = call->route;
    if (route->access == ACCESS_PUBLIC) {
        verdict->code = BEARER_OK;
        return BEARER_OK;
    }
    const struct requirement_facts facts = {.claims = token != NULL ? token->claims : NULL,
                                            .now = time(NULL)};
    call->exchange.response.no_store = true;
    verdict->token = token;
    verdict->route = route->require;
    verdict->code = token == NULL ? BEARER_NO_CREDENTIALS
                    : route->require == NULL
                        ? BEARER_OK
                        : requirement_check(route->require, &facts, &verdict->lacking);
    call->exchange.route = route->require;
    return verdict->code;
}

void app_answer_known(struct bearer_app *app, char *const *params, const struct wire *wire,
                      struct token *token, bool typed)
{
    struct bearer_call call;
    struct text faults CLEANUP(text_clear) = {0};
    begin(&call, app, params, wire);
    call.typed = typed;
    enum bearer_code code =
        request_read(params, ROLE_RESPONDER, &app->guard.log, &call.exchange.request);
    code = code == BEARER_OK ? find(&call) : code;
    if (code == BEARER_OK && call.route != NULL) {
        code = admit_known(&call, token);
        code = code == BEARER_OK ? run(&call, &faults) : code;
    }
    finish(&call, code, &faults);
    exchange_clear(&call.exchange);
}
