/* SPDX-License-Identifier: MIT */
/* One answer, from its parts to the bytes a web server expects from a CGI or FastCGI program (RFC
 * 3875, section 6). */
#ifndef FB_ANSWER_RESPONSE_H
#define FB_ANSWER_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "door/door.h"

struct response {
    /* 0: never set; a 500 of our own is sent instead, nothing of this */
    unsigned status;
    /* JSON unless it is a page, or `type` says otherwise; borrowed; NULL: none */
    const char *body;
    size_t body_length;
    /* media type, of a body that comes later too; NULL: that of `body` */
    const char *type;
    /* header lines of an endpoint's own, each with its line end; borrowed */
    const char *headers;
    size_t headers_length;
    /* nobody knows how long the body will be, which comes later */
    bool streamed;
    /* value of Allow; NULL: none */
    const char *allow;
    /* seconds; 0: none */
    unsigned retry_after;
    bool no_store;
    /* CORS: what may be sent is said, too */
    bool preflight;
    /* the header that holds a token, for a preflight; NULL: Authorization */
    const char *token_header;
    /* whose pages may read it (cors.h), or `*`; "": not this one's; NULL: no CORS */
    const char *cors_origin;
    /* the body is HTML, with this Content-Security-Policy; NULL: it is JSON */
    const char *policy;
    /* body or variables if made for this answer: who sends it releases it, free() */
    char *own;
    /* an authorizer's yes: these header lines and nothing else (variables.h); borrowed */
    const char *variables;
    /* value of WWW-Authenticate; empty: none */
    char challenge[768];
    /* where a denial keeps its body */
    char detail[256];
};

/* Where the bytes go. */
struct sink {
    void (*write)(void *context, const char *bytes, size_t length);
    void *context;
};

/* Whether an answer may have this status. */
bool response_has_status(unsigned status);

/* An answer that was never set, its texts empty: all that has to be so before it is filled, and far
 * less than all of it. */
void response_begin(struct response *response);

/* Fills `response` for a denial: status, body and challenge (challenge.c) come from the outcome
 * table and the configuration only. `realm` is checked configuration; `verdict` has what was
 * required, which is named to the client where it could do something about it: without credentials,
 * and where the token does not meet it. Either may be NULL. */
void response_deny(struct response *response, enum bearer_code code, const char *realm,
                   const struct verdict *verdict);

/* Fills it for a good answer; `body` stays the caller's until it is sent. */
void response_json(struct response *response, const char *body, size_t length);

/* The same with an HTML page and its Content-Security-Policy, a constant. */
void response_page(struct response *response, const char *page, size_t length, const char *policy);

/* Sends it. `head`: all but the body, Content-Length as if it were there (RFC 9110, section
 * 9.3.2). */
void response_send(const struct response *response, bool head, const struct sink *sink);

#endif
