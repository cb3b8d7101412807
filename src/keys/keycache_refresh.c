/* SPDX-License-Identifier: MIT */
#include "keys/keycache_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/monotonic.h"

/* How long a request without the key it needs waits: for the refresh it started, for one that
 * another worker started. */
#define WAIT_OWN_MS   5000
#define WAIT_OTHER_MS 1000

int64_t keycache_cooldown_left(const struct keycache *cache, int64_t when, int64_t now)
{
    int64_t passed = keycache_age(when, now);
    return when > 0 && passed >= 0 && passed < cache->config->cooldown
               ? cache->config->cooldown - passed
               : 0;
}

int64_t keycache_own_cooldown(const struct keycache *cache)
{
    return cache->tried ? cache->config->cooldown - (monotonic_seconds() - cache->tried_at) : 0;
}

/* Says how long to stay away, to the client and to requests whose keys are merely due. */
static enum refreshed settle(struct keycache *cache, enum refreshed result, int64_t left)
{
    cache->retry_after = left > 0 ? (unsigned)left : 1;
    cache->quiet_until = monotonic_seconds() + cache->retry_after;
    return result;
}

/* What the cache could not take has reached the one that asked for it. */
static enum refreshed result_of(const struct keycache *cache, enum attempt_outcome outcome)
{
    return (outcome == ATTEMPT_UNSTORED ? cache->tried_outcome : outcome) == ATTEMPT_SUCCEEDED
               ? REFRESH_DONE
               : REFRESH_FAILED;
}

/* Whether there is something to be said of how it ended, and nobody has said it yet. */
static bool untold(const struct attempt *attempt)
{
    return !attempt->logged &&
           (attempt->outcome == ATTEMPT_FAILED || attempt->outcome == ATTEMPT_UNSTORED ||
            (attempt->outcome == ATTEMPT_SUCCEEDED && attempt->reason[0] != '\0'));
}

/* Logs a failure once: `record` is locked, so its mark is for all workers. */
static void tell(struct keycache *cache, int record, struct attempt *attempt)
{
    if (attempt->outcome == ATTEMPT_RUNNING) {
        attempt->outcome = ATTEMPT_FAILED; /* nobody holds the lock any more */
        attempt_reason(attempt, "the refresh ended without saying how");
    }
    if (!untold(attempt)) {
        return;
    }
    if (cache->told !=
        attempt->when) { /* the mark may not last: the record may be one we can only read */
        log_line(cache->options.log, LOG_LEVEL_WARN, "the signing keys %s: %s",
                 attempt->outcome == ATTEMPT_SUCCEEDED ? "were refreshed"
                                                       : "could not be refreshed",
                 attempt->reason);
    }
    cache->told = attempt->when;
    attempt->logged = true;
    (void)attempt_write(record, attempt);
}

/* Whether what came through the pipe of a child that has no record counts; as renewal_run() judges
 * it for all workers. */
static bool counts(struct keycache *cache, const struct cached *cached)
{
    struct diag why = {0};
    struct keyset *set CLEANUP(keyset_cleanup) =
        keyset_make(cached->json, cache->config->algs, NULL, &why);
    bool empty = set != NULL && keyset_count(set) == 0;
    bool held_empty = cache->keys != NULL && keyset_count(cache->keys) == 0;
    if (!cache->by_pipe || !empty || held_empty) {
        cache->sighted = (struct sighting){0};
        return true;
    }
    if (sighting_confirms(&cache->sighted, cached->sum, cached->fetched, cache->config->cooldown)) {
        return true;
    }
    cache->doubted = true;
    log_line(
        cache->options.log, LOG_LEVEL_WARN,
        "the signing keys could not be refreshed: %s; that is believed when it is fetched once "
        "more, "
        "%" PRId64 " s from now or later",
        why.text, cache->config->cooldown);
    return false;
}

