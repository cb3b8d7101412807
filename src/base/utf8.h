/* SPDX-License-Identifier: MIT */
/* UTF-8 (RFC 3629). */
#ifndef FB_BASE_UTF8_H
#define FB_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The octets of the character that begins at `at`, 1 to 4, and its code point to *point, which may
 * be NULL; 0, and no point: what stands there before `end` is none. An overlong form, a surrogate
 * and what is above U+10FFFF are none. */
size_t utf8_character(const char *at, const char *end, uint32_t *point);

/* The code point as JSON escapes it (RFC 8259, section 7), \u and four digits, twice above U+FFFF,
 * NUL-terminated. Returns its length. */
#define UTF8_ESCAPED 13
size_t utf8_escape(char out[UTF8_ESCAPED], uint32_t point);

/* Whether a person sees this code point: no control character, no space of any kind, nothing
 * invisible or that turns the direction of what follows, no noncharacter, none of private use. */
bool utf8_is_visible(uint32_t point);

#endif
