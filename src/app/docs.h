/* SPDX-License-Identifier: MIT */
/* The documentation of the endpoints, where BEARER_DOCS is set: /docs, a page for people, and
 * /openapi.json, which it shows. */
#ifndef FB_APP_DOCS_H
#define FB_APP_DOCS_H

#include "app/route.h"

struct text;

handler handle_docs;    /* Swagger UI, or how to have it */
handler handle_openapi; /* in openapi.c */

/* Writes what OpenAPI 3.1 says of these endpoints, one JSON object. `title` is UTF-8. */
void openapi_write(struct text *text, const struct route *routes, size_t count, const char *title,
                   const char *token_header);

#endif
