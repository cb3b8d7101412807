/* SPDX-License-Identifier: MIT */
#include "config/config.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "config/config_kinds.h"

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
    free(config->claim_variables);
    free(config);
}

struct config *config_share(struct config *config)
{
    atomic_fetch_add_explicit(&config->others, 1, memory_order_relaxed);
    return config;
}

void config_free(struct config *config)
{
    if (config != NULL &&
        atomic_fetch_sub_explicit(&config->others, 1, memory_order_acq_rel) != 0) {
        return;
    }
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
