/* SPDX-License-Identifier: MIT */
/* What a configuration hands on to another process. */
#ifndef FB_CONFIG_CONFIG_ENVIRONMENT_H
#define FB_CONFIG_CONFIG_ENVIRONMENT_H

#include "config/config_types.h"

/* The settings as an environment for `bearerctl refresh`, which then needs no file: PATH, LANG,
 * BEARER_CONFIG= (empty), BEARER_HOME (so that it sees the owner of the same program), every
 * setting that was given, and BEARER_CACHE_DIR as resolved. NULL-terminated, released with
 * config_environment_free(); NULL: out of memory. */
char **config_environment(const struct config *config);
void config_environment_free(char **environment);

#endif
