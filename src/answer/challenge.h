/* SPDX-License-Identifier: MIT */
/* The challenge to whoever is denied (RFC 6750, section 3). */
#ifndef FB_ANSWER_CHALLENGE_H
#define FB_ANSWER_CHALLENGE_H

#include <stddef.h>

#include "base/error.h"

/* Writes the value of WWW-Authenticate for this outcome, or an empty text where none belongs. Made
 * of the outcome table and the configuration alone; never of anything from the request. `realm`
 * NULL: "api". `scope` is named with insufficient_scope; NULL: not. */
void challenge_write(char *out, size_t size, enum bearer_code code, const char *realm,
                     const char *scope);

#endif
