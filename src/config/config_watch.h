/* SPDX-License-Identifier: MIT */
/* Whether the file that holds the configuration is still the one that was read: for a process that
 * outlives a change. */
#ifndef FB_CONFIG_CONFIG_WATCH_H
#define FB_CONFIG_CONFIG_WATCH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "config/config_origin.h"
#include "config/config_types.h"

/* What was written to a moment ago may still be being written: so long it is left alone
 * (milliseconds). */
#define CONFIG_SETTLE_MS 100

/* Whether the file was written to less than CONFIG_SETTLE_MS ago, by the clock of this machine. */
bool config_is_young(const struct stat *file);

enum config_change {
    /* or it cannot be told: out of memory */
    CONFIG_UNCHANGED = 0,
    /* another file, another content, or one where none was */
    CONFIG_CHANGED,
    /* changed less than CONFIG_SETTLE_MS ago */
    CONFIG_UNSETTLED,
    /* the file that the configuration was read from is not there */
    CONFIG_GONE,
};

/* Where the file is, and which it is. Zero: nothing was seen yet. */
struct config_watch {
    /* in the order in which they are looked for */
    unsigned place;
    /* errno: it cannot be looked at */
    int error;
    /* else */
    struct stat status;
    /* config_folder_look() of the directory of profiles of the configuration that is in use */
    uint64_t folder;
};

/* What there is *now, against what was seen before. `config`: the one in use, NULL: none. A file
 * that is looked for before its own counts, one that is looked for after it does not: where that is
 * gone nothing takes its place. One or two stat(), and one for each file of a profile. */
enum config_change config_watch_look(const struct config_watch *before,
                                     const struct config_origin *origin,
                                     const struct config *config, struct config_watch *now);

/* False: a file of a profile has changed since this configuration began to be read, so that it may
 * be a bit of both. */
bool config_watch_settled(const struct config *config);

#endif
