/* SPDX-License-Identifier: MIT */
#include "ctl/cacheowner.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/safefile.h"
#include "config/config_origin.h"
#include "ctl/users.h"

/* SAFE_OK if root alone may write it; SAFE_FAILED if *owner is to be believed, or nobody. */
static enum safe_result look(const char *path, uid_t program_owner, struct user *owner)
{
    struct stat status;
    enum safe_result result = safe_check(path, (uid_t)-1, NULL);
    if (result == SAFE_FAILED && program_owner != 0 && program_owner != (uid_t)-1 &&
        safe_check(path, program_owner, NULL) == SAFE_OK && stat(path, &status) == 0) {
        user_of(program_owner, status.st_gid, owner);
    }
    return result;
}

bool configowner_find(const struct config_origin *origin, struct user *owner)
{
    struct config_places places CLEANUP(config_places_clear) = {0};
    enum safe_result result = SAFE_MISSING;
    *owner = (struct user){.uid = 0};
    if (geteuid() != 0 || !config_places(origin, &places)) {
        return false;
    }
    for (size_t i = 0; i < places.count && result == SAFE_MISSING; i++) {
        result = look(places.paths[i], origin->program_owner, owner);
    }
    return owner->uid != 0;
}

bool configowner_become(const struct config_origin *origin, const char *program, struct diag *diag)
{
    struct user owner;
    if (!configowner_find(origin, &owner)) {
        return true;
    }
    if (!user_become(&owner, diag)) {
        return false;
    }
    (void)unsetenv("HOME");
    (void)unsetenv("XDG_CACHE_HOME");
    fprintf(
        stderr,
        "%s: working as %s, the owner of the configuration; if the workers run as another user, "
        "run: sudo -u USER bearerctl ...\n",
        program, owner.name);
    return true;
}

bool cacheowner_become(const char *path, struct diag *diag)
{
    struct stat status;
    if (geteuid() != 0 || path == NULL || lstat(path, &status) != 0 || status.st_uid == 0) {
        return true;
    }
    if (!S_ISDIR(status.st_mode)) {
        diag_set(diag, "%s is not a directory", path);
        return false;
    }
    struct user owner;
    user_of(status.st_uid, status.st_gid, &owner);
    return user_become(&owner, diag);
}
