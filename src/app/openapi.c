/* SPDX-License-Identifier: MIT */
#include "app/docs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/call.h"
#include "base/ascii.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "json/json.h"
#include "policy/requirement.h"

/* Who is answered so: a set. */
enum met {
    MET_BY_ALL = 1,
    MET_WITH_TOKEN = 2,
    MET_WITH_REQUIREMENT = 4,
    MET_WITH_PARAMS = 8,
    MET_WITH_BODY = 16
};

/* The refusals of an endpoint: bearer.fcgi(8), Answers. */
static const struct {
    const char *status;
    unsigned met;
    const char *text;
    const char *schema;
    const char *header; /* that comes with it; NULL: none */
} refusals[] = {
    {"400", MET_BY_ALL, "More than one credential was sent, or no whole request", "Error",
     "WWW-Authenticate"},
    {"401", MET_WITH_TOKEN, "No token, or one that is not acceptable: the body says why", "Error",
     "WWW-Authenticate"},
    {"403", MET_WITH_REQUIREMENT, "The token does not grant what is required: the body names it",
     "Error", "WWW-Authenticate"},
    {"413", MET_WITH_BODY, "The body is larger than is taken here", "Error", NULL},
    {"415", MET_WITH_BODY, "The body is not of the type that is taken here", "Error", NULL},
    {"422", MET_WITH_PARAMS, "A parameter or the body is not as it is declared", "Faults", NULL},
    {"500", MET_BY_ALL, "The server is misconfigured, or something failed inside", "Error", NULL},
    {"503", MET_WITH_TOKEN, "There are no signing keys to check tokens with", "Error",
     "Retry-After"},
};
enum { REFUSALS = sizeof refusals / sizeof refusals[0] };

/* JSON of our own, in which ' stands for ", to be read by people. */
static void put(struct text *text, const char *json)
{
    for (; *json != '\0'; json++) {
        text_put(text, *json == '\'' ? "\"" : json, 1);
    }
}

static void put_string(struct text *text, const char *string)
{
    js_put_string(text, string, strlen(string));
}

static void put_member(struct text *text, const char *name, const char *value)
{
    put_string(text, name);
    put(text, ":");
    put_string(text, value);
}

/* "name":{"$ref":"#/components/KIND/name"} */
static void put_reference(struct text *text, const char *kind, const char *name)
{
    put_string(text, name);
    put(text, ":{'$ref':'#/components/");
    put(text, kind);
    put(text, "/");
    put(text, name);
    put(text, "'}");
}

/* The scopes of which each is required. What else is required is in no list that OpenAPI has. */
static void put_scopes(struct text *text, const struct requirement *require)
{
    char scopes[REQUIREMENT_LENGTH_MAX + 1] = "";
    const char *before = "";
    if (require == NULL) {
        return;
    }
    for (size_t i = 0; i < require->count; i++) {
        if (require->tests[i].alternative) {
            return;
        }
    }
    (void)requirement_add_scopes(require, scopes, sizeof scopes);
    for (char *rest = scopes; rest != NULL && *rest != '\0';) {
        put(text, before);
        put_string(text, strsep(&rest, " "));
        before = ",";
    }
}

static void put_security(struct text *text, const struct requirement *require)
{
    struct text needs CLEANUP(text_clear) = {0};
    text_puts(&needs, "Required: ");
    text_puts(&needs, require != NULL ? require->text : "a valid token");
    text->failed = text->failed || needs.failed;
    put_member(text, "description", needs.bytes != NULL ? needs.bytes : "");
    put(text, ",'security':[{'bearer':[");
    put_scopes(text, require);
    put(text, "]}],");
}

/* A number as JSON writes it, however it was declared. */
static void put_value(struct text *text, const struct param *param, int64_t integer, double number)
{
    char digits[40];
    if (param->type == PARAM_NUMBER) {
        (void)snprintf(digits, sizeof digits, "%.15g", number);
    } else {
        (void)snprintf(digits, sizeof digits, "%" PRId64, integer);
    }
    text_puts(text, digits);
}

static void put_bounds(struct text *text, const struct param *param)
{
    const bool length = param->type == PARAM_STRING;
    if (param->has_min) {
        put(text, length ? ",'minLength':" : ",'minimum':");
        put_value(text, param, param->least, param->min);
    }
    if (param->has_max) {
        put(text, length ? ",'maxLength':" : ",'maximum':");
        put_value(text, param, param->most, param->max);
    }
}

