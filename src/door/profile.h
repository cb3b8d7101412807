/* SPDX-License-Identifier: MIT */
/* One issuer and one source of its keys: what decides about its tokens. */
#ifndef FB_DOOR_PROFILE_H
#define FB_DOOR_PROFILE_H

#include "config/config.h"
#include "keys/keycache.h"
#include "token/tokencache.h"
#include "token/verifier.h"

struct profile {
    /* never changes */
    struct config *config;
    struct keycache *keys;
    /* NULL: no token is remembered */
    struct tokencache *seen;
    struct verifier *verifier;
};

/* Takes over `config`; what `options` points to must outlive the profile. NULL: out of memory, and
 * then `config` is still the caller's. */
struct profile *profile_new(struct config *config, const struct keycache_options *options);
void profile_free(struct profile *profile);
void profile_cleanup(struct profile **profile); /* for CLEANUP() */

#endif