/* What came through the pipe of an ended child, if the cache could not take it. */
static void take_result(struct keycache *cache)
{
    struct refresher *child = &cache->child;
    struct cached cached CLEANUP(cached_clear) = {0};
    struct diag diag = {0};
    bool some = child->text.length > 0 && cache->options.may_keep;
    if (some && child->text.failed) {
        diag_set(&diag, "it is too long");
    } else if (some &&
               cache_parse(child->text.bytes, child->text.length, config_keys_uri(cache->config),
                           &cached, &diag) &&
               counts(cache, &cached) && keycache_adopt(cache, &cached)) {
        cache->from_pipe = true;
        cache->tried_outcome = ATTEMPT_SUCCEEDED;
    }
    if (diag.text[0] != '\0') {
        log_line(cache->options.log, LOG_LEVEL_WARN,
                 "the result of bearerctl refresh is unusable: %s", diag.text);
    } else if (!some && cache->by_pipe) { /* it has no record to say why */
        log_line(
            cache->options.log, LOG_LEVEL_WARN,
            "the signing keys could not be refreshed: run \"bearerctl refresh\" as the workers' "
            "user to see why");
    }
    refresher_clear(child, NULL);
}

bool keycache_child_ended(struct keycache *cache, int wait_ms)
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

/* Reads how the attempt that has just ended went; the lock is free, or taken again by somebody
 * else. */
static enum refreshed look_at_record(struct keycache *cache, int record, int64_t now)
{
    struct attempt attempt;
    bool held = !attempt_lock(record, 0, NULL) && errno == EWOULDBLOCK;
    attempt_read(record, &attempt);
    if (!held) {
        tell(cache, record, &attempt);
    }
    if (attempt.outcome == ATTEMPT_RUNNING) {
        return settle(cache, REFRESH_BUSY, 0);
    }
    return settle(cache, result_of(cache, attempt.outcome),
                  keycache_cooldown_left(cache, attempt.when, now));
}

/* For how long a request waits for a refresh that it has started, and for that of another worker
 * (milliseconds). An issuer that does not answer is to cost the users of others nothing. */
static int wait_own(const struct keycache *cache)
{
    return cache->options.shared ? WAIT_OTHER_MS : WAIT_OWN_MS;
}

static int wait_other(const struct keycache *cache, enum refresh_for why)
{
    return why == FOR_ANY && !cache->options.shared ? WAIT_OTHER_MS : 0;
}

/* The wait for a child that an earlier request started: what is left of that one's. Where there are
 * no usable keys, as long as for another worker's. */
static int wait_left(const struct keycache *cache, enum refresh_for why)
{
    int64_t left = wait_own(cache) - (monotonic_seconds() - cache->tried_at) * 1000;
    int64_t least = wait_other(cache, why);
    return why < FOR_KID ? 0 : (int)(left > least ? left : least);
}

static bool spawn(struct keycache *cache, int lock, enum refresh_for why, struct diag *diag)
{
    cache->tried = true;
    cache->tried_at = monotonic_seconds();
    cache->tried_outcome = ATTEMPT_FAILED;
    cache->by_pipe = lock < 0;
    bool if_changed = why == FOR_AGE && !cache->wanted;
    cache->wanted = false;
    return refresher_start(cache->options.refresher, cache->environment, lock, if_changed,
                           &cache->child, diag);
}

/* Without a usable directory: each worker for itself, within its own cooldown. */
static enum refreshed refresh_by_pipe(struct keycache *cache, enum refresh_for why)
{
    struct diag diag = {0};
    int64_t left = keycache_own_cooldown(cache);
    if (!cache->options.may_keep) {
        return settle(cache, REFRESH_FAILED, cache->config->cooldown);
    }
    if (left > 0) {
        return settle(cache, result_of(cache, cache->tried_outcome), left);
    }
    if (!spawn(cache, -1, why, &diag)) {
        log_line(cache->options.log, LOG_LEVEL_WARN, "the signing keys could not be refreshed: %s",
                 diag.text);
        return settle(cache, REFRESH_FAILED, cache->config->cooldown);
    }
    if (why < FOR_KID || !keycache_child_ended(cache, wait_own(cache))) {
        return settle(cache, REFRESH_BUSY, 0);
    }
    return settle(cache, result_of(cache, cache->tried_outcome), cache->config->cooldown);
}

