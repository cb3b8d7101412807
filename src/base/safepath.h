/* SPDX-License-Identifier: MIT */
/* The way to what decides who gets in. Every level of a path is opened from the one above it, by
 * descriptor, and judged there: what was judged is what is used, and what a name stands for later
 * does not matter. */
#ifndef FB_BASE_SAFEPATH_H
#define FB_BASE_SAFEPATH_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/diag.h"

enum safe_result { SAFE_FAILED = 0, SAFE_OK, SAFE_MISSING };

#define SAFE_SHOWN_MAX 280 /* octets of a path in a message: three fit into a diag */

struct safe_walk {
    /* where we are going, absolute: as it was asked, or what links have made of it */
    char *path;
    /* as in safe_read() */
    uid_t also;
    /* followed so far */
    unsigned links;
    /* a level, or a link, will not do: what is at the end must not be used */
    bool flawed;
    /* once walked: the directory of the last component, O_PATH; else -1 */
    int dir;
    /* of that directory */
    struct stat st;
    /* the last component, in `path`; empty if it ends in a slash */
    const char *base;
};

#define SAFE_WALK_NONE                      \
    (struct safe_walk)                      \
    {                                       \
        .path = NULL, .dir = -1, .base = "" \
    }

/* Walks from the root to the directory of the last component of `path` (absolute). Each level has
 * to belong to root, to our effective user or to `also`, and to be writable by nobody else, as
 * sshd's StrictModes wants it. One exception is a directory of root with the sticky bit (/tmp, a
 * volume of Kubernetes): there nobody can replace what is another's, so what counts is whose the
 * thing in it is. A link on the way is followed like a path of its own, if nobody else can have put
 * it there. Where a level will not do the walk goes on, to see whether there is anything at the
 * end: SAFE_OK then means walk->flawed, and `diag` names the first such level, whose it is, and
 * what to run. SAFE_MISSING: a level is not there. SAFE_FAILED: with a message. Release with
 * safe_walk_clear() in any case. */
enum safe_result safe_walk(struct safe_walk *walk, const char *path, uid_t also, struct diag *diag);

/* The last component is a link, and `st` its own status: walks on to where it points. */
enum safe_result safe_walk_follow(struct safe_walk *walk, const struct stat *st, struct diag *diag);

void safe_walk_clear(struct safe_walk *walk); /* for CLEANUP() */

/* Whether the owner and mode of a file or directory at walk->path, in walk->dir, will do. */
bool safe_owner(const struct safe_walk *walk, const struct stat *st, struct diag *diag);

/* The path as a word for the shell, since messages hold commands to copy. */
const char *safe_shown(char out[SAFE_SHOWN_MAX], const char *path);

/* The user's name, or "uid N". */
const char *safe_user(char *out, size_t size, uid_t uid);

/* Says that walk->path cannot be `action` ("read"), for this errno. */
void safe_fail(const struct safe_walk *walk, const char *action, int error, struct diag *diag);

#endif
