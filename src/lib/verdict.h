/* SPDX-License-Identifier: MIT */
/* What a check came to, as a value that outlives it: nothing in it is shared with another
 * thread. */
#ifndef FB_LIB_VERDICT_H
#define FB_LIB_VERDICT_H

#include <bearer.h>
#include <stdint.h>

#include "answer/response.h"
#include "base/error.h"
#include "base/log.h"
#include "token/token.h"

/* A request may pass, by this token (NULL: as nobody). `now` and `leeway` are what it was judged
 * with; `log` is copied. NULL: out of memory. */
struct bearer_verdict *verdict_yes(const struct token *token, int64_t now, int64_t leeway,
                                   const struct log *log);

/* It may not, and this is the answer. NULL: out of memory. */
struct bearer_verdict *verdict_no(enum bearer_code code, const struct response *response);

#endif
