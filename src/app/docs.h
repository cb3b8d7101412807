/* SPDX-License-Identifier: MIT */
/* What the endpoints say of themselves, where BEARER_DOCS is set: for people, and for tools. */
#ifndef FB_APP_DOCS_H
#define FB_APP_DOCS_H

#include <stdbool.h>

#include "app/route.h"

struct text;

/* Adds /docs and /openapi.json to app->docs. False: out of memory. */
bool docs_add(struct bearer_app *app);

bearer_handler handle_docs;    /* Swagger UI, or how to have it */
bearer_handler handle_openapi; /* in openapi.c */

/* Writes what OpenAPI 3.1 says of the routes from the first one on, one JSON object. `title` and
 * `version` are UTF-8. In openapi.c. */
void openapi_write(struct text *text, const struct bearer_route *first, const char *title,
                   const char *version, const char *token_header);

#endif
