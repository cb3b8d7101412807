/* RSA signatures that no library makes: numbers out of range, paddings that are nearly right. */
#include "jws.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>

#include "json.h"
#include "keys.h"
#include "tap.h"

#define DATA "eyJhbGciOiJ4In0.eyJzdWIiOiJ5In0"

static struct test_key *made;
static struct jwk *key;

static struct jwk *import(const struct test_key *from)
{
    char *text = test_key_jwk(from);
    struct json_object *members = js_parse(text, strlen(text), NULL);
    struct jwk *made_of_it = NULL;
    jwk_import(members, JWA_ALL, &made_of_it);
    js_free(members);
    free(text);
    return made_of_it;
}

static void verified(enum jwa alg, const unsigned char *signature, size_t length, enum bearer_code expected,
                     const char *name)
{
    enum bearer_code code = jws_verify(key, alg, DATA, strlen(DATA), signature, length);
    is_string(bearer_outcome(code)->reason, bearer_outcome(expected)->reason, "%s: %s", jwa_name(alg), name);
}

/* out = a + b, big-endian and all `length` octets; false: it does not fit. */
static bool add(unsigned char *out, const unsigned char *a, const unsigned char *b, size_t length)
{
    unsigned carry = 0;
    for (size_t i = length; i > 0; i--) {
        carry += (unsigned)a[i - 1] + b[i - 1];
        out[i - 1] = (unsigned char)carry;
        carry >>= 8;
    }
    return carry == 0;
}

static void rsa_numbers(enum jwa alg)
{
    unsigned char n[1024];
    unsigned char s[1024] = {0};
    size_t length = test_key_parameter(made, 'n', n);
    verified(alg, s, length, BEARER_SIGNATURE, "case 72: s = 0");
    s[length - 1] = 1;
    verified(alg, s, length, BEARER_SIGNATURE, "case 72: s = 1");
    verified(alg, n, length, BEARER_SIGNATURE, "case 72: s = n");
    add(s, s, n, length);
    verified(alg, s, length, BEARER_SIGNATURE, "case 72: s = n + 1");
    memcpy(s, n, length);
    s[length - 1] ^= 1; /* n is odd */
    verified(alg, s, length, BEARER_SIGNATURE, "case 72: s = n - 1");
    memset(s, 0xff, length);
    verified(alg, s, length, BEARER_SIGNATURE, "case 72: s = 2^2048 - 1");
}

/* A modulus of 2049 bits has seven bits to spare in its 257 octets, and PSS encodes into 256 of them. */
static void spare_bits(enum jwa alg)
{
    struct test_key *odd_made = test_key_new_rsa(2049, NULL);
    struct jwk *odd = import(odd_made);
    unsigned char n[1024];
    unsigned char s[1024];
    size_t length = test_key_parameter(odd_made, 'n', n);
    is_number(length, 257, "%s: a modulus of 2049 bits", jwa_name(alg));
    is_number(test_key_signature(odd_made, alg, DATA, strlen(DATA), s), length,
              "%s: its signature is as long", jwa_name(alg));
    is_number(jws_verify(odd, alg, DATA, strlen(DATA), s, length), BEARER_OK, "%s: and right", jwa_name(alg));
    ok(add(s, s, n, length), "%s: s + n fits", jwa_name(alg));
    is_number(jws_verify(odd, alg, DATA, strlen(DATA), s, length), BEARER_SIGNATURE, "%s: case 72: s + n",
              jwa_name(alg));
    is_number(jws_verify(odd, alg, DATA, strlen(DATA), s + 1, length - 1), BEARER_SIGNATURE,
              "%s: case 70: the first octet cut", jwa_name(alg));
    jwk_free(odd);
    test_key_free(odd_made);
}

#define EM 256 /* octets of an encoded message under 2048 bits */

/* Signs the encoded message raw and says what comes of it. */
static void encoded(enum jwa alg, const unsigned char *em, enum bearer_code expected, const char *name)
{
    unsigned char signature[EM];
    test_key_rsa_raw(made, em, signature);
    verified(alg, signature, sizeof signature, expected, name);
}

