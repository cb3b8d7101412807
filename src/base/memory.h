/* What memory costs, and whether it is left for a library that does not survive an allocation that fails. */
#ifndef FB_BASE_MEMORY_H
#define FB_BASE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* For a key or a signature. GnuTLS holds less than 8 KiB at once, for the largest key too; but GMP, on which it stands, aborts where it gets no
 * memory, libtasn1 goes on with NULL, and a signature that could not be looked at for that is said to be wrong. */
#define MEMORY_FOR_KEY 65536

/* For libfcgi's next request, with its three buffers and the params. It aborts too. */
#define MEMORY_FOR_REQUEST 65536

/* False if so many octets are not to be had in one piece. True: whoever allocates next gets them. For up to 64 KiB that is because glibc keeps for us what
 * it was just given back; for more, as far as nobody else takes them. */
bool memory_left(size_t octets);

/* What a block of so many octets (at most 2^31) takes of memory: glibc puts a size before it and rounds up to 16, and gives a large one pages of its own. Now and then it is
 * 16 octets more, where what is left of a free block is too small for another. */
static inline size_t memory_block(size_t octets)
{
    const size_t size = (octets + 8 + 15) / 16 * 16;
    const size_t page = octets < 131072 ? 0 : 4096;
    return (size < 32 ? 32 : size) + page;
}

#endif
