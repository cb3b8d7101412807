/* SPDX-License-Identifier: MIT */
#include "jose/base64url.h"

#include <stdint.h>

/* Values of the alphabet, marked; what is not in the alphabet has no mark. */
#define GOOD 64
static const unsigned char values[256] = {
    ['A'] = GOOD | 0,  ['B'] = GOOD | 1,  ['C'] = GOOD | 2,  ['D'] = GOOD | 3,  ['E'] = GOOD | 4,
    ['F'] = GOOD | 5,  ['G'] = GOOD | 6,  ['H'] = GOOD | 7,  ['I'] = GOOD | 8,  ['J'] = GOOD | 9,
    ['K'] = GOOD | 10, ['L'] = GOOD | 11, ['M'] = GOOD | 12, ['N'] = GOOD | 13, ['O'] = GOOD | 14,
    ['P'] = GOOD | 15, ['Q'] = GOOD | 16, ['R'] = GOOD | 17, ['S'] = GOOD | 18, ['T'] = GOOD | 19,
    ['U'] = GOOD | 20, ['V'] = GOOD | 21, ['W'] = GOOD | 22, ['X'] = GOOD | 23, ['Y'] = GOOD | 24,
    ['Z'] = GOOD | 25, ['a'] = GOOD | 26, ['b'] = GOOD | 27, ['c'] = GOOD | 28, ['d'] = GOOD | 29,
    ['e'] = GOOD | 30, ['f'] = GOOD | 31, ['g'] = GOOD | 32, ['h'] = GOOD | 33, ['i'] = GOOD | 34,
    ['j'] = GOOD | 35, ['k'] = GOOD | 36, ['l'] = GOOD | 37, ['m'] = GOOD | 38, ['n'] = GOOD | 39,
    ['o'] = GOOD | 40, ['p'] = GOOD | 41, ['q'] = GOOD | 42, ['r'] = GOOD | 43, ['s'] = GOOD | 44,
    ['t'] = GOOD | 45, ['u'] = GOOD | 46, ['v'] = GOOD | 47, ['w'] = GOOD | 48, ['x'] = GOOD | 49,
    ['y'] = GOOD | 50, ['z'] = GOOD | 51, ['0'] = GOOD | 52, ['1'] = GOOD | 53, ['2'] = GOOD | 54,
    ['3'] = GOOD | 55, ['4'] = GOOD | 56, ['5'] = GOOD | 57, ['6'] = GOOD | 58, ['7'] = GOOD | 59,
    ['8'] = GOOD | 60, ['9'] = GOOD | 61, ['-'] = GOOD | 62, ['_'] = GOOD | 63,
};

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* The octets of the last two or three characters. Bits that are left over must be zero: else there
 * were a second spelling of them. */
static bool decode_rest(const char *text, size_t length, unsigned char *out)
{
    unsigned a = values[(unsigned char)text[0]];
    unsigned b = values[(unsigned char)text[1]];
    unsigned c = length == 3 ? values[(unsigned char)text[2]] : GOOD;
    uint32_t bits = (a & 63) << 12 | (b & 63) << 6 | (c & 63);
    out[0] = (unsigned char)(bits >> 10);
    if (length == 3) {
        out[1] = (unsigned char)(bits >> 2);
        bits &= 3;
    } else {
        bits &= 0x3ff;
    }
    return (a & b & c & GOOD) != 0 && bits == 0;
}

bool base64url_decode(const char *text, size_t length, unsigned char *out, size_t *decoded)
{
    const unsigned char *at = (const unsigned char *)text;
    size_t rest = length % 4;
    unsigned char *to = out;
    unsigned good = GOOD;
    *decoded = 0;
    if (rest == 1) {
        return false;
    }
    for (const unsigned char *end = at + (length - rest); at < end; at += 4, to += 3) {
        unsigned a = values[at[0]];
        unsigned b = values[at[1]];
        unsigned c = values[at[2]];
        unsigned d = values[at[3]];
        uint32_t bits = (a & 63) << 18 | (b & 63) << 12 | (c & 63) << 6 | (d & 63);
        good &= a & b & c & d;
        to[0] = (unsigned char)(bits >> 16);
        to[1] = (unsigned char)(bits >> 8);
        to[2] = (unsigned char)bits;
    }
    if (good == 0 || (rest != 0 && !decode_rest((const char *)at, rest, to))) {
        return false;
    }
    *decoded = (size_t)(to - out) + (rest != 0 ? rest - 1 : 0);
    return true;
}

void base64url_encode(const unsigned char *octets, size_t length, char *out)
{
    size_t used = 0;
    uint32_t bits = 0;
    unsigned count = 0;
    for (size_t i = 0; i < length; i++) {
        bits = bits << 8 | octets[i];
        count += 8;
        while (count >= 6) {
            count -= 6;
            out[used++] = alphabet[bits >> count & 63];
        }
        bits &= (1u << count) - 1;
    }
    if (count > 0) {
        out[used++] = alphabet[bits << (6 - count) & 63];
    }
    out[used] = '\0';
}
