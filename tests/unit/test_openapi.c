/* SPDX-License-Identifier: MIT */
/* What /openapi.json says of a table of endpoints, and the page that shows it. */
#include "app/docs.h"

#include <stdlib.h>

#include "app/app.h"
#include "app/call.h"
#include "base/text.h"
#include "json/json.h"

#include "tap.h"

static char sent[16384];
static size_t sent_length;

static void collect(void *context, const char *bytes, size_t length)
{
    (void)context;
    if (length >= sizeof sent - sent_length) {
        printf("Bail out! an answer that is too long\n");
        exit(99);
    }
    memcpy(sent + sent_length, bytes, length);
    sent_length += length;
    sent[sent_length] = '\0';
}

static void wait_for_none(void *context, enum wire_wait wait, unsigned handler, unsigned stream)
{
    (void)context;
    (void)wait;
    (void)handler;
    (void)stream;
}

static const struct wire wire = {.out = {.write = collect}, .wait = wait_for_none};

static int answer(struct bearer_call *call, void *state)
{
    (void)call;
    (void)state;
    return 0;
}

/* A table of routes. */
static void declare(struct bearer_app *app)
{
    bearer_app_route(app, "GET", "/open", BEARER_PUBLIC, answer, "Says \"hello\"\n");
    bearer_app_route(app, "GET", "/both", "valid-token", answer, NULL);
    bearer_app_route(app, "POST", "/both", "valid-token", answer, NULL);
    bearer_app_route(app, "POST", "/open", "scope=a scope=b claim:https://x/r=c", answer, NULL);
    bearer_app_route(app, "POST", "/one-of", "scope=a|permission=p", answer, NULL);
    bearer_app_route(app, "PROPFIND", "/one-of", "valid-token", answer, "has no name in OpenAPI");
    bearer_app_route(app, "GET", "/closed", "valid-token", answer, NULL);
    bearer_app_route(app, "GET", "/open-required", "either=e", answer, NULL);
    bearer_app_route(app, "GET", "/q\"uote\\", BEARER_PUBLIC, answer, NULL);
    is_string(app->error.text, "", "a table of routes");
}

/* Routes that say all that can be said. */
static void declare_more(struct bearer_app *app)
{
    struct bearer_route *route =
        bearer_app_route(app, "GET", "/items/{id}", BEARER_PUBLIC, answer, NULL);
    bearer_route_param(route, "path id integer +1..");
    bearer_route_param(route, "query q string 2..5 optional");
    bearer_route_param(route, "query ratio number .5..2.50 = 1e0");
    bearer_route_param(route, "query deep boolean = off");
    bearer_route_param(route, "query sort name,price repeated");
    route = bearer_app_route(app, "PUT", "/items/{id}", BEARER_PUBLIC, answer, NULL);
    bearer_route_body(route, "application/json", 4096, "{\"type\":\"object\"}");
    bearer_route_answer(route, 404, NULL, NULL);
    bearer_route_answer(route, 201, "application/json", "{\"type\":\"object\"}");
    bearer_route_answer(route, 413, "text/plain", NULL);
    route = bearer_app_route(app, "POST", "/files", BEARER_PUBLIC, answer, NULL);
    bearer_route_upload(route, "image/png", SIZE_MAX);
    is_string(app->error.text, "", "more routes");
}

/* A text in which ' stands for ". */
static const char *quoted(char *out, size_t size, const char *text)
{
    snprintf(out, size, "%s", text);
    for (char *at = strchr(out, '\''); at != NULL; at = strchr(at, '\'')) {
        *at = '"';
    }
    return out;
}

#define OF(status) ",'" status "':{'$ref':'#/components/responses/" status "'}"
#define GOOD \
    "'responses':{'200':{'description':'The answer','content':{'application/json':{}}}" OF("400")
#define PUBLIC   (GOOD OF("500") "}}")
#define PRIVATE  (GOOD OF("401") OF("500") OF("503") "}}")
#define REQUIRED (GOOD OF("401") OF("403") OF("500") OF("503") "}}")

