/* SPDX-License-Identifier: MIT */
#include "door/profile.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "config/config_issuer.h"

/* False: out of memory. */
static bool fill(struct profile *profile, const struct config *config, struct tokencache *seen,
                 const struct keycache_options *options)
{
    profile->config = config;
    profile->keys = keycache_new(config, options);
    profile->verifier =
        profile->keys != NULL ? verifier_new(config, profile->keys, seen, profile->number) : NULL;
    if (config->require != NULL) { /* its text was found good when it was read */
        (void)requirement_parse(config->require, &profile->require, NULL);
    }
    return profile->verifier != NULL;
}

static void find_alike(struct profile *profile, const struct profiles *profiles)
{
    for (size_t i = 0; i < profiles->count; i++) {
        if (i != profile->number &&
            config_issuers_meet(profiles->all[i].config->issuer, profile->config->issuer)) {
            profile->alike.bits[i / 64] |= UINT64_C(1) << i % 64;
        }
    }
}

struct profiles *profiles_new(struct config *config, const struct keycache_options *options)
{
    const size_t count = config_count(config);
    struct profiles *profiles CLEANUP(profiles_cleanup) =
        calloc(1, sizeof *profiles + count * sizeof profiles->all[0]);
    if (profiles == NULL) {
        return NULL;
    }
    struct keycache_options mine = *options;
    mine.shared = count > 1;
    profiles->seen = tokencache_new(config->token_cache, count);
    for (const struct config *each = config; each != NULL; each = each->next) {
        struct profile *profile = &profiles->all[profiles->count];
        profile->number = profiles->count++;
        if (!fill(profile, each, profiles->seen, &mine)) {
            return NULL;
        }
    }
    for (size_t i = 0; i < count; i++) {
        find_alike(&profiles->all[i], profiles);
    }
    profiles->config = config;
    return steal(&profiles);
}

void profiles_free(struct profiles *profiles)
{
    if (profiles == NULL) {
        return;
    }
    for (size_t i = 0; i < profiles->count; i++) {
        verifier_free(profiles->all[i].verifier);
        keycache_free(profiles->all[i].keys);
    }
    tokencache_free(profiles->seen);
    config_free(profiles->config);
    free(profiles);
}

void profiles_cleanup(struct profiles **profiles)
{
    profiles_free(*profiles);
}
