#include "guard/service.h"

#include <stdlib.h>
#include <string.h>

#include "answer/authorizer.h"
#include "app/cors.h"
#include "app/routes.h"
#include "base/cleanup.h"
#include "door/access.h"
#include "door/request.h"
#include "guard/reload.h"
#include "keys/refresher.h"
#include "token/token.h"

void service_start(struct service *service, char *const *environment, bool may_keep, bool (*stopping)(void))
{
    *service = (struct service){.log = {.level = LOG_LEVEL_WARN}, .may_keep = may_keep, .stopping = stopping};
    config_origin_self(&service->origin, environment);
    service->origin.plain_cgi = !may_keep;
    service->refresher = refresher_find(service->origin.program_dir);
    reload_begin(service);
}

void service_stop(struct service *service)
{
    reload_end(service);
    config_origin_clear(&service->origin);
    free(service->refresher);
    *service = (struct service){0};
}

/* How loud a denial is. What the role deny shows was logged when the guard was asked, and who counts the lines would count it twice; what Apache looks up for itself was
 * nobody's request. */
static enum log_level denial_level(const struct bearer_outcome *outcome, const struct request *request)
{
    if (request_is_lookup(request) || (request->role == ROLE_DENY && outcome->status < 500)) {
        return LOG_LEVEL_DEBUG;
    }
    return outcome->status >= 500 ? LOG_LEVEL_WARN : LOG_LEVEL_INFO;
}

/* One line a log watcher can parse. */
static void log_denial(struct service *service, enum bearer_code code, const struct request *request,
                       const struct token *token)
{
    const struct bearer_outcome *outcome = bearer_outcome(code);
    char kid[128];
    char client[80];
    const char *address = request->client != NULL ? request->client : "";
    log_line(&service->log, denial_level(outcome, request), "denied status=%u reason=%s client=%s kid=\"%s\"",
             outcome->status, outcome->reason,
             *address != '\0' ? log_escape(client, sizeof client, address, strcspn(address, " \t")) : "-",
             log_escape(kid, sizeof kid, token->kid, token->kid_length));
}

/* A server that sets a setting for requests (Apache's SetEnv with FastCGI) would otherwise be ignored in silence. */
static void tell_setting(struct service *service, char *const *params, const struct request *request)
{
    if (request->setting == NULL || service->setting_told || params == service->origin.environment) {
        return;
    }
    service->setting_told = true;
    log_line(
        &service->log, LOG_LEVEL_WARN,
        "%.*s comes as a request parameter and is ignored: settings count in the environment of the process "
        "(FcgidInitialEnv, bin-environment) or in bearer.env",
        (int)request->setting_length, request->setting);
}

/* One request on its way to its answer. */
struct exchange {
    struct request request;
    struct token nobody; /* no token */
    struct token *token; /* the one that was shown, else nobody */
    struct response response;
    struct requirement location, route; /* text NULL: none */
    const struct requirement *lacking;
};

/* Filling all of its 6 KiB with zeros would cost as much as the rest of a request whose token is known: what is filled in only where it is needed
 * (requirements, a denial's texts) begins with its first member. */
static void begin_exchange(struct exchange *exchange)
{
    exchange->request = (struct request){0};
    exchange->nobody = (struct token){0};
    exchange->token = &exchange->nobody;
    response_begin(&exchange->response);
    exchange->location.text = NULL;
    exchange->route.text = NULL;
    exchange->lacking = NULL;
}

static void clear_exchange(struct exchange *exchange)
{
    token_clear(&exchange->nobody);
    if (exchange->response.own != NULL) { /* seldom, and a call costs more than a look */
        free(exchange->response.own);
    }
}

static enum bearer_code serve(struct service *service, const struct route *route, struct exchange *exchange)
{
    struct diag diag = {0};
    struct demands demands = {.location = exchange->location.text != NULL ? &exchange->location : NULL};
    struct call call = {.request = &exchange->request, .token = NULL, .config = service->config};
    if (route->access != ACCESS_PUBLIC && route->access != ACCESS_PRIVATE) {
        return BEARER_DENIED;
    }
    if (route->require != NULL) {
        if (!requirement_parse(route->require, &exchange->route, &diag)) {
            log_line(&service->log, LOG_LEVEL_ERROR, "the route %s: %s", route->path, diag.text);
            return BEARER_MISCONFIGURED;
        }
        demands.route = &exchange->route;
    }
    demands.token_needed = route->access == ACCESS_PRIVATE || demands.route != NULL;
    enum bearer_code code = BEARER_OK;
    if (demands.token_needed || demands.location != NULL) {
        code = access_check(service, &exchange->request, &demands, &exchange->token, &exchange->lacking);
        exchange->response.no_store = true;
    }
    call.token = route->access == ACCESS_PRIVATE ? exchange->token : NULL;
    return code == BEARER_OK ? route->handler(&call, &exchange->response) : code;
}

