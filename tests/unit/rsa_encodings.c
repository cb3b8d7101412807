/* SPDX-License-Identifier: MIT */
#include "rsa_encodings.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdint.h>
#include <string.h>

#define EM RSA_ENCODING_OCTETS

/* What is signed, its length. */
struct text {
    const void *data;
    size_t length;
};

static void hash_of(gnutls_digest_algorithm_t hash, const struct text *text, unsigned char *out)
{
    gnutls_hash_fast(hash, text->data, text->length, out);
}

/* RFC 8017, section 9.2, with `info` before the SHA-256, `gap` octets 0xff less than there is room
 * for and as much garbage at the end. */
static void pkcs1(unsigned char *em, const struct text *text, const void *info, size_t info_length,
                  size_t gap)
{
    size_t tail = info_length + 32 + gap;
    memset(em, 0xff, EM);
    em[0] = 0;
    em[1] = 1;
    em[EM - tail - 1] = 0;
    memcpy(em + EM - tail, info, info_length);
    hash_of(GNUTLS_DIG_SHA256, text, em + EM - tail + info_length);
    memset(em + EM - gap, 0x42, gap);
}

/* DER of DigestInfo up to the hash: SEQUENCE { SEQUENCE { OID, NULL }, OCTET STRING } */
#define OID_SHA256 "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define RIGHT      "\x30\x31\x30\x0d" OID_SHA256 "\x05\x00\x04\x20"
#define ROW(info, gap, name)              \
    {                                     \
        info, sizeof(info) - 1, gap, name \
    }

static const struct {
    const char *info;
    size_t length, gap;
    const char *name;
} infos[] = {
    ROW(RIGHT, 0, "raw, but right"), /* the only one */
    ROW(RIGHT, 200, "little padding, and garbage after the hash"),
    ROW(RIGHT, 1, "an octet after the hash"),
    ROW("\x30\x2f\x30\x0b" OID_SHA256 "\x04\x20", 0, "no NULL in the DigestInfo"),
    ROW("\x30\x81\x31\x30\x0d" OID_SHA256 "\x05\x00\x04\x20", 0, "a length in BER"),
    ROW("\x30\x32\x30\x0e" OID_SHA256 "\x05\x81\x00\x04\x20", 0, "another length in BER"),
    ROW("\x30\x34\x30\x10" OID_SHA256 "\x04\x03\x41\x42\x43\x04\x20", 0,
        "garbage in place of the NULL"),
    ROW("\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x20", 0,
        "another hash's name"),
    ROW("\x31\x31\x30\x0d" OID_SHA256 "\x05\x00\x04\x20", 0, "a SET for the SEQUENCE"),
    ROW("", 0, "the hash without a DigestInfo"),
};

/* One octet of a right encoding is another; 204 is where the padding ends. */
static const struct {
    size_t at;
    unsigned char octet;
    const char *name;
} spoiled[] = {{0, 1, "not a leading zero"},
               {1, 2, "the padding of encryption"},
               {1, 0, "block type 0"},
               {2, 0xfe, "the first octet of the padding"},
               {100, 0xfe, "an octet amid the padding"},
               {100, 0, "a zero amid the padding"},
               {203, 0xfe, "the last octet of the padding"},
               {204, 0xff, "no zero after the padding"}};

_Static_assert(EM - 32 - (sizeof RIGHT - 1) - 1 == 204, "where the padding ends");

/* What can be wrong with a PSS encoding; zero is right but for the salt's length. */
struct pss {
    size_t salt;
    /* GNUTLS_DIG_UNKNOWN: SHA-256 */
    gnutls_digest_algorithm_t hash, mask;
    /* bits changed in its last, second and first octet */
    unsigned char trailer, padding, top;
    /* each octet of the salt */
    unsigned char fill;
};

