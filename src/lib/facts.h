/* SPDX-License-Identifier: MIT */
/* What a program says of a request, in the form in which a web server says it. */
#ifndef FB_LIB_FACTS_H
#define FB_LIB_FACTS_H

#include <bearer.h>

/* The facts as params of an authorizer, NAME=value, NULL-terminated. One block, the caller's to
 * free(); NULL: out of memory. A fact without a value is left out, and so is one whose name no
 * param can have. */
char **facts_params(const struct bearer_fact *facts, size_t count);

#endif