/* We hold the lock: stamps the attempt and starts it, unless the cooldown forbids, or we have
 * waited for one that another worker started after this request came. *started: the child holds the
 * lock now, or will. *attempt: the last one. */
static enum refreshed start_locked(struct keycache *cache, int record, int64_t now,
                                   enum refresh_for why, bool waited, struct attempt *attempt,
                                   bool *started)
{
    struct diag diag = {0};
    attempt_read(record, attempt);
    tell(cache, record, attempt);
    int64_t left = keycache_cooldown_left(cache, attempt->when, now);
    int64_t own_left = keycache_own_cooldown(cache);
    if (left > 0 || own_left > 0 || (waited && attempt->when >= now)) {
        return settle(cache, result_of(cache, attempt->outcome), left > own_left ? left : own_left);
    }
    /* Within the last cooldown a token may have come to another worker that newer keys are good
     * for: so soon after it "not modified" is not asked for. */
    cache->wanted =
        cache->wanted || (attempt->when > 0 &&
                          keycache_age(attempt->when, now) < INT64_C(2) * cache->config->cooldown);
    *attempt = (struct attempt){.when = now, .seen = attempt->seen, .outcome = ATTEMPT_RUNNING};
    if (!attempt_write(record, attempt)) {
        log_line(
            cache->options.log, LOG_LEVEL_WARN,
            "a refresh of the keys cannot be recorded in the cache directory (%s), so none is made",
            strerror(errno));
        return settle(cache, REFRESH_FAILED, cache->config->cooldown);
    }
    if (!spawn(cache, record, why, &diag)) {
        attempt->outcome = ATTEMPT_FAILED;
        attempt_reason(attempt, diag.text);
        tell(cache, record, attempt);
        return settle(cache, REFRESH_FAILED, cache->config->cooldown);
    }
    *started = true;
    return REFRESH_BUSY;
}

/* Cron or a timer refreshes: nothing is started, but one that is under way is waited for, and how
 * the last one ended counts. */
static enum refreshed refresh_external(struct keycache *cache, int64_t now, enum refresh_for why)
{
    struct diag diag = {0};
    int record CLEANUP(cleanup_fd) =
        keycache_have_dir(cache) ? attempt_open(cache->dir, cache->names.record, false, &diag) : -1;
    if (record < 0) {
        keycache_tell_dir(cache, &diag);
        return settle(cache, REFRESH_FAILED, cache->config->cooldown);
    }
    cache->dir_told = false;
    if (!attempt_lock(record, wait_other(cache, why), cache->options.stopping) &&
        errno == EWOULDBLOCK) {
        return settle(cache, REFRESH_BUSY, 0);
    }
    return look_at_record(cache, record, now);
}

/* The record, with the lock on it unless somebody else has it (*held). -1: it is of no use, which
 * is logged. */
static int open_record(struct keycache *cache, bool *held)
{
    struct diag diag = {0};
    int record = attempt_open(cache->dir, cache->names.record, true, &diag);
    *held = record >= 0 && !attempt_lock(record, 0, NULL);
    if (*held && errno != EWOULDBLOCK) {
        diag_set(&diag, "the record %s in the cache directory cannot be locked: %s",
                 cache->names.record, strerror(errno));
        close(record);
        record = -1;
    }
    if (record < 0) {
        keycache_tell_dir(cache, &diag);
    } else {
        cache->dir_told = false;
    }
    return record;
}

/* Within the cooldown after an attempt that is over, and logged if it failed, there is nothing to
 * lock for: a flood of unknown kids would have the workers wait for each other's look at the
 * record, and good tokens behind them. True: *result says how it went. */