/* Path, then method, then credentials. */
static enum bearer_code respond(struct service *service, struct exchange *exchange)
{
    const struct request *request = &exchange->request;
    const struct route *route = NULL;
    if (!access_location(service, request, false, &exchange->location)) {
        return BEARER_MISCONFIGURED;
    }
    const enum method method = route_method(request->method);
    enum bearer_code code = route_find(request->path_info, method, &route, &exchange->response.allow);
    if (code == BEARER_NOT_FOUND && service->config->docs != NULL) {
        code = route_find_docs(request->path_info, method, &route, &exchange->response.allow);
    }
    if (code != BEARER_OK) {
        return code;
    }
    if (route == NULL) { /* OPTIONS */
        exchange->response.status = 204;
        return BEARER_OK;
    }
    return serve(service, route, exchange);
}

/* Behind a guard a program believes what such a header says. Which it was is for the operator: an honest client is as puzzled as its user. */
static enum bearer_code refuse_forged(const struct service *service, const struct request *request)
{
    char name[80];
    log_line(
        &service->log, request->role == ROLE_DENY ? LOG_LEVEL_DEBUG : LOG_LEVEL_WARN,
        "the request header that arrived as \"%s\" was refused: a guarded program could take it for what a "
        "token says. Names that read as Bearer-..., Remote-User or Auth-Type are for this guard alone",
        log_escape(name, sizeof name, request->forged, request->forged_length));
    return BEARER_FORGED_HEADER;
}

/* A guarded location: neither path nor method is looked at. */
static enum bearer_code guard(struct service *service, char *const *params, struct exchange *exchange)
{
    const struct demands demands = {.location = &exchange->location};
    if (!access_location(service, &exchange->request, true, &exchange->location)) {
        return BEARER_MISCONFIGURED;
    }
    if (exchange->request.forged != NULL) {
        return refuse_forged(service, &exchange->request);
    }
    enum bearer_code code =
        access_check(service, &exchange->request, &demands, &exchange->token, &exchange->lacking);
    if (code != BEARER_OK) {
        return code;
    }
    if (exchange->request.role != ROLE_AUTHORIZER) {
        return BEARER_WOULD_ALLOW;
    }
    struct token *token = exchange->token;
    if (token->rendered == NULL) {
        token->rendered = authorizer_variables(token, service->config->forward_claims);
        verifier_rendered(service->verifier, token);
    }
    const char *variables = token->rendered;
    if (variables != NULL && authorizer_keeps_headers(params)) {
        variables = exchange->response.own = authorizer_unsaid(variables, params);
    }
    exchange->response.variables = variables;
    exchange->response.status = variables != NULL ? 200 : 0;
    return variables != NULL ? BEARER_OK : BEARER_DENIED;
}

static enum bearer_code decide(struct service *service, char *const *params, struct exchange *exchange)
{
    reload_look(service);
    enum config_role role = service->config != NULL ? service->config->role : ROLE_RESPONDER;
    enum bearer_code code = request_read(params, role, &service->log, &exchange->request);
    tell_setting(service, params, &exchange->request);
    if (service->config == NULL) {
        log_line(&service->log, LOG_LEVEL_ERROR, "no usable configuration: %s", service->config_error.text);
        return BEARER_MISCONFIGURED;
    }
    if (code != BEARER_OK) {
        return code;
    }
    return exchange->request.role == ROLE_RESPONDER ? respond(service, exchange)
                                                    : guard(service, params, exchange);
}

/* Nothing of a half-made answer stays, but the Allow of a 405. */
static void deny(struct service *service, enum bearer_code code, struct exchange *exchange)
{
    const char *allow = exchange->response.allow;
    response_begin(&exchange->response);
    exchange->response.allow = allow;
    access_deny(service, code, exchange->lacking, &exchange->response);
    log_denial(service, code, &exchange->request, exchange->token);
}

void service_answer(struct service *service, char *const *params, const struct sink *sink,
                    const struct sink *log_sink)
{
    struct exchange exchange CLEANUP(clear_exchange);
    begin_exchange(&exchange);
    service->log.write = log_sink->write;
    service->log.context = log_sink->context;
    enum bearer_code code = decide(service, params, &exchange);
    if (code != BEARER_OK) {
        deny(service, code, &exchange);
    }
    if (service->config != NULL && service->config->cors_origins != NULL &&
        exchange.request.role == ROLE_RESPONDER) {
        cors_complete(service->config->cors_origins, params, &exchange.response);
    }
    bool head = exchange.request.method != NULL && strcmp(exchange.request.method, "HEAD") == 0;
    response_send(&exchange.response, head, sink);
    service->log.write = NULL; /* the request's error stream ends with the request */
    service->log.context = NULL;
}
