/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/config_build.h"
#include "config/config_cross.h"
#include "config/config_kinds.h"
#include "config/config_profiles.h"
#include "config/config_read.h"

struct config *config_load(const struct config_origin *origin, const struct config_report *report,
                           struct diag *diag)
{
    struct config *config CLEANUP(config_cleanup) = calloc(1, sizeof *config);
    struct config_build build = {
        .config = config, .origin = origin, .report = report, .diag = diag};
    if (!config_have_memory(&build, config)) {
        return NULL;
    }
    memcpy(config->profile, CONFIG_DEFAULT_PROFILE, sizeof CONFIG_DEFAULT_PROFILE);
    config->program_owner = origin->program_owner;
    if (origin->program_dir != NULL) {
        config_keep(&build, origin->program_dir, &config->program_dir);
    }
    if (config_read(&build)) {
        config_take_values(&build);
        config_cross_check(&build);
        config_add_profiles(&build);
    }
    return build.errors == 0 ? steal(&config) : NULL;
}

static void free_profile(struct config *config)
{
    for (unsigned i = 0; i < CONFIG__NAMES; i++) {
        free(config->values[i].text);
    }
    config_release_values(config);
    free(config->file);
    free(config->jwks_file);
    free(config->discovery_uri);
    free(config->program_dir);
    free(config->require);
    free(config->folder);
    free(config);
}

void config_free(struct config *config)
{
    while (config != NULL) {
        struct config *next = config->next;
        free_profile(config);
        config = next;
    }
}

void config_cleanup(struct config **config)
{
    config_free(*config);
}

unsigned config_count(const struct config *config)
{
    unsigned count = 0;
    for (; config != NULL; config = config->next) {
        count++;
    }
    return count;
}

const char *config_usual(const struct config *config, enum config_name name)
{
    return name == CONFIG_BEARER_CACHE_DIR ? config->cache_dir : config_row(name)->usual;
}

const char *config_keys_uri(const struct config *config)
{
    return config->jwks_uri != NULL ? config->jwks_uri : config->discovery_uri;
}

bool config_audience_is_aud(const struct config *config)
{
    return strcmp(config->audience_claim, "aud") == 0;
}

const char *config_token_header(const struct config *config)
{
    return config->token_header != NULL ? config->values[CONFIG_BEARER_TOKEN_HEADER].text : NULL;
}

bool config_audience_is_open(const struct config *config)
{
    return strcmp(config->audience_claim, "none") == 0;
}

bool config_has_audience(const struct config *config, const char *text, size_t length)
{
    for (size_t i = 0; config->audiences[i] != NULL; i++) {
        if (strlen(config->audiences[i]) == length &&
            memcmp(config->audiences[i], text, length) == 0) {
            return true;
        }
    }
    return false;
}
