/* SPDX-License-Identifier: MIT */
/* What asking for newer keys could come to, told before anything is spent on a stranger's token. */
#include "keys/keycache_internal.h"

#include "base/cleanup.h"
#include "base/monotonic.h"

/* The record as it is now, or was a moment ago: in one tick of the clock it is read once. True: it
 * was read just now. */
static bool read_record(struct keycache *cache)
{
    struct diag diag = {0};
    const int64_t tick = monotonic_tick();
    if (tick != 0 && cache->record_read_at == tick) {
        return false;
    }
    int record CLEANUP(cleanup_fd) =
        cache->dir >= 0 ? attempt_open(cache->dir, cache->names.record, false, &diag) : -1;
    cache->record = (struct attempt){0};
    cache->recorded = record >= 0;
    if (cache->recorded) {
        attempt_read(record, &cache->record);
    }
    cache->record_read_at = tick;
    return true;
}

static enum key_outlook of_outcome(enum attempt_outcome outcome)
{
    return outcome == ATTEMPT_SUCCEEDED ? OUTLOOK_SETTLED : OUTLOOK_UNCERTAIN;
}

/* Without a record, or where the cache could not take what was fetched: each worker for itself. */
static enum key_outlook alone(const struct keycache *cache)
{
    if (!cache->options.may_keep) {
        return OUTLOOK_UNCERTAIN;
    }
    return keycache_own_cooldown(cache) > 0 ? of_outcome(cache->tried_outcome) : OUTLOOK_OPEN;
}

static enum key_outlook by_record(const struct keycache *cache, int64_t now)
{
    const struct attempt *record = &cache->record;
    if (cache->config->refresh_external) {
        return of_outcome(record->outcome);
    }
    if (!cache->recorded) {
        return alone(cache);
    }
    if (keycache_cooldown_left(cache, record->when, now) <= 0 &&
        keycache_own_cooldown(cache) <= 0) {
        return OUTLOOK_OPEN;
    }
    return record->outcome == ATTEMPT_UNSTORED ? alone(cache) : of_outcome(record->outcome);
}

enum key_outlook keycache_outlook(void *context, int64_t now)
{
    struct keycache *cache = context;
    if (cache->config->jwks_file != NULL) {
        return OUTLOOK_SETTLED;
    }
    if (cache->options.look_only) {
        return OUTLOOK_OPEN;
    }
    cache->wanted = true;
    if (!keycache_child_ended(cache, 0)) {
        return OUTLOOK_UNCERTAIN;
    }
    if (read_record(cache)) {
        /* It may tell of a refresh whose keys were put there after the file was looked at. */
        uint64_t version = cache->version;
        keycache_reload(cache);
        if (version != cache->version) {
            return OUTLOOK_UNCERTAIN;
        }
    }
    enum key_outlook outlook = by_record(cache, now);
    return outlook == OUTLOOK_SETTLED && cache->lost ? OUTLOOK_UNCERTAIN : outlook;
}

void keycache_renew(void *context, int64_t now)
{
    struct keycache *cache = context;
    if (cache->config->jwks_file == NULL) {
        (void)keycache_refresh(cache, now, FOR_DOUBT);
    }
}