/* What the table above is. */
static const char *const expected[] = {
    "'paths':{'/open':{'get':{'summary':'Says \\'hello\\'\\n',",
    PUBLIC,
    ",'post':{'description':'Required: scope=a scope=b "
    "claim:https://x/r=c','security':[{'bearer':['a','b']}],",
    REQUIRED,
    "},'/both':{'get':{'description':'Required: a valid token','security':[{'bearer':[]}],",
    PRIVATE,
    ",'post':{'description':'Required: a valid token','security':[{'bearer':[]}],",
    PRIVATE,
    "},'/one-of':{'post':{'description':'Required: "
    "scope=a|permission=p','security':[{'bearer':[]}],",
    REQUIRED,
    "},'/closed':{'get':{'description':'Required: a valid token','security':[{'bearer':[]}],",
    PRIVATE,
    "},'/open-required':{'get':{'description':'Required: either=e','security':[{'bearer':['e']}],",
    REQUIRED,
    "},'/q\\'uote\\\\':{'get':{",
    PUBLIC,
    "}},'components':{'securitySchemes':{'bearer':{'type':'http','scheme':'bearer',",
};

static const char *const expected_more[] = {
    "'paths':{'/items/{id}':{'get':{'parameters':[{'name':'id','in':'path','required':true,"
    "'schema':{'type':'integer','minimum':1}},",
    "{'name':'q','in':'query','required':false,'schema':{'type':'string','minLength':2,"
    "'maxLength':5}},",
    "{'name':'ratio','in':'query','required':false,'schema':{'type':'number','minimum':0.5,"
    "'maximum':2.5,'default':1}},",
    "{'name':'deep','in':'query','required':false,'schema':{'type':'boolean','default':false}},",
    "{'name':'sort','in':'query','required':true,'schema':{'type':'array','items':{'type':'string',"
    "'enum':['name','price']}}}],",
    GOOD OF("422") OF("500") "}},",
    "'put':{'parameters':[{'name':'id','in':'path','required':true,'schema':{'type':'string'}}],",
    "'requestBody':{'description':'At most 4096 octets','required':true,'content':{"
    "'application/json':{'schema':{'type':'object'}}}},",
    "'responses':{'201':{'description':'The answer','content':{'application/json':{'schema':{"
    "'type':'object'}}}},'404':{'description':'The answer'},'413':{'description':'The answer',"
    "'content':{'text/plain':{}}}" OF("400") OF("415") OF("422") OF("500") "}}},",
    "'/files':{'post':{'requestBody':{'required':true,'content':{'image/png':{}}},",
    GOOD OF("413") OF("415") OF("500") "}}}},'components':",
};

static void more(void)
{
    char piece[1000];
    struct text text = {0};
    struct bearer_app app;
    ok(app_begin(&app, NULL), "an app");
    declare_more(&app);
    openapi_write(&text, app.routes.first, "more", "1", NULL);
    struct json_object *document = js_parse(text.bytes, text.length, NULL);
    ok(document != NULL, "strict JSON");
    js_free(document);
    const char *at = strstr(text.bytes, "\"paths\"");
    for (size_t i = 0; i < sizeof expected_more / sizeof expected_more[0]; i++) {
        size_t length = strlen(quoted(piece, sizeof piece, expected_more[i]));
        bool there = at != NULL && strncmp(at, piece, length) == 0;
        if (!ok(there, "%s", piece)) {
            printf("# got: %.300s\n", at != NULL ? at : "nothing");
        }
        at = there ? at + length : NULL;
    }
    text_clear(&text);
    app_end(&app);
}

