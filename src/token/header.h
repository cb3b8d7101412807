/* SPDX-License-Identifier: MIT */
/* A token's header: which key and algorithm it asks for, and whether it asks for anything we do not
 * do. */
#ifndef FB_TOKEN_HEADER_H
#define FB_TOKEN_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "config/config.h"
#include "jose/jwa.h"
#include "jose/jwk.h"

struct json_object;

struct header {
    enum jwa alg;
    /* its typ says that it is one */
    bool access_token;
    /* as it stands there (for logs: escape it); empty if none or not reached */
    char kid[JWK_KID_MAX + 1];
    size_t kid_length;
};

/* Judges the decoded header; with BEARER_TOKEN_TYP=at+jwt it has to say that it is an access
 * token's. The kid is in *header even if what comes after it is refused.
 * BEARER_DENIED: out of memory. */
enum bearer_code header_check(const unsigned char *octets, size_t length,
                              const struct config *config, struct header *header);

/* Whether the `typ` of a decoded header says "access token" (RFC 9068, section 2.1), where plain
 * "JWT" or none says nothing. */
bool header_is_access_token(const struct json_object *header);

#define HEADER_SEGMENT_MAX 512 /* characters; a longer one is not remembered */

/* The header of the last token whose signature was good, and what header_check() said of it: other
 * tokens signed with the same key have the same. For one configuration; zeroed: none yet. */
struct header_memo {
    /* base64url */
    char segment[HEADER_SEGMENT_MAX];
    size_t length;
    struct header header;
};

/* True, and *header, if it is exactly this segment (never empty). */
bool header_recall(const struct header_memo *memo, const char *segment, size_t length,
                   struct header *header);
void header_remember(struct header_memo *memo, const char *segment, size_t length,
                     const struct header *header);

#endif
