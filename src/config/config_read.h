/* SPDX-License-Identifier: MIT */
/* Collects what was given: the file first, then the process environment over it. */
#ifndef FB_CONFIG_CONFIG_READ_H
#define FB_CONFIG_CONFIG_READ_H

#include <stdbool.h>
#include <sys/types.h>

struct config_build;

/* File and environment into values[], and an error for each name that is none of ours or belongs
 * elsewhere, for each line that is none, and for a text that no setting can have. False, with an
 * error: not all that was given is known, so nothing is to be missed. */
bool config_read(struct config_build *build);

/* The same for a profile beside `default`, from this file alone, which may be that of root, of us
 * or of `also`. False: likewise. */
bool config_read_profile(struct config_build *build, const char *path, uid_t also);

#endif
