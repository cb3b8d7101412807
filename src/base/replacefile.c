/* SPDX-License-Identifier: MIT */
#include "base/replacefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/safefile.h"

/* Only what differs: nothing has to be allowed where the new file is already as it should be. */
static bool give_away(int fd, const struct replace_as *as)
{
    struct stat now;
    if (as->owner == (uid_t)-1 && as->group == (gid_t)-1) {
        return true;
    }
    if (fstat(fd, &now) != 0) {
        return false;
    }
    const uid_t owner = as->owner != now.st_uid ? as->owner : (uid_t)-1;
    const gid_t group = as->group != now.st_gid ? as->group : (gid_t)-1;
    return (owner == (uid_t)-1 && group == (gid_t)-1) || fchown(fd, owner, group) == 0;
}

static enum replace_step write_all(int fd, const struct replace_as *as,
                                   const struct replace_piece *pieces, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!safe_write_all(fd, pieces[i].octets, pieces[i].length)) {
            return REPLACE_WRITE;
        }
    }
    if (!give_away(fd, as)) {
        return REPLACE_OWNER;
    }
    return fchmod(fd, as->mode) == 0 && fsync(fd) == 0 ? REPLACE_DONE : REPLACE_WRITE;
}

/* The temporary file with all of it. */
static enum replace_step prepare(int dir, const char *temporary, const struct replace_as *as,
                                 const struct replace_piece *pieces, size_t count)
{
    if (unlinkat(dir, temporary, 0) != 0 && errno != ENOENT) {
        return REPLACE_CREATE;
    }
    int fd CLEANUP(cleanup_fd) =
        openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return REPLACE_CREATE;
    }
    const enum replace_step step = write_all(fd, as, pieces, count);
    if (step != REPLACE_DONE) {
        return step;
    }
    const int written = fd;
    fd = -1;
    return close(written) == 0 ? REPLACE_DONE : REPLACE_WRITE;
}

enum replace_step replace_file(int dir, const char *temporary, const char *name,
                               const struct replace_as *as, const struct replace_piece *pieces,
                               size_t count, bool *synced)
{
    enum replace_step step = prepare(dir, temporary, as, pieces, count);
    if (step == REPLACE_DONE && renameat(dir, temporary, dir, name) != 0) {
        step = REPLACE_RENAME;
    }
    if (step != REPLACE_DONE) {
        const int error = errno;
        (void)unlinkat(dir, temporary, 0);
        errno = error;
        return step;
    }
    const bool done = fsync(dir) == 0;
    if (synced != NULL) {
        *synced = done;
    }
    return REPLACE_DONE;
}
