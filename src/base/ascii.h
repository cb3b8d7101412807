/* SPDX-License-Identifier: MIT */
/* Letters of ASCII, whatever the locale. */
#ifndef FB_BASE_ASCII_H
#define FB_BASE_ASCII_H

#include <stdbool.h>
#include <stddef.h>

static inline bool ascii_is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static inline bool ascii_is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static inline bool ascii_is_letter(char c)
{
    return ascii_is_upper(c) || ascii_is_lower(c);
}

/* Another octet stays as it is. */
static inline char ascii_lower(char c)
{
    return ascii_is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

static inline char ascii_upper(char c)
{
    return ascii_is_lower(c) ? (char)(c - 'a' + 'A') : c;
}

/* Makes the letters of a text lower case, in place. NULL stays so. */
static inline void ascii_make_lower(char *text)
{
    for (; text != NULL && *text != '\0'; text++) {
        *text = ascii_lower(*text);
    }
}

#endif
