/* SPDX-License-Identifier: MIT */
#include "keys.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jose/base64url.h"

#define RSA_OCTETS 1024 /* of the largest modulus */
#define RSA_WORDS  (RSA_OCTETS / 8)

struct test_key {
    gnutls_x509_privkey_t secret;
    gnutls_privkey_t signer;
    gnutls_pk_algorithm_t pk;
    /* not for RSA */
    gnutls_ecc_curve_t curve;
    char *kid;
};

static const struct {
    gnutls_pk_algorithm_t pk;
    gnutls_ecc_curve_t curve;
    gnutls_sign_algorithm_t sign;
} algs[JWA__MAX] = {
    [JWA_RS256] = {GNUTLS_PK_RSA, GNUTLS_ECC_CURVE_INVALID, GNUTLS_SIGN_RSA_SHA256},
    [JWA_RS384] = {GNUTLS_PK_RSA, GNUTLS_ECC_CURVE_INVALID, GNUTLS_SIGN_RSA_SHA384},
    [JWA_RS512] = {GNUTLS_PK_RSA, GNUTLS_ECC_CURVE_INVALID, GNUTLS_SIGN_RSA_SHA512},
    [JWA_PS256] = {GNUTLS_PK_RSA, GNUTLS_ECC_CURVE_INVALID, GNUTLS_SIGN_RSA_PSS_RSAE_SHA256},
    [JWA_PS384] = {GNUTLS_PK_RSA, GNUTLS_ECC_CURVE_INVALID, GNUTLS_SIGN_RSA_PSS_RSAE_SHA384},
    [JWA_PS512] = {GNUTLS_PK_RSA, GNUTLS_ECC_CURVE_INVALID, GNUTLS_SIGN_RSA_PSS_RSAE_SHA512},
    [JWA_ES256] = {GNUTLS_PK_ECDSA, GNUTLS_ECC_CURVE_SECP256R1, GNUTLS_SIGN_ECDSA_SHA256},
    [JWA_ES384] = {GNUTLS_PK_ECDSA, GNUTLS_ECC_CURVE_SECP384R1, GNUTLS_SIGN_ECDSA_SHA384},
    [JWA_ES512] = {GNUTLS_PK_ECDSA, GNUTLS_ECC_CURVE_SECP521R1, GNUTLS_SIGN_ECDSA_SHA512},
    [JWA_EDDSA] = {GNUTLS_PK_EDDSA_ED25519, GNUTLS_ECC_CURVE_ED25519, GNUTLS_SIGN_EDDSA_ED25519},
};

__attribute__((noreturn)) static void bail_out(const char *what)
{
    printf("Bail out! %s\n", what);
    fflush(stdout);
    abort();
}

static void must(int result, const char *what)
{
    if (result < 0) {
        printf("# %s: %s\n", what, gnutls_strerror(result));
        bail_out("a test key could not be made or used");
    }
}

static void *must_have(void *memory)
{
    if (memory == NULL) {
        bail_out("out of memory");
    }
    return memory;
}

/* GnuTLS only reads what this points to, though the type does not say so. */
static gnutls_datum_t datum(const void *octets, size_t length)
{
    union {
        const void *in;
        unsigned char *out;
    } pointer = {.in = octets};
    return (gnutls_datum_t){.data = pointer.out, .size = (unsigned)length};
}

static struct test_key *new_key(const char *kid)
{
    struct test_key *key = must_have(calloc(1, sizeof *key));
    must(gnutls_x509_privkey_init(&key->secret), "gnutls_x509_privkey_init");
    must(gnutls_privkey_init(&key->signer), "gnutls_privkey_init");
    key->kid = kid == NULL ? NULL : must_have(strdup(kid));
    return key;
}

static struct test_key *adopted(struct test_key *key, gnutls_pk_algorithm_t pk,
                                gnutls_ecc_curve_t curve)
{
    key->pk = pk;
    key->curve = curve;
    must(gnutls_privkey_import_x509(key->signer, key->secret, 0), "gnutls_privkey_import_x509");
    return key;
}

struct test_key *test_key_new_rsa(unsigned bits, const char *kid)
{
    struct test_key *key = new_key(kid);
    must(gnutls_x509_privkey_generate(key->secret, GNUTLS_PK_RSA, bits, 0),
         "gnutls_x509_privkey_generate");
    return adopted(key, GNUTLS_PK_RSA, GNUTLS_ECC_CURVE_INVALID);
}