/* RFC 8017, section 9.2, with `info` before the SHA-256 of DATA, `gap` octets 0xff less than there is room for and as much garbage at the end. */
static void pkcs1(unsigned char *em, const void *info, size_t info_length, size_t gap)
{
    size_t tail = info_length + 32 + gap;
    memset(em, 0xff, EM);
    em[0] = 0;
    em[1] = 1;
    em[EM - tail - 1] = 0;
    memcpy(em + EM - tail, info, info_length);
    gnutls_hash_fast(GNUTLS_DIG_SHA256, DATA, strlen(DATA), em + EM - tail + info_length);
    memset(em + EM - gap, 0x42, gap);
}

static void pkcs1_variants(void)
{
    /* DER of DigestInfo up to the hash: SEQUENCE { SEQUENCE { OID, NULL }, OCTET STRING } */
#define OID_SHA256 "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01"
#define RIGHT      "\x30\x31\x30\x0d" OID_SHA256 "\x05\x00\x04\x20"
    static const struct {
        const char *info;
        size_t length, gap;
        enum bearer_code code;
        const char *name;
    } rows[] = {
#define ROW(info, gap, code, name) {info, sizeof(info) - 1, gap, code, "case 73: " name}
        ROW(RIGHT, 0, BEARER_OK, "raw, but right"),
        ROW(RIGHT, 200, BEARER_SIGNATURE, "little padding, and garbage after the hash"),
        ROW(RIGHT, 1, BEARER_SIGNATURE, "an octet after the hash"),
        ROW("\x30\x2f\x30\x0b" OID_SHA256 "\x04\x20", 0, BEARER_SIGNATURE, "no NULL in the DigestInfo"),
        ROW("\x30\x81\x31\x30\x0d" OID_SHA256 "\x05\x00\x04\x20", 0, BEARER_SIGNATURE, "a length in BER"),
        ROW("\x30\x32\x30\x0e" OID_SHA256 "\x05\x81\x00\x04\x20", 0, BEARER_SIGNATURE,
            "another length in BER"),
        ROW("\x30\x34\x30\x10" OID_SHA256 "\x04\x03\x41\x42\x43\x04\x20", 0, BEARER_SIGNATURE,
            "garbage in place of the NULL"),
        ROW("\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x02\x05\x00\x04\x20", 0,
            BEARER_SIGNATURE, "another hash's name"),
        ROW("\x31\x31\x30\x0d" OID_SHA256 "\x05\x00\x04\x20", 0, BEARER_SIGNATURE, "a SET for the SEQUENCE"),
        ROW("", 0, BEARER_SIGNATURE, "the hash without a DigestInfo"),
#undef ROW
    };
    unsigned char em[EM];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pkcs1(em, rows[i].info, rows[i].length, rows[i].gap);
        encoded(JWA_RS256, em, rows[i].code, rows[i].name);
    }
    const size_t info = sizeof RIGHT - 1;
    static const struct {
        size_t at;
        unsigned char octet;
        const char *name;
    } spoiled[] = {{0, 1, "case 73: not a leading zero"},
                   {1, 2, "case 73: the padding of encryption"},
                   {1, 0, "case 73: block type 0"},
                   {2, 0xfe, "case 73: the first octet of the padding"},
                   {100, 0xfe, "case 73: an octet amid the padding"},
                   {100, 0, "case 73: a zero amid the padding"},
                   {203, 0xfe, "case 73: the last octet of the padding"},
                   {204, 0xff, "case 73: no zero after the padding"}};
    is_number(EM - 32 - info - 1, 204, "where the padding ends");
    for (size_t i = 0; i < sizeof spoiled / sizeof spoiled[0]; i++) {
        pkcs1(em, RIGHT, info, 0);
        em[spoiled[i].at] = spoiled[i].octet;
        encoded(JWA_RS256, em, BEARER_SIGNATURE, spoiled[i].name);
    }
    memset(em, 0, sizeof em);
    gnutls_hash_fast(GNUTLS_DIG_SHA256, DATA, strlen(DATA), em + EM - 32);
    encoded(JWA_RS256, em, BEARER_SIGNATURE, "case 73: the hash alone");
}

