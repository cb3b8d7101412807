/* SPDX-License-Identifier: MIT */
/* Keys that their document binds to one issuer (the JWK member `issuer`, as Entra ID has it).
 * Several profiles may read one document: which of its keys may verify a profile's tokens is judged
 * for each. */
#ifndef FB_KEYS_BOUNDKEYS_H
#define FB_KEYS_BOUNDKEYS_H

#include <stdbool.h>

#include "base/diag.h"
#include "config/config.h"
#include "jose/keyset.h"

/* Whether a token of this configuration's issuer could be good under this key: it is bound to none,
 * or to one that could be the token's. {tenantid} in either stands for any tenant; the token is
 * compared with it later, by token_verify(). */
bool boundkeys_ours(const struct config *config, const struct jwk *key);

/* Drops the keys that are not, so that none of them stands in the way of one under the same kid.
 * Where none is left `diag` says why. */
void boundkeys_drop(struct keyset *set, const struct config *config, struct diag *diag);

#endif
