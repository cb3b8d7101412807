/* SPDX-License-Identifier: MIT */
/* The answer to one request: an endpoint's, or a guard's. */
#ifndef FB_APP_APP_H
#define FB_APP_APP_H

#include "answer/response.h"
#include "guard/guard.h"

/* Answers the request described by `params` (NAME=value, NULL-terminated) to `sink`. Lines go to
 * `log_sink`. Always sends exactly one answer. `context` is the struct guard of this process. */
void app_answer(void *context, char *const *params, const struct sink *sink,
                const struct sink *log_sink);

#endif
