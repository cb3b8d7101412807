/* SPDX-License-Identifier: MIT */
/* What the claims of a verified token grant. A claim of the wrong type grants nothing. */
#ifndef FB_POLICY_GRANTS_H
#define FB_POLICY_GRANTS_H

#include <stdbool.h>
#include <stddef.h>

struct json_object;

/* The claim that has the scopes: `scope`, or `scp` if it is there and `scope` is absent or empty.
 * Either is a string of words with spaces between them (RFC 6749, section 3.3; RFC 8693, section
 * 4.2), or an array of strings, each one scope; of another type, and with one element that is no
 * string, it grants nothing. A constant. */
const char *grants_scope_claim(const struct json_object *claims);

/* Whether this client was granted the scope: one of those in that claim. */
bool grants_scope(const struct json_object *claims, const char *scope, size_t length);

/* Whether its user may do it: an element of the `permissions` array of strings (Auth0, RBAC). */
bool grants_permission(const struct json_object *claims, const char *permission, size_t length);

#endif
