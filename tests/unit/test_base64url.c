/* SPDX-License-Identifier: MIT */
#include "jose/base64url.h"

#include <stdint.h>

#include "tap.h"

static void good(const char *text, const char *octets, size_t length)
{
    unsigned char out[64];
    size_t decoded = 99;
    bool taken = base64url_decode(text, strlen(text), out, &decoded);
    ok(taken && decoded == length && memcmp(out, octets, length) == 0, "\"%s\" decodes", text);
    char back[64];
    base64url_encode((const unsigned char *)octets, length, back);
    is_string(back, text, "\"%s\" encodes back", text);
    is_number(BASE64URL_ENCODED(length), strlen(text), "the length of \"%s\" is foreseen", text);
}

static void bad(const char *text, const char *why)
{
    unsigned char out[64];
    size_t decoded = 99;
    ok(!base64url_decode(text, strlen(text), out, &decoded) && decoded == 0, "refused: %s", why);
}

static void every_pair(void)
{
    bool all = true;
    for (unsigned i = 0; i < 65536; i++) {
        const unsigned char octets[2] = {(unsigned char)(i >> 8), (unsigned char)i};
        char text[4];
        unsigned char back[BASE64URL_DECODED_MAX(3)];
        size_t decoded = 0;
        base64url_encode(octets, 2, text);
        all = all && base64url_decode(text, 3, back, &decoded) && decoded == 2 &&
              memcmp(octets, back, 2) == 0;
    }
    ok(all, "all 65536 pairs of octets survive");
}

/* Each text of two characters either is refused or is the one spelling of its octet. */
static void canonical_only(void)
{
    unsigned accepted = 0;
    for (unsigned i = 0; i < 65536; i++) {
        const char text[2] = {(char)(i >> 8), (char)i};
        unsigned char out[BASE64URL_DECODED_MAX(2)];
        size_t decoded = 0;
        accepted += base64url_decode(text, 2, out, &decoded) ? 1 : 0;
    }
    is_number(accepted, 256, "of all texts of two characters exactly 256 are taken");
}

int main(void)
{
    good("", "", 0);
    good("Zg", "f", 1);
    good("Zm8", "fo", 2);
    good("Zm9v", "foo", 3);
    good("Zm9vYmFy", "foobar", 6);
    good("-_-_", "\xfb\xff\xbf", 3);
    good("AAAA", "\0\0\0", 3);
    bad("Z", "length of 1 modulo 4 (case 14)");
    bad("Zm9vY", "length of 5 (case 14)");
    bad("Zg==", "padding (case 9)");
    bad("+/+/", "the other alphabet (case 10)");
    bad("Zm 9v", "a space (case 11)");
    bad("Zm9v\n", "a newline (case 11)");
    bad("Zm9\r\n", "CR LF (case 11)");
    bad("Zm9%", "another character (case 12)");
    bad("Zh", "trailing bits (case 13)");
    bad("Zm9", "trailing bits in the third character (case 13)");
    bad("Zm9\xc3\xa9", "not ASCII (case 16)");
    unsigned char out[8];
    size_t decoded = 99;
    ok(!base64url_decode("Zm\0v", 4, out, &decoded) && decoded == 0,
       "refused: a raw NUL (case 15)");
    every_pair();
    canonical_only();
    return tap_done();
}
