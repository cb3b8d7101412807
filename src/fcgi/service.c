#include "service.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cleanup.h"
#include "policy.h"
#include "request.h"
#include "routes.h"
#include "refresher.h"
#include "token.h"

/* How often a process without a good configuration looks for one. */
#define RELOAD_INTERVAL 1

static int64_t clock_seconds(clockid_t clock)
{
    struct timespec time = {0};
    clock_gettime(clock, &time);
    return time.tv_sec;
}

static void load(struct service *service)
{
    service->loaded_at = clock_seconds(CLOCK_MONOTONIC);
    struct config *config CLEANUP(config_cleanup) =
        config_load(&service->origin, NULL, &service->config_error);
    if (config == NULL) {
        return;
    }
    const struct keycache_options options = {.refresher = service->refresher,
                                             .may_keep = service->may_keep,
                                             .stopping = service->stopping,
                                             .log = &service->log};
    service->cache = keycache_new(config, &options);
    if (service->cache == NULL) {
        diag_set(&service->config_error, "out of memory");
        return;
    }
    service->log.level = config->log_level;
    service->config = steal(&config);
}

void service_start(struct service *service, char *const *environment, bool may_keep, bool (*stopping)(void))
{
    *service = (struct service){.log = {.level = LOG_LEVEL_WARN}, .may_keep = may_keep, .stopping = stopping};
    config_origin_self(&service->origin, environment);
    service->refresher = refresher_find(service->origin.program_dir);
    load(service);
}

void service_stop(struct service *service)
{
    keycache_free(service->cache);
    config_free(service->config);
    config_origin_clear(&service->origin);
    free(service->refresher);
    *service = (struct service){0};
}

/* One line a log watcher can parse. */
static void log_denial(struct service *service, enum bearer_code code, const struct request *request,
                       const struct token *token)
{
    const struct bearer_outcome *outcome = bearer_outcome(code);
    char kid[128];
    char client[80];
    const char *address = request->client != NULL ? request->client : "";
    enum log_level level = outcome->status >= 500 ? LOG_LEVEL_WARN : LOG_LEVEL_INFO;
    log_line(&service->log, level, "denied status=%u reason=%s client=%s kid=\"%s\"", outcome->status,
             outcome->reason,
             *address != '\0' ? log_escape(client, sizeof client, address, strcspn(address, " \t")) : "-",
             log_escape(kid, sizeof kid, token->kid, token->kid_length));
}

/* Apache does not pass the header by default; who set this up cannot see that from a 401. */
static void hint_apache(struct service *service, const struct request *request)
{
    if (request->authorization != NULL) {
        service->authorization_seen = true;
    }
    if (service->authorization_seen || service->hint_given || request->server == NULL ||
        strncmp(request->server, "Apache", 6) != 0) {
        return;
    }
    service->hint_given = true;
    log_line(&service->log, LOG_LEVEL_WARN,
             "no Authorization header has arrived yet. Apache passes it on only with \"CGIPassAuth On\" in "
             "the <Directory>, "
             "<Location> or .htaccess of this program (in an .htaccess without AuthConfig: "
             "SetEnvIf Authorization \"(.+)\" HTTP_AUTHORIZATION=$1)");
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

/* Credentials, token, then what the route requires. */
static enum bearer_code authorize(struct service *service, const struct request *request,
                                  const struct route *route, struct token *token)
{
    const char *text = NULL;
    size_t length = 0;
    hint_apache(service, request);
    enum bearer_code code = request_credentials(request, &text, &length);
    if (code != BEARER_OK) {
        return code;
    }
    const struct key_source keys = {.find = keycache_find, .context = service->cache};
    code = token_verify(service->config, &keys, text, length, clock_seconds(CLOCK_REALTIME), token);
    if (code == BEARER_OK && route->scope != NULL) {
        code = policy_scope(token->claims, route->scope);
    }
    return code;
}

static enum bearer_code serve(struct service *service, const struct request *request,
                              const struct route *route, struct token *token, struct response *response)
{
    const struct call call = {.request = request, .token = token};
    const struct call public_call = {.request = request};
    switch (route->access) {
    case ACCESS_PUBLIC:
        return route->handler(&public_call, response);
    case ACCESS_PRIVATE: {
        enum bearer_code code = authorize(service, request, route, token);
        response->no_store = true;
        return code == BEARER_OK ? route->handler(&call, response) : code;
    }
    case ACCESS_NONE:
        break;
    }
    return BEARER_DENIED;
}

/* Path, then method, then credentials. */
static enum bearer_code dispatch(struct service *service, const struct request *request, struct token *token,
                                 struct response *response, const char **scope)
{
    const struct route *route = NULL;
    enum bearer_code code =
        route_find(request->path_info, route_method(request->method), &route, &response->allow);
    if (code != BEARER_OK) {
        return code;
    }
    if (route == NULL) { /* OPTIONS */
        response->status = 204;
        return BEARER_OK;
    }
    *scope = route->scope;
    return serve(service, request, route, token, response);
}

static enum bearer_code decide(struct service *service, char *const *params, struct request *request,
                               struct token *token, struct response *response, const char **scope)
{
    if (service->config == NULL && clock_seconds(CLOCK_MONOTONIC) - service->loaded_at >= RELOAD_INTERVAL) {
        load(service);
    }
    enum bearer_code code = request_read(params, &service->log, request);
    tell_setting(service, params, request);
    if (service->config == NULL) {
        log_line(&service->log, LOG_LEVEL_ERROR, "no usable configuration: %s", service->config_error.text);
        return BEARER_MISCONFIGURED;
    }
    return code == BEARER_OK ? dispatch(service, request, token, response, scope) : code;
}

void service_answer(struct service *service, char *const *params, const struct sink *sink,
                    const struct sink *log_sink)
{
    struct request request = {0};
    struct token token CLEANUP(token_clear) = {0};
    struct response response = {0};
    const char *scope = NULL;
    service->log.write = log_sink->write;
    service->log.context = log_sink->context;
    enum bearer_code code = decide(service, params, &request, &token, &response, &scope);
    if (code != BEARER_OK) {
        const char *allow = response.allow;
        const char *realm = service->config != NULL ? service->config->realm : NULL;
        response = (struct response){.allow = allow};
        response_deny(&response, code, realm, scope);
        if (code == BEARER_NO_KEYS) {
            response.retry_after = keycache_retry_after(service->cache);
        }
        log_denial(service, code, &request, &token);
    }
    bool head = request.method != NULL && strcmp(request.method, "HEAD") == 0;
    response_send(&response, head, sink);
    service->log.write = NULL; /* the request's error stream ends with the request */
    service->log.context = NULL;
}
