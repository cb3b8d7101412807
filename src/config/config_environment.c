/* SPDX-License-Identifier: MIT */
#include "config/config_environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_algorithms.h"
#include "config/config_table.h"

/* NAME=text as the next of the variables. False: out of memory. */
static bool add(char **environment, size_t *used, const char *name, const char *text)
{
    char *variable = NULL;
    if (asprintf(&variable, "%s=%s", name, text) < 0) {
        return false;
    }
    environment[(*used)++] = variable;
    return true;
}

/* What a child has of a setting, NULL: nothing. It works for one profile, whose keys may be for
 * others too (`algorithms`). */
static const char *handed_on(const struct config *config, enum config_name name,
                             const char *algorithms)
{
    if (name == CONFIG_BEARER_PROFILES) {
        return NULL;
    }
    if (name == CONFIG_BEARER_CACHE_DIR) {
        return config->cache_dir;
    }
    bool shared = name == CONFIG_AUTH0_ALGORITHMS && config->fetched_algs != config->algs;
    return shared ? algorithms : config->values[name].text;
}

static bool fill(const struct config *config, char **environment)
{
    size_t used = 0;
    char algorithms[CONFIG_ALGORITHMS_MAX];
    config_write_algorithms(algorithms, config->fetched_algs);
    bool good = add(environment, &used, "PATH", "/usr/local/bin:/usr/bin:/bin") &&
                add(environment, &used, "LANG", "C.UTF-8") &&
                add(environment, &used, "BEARER_CONFIG", "") &&
                (config->program_dir == NULL ||
                 add(environment, &used, "BEARER_HOME", config->program_dir));
    for (unsigned i = 0; i < CONFIG__MAX && good; i++) {
        const char *text = handed_on(config, (enum config_name)i, algorithms);
        good = text == NULL ||
               add(environment, &used, config_spelling(config, (enum config_name)i), text);
    }
    return good;
}

char **config_environment(const struct config *config)
{
    char **environment = calloc(4 + CONFIG__MAX + 1, sizeof *environment);
    if (environment != NULL && !fill(config, environment)) {
        config_environment_free(environment);
        environment = NULL;
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
