/* SPDX-License-Identifier: MIT */
/* The answer to who is denied, as a profile is configured. */
#ifndef FB_ANSWER_DENIAL_H
#define FB_ANSWER_DENIAL_H

#include "answer/response.h"
#include "base/error.h"
#include "door/profile.h"

/* Fills `response`: response_deny(), and Retry-After where the client is to come back. `profile`
 * NULL: there is no usable configuration. `verdict`: what was
 * required; NULL: nothing is known. */
void denial_write(struct response *response, enum bearer_code code, const struct profile *profile,
                  const struct verdict *verdict);

#endif
