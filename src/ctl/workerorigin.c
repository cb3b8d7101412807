/* SPDX-License-Identifier: MIT */
#include "ctl/workerorigin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

extern char **environ;

/* The file itself of `dir`/bearer.fcgi, behind any link: a worker sees that one as its own. The
 * caller's; NULL if there is none. */
static char *program_in(const char *dir, struct stat *status)
{
    char *path CLEANUP(cleanup_free) = NULL;
    if (asprintf(&path, "%s/bearer.fcgi", dir) < 0) {
        path = NULL;
        return NULL;
    }
    char *real CLEANUP(cleanup_free) = realpath(path, NULL);
    return real != NULL && stat(real, status) == 0 && S_ISREG(status->st_mode) ? steal(&real)
                                                                               : NULL;
}

bool worker_origin(struct config_origin *origin)
{
    struct stat status;
    config_origin_self(origin, environ);
    bool named = getenv("BEARER_HOME") != NULL;
    char *program CLEANUP(cleanup_free) =
        origin->program_dir != NULL ? program_in(origin->program_dir, &status) : NULL;
    if (program == NULL && !named) {
        program = program_in(FB_PKGLIBEXECDIR, &status);
    }
    if (program == NULL) {
        return false;
    }
    origin->program_owner = status.st_uid;
    if (named) {
        return true; /* that is the folder, wherever the program itself is */
    }
    char *slash = strrchr(program, '/');
    slash[slash == program ? 1 : 0] = '\0';
    free(origin->program_dir);
    origin->program_dir = steal(&program);
    return true;
}
