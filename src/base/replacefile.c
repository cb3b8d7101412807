/* SPDX-License-Identifier: MIT */
#include "base/replacefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/safefile.h"

static bool write_all(int fd, mode_t mode, const struct replace_piece *pieces, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!safe_write_all(fd, pieces[i].octets, pieces[i].length)) {
            return false;
        }
    }
    return fchmod(fd, mode) == 0 && fsync(fd) == 0;
}

/* The temporary file with all of it. */
static enum replace_step prepare(int dir, const char *temporary, mode_t mode,
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
    if (!write_all(fd, mode, pieces, count)) {
        return REPLACE_WRITE;
    }
    const int written = fd;
    fd = -1;
    return close(written) == 0 ? REPLACE_DONE : REPLACE_WRITE;
}

enum replace_step replace_file(int dir, const char *temporary, const char *name, mode_t mode,
                               const struct replace_piece *pieces, size_t count, bool *synced)
{
    enum replace_step step = prepare(dir, temporary, mode, pieces, count);
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
