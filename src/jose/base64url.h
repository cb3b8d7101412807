/* SPDX-License-Identifier: MIT */
/* base64url without padding (RFC 4648, section 5; RFC 7515, section 2). */
#ifndef FB_JOSE_BASE64URL_H
#define FB_JOSE_BASE64URL_H

#include <stdbool.h>
#include <stddef.h>

/* Octets that `length` characters decode to, at most. */
#define BASE64URL_DECODED_MAX(length) ((length) / 4 * 3 + 2)

/* Characters that `length` octets encode to, without a NUL. `length` at most SIZE_MAX / 4 * 3 -
 * 2. */
#define BASE64URL_ENCODED(length) ((length) / 3 * 4 + ((length) % 3 == 0 ? 0 : (length) % 3 + 1))

/* Decodes into `out`, which has room for BASE64URL_DECODED_MAX(length) octets; *decoded is their
 * number. Only the one canonical form is taken: no padding, no other character, no length of 1
 * modulo 4, trailing bits zero. Nothing decodes to nothing. False: refused, *decoded is 0 and `out`
 * is undefined. */
bool base64url_decode(const char *text, size_t length, unsigned char *out, size_t *decoded);

/* Encodes into `out`, which has room for BASE64URL_ENCODED(length) + 1 characters, and ends it with
 * a NUL. */
void base64url_encode(const unsigned char *octets, size_t length, char *out);

#endif
