/* SPDX-License-Identifier: MIT */
/* What browsers need, for config_kinds.c: whose pages may read answers, and where the files of
 * Swagger UI are. */
#ifndef FB_CONFIG_CONFIG_WEB_H
#define FB_CONFIG_CONFIG_WEB_H

#include "config/config_types.h"

struct config_build;

/* Takes a list of origins as browsers send them, or "*" alone: `field` is a char **. */
void config_take_origins(struct config_build *build, enum config_name name, const char *text,
                         void *field);

/* Takes off, on or a path: `field` is a char *, which becomes NULL, "" or the path. The letters of
 * a path mean nothing in HTML. */
void config_take_docs(struct config_build *build, enum config_name name, const char *text,
                      void *field);

/* Takes the name of a request header: `field`, a char *, is that of its CGI variable, or NULL for
 * Authorization. */
void config_take_header(struct config_build *build, enum config_name name, const char *text,
                        void *field);

#endif
