/* Whether memory is left for a library that does not survive an allocation that fails. */
#ifndef BEARER_MEMORY_H
#define BEARER_MEMORY_H

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

#endif