static const struct {
    enum jwa alg;
    bool right;
    struct pss how;
    const char *name;
} salts[] = {
    {JWA_PS256, true, {.salt = 32}, "raw, but right"},
    {JWA_PS384, true, {.salt = 48, .hash = GNUTLS_DIG_SHA384}, "raw, but right"},
    {JWA_PS512, true, {.salt = 64, .hash = GNUTLS_DIG_SHA512}, "raw, but right"},
    {JWA_PS256, false, {.salt = 0}, "no salt"},
    {JWA_PS256, false, {.salt = 20}, "a salt of 20 octets"},
    {JWA_PS256, false, {.salt = 31}, "a salt of 31"},
    {JWA_PS256, false, {.salt = 33}, "a salt of 33"},
    {JWA_PS256, false, {.salt = 222}, "the longest salt"},
    {JWA_PS512, false, {.salt = 32, .hash = GNUTLS_DIG_SHA512}, "a salt of 32 octets"},
    {JWA_PS256, false, {.salt = 32, .mask = GNUTLS_DIG_SHA1}, "MGF1 with SHA-1"},
    {JWA_PS256, false, {.salt = 32, .mask = GNUTLS_DIG_SHA512}, "MGF1 with SHA-512"},
    {JWA_PS384,
     false,
     {.salt = 48, .hash = GNUTLS_DIG_SHA384, .mask = GNUTLS_DIG_SHA256},
     "MGF1 with SHA-256"},
    {JWA_PS256, false, {.salt = 32, .hash = GNUTLS_DIG_SHA512}, "SHA-512"},
    {JWA_PS256, false, {.salt = 32, .hash = GNUTLS_DIG_SHA1}, "SHA-1"},
    {JWA_PS384, false, {.salt = 32}, "all of it with SHA-256"},
    {JWA_PS256, false, {.salt = 32, .trailer = 0x70}, "the trailer 0xcc"},
    {JWA_PS256, false, {.salt = 32, .padding = 1}, "padding that is not zero"},
    {JWA_PS256, false, {.salt = 32, .top = 0x80}, "the highest bit set"},
};

/* MGF1 (RFC 8017, appendix B.2.1), xor-ed into `out`. */
static void mask(gnutls_digest_algorithm_t hash, const unsigned char *seed, size_t seed_length,
                 unsigned char *out, size_t length)
{
    unsigned char input[64 + 4] = {0};
    unsigned char block[64];
    size_t size = gnutls_hash_get_len(hash);
    memcpy(input, seed, seed_length);
    for (size_t done = 0; done < length; done++) {
        if (done % size == 0) {
            input[seed_length + 3] = (unsigned char)(done / size);
            gnutls_hash_fast(hash, input, seed_length + 4, block);
        }
        out[done] ^= block[done % size];
    }
}

/* RFC 8017, section 9.1.1. */
static void pss(unsigned char *em, const struct text *text, const struct pss *how)
{
    gnutls_digest_algorithm_t hash =
        how->hash == GNUTLS_DIG_UNKNOWN ? GNUTLS_DIG_SHA256 : how->hash;
    size_t size = gnutls_hash_get_len(hash);
    unsigned char message[8 + 64 + EM] = {0};
    hash_of(hash, text, message + 8);
    memset(message + 8 + size, how->fill, how->salt);
    unsigned char *h = em + (EM - 1 - size);
    gnutls_hash_fast(hash, message, 8 + size + how->salt, h);
    size_t db = EM - size - 1;
    memset(em, 0, db);
    em[db - how->salt - 1] = 1;
    memset(em + db - how->salt, how->fill, how->salt);
    em[1] ^= how->padding;
    mask(how->mask == GNUTLS_DIG_UNKNOWN ? hash : how->mask, h, size, em, db);
    em[0] &= 0x7f;
    em[0] |= how->top;
    em[EM - 1] = 0xbc ^ how->trailer;
}

/* With the highest bit set some salts give no number below the modulus. */
static void pss_below(unsigned char *em, const struct text *text, const unsigned char *n,
                      struct pss how)
{
    do {
        pss(em, text, &how);
    } while (memcmp(em, n, EM) >= 0 && ++how.fill != 0);
}

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

bool rsa_encoding(size_t index, const void *data, size_t length, const unsigned char *n,
                  struct rsa_encoding *out)
{
    const struct text text = {.data = data, .length = length};
    *out = (struct rsa_encoding){.number = 73, .alg = JWA_RS256};
    if (index < COUNT(infos)) {
        out->right = index == 0;
        out->name = infos[index].name;
        pkcs1(out->message, &text, infos[index].info, infos[index].length, infos[index].gap);
        return true;
    }
    index -= COUNT(infos);
    if (index < COUNT(spoiled)) {
        out->name = spoiled[index].name;
        pkcs1(out->message, &text, RIGHT, sizeof RIGHT - 1, 0);
        out->message[spoiled[index].at] = spoiled[index].octet;
        return true;
    }
    index -= COUNT(spoiled);
    if (index == 0) {
        out->name = "the hash alone";
        hash_of(GNUTLS_DIG_SHA256, &text, out->message + EM - 32);
        return true;
    }
    index -= 1;
    if (index < COUNT(salts)) {
        out->number = 74;
        out->alg = salts[index].alg;
        out->right = salts[index].right;
        out->name = salts[index].name;
        pss_below(out->message, &text, n, salts[index].how);
        return true;
    }
    return false;
}
