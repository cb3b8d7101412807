/* SPDX-License-Identifier: MIT */
/* What the files of the key cache share: keycache_held.c (what is held), keycache_file.c (a file://
 * document), keycache_refresh.c (having keys refreshed), keycache.c (which key is good for a
 * request) and keycache_outlook.c. Each uses those before it in this list only. */
#ifndef FB_KEYS_KEYCACHE_INTERNAL_H
#define FB_KEYS_KEYCACHE_INTERNAL_H

#include "keys/keycache.h"

#include "jose/keyset.h"
#include "keys/attempt.h"
#include "keys/cachefile.h"
#include "keys/refresher.h"

struct keycache {
    const struct config *config;
    struct keycache_options options;
    struct cache_names names;
    /* for the child */
    char **environment;
    /* -1: not open (yet, or it will not do) */
    int dir;
    /* its flaw has been logged, and it has not been good since */
    bool dir_told;
    /* monotonic seconds: it is looked for once a second at most */
    int64_t dir_tried_at;

    struct keyset *keys;
    /* of the keys */
    uint64_t version;
    int64_t fetched;
    /* the file behind the keys is gone or damaged: have it made again */
    bool lost;
    /* the issuer was seen without a usable key since: have them refreshed */
    bool doubted;
    /* there never was a file behind them */
    bool from_pipe;
    struct stat identity;
    /* monotonic_tick() when the file was looked at last */
    int64_t looked_at;
    /* the file:// document was not there when it was looked at last */
    bool gone;
    /* monotonic milliseconds of the first such look */
    int64_t gone_at;

    /* as it was at record_read_at */
    struct attempt record;
    /* there was one that could be opened */
    bool recorded;
    /* monotonic_tick(); 0: never */
    int64_t record_read_at;
    /* a token came that newer keys may be good for, and no refresh was started since */
    bool wanted;
    /* of the pipe's: as in the record */
    struct sighting sighted;

    /* this process started a refresh itself */
    bool tried;
    /* monotonic seconds */
    int64_t tried_at;
    enum attempt_outcome tried_outcome;
    /* monotonic seconds: until then keys that are merely due are left alone */
    int64_t quiet_until;
    /* `when` of the last failure this process logged */
    int64_t told;
    struct refresher child;
    /* it was started without lock and record */
    bool by_pipe;
    unsigned retry_after;
    /* see struct keycache_view */
    bool would_refresh, would_renew;
};

/* What keys are refreshed for. It decides who waits, and whether "not modified" will do as an
 * answer: an issuer that names its documents by size and time says so of other keys too, so only
 * age may be answered like that. */
enum refresh_for {
    /* they are due: nobody waits */
    FOR_AGE = 0,
    /* a token was refused that newer keys could be good for: nobody waits */
    FOR_DOUBT,
    /* a kid that the keys do not have: only who started the refresh waits, so that strangers' kids
     * never hold more than one worker */
    FOR_KID,
    /* there are no usable keys: who started it waits, and others for a while */
    FOR_ANY,
};

/* How an attempt to have the keys refreshed ended. */
enum refreshed {
    /* failed, or within the cooldown after a failure */
    REFRESH_FAILED = 0,
    /* somebody is still at it */
    REFRESH_BUSY,
    /* the keys are as fresh as the cooldown lets them be */
    REFRESH_DONE,
};

/* Seconds since `when`; negative: it lies in the future and says nothing. */
int64_t keycache_age(int64_t when, int64_t now);

/* Puts this set (NULL: none), which it takes over, in the place of the keys that are held. */
void keycache_take(struct keycache *cache, struct keyset *keys, int64_t fetched);

/* Takes up the keys of a document, if only to find that there are none any more. False: it has no
 * set of keys, which is logged. */
bool keycache_adopt(struct keycache *cache, struct cached *cached);

/* Looks at what is behind the keys, and takes it up if it is new. In keycache_file.c for a file://
 * document. */
void keycache_reload(struct keycache *cache);
void keycache_reload_file(struct keycache *cache);

/* The directory, opened when first needed and again when it was lost. False: there is none that
 * will do, which is logged. */
bool keycache_have_dir(struct keycache *cache);
void keycache_drop_dir(struct keycache *cache);

/* Says why the directory will not do, and what follows from it; once, until it does again. */
void keycache_tell_dir(struct keycache *cache, const struct diag *diag);

/* Waits for our own child. True: it has ended and what it sent is taken, or there is none. */
bool keycache_child_ended(struct keycache *cache, int wait_ms);

/* Has the keys refreshed, as far as lock and cooldown let it. */
enum refreshed keycache_refresh(struct keycache *cache, int64_t now, enum refresh_for why);

/* Seconds left of a cooldown that began at `when` (of the record), or with our own last attempt; 0
 * or less: over, or it would begin in the future. */
int64_t keycache_cooldown_left(const struct keycache *cache, int64_t when, int64_t now);
int64_t keycache_own_cooldown(const struct keycache *cache);

#endif
