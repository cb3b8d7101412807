/* Calls that fail on demand, for a test program that is linked with failing.c and the libraries it uses. */
#ifndef FAILING_H
#define FAILING_H

#include <stdbool.h>

/* The kinds of calls that are counted. */
enum failing_kind {
    FAILING_NOTHING,
    FAILING_MEMORY, /* malloc, calloc, realloc and what is made of them: out of memory */
    FAILING__MAX
};

struct failing {
    enum failing_kind kind; /* of the calls that are counted and fail */
    unsigned long nth;      /* the call that fails, counted from 1; 0: none does */
    bool onwards;           /* and all after it */
    unsigned long calls;    /* of this kind, since it was set to 0 */
    long blocks;            /* allocated and not yet freed, by anybody, armed or not */
};

extern struct failing *failing;

#endif
