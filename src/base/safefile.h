/* SPDX-License-Identifier: MIT */
/* Files and directories that decide who gets in: read only if nobody else could have written
 * them. */
#ifndef FB_BASE_SAFEFILE_H
#define FB_BASE_SAFEFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/diag.h"
#include "base/safepath.h"

/* Opens and reads the file at `path` (absolute), at most `max` bytes. It must be regular, owned by
 * root, by our effective user or by `also` (the owner of the program; (uid_t)-1: nobody), not
 * writable by group or others, and likewise every directory on the way, but for those of root with
 * the sticky bit (safepath.h). SAFE_OK: *text is the caller's, NUL-terminated, *length without the
 * NUL; *identity (may be NULL) is its fstat. SAFE_MISSING: there is no such file. SAFE_FAILED:
 * anything else. The message in `diag` names the path and the chmod or chown to run. */
enum safe_result safe_read(const char *path, uid_t also, size_t max, char **text, size_t *length,
                           struct stat *identity, struct diag *diag);

/* The same checks without reading. */
enum safe_result safe_check(const char *path, uid_t also, struct diag *diag);

/* The same, and the file open for reading: the caller's to close. -1: it is missing, or will not
 * do. */
int safe_open(const char *path, uid_t also, struct diag *diag);

/* Opens (O_PATH) the directory in which the last component of `path` (absolute) lies, with the same
 * checks on it and on all above it. *base is that component, in `path`; "." for "/" and what ends
 * in a slash. The descriptor is the caller's; -1 with a message and errno (ENOENT: it is missing;
 * EPERM: it will not do). */
int safe_parent(const char *path, uid_t also, const char **base, struct diag *diag);

/* True if both are the same unchanged file: device, inode, size, mtime and ctime. */
bool safe_same(const struct stat *one, const struct stat *other);

/* Reads to the end, or until `buffer` is full; *length is how much. False with errno set if a read
 * failed. */
bool safe_read_all(int fd, void *buffer, size_t size, size_t *length);

/* Writes all of it, or returns false with errno set. */
bool safe_write_all(int fd, const void *bytes, size_t length);

#endif
