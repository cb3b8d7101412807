/* SPDX-License-Identifier: MIT */
/* The signing keys as one worker holds them: a view of the cache file that all workers share (or of
 * a file:// document), and the decision when to have them refreshed. keycache.c is the table "The
 * key cache" of doc/design.md. */
#ifndef FB_KEYS_KEYCACHE_H
#define FB_KEYS_KEYCACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/log.h"
#include "config/config.h"
#include "jose/jwk.h"
#include "keys/keyquery.h"

struct keycache;
struct keyset;
struct refresher_left;

struct keycache_options {
    /* Absolute path of the bearerctl that is spawned; NULL: none was found, every refresh is a
     * failed attempt. */
    const char *refresher;
    /* Without a usable directory the document comes through a pipe and is kept in memory. Plain CGI
     * cannot keep it: false. */
    bool may_keep;
    /* The worker has the keys of other issuers, too, whose tokens wait behind this one's: nobody
     * waits for a refresh that another has started, and who has started it waits a second. */
    bool shared;
    /* For a look at what a worker would find: no refresh is started or waited for, and nothing is
     * made, locked or written. How the last attempt ended counts while its cooldown lasts; after
     * that it is as if a refresh brought the same keys, and the view says that a worker would ask
     * for it. */
    bool look_only;
    /* Where a refresh is put that still runs when the view is given up; NULL: nowhere. Must outlive
     * it. */
    struct refresher_left *left;
    /* Asked while waiting: true ends the wait at once (the process is asked to stop). NULL:
     * never. */
    bool (*stopping)(void);
    /* Where lines go; what it says may change between requests. */
    const struct log *log;
};

/* A view without keys yet; `config` and what `options` points to must outlive it. NULL: out of
 * memory. */
struct keycache *keycache_new(const struct config *config, const struct keycache_options *options);
void keycache_free(struct keycache *cache);

/* The key for a token, see struct key_source (`context` is the keycache). Waits only as the table
 * says. BEARER_NO_KEYS sets what keycache_retry_after() returns: seconds, at least 1. */
enum bearer_code keycache_find(void *context, const struct key_query *query,
                               const struct jwk **key);
unsigned keycache_retry_after(const struct keycache *cache);

/* The rest of struct key_source. keycache_outlook() looks at the record once in a tick of the clock
 * at most. */
enum key_outlook keycache_outlook(void *context, int64_t now);
void keycache_renew(void *context, int64_t now);

/* For who remembers what keys have said. keycache_ready(): what keycache_find() does before it
 * looks for a key, but it never waits; false if there are no usable keys just now.
 * keycache_version(): another number whenever the keys are others. */
bool keycache_ready(struct keycache *cache, int64_t now);
uint64_t keycache_version(const struct keycache *cache);

/* What is held, for who shows it. */
struct keycache_view {
    /* borrowed until the next call; NULL: none */
    const struct keyset *keys;
    /* when they were fetched, or the file:// document was last changed; seconds since 1970 */
    int64_t since;
    /* with look_only: a worker would have had the keys refreshed before it answered */
    bool would_refresh;
    /* likewise, but behind its answer */
    bool would_renew;
};
void keycache_view(const struct keycache *cache, struct keycache_view *view);

#endif
