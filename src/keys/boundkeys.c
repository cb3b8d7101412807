/* SPDX-License-Identifier: MIT */
#include "keys/boundkeys.h"

#include <stddef.h>

#include "config/config_issuer.h"

bool boundkeys_ours(const struct config *config, const struct jwk *key)
{
    const char *bound = jwk_issuer(key);
    return bound == NULL || config_issuers_meet(config->issuer, bound);
}

static bool ours(const void *context, const struct jwk *key)
{
    return boundkeys_ours(context, key);
}

void boundkeys_drop(struct keyset *set, const struct config *config, struct diag *diag)
{
    const size_t dropped = keyset_keep(set, ours, config);
    if (dropped > 0 && keyset_count(set) == 0) {
        diag_set(diag, "the key set has no key of this issuer; %zu are bound to others (issuer)",
                 dropped);
    }
}
