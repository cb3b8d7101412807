/* SPDX-License-Identifier: MIT */
/* The name of an issuer: what it may be, and what makes of it a place to ask. */
#ifndef FB_CONFIG_CONFIG_ISSUER_H
#define FB_CONFIG_CONFIG_ISSUER_H

#include <stdbool.h>
#include <stddef.h>

#include "config/config_types.h"

#define CONFIG_ISSUER_MAX    512          /* characters */
#define CONFIG_TENANT        "{tenantid}" /* stands in an issuer for the tenant of a token */
#define CONFIG_TENANT_LENGTH ((size_t)36) /* of what it stands for */

struct config_build;

/* What keeps a text from being an issuer's name, which is compared and nothing else: 1 to
 * CONFIG_ISSUER_MAX characters of UTF-8 that a person sees, no space among them. NULL: nothing. A
 * constant. */
const char *config_issuer_fault(const char *text);

/* Whether all of it is UTF-8 that a person sees, without a space. */
bool config_is_visible(const char *text);

/* The rest is in config_tenants.c. Whether it is the id of a tenant: a GUID in lower case. */
bool config_is_tenant(const char *text, size_t length);

/* Whether one issuer and the other could both be the `iss` of one token: they are the same, or what
 * stands for a tenant lets them be. */
bool config_issuers_meet(const char *one, const char *other);

/* Takes BEARER_TENANTS for config_kinds.c; and what it and AUTH0_ISSUER need of each other. */
void config_take_tenants(struct config_build *build, enum config_name name, const char *text,
                         void *field);
void config_check_tenants(struct config_build *build);

/* The issuer, of the domain where none is given; says what is wrong with it. `only_compared`: its
 * keys are found without its name, so that it need not be an https:// URL. */
void config_find_issuer(struct config_build *build, bool only_compared);

#endif
