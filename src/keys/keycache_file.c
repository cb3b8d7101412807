/* SPDX-License-Identifier: MIT */
/* Keys from a file:// document: no cache, no refresh; what the file says counts from the next look
 * on. */
#include "keys/keycache_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/monotonic.h"
#include "base/safefile.h"
#include "keys/boundkeys.h"

/* So long the keys of a file that is gone stay in use: an editor, or a deployment, takes the old
 * one away before the new one is there. */
#define GONE_MS INT64_C(10000)

/* For how long nothing has been at this path, in milliseconds, as far as can be told: the directory
 * it was taken from changed last then, or later. A worker that nobody asked meanwhile would else
 * take its own first look for the beginning. 0: it cannot be told, as where the path leads through
 * a link, or the clock was set. */
static int64_t gone_for(const char *path)
{
    struct stat status;
    struct timespec now = {0};
    char *copy CLEANUP(cleanup_free) = strdup(path);
    char *slash = copy != NULL ? strrchr(copy, '/') : NULL;
    while (slash != NULL && slash != copy && lstat(copy, &status) != 0) {
        *slash = '\0';
        if (stat(copy, &status) == 0) {
            clock_gettime(CLOCK_REALTIME, &now);
            int64_t passed = ((int64_t)now.tv_sec - status.st_mtim.tv_sec) * 1000 +
                             (now.tv_nsec - status.st_mtim.tv_nsec) / 1000000;
            return passed > 0 ? passed : 0;
        }
        slash = strrchr(copy, '/');
    }
    return 0;
}

/* Keys that were read stay for a while, then they are withdrawn. */
static void lose(struct keycache *cache)
{
    const char *path = cache->config->jwks_file;
    if (!cache->gone) {
        cache->gone = true;
        cache->gone_at = monotonic_ms();
        log_line(cache->options.log, LOG_LEVEL_ERROR, "keys from %s: the file is not there%s", path,
                 cache->keys != NULL ? "; the keys read before stay in use for ten seconds" : "");
    }
    cache->lost = true;
    cache->identity = (struct stat){0};
    if (cache->keys != NULL &&
        (monotonic_ms() - cache->gone_at >= GONE_MS || gone_for(path) >= GONE_MS)) {
        log_line(
            cache->options.log, LOG_LEVEL_ERROR,
            "keys from %s: the file is still not there: its keys are withdrawn, and no token can "
            "be checked until it is back",
            path);
        keycache_take(cache, NULL, 0);
        cache->lost = true;
    }
}

void keycache_reload_file(struct keycache *cache)
{
    const char *path = cache->config->jwks_file;
    struct stat status = {0};
    struct diag diag = {0};
    char *text CLEANUP(cleanup_free) = NULL;
    size_t length = 0;
    const int error = stat(path, &status) == 0 ? 0 : errno;
    if (error == ENOENT || error == ENOTDIR) {
        lose(cache);
        return;
    }
    bool told = cache->lost && !cache->gone;
    cache->gone = false;
    if (error == 0 && safe_same(&status, &cache->identity)) {
        return;
    }
    enum safe_result result = safe_read(path, cache->config->program_owner, CACHE_FILE_MAX, &text,
                                        &length, &cache->identity, &diag);
    struct keyset *keys =
        result == SAFE_OK ? keyset_parse(text, length, cache->config->algs, NULL, &diag) : NULL;
    if (keys != NULL) {
        boundkeys_drop(keys, cache->config, &diag);
        if (keyset_count(keys) == 0) {
            log_line(cache->options.log, LOG_LEVEL_WARN, "keys from %s: %s: every token is refused",
                     path, diag.text);
        }
        keycache_take(cache, keys, cache->identity.st_mtim.tv_sec);
        return;
    }
    cache->lost = true;
    if (!told) {
        log_line(cache->options.log, LOG_LEVEL_ERROR, "keys from %s: %s%s", path, diag.text,
                 cache->keys != NULL ? "; the keys read before stay in use" : "");
    }
}
