/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "app/docs.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "json/json.h"
#include "policy/requirement.h"

/* Who is answered so. */
enum met { MET_BY_ALL, MET_WITH_TOKEN, MET_WITH_REQUIREMENT };

/* The refusals of an endpoint: bearer.fcgi(8), Answers. */
static const struct {
    const char *status;
    enum met met;
    const char *text;
    const char *header; /* that comes with it; NULL: none */
} refusals[] = {
    {"400", MET_BY_ALL, "More than one credential was sent, or no whole request",
     "WWW-Authenticate"},
    {"401", MET_WITH_TOKEN, "No token, or one that is not acceptable: the body says why",
     "WWW-Authenticate"},
    {"403", MET_WITH_REQUIREMENT, "The token does not grant what is required: the body names it",
     "WWW-Authenticate"},
    {"500", MET_BY_ALL, "The server is misconfigured, or something failed inside", NULL},
    {"503", MET_WITH_TOKEN, "There are no signing keys to check tokens with", "Retry-After"},
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
static void put_scopes(struct text *text, const char *require)
{
    struct requirement requirement;
    char scopes[REQUIREMENT_LENGTH_MAX + 1] = "";
    const char *before = "";
    if (require == NULL || !requirement_parse(require, &requirement, NULL)) {
        return;
    }
    for (size_t i = 0; i < requirement.count; i++) {
        if (requirement.tests[i].alternative) {
            return;
        }
    }
    (void)requirement_add_scopes(&requirement, scopes, sizeof scopes);
    for (char *rest = scopes; rest != NULL && *rest != '\0';) {
        put(text, before);
        put_string(text, strsep(&rest, " "));
        before = ",";
    }
}

static void put_security(struct text *text, const char *require)
{
    struct text needs CLEANUP(text_clear) = {0};
    text_puts(&needs, "Required: ");
    text_puts(&needs, require != NULL ? require : "a valid token");
    text->failed = text->failed || needs.failed;
    put_member(text, "description", needs.bytes != NULL ? needs.bytes : "");
    put(text, ",'security':[{'bearer':[");
    put_scopes(text, require);
    put(text, "]}],");
}

static void put_operation(struct text *text, const struct route *route, const char *method)
{
    enum met met = route->require != NULL           ? MET_WITH_REQUIREMENT
                   : route->access != ACCESS_PUBLIC ? MET_WITH_TOKEN
                                                    : MET_BY_ALL;
    put_string(text, method);
    put(text, ":{");
    if (route->summary != NULL) {
        put_member(text, "summary", route->summary);
        put(text, ",");
    }
    if (met != MET_BY_ALL) {
        put_security(text, route->require);
    }
    put(text, "'responses':{'200':{'description':'The answer','content':{'application/json':{}}}");
    for (size_t i = 0; i < REFUSALS; i++) {
        if (refusals[i].met <= met) {
            put(text, ",");
            put_reference(text, "responses", refusals[i].status);
        }
    }
    put(text, "}}");
}

/* All operations of a path, from all of its rows. Of several rows with one method the first one
 * answers. */
static void put_path(struct text *text, const struct route *routes, size_t count, const char *path)
{
    static const struct {
        enum method method;
        const char *name;
    } methods[] = {{METHOD_GET, "get"}, {METHOD_POST, "post"}};
    const char *before = "";
    put_string(text, path);
    put(text, ":{");
    for (size_t m = 0; m < sizeof methods / sizeof methods[0]; m++) {
        size_t i = 0;
        while (i < count && (strcmp(routes[i].path, path) != 0 ||
                             (routes[i].methods & methods[m].method) == 0)) {
            i++;
        }
        if (i < count) {
            put(text, before);
            put_operation(text, &routes[i], methods[m].name);
            before = ",";
        }
    }
    put(text, "}");
}

static bool is_first(const struct route *routes, size_t index)
{
    size_t i = 0;
    while (strcmp(routes[i].path, routes[index].path) != 0) {
        i++;
    }
    return i == index;
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
              "wrong'}}}},'headers':{'WWW-Authenticate':{'schema':{'type':'string'},"
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
        put(text,
            ",'content':{'application/json':{'schema':{'$ref':'#/components/schemas/Error'}}}}");
    }
    put(text, "}}");
}

void openapi_write(struct text *text, const struct route *routes, size_t count, const char *title,
                   const char *token_header)
{
    const char *before = "";
    put(text, "{'openapi':'3.1.0','info':{");
    put_member(text, "title", title);
    put(text, ",");
    put_member(text, "version", PACKAGE_VERSION);
    put(text,
        ",'description':'HEAD is answered wherever GET is, OPTIONS everywhere. Other paths are "
        "answered 404, other methods 405, in the form of Error. The web server may require a "
        "token, or more of it, where nothing is required "
        "here.'},'servers':[{'url':'.'}],'paths':{");
    for (size_t i = 0; i < count; i++) {
        if (is_first(routes, i)) {
            put(text, before);
            put_path(text, routes, count, routes[i].path);
            before = ",";
        }
    }
    put(text, "},");
    put_components(text, token_header);
    put(text, "}");
}

enum bearer_code handle_openapi(const struct call *call, struct response *response)
{
    struct text text CLEANUP(text_clear) = {0};
    openapi_write(&text, call->routes, call->route_count, call->config->realm,
                  config_token_header(call->config));
    if (text.failed) {
        return BEARER_DENIED;
    }
    response_json(response, text.bytes, text.length);
    response->own = steal(&text.bytes);
    return BEARER_OK;
}
