/* SPDX-License-Identifier: MIT */
/* What the claims of a verified token grant. A claim of the wrong type grants nothing. */
#ifndef FB_POLICY_GRANTS_H
#define FB_POLICY_GRANTS_H

#include <stdbool.h>
#include <stddef.h>

#define GRANTS_CLAIM_MAX 2048 /* octets of a claim's name */

struct json_object;

/* Whether this client was granted the scope: one of the space-separated words of the `scope`
 * string, else of the `scp` string or array of strings (RFC 6749, section 3.3; RFC 8693, section
 * 4.2). */
bool grants_scope(const struct json_object *claims, const char *scope, size_t length);

/* Whether its user may do it: an element of the `permissions` array of strings (Auth0, RBAC). */
bool grants_permission(const struct json_object *claims, const char *permission, size_t length);

/* Whether the claim is this value: a string, a number as it is written, true or false, or an array
 * with such an element. No claim has a name of more than GRANTS_CLAIM_MAX octets. */
bool grants_claim(const struct json_object *claims, const char *name, size_t name_length,
                  const char *value, size_t value_length);

#endif
