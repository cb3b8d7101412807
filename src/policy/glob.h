/* SPDX-License-Identifier: MIT */
/* Patterns of values: `*` is any run of characters but / : and @, `**` any run, `?` one character
 * but those. A character is a code point; octets are compared, and nothing is normalised. */
#ifndef FB_POLICY_GLOB_H
#define FB_POLICY_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the pattern is all of the text. Both are UTF-8. Looks at each character of the text at
 * most once for each star, and once for each character of what stands between two; allocates
 * nothing. */
bool glob_matches(const char *pattern, size_t pattern_length, const char *text, size_t length);

#endif
