/* SPDX-License-Identifier: MIT */
/* What pages of other origins may do (the CORS protocol: Fetch standard, section 3.2), where
 * BEARER_CORS_ORIGINS is set. */
#ifndef FB_APP_CORS_H
#define FB_APP_CORS_H

#include "answer/response.h"

/* Completes a responder's answer, whatever it is, to the request with these params. `origins` is
 * the configuration's, and what the answer names is one of them, borrowed: never what the request
 * has. Credentials (cookies) are never allowed. */
void cors_complete(char *const *origins, char *const *params, struct response *response);

#endif
