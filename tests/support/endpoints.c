/* SPDX-License-Identifier: MIT */
/* Endpoints that try what handlers may do, and what they should not. */
#include <bearer-app.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The process that answers. */
static int show_process(struct bearer_call *call, void *state)
{
    char text[40];
    (void)state;
    snprintf(text, sizeof text, "%ld\n", (long)getpid());
    return bearer_reply(call, 200, "text/plain", text, strlen(text));
}

static int echo(struct bearer_call *call, void *state)
{
    size_t length = 0;
    const char *body = bearer_body(call, &length);
    (void)state;
    return bearer_reply(call, 200, "application/octet-stream", body, length);
}

/* How many octets come piece by piece, and how it ends. */
static int count(struct bearer_call *call, void *state)
{
    char piece[4096];
    char text[60];
    size_t total = 0;
    long n = 1;
    (void)state;
    while ((n = bearer_read(call, piece, sizeof piece)) > 0) {
        total += (size_t)n;
    }
    snprintf(text, sizeof text, "%zu octets, %s\n", total, n == 0 ? "whole" : "not whole");
    return bearer_reply(call, 200, "text/plain", text, strlen(text));
}

/* The second word is sent when this file is there. */
static int stream(struct bearer_call *call, void *state)
{
    (void)state;
    bearer_begin(call, 200, "text/event-stream");
    bearer_write(call, "one\n", 4);
    while (access(bearer_string(call, "until"), F_OK) != 0) {
        poll(NULL, 0, 10);
    }
    return bearer_write(call, "two\n", 4);
}

static int stream_for_ever(struct bearer_call *call, void *state)
{
    static const char piece[1000];
    (void)state;
    bearer_begin(call, 200, "application/octet-stream");
    while (bearer_write(call, piece, sizeof piece) == 0) {
        poll(NULL, 0, 1);
    }
    bearer_log(call, "the client is gone");
    return 0;
}

static int break_off(struct bearer_call *call, void *state)
{
    (void)state;
    bearer_begin(call, 200, "text/plain");
    bearer_write(call, "half", 4);
    return -1;
}

static int hang(struct bearer_call *call, void *state)
{
    (void)state;
    while (bearer_given(call, "none") == 0) { /* there is none, ever */
        poll(NULL, 0, 1000);
    }
    return 0;
}

/* Longer than a peer may take; says how often a system call was interrupted. */
static int take_time(struct bearer_call *call, void *state)
{
    char text[40];
    int interrupted = 0;
    (void)state;
    for (int i = 0; i < 5; i++) {
        interrupted += poll(NULL, 0, 1000) != 0;
    }
    snprintf(text, sizeof text, "interrupted %d times\n", interrupted);
    return bearer_reply(call, 200, "text/plain", text, strlen(text));
}

static int crash(struct bearer_call *call, void *state)
{
    (void)call;
    (void)state;
    abort();
}

static int twice(struct bearer_call *call, void *state)
{
    (void)state;
    bearer_reply(call, 200, "text/plain", "first\n", 6);
    return bearer_reply(call, 500, "text/plain", "second\n", 7);
}

static int setup(struct bearer_app *app, void **state)
{
    (void)state;
    bearer_app_route(app, "GET", "/process", BEARER_PUBLIC, show_process, NULL);
    bearer_route_body(bearer_app_route(app, "POST", "/echo", BEARER_PUBLIC, echo, NULL),
                      "application/octet-stream", 200000, NULL);
    bearer_route_body(bearer_app_route(app, "POST", "/private", "scope=write", echo, NULL),
                      "application/octet-stream", 200000, NULL);
    bearer_route_upload(bearer_app_route(app, "POST", "/count", BEARER_PUBLIC, count, NULL),
                        "application/octet-stream", (size_t)1 << 40);
    bearer_route_param(bearer_app_route(app, "GET", "/stream", BEARER_PUBLIC, stream, NULL),
                       "query until string");
    bearer_app_route(app, "GET", "/for-ever", BEARER_PUBLIC, stream_for_ever, NULL);
    bearer_app_route(app, "GET", "/broken", BEARER_PUBLIC, break_off, NULL);
    bearer_route_param(bearer_app_route(app, "GET", "/hang", BEARER_PUBLIC, hang, NULL),
                       "query none string optional");
    bearer_app_route(app, "GET", "/long", BEARER_PUBLIC, take_time, NULL);
    bearer_app_route(app, "GET", "/crash", BEARER_PUBLIC, crash, NULL);
    bearer_app_route(app, "GET", "/twice", BEARER_PUBLIC, twice, NULL);
    if (getenv("BAD_ROUTE") != NULL) {
        bearer_app_route(app, "GET", "/bad", NULL, twice, NULL);
    }
    return getenv("BAD_SETUP") != NULL ? 7 : 0;
}

int main(int argc, char **argv)
{
    return bearer_app_main(argc, argv, "Endpoints for tests 0.1", setup, NULL);
}
