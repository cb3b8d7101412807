#include "keycache.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "attempt.h"
#include "cachefile.h"
#include "cleanup.h"
#include "keyset.h"
#include "safefile.h"
#include "refresher.h"

/* How long a request without a usable key waits: for the refresh it started, for one that another worker started. */
#define WAIT_OWN_MS   5000
#define WAIT_OTHER_MS 1000

/* Seconds that another's stamp may lie ahead of a request, whose time is taken at its beginning. More: the clock was set back. */
#define CLOCK_SLACK 10

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

    bool tried;       /* this process started a refresh itself */
    int64_t tried_at; /* monotonic seconds */
    enum attempt_outcome tried_outcome;
    int64_t quiet_until; /* monotonic seconds: until then keys that are merely due are left alone */
    int64_t told;        /* `when` of the last failure this process logged */
    struct refresher child;
    bool by_pipe; /* it was started without lock and record */
    unsigned retry_after;
};

/* How an attempt to have the keys refreshed ended. */
enum refreshed {
    REFRESH_FAILED = 0, /* failed, or within the cooldown after a failure */
    REFRESH_BUSY,       /* somebody is still at it */
    REFRESH_DONE,       /* the keys are as fresh as the cooldown lets them be */
};

static int64_t monotonic(void)
{
    struct timespec time = {0};
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

struct keycache *keycache_new(const struct config *config, const struct keycache_options *options)
{
    struct keycache *cache = calloc(1, sizeof *cache);
    if (cache == NULL) {
        return NULL;
    }
    cache->config = config;
    cache->options = *options;
    cache->dir = -1;
    cache->child.result = -1;
    cache->retry_after = 1;
    cache->environment = config_environment(config);
    if (cache->environment == NULL) {
        keycache_free(cache);
        return NULL;
    }
    if (config_keys_uri(config) != NULL) {
        cache_names(config_keys_uri(config), &cache->names);
    }
    return cache;
}

void keycache_free(struct keycache *cache)
{
    if (cache == NULL) {
        return;
    }
    keyset_free(cache->keys);
    config_environment_free(cache->environment);
    refresher_clear(&cache->child);
    if (cache->dir >= 0) {
        close(cache->dir);
    }
    free(cache);
}

unsigned keycache_retry_after(const struct keycache *cache)
{
    return cache->retry_after;
}

uint64_t keycache_version(const struct keycache *cache)
{
    return cache->version;
}

static void adopt(struct keycache *cache, struct keyset *keys, int64_t fetched)
{
    keyset_free(cache->keys);
    cache->keys = keys;
    cache->version++;
    cache->fetched = fetched;
    cache->lost = false;
    cache->from_pipe = false;
}

static bool adopt_cached(struct keycache *cache, struct cached *cached)
{
    struct diag diag = {0};
    struct keyset *keys = keyset_make(cached->json, cache->config->algs, NULL, &diag);
    if (keys == NULL) {
        cache->lost = true;
        log_line(cache->options.log, LOG_LEVEL_WARN, "the key cache holds no usable key: %s", diag.text);
        return false;
    }
    adopt(cache, keys, cached->fetched);
    return true;
}

/* Says why the directory will not do, and what follows from it; once, until it does again. */
static void tell_dir(struct keycache *cache, const struct diag *diag)
{
    const char *then = "Until then each worker fetches keys for itself";
    if (cache->dir_told) {
        return;
    }
    if (cache->config->refresh_external) {
        then = "With BEARER_REFRESH=external cron or a timer has to run \"bearerctl refresh\" as this user";
    } else if (!cache->options.may_keep) {
        then = "Plain CGI cannot have keys without it";
    }
    cache->dir_told = true;
    log_line(cache->options.log, LOG_LEVEL_WARN, "%s. %s", diag->text, then);
}

/* The directory, opened when first needed and again when it was lost. */
static bool have_dir(struct keycache *cache)
{
    struct diag diag = {0};
    if (cache->dir >= 0 || cache->dir_tried_at == monotonic()) {
        return cache->dir >= 0;
    }
    cache->dir_tried_at = monotonic();
    cache->dir = cache_dir_open(cache->config->cache_dir, &diag);
    if (cache->dir < 0) {
        tell_dir(cache, &diag);
    }
    return cache->dir >= 0;
}

static void drop_dir(struct keycache *cache)
{
    close(cache->dir);
    cache->dir = -1;
}

/* A document read straight from its file:// URI, again whenever it changes. */
static void reload_file(struct keycache *cache)
{
    struct stat status;
    struct diag diag = {0};
    char *text CLEANUP(cleanup_free) = NULL;
    size_t length = 0;
    if (stat(cache->config->jwks_file, &status) == 0 && safe_same(&status, &cache->identity)) {
        return;
    }
    enum safe_result result = safe_read(cache->config->jwks_file, cache->config->program_owner,
                                        CACHE_FILE_MAX, &text, &length, &cache->identity, &diag);
    struct keyset *keys =
        result == SAFE_OK ? keyset_parse(text, length, cache->config->algs, NULL, &diag) : NULL;
    if (keys != NULL) {
        adopt(cache, keys, 0);
        return;
    }
    if (cache->lost) {
        return; /* said already */
    }
    cache->lost = true;
    log_line(cache->options.log, LOG_LEVEL_ERROR, "keys from %s: %s%s", cache->config->jwks_file, diag.text,
             cache->keys != NULL ? "; the keys read before stay in use" : "");
}

/* Takes up a cache file that is new. Keys that are held stay when the file is gone or damaged. */
static void reload(struct keycache *cache)
{
    struct cached cached CLEANUP(cached_clear) = {0};
    struct diag diag = {0};
    if (cache->config->jwks_file != NULL) {
        reload_file(cache);
        return;
    }
    if (!have_dir(cache)) {
        return;
    }
    switch (cache_read(cache->dir, &cache->names, config_keys_uri(cache->config), &cache->identity, &cached,
                       &diag)) {
    case CACHE_UNCHANGED:
        return;
    case CACHE_READ:
        (void)adopt_cached(cache, &cached);
        return;
    case CACHE_MISS:
        cache->lost = !cache->from_pipe;
        if (diag.text[0] != '\0') {
            log_line(cache->options.log, LOG_LEVEL_WARN, "%s", diag.text);
        }
        return;
    }
}

/* Seconds since `when`; negative: it lies in the future and says nothing. */
static int64_t age(int64_t when, int64_t now)
{
    int64_t passed = now - when;
    return passed < 0 && passed >= -CLOCK_SLACK ? 0 : passed;
}

/* Seconds left of a cooldown that began at `when`; 0: over, or it would begin in the future. */
static int64_t cooldown_left(const struct keycache *cache, int64_t when, int64_t now)
{
    int64_t passed = age(when, now);
    return when > 0 && passed >= 0 && passed < cache->config->cooldown ? cache->config->cooldown - passed : 0;
}

/* Says how long to stay away, to the client and to requests whose keys are merely due. */
static enum refreshed settle(struct keycache *cache, enum refreshed result, int64_t left)
{
    cache->retry_after = left > 0 && result != REFRESH_BUSY ? (unsigned)left : 1;
    cache->quiet_until = monotonic() + cache->retry_after;
    return result;
}

static enum refreshed result_of(enum attempt_outcome outcome)
{
    return outcome == ATTEMPT_SUCCEEDED ? REFRESH_DONE : REFRESH_FAILED;
}

/* Logs a failure once: `record` is locked, so its mark is for all workers. */
static void tell(struct keycache *cache, int record, struct attempt *attempt)
{
    if (attempt->outcome == ATTEMPT_RUNNING) {
        attempt->outcome = ATTEMPT_FAILED; /* nobody holds the lock any more */
        attempt_reason(attempt, "the refresh ended without saying how");
    }
    if (attempt->outcome != ATTEMPT_FAILED || attempt->logged) {
        return;
    }
    if (cache->told != attempt->when) { /* the mark may not last: the record may be one we can only read */
        log_line(cache->options.log, LOG_LEVEL_WARN, "the signing keys could not be refreshed: %s",
                 attempt->reason);
    }
    cache->told = attempt->when;
    attempt->logged = true;
    if (record >= 0) {
        (void)attempt_write(record, attempt);
    }
}

/* What came through the pipe of an ended child, if the cache could not take it. */
static void take_result(struct keycache *cache)
{
    struct refresher *child = &cache->child;
    struct cached cached CLEANUP(cached_clear) = {0};
    struct diag diag = {0};
    bool some = child->length > 0 && cache->options.may_keep;
    if (some && child->failed) {
        diag_set(&diag, "it is too long");
    } else if (some &&
               cache_parse(child->text, child->length, config_keys_uri(cache->config), &cached, &diag) &&
               adopt_cached(cache, &cached)) {
        cache->from_pipe = true;
        cache->tried_outcome = ATTEMPT_SUCCEEDED;
    }
    if (diag.text[0] != '\0') {
        log_line(cache->options.log, LOG_LEVEL_WARN, "the result of bearerctl refresh is unusable: %s",
                 diag.text);
    } else if (!some && cache->by_pipe) { /* it has no record to say why */
        log_line(cache->options.log, LOG_LEVEL_WARN,
                 "the signing keys could not be refreshed: run \"bearerctl refresh\" as the workers' user to "
                 "see why");
    }
    refresher_clear(child);
}

/* Waits for our own child. True: it has ended and what it sent is taken. */
static bool child_ended(struct keycache *cache, int wait_ms)
{
    if (cache->child.pid == 0) {
        return true;
    }
    if (!refresher_wait(&cache->child, wait_ms, cache->options.stopping)) {
        return false;
    }
    take_result(cache);
    return true;
}

/* Reads how the attempt that has just ended went; the lock is free, or taken again by somebody else. */
static enum refreshed look_at_record(struct keycache *cache, int record, int64_t now)
{
    struct attempt attempt;
    bool locked = attempt_lock(record, 0, NULL);
    attempt_read(record, &attempt);
    if (locked) {
        tell(cache, record, &attempt);
    }
    if (attempt.outcome == ATTEMPT_RUNNING) {
        return settle(cache, REFRESH_BUSY, 0);
    }
    return settle(cache, result_of(attempt.outcome), cooldown_left(cache, attempt.when, now));
}

/* The wait for a child that an earlier request started: what is left of that one's, but as long as for another worker's. */
static int wait_left(const struct keycache *cache)
{
    int64_t passed = (monotonic() - cache->tried_at) * 1000;
    return passed < WAIT_OWN_MS - WAIT_OTHER_MS ? (int)(WAIT_OWN_MS - passed) : WAIT_OTHER_MS;
}

static bool spawn(struct keycache *cache, int lock, struct diag *diag)
{
    cache->tried = true;
    cache->tried_at = monotonic();
    cache->tried_outcome = ATTEMPT_FAILED;
    cache->by_pipe = lock < 0;
    return refresher_start(cache->options.refresher, cache->environment, lock, &cache->child, diag);
}

/* Without a usable directory: each worker for itself, within its own cooldown. */
static enum refreshed refresh_by_pipe(struct keycache *cache, bool wait)
{
    struct diag diag = {0};
    int64_t left = cache->tried ? cache->config->cooldown - (monotonic() - cache->tried_at) : 0;
    if (!cache->options.may_keep) {
        return settle(cache, REFRESH_FAILED, cache->config->cooldown);
    }
    if (left > 0) {
        return settle(cache, result_of(cache->tried_outcome), left);
    }
    if (!spawn(cache, -1, &diag)) {
        log_line(cache->options.log, LOG_LEVEL_WARN, "the signing keys could not be refreshed: %s",
                 diag.text);
        return settle(cache, REFRESH_FAILED, cache->config->cooldown);
    }
    if (!wait || !child_ended(cache, WAIT_OWN_MS)) {
        return settle(cache, REFRESH_BUSY, 0);
    }
    return settle(cache, result_of(cache->tried_outcome), cache->config->cooldown);
}

/* We hold the lock: stamps the attempt and starts it, unless the cooldown forbids, or we have waited for one that another worker started after this request came.
 * *started: the child holds the lock now, or will. */
static enum refreshed start_locked(struct keycache *cache, int record, int64_t now, bool waited,
                                   bool *started)
{
    struct attempt attempt;
    struct diag diag = {0};
    attempt_read(record, &attempt);
    tell(cache, record, &attempt);
    int64_t left = cooldown_left(cache, attempt.when, now);
    int64_t own_left = cache->tried ? cache->config->cooldown - (monotonic() - cache->tried_at) : 0;
    if (left > 0 || own_left > 0 || (waited && attempt.when >= now)) {
        return settle(cache, result_of(attempt.outcome), left > own_left ? left : own_left);
    }
    attempt = (struct attempt){.when = now, .outcome = ATTEMPT_RUNNING};
    if (!attempt_write(record, &attempt)) {
        log_line(cache->options.log, LOG_LEVEL_WARN,
                 "a refresh of the keys cannot be recorded in the cache directory (%s), so none is made",
                 strerror(errno));
        return settle(cache, REFRESH_FAILED, cache->config->cooldown);
    }
    if (!spawn(cache, record, &diag)) {
        attempt.outcome = ATTEMPT_FAILED;
        attempt_reason(&attempt, diag.text);
        tell(cache, record, &attempt);
        return settle(cache, REFRESH_FAILED, cache->config->cooldown);
    }
    *started = true;
    return REFRESH_BUSY;
}

/* Cron or a timer refreshes: nothing is started, but one that is under way is waited for, and how the last one ended counts. */
static enum refreshed refresh_external(struct keycache *cache, int64_t now, bool wait)
{
    struct diag diag = {0};
    int record CLEANUP(cleanup_fd) =
        have_dir(cache) ? attempt_open(cache->dir, cache->names.record, false, &diag) : -1;
    if (record < 0) {
        tell_dir(cache, &diag);
        return settle(cache, REFRESH_FAILED, cache->config->cooldown);
    }
    cache->dir_told = false;
    if (!attempt_lock(record, wait ? WAIT_OTHER_MS : 0, cache->options.stopping)) {
        return settle(cache, REFRESH_BUSY, 0);
    }
    return look_at_record(cache, record, now);
}

/* Has the keys refreshed, as far as lock and cooldown let it. `wait`: for a request that has no usable key. */
static enum refreshed refresh(struct keycache *cache, int64_t now, bool wait)
{
    struct diag diag = {0};
    if (!child_ended(cache, wait ? wait_left(cache) : 0)) {
        return settle(cache, REFRESH_BUSY, 0);
    }
    if (cache->dir >= 0 && !cache_dir_current(cache->dir, cache->config->cache_dir)) {
        drop_dir(cache); /* whoever refreshes writes where the path leads now */
        cache->dir_tried_at = -1;
    }
    if (cache->config->refresh_external) {
        return refresh_external(cache, now, wait);
    }
    if (!have_dir(cache)) {
        return refresh_by_pipe(cache, wait);
    }
    int record CLEANUP(cleanup_fd) = attempt_open(cache->dir, cache->names.record, true, &diag);
    if (record < 0) {
        tell_dir(cache, &diag);
        drop_dir(cache);
        return refresh_by_pipe(cache, wait);
    }
    cache->dir_told = false;
    bool started = false;
    bool waited = !attempt_lock(record, 0, NULL);
    if (waited && (!wait || !attempt_lock(record, WAIT_OTHER_MS, cache->options.stopping))) {
        return settle(cache, REFRESH_BUSY, 0);
    }
    enum refreshed result = start_locked(cache, record, now, waited, &started);
    if (!started) {
        return result;
    }
    close(record); /* only the child's copy holds the lock now */
    record = -1;
    if (!wait || !child_ended(cache, WAIT_OWN_MS)) {
        return settle(cache, REFRESH_BUSY, 0);
    }
    record = attempt_open(cache->dir, cache->names.record, true, &diag);
    return record < 0 ? settle(cache, REFRESH_FAILED, cache->config->cooldown)
                      : look_at_record(cache, record, now);
}

static bool usable(const struct keycache *cache, int64_t now)
{
    return cache->keys != NULL &&
           (cache->config->jwks_file != NULL || age(cache->fetched, now) < cache->config->max_stale);
}

/* A time in the future says nothing about the age: the keys are used, and due. */
static bool due(const struct keycache *cache, int64_t now)
{
    int64_t passed = age(cache->fetched, now);
    return cache->lost || passed < 0 || passed >= cache->config->ttl;
}

/* The rows "fresh" and "due" of the table. */
bool keycache_ready(struct keycache *cache, int64_t now)
{
    (void)child_ended(cache, 0); /* one that nobody waited for */
    reload(cache);
    bool good = usable(cache, now);
    if (good && cache->config->jwks_file == NULL && due(cache, now) && monotonic() >= cache->quiet_until) {
        (void)refresh(cache, now, false);
    }
    return good;
}

/* And the row "none, or older than MAX_STALE". False: no keys. */
static bool have_keys(struct keycache *cache, int64_t now)
{
    if (keycache_ready(cache, now)) {
        return true;
    }
    if (cache->config->jwks_file != NULL) {
        cache->retry_after = 30;
        return false;
    }
    (void)refresh(cache, now, true);
    reload(cache);
    return usable(cache, now);
}

enum bearer_code keycache_find(void *context, const struct key_query *query, const struct jwk **key)
{
    struct keycache *cache = context;
    *key = NULL;
    if (!have_keys(cache, query->now)) {
        return BEARER_NO_KEYS;
    }
    enum bearer_code code = keyset_find(cache->keys, query->kid, query->kid_length, query->alg, key);
    if (code != BEARER_KID_UNKNOWN || !query->may_fetch || cache->config->jwks_file != NULL) {
        return code;
    }
    enum refreshed result = refresh(cache, query->now, true);
    reload(cache);
    code = keyset_find(cache->keys, query->kid, query->kid_length, query->alg, key);
    return code == BEARER_KID_UNKNOWN && result != REFRESH_DONE ? BEARER_NO_KEYS : code;
}
