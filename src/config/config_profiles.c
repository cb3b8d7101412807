/* SPDX-License-Identifier: MIT */
#include "config/config_profiles.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/safefile.h"
#include "config/config.h"
#include "config/config_build.h"
#include "config/config_claims.h"
#include "config/config_cross.h"
#include "config/config_folder.h"
#include "config/config_kinds.h"
#include "config/config_read.h"
#include "policy/requirement.h"

/* The directory: as it is set, else profiles/ beside the file that was read, else none. */
static void find_folder(struct config_build *build)
{
    struct config *config = build->config;
    const char *slash = config->file != NULL ? strrchr(config->file, '/') : NULL;
    if (config->profiles != NULL) {
        config_keep(build, config->profiles, &config->folder);
    } else if (slash != NULL && config->values[CONFIG_BEARER_PROFILES].text == NULL) {
        const int length = (int)(slash - config->file);
        if (asprintf(&config->folder, "%.*s/profiles", length, config->file) < 0) {
            config->folder = NULL;
        }
        config_have_memory(build, config->folder);
    }
}

/* Whose profiles count besides root's and our own: the program's owner's, as with bearer.env. But
 * root does not do what others write (configowner_become()): where that file is root's alone, they
 * are to be, too. */
static uid_t also_of(const struct config_build *build)
{
    const char *file = build->config->file;
    const bool roots = file == NULL || safe_check(file, (uid_t)-1, NULL) == SAFE_OK;
    return geteuid() == 0 && roots ? (uid_t)-1 : build->origin->program_owner;
}

/* Whether nobody else can add to it or take away from it. A directory that is not there is none,
 * unless somebody has named it. */
static bool folder_is_good(struct config_build *build, uid_t also)
{
    const struct config *config = build->config;
    struct diag diag = {0};
    const char *base = NULL;
    char *inside CLEANUP(cleanup_free) = NULL;
    if (asprintf(&inside, "%s/", config->folder) < 0) {
        inside = NULL;
        return config_have_memory(build, NULL);
    }
    const int fd CLEANUP(cleanup_fd) = safe_parent(inside, also, &base, &diag);
    if (fd >= 0) {
        return true;
    }
    if (errno == ENOENT && config->profiles != NULL) {
        char shown[CONFIG_SHOWN_MAX];
        config_refuse(build, CONFIG_BEARER_PROFILES,
                      "there is no directory %s; make it, or remove the setting",
                      config_shown(shown, config->folder));
    } else if (errno != ENOENT) {
        config_finding(build, true, "BEARER_PROFILES", "the directory of profiles: %s", diag.text);
    }
    return false;
}

/* What is in it and cannot be meant. */
static void check_folder(struct config_build *build, const struct config_folder *folder)
{
    char shown[CONFIG_SHOWN_MAX];
    char file[CONFIG_SHOWN_MAX];
    config_shown(shown, build->config->folder);
    if (folder->error != 0) {
        config_finding(build, true, "BEARER_PROFILES", "the directory of profiles %s: %s", shown,
                       strerror(folder->error));
    }
    if (folder->stray[0] != '\0') {
        config_finding(
            build, true, NULL,
            "%s/%s: is not the name of a profile, which is 1 to %d of a-z, 0-9 and -, then .env, "
            "and not default (that is %s); rename the file, or give it another ending than .env",
            shown, config_shown(file, folder->stray), CONFIG_PROFILE_NAME_MAX,
            build->config->file != NULL ? "bearer.env" : "what the environment says");
    }
    if (folder->count > CONFIG_PROFILES_MAX - 1) {
        config_finding(build, true, NULL, "%s: has %zu profiles; there may be %d, and default",
                       shown, folder->count, CONFIG_PROFILES_MAX - 1);
    }
}

