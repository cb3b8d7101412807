/* What keycache.c (keys and where they are read from) and keycache_refresh.c (having them refreshed) share. */
#ifndef BEARER_KEYCACHE_INTERNAL_H
#define BEARER_KEYCACHE_INTERNAL_H

#include "keycache.h"

#include "attempt.h"
#include "cachefile.h"
#include "keyset.h"
#include "refresher.h"

struct keycache {
    const struct config *config;
    struct keycache_options options;
    struct cache_names names;
    char **environment;   /* for the child */
    int dir;              /* -1: not open (yet, or it will not do) */
    bool dir_told;        /* its flaw has been logged, and it has not been good since */
    int64_t dir_tried_at; /* monotonic seconds: it is looked for once a second at most */

    struct keyset *keys;
    uint64_t version; /* of the keys */
    int64_t fetched;
    bool lost;      /* the file behind the keys is gone or damaged: have it made again */
    bool from_pipe; /* there never was a file behind them */
    struct stat identity;
    int64_t looked_at; /* monotonic_tick() when the file was looked at last */

    bool tried;       /* this process started a refresh itself */
    int64_t tried_at; /* monotonic seconds */
    enum attempt_outcome tried_outcome;
    int64_t quiet_until; /* monotonic seconds: until then keys that are merely due are left alone */
    int64_t told;        /* `when` of the last failure this process logged */
    struct refresher child;
    bool by_pipe; /* it was started without lock and record */
    unsigned retry_after;
    bool would_refresh; /* see struct keycache_view */
};

/* How an attempt to have the keys refreshed ended. */
enum refreshed {
    REFRESH_FAILED = 0, /* failed, or within the cooldown after a failure */
    REFRESH_BUSY,       /* somebody is still at it */
    REFRESH_DONE,       /* the keys are as fresh as the cooldown lets them be */
};

/* Seconds since `when`; negative: it lies in the future and says nothing. */
int64_t keycache_age(int64_t when, int64_t now);

/* Takes up the keys of a document. False: none is usable, which is logged. */
bool keycache_adopt(struct keycache *cache, struct cached *cached);

/* The directory, opened when first needed and again when it was lost. False: there is none that will do, which is logged. */
bool keycache_have_dir(struct keycache *cache);
void keycache_drop_dir(struct keycache *cache);

/* Says why the directory will not do, and what follows from it; once, until it does again. */
void keycache_tell_dir(struct keycache *cache, const struct diag *diag);

/* Waits for our own child. True: it has ended and what it sent is taken, or there is none. */
bool keycache_child_ended(struct keycache *cache, int wait_ms);

/* Has the keys refreshed, as far as lock and cooldown let it. `wait`: for a request that has no usable key. */
enum refreshed keycache_refresh(struct keycache *cache, int64_t now, bool wait);

#endif
