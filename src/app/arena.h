/* SPDX-License-Identifier: MIT */
/* The memory of a call: given out piece by piece, and taken back as a whole. */
#ifndef FB_APP_ARENA_H
#define FB_APP_ARENA_H

#include <stddef.h>

/* What is there without asking for memory: more than servers let a head and a query be long. */
#define ARENA_FIRST ((size_t)64 * 1024)

struct arena_block;

/* Zero has no memory of its own, and takes all of it from malloc(). */
struct arena {
    /* of ARENA_FIRST octets, the owner's; NULL: none */
    char *first;
    size_t used;
    struct arena_block *blocks;
};

/* So many octets for any type, valid until arena_reset(), not cleared. NULL: out of memory. */
void *arena_take(struct arena *arena, size_t size);

/* A copy with a NUL behind it. NULL: out of memory. */
char *arena_copy(struct arena *arena, const char *bytes, size_t length);

/* Takes back all that was given out. */
void arena_reset(struct arena *arena);

#endif
