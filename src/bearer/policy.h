/* What a verified token must grant. */
#ifndef BEARER_POLICY_H
#define BEARER_POLICY_H

#include <stdbool.h>

#include "error.h"

struct json_object;

/* BEARER_OK if the token was granted `scope`: one of the space-separated words of the `scope` string, else of the `scp` string or array
 * (RFC 6749, section 3.3; RFC 8693, section 4.2). A claim of another type grants nothing. Else BEARER_SCOPE_MISSING. */
enum bearer_code policy_scope(const struct json_object *claims, const char *scope);

#endif
