#include "cacheowner.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Supplementary groups of the user as well: the configuration may be readable by them alone. */
static bool take_groups(uid_t uid, gid_t gid)
{
    const struct passwd *user = getpwuid(uid);
    return user != NULL ? initgroups(user->pw_name, user->pw_gid) == 0 && setgid(user->pw_gid) == 0
                        : setgroups(0, NULL) == 0 && setgid(gid) == 0;
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
    if (!take_groups(status.st_uid, status.st_gid) || setuid(status.st_uid) != 0 || setuid(0) == 0) {
        diag_set(diag, "cannot become uid %ld, the owner of %s: %s", (long)status.st_uid, path,
                 strerror(errno));
        return false;
    }
    return true;
}
