/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <stddef.h>

_Static_assert(BEARER_DENIED == 0, "what was never set is a denial");

static const struct bearer_outcome outcomes[BEARER_CODE__MAX] = {
#define OUTCOME(code, status, error, reason, stage, text) \
    {status, error, reason, text, STAGE_##stage},
#include "base/outcomes.def"
#undef OUTCOME
};

const struct bearer_outcome *bearer_outcome(enum bearer_code code)
{
    return &outcomes[(unsigned)code < BEARER_CODE__MAX ? code : BEARER_DENIED];
}
