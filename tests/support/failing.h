/* SPDX-License-Identifier: MIT */
/* Calls that fail on demand: for a test program that is linked with failing.c, or for any program,
 * as failing.so (see failing_preload.c), told what to do through memory that is shared with it. */
#ifndef FAILING_H
#define FAILING_H

#include <stdbool.h>

/* The kinds of calls that are counted. */
enum failing_kind {
    FAILING_NOTHING,
    /* malloc, calloc, realloc, strdup: by the program, json-c, libc */
    FAILING_MEMORY,
    /* the same, by GnuTLS, libfcgi, libcurl and what they bring along */
    FAILING_LIBRARIES,
    /* open, openat */
    FAILING_OPEN,
    /* read, pread */
    FAILING_READ,
    /* write, pwrite */
    FAILING_WRITE,
    /* fsync */
    FAILING_SYNC,
    /* renameat */
    FAILING_RENAME,
    /* unlinkat */
    FAILING_UNLINK,
    /* stat, fstat, lstat, fstatat, access, readlink, readlinkat */
    FAILING_STAT,
    /* flock */
    FAILING_LOCK,
    /* posix_fallocate, mkdir */
    FAILING_SPACE,
    /* close, which closes all the same */
    FAILING_CLOSE,
    /* pipe2, eventfd, fcntl where it sets or copies: no descriptor is left */
    FAILING_COPY,
    /* posix_spawn */
    FAILING_SPAWN,
    /* poll, waitpid */
    FAILING_POLL,
    /* clock_gettime, getrandom */
    FAILING_CLOCK,
    /* of failing.so: real exhaustion. From main() on there are nth - 1 pages of memory, nth up to
     * FAILING_PAGES_MAX */
    FAILING_PAGES,
    FAILING__MAX
};

#define FAILING_PAGES_MAX 80

/* Their names, in failing_kinds.c. */
extern const char *const failing_kinds[FAILING__MAX];

struct failing {
    /* of the calls that are counted and fail */
    enum failing_kind kind;
    /* the call that fails, counted from 1; 0: none does */
    unsigned long nth;
    /* and all after it */
    bool onwards;
    /* of this kind, since it was set to 0 */
    unsigned long calls;
    /* one that failed was on a standard stream or a socket: an answer may have been lost */
    bool wire;
    /* the first one that failed: its library, and where in it */
    char where[96];
    /* allocated and not yet freed, by anybody, armed or not */
    long blocks;
    /* as long as it is set, the next two are counted */
    bool counting;
    /* of memory in such blocks, with what the allocator puts before them */
    long octets;
    /* octets there were at once, what is moved counted twice */
    long most;
    /* What failing.so adds, about the program it is loaded with. */
    /* main() was reached: calls count from there on. Before it two of the 22 allocations of libc
     * and its like crash a program while libraries are loaded, and where one of GnuTLS's 1,240
     * fails, GnuTLS refuses everything from then on: 503 (measured, GnuTLS 3.7.9). */
    bool started;
    /* it waits in accept4() for a connection: a worker that is done with all before */
    bool accepting;
    /* main() has returned; what follows is as it was then */
    bool ended;
    /* open */
    int descriptors;
    long blocks_left;
};

extern struct failing *failing;

#endif
