/* SPDX-License-Identifier: MIT */
/* The challenge to whoever is denied (RFC 6750, section 3). */
#ifndef FB_ANSWER_CHALLENGE_H
#define FB_ANSWER_CHALLENGE_H

#include <stddef.h>

#include "base/error.h"

/* What a challenge names beside the outcome; NULL: not. Printable ASCII without `"` and `\`. */
struct challenge_names {
    /* of BEARER_NOT_GRANTED */
    const char *scope;
    /* of BEARER_STEP_UP; max_age in seconds, as text */
    const char *acr_values, *max_age;
};

/* Writes the value of WWW-Authenticate for this outcome, or an empty text where none belongs. Made
 * of the outcome table and the configuration alone; never of anything from the request. `realm`
 * NULL: "api". `names` NULL: nothing. What is too long to be named is not. */
void challenge_write(char *out, size_t size, enum bearer_code code, const char *realm,
                     const struct challenge_names *names);

#endif
