/* SPDX-License-Identifier: MIT */
/* What a worker holds: the keys it took, and the directory they come from. */
#include "keys/keycache_internal.h"

#include <unistd.h>

#include "base/monotonic.h"
#include "keys/boundkeys.h"

/* Seconds that another's stamp may lie ahead of a request, whose time is taken at its beginning.
 * More: the clock was set back. */
#define CLOCK_SLACK 10

int64_t keycache_age(int64_t when, int64_t now)
{
    int64_t passed = now - when;
    return passed < 0 && passed >= -CLOCK_SLACK ? 0 : passed;
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
        log_line(cache->options.log, LOG_LEVEL_WARN, "the key cache holds no key set: %s",
                 diag.text);
        return false;
    }
    boundkeys_drop(keys, cache->config, &diag);
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
        then =
            "With BEARER_REFRESH=external cron or a timer has to run \"bearerctl refresh\" as this "
            "user";
    } else if (!cache->options.may_keep) {
        then = "Plain CGI gets no keys without it";
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
    cache->dir = cache->options.look_only ? cache_dir_look(path, also, &diag)
                                          : cache_dir_open(path, also, &diag);
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
