#include "base64url.h"

#include <stdint.h>

/* Values of the alphabet plus one; zero is "not in the alphabet". */
static const unsigned char values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,
    ['I'] = 9,  ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16,
    ['Q'] = 17, ['R'] = 18, ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
    ['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,
    ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40,
    ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
    ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54, ['2'] = 55, ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['-'] = 63, ['_'] = 64,
};

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool base64url_decode(const char *text, size_t length, unsigned char *out, size_t *decoded)
{
    *decoded = 0;
    if (length % 4 == 1) {
        return false;
    }
    size_t used = 0;
    uint32_t bits = 0;
    unsigned count = 0; /* how many bits are waiting in `bits`: 0, 2, 4 or 6 between characters */
    for (size_t i = 0; i < length; i++) {
        unsigned value = values[(unsigned char)text[i]];
        if (value == 0) {
            return false;
        }
        bits = bits << 6 | (value - 1);
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[used++] = (unsigned char)(bits >> count);
            bits &= (1u << count) - 1;
        }
    }
    if (bits != 0) {
        return false; /* trailing bits: a second spelling of the same octets */
    }
    *decoded = used;
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
