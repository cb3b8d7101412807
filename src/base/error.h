/* What can become of a request: one code for each, and one const table that says what the client is told.
 *
 * The zero value is a denial, so a result that was never set, a failed allocation or an early return can not
 * let anyone in. Only BEARER_OK is success. */
#ifndef FB_BASE_ERROR_H
#define FB_BASE_ERROR_H

enum bearer_code {
    BEARER_DENIED = 0, /* something failed inside: out of memory, a fault of ours */
    BEARER_OK,

    /* credentials (RFC 6750, sections 2.1 and 3.1) */
    BEARER_NO_CREDENTIALS,
    BEARER_TWO_CREDENTIALS,

    /* the token's form (RFC 7515, section 7.1) */
    BEARER_TOKEN_TOO_LONG,
    BEARER_TOKEN_SEGMENTS,
    BEARER_TOKEN_BASE64,

    /* its header */
    BEARER_HEADER_JSON,
    BEARER_HEADER_ALG,
    BEARER_ALG_NOT_ALLOWED,
    BEARER_HEADER_TYP,
    BEARER_HEADER_UNSUPPORTED,
    BEARER_HEADER_KID,

    /* its key and signature */
    BEARER_KID_MISSING,
    BEARER_KID_UNKNOWN,
    BEARER_KEY_UNFIT,
    BEARER_KEY_AMBIGUOUS,
    BEARER_SIGNATURE,

    /* its claims (RFC 7519, section 4.1) */
    BEARER_CLAIMS_JSON,
    BEARER_ISS_MISSING,
    BEARER_ISS_WRONG,
    BEARER_AUD_MISSING,
    BEARER_AUD_WRONG,
    BEARER_EXP_MISSING,
    BEARER_EXP_INVALID,
    BEARER_EXPIRED,
    BEARER_NBF_INVALID,
    BEARER_NOT_YET_VALID,
    BEARER_IAT_INVALID,
    BEARER_IAT_FUTURE,
    BEARER_SUB_INVALID,
    BEARER_SENDER_CONSTRAINED,
    BEARER_NOT_ACCESS_TOKEN,

    /* policy */
    BEARER_NOT_GRANTED,
    BEARER_WOULD_ALLOW, /* role deny: there is no denial to show */

    /* our own state */
    BEARER_NO_KEYS,
    BEARER_MISCONFIGURED,

    /* the request */
    BEARER_BAD_REQUEST,
    BEARER_FORGED_HEADER,
    BEARER_NOT_FOUND,
    BEARER_METHOD_NOT_ALLOWED,

    BEARER_CODE__MAX
};

struct bearer_outcome {
    unsigned status;    /* HTTP status */
    const char *error;  /* RFC 6750 error code; NULL: none is sent */
    const char *reason; /* one word for logs and tests, e.g. "expired" */
    const char
        *text; /* what the client is told: body and error_description; printable ASCII without '"' or '\' */
};

/* The row for a code; never NULL. A value outside the enumeration gets the row of BEARER_DENIED. */
const struct bearer_outcome *bearer_outcome(enum bearer_code code) __attribute__((const));

#endif
