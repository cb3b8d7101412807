/* SPDX-License-Identifier: MIT */
#include "issuer/storedir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/safefile.h"
#include "base/safepath.h"

/* A directory of the issuer, below the one before it in the table; `name` NULL: DIR itself. */
struct level {
    const char *name;
    /* as it is made, whatever the umask */
    mode_t mode;
};

enum { LEVEL_DIR, LEVEL_PRIVATE, LEVEL_WWW, LEVEL_WELL_KNOWN };

static const struct level levels[] = {[LEVEL_DIR] = {NULL, 0755},
                                      [LEVEL_PRIVATE] = {PRIVATE, 0700},
                                      [LEVEL_WWW] = {"www", 0755},
                                      [LEVEL_WELL_KNOWN] = {".well-known", 0755}};

/* The level as people know it: below DIR as they wrote it. */
static const char *level_path(char out[SAFE_SHOWN_MAX], const struct store_dirs *dirs, size_t level)
{
    char path[SAFE_SHOWN_MAX];
    (void)snprintf(path, sizeof path, "%s%s%s%s%s", dirs->path, level > LEVEL_DIR ? "/" : "",
                   level == LEVEL_WELL_KNOWN ? levels[LEVEL_WWW].name : "",
                   level == LEVEL_WELL_KNOWN ? "/" : "",
                   level > LEVEL_DIR ? levels[level].name : "");
    return safe_shown(out, path);
}

/* The level `name` in `above` could not be opened as a directory of its own. */
static int tell_not_opened(const struct store_dirs *dirs, int above, const char *name, size_t level,
                           bool make, struct diag *diag)
{
    const int error = errno;
    struct stat st;
    char path[SAFE_SHOWN_MAX];
    level_path(path, dirs, level);
    if (fstatat(above, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode)) {
        char owner[64];
        diag_set(diag,
                 "%s is a symbolic link of %s's, which is not followed: remove it, or name the "
                 "directory itself",
                 path, safe_user(owner, sizeof owner, st.st_uid));
        return EX_NOPERM;
    }
    if (make) {
        diag_set(diag, "%s: %s: it must be a directory", path, strerror(error));
        return EX_CANTCREAT;
    }
    if (level <= LEVEL_PRIVATE) {
        diag_set(diag,
                 "%s is not an issuer's directory (%s: %s): make one with 'bearer-issuer init'",
                 dirs->path, path, strerror(error));
    } else {
        diag_set(diag, "%s: %s: put the directory back", path, strerror(error));
    }
    return EX_NOINPUT;
}

/* Who cannot keep a directory to himself has no private keys, and does not decide what is
 * published. */
static int check_level(const struct store_dirs *dirs, const struct stat *st, size_t level,
                       struct diag *diag)
{
    char path[SAFE_SHOWN_MAX];
    char owner[64];
    level_path(path, dirs, level);
    if (st->st_uid != geteuid()) {
        safe_user(owner, sizeof owner, st->st_uid);
        diag_set(
            diag,
            "%s belongs to %s: run this command as that user (sudo -u %s bearer-issuer ...), or "
            "name a directory of your own",
            path, owner, owner);
    } else if (level == LEVEL_PRIVATE && (st->st_mode & 077) != 0) {
        diag_set(diag, "%s is open to other users: run chmod 700 %s", path, path);
    } else if ((st->st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        diag_set(diag,
                 "%s can be written by its group or by everybody (mode %04o): run chmod go-w %s",
                 path, (unsigned)(st->st_mode & 07777), path);
    } else {
        return 0;
    }
    return EX_NOPERM;
}

/* Opens the level `name` in the directory `above`, no link; `make`: after making it if it is
 * missing. What is there already is left as it is. */
static int open_level(const struct store_dirs *dirs, int above, const char *name, size_t level,
                      bool make, int *fd, struct diag *diag)
{
    struct stat st;
    char path[SAFE_SHOWN_MAX];
    bool made = make && mkdirat(above, name, 0700) == 0;
    if (make && !made && errno != EEXIST) {
        diag_set(diag, "cannot make the directory %s: %s", level_path(path, dirs, level),
                 strerror(errno));
        return EX_CANTCREAT;
    }
    *fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*fd < 0 || fstat(*fd, &st) != 0) {
        return tell_not_opened(dirs, above, name, level, make, diag);
    }
    int status = check_level(dirs, &st, level, diag);
    if (status == 0 && made && fchmod(*fd, levels[level].mode) != 0) {
        diag_set(diag, "cannot make the directory %s: %s", level_path(path, dirs, level),
                 strerror(errno));
        return EX_CANTCREAT;
    }
    return status;
}

/* DIR from the root of the file system, without slashes at its end; the caller's. NULL with
 * errno. */
static char *absolute(const char *path)
{
    size_t length = strlen(path);
    char *here CLEANUP(cleanup_free) = path[0] == '/' ? strdup("") : getcwd(NULL, 0);
    char *made = NULL;
    while (length > 1 && path[length - 1] == '/') {
        length--; /* a link with a slash behind it would be followed */
    }
    if (length == 0) {
        errno = ENOENT;
        return NULL;
    }
    return here != NULL && asprintf(&made, "%s%s%.*s", here, path[0] == '/' ? "" : "/", (int)length,
                                    path) >= 0
               ? made
               : NULL;
}

/* The directory that DIR is in. What is above DIR decides what DIR is: nobody else may have a say
 * there. */
static int open_above(const struct store_dirs *dirs, const char *path, bool make, const char **base,
                      int *fd, struct diag *diag)
{
    *fd = path != NULL ? safe_parent(path, (uid_t)-1, base, diag) : -1;
    if (*fd >= 0) {
        return 0;
    }
    if (path != NULL && errno == EPERM) {
        diag_wrap(
            diag,
            "%s could be replaced by others; make it elsewhere, or run this as the user who owns "
            "all of it",
            dirs->path);
        return EX_NOPERM;
    }
    if (make) {
        diag_set(diag, "cannot make the directory %s: %s%s", dirs->path, strerror(errno),
                 errno == ENOENT ? ": make the one above it first" : "");
        return EX_CANTCREAT;
    }
    diag_set(diag, "%s is not an issuer's directory (%s): make one with 'bearer-issuer init'",
             dirs->path, strerror(errno));
    return EX_NOINPUT;
}

int store_directories(struct store_dirs *dirs, bool make, struct diag *diag)
{
    const char *base = NULL;
    int above CLEANUP(cleanup_fd) = -1;
    int dir CLEANUP(cleanup_fd) = -1;
    int www CLEANUP(cleanup_fd) = -1;
    char *path CLEANUP(cleanup_free) = absolute(dirs->path);
    int status = open_above(dirs, path, make, &base, &above, diag);
    if (status == 0) {
        status = open_level(dirs, above, base, LEVEL_DIR, make, &dir, diag);
    }
    if (status == 0) {
        status = open_level(dirs, dir, PRIVATE, LEVEL_PRIVATE, make, &dirs->private_dir, diag);
    }
    if (status == 0) {
        status = open_level(dirs, dir, levels[LEVEL_WWW].name, LEVEL_WWW, make, &www, diag);
    }
    if (status == 0) {
        status = open_level(dirs, www, levels[LEVEL_WELL_KNOWN].name, LEVEL_WELL_KNOWN, make,
                            &dirs->public_dir, diag);
    }
    return status;
}
