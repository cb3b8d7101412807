/* SPDX-License-Identifier: MIT */
#include "keys/keycache_internal.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/monotonic.h"
#include "config/config_environment.h"
#include "jose/keyset.h"
#include "keys/attempt.h"
#include "keys/cachefile.h"
#include "keys/refresher.h"

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
        cache_names(config_keys_uri(config), config->ca_file, config->proxy, &cache->names);
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
    refresher_clear(&cache->child, cache->options.left);
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

void keycache_view(const struct keycache *cache, struct keycache_view *view)
{
    *view = (struct keycache_view){.keys = cache->keys,
                                   .since = cache->fetched,
                                   .would_refresh = cache->would_refresh,
                                   .would_renew = cache->would_renew};
}

/* Keys that are held stay when the cache file is gone or damaged. */
void keycache_reload(struct keycache *cache)
{
    struct cached cached CLEANUP(cached_clear) = {0};
    struct diag diag = {0};
    cache->looked_at = monotonic_tick();
    if (cache->config->jwks_file != NULL) {
        keycache_reload_file(cache);
        return;
    }
    if (!keycache_have_dir(cache)) {
        return;
    }
    enum cache_result result = cache_read(cache->dir, &cache->names, config_keys_uri(cache->config),
                                          &cache->identity, &cached, &diag);
    if (result == CACHE_READ) {
        (void)keycache_adopt(cache, &cached);
    } else if (result != CACHE_UNCHANGED) {
        cache->lost = !cache->from_pipe;
        if (diag.text[0] != '\0') {
            log_line(cache->options.log, LOG_LEVEL_WARN, "%s", diag.text);
        }
    }
}

/* Keys that were fetched in the future, as the clock was set back since, are used as long as keys
 * of the past; beyond that they count as long past. */
static bool usable(const struct keycache *cache, int64_t now)
{
    int64_t max_stale = cache->config->max_stale;
    int64_t passed = keycache_age(cache->fetched, now);
    return cache->keys != NULL &&
           (cache->config->jwks_file != NULL || (passed < max_stale && passed >= -max_stale));
}

/* A time in the future says nothing about the age: the keys are due. So they are when the issuer
 * has been seen without a usable key, until it says so again, or something else. */
static bool due(const struct keycache *cache, int64_t now)
{
    int64_t passed = keycache_age(cache->fetched, now);
    return cache->lost || cache->doubted || passed < 0 || passed >= cache->config->ttl;
}

/* Whether the file behind good keys was looked at in this tick of the clock. Looking again would be
 * the only system call of a request whose token is known, and on some machines a tenth of its
 * time. */
static bool just_looked(const struct keycache *cache)
{
    return cache->keys != NULL && !cache->lost && cache->looked_at != 0 &&
           cache->looked_at == monotonic_tick();
}

/* The rows "fresh" and "due" of the table. */
bool keycache_ready(struct keycache *cache, int64_t now)
{
    (void)keycache_child_ended(cache, 0); /* one that nobody waited for */
    if (!just_looked(cache)) {
        keycache_reload(cache);
    }
    bool good = usable(cache, now);
    if (good && cache->config->jwks_file == NULL && due(cache, now) &&
        monotonic_seconds() >= cache->quiet_until) {
        (void)keycache_refresh(cache, now, FOR_AGE);
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
    (void)keycache_refresh(cache, now, FOR_ANY);
    keycache_reload(cache);
    return usable(cache, now);
}

enum bearer_code keycache_find(void *context, const struct key_query *query, const struct jwk **key)
{
    struct keycache *cache = context;
    *key = NULL;
    if (!have_keys(cache, query->now)) {
        return BEARER_NO_KEYS;
    }
    enum bearer_code code =
        keyset_find(cache->keys, query->kid, query->kid_length, query->alg, key);
    if (code == BEARER_KID_UNKNOWN) { /* it may be in a file that came since just_looked() */
        keycache_reload(cache);
        code = keyset_find(cache->keys, query->kid, query->kid_length, query->alg, key);
    }
    if (code != BEARER_KID_UNKNOWN || !query->may_fetch || cache->config->jwks_file != NULL) {
        return code;
    }
    enum refreshed result = keycache_refresh(cache, query->now, FOR_KID);
    keycache_reload(cache);
    code = keyset_find(cache->keys, query->kid, query->kid_length, query->alg, key);
    /* What was fetched knows best, if it could be read. */
    bool told = result == REFRESH_DONE && !cache->lost;
    return code == BEARER_KID_UNKNOWN && !told ? BEARER_NO_KEYS : code;
}
