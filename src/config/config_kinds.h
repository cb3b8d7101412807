/* SPDX-License-Identifier: MIT */
/* The kinds of settings: how text becomes a value, and how a value is released. */
#ifndef FB_CONFIG_CONFIG_KINDS_H
#define FB_CONFIG_CONFIG_KINDS_H

#include "config/config_types.h"

struct config_build;

/* Fills the member of each setting from what was given or, where nothing was, from the default in
 * its row. Says what is wrong with a value; the member is then of no use. */
void config_take_values(struct config_build *build);

/* Releases the members of all settings. */
void config_release_values(struct config *config);

#endif
