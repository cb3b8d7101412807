/* SPDX-License-Identifier: MIT */
/* What can become of a request: one row for each in outcomes.def, from which the codes and what the
 * client is told come.
 *
 * The zero value is a denial, so a result that was never set, a failed allocation or an early
 * return can not let anyone in. Only BEARER_OK is success. */
#ifndef FB_BASE_ERROR_H
#define FB_BASE_ERROR_H

enum bearer_code {
#define OUTCOME(code, status, error, reason, stage, text) code,
#include "base/outcomes.def"
#undef OUTCOME
    BEARER_CODE__MAX
};

/* In the order in which a token is judged: the first thing wrong is the answer, and nothing after
 * it is looked at. Scope and permissions are what the requirement is about: where they do not meet
 * it, it is not met, and no code has them as its stage. */
enum bearer_stage {
    STAGE_NONE = 0,
    STAGE_FORM,
    STAGE_HEADER,
    STAGE_ALGORITHM,
    STAGE_TYPE,
    STAGE_KEY,
    STAGE_SIGNATURE,
    STAGE_CLAIMS,
    STAGE_ISS,
    STAGE_AUD,
    STAGE_EXP,
    STAGE_NBF,
    STAGE_IAT,
    STAGE_SUB,
    STAGE_KIND,
    STAGE_REVOKED,
    STAGE_SCOPE,
    STAGE_PERMISSIONS,
    STAGE_REQUIREMENT,
    STAGE__MAX
};

struct bearer_outcome {
    /* HTTP status */
    unsigned status;
    /* RFC 6750 error code; NULL: none is sent */
    const char *error;
    /* One word for logs and tests, e.g. "expired" */
    const char *reason;
    /* What the client is told: body and error_description; printable ASCII without '"' or '\' */
    const char *text;
    /* Where in the judgement of a token it is reached */
    enum bearer_stage stage;
};

/* The row for a code; never NULL. A value outside the enumeration gets the row of BEARER_DENIED. */
const struct bearer_outcome *bearer_outcome(enum bearer_code code) __attribute__((const));

#endif
