/* SPDX-License-Identifier: MIT */
/* Lists of signature algorithms, for config_kinds.c. */
#ifndef FB_CONFIG_CONFIG_ALGORITHMS_H
#define FB_CONFIG_CONFIG_ALGORITHMS_H

#include "config/config_types.h"

struct config_build;

/* Writes the names of a set of JWA_BIT with spaces between them. */
#define CONFIG_ALGORITHMS_MAX 120
void config_write_algorithms(char out[CONFIG_ALGORITHMS_MAX], unsigned algs);

/* Takes names of algorithms separated by spaces or commas: `field` is an unsigned set of JWA_BIT,
 * which is not 0 unless an error was said. Each name that is none is told why and what to write. */
void config_take_algorithms(struct config_build *build, enum config_name name, const char *text,
                            void *field);

#endif
