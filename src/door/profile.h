/* SPDX-License-Identifier: MIT */
/* What it takes to judge tokens as one configuration says: for each of its profiles the settings,
 * the keys that they name, and the verifier over both. A profile's keys are asked about its own
 * tokens only. */
#ifndef FB_DOOR_PROFILE_H
#define FB_DOOR_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"
#include "keys/keycache.h"
#include "policy/requirement.h"
#include "token/tokencache.h"
#include "token/verifier.h"

/* Some of the profiles, by their numbers. */
struct profile_set {
    uint64_t bits[CONFIG_PROFILES_MAX / 64];
};

struct profile {
    /* where it stands among the others */
    size_t number;
    /* never changes; of struct profiles */
    const struct config *config;
    struct keycache *keys;
    struct verifier *verifier;
    /* its own BEARER_REQUIRE; text NULL: it has none */
    struct requirement require;
    /* those whose tokens could be taken for its own, by their issuer: no request may name both */
    struct profile_set alike;
};

/* All of a configuration, taken up and given up as one. */
struct profiles {
    /* all of them, the first is `default`'s */
    struct config *config;
    /* of all verifiers; NULL: nothing is remembered */
    struct tokencache *seen;
    /* at least one: `default` is the first */
    size_t count;
    struct profile all[];
};

/* Takes over `config`; what `options` points to must outlive the profiles. NULL: out of memory, and
 * then `config` is still the caller's. */
struct profiles *profiles_new(struct config *config, const struct keycache_options *options);
void profiles_free(struct profiles *profiles);
void profiles_cleanup(struct profiles **profiles); /* for CLEANUP() */

#endif
