/* SPDX-License-Identifier: MIT */
/* The small file beside a cache document that is lock and record of the last refresh: never
 * renamed, preallocated, overwritten in place, so that it can be stamped on a full disk. The lock
 * is flock(2) on the open file: it is handed to a child with the descriptor and lives until the
 * last copy is closed. */
#ifndef FB_KEYS_ATTEMPT_H
#define FB_KEYS_ATTEMPT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/diag.h"

enum attempt_outcome {
    ATTEMPT_NONE = 0,
    ATTEMPT_RUNNING,
    ATTEMPT_SUCCEEDED,
    ATTEMPT_FAILED,
    /* failed, as the cache could not take the keys: who can do without it may fetch them for
     * itself */
    ATTEMPT_UNSTORED,
};

/* When a document without a usable key was seen first, and the sum of its octets (cache_crc()).
 * Lest one bad minute of a starting issuer, or a captive proxy's page, end every session, it takes
 * two to believe it. */
struct sighting {
    /* seconds since 1970; 0: never */
    int64_t when;
    uint32_t sum;
};

/* Sees a document with this sum at `now`. True: it was seen before, at least a cooldown ago, so
 * that it counts; *sighting stays. False: *sighting is the first one, which lies less than a
 * cooldown back, or is this one: another document was seen before, or in what is the future by
 * now. */
bool sighting_confirms(struct sighting *sighting, uint32_t sum, int64_t now, int64_t cooldown);

struct attempt {
    /* seconds since 1970 that it was started; 0: never */
    int64_t when;
    /* kept from attempt to attempt */
    struct sighting seen;
    /* ATTEMPT_RUNNING with nobody holding the lock: it was killed */
    enum attempt_outcome outcome;
    /* a worker has logged the reason */
    bool logged;
    /* printable text: why it failed; of a success, what is to be said of it; empty: nothing */
    char reason[401];
};

/* Opens the record, making it if needed; regular, ours, one link. The descriptor (not locked) is
 * the caller's. `writable` false: it is not made, and if it cannot be opened for writing, for
 * reading alone. -1 with a message in `diag`. */
int attempt_open(int dir, const char *name, bool writable, struct diag *diag);

/* Takes the lock if nobody has it; waits at most `wait_ms` milliseconds, less if `stopping` (may be
 * NULL) says so. False: errno is EWOULDBLOCK if somebody has it, else says why nobody can (ENOLCK:
 * not on this file system). */
bool attempt_lock(int fd, int wait_ms, bool (*stopping)(void));

/* What is not a record reads as none. */
void attempt_read(int fd, struct attempt *attempt);

/* Overwrites the record; the caller holds the lock. False: it could not be stamped. */
bool attempt_write(int fd, const struct attempt *attempt);

/* Sets the reason, made printable and cut to fit. */
void attempt_reason(struct attempt *attempt, const char *text);

#endif
