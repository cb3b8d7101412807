/* SPDX-License-Identifier: MIT */
/* Octets as GnuTLS takes them. */
#ifndef FB_JOSE_DATUM_H
#define FB_JOSE_DATUM_H

#include <gnutls/gnutls.h>
#include <stddef.h>

/* GnuTLS only reads what this points to though its type does not say so. `length` fits an
 * unsigned. */
static inline gnutls_datum_t datum(const void *octets, size_t length)
{
    union {
        const void *in;
        unsigned char *out;
    } pointer = {.in = octets};
    return (gnutls_datum_t){.data = pointer.out, .size = (unsigned)length};
}

#endif
