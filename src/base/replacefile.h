/* SPDX-License-Identifier: MIT */
/* Replacing a file whole: who reads it sees the old one or the new one, and a crash leaves one of
 * both. */
#ifndef FB_BASE_REPLACEFILE_H
#define FB_BASE_REPLACEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct replace_piece {
    const void *octets;
    size_t length;
};

enum replace_step {
    REPLACE_DONE = 0,
    /* the temporary file could not be made */
    REPLACE_CREATE,
    /* or written */
    REPLACE_WRITE,
    /* or given to its owner and group */
    REPLACE_OWNER,
    /* or put in the place of the old one */
    REPLACE_RENAME,
};

/* What the new file is like. */
struct replace_as {
    mode_t mode;
    /* (uid_t)-1 and (gid_t)-1: as the system makes it */
    uid_t owner;
    gid_t group;
};

/* Our own file, with this mode. */
#define REPLACE_OURS(permissions) \
    (&(const struct replace_as){.mode = (permissions), .owner = (uid_t)-1, .group = (gid_t)-1})

/* Writes the pieces, one behind the other, to `temporary` (O_EXCL, O_NOFOLLOW, then as `as` says,
 * whatever the umask), fsync()s and renames it to `name`, both in `dir`. Who calls holds a lock
 * that keeps others from doing the same: what stands at `temporary` already is what somebody left
 * who was killed, and goes. Where it fails the old file is as it was and errno says why. After a
 * rename the directory is fsync()ed as well; *synced (may be NULL) is whether that could be
 * done. */
enum replace_step replace_file(int dir, const char *temporary, const char *name,
                               const struct replace_as *as, const struct replace_piece *pieces,
                               size_t count, bool *synced);

#endif
