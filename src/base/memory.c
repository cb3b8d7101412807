#include "base/memory.h"

#include <stdlib.h>

bool memory_left(size_t octets)
{
    void *volatile block = malloc(octets); /* volatile: else a compiler may leave it out */
    free(block);
    return block != NULL;
}
