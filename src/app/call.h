/* SPDX-License-Identifier: MIT */
/* One request on its way through an endpoint. */
#ifndef FB_APP_CALL_H
#define FB_APP_CALL_H

#include "answer/wire.h"
#include "app/pairs.h"
#include "app/route.h"
#include "app/routes.h"
#include "guard/guard.h"

#define CALL_HEADERS_MAX 4096 /* octets of all lines that a handler adds */

enum call_answer { ANSWER_NONE = 0, ANSWER_SENT, ANSWER_BEGUN, ANSWER_CUT };

struct bearer_call {
    struct bearer_app *app;
    const struct wire *wire;
    /* the one that is asked; NULL: none */
    const struct bearer_route *route;
    struct segment segments[ROUTE_VARIABLES_MAX];
    /* as many as the route has parameters */
    struct param_value *values;
    struct pairs query, form;
    /* the query has been decoded, well or not */
    bool query_read;
    /* what there is of a body, with a NUL behind it */
    const char *body;
    size_t body_length;
    struct json_object *json;
    /* of CONTENT_LENGTH; unknown: what comes until its end */
    bool length_known;
    size_t announced;
    /* by bearer_read() */
    size_t read;
    enum call_answer answer;
    /* the answer to HEAD has no body */
    bool head;
    /* lines that a handler added */
    char *headers;
    size_t headers_length;
    bool cache_said;
    /* the body has the type that the route takes */
    bool typed;
    struct exchange exchange;
};

/* The parameters of the route, from path and query, into call->values. BEARER_OK;
 * BEARER_BAD_PARAMETERS, with the body of the answer in `faults`; BEARER_BAD_ENCODING; or
 * BEARER_DENIED: out of memory. In parameters.c. */
enum bearer_code call_parameters(struct bearer_call *call, struct text *faults);

/* The body of the route, if it takes one, as the route says. As call_parameters(), and
 * BEARER_BODY_TYPE, BEARER_BODY_LARGE, BEARER_BODY_CUT. In body.c. */
enum bearer_code call_body(struct bearer_call *call, struct text *faults);

/* Adds one fault to the body of an answer 422: its type, where it is (`name` NULL: in all of the
 * place), what is wrong, and why a text is no JSON (NULL: nothing of it). In faults.c, as the next
 * is. */
void faults_add(struct text *faults, const char *type, const char *place, const char *name,
                const char *message, const char *error);
/* Ends it. */
void faults_end(struct text *faults);

/* The value of the one param of this name; NULL: there is none, or several. */
const char *call_param(const struct bearer_call *call, const char *name);

/* Completes the response and sends it, for who has filled it. In reply.c. */
void call_send(struct bearer_call *call);

/* How long who is waited for has, by the configuration. */
void call_wait(struct bearer_call *call, enum wire_wait wait);

#endif
