/* SPDX-License-Identifier: MIT */
/* What is asked of the keys that are held: not a token, but what one says of its key. */
#ifndef FB_KEYS_KEYQUERY_H
#define FB_KEYS_KEYQUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jose/jwa.h"

struct key_query {
    /* NULL: the token names none */
    const char *kid;
    size_t kid_length;
    enum jwa alg;
    /* iss, aud and exp of the unverified claims fit: an unknown kid is worth a fetch. */
    bool may_fetch;
    /* seconds since 1970 */
    int64_t now;
};

/* What asking for newer keys could come to just now. */
enum key_outlook {
    /* nothing: the keys that are held are the last word for now */
    OUTLOOK_SETTLED = 0,
    /* nothing can be started, but they may not be the last word */
    OUTLOOK_UNCERTAIN,
    /* a refresh could be started */
    OUTLOOK_OPEN,
};

#endif