/* What the file does not say, from default. What is wrong with it was said there. */
static void inherit(struct config_build *build)
{
    const struct config_build *from = build->defaults;
    for (unsigned i = 0; i < CONFIG__MAX; i++) {
        const struct config_value *theirs = &from->config->values[i];
        struct config_value *ours = &build->config->values[i];
        if (config_row((enum config_name)i)->scope == CONFIG_SCOPE_IDENTITY || ours->text != NULL ||
            build->refused[i]) {
            continue;
        }
        build->refused[i] = from->refused[i];
        if (theirs->text != NULL) {
            char *copy = NULL;
            config_keep(build, theirs->text, &copy);
            *ours = *theirs;
            ours->text = copy;
        }
    }
}

/* BEARER_REQUIRE of a profile: read like that of a location. */
static void check_requirement(struct config_build *build)
{
    struct config *config = build->config;
    struct requirement requirement;
    struct diag diag = {0};
    char file[CONFIG_SHOWN_MAX];
    if (config->require == NULL) {
        return;
    }
    if (!requirement_parse(config->require, &requirement, &diag)) {
        config_finding(build, true, "BEARER_REQUIRE", "BEARER_REQUIRE (%s:%u): %s",
                       config_shown(file, config->file), config->require_line, diag.text);
    }
    config->require_optional = requirement.optional;
}

/* The profile in NAME.env, which belongs to the others at *next at once. NULL: out of memory. */
static struct config *add_profile(struct config_build *defaults, const char *name, uid_t also,
                                  struct config **next)
{
    const struct config *first = defaults->config;
    char *path CLEANUP(cleanup_free) = NULL;
    struct config_build build = {.config = calloc(1, sizeof *build.config),
                                 .origin = defaults->origin,
                                 .report = defaults->report,
                                 .diag = defaults->diag,
                                 .errors = defaults->errors,
                                 .defaults = defaults};
    *next = build.config;
    if (build.config == NULL || asprintf(&path, "%s/%s.env", first->folder, name) < 0) {
        path = NULL;
        config_have_memory(defaults, NULL);
        return NULL;
    }
    memcpy(build.config->profile, name, strlen(name) + 1);
    build.config->program_owner = first->program_owner;
    if (first->program_dir != NULL) {
        config_keep(&build, first->program_dir, &build.config->program_dir);
    }
    if (config_read_profile(&build, path, also)) {
        inherit(&build);
        config_take_values(&build);
        config_cross_check(&build);
        check_requirement(&build);
    }
    defaults->errors = build.errors;
    return build.config;
}

/* Whether both have their keys from the same place in the same way: one fetch is for both. */
static bool same_source(const struct config *one, const struct config *other)
{
    const char *const texts[][2] = {{config_keys_uri(one), config_keys_uri(other)},
                                    {one->ca_file, other->ca_file},
                                    {one->proxy, other->proxy}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *const *pair = texts[i];
        if (pair[0] != pair[1] &&
            (pair[0] == NULL || pair[1] == NULL || strcmp(pair[0], pair[1]) != 0)) {
            return false;
        }
    }
    return true;
}

/* A document counts if there is a key in it for any profile that has its keys from there. */
static void join_sources(struct config *all)
{
    for (struct config *one = all; one != NULL; one = one->next) {
        one->fetched_algs = one->algs;
        for (const struct config *other = all; other != NULL; other = other->next) {
            if (other != one && same_source(one, other)) {
                one->fetched_algs |= other->algs;
            }
        }
    }
}

void config_add_profiles(struct config_build *build)
{
    struct config_folder folder;
    struct config *config = build->config;
    find_folder(build);
    const uid_t also = also_of(build);
    if (config->folder != NULL && folder_is_good(build, also)) {
        config_folder_look(config->folder, &folder);
        check_folder(build, &folder);
        config->folder_sum = folder.sum;
        struct config **next = &config->next;
        for (size_t i = 0; i < folder.count && i < CONFIG_PROFILES_MAX - 1; i++) {
            struct config *added = add_profile(build, folder.names[i], also, next);
            if (added == NULL) {
                return;
            }
            next = &added->next;
        }
    }
    join_sources(config);
    config_join_claims(build);
}