static void put_usual(struct text *text, const struct param *param)
{
    if (param->usual == NULL || param->repeated) {
        return;
    }
    put(text, ",'default':");
    if (param->type == PARAM_STRING || param->type == PARAM_WORDS) {
        put_string(text, param->usual);
    } else if (param->type == PARAM_BOOLEAN) {
        put(text, param->usual_value.boolean ? "true" : "false");
    } else {
        put_value(text, param, param->usual_value.integer, param->usual_value.number);
    }
}

/* What a value is, as JSON Schema says it. */
static void put_value_schema(struct text *text, const struct param *param)
{
    static const char *const types[] = {"string", "integer", "number", "boolean", "string"};
    const char *before = ",'enum':[";
    put(text, "{");
    put_member(text, "type", types[param->type]);
    put_bounds(text, param);
    for (const char *const *word = param->words; *word != NULL; word++) {
        put(text, before);
        put_string(text, *word);
        before = ",";
    }
    put(text, param->words[0] != NULL ? "]" : "");
    put_usual(text, param);
    put(text, "}");
}

static void put_params(struct text *text, const struct bearer_route *route)
{
    const char *before = "'parameters':[{";
    for (size_t i = 0; i < route->param_count; i++) {
        const struct param *param = &route->params[i];
        put(text, before);
        put_member(text, "name", param->name);
        put(text, param->place == PARAM_PATH ? ",'in':'path'" : ",'in':'query'");
        put(text, param->optional ? ",'required':false,'schema':" : ",'required':true,'schema':");
        put(text, param->repeated ? "{'type':'array','items':" : "");
        put_value_schema(text, param);
        put(text, param->repeated ? "}}" : "}");
        before = ",{";
    }
    put(text, route->param_count > 0 ? "]," : "");
}

/* 'content':{TYPE:{...}} */
static void put_content(struct text *text, const char *type, const char *schema)
{
    put(text, "'content':{");
    put_string(text, type);
    put(text, ":{");
    if (schema != NULL) {
        put(text, "'schema':");
        text_puts(text, schema);
    }
    put(text, "}}");
}

static void put_body(struct text *text, const struct bearer_route *route)
{
    if (route->body == BODY_NONE) {
        return;
    }
    put(text, "'requestBody':{");
    if (route->body_max < SIZE_MAX) {
        char most[64];
        (void)snprintf(most, sizeof most, "At most %zu octets", route->body_max);
        put_member(text, "description", most);
        put(text, ",");
    }
    put(text, "'required':true,");
    put_content(text, route->body_type, route->body_schema);
    put(text, "},");
}

/* The good answers; 200 where nothing was said. */
static void put_answers(struct text *text, const struct bearer_route *route)
{
    static const struct route_answer usual = {NULL, 200, "application/json", NULL};
    const struct route_answer *answer = route->answers != NULL ? route->answers : &usual;
    const char *before = "'responses':{";
    for (; answer != NULL; answer = answer->next) {
        char status[16];
        (void)snprintf(status, sizeof status, "%d", answer->status);
        put(text, before);
        put_string(text, status);
        put(text, ":{'description':'The answer'");
        if (answer->type != NULL) {
            put(text, ",");
            put_content(text, answer->type, answer->schema);
        }
        put(text, "}");
        before = ",";
    }
}

/* Whether setup declares an answer of this status, which then says what a refusal would. */
static bool is_declared(const struct bearer_route *route, const char *status)
{
    const struct route_answer *answer = route->answers;
    for (; answer != NULL && strtol(status, NULL, 10) != answer->status; answer = answer->next) {
    }
    return answer != NULL;
}

static void put_operation(struct text *text, const struct bearer_route *route)
{
    const unsigned met =
        MET_BY_ALL | (route->access != ACCESS_PUBLIC ? MET_WITH_TOKEN : 0U) |
        (route->require != NULL ? MET_WITH_REQUIREMENT : 0U) |
        (route->param_count > 0 || route->body == BODY_JSON ? MET_WITH_PARAMS : 0U) |
        (route->body != BODY_NONE ? MET_WITH_BODY : 0U);
    put(text, "'");
    for (const char *at = route->method; *at != '\0'; at++) {
        const char lower = ascii_lower(*at);
        text_put(text, &lower, 1);
    }
    put(text, "':{");
    if (route->summary != NULL) {
        put_member(text, "summary", route->summary);
        put(text, ",");
    }
    if (route->access != ACCESS_PUBLIC) {
        put_security(text, route->require);
    }
    put_params(text, route);
    put_body(text, route);
    put_answers(text, route);
    for (size_t i = 0; i < REFUSALS; i++) {
        if ((refusals[i].met & met) != 0 && !is_declared(route, refusals[i].status)) {
            put(text, ",");
            put_reference(text, "responses", refusals[i].status);
        }
    }
    put(text, "}}");
}

