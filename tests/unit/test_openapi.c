/* SPDX-License-Identifier: MIT */
/* What /openapi.json says of a table of endpoints, and the page that shows it. */
#include "app/docs.h"

#include <stdlib.h>

#include "app/routes.h"
#include "base/text.h"
#include "json/json.h"

#include "tap.h"

static enum bearer_code answer(const struct call *call, struct response *response)
{
    (void)call;
    (void)response;
    return BEARER_OK;
}

static const struct route rows[] = {
    {METHOD_GET, "/open", ACCESS_PUBLIC, NULL, answer, "Says \"hello\"\n"},
    {METHOD_GET | METHOD_POST, "/both", ACCESS_PRIVATE, NULL, answer, NULL},
    {METHOD_POST, "/open", ACCESS_PRIVATE, "scope=a scope=b claim:https://x/r=c", answer, NULL},
    {METHOD_POST, "/one-of", ACCESS_PRIVATE, "scope=a|permission=p", answer, NULL},
    {METHOD_GET, "/open", ACCESS_PRIVATE, NULL, answer, "never reached"},
    {METHOD_GET, "/closed", ACCESS_NONE, NULL, answer, NULL},
    {METHOD_GET, "/open-required", ACCESS_PUBLIC, "either=e", answer, NULL},
    {METHOD_GET, "/q\"uote\\", ACCESS_PUBLIC, NULL, answer, NULL},
};

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

static void table(void)
{
    char piece[1000];
    struct text text = {0};
    openapi_write(&text, rows, sizeof rows / sizeof rows[0], "A \"title\"", NULL);
    const char *why = NULL;
    struct json_object *document = js_parse(text.bytes, text.length, &why);
    ok(document != NULL, "strict JSON%s%s", why != NULL ? ": " : "", why != NULL ? why : "");
    ok(js_string_is(document, "openapi", "3.1.0"), "of OpenAPI 3.1");
    js_free(document);
    ok(strstr(text.bytes, "\"info\":{\"title\":\"A \\\"title\\\"\",\"version\":\"" PACKAGE_VERSION
                          "\",") != NULL,
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
    openapi_write(&text, rows, 0, "none", "X-Token");
    ok(strstr(text.bytes, "\"paths\":{},") != NULL, "an empty table");
    ok(strstr(text.bytes, "{\"bearer\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"X-Token\","
                          "\"description\":") != NULL,
       "the token in another header");
    text_clear(&text);
}

static void pages(void)
{
    char files[] = "/swagger-ui";
    char nowhere[] = "";
    const struct config served = {.docs = files, .realm = files};
    const struct config unserved = {.docs = nowhere, .realm = files};
    const struct call call = {.config = &served};
    struct call other_call = {.config = &unserved};
    other_call.routes = route_table(&other_call.route_count);
    struct response response = {0};
    is_number(handle_docs(&call, &response), BEARER_OK, "a page");
    ok(response.status == 200 && response.policy != NULL && response.own == response.body,
       "of its own, with a policy");
    ok(strlen(response.body) == response.body_length, "as long as it says");
    ok(strstr(response.body, " src=\"/swagger-ui/swagger-ui-bundle.js\"") != NULL &&
           strstr(response.body, " href=\"/swagger-ui/swagger-ui.css\"") != NULL,
       "that names the files");
    free(response.own);
    response = (struct response){0};
    is_number(handle_docs(&other_call, &response), BEARER_OK, "a page without them");
    ok(response.own == NULL && strstr(response.body, "BEARER_DOCS=/swagger-ui") != NULL &&
           strstr(response.body, "<script") == NULL,
       "says how to have them, and has no script");
    ok(strstr(response.policy, "script") == NULL, "nor may it have one");
    response = (struct response){0};
    is_number(handle_openapi(&other_call, &response), BEARER_OK, "the document");
    ok(response.status == 200 && response.policy == NULL && response.own == response.body &&
           strstr(response.body, "{\"title\":\"/swagger-ui\"") != NULL,
       "is JSON, and has the realm as its title");
    ok(strstr(response.body, "\"/private-scoped\"") != NULL &&
           strstr(response.body, "\"/docs\"") == NULL,
       "of the endpoints there are, and not of itself");
    free(response.own);
}

int main(void)
{
    table();
    pages();
    return tap_done();
}
