/* SPDX-License-Identifier: MIT */
/* Settings that name another machine, for config_kinds.c: each `field` is a char *. */
#ifndef FB_CONFIG_CONFIG_REMOTE_H
#define FB_CONFIG_CONFIG_REMOTE_H

#include "config/config_types.h"

struct config_build;

/* Takes a bare host name in lower case, as issuers write themselves. */
void config_take_host(struct config_build *build, enum config_name name, const char *text,
                      void *field);

/* Takes where keys are: an https URL, or file:///PATH, of which the path goes into
 * config->jwks_file and `field` stays NULL. */
void config_take_keys(struct config_build *build, enum config_name name, const char *text,
                      void *field);

/* Takes the URL of a proxy. It may hold a password, so no message shows it. */
void config_take_proxy(struct config_build *build, enum config_name name, const char *text,
                       void *field);

#endif
