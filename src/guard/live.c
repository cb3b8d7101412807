/* SPDX-License-Identifier: MIT */
#include "guard/live.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/monotonic.h"
#include "base/text.h"
#include "config/config_load.h"
#include "keys/refresher.h"

#define LOOK_MS 1000

static const struct config *live_config(const struct live *live)
{
    return live->profiles != NULL ? live->profiles->config : NULL;
}

static int64_t clock_ms(void)
{
    return monotonic_tick() / 1000000;
}

/* Puts this list (NULL: none), which it takes over, in the place of the one there was. */
static void take_list(struct live *live, struct revocations *revocations)
{
    revocations_free(live->revocations);
    live->revocations = revocations;
}

/* Puts what is made of *config, and the list, both of which it takes over, in the place of what
 * there was. False: out of memory, nothing has changed. */
static bool adopt(struct live *live, struct config **config, struct revocations **revocations)
{
    const struct keycache_options options = {.refresher = live->refresher,
                                             .may_keep = live->may_keep,
                                             .left = &live->left,
                                             .stopping = live->stopping,
                                             .log = live->log};
    struct profiles *profiles = profiles_new(*config, &options);
    if (profiles == NULL) {
        diag_set(&live->config_error, "out of memory");
        return false;
    }
    (void)steal(config);
    profiles_free(live->profiles);
    live->profiles = profiles;
    live->taken++;
    take_list(live, steal(revocations));
    live->watch.folder = profiles->config->folder_sum;
    live->log->level = profiles->config->log_level;
    live->log->json = profiles->config->log_json;
    return true;
}

/* Reads it, and takes it up if it is good. False: config_error says why not. */
static bool take_up(struct live *live, struct config *config)
{
    struct config *good CLEANUP(config_cleanup) = config;
    struct revocations *list CLEANUP(revocations_cleanup) = NULL;
    live->refused = good == NULL ||
                    !revocations_open(good, config_count(good), &list, &live->config_error) ||
                    !adopt(live, &good, &list);
    return !live->refused;
}

/* Notes what is only a warning, one a line. */
static void keep_warning(void *context, bool error, const char *name, const char *text)
{
    (void)name;
    if (!error) {
        text_puts(context, text);
        text_puts(context, "\n");
    }
}

/* Of the configuration that was taken up, once. A web server may show nothing of what a program
 * says before its first request; and under plain CGI each request is a start, of which only who
 * wants every detail is told. */
static void tell_warnings(struct live *live)
{
    const enum log_level level = live->may_keep ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG;
    char *all CLEANUP(cleanup_free) = steal(&live->warnings);
    for (char *at = all, *line = strsep(&at, "\n"); at != NULL; line = strsep(&at, "\n")) {
        log_line(live->log, level, "%s", line);
    }
}

void live_begin(struct live *live)
{
    struct text warnings CLEANUP(text_clear) = {0};
    const struct config_report report = {.finding = keep_warning, .context = &warnings};
    struct config_watch seen;
    if (live->may_keep) {
        /* Before it is read: a change meanwhile shows as one. */
        (void)config_watch_look(&live->watch, &live->origin, NULL, &seen);
        live->watch = seen;
        live->look_at = clock_ms() + LOOK_MS;
    }
    if (take_up(live, config_load(&live->origin, &report, &live->config_error))) {
        live->warnings = steal(&warnings.bytes);
    }
}

static void read_again(struct live *live, bool changed, const struct config_watch *seen)
{
    struct config_watch after;
    const struct diag before = live->config_error;
    struct diag error = {0};
    struct text warnings CLEANUP(text_clear) = {0};
    const struct config_report report = {.finding = keep_warning, .context = &warnings};
    struct config *config = config_load(&live->origin, &report, &error);
    if (config_watch_look(seen, &live->origin, live_config(live), &after) != CONFIG_UNCHANGED ||
        (config != NULL && !config_watch_settled(config))) {
        /* It has changed while it was read: this may be a bit of both, or of another file. */
        config_free(config);
        live->look_at += CONFIG_SETTLE_MS - LOOK_MS;
        return;
    }
    live->watch = *seen;
    live->config_error = error;
    if (take_up(live, config)) {
        log_line(live->log, LOG_LEVEL_WARN, "configuration read again from %s",
                 live->profiles->config->file != NULL ? live->profiles->config->file
                                                      : "the environment");
        live->warnings = steal(&warnings.bytes);
        tell_warnings(live);
    } else if (live->profiles != NULL &&
               (changed || strcmp(before.text, live->config_error.text) != 0)) {
        log_line(live->log, LOG_LEVEL_ERROR,
                 "the changed configuration is not used, and the one read before stays in use: %s",
                 live->config_error.text);
    }
}

/* The file, at `now` (milliseconds). */
static void look_at_config(struct live *live, int64_t now)
{
    struct config_watch seen;
    switch (config_watch_look(&live->watch, &live->origin, live_config(live), &seen)) {
    case CONFIG_UNSETTLED:
        live->look_at = now + CONFIG_SETTLE_MS;
        break;
    case CONFIG_GONE:
        live->watch = seen;
        live->refused = false;
        log_line(live->log, LOG_LEVEL_ERROR,
                 "%s is gone; what was read from it stays in use until it is there again or this "
                 "process ends",
                 live->profiles->config->file);
        break;
    case CONFIG_CHANGED:
        read_again(live, true, &seen);
        break;
    case CONFIG_UNCHANGED:
    default:
        /* What was wrong may have been elsewhere: a directory's mode, a file it names */
        if (live->refused) {
            read_again(live, false, &seen);
        }
        break;
    }
}

void live_look(struct live *live)
{
    if (live->warnings != NULL) {
        tell_warnings(live);
    }
    if (!live->may_keep) {
        return;
    }
    const int64_t now = clock_ms();
    if (now < live->look_at) {
        return;
    }
    live->look_at = now + LOOK_MS;
    refresher_reap_left(&live->left);
    look_at_config(live, now);
    const int64_t wait = revocations_look(live->revocations, live->log);
    if (wait < live->look_at - now) {
        live->look_at = now + wait;
    }
}

bool live_follow(struct live *live, const struct live *leader)
{
    struct revocations *list CLEANUP(revocations_cleanup) = NULL;
    if (leader->revocations != NULL) {
        list = revocations_share(leader->revocations);
        if (list == NULL) {
            return false;
        }
    }
    /* Ours is not released yet, so that another cannot be where it is. */
    if (live->profiles != NULL && live->profiles->config == leader->profiles->config) {
        take_list(live, steal(&list));
        return true;
    }
    struct config *config CLEANUP(config_cleanup) = config_share(leader->profiles->config);
    return adopt(live, &config, &list);
}

void live_end(struct live *live)
{
    profiles_free(live->profiles);
    take_list(live, NULL);
    free(live->warnings);
    live->profiles = NULL;
    live->warnings = NULL;
    refresher_forget_left(&live->left);
}
