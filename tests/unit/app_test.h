/* SPDX-License-Identifier: MIT */
/* A program with one endpoint, /private, which answers with the claims of a valid token; for tests
 * of what comes before it. The guard is the test's to begin and to end. */
#ifndef APP_TEST_H
#define APP_TEST_H

#include <stdlib.h>

#include "app/app.h"

static struct bearer_app app;

static int show_claims(struct bearer_call *call, void *state)
{
    size_t length = 0;
    const char *claims = bearer_claims(call, &length);
    (void)state;
    return bearer_reply(call, 200, "application/json", claims, length);
}

static void app_make(void)
{
    if (!app_begin(&app, NULL) ||
        bearer_app_route(&app, "GET", "/private", "valid-token", show_claims, NULL) == NULL) {
        abort();
    }
}

static void app_wait(void *context, enum wire_wait wait, unsigned handler, unsigned stream)
{
    (void)context;
    (void)wait;
    (void)handler;
    (void)stream;
}

/* Asks it. The answer goes to `out`, log lines to `err`. */
static void app_ask(char *const *params, const struct sink *out, const struct sink *err)
{
    const struct wire wire = {.out = *out, .err = *err, .wait = app_wait};
    app_answer(&app, params, &wire);
}

#endif