/* Those methods for which OpenAPI has a name. */
static bool is_known(const char *method)
{
    static const char *const known[] = {"GET", "PUT", "POST", "DELETE", "PATCH", "TRACE"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(method, known[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* All operations of the path of a route, which is the first with it. */
static void put_path(struct text *text, const struct bearer_route *first)
{
    const char *before = "";
    put_string(text, first->path);
    put(text, ":{");
    for (const struct bearer_route *one = first; one != NULL; one = one->next) {
        if (strcmp(one->path, first->path) == 0 && is_known(one->method)) {
            put(text, before);
            put_operation(text, one);
            before = ",";
        }
    }
    put(text, "}");
}

/* Whether no route before it has its path. */
static bool is_first(const struct bearer_route *first, const struct bearer_route *route)
{
    for (; strcmp(first->path, route->path) != 0; first = first->next) {
    }
    return first == route;
}

/* What the operations refer to. */
static void put_components(struct text *text, const char *token_header)
{
    put(text, "'components':{'securitySchemes':{'bearer':{");
    if (token_header != NULL) {
        put(text, "'type':'apiKey','in':'header',");
        put_member(text, "name", token_header);
    } else {
        put(text, "'type':'http','scheme':'bearer','bearerFormat':'JWT'");
    }
    put(text, ",'description':'An access token, as its issuer gave "
              "it'}},'schemas':{'Error':{'type':'object','required':['detail'],"
              "'properties':{'detail':{'type':'string','description':'What was "
              "wrong'}}},'Faults':{'type':'object','required':['detail'],'properties':{'detail':{"
              "'type':'array','items':{'type':'object','required':['type','loc','msg'],"
              "'properties':{'type':{'type':'string'},'loc':{'type':'array','items':{'type':"
              "'string'}},'msg':{'type':'string'}}}}}}},'headers':{'WWW-Authenticate':{'schema':{"
              "'type':'string'},"
              "'description':'The challenge (RFC 6750, section 3): error and why, or the scope to "
              "ask for'},'Retry-After':{'schema':{'type':'integer'},'description':'Seconds to "
              "wait'}},'responses':");
    for (size_t i = 0; i < REFUSALS; i++) {
        put(text, i == 0 ? "{" : ",");
        put_string(text, refusals[i].status);
        put(text, ":{");
        put_member(text, "description", refusals[i].text);
        if (refusals[i].header != NULL) {
            put(text, ",'headers':{");
            put_reference(text, "headers", refusals[i].header);
            put(text, "}");
        }
        put(text, ",'content':{'application/json':{'schema':{'$ref':'#/components/schemas/");
        put(text, refusals[i].schema);
        put(text, "'}}}}");
    }
    put(text, "}}");
}

void openapi_write(struct text *text, const struct bearer_route *first, const char *title,
                   const char *version, const char *token_header)
{
    const char *before = "";
    put(text, "{'openapi':'3.1.0','info':{");
    put_member(text, "title", title);
    put(text, ",");
    put_member(text, "version", version);
    put(text,
        ",'description':'HEAD is answered wherever GET is, OPTIONS everywhere. Other paths are "
        "answered 404, other methods 405, in the form of Error. The web server may require a "
        "token, or more of it, where nothing is required "
        "here.'},'servers':[{'url':'.'}],'paths':{");
    for (const struct bearer_route *route = first; route != NULL; route = route->next) {
        if (is_first(first, route)) {
            put(text, before);
            put_path(text, route);
            before = ",";
        }
    }
    put(text, "},");
    put_components(text, token_header);
    put(text, "}");
}

int handle_openapi(struct bearer_call *call, void *state)
{
    const struct config *config = call->app->guard.live.profiles->config;
    struct text text CLEANUP(text_clear) = {0};
    struct text title CLEANUP(text_clear) = {0};
    const char *given = call->app->title;
    const char *version = given != NULL ? strrchr(given, ' ') : NULL;
    (void)state;
    if (given != NULL) {
        text_put(&title, given, version != NULL ? (size_t)(version - given) : strlen(given));
    } else {
        text_puts(&title, config->realm);
    }
    openapi_write(&text, call->app->routes.first, title.bytes != NULL ? title.bytes : "",
                  given == NULL     ? PACKAGE_VERSION
                  : version != NULL ? version + 1
                                    : "0",
                  config_token_header(config));
    return text.failed || title.failed
               ? -1
               : bearer_reply(call, 200, "application/json", text.bytes, text.length);
}
