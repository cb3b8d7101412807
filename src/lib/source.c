/* SPDX-License-Identifier: MIT */
#include "lib/source.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/monotonic.h"
#include "keys/refresher.h"

extern char **environ;

#define NAMED "BEARER_CONFIG"

static void free_environment(char **environment)
{
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++) {
        free(environment[i]);
    }
    free(environment);
}

static bool names_file(const char *variable)
{
    return strncmp(variable, NAMED "=", sizeof NAMED) == 0;
}

/* The process's, with `file` (NULL: as it says) as the one that is named. NULL: out of memory. */
static char **copy_environment(const char *file)
{
    size_t count = 0;
    while (environ != NULL && environ[count] != NULL) {
        count++;
    }
    char **copy = calloc(count + 2, sizeof *copy);
    size_t used = 0;
    bool good = copy != NULL;
    for (size_t i = 0; i < count && good; i++) {
        if (file == NULL || !names_file(environ[i])) {
            good = (copy[used] = strdup(environ[i])) != NULL;
            used++;
        }
    }
    if (good && file != NULL && asprintf(&copy[used], NAMED "=%s", file) < 0) {
        copy[used] = NULL;
        good = false;
    }
    if (!good) {
        free_environment(copy);
        return NULL;
    }
    return copy;
}

bool source_open(struct source *source, const char *file, const struct log *log, struct diag *diag)
{
    struct live *live = &source->live;
    *source = (struct source){.log = *log};
    pthread_mutex_init(&source->lock, NULL);
    source->environment = copy_environment(file);
    if (source->environment == NULL) {
        diag_set(diag, "out of memory");
        return false;
    }
    *live = (struct live){.may_keep = true, .log = &source->log};
    config_origin_self(&live->origin, source->environment);
    live->refresher = refresher_find(live->origin.program_dir);
    live_begin(live);
    if (live->profiles == NULL) {
        *diag = live->config_error;
        return false;
    }
    atomic_store(&source->look_at, live->look_at);
    atomic_store(&source->version, 1);
    return true;
}

void source_close(struct source *source)
{
    live_end(&source->live);
    config_origin_clear(&source->live.origin);
    free(source->live.refresher);
    free_environment(source->environment);
    pthread_mutex_destroy(&source->lock);
}

void source_look(struct source *source)
{
    struct live *live = &source->live;
    if (monotonic_tick() / 1000000 < atomic_load_explicit(&source->look_at, memory_order_relaxed) ||
        pthread_mutex_trylock(&source->lock) != 0) {
        return;
    }
    const uint64_t taken = live->taken;
    const uint64_t list = revocations_version(live->revocations);
    live_look(live);
    if (taken != live->taken || list != revocations_version(live->revocations)) {
        atomic_fetch_add(&source->version, 1);
    }
    atomic_store_explicit(&source->look_at, live->look_at, memory_order_relaxed);
    pthread_mutex_unlock(&source->lock);
}

bool source_follow(struct source *source, struct live *live, uint64_t *version)
{
    if (*version == atomic_load_explicit(&source->version, memory_order_acquire)) {
        return true;
    }
    pthread_mutex_lock(&source->lock);
    const bool good = live_follow(live, &source->live);
    if (good) {
        *version = atomic_load(&source->version);
    }
    pthread_mutex_unlock(&source->lock);
    return good;
}
