/* SPDX-License-Identifier: MIT */
/* Settings that name a file or a directory of this machine, for config_kinds.c. */
#ifndef FB_CONFIG_CONFIG_PATH_H
#define FB_CONFIG_CONFIG_PATH_H

#include <stdbool.h>

#include "config/config_types.h"

struct config_build;

/* True if this is an absolute path and the file there is safe to use (safefile.h); else an error
 * about the setting. */
bool config_check_file(struct config_build *build, enum config_name name, const char *path);

/* Takes the path of such a file: `field` is a char *. */
void config_take_file(struct config_build *build, enum config_name name, const char *text,
                      void *field);

/* Takes an absolute path, without slashes at its end, whatever is there: `field` is a char *. */
void config_take_path(struct config_build *build, enum config_name name, const char *text,
                      void *field);

#endif
