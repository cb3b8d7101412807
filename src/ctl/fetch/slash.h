/* SPDX-License-Identifier: MIT */
/* The commonest difference between two names of an issuer or an API. */
#ifndef FB_CTL_FETCH_SLASH_H
#define FB_CTL_FETCH_SLASH_H

#include <stdbool.h>
#include <stddef.h>

/* True if they differ by a slash at the end and by nothing else. `one` has `length` octets, `other`
 * ends with a NUL. */
bool differ_by_slash(const char *one, size_t length, const char *other);

#endif