/* What can be wrong with a PSS encoding; zero is right but for the salt's length. */
struct pss {
    size_t salt;
    gnutls_digest_algorithm_t hash, mask; /* GNUTLS_DIG_UNKNOWN: SHA-256 */
    unsigned char trailer, padding, top;  /* bits changed in its last, second and first octet */
    unsigned char fill;                   /* each octet of the salt */
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

/* RFC 8017, section 9.1.1, for a modulus of 2048 bits. */
static void pss(unsigned char *em, const struct pss *how)
{
    gnutls_digest_algorithm_t hash = how->hash == GNUTLS_DIG_UNKNOWN ? GNUTLS_DIG_SHA256 : how->hash;
    size_t size = gnutls_hash_get_len(hash);
    unsigned char message[8 + 64 + EM] = {0};
    gnutls_hash_fast(hash, DATA, strlen(DATA), message + 8);
    memset(message + 8 + size, how->fill, how->salt);
    unsigned char *h = em + EM - 1 - size;
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

static void pss_variants(void)
{
    static const struct {
        enum jwa alg;
        struct pss how;
        enum bearer_code code;
        const char *name;
    } rows[] = {
        {JWA_PS256, {.salt = 32}, BEARER_OK, "case 74: raw, but right"},
        {JWA_PS384, {.salt = 48, .hash = GNUTLS_DIG_SHA384}, BEARER_OK, "case 74: raw, but right"},
        {JWA_PS512, {.salt = 64, .hash = GNUTLS_DIG_SHA512}, BEARER_OK, "case 74: raw, but right"},
        {JWA_PS256, {.salt = 0}, BEARER_SIGNATURE, "case 74: no salt"},
        {JWA_PS256, {.salt = 20}, BEARER_SIGNATURE, "case 74: a salt of 20 octets"},
        {JWA_PS256, {.salt = 31}, BEARER_SIGNATURE, "case 74: a salt of 31"},
        {JWA_PS256, {.salt = 33}, BEARER_SIGNATURE, "case 74: a salt of 33"},
        {JWA_PS256, {.salt = 222}, BEARER_SIGNATURE, "case 74: the longest salt"},
        {JWA_PS512,
         {.salt = 32, .hash = GNUTLS_DIG_SHA512},
         BEARER_SIGNATURE,
         "case 74: a salt of 32 octets"},
        {JWA_PS256, {.salt = 32, .mask = GNUTLS_DIG_SHA1}, BEARER_SIGNATURE, "case 74: MGF1 with SHA-1"},
        {JWA_PS256, {.salt = 32, .mask = GNUTLS_DIG_SHA512}, BEARER_SIGNATURE, "case 74: MGF1 with SHA-512"},
        {JWA_PS384,
         {.salt = 48, .hash = GNUTLS_DIG_SHA384, .mask = GNUTLS_DIG_SHA256},
         BEARER_SIGNATURE,
         "case 74: MGF1 with SHA-256"},
        {JWA_PS256, {.salt = 32, .hash = GNUTLS_DIG_SHA512}, BEARER_SIGNATURE, "case 74: SHA-512"},
        {JWA_PS256, {.salt = 32, .hash = GNUTLS_DIG_SHA1}, BEARER_SIGNATURE, "case 74: SHA-1"},
        {JWA_PS384, {.salt = 32}, BEARER_SIGNATURE, "case 74: all of it with SHA-256"},
        {JWA_PS256, {.salt = 32, .trailer = 0x70}, BEARER_SIGNATURE, "case 74: the trailer 0xcc"},
        {JWA_PS256, {.salt = 32, .padding = 1}, BEARER_SIGNATURE, "case 74: padding that is not zero"},
    };
    unsigned char em[EM];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pss(em, &rows[i].how);
        encoded(rows[i].alg, em, rows[i].code, rows[i].name);
    }
    unsigned char n[1024];
    test_key_parameter(made, 'n', n);
    for (unsigned fill = 0; fill < 256; fill++) { /* some of these are below n, so messages under this key */
        pss(em, &(struct pss){.salt = 32, .top = 0x80, .fill = (unsigned char)fill});
        if (memcmp(em, n, EM) < 0) {
            encoded(JWA_PS256, em, BEARER_SIGNATURE, "case 74: the highest bit set");
            return;
        }
    }
    ok(false, "case 74: the highest bit set: none is below n");
}

int main(void)
{
    made = test_key_new(JWA_RS256, NULL);
    key = import(made);
    rsa_numbers(JWA_RS256);
    rsa_numbers(JWA_PS256);
    spare_bits(JWA_RS256);
    spare_bits(JWA_PS256);
    pkcs1_variants();
    pss_variants();
    jwk_free(key);
    test_key_free(made);
    return tap_done();
}
