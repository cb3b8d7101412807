/* SPDX-License-Identifier: MIT */
/* What a client sends to an endpoint, and what may be declared of it. One a line:
 *
 *     a declaration of a parameter; a segment of the path; a query; CONTENT_TYPE; CONTENT_LENGTH
 *
 * and then the body. What must hold: a bad declaration is refused with a message; else exactly one answer of an endpoint's statuses; a
 * handler is entered with values that are as declared, texts that are UTF-8, and a body within its
 * maximum and as long as it was said to be; 422 is strict JSON of FastAPI's shape, and repeats
 * nothing of what was sent. */
#include "fuzz.h"

#include "app/app.h"
#include "app/call.h"
#include "base/utf8.h"
#include "json/json.h"

#define BODY_MAX 64

static struct {
    char bytes[262144];
    size_t length;
} sent;

/* What is sent of a body. */
static struct piece body;
static bool entered;
/* of the declaration, which one handler knows */
static bool declared;

static void collect(void *context, const char *bytes, size_t length)
{
    (void)context;
    must_hold(length < sizeof sent.bytes - sent.length, "answers are short");
    memcpy(sent.bytes + sent.length, bytes, length);
    sent.length += length;
    sent.bytes[sent.length] = '\0';
}

static void discard(void *context, const char *bytes, size_t length)
{
    (void)context;
    must_hold(length > 0 && bytes[length - 1] == '\n' && memchr(bytes, '\n', length) != NULL,
              "a line of the log");
}

static ssize_t read_body(void *context, char *bytes, size_t size)
{
    size_t n = size < 7 ? size : 7;
    (void)context;
    n = n < body.length ? n : body.length;
    memcpy(bytes, body.text, n);
    body.text += n;
    body.length -= n;
    return (ssize_t)n;
}

static bool flush(void *context)
{
    (void)context;
    return true;
}

static void cut(void *context)
{
    (void)context;
    must_hold(false, "every answer is whole");
}

static void wait_for(void *context, enum wire_wait wait, unsigned handler, unsigned stream)
{
    (void)context;
    (void)wait;
    (void)handler;
    (void)stream;
}

static void must_be_utf8(const char *text)
{
    for (const char *const end = text + strlen(text); text < end;) {
        size_t octets = utf8_character(text, end, NULL);
        must_hold(octets > 0, "a text is UTF-8");
        text += octets;
    }
}

/* A value as it is declared. */
static void must_be_good(struct bearer_call *call, const struct param *param)
{
    const struct param_value *value = &call->values[param - call->route->params];
    struct param_value again = {0};
    struct param_fault fault;
    must_hold(value->count <= 1 || param->repeated, "once, unless it may be repeated");
    must_hold(value->count > 0 || param->optional, "there, unless it is optional");
    if (value->text == NULL) {
        must_hold(value->count == 0 && param->usual == NULL, "no text: none was given");
        return;
    }
    must_be_utf8(value->text);
    must_hold(param_read(param, value->text, &again, &fault), "its text is one");
    must_hold(again.integer == value->integer && again.boolean == value->boolean &&
                  memcmp(&again.number, &value->number, sizeof again.number) == 0,
              "and means the same");
    must_hold(param->type != PARAM_INTEGER || !param->has_min || value->integer >= param->least,
              "the least");
    must_hold(param->type != PARAM_INTEGER || !param->has_max || value->integer <= param->most,
              "the most");
    for (size_t i = 0; i < value->count; i++) {
        const char *text = param->place == PARAM_QUERY ? bearer_query(call, param->name, i) : "";
        must_hold(text != NULL &&
                      (param->place != PARAM_QUERY || param_read(param, text, &again, &fault)),
                  "each of several");
    }
}

static int handle(struct bearer_call *call, void *state)
{
    size_t length = 0;
    const char *octets = bearer_body(call, &length);
    (void)state;
    must_hold(!entered, "once");
    entered = true;
    for (size_t i = 0; i < call->route->param_count; i++) {
        must_be_good(call, &call->route->params[i]);
    }
    must_hold(call->route->body == BODY_NONE ||
                  (octets != NULL && length <= BODY_MAX && octets[length] == '\0'),
              "a body");
    must_hold(!call->length_known || call->announced == length || call->route->body == BODY_NONE,
              "as long as was said");
    must_hold(call->route->body != BODY_JSON || bearer_json(call) != NULL, "JSON");
    struct pairs_walk walk = {call->form.bytes, call->form.count};
    while (walk.left > 0) {
        must_be_utf8(walk.at);
        const char *value = pairs_next(&walk, walk.at);
        must_hold(value != NULL, "a name has a value");
        must_be_utf8(value);
    }
    return bearer_reply(call, 200, "text/plain", "good", 4);
}

