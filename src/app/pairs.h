/* SPDX-License-Identifier: MIT */
/* Names and values, as a query and an urlencoded body have them (URL standard, section 5.1). */
#ifndef FB_APP_PAIRS_H
#define FB_APP_PAIRS_H

#include <stddef.h>

#include "app/arena.h"
#include "base/error.h"

/* Zero: none. */
struct pairs {
    /* NAME NUL VALUE NUL, in order */
    const char *bytes;
    size_t count;
};

/* Decodes so many octets: `+` is a space, % and two hexadecimal digits an octet. BEARER_OK;
 * BEARER_BAD_ENCODING: an escape is none, or what comes out has a NUL or is no UTF-8;
 * BEARER_DENIED: out of memory. */
enum bearer_code pairs_read(struct arena *arena, const char *text, size_t length,
                            struct pairs *pairs);

/* Where a walk through them is. */
struct pairs_walk {
    const char *at;
    size_t left;
};

/* The next value of this name; NULL: there is no more. A walk begins as {pairs->bytes,
 * pairs->count}. */
const char *pairs_next(struct pairs_walk *walk, const char *name);

/* The value with this index among those of a name; NULL: there is none. */
const char *pairs_find(const struct pairs *pairs, const char *name, size_t index);

#endif