struct test_key *test_key_new(enum jwa alg, const char *kid)
{
    if (algs[alg].pk == GNUTLS_PK_RSA) {
        return test_key_new_rsa(2048, kid);
    }
    struct test_key *key = new_key(kid);
    unsigned bits = (unsigned)GNUTLS_CURVE_TO_BITS(algs[alg].curve);
    must(gnutls_x509_privkey_generate(key->secret, algs[alg].pk, bits, 0),
         "gnutls_x509_privkey_generate");
    return adopted(key, algs[alg].pk, algs[alg].curve);
}

struct test_key *test_key_again(const struct test_key *key, const char *kid)
{
    struct test_key *again = new_key(kid);
    must(gnutls_x509_privkey_cpy(again->secret, key->secret), "gnutls_x509_privkey_cpy");
    return adopted(again, key->pk, key->curve);
}

void test_key_free(struct test_key *key)
{
    if (key != NULL) {
        gnutls_privkey_deinit(key->signer);
        gnutls_x509_privkey_deinit(key->secret);
        free(key->kid);
        free(key);
    }
}

static size_t field_octets(const struct test_key *key)
{
    switch ((int)key->curve) {
    case GNUTLS_ECC_CURVE_SECP384R1:
        return 48;
    case GNUTLS_ECC_CURVE_SECP521R1:
        return 66;
    default:
        return 32;
    }
}

/* Writes the number in `from` (big-endian, released) into exactly `length` octets; 0: into as few
 * as it needs. */
static size_t take_number(gnutls_datum_t *from, unsigned char *octets, size_t length)
{
    unsigned char *data = from->data;
    size_t size = from->size;
    for (; size > 0 && *data == 0; size--) {
        data++;
    }
    length = length == 0 ? size : length;
    if (size > length || size == 0) {
        bail_out("a number does not fit");
    }
    memset(octets, 0, length - size);
    memcpy(octets + length - size, data, size);
    gnutls_free(from->data);
    from->data = NULL;
    return length;
}

size_t test_key_parameter(const struct test_key *key, char name, unsigned char *octets)
{
    gnutls_datum_t first = {0};
    gnutls_datum_t second = {0};
    size_t length = 0;
    bool rsa = key->pk == GNUTLS_PK_RSA;
    if (rsa) {
        must(gnutls_privkey_export_rsa_raw(key->signer, &first, &second, NULL, NULL, NULL, NULL,
                                           NULL, NULL),
             "gnutls_privkey_export_rsa_raw");
    } else {
        must(gnutls_privkey_export_ecc_raw(key->signer, NULL, &first, &second, NULL),
             "gnutls_privkey_export_ecc_raw");
    }
    if (key->pk == GNUTLS_PK_EDDSA_ED25519) {
        if (name == 'x' && first.size == 32) { /* little-endian octets, no number */
            length = first.size;
            memcpy(octets, first.data, length);
        }
    } else if (name == (rsa ? 'n' : 'x')) {
        length = take_number(&first, octets, rsa ? 0 : field_octets(key));
    } else if (name == (rsa ? 'e' : 'y')) {
        length = take_number(&second, octets, rsa ? 0 : field_octets(key));
    }
    gnutls_free(first.data);
    gnutls_free(second.data);
    return length;
}

char *test_base64url(const void *octets, size_t length)
{
    char *text = must_have(malloc(BASE64URL_ENCODED(length) + 1));
    base64url_encode(octets, length, text);
    return text;
}

static char *parameter_text(const struct test_key *key, char name)
{
    unsigned char octets[RSA_OCTETS];
    size_t length = test_key_parameter(key, name, octets);
    return test_base64url(octets, length);
}

static const char *curve_name(const struct test_key *key)
{
    switch ((int)key->curve) {
    case GNUTLS_ECC_CURVE_SECP384R1:
        return "P-384";
    case GNUTLS_ECC_CURVE_SECP521R1:
        return "P-521";
    case GNUTLS_ECC_CURVE_ED25519:
        return "Ed25519";
    default:
        return "P-256";
    }
}

char *test_key_jwk_with(const struct test_key *key, const char *more)
{
    bool rsa = key->pk == GNUTLS_PK_RSA;
    bool ec = key->pk == GNUTLS_PK_ECDSA;
    char *first = parameter_text(key, rsa ? 'n' : 'x');
    char *second = parameter_text(key, rsa ? 'e' : 'y');
    char *text = NULL;
    size_t length = 0;
    FILE *out = must_have(open_memstream(&text, &length));
    fputs("{", out);
    if (key->kid != NULL) {
        fprintf(out, "\"kid\":\"%s\",", key->kid);
    }
    fputs(more == NULL ? "" : more, out);
    if (rsa) {
        fprintf(out, "\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"%s\"}", first, second);
    } else {
        fprintf(out, "\"kty\":\"%s\",\"crv\":\"%s\",\"x\":\"%s\"", ec ? "EC" : "OKP",
                curve_name(key), first);
        if (ec) {
            fprintf(out, ",\"y\":\"%s\"", second);
        }
        fputs("}", out);
    }
    fclose(out);
    free(first);
    free(second);
    return must_have(text);
}

