/* What is asked of the keys that are held: not a token, but what one says of its key. */
#ifndef FB_KEYS_KEYQUERY_H
#define FB_KEYS_KEYQUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jose/jwa.h"

struct key_query {
    const char *kid; /* NULL: the token names none */
    size_t kid_length;
    enum jwa alg;
    /* iss, aud and exp of the unverified claims fit: an unknown kid is worth a fetch. */
    bool may_fetch;
    int64_t now; /* seconds since 1970 */
};

/* What asking for newer keys could come to just now. */
enum key_outlook {
    OUTLOOK_SETTLED = 0, /* nothing: the keys that are held are the last word for now */
    OUTLOOK_UNCERTAIN,   /* nothing can be started, but they may not be the last word */
    OUTLOOK_OPEN,        /* a refresh could be started */
};

#endif
