/* SPDX-License-Identifier: MIT */
/* Lists: items separated by spaces or commas, in quotes where they hold those. */
#ifndef FB_CONFIG_CONFIG_LIST_H
#define FB_CONFIG_CONFIG_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config_file.h"
#include "config/config_types.h"

struct config_build;

#define CONFIG_SEPARATORS " ,"

/* Takes a list for config_kinds.c: `field` is a char **, which belongs to the configuration at
 * once. There are none of the items, or not all, where an error was said. */
void config_take_list(struct config_build *build, enum config_name name, const char *text,
                      void *field);
void config_release_list(void *field);

/* One item of a list as it is to be written, into `out` of CONFIG_ITEM_MAX octets. False: it cannot
 * be written, or is too long. */
bool config_item(char *out, const char *text, size_t length);

#endif