static void table(void)
{
    char piece[1000];
    struct text text = {0};
    struct bearer_app app;
    ok(app_begin(&app, NULL), "an app");
    declare(&app);
    openapi_write(&text, app.routes.first, "A \"title\"", "1.5", NULL);
    const char *why = NULL;
    struct json_object *document = js_parse(text.bytes, text.length, &why);
    ok(document != NULL, "strict JSON%s%s", why != NULL ? ": " : "", why != NULL ? why : "");
    ok(js_string_is(document, "openapi", "3.1.0"), "of OpenAPI 3.1");
    js_free(document);
    ok(strstr(text.bytes, "\"info\":{\"title\":\"A \\\"title\\\"\",\"version\":\"1.5\",") != NULL,
       "title and version");
    ok(strstr(text.bytes, "\"servers\":[{\"url\":\".\"}]") != NULL,
       "the server is where the document is");
    const char *at = strstr(text.bytes, "\"paths\"");
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        size_t length = strlen(quoted(piece, sizeof piece, expected[i]));
        bool there = at != NULL && strncmp(at, piece, length) == 0;
        if (!ok(there, "%s", piece)) {
            printf("# got: %.200s\n", at != NULL ? at : "nothing");
        }
        at = there ? at + length : NULL;
    }
    text_clear(&text);
    app_end(&app);
    openapi_write(&text, NULL, "none", "1", "X-Token");
    ok(strstr(text.bytes, "\"paths\":{},") != NULL, "an empty table");
    ok(strstr(text.bytes, "{\"bearer\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"X-Token\","
                          "\"description\":") != NULL,
       "the token in another header");
    text_clear(&text);
}

/* What a handler answers with this configuration; `call` is to be taken for one in the midst. */
static const char *page(struct bearer_app *app, struct config *config, bearer_handler *handler)
{
    struct profiles *profiles = calloc(1, sizeof *profiles + sizeof profiles->all[0]);
    struct bearer_call call = {.app = app, .wire = &wire};
    static char *no_params[] = {NULL};
    exchange_begin(&call.exchange, no_params);
    profiles->config = config;
    profiles->all[0].config = config;
    profiles->count = 1;
    app->guard.live.profiles = profiles;
    sent_length = 0;
    is_number(handler(&call, NULL), 0, "a page");
    ok(call.answer == ANSWER_SENT, "is sent");
    exchange_clear(&call.exchange);
    arena_reset(&app->arena);
    app->guard.live.profiles = NULL;
    free(profiles);
    return sent;
}

static void pages(void)
{
    char files[] = "/swagger-ui";
    char nowhere[] = "";
    struct config served = {.docs = files, .realm = files};
    struct config unserved = {.docs = nowhere, .realm = files};
    struct bearer_app app;
    ok(app_begin(&app, NULL), "an app");
    bearer_app_route(&app, "GET", "/private-scoped", "scope=a", answer, NULL);
    const char *got = page(&app, &served, handle_docs);
    ok(strncmp(got, "Status: 200 OK\r\n", 16) == 0 &&
           strstr(got, "\r\nContent-Security-Policy: ") != NULL,
       "of its own, with a policy");
    ok(strstr(got, " src=\"/swagger-ui/swagger-ui-bundle.js\"") != NULL &&
           strstr(got, " href=\"/swagger-ui/swagger-ui.css\"") != NULL,
       "that names the files");
    got = page(&app, &unserved, handle_docs);
    ok(strstr(got, "BEARER_DOCS=/swagger-ui") != NULL && strstr(got, "<script") == NULL,
       "without them it says how to have them, and has no script");
    ok(strstr(got, "script-src") == NULL, "nor may it have one");
    got = page(&app, &unserved, handle_openapi);
    ok(strstr(got, "\r\nContent-Type: application/json\r\n") != NULL &&
           strstr(got, "{\"title\":\"/swagger-ui\",\"version\":\"" PACKAGE_VERSION "\"") != NULL,
       "the document is JSON, and has the realm as its title");
    ok(strstr(got, "\"/private-scoped\"") != NULL && strstr(got, "\"/docs\"") == NULL,
       "of the endpoints there are, and not of itself");
    app.title = "Items of mine 1.0";
    got = page(&app, &unserved, handle_openapi);
    ok(strstr(got, "{\"title\":\"Items of mine\",\"version\":\"1.0\"") != NULL,
       "or the program's title and version");
    app_end(&app);
}

int main(void)
{
    table();
    more();
    pages();
    return tap_done();
}
