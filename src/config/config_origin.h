/* SPDX-License-Identifier: MIT */
/* What a configuration needs to know of the process: where its file may be, and the key cache. */
#ifndef FB_CONFIG_CONFIG_ORIGIN_H
#define FB_CONFIG_CONFIG_ORIGIN_H

#include <stdbool.h>
#include <sys/types.h>

/* Where a configuration comes from. */
struct config_origin {
    /* Of the process, NAME=value, NULL-terminated. */
    char *const *environment;
    /* Which is that of a request too: names of kind policy belong there. */
    bool plain_cgi;
    /* $BEARER_HOME, else the folder of /proc/self/exe; NULL if unknown. */
    char *program_dir;
    /* (uid_t)-1 if unknown. */
    uid_t program_owner;
    /* The file read last; NULL: none. */
    const char *sysconf_file;
    /* The key cache's directory if it is there and ours; NULL: none. */
    const char *cache_dir;
    /* Root takes `cache_dir` whoever owns it: bearerctl, which then acts as that owner. */
    bool any_cache_owner;
};

/* Fills `origin` from this process and the compiled-in directories: `environment` is borrowed;
 * any_cache_owner is false. Release with config_origin_clear(). */
void config_origin_self(struct config_origin *origin, char *const *environment);
void config_origin_clear(struct config_origin *origin);

/* The value of a variable in an environment, borrowed; NULL: not set. */
const char *config_variable(char *const *environment, const char *name);

/* The files that may hold the configuration, in the order in which they are looked for: the first
 * that is there does. */
struct config_places {
    /* Absolute; borrowed from the origin, and from `beside`. */
    const char *paths[2];
    unsigned count;
    /* $BEARER_CONFIG, borrowed; then no other place counts, and none at all if it is empty. NULL:
     * not set. */
    const char *named;
    /* $BEARER_CONFIG or, where that is not set, the program's folder, if it is no absolute path and
     * so no place: an error. Borrowed; NULL: neither. */
    const char *relative;
    char *beside;
};

/* False: out of memory. */
bool config_places(const struct config_origin *origin, struct config_places *places);
void config_places_clear(struct config_places *places); /* for CLEANUP() */

/* Where the key cache is by default (NULL: nowhere, or out of memory); the caller's. */
char *config_default_cache_dir(const struct config_origin *origin);

#endif
