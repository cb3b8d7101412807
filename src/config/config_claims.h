/* SPDX-License-Identifier: MIT */
/* Claims that settings name, for config_kinds.c: one at the top of a token, one anywhere in it, and
 * those for the guarded program. */
#ifndef FB_CONFIG_CONFIG_CLAIMS_H
#define FB_CONFIG_CONFIG_CLAIMS_H

#include "config/config_types.h"

struct config_build;

/* Takes the name of a claim, which stands at the top of a token: `field` is a char *. */
void config_take_claim(struct config_build *build, enum config_name name, const char *text,
                       void *field);

/* The same, or a JSON Pointer to one (RFC 6901, section 3), which begins with a slash. */
void config_take_pointer(struct config_build *build, enum config_name name, const char *text,
                         void *field);

/* Takes a list of either, and of NAME=/POINTER: `field` is a struct config_claim *. Two that would
 * have the same variable are a warning. */
void config_take_claims(struct config_build *build, enum config_name name, const char *text,
                        void *field);
void config_release_claims(void *field);

/* Once all profiles are there: config->claim_variables of `default`. */
void config_join_claims(struct config_build *build);

#endif
