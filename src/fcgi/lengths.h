/* SPDX-License-Identifier: MIT */
/* Params whose names or values claim absurd lengths: refused before libfcgi makes room for them
 * (CVE-2025-23016), whatever libfcgi it is. */
#ifndef FB_FCGI_LENGTHS_H
#define FB_FCGI_LENGTHS_H

#include <stdbool.h>

/* The most that the name or the value of a param may claim to be long: 32 MiB less one octet. */
#define LENGTHS_MAX 0x1ffffff

/* Whether a longer claim has been refused since this was asked last. Its request is not whole:
 * close the connection. */
bool lengths_refused(void);

#endif
