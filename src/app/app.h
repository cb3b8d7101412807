/* SPDX-License-Identifier: MIT */
/* The answer to one request: an endpoint's, or a guard's. */
#ifndef FB_APP_APP_H
#define FB_APP_APP_H

#include "answer/wire.h"
#include "app/route.h"

struct token;

/* An app without routes but those of the documentation, whose guard has not begun. False: out of
 * memory, which app->no_memory says, too: then every answer is 500. Ended by app_end() in any
 * case. */
bool app_begin(struct bearer_app *app, const char *title);
void app_end(struct bearer_app *app);

/* Answers the request described by `params` (NAME=value, NULL-terminated) to `wire`. Always sends
 * exactly one answer, or a part of one whose connection is then cut. `context` is the struct
 * bearer_app of this process, whose guard has begun. */
void app_answer(void *context, char *const *params, const struct wire *wire);

/* The same for who is known already, without a configuration and a guard: `token` is verified;
 * NULL: nobody. `typed`: a body has the type that the route takes. */
void app_answer_known(struct bearer_app *app, char *const *params, const struct wire *wire,
                      struct token *token, bool typed);

#endif
