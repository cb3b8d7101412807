/* SPDX-License-Identifier: MIT */
/* The list of revoked tokens, for an operator: locked, as it stands, and replaced whole. */
#ifndef FB_CTL_REVOKE_LISTFILE_H
#define FB_CTL_REVOKE_LISTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "cli/cli.h"
#include "config/config.h"
#include "door/revoked.h"

struct listfile {
    struct config *config;
    /* absolute, without links */
    char *path;
    /* the directory it is in, O_PATH, and its name there, in `path` */
    int dir;
    const char *base;
    /* the file, which has the lock; -1: it is not locked */
    int file;
    /* of what was read */
    struct stat status;
    char *text;
    size_t length;
    struct revoked *list;
};

#define LISTFILE_NONE                       \
    (struct listfile)                       \
    {                                       \
        .dir = -1, .file = -1, .base = NULL \
    }

/* Opens and reads the list of the workers' configuration, as its owner or that of its directory
 * where root is the caller; `locked`: after waiting for whoever else changes it. -1 to go on, else
 * the exit status, after a message. Release with listfile_clear() in any case. */
int listfile_open(const struct cli *cli, bool locked, struct listfile *file);
void listfile_clear(struct listfile *file); /* for CLEANUP() */

/* Puts this text in the place of the locked file, with its owner, group and mode. -1, or the exit
 * status, after a message: then the list is as it was. */
int listfile_replace(const struct cli *cli, const struct listfile *file, const char *text,
                     size_t length);

#endif
