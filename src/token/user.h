/* SPDX-License-Identifier: MIT */
/* Who a token is for, as the guarded program is told it: REMOTE_USER. */
#ifndef FB_TOKEN_USER_H
#define FB_TOKEN_USER_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config.h"

struct json_object;

/* The text of BEARER_USER_CLAIM: a string with something in it, or a number as it is written; else
 * of `sub`, a string. `email` counts only where `email_verified` is true. Borrowed from the claims;
 * NULL: there is none. */
const char *user_find(struct json_object *claims, const struct config *config, size_t *length);

/* Whether a sub says who it is only together with the iss, as several of the issuer's tenants may
 * pass. */
bool user_needs_issuer(const struct config *config);

#endif
