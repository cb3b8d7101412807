/* SPDX-License-Identifier: MIT */
/* Whose token it is: the one place where an issuer is compared. */
#ifndef FB_TOKEN_ISSUER_H
#define FB_TOKEN_ISSUER_H

#include <stdbool.h>

#include "base/error.h"
#include "config/config.h"

struct json_object;

/* Whether the `iss` of these claims is this issuer, to the letter. Where that holds {tenantid},
 * that stands for their `tid`, which must be a GUID in lower case. */
bool issuer_is(const char *issuer, const struct json_object *claims);

/* The same of the configured one, which is OK; with BEARER_TENANTS the tenant must be one of those,
 * too. Else BEARER_ISS_MISSING, BEARER_ISS_WRONG or BEARER_TENANT. */
enum bearer_code issuer_check(const struct json_object *claims, const struct config *config);

#endif
