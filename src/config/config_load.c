/* SPDX-License-Identifier: MIT */
#include "config/config_load.h"

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
