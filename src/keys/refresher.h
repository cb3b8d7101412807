/* SPDX-License-Identifier: MIT */
/* Starting `bearerctl refresh` from a worker, so that nothing of the worker, its requests or a
 * stranger's environment reaches it. */
#ifndef FB_KEYS_REFRESHER_H
#define FB_KEYS_REFRESHER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/diag.h"
#include "base/text.h"

/* The descriptors the child finds, told to it as --lock-fd and --result-fd. */
#define REFRESHER_LOCK_FD   3
#define REFRESHER_RESULT_FD 4

#define REFRESHER_RESULT_MAX (1024 * 1024) /* bytes taken from the child */

struct refresher {
    /* 0: none */
    pid_t pid;
    /* read end of its pipe; -1 once at its end */
    int result;
    /* what came through it; failed: it sent too much, or memory ran out */
    struct text text;
};

/* The absolute path of bearerctl: beside the program, else in bindir; never by PATH. The caller's;
 * NULL if it is in neither. `program_dir` may be NULL. */
char *refresher_find(const char *program_dir);

/* Starts `path` refresh (with --if-changed: "not modified" will do as an answer): standard streams
 * on /dev/null, the lock (-1: none) on REFRESHER_LOCK_FD, a pipe on REFRESHER_RESULT_FD, nothing
 * else open; own session, default signals, `environment` alone. `child` must hold none. The caller
 * keeps its copy of the lock: close it, and the child alone holds the lock. False with a message in
 * `diag`. */
bool refresher_start(const char *path, char *const *environment, int lock, bool if_changed,
                     struct refresher *child, struct diag *diag);

/* Reads what there is and waits at most `wait_ms` for the child to end (0: does not wait; early if
 * `stopping` says so). True: the child has ended or there is none. */
bool refresher_wait(struct refresher *child, int wait_ms, bool (*stopping)(void));

/* Children that were left running: what has started them has to let them go once they have ended.
 * Zero: none. */
struct refresher_left {
    pid_t *pids;
    size_t count;
};

/* Releases the text and the pipe; a child that is still running is left to end by itself, and put
 * into `left` (NULL: this process ends soon). */
void refresher_clear(struct refresher *child, struct refresher_left *left);

/* Lets those go that have ended, and no others of the process: they may be somebody else's. Never
 * waits. */
void refresher_reap_left(struct refresher_left *left);
void refresher_forget_left(struct refresher_left *left);

#endif
