/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

#include <stdio.h>

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

size_t utf8_escape(char out[UTF8_ESCAPED], uint32_t point)
{
    if (point < 0x10000) {
        return (size_t)snprintf(out, UTF8_ESCAPED, "\\u%04x", (unsigned)point);
    }
    return (size_t)snprintf(out, UTF8_ESCAPED, "\\u%04x\\u%04x",
                            0xd800U + ((unsigned)(point - 0x10000) >> 10 & 0x3ff),
                            0xdc00U + ((unsigned)point & 0x3ff));
}

bool utf8_is_visible(uint32_t point)
{
    /* Of Unicode's categories Cc, Cf, Zs, Zl, Zp and Co, its variation selectors and what else it
     * lists as ignorable by default; and its noncharacters. */
    static const struct {
        uint32_t first, last;
    } hidden[] = {
        {0x0000, 0x0020},   {0x007f, 0x00a0},   {0x00ad, 0x00ad},   {0x034f, 0x034f},
        {0x0600, 0x0605},   {0x061c, 0x061c},   {0x06dd, 0x06dd},   {0x070f, 0x070f},
        {0x0890, 0x0891},   {0x08e2, 0x08e2},   {0x115f, 0x1160},   {0x1680, 0x1680},
        {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x2000, 0x200f},   {0x2028, 0x202f},
        {0x205f, 0x206f},   {0x3000, 0x3000},   {0x3164, 0x3164},   {0xd800, 0xf8ff},
        {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0},
        {0xfff0, 0xfffb},   {0x110bd, 0x110bd}, {0x110cd, 0x110cd}, {0x13430, 0x1343f},
        {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff},
    };
    if ((point & 0xfffe) == 0xfffe) {
        return false;
    }
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
        if (point >= hidden[i].first && point <= hidden[i].last) {
            return false;
        }
    }
    return true;
}