static char *param_of(const char *name, struct piece value)
{
    char *text = string_copy(value);
    char *param = have(malloc(strlen(name) + strlen(text) + 1));
    sprintf(param, "%s%s", name, text);
    free(text);
    return param;
}

/* The answer to what could not be entered. */
static void check_answer(void)
{
    static const unsigned statuses[] = {200, 400, 404, 413, 415, 422};
    const char *end = strstr(sent.bytes, "\r\n\r\n");
    must_hold(strncmp(sent.bytes, "Status: ", 8) == 0 && end != NULL, "a head");
    const unsigned status = (unsigned)strtoul(sent.bytes + 8, NULL, 10);
    bool known = false;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        known = known || statuses[i] == status;
    }
    must_hold(known, "a status of an endpoint: %u", status);
    must_hold(entered == (status == 200), "a handler for good requests, and for no others");
    if (status == 200) {
        return;
    }
    struct json_object *answer = js_parse(end + 4, strlen(end + 4), NULL);
    must_hold(answer != NULL, "JSON");
    struct json_object *faults = js_array(answer, "detail");
    must_hold((status == 422) == (faults != NULL), "FastAPI's shape with 422");
    for (size_t i = 0; i < js_array_length(faults); i++) {
        struct json_object *fault = js_array_object(faults, i);
        must_hold(js_string(fault, "type", NULL) != NULL && js_string(fault, "msg", NULL) != NULL &&
                      js_array_length(js_array(fault, "loc")) >= 1,
                  "a fault");
    }
    must_hold(strstr(end, "SECRET") == NULL || declared, "nothing of what was sent");
    js_free(answer);
}

static void ask(struct bearer_app *app, const char *method, const char *mount,
                const struct piece pieces[4], struct piece rest)
{
    const struct wire wire = {.out = {collect, NULL},
                              .err = {discard, NULL},
                              .read = read_body,
                              .flush = flush,
                              .cut = cut,
                              .wait = wait_for};
    char prefix[32];
    snprintf(prefix, sizeof prefix, "PATH_INFO=%s", mount);
    char *params[] = {param_of("REQUEST_METHOD=", (struct piece){method, strlen(method)}),
                      param_of(prefix, pieces[0]),
                      param_of("QUERY_STRING=", pieces[1]),
                      param_of("CONTENT_TYPE=", pieces[2]),
                      param_of("CONTENT_LENGTH=", pieces[3]),
                      NULL};
    sent.length = 0;
    sent.bytes[0] = '\0';
    entered = false;
    body = rest;
    app_answer_known(app, params, &wire, NULL, false);
    check_answer();
    for (size_t i = 0; params[i] != NULL; i++) {
        free(params[i]);
    }
}

static void declare(struct bearer_app *app, const char *declaration)
{
    struct bearer_route *route =
        bearer_app_route(app, "GET", "/one/{id}", BEARER_PUBLIC, handle, NULL);
    bearer_route_param(route, declaration);
    bearer_route_param(route, "query n integer -5..5 = 0");
    bearer_route_param(route, "query r number repeated optional");
    route = bearer_app_route(app, "POST", "/json/{id}", BEARER_PUBLIC, handle, NULL);
    bearer_route_body(route, "application/json", BODY_MAX, NULL);
    route = bearer_app_route(app, "POST", "/form/{id}", BEARER_PUBLIC, handle, NULL);
    bearer_route_body(route, "application/x-www-form-urlencoded", BODY_MAX, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct piece rest = {(const char *)data, size};
    struct bearer_app app;
    char *declaration = string_copy(take_until(&rest, '\n'));
    struct piece pieces[4];
    for (size_t i = 0; i < 4; i++) {
        pieces[i] = take_until(&rest, '\n');
    }
    must_hold(app_begin(&app, NULL), "memory");
    declare(&app, declaration);
    declared = strstr(declaration, "SECRET") != NULL;
    if (app.error.text[0] != '\0') { /* what is good is tried all the same */
        must_hold(strstr(app.error.text, "the route GET /one/{id}: ") != NULL, "names the route");
        app_end(&app);
        must_hold(app_begin(&app, NULL), "memory");
        declare(&app, "query q string optional");
    }
    ask(&app, "GET", "/one/", pieces, rest);
    ask(&app, "POST", "/json/", pieces, rest);
    ask(&app, "POST", "/form/", pieces, rest);
    app_end(&app);
    free(declaration);
    return 0;
}
