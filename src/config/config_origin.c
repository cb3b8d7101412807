/* SPDX-License-Identifier: MIT */
#include "config/config_origin.h"

#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME        "bearer.env"
#define CACHE_BELOW_HOME ".cache/fcgi-bearer"

static bool is_absolute(const char *path)
{
    return path != NULL && path[0] == '/';
}

const char *config_variable(char *const *environment, const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++) {
        if (strncmp(environment[i], name, length) == 0 && environment[i][length] == '=') {
            return environment[i] + length + 1;
        }
    }
    return NULL;
}

/* `folder`/`name`, the caller's; NULL: out of memory. */
static char *below(const char *folder, const char *name)
{
    char *path = NULL;
    const char *slash = folder[strlen(folder) - 1] == '/' ? "" : "/";
    return asprintf(&path, "%s%s%s", folder, slash, name) < 0 ? NULL : path;
}

bool config_places(const struct config_origin *origin, struct config_places *places)
{
    const char *named = config_variable(origin->environment, "BEARER_CONFIG");
    *places = (struct config_places){.named = named};
    if (named != NULL) {
        if (is_absolute(named)) {
            places->paths[places->count++] = named;
        } else if (named[0] != '\0') {
            places->relative = named;
        }
        return true;
    }
    if (is_absolute(origin->program_dir)) {
        places->beside = below(origin->program_dir, FILE_NAME);
        if (places->beside == NULL) {
            return false;
        }
        places->paths[places->count++] = places->beside;
    } else {
        places->relative = origin->program_dir;
    }
    if (origin->sysconf_file != NULL) {
        places->paths[places->count++] = origin->sysconf_file;
    }
    return true;
}

void config_places_clear(struct config_places *places)
{
    free(places->beside);
}

/* The folder of the running program; the caller's, NULL if it cannot be told. */
static char *own_folder(void)
{
    char path[PATH_MAX]; /* an absolute path, and shorter than this, or the kernel gives none */
    ssize_t length = readlink("/proc/self/exe", path, sizeof path);
    if (length <= 0) {
        return NULL;
    }
    const char *slash = memrchr(path, '/', (size_t)length);
    return strndup(path, slash > path ? (size_t)(slash - path) : 1);
}

void config_origin_self(struct config_origin *origin, char *const *environment)
{
    struct stat st;
    const char *home = config_variable(environment, "BEARER_HOME");
    *origin = (struct config_origin){
        .environment = environment,
        .program_dir = home != NULL ? strdup(home) : own_folder(),
        .program_owner = stat("/proc/self/exe", &st) == 0 ? st.st_uid : (uid_t)-1,
        .sysconf_file = FB_SYSCONFDIR "/fcgi-bearer/" FILE_NAME,
        .cache_dir = FB_LOCALSTATEDIR "/cache/fcgi-bearer",
    };
}

void config_origin_clear(struct config_origin *origin)
{
    free(origin->program_dir);
    *origin = (struct config_origin){.program_owner = (uid_t)-1};
}

/* A directory (no link) that is ours, or for root anybody's if so wanted, and that nobody else can
 * write. */
static bool usable_cache(const struct config_origin *origin)
{
    struct stat st;
    if (origin->cache_dir == NULL || lstat(origin->cache_dir, &st) != 0 || !S_ISDIR(st.st_mode)) {
        return false;
    }
    bool ours = st.st_uid == geteuid() || (origin->any_cache_owner && geteuid() == 0);
    return ours && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* The key cache of a user of whom no variable says where home is. */
static char *below_home(uid_t user)
{
    char room[4096]; /* a line of /etc/passwd that is longer says nothing */
    struct passwd entry;
    struct passwd *found = NULL;
    return getpwuid_r(user, &entry, room, sizeof room, &found) == 0 && found != NULL &&
                   is_absolute(found->pw_dir)
               ? below(found->pw_dir, CACHE_BELOW_HOME)
               : NULL;
}

char *config_default_cache_dir(const struct config_origin *origin)
{
    if (usable_cache(origin)) {
        return strdup(origin->cache_dir);
    }
    const char *cache = config_variable(origin->environment, "XDG_CACHE_HOME");
    if (is_absolute(cache)) { /* the XDG specification: a relative one is to be ignored */
        return below(cache, "fcgi-bearer");
    }
    const char *home = config_variable(origin->environment, "HOME");
    if (!is_absolute(home)) {
        return below_home(geteuid());
    }
    return below(home, CACHE_BELOW_HOME);
}