char *test_key_jwk(const struct test_key *key)
{
    return test_key_jwk_with(key, NULL);
}

char *test_jwks(char *jwks[], size_t count)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = must_have(open_memstream(&text, &length));
    fputs("{\"keys\":[", out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s%s", i == 0 ? "" : ",", jwks[i]);
        free(jwks[i]);
        jwks[i] = NULL;
    }
    fputs("]}", out);
    fclose(out);
    return must_have(text);
}

char *test_key_pem(const struct test_key *key)
{
    gnutls_pubkey_t pubkey = NULL;
    gnutls_datum_t pem = {0};
    must(gnutls_pubkey_init(&pubkey), "gnutls_pubkey_init");
    must(gnutls_pubkey_import_privkey(pubkey, key->signer, 0, 0), "gnutls_pubkey_import_privkey");
    must(gnutls_pubkey_export2(pubkey, GNUTLS_X509_FMT_PEM, &pem), "gnutls_pubkey_export2");
    char *text = must_have(strndup((const char *)pem.data, pem.size));
    gnutls_free(pem.data);
    gnutls_pubkey_deinit(pubkey);
    return text;
}

size_t test_key_signature(const struct test_key *key, enum jwa alg, const void *data, size_t length,
                          unsigned char *signature)
{
    gnutls_datum_t signed_data = datum(data, length);
    gnutls_datum_t made = {0};
    must(gnutls_privkey_sign_data2(key->signer, algs[alg].sign, 0, &signed_data, &made),
         "gnutls_privkey_sign_data2");
    size_t size = made.size;
    if (key->pk == GNUTLS_PK_ECDSA) { /* r || s instead of DER (RFC 7518, section 3.4) */
        gnutls_datum_t r = {0};
        gnutls_datum_t s = {0};
        must(gnutls_decode_rs_value(&made, &r, &s), "gnutls_decode_rs_value");
        size = take_number(&r, signature, field_octets(key));
        size += take_number(&s, signature + size, field_octets(key));
    } else {
        memcpy(signature, made.data, size);
    }
    gnutls_free(made.data);
    return size;
}

__extension__ typedef unsigned __int128 twice;

/* Numbers of `words` 64-bit words, the least significant first. Not constant in time: for tests
 * only. */
static void words_from(const unsigned char *octets, size_t words, uint64_t *out)
{
    memset(out, 0, words * sizeof *out);
    for (size_t i = 0; i < 8 * words; i++) {
        out[i / 8] |= (uint64_t)octets[8 * words - 1 - i] << (8 * (i % 8));
    }
}

/* a -= b if `carry` or a >= b. */
static void reduce(uint64_t *a, const uint64_t *b, size_t words, uint64_t carry)
{
    size_t i = words;
    while (carry == 0 && i > 0 && a[i - 1] == b[i - 1]) {
        i--;
    }
    if (carry == 0 && i > 0 && a[i - 1] < b[i - 1]) {
        return;
    }
    uint64_t borrow = 0;
    for (i = 0; i < words; i++) {
        twice difference = (twice)a[i] - b[i] - borrow;
        a[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 127);
    }
}

/* out = a * b / 2^(64 * words) mod n (Montgomery); `inverse` is -1/n mod 2^64. */
static void multiply(uint64_t *out, const uint64_t *a, const uint64_t *b, const uint64_t *n,
                     size_t words, uint64_t inverse)
{
    uint64_t t[RSA_WORDS + 2] = {0};
    for (size_t i = 0; i < words; i++) {
        twice sum = 0;
        for (size_t j = 0; j < words; j++) {
            sum = (twice)a[j] * b[i] + t[j] + (sum >> 64);
            t[j] = (uint64_t)sum;
        }
        sum = (twice)t[words] + (sum >> 64);
        t[words] = (uint64_t)sum;
        t[words + 1] = (uint64_t)(sum >> 64);
        uint64_t factor = t[0] * inverse;
        sum = (twice)factor * n[0] + t[0];
        for (size_t j = 1; j < words; j++) {
            sum = (twice)factor * n[j] + t[j] + (sum >> 64);
            t[j - 1] = (uint64_t)sum;
        }
        sum = (twice)t[words] + (sum >> 64);
        t[words - 1] = (uint64_t)sum;
        t[words] = t[words + 1] + (uint64_t)(sum >> 64);
    }
    reduce(t, n, words, t[words]);
    memcpy(out, t, words * sizeof *t);
}

