/* SPDX-License-Identifier: MIT */
/* What a program with endpoints does for a person who starts it. */
#ifndef FB_APP_BYHAND_H
#define FB_APP_BYHAND_H

#include <stdbool.h>

#include "app/route.h"

/* --help, --version, --call, or a look at the configuration. `set_up` has `setup` declare the
 * routes. Returns the exit status. */
int by_hand(struct bearer_app *app, int argc, char **argv,
            bool (*set_up)(struct bearer_app *app, bearer_setup *setup), bearer_setup *setup);

/* Runs one request in this process: "GET /items/1?x=y", the claims of who asks in a file (NULL:
 * nobody), the body in another (NULL: none). The answer goes to standard output. Returns the exit
 * status: EXIT_FAILURE is an answer of 400 or more. */
int call_by_hand(struct bearer_app *app, const char *request, const char *claims, const char *body);

#endif
