/* SPDX-License-Identifier: MIT */
#include "door/profile.h"

#include <stdlib.h>

#include "base/cleanup.h"

struct profile *profile_new(struct config *config, const struct keycache_options *options)
{
    struct profile *profile CLEANUP(profile_cleanup) = calloc(1, sizeof *profile);
    if (profile == NULL) {
        return NULL;
    }
    profile->keys = keycache_new(config, options);
    profile->seen = tokencache_new(config->token_cache, 1);
    profile->verifier =
        profile->keys != NULL ? verifier_new(config, profile->keys, profile->seen, 0) : NULL;
    if (profile->verifier == NULL) {
        return NULL;
    }
    profile->config = config;
    return steal(&profile);
}

void profile_free(struct profile *profile)
{
    if (profile == NULL) {
        return;
    }
    verifier_free(profile->verifier);
    tokencache_free(profile->seen);
    keycache_free(profile->keys);
    config_free(profile->config);
    free(profile);
}

void profile_cleanup(struct profile **profile)
{
    profile_free(*profile);
}
