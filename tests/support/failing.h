/* Calls that fail on demand: for a test program that is linked with failing.c, or for any program, as failing.so (see
 * failing_preload.c), told what to do through memory that is shared with it. */
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
    FAILING_OPEN,   /* open, openat */
    FAILING_READ,   /* read, pread */
    FAILING_WRITE,  /* write, pwrite */
    FAILING_SYNC,   /* fsync */
    FAILING_RENAME, /* renameat */
    FAILING_UNLINK, /* unlinkat */
    FAILING_STAT,   /* stat, fstat, lstat, fstatat, access, readlink, readlinkat */
    FAILING_LOCK,   /* flock */
    FAILING_SPACE,  /* posix_fallocate, mkdir */
    FAILING_CLOSE,  /* close, which closes all the same */
    FAILING_COPY,   /* pipe2, eventfd, fcntl where it sets or copies: no descriptor is left */
    FAILING_SPAWN,  /* posix_spawn */
    FAILING_POLL,   /* poll, waitpid */
    FAILING_CLOCK,  /* clock_gettime, getrandom */
    /* of failing.so: real exhaustion. From main() on there are nth - 1 pages of memory, nth up to
     * FAILING_PAGES_MAX */
    FAILING_PAGES,
    FAILING__MAX
};

#define FAILING_PAGES_MAX 80

/* Their names, in failing_kinds.c. */
extern const char *const failing_kinds[FAILING__MAX];

struct failing {
    enum failing_kind kind; /* of the calls that are counted and fail */
    unsigned long nth;      /* the call that fails, counted from 1; 0: none does */
    bool onwards;           /* and all after it */
    unsigned long calls;    /* of this kind, since it was set to 0 */
    bool wire;      /* one that failed was on a standard stream or a socket: an answer may have been lost */
    char where[96]; /* the first one that failed: its library, and where in it */
    long blocks;    /* allocated and not yet freed, by anybody, armed or not */
    bool counting;  /* as long as it is set, the next two are counted */
    long octets;    /* of memory in such blocks, with what the allocator puts before them */
    long most;      /* octets there were at once, what is moved counted twice */
    /* What failing.so adds, about the program it is loaded with. */
    /* main() was reached: calls count from there on. Before it two of the 22 allocations of libc and its like crash a program while libraries are
     * loaded, and where one of GnuTLS's 1,240 fails, GnuTLS refuses everything from then on: 503 (measured, GnuTLS 3.7.9). */
    bool started;
    bool accepting;  /* it waits in accept4() for a connection: a worker that is done with all before */
    bool ended;      /* main() has returned; what follows is as it was then */
    int descriptors; /* open */
    long blocks_left;
};

extern struct failing *failing;

#endif
