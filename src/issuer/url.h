/* SPDX-License-Identifier: MIT */
/* The issuer's name, a URL. */
#ifndef FB_ISSUER_URL_H
#define FB_ISSUER_URL_H

#include "base/diag.h"

/* 0 if it can be an issuer: https, a host, no user, query or fragment (OpenID Connect Discovery
 * 1.0, section 3), printable ASCII of at most 2000 characters. Else EX_USAGE, and why. */
int url_check_issuer(const char *url, struct diag *diag);

/* URL, then exactly one slash, then `rest`; for the caller to free. NULL: out of memory. */
char *url_below(const char *url, const char *rest);

#endif
