#include "guard/reload.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/monotonic.h"
#include "keys/refresher.h"

#define LOOK_MS 1000

static int64_t clock_ms(void)
{
    return monotonic_tick() / 1000000;
}

/* Puts *config, which it takes over, and what hangs on it in the place of what there was. False: out of memory, nothing has changed. */
static bool adopt(struct service *service, struct config **config)
{
    const struct keycache_options options = {.refresher = service->refresher,
                                             .may_keep = service->may_keep,
                                             .stopping = service->stopping,
                                             .log = &service->log};
    struct keycache *cache = keycache_new(*config, &options);
    struct verifier *verifier = cache != NULL ? verifier_new(*config, cache) : NULL;
    if (verifier == NULL) {
        keycache_free(cache);
        return false;
    }
    service->children_left = service->config != NULL;
    reload_end(service);
    service->config = steal(config);
    service->cache = cache;
    service->verifier = verifier;
    service->log.level = service->config->log_level;
    return true;
}

/* Reads it, and takes it up if it is good. False: config_error says why not. */
static bool take_up(struct service *service, struct config *config)
{
    struct config *good CLEANUP(config_cleanup) = config;
    bool taken = good != NULL && adopt(service, &good);
    if (good != NULL) {
        diag_set(&service->config_error, "out of memory");
    }
    service->refused = !taken;
    return taken;
}

void reload_begin(struct service *service)
{
    struct config_watch seen;
    if (service->may_keep) {
        /* Before it is read: a change meanwhile shows as one. */
        (void)config_watch_look(&service->watch, &service->origin, NULL, &seen);
        service->watch = seen;
        service->look_at = clock_ms() + LOOK_MS;
    }
    (void)take_up(service, config_load(&service->origin, NULL, &service->config_error));
}

static void read_again(struct service *service, bool changed, const struct config_watch *seen)
{
    struct config_watch after;
    const struct diag before = service->config_error;
    struct diag error = {0};
    struct config *config = config_load(&service->origin, NULL, &error);
    if (config_watch_look(seen, &service->origin, service->config, &after) != CONFIG_UNCHANGED) {
        config_free(
            config); /* it has changed while it was read: this may be a bit of both, or of another file */
        service->look_at += CONFIG_SETTLE_MS - LOOK_MS;
        return;
    }
    service->watch = *seen;
    service->config_error = error;
    if (take_up(service, config)) {
        log_line(&service->log, LOG_LEVEL_WARN, "configuration read again from %s",
                 service->config->file != NULL ? service->config->file : "the environment");
    } else if (service->config != NULL && (changed || strcmp(before.text, service->config_error.text) != 0)) {
        log_line(&service->log, LOG_LEVEL_ERROR,
                 "the changed configuration is not used, and the one read before stays in use: %s",
                 service->config_error.text);
    }
}

void reload_look(struct service *service)
{
    struct config_watch seen;
    if (!service->may_keep) {
        return;
    }
    const int64_t now = clock_ms();
    if (now < service->look_at) {
        return;
    }
    service->look_at = now + LOOK_MS;
    if (service->children_left) {
        service->children_left = refresher_reap_left();
    }
    switch (config_watch_look(&service->watch, &service->origin, service->config, &seen)) {
    case CONFIG_UNSETTLED:
        service->look_at = now + CONFIG_SETTLE_MS;
        break;
    case CONFIG_GONE:
        service->watch = seen;
        service->refused = false;
        log_line(
            &service->log, LOG_LEVEL_ERROR,
            "%s is gone; what was read from it stays in use until it is there again or this process ends",
            service->config->file);
        break;
    case CONFIG_CHANGED:
        read_again(service, true, &seen);
        break;
    case CONFIG_UNCHANGED:
    default:
        if (service
                ->refused) { /* what was wrong may have been elsewhere: a directory's mode, a file it names */
            read_again(service, false, &seen);
        }
        break;
    }
}

void reload_end(struct service *service)
{
    verifier_free(service->verifier);
    keycache_free(service->cache);
    config_free(service->config);
    service->verifier = NULL;
    service->cache = NULL;
    service->config = NULL;
}
