/* SPDX-License-Identifier: MIT */
#include "config/config_watch.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/safefile.h"
#include "config/config_folder.h"

#define NOWHERE UINT_MAX

/* How many places count: up to that of the file that is in use. */
static unsigned places_that_count(const struct config_places *places, const struct config *config)
{
    unsigned count = 0;
    while (count < places->count) {
        const char *path = places->paths[count++];
        if (config != NULL && config->file != NULL && strcmp(config->file, path) == 0) {
            break;
        }
    }
    return count;
}

static void find(const struct config_places *places, unsigned count, struct config_watch *found)
{
    found->place = NOWHERE;
    found->error = 0;
    found->status = (struct stat){0};
    for (unsigned i = 0; i < count && found->place == NOWHERE; i++) {
        int error = stat(places->paths[i], &found->status) == 0 ? 0 : errno;
        if (error != ENOENT && error != ENOTDIR) {
            found->place = i;
            found->error = error;
        }
    }
}

static bool same(const struct config_watch *one, const struct config_watch *other)
{
    return one->place == other->place && one->error == other->error &&
           one->folder == other->folder && safe_same(&one->status, &other->status);
}

/* Any later change has another time, so what is not young is as whole as its writer has left it. */
static bool is_young(const struct timespec *changed)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    if (changed->tv_sec > now.tv_sec || changed->tv_sec < now.tv_sec - 1) {
        return false; /* the future, as another machine's clock may have it, says nothing */
    }
    int64_t ms =
        (int64_t)(now.tv_sec - changed->tv_sec) * 1000 + (now.tv_nsec - changed->tv_nsec) / 1000000;
    return ms >= 0 && ms < CONFIG_SETTLE_MS;
}

bool config_is_young(const struct stat *file)
{
    return is_young(&file->st_mtim);
}

enum config_change config_watch_look(const struct config_watch *before,
                                     const struct config_origin *origin,
                                     const struct config *config, struct config_watch *now)
{
    struct config_places places CLEANUP(config_places_clear) = {0};
    struct config_folder folder = {.error = 0};
    *now = *before;
    if (!config_places(origin, &places)) {
        return CONFIG_UNCHANGED;
    }
    find(&places, places_that_count(&places, config), now);
    if (config != NULL) {
        config_folder_look(config->folder, &folder);
        now->folder = folder.sum;
    }
    if (same(before, now)) {
        return CONFIG_UNCHANGED;
    }
    if (now->place == NOWHERE) {
        return config != NULL && config->file != NULL ? CONFIG_GONE : CONFIG_CHANGED;
    }
    bool young = (now->error == 0 && config_is_young(&now->status)) || is_young(&folder.newest);
    return young ? CONFIG_UNSETTLED : CONFIG_CHANGED;
}

bool config_watch_settled(const struct config *config)
{
    struct config_folder folder;
    config_folder_look(config->folder, &folder);
    return folder.sum == config->folder_sum;
}
