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

/* Seconds that another's stamp may lie ahead of a request, whose time is taken at its beginning. More: the clock was set back. */
#define CLOCK_SLACK 10

int64_t keycache_age(int64_t when, int64_t now)
{
    int64_t passed = now - when;
    return passed < 0 && passed >= -CLOCK_SLACK ? 0 : passed;
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

void keycache_view(const struct keycache *cache, struct keycache_view *view)
{
    *view = (struct keycache_view){.keys = cache->keys,
                                   .since = cache->fetched,
                                   .would_refresh = cache->would_refresh,
                                   .would_renew = cache->would_renew};
}

void keycache_take(struct keycache *cache, struct keyset *keys, int64_t fetched)
{
    keyset_free(cache->keys);
    cache->keys = keys;
    cache->version++;
    cache->fetched = fetched;
    cache->lost = false;
    cache->doubted = false;
    cache->from_pipe = false;
}

bool keycache_adopt(struct keycache *cache, struct cached *cached)
{
    struct diag diag = {0};
    struct keyset *keys = keyset_make(cached->json, cache->config->algs, NULL, &diag);
    if (keys == NULL) {
        cache->lost = true;
        log_line(cache->options.log, LOG_LEVEL_WARN, "the key cache holds no key set: %s", diag.text);
        return false;
    }
    keycache_take(cache, keys, cached->fetched);
    cache->doubted = cached->doubted;
    return true;
}

void keycache_tell_dir(struct keycache *cache, const struct diag *diag)
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

bool keycache_have_dir(struct keycache *cache)
{
    struct diag diag = {0};
    if (cache->dir >= 0 || cache->dir_tried_at == monotonic_seconds()) {
        return cache->dir >= 0;
    }
    cache->dir_tried_at = monotonic_seconds();
    const char *path = cache->config->cache_dir;
    uid_t also = cache->config->program_owner;
    cache->dir =
        cache->options.look_only ? cache_dir_look(path, also, &diag) : cache_dir_open(path, also, &diag);
    if (cache->dir < 0) {
        keycache_tell_dir(cache, &diag);
    }
    return cache->dir >= 0;
}

void keycache_drop_dir(struct keycache *cache)
{
    close(cache->dir);
    cache->dir = -1;
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

/* Keys that were fetched in the future, as the clock was set back since, are used as long as keys of the past; beyond that they count as long past. */
static bool usable(const struct keycache *cache, int64_t now)
{
    int64_t max_stale = cache->config->max_stale;
    int64_t passed = keycache_age(cache->fetched, now);
    return cache->keys != NULL &&
           (cache->config->jwks_file != NULL || (passed < max_stale && passed >= -max_stale));
}

/* A time in the future says nothing about the age: the keys are due. So they are when the issuer has been seen without a usable key, until it says so again, or something else. */
static bool due(const struct keycache *cache, int64_t now)
{
    int64_t passed = keycache_age(cache->fetched, now);
    return cache->lost || cache->doubted || passed < 0 || passed >= cache->config->ttl;
}

/* Whether the file behind good keys was looked at in this tick of the clock. Looking again would be the only system call of a request whose token is known, and on some
 * machines a tenth of its time. */
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
    enum bearer_code code = keyset_find(cache->keys, query->kid, query->kid_length, query->alg, key);
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
