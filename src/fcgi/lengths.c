/* SPDX-License-Identifier: MIT */
#include "fcgi/lengths.h"

#include <fcgiapp.h>
#include <stdio.h>

/* FastCGI 3.4: the first octet of a length that takes four has the highest bit set, and the highest
 * octet of the length in the others. */
#define HIGHEST (0x80 | LENGTHS_MAX >> 24)

static bool refused;

bool lengths_refused(void)
{
    bool was = refused;
    refused = false;
    return was;
}

/* Stands in front of libfcgi's own, which reads with it the first octet of each length of params,
 * and nothing else: so there is no record or length that this and libfcgi could take for different
 * things. For libfcgi the stream then ends in error. Weak, so that a static libfcgi, which brings
 * its own, can be linked still. */
__attribute__((weak, visibility("default"))) int FCGX_GetChar(FCGX_Stream *stream)
{
    unsigned char octet = 0;
    if (!stream->isClosed && stream->isReader && stream->rdNext != stream->stop) {
        octet =
            *stream
                 ->rdNext++; /* as libfcgi's own does: some fifty of them come with each request */
    } else if (FCGX_GetStr((char *)&octet, 1, stream) != 1) {
        return EOF;
    }
    if (octet <= HIGHEST) {
        return octet;
    }
    refused = true;
    stream->FCGI_errno = FCGX_PARAMS_ERROR;
    stream->isClosed = 1;
    return EOF;
}
