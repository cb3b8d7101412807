/* SPDX-License-Identifier: MIT */
/* The directories of an issuer, as store.h draws them. */
#ifndef FB_ISSUER_STOREDIR_H
#define FB_ISSUER_STOREDIR_H

#include <stdbool.h>

#include "base/diag.h"

#define PRIVATE    "private"
#define WELL_KNOWN "www/.well-known"

struct store_dirs {
    /* as the user wrote it, borrowed */
    const char *path;
    int private_dir, public_dir;
};

/* Opens dirs->private_dir and dirs->public_dir, in the directory dirs->path; `make`: after making
 * what is missing. 0, or an exit status with a message that names the level, whose it is and what
 * to do; what is open then is the caller's to close all the same. */
int store_directories(struct store_dirs *dirs, bool make, struct diag *diag);

#endif
