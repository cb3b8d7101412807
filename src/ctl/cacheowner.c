#include "cacheowner.h"

#include <stddef.h>
#include <sys/stat.h>
#include <unistd.h>

#include "users.h"

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
