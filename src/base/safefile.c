/* SPDX-License-Identifier: MIT */
#include "base/safefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/safepath.h"

/* Opens the last component if it is a file. Everything is judged on descriptors, so that what was
 * checked is what is read. */
static enum safe_result open_last(const struct safe_walk *walk, int *fd, struct stat *st,
                                  struct diag *diag)
{
    char word[SAFE_SHOWN_MAX];
    bool regular =
        S_ISREG(st->st_mode); /* before it is opened: opening a device or FIFO may do something */
    if (regular) {
        *fd = openat(walk->dir, walk->base,
                     O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        if (*fd < 0 || fstat(*fd, st) != 0) {
            safe_fail(walk, "read", errno, diag);
            return SAFE_FAILED;
        }
        regular = S_ISREG(st->st_mode);
    }
    if (!regular) {
        diag_set(diag, "%s is not a regular file; put one in its place",
                 safe_shown(word, walk->path));
        return SAFE_FAILED;
    }
    return safe_owner(walk, st, diag) ? SAFE_OK : SAFE_FAILED;
}

/* *fd is the caller's to close, whatever the result. */
static enum safe_result open_checked(const char *path, uid_t also, int *fd, struct stat *st,
                                     struct diag *diag)
{
    char word[SAFE_SHOWN_MAX];
    struct safe_walk walk CLEANUP(safe_walk_clear) = SAFE_WALK_NONE;
    enum safe_result result = safe_walk(&walk, path, also, diag);
    while (result == SAFE_OK) {
        if (*walk.base == '\0' || fstatat(walk.dir, walk.base, st, AT_SYMLINK_NOFOLLOW) != 0) {
            int error = *walk.base == '\0' ? EISDIR : errno;
            result = error == ENOENT ? SAFE_MISSING : SAFE_FAILED;
            if (result == SAFE_FAILED) {
                safe_fail(&walk, "looked at", error, diag);
            }
        } else if (S_ISLNK(st->st_mode)) {
            result = safe_walk_follow(&walk, st, diag);
        } else if (walk.flawed) {
            return SAFE_FAILED;
        } else {
            return open_last(&walk, fd, st, diag);
        }
    }
    if (result == SAFE_MISSING && walk.links == 0) {
        diag_set(diag, "%s does not exist", safe_shown(word, path));
        return SAFE_MISSING;
    }
    if (result == SAFE_MISSING) {
        char target[SAFE_SHOWN_MAX];
        diag_set(diag,
                 "%s is a link to %s, which does not exist; make that file or remove the link",
                 safe_shown(word, path), safe_shown(target, walk.path));
    }
    return SAFE_FAILED;
}

static bool read_text(int fd, size_t max, char **text, size_t *length, const char *path,
                      struct diag *diag)
{
    char word[SAFE_SHOWN_MAX];
    char *buffer CLEANUP(cleanup_free) = max < SIZE_MAX ? malloc(max + 1) : NULL;
    if (buffer == NULL) {
        diag_set(diag, "out of memory");
        return false;
    }
    size_t used = 0;
    if (!safe_read_all(fd, buffer, max + 1,
                       &used)) { /* one octet more than allowed shows that there is more */
        diag_set(diag, "%s cannot be read: %s", safe_shown(word, path), strerror(errno));
        return false;
    }
    if (used > max) {
        diag_set(diag, "%s is longer than %zu bytes", safe_shown(word, path), max);
        return false;
    }
    buffer[used] = '\0';
    char *fitting = realloc(buffer, used + 1);
    if (fitting != NULL) {
        buffer = fitting;
    }
    *text = steal(&buffer);
    *length = used;
    return true;
}

enum safe_result safe_read(const char *path, uid_t also, size_t max, char **text, size_t *length,
                           struct stat *identity, struct diag *diag)
{
    *text = NULL;
    *length = 0;
    int fd CLEANUP(cleanup_fd) = -1;
    struct stat st;
    enum safe_result result = open_checked(path, also, &fd, &st, diag);
    if (result != SAFE_OK) {
        return result;
    }
    if (!read_text(fd, max, text, length, path, diag)) {
        return SAFE_FAILED;
    }
    if (identity != NULL) {
        *identity = st; /* from before reading: a change meanwhile shows as one */
    }
    return SAFE_OK;
}

enum safe_result safe_check(const char *path, uid_t also, struct diag *diag)
{
    int fd CLEANUP(cleanup_fd) = -1;
    struct stat st;
    return open_checked(path, also, &fd, &st, diag);
}

int safe_open(const char *path, uid_t also, struct diag *diag)
{
    struct stat st;
    int fd = -1;
    if (open_checked(path, also, &fd, &st, diag) != SAFE_OK) {
        cleanup_fd(&fd);
        return -1;
    }
    return fd;
}

int safe_parent(const char *path, uid_t also, const char **base, struct diag *diag)
{
    struct safe_walk walk CLEANUP(safe_walk_clear) = SAFE_WALK_NONE;
    enum safe_result result = safe_walk(&walk, path, also, diag);
    const char *slash = strrchr(path, '/');
    *base = slash != NULL && slash[1] != '\0' ? slash + 1 : ".";
    if (result == SAFE_MISSING) {
        char word[SAFE_SHOWN_MAX];
        diag_set(diag, "%s: its directory does not exist", safe_shown(word, path));
    }
    if (result != SAFE_OK || walk.flawed) {
        errno = result == SAFE_MISSING ? ENOENT : EPERM;
        return -1;
    }
    int dir = walk.dir;
    walk.dir = -1;
    return dir;
}

bool safe_same(const struct stat *one, const struct stat *other)
{
    return one->st_dev == other->st_dev && one->st_ino == other->st_ino &&
           one->st_size == other->st_size && one->st_mtim.tv_sec == other->st_mtim.tv_sec &&
           one->st_mtim.tv_nsec == other->st_mtim.tv_nsec &&
           one->st_ctim.tv_sec == other->st_ctim.tv_sec &&
           one->st_ctim.tv_nsec == other->st_ctim.tv_nsec;
}

bool safe_read_all(int fd, void *buffer, size_t size, size_t *length)
{
    char *at = buffer;
    *length = 0;
    while (*length < size) {
        ssize_t n = read(fd, at + *length, size - *length);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0) {
            return false;
        }
        if (n == 0) {
            break;
        }
        *length += (size_t)n;
    }
    return true;
}

bool safe_write_all(int fd, const void *bytes, size_t length)
{
    const char *next = bytes;
    while (length > 0) {
        ssize_t n = write(fd, next, length);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            if (n == 0) {
                errno = EIO;
            }
            return false;
        }
        next += n;
        length -= (size_t)n;
    }
    return true;
}
