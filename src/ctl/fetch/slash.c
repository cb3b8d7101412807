/* SPDX-License-Identifier: MIT */
#include "ctl/fetch/slash.h"

#include <string.h>

bool differ_by_slash(const char *one, size_t length, const char *other)
{
    size_t other_length = strlen(other);
    const char *longer = length > other_length ? one : other;
    size_t common = length > other_length ? other_length : length;
    size_t whole = length > other_length ? length : other_length;
    return whole == common + 1 && longer[common] == '/' && memcmp(one, other, common) == 0;
}
