/* SPDX-License-Identifier: MIT */
/* The directory of profiles: which NAME.env files there are, and whether they are still the
 * same. */
#ifndef FB_CONFIG_CONFIG_FOLDER_H
#define FB_CONFIG_CONFIG_FOLDER_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "config/config_types.h"

struct config_folder {
    /* of what each NAME.env is: another one when a file has come, gone or changed. 0: none */
    uint64_t sum;
    /* errno: it cannot be looked at, ENOENT: it is not there */
    int error;
    /* the latest change of a file */
    struct timespec newest;
    /* a file that ends in .env and is no profile's; empty: there is none */
    char stray[NAME_MAX + 1];
    /* profiles, `default` not counted; those that are more than there may be have no name here */
    size_t count;
    /* in the order of their octets */
    char names[CONFIG_PROFILES_MAX - 1][CONFIG_PROFILE_NAME_MAX + 1];
};

/* Looks. NULL: there is no directory, as if it were empty. Files whose name begins with a dot, or
 * does not end in .env, are an editor's, or not ours. */
void config_folder_look(const char *path, struct config_folder *folder);

#endif
