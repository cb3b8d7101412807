/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

/* How many octets follow this lead, and between what the first of them must be; 0: no lead of
 * several octets. */
static size_t octets_after(unsigned char lead, unsigned char *low, unsigned char *high)
{
    *low = 0x80;
    *high = 0xbf;
    if (lead >= 0xc2 && lead <= 0xdf) {
        return 1;
    }
    if (lead >= 0xe0 && lead <= 0xef) {
        *low = lead == 0xe0 ? 0xa0 : *low;
        *high = lead == 0xed ? 0x9f : *high;
        return 2;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        *low = lead == 0xf0 ? 0x90 : *low;
        *high = lead == 0xf4 ? 0x8f : *high;
        return 3;
    }
    return 0;
}

size_t utf8_character(const char *at, const char *end, uint32_t *point)
{
    unsigned char low = 0;
    unsigned char high = 0;
    if (at >= end) {
        return 0;
    }
    const unsigned char lead = (unsigned char)*at;
    const size_t more = lead < 0x80 ? 0 : octets_after(lead, &low, &high);
    if (lead >= 0x80 && (more == 0 || (size_t)(end - at) <= more)) {
        return 0;
    }
    uint32_t read = more == 0 ? lead : lead & (0x3fU >> more);
    for (size_t i = 1; i <= more; i++) {
        const unsigned char octet = (unsigned char)at[i];
        if (octet < low || octet > high) {
            return 0;
        }
        read = read << 6 | (octet & 0x3fU);
        low = 0x80;
        high = 0xbf;
    }
    if (point != NULL) {
        *point = read;
    }
    return more + 1;
}