static bool cooling_down(struct keycache *cache, int64_t now, enum refreshed *result)
{
    struct diag diag = {0};
    struct attempt attempt;
    int record CLEANUP(cleanup_fd) = attempt_open(cache->dir, cache->names.record, false, &diag);
    if (record < 0) {
        return false;
    }
    attempt_read(record, &attempt);
    int64_t left = keycache_cooldown_left(cache, attempt.when, now);
    bool over = (attempt.outcome == ATTEMPT_SUCCEEDED || attempt.outcome == ATTEMPT_FAILED) &&
                !untold(&attempt);
    if (!over || left <= 0) {
        return false;
    }
    *result = settle(cache, result_of(cache, attempt.outcome), left);
    return true;
}

/* What a refresh would come to, without one. */
static enum refreshed look(struct keycache *cache, int64_t now, enum refresh_for why)
{
    struct diag diag = {0};
    struct attempt attempt = {0};
    int record CLEANUP(cleanup_fd) =
        keycache_have_dir(cache) ? attempt_open(cache->dir, cache->names.record, false, &diag) : -1;
    if (record >= 0) {
        attempt_read(record, &attempt);
    }
    if (record < 0 && cache->config->refresh_external) {
        keycache_tell_dir(cache, &diag);
        return settle(cache, REFRESH_FAILED, cache->config->cooldown);
    }
    bool over = attempt.outcome == ATTEMPT_SUCCEEDED || attempt.outcome == ATTEMPT_FAILED;
    int64_t left = over ? keycache_cooldown_left(cache, attempt.when, now) : 0;
    if (left > 0 || cache->config->refresh_external) {
        return settle(cache, result_of(cache, attempt.outcome), left);
    }
    cache->would_refresh |= why >= FOR_KID;
    cache->would_renew |= why == FOR_DOUBT;
    return settle(cache, REFRESH_DONE, 0);
}

enum refreshed keycache_refresh(struct keycache *cache, int64_t now, enum refresh_for why)
{
    struct diag diag = {0};
    if (cache->options.look_only) {
        return look(cache, now, why);
    }
    if (!keycache_child_ended(cache, wait_left(cache, why))) {
        return settle(cache, REFRESH_BUSY, 0);
    }
    if (cache->dir >= 0 && !cache_dir_current(cache->dir, cache->config->cache_dir)) {
        keycache_drop_dir(cache); /* whoever refreshes writes where the path leads now */
        cache->dir_tried_at = -1;
    }
    if (cache->config->refresh_external) {
        return refresh_external(cache, now, why);
    }
    if (!keycache_have_dir(cache)) {
        return refresh_by_pipe(cache, why);
    }
    enum refreshed result = REFRESH_FAILED;
    if (cooling_down(cache, now, &result)) {
        cache->dir_told = false;
        return result;
    }
    bool waited = false;
    int record CLEANUP(cleanup_fd) = open_record(cache, &waited);
    if (record < 0) {
        keycache_drop_dir(cache);
        return refresh_by_pipe(cache, why);
    }
    const int wait = wait_other(cache, why);
    if (waited && (wait == 0 || !attempt_lock(record, wait, cache->options.stopping))) {
        return settle(cache, REFRESH_BUSY, 0);
    }
    struct attempt attempt;
    bool started = false;
    result = start_locked(cache, record, now, why, waited, &attempt, &started);
    close(record); /* if one was started, only the child's copy holds the lock now */
    record = -1;
    if (!started) { /* keys that can be had, but not kept here: as without a directory */
        return attempt.outcome == ATTEMPT_UNSTORED ? refresh_by_pipe(cache, why) : result;
    }
    if (why < FOR_KID || !keycache_child_ended(cache, wait_own(cache))) {
        return settle(cache, REFRESH_BUSY, 0);
    }
    record = attempt_open(cache->dir, cache->names.record, true, &diag);
    return record < 0 ? settle(cache, REFRESH_FAILED, cache->config->cooldown)
                      : look_at_record(cache, record, now);
}
