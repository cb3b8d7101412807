/* What a configuration needs to know of the process, and what it hands on to the next one. */
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "config/config_internal.h"

#define FILE_NAME "bearer.env"

/* The path of the file in a program's folder (absolute); the caller's. */
static char *beside(const char *folder)
{
    return config_format("%s%s%s", folder, folder[strlen(folder) - 1] == '/' ? "" : "/", FILE_NAME);
}

bool config_places(const struct config_origin *origin, struct config_places *places)
{
    const char *given = config_variable(origin->environment, "BEARER_CONFIG");
    const char *folder = given == NULL ? origin->program_dir : NULL;
    *places = (struct config_places){0};
    if (given != NULL && given[0] == '/') {
        places->paths[places->count++] = given;
    }
    if (folder != NULL && folder[0] == '/') {
        places->beside = beside(folder);
        if (places->beside == NULL) {
            return false;
        }
        places->paths[places->count++] = places->beside;
    }
    if (given == NULL && origin->sysconf_file != NULL) {
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

/* A directory (no link) that is ours, or for root anybody's if so wanted, and that nobody else can write. */
static bool usable_cache(const struct config_origin *origin)
{
    struct stat st;
    if (origin->cache_dir == NULL || lstat(origin->cache_dir, &st) != 0 || !S_ISDIR(st.st_mode)) {
        return false;
    }
    bool ours = st.st_uid == geteuid() || (origin->any_cache_owner && geteuid() == 0);
    return ours && (st.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static bool is_absolute(const char *path)
{
    return path != NULL && path[0] == '/';
}

char *config_default_cache_dir(const struct config_origin *origin)
{
    if (usable_cache(origin)) {
        return strdup(origin->cache_dir);
    }
    const char *cache = config_variable(origin->environment, "XDG_CACHE_HOME");
    if (is_absolute(cache)) { /* the XDG specification: a relative one is to be ignored */
        return config_format("%s/fcgi-bearer", cache);
    }
    const char *home = config_variable(origin->environment, "HOME");
    if (!is_absolute(home)) {
        const struct passwd *entry = getpwuid(geteuid());
        home = entry != NULL ? entry->pw_dir : NULL;
    }
    return is_absolute(home) ? config_format("%s/.cache/fcgi-bearer", home) : NULL;
}

char **config_environment(const struct config *config)
{
    static const char *const fixed[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8",
                                        "BEARER_CONFIG="};
    size_t fixed_count = sizeof fixed / sizeof fixed[0];
    char **environment = calloc(fixed_count + 1 + CONFIG__MAX + 1, sizeof *environment);
    if (environment == NULL) {
        return NULL;
    }
    size_t used = 0;
    for (size_t i = 0; i < fixed_count; i++) {
        environment[used] = strdup(fixed[i]);
        if (environment[used++] == NULL) {
            config_environment_free(environment);
            return NULL;
        }
    }
    if (config->program_dir != NULL) {
        environment[used] = config_format("BEARER_HOME=%s", config->program_dir);
        if (environment[used++] == NULL) {
            config_environment_free(environment);
            return NULL;
        }
    }
    for (unsigned i = 0; i < CONFIG__MAX; i++) {
        const char *text = i == CONFIG_BEARER_CACHE_DIR ? config->cache_dir : config->values[i].text;
        if (text == NULL) {
            continue;
        }
        environment[used] = config_format("%s=%s", config_name((enum config_name)i), text);
        if (environment[used++] == NULL) {
            config_environment_free(environment);
            return NULL;
        }
    }
    return environment;
}

void config_environment_free(char **environment)
{
    for (size_t i = 0; environment != NULL && environment[i] != NULL; i++) {
        free(environment[i]);
    }
    free(environment);
}