/* number = number * 2^(64 * words) mod n. */
static void scale(uint64_t *number, const uint64_t *n, size_t words)
{
    for (size_t bit = 0; bit < 64 * words; bit++) {
        uint64_t carry = number[words - 1] >> 63;
        for (size_t i = words - 1; i > 0; i--) {
            number[i] = number[i] << 1 | number[i - 1] >> 63;
        }
        number[0] <<= 1;
        reduce(number, n, words, carry);
    }
}

/* out = base^exponent mod n, all as long as n, which is odd and whose length is a multiple of 8. */
static void power(const unsigned char *base, const unsigned char *exponent,
                  const unsigned char *modulus, size_t length, unsigned char *out)
{
    static const uint64_t one[RSA_WORDS] = {1};
    size_t words = length / 8;
    uint64_t n[RSA_WORDS];
    uint64_t x[RSA_WORDS];
    uint64_t result[RSA_WORDS] = {1};
    words_from(modulus, words, n);
    words_from(base, words, x);
    uint64_t inverse = 1; /* Newton: each step doubles the bits that are right */
    for (int i = 0; i < 6; i++) {
        inverse *= 2 - n[0] * inverse;
    }
    inverse = 0 - inverse;
    scale(result, n, words);
    scale(x, n, words);
    for (size_t bit = 0; bit < 8 * length; bit++) {
        multiply(result, result, result, n, words, inverse);
        if ((exponent[bit / 8] >> (7 - bit % 8) & 1) != 0) {
            multiply(result, result, x, n, words, inverse);
        }
    }
    multiply(result, result, one, n, words, inverse);
    for (size_t i = 0; i < length; i++) {
        out[length - 1 - i] = (unsigned char)(result[i / 8] >> (8 * (i % 8)));
    }
}

void test_key_rsa_raw(const struct test_key *key, const unsigned char *m, unsigned char *signature)
{
    gnutls_datum_t n = {0};
    gnutls_datum_t d = {0};
    must(gnutls_privkey_export_rsa_raw(key->signer, &n, NULL, &d, NULL, NULL, NULL, NULL, NULL),
         "gnutls_privkey_export_rsa_raw");
    unsigned char modulus[RSA_OCTETS];
    unsigned char exponent[RSA_OCTETS];
    size_t length = take_number(&n, modulus, 0);
    take_number(&d, exponent, length);
    if (length % 8 != 0) {
        bail_out("a modulus of an odd size");
    }
    power(m, exponent, modulus, length, signature);
}

static char *joined(const char *first, const char *second)
{
    size_t length = strlen(first) + strlen(second) + 2;
    char *text = must_have(malloc(length));
    snprintf(text, length, "%s.%s", first, second);
    return text;
}

/* base64url(header) "." base64url(payload): what is signed (RFC 7515, section 5.1). */
static char *signing_input(const void *header, size_t header_length, const void *payload,
                           size_t payload_length)
{
    char *first = test_base64url(header, header_length);
    char *second = test_base64url(payload, payload_length);
    char *text = joined(first, second);
    free(first);
    free(second);
    return text;
}

/* `input`, which is freed, with the signature appended. */
static char *finished(char *input, const void *signature, size_t length)
{
    char *last = test_base64url(signature, length);
    char *token = joined(input, last);
    free(last);
    free(input);
    return token;
}

char *test_key_sign_octets(const struct test_key *key, enum jwa alg, const void *header,
                           size_t header_length, const void *payload, size_t payload_length)
{
    unsigned char signature[TEST_SIGNATURE_MAX];
    char *input = signing_input(header, header_length, payload, payload_length);
    size_t length = test_key_signature(key, alg, input, strlen(input), signature);
    return finished(input, signature, length);
}

char *test_key_sign(const struct test_key *key, enum jwa alg, const char *header_json,
                    const char *payload_json)
{
    return test_key_sign_octets(key, alg, header_json, strlen(header_json), payload_json,
                                strlen(payload_json));
}

char *test_token(const char *header, const char *payload, const void *signature, size_t length)
{
    return finished(signing_input(header, strlen(header), payload, strlen(payload)), signature,
                    length);
}

char *test_token_hmac(unsigned bits, const void *secret, size_t secret_length, const char *header,
                      const char *payload)
{
    gnutls_mac_algorithm_t mac = bits == 512   ? GNUTLS_MAC_SHA512
                                 : bits == 384 ? GNUTLS_MAC_SHA384
                                               : GNUTLS_MAC_SHA256;
    unsigned char tag[64];
    char *input = signing_input(header, strlen(header), payload, strlen(payload));
    must(gnutls_hmac_fast(mac, secret, secret_length, input, strlen(input), tag),
         "gnutls_hmac_fast");
    return finished(input, tag, gnutls_hmac_get_len(mac));
}
