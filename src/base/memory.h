/* SPDX-License-Identifier: MIT */
/* What memory costs. */
#ifndef FB_BASE_MEMORY_H
#define FB_BASE_MEMORY_H

#include <stddef.h>

/* What a block of so many octets (at most 2^31) takes: glibc puts a size before it and rounds up to
 * 16, and gives a large one pages of its own. Now and then it is 16 octets more, where what is left
 * of a free block is too small for another. */
static inline size_t memory_block(size_t octets)
{
    const size_t size = (octets + 8 + 15) / 16 * 16;
    const size_t page = octets < 131072 ? 0 : 4096;
    return (size < 32 ? 32 : size) + page;
}

#endif
