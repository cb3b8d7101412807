/* SPDX-License-Identifier: MIT */
/* The credentials of a request (RFC 6750, section 2.1). */
#ifndef FB_DOOR_CREDENTIALS_H
#define FB_DOOR_CREDENTIALS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* As they were shown; borrowed. */
struct credentials {
    /* value of the Authorization header, or of that of BEARER_TOKEN_HEADER; NULL: none */
    const char *authorization;
    /* it is another header, where the token may stand alone */
    bool bare;
    /* the request brought several */
    bool twice;
};

/* The token in them, borrowed. BEARER_OK; BEARER_NO_CREDENTIALS: none, or another scheme;
 * BEARER_TWO_CREDENTIALS: there were several, or a comma joins two (lighttpd joins two headers
 * so). */
enum bearer_code credentials_token(const struct credentials *credentials, const char **token,
                                   size_t *length);

#endif
