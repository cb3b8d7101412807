/* SPDX-License-Identifier: MIT */
#include "jose/jws.h"

#include <limits.h>
#include <stdlib.h>

#include "jose/base64url.h"
#include "json/json.h"
#include "keys.h"
#include "tap.h"

#define DATA "eyJhbGciOiJ4In0.eyJzdWIiOiJ5In0"

/* One made key and what jwk_import() makes of it. */
struct pair {
    struct test_key *made;
    struct jwk *key;
};

static struct pair pairs[JWA__MAX]; /* by alg; the RSA ones are one key */

static struct jwk *import(const char *text)
{
    struct json_object *members = js_parse(text, strlen(text), NULL);
    struct jwk *key = NULL;
    jwk_import(members, JWA_ALL, &key);
    js_free(members);
    return key;
}

static struct jwk *import_made(const struct test_key *made)
{
    char *text = test_key_jwk(made);
    struct jwk *key = import(text);
    free(text);
    return key;
}

static enum bearer_code verify(enum jwa alg, const unsigned char *signature, size_t length)
{
    return jws_verify(pairs[alg].key, alg, DATA, strlen(DATA), signature, length);
}

static void verified(enum jwa alg, const unsigned char *signature, size_t length,
                     enum bearer_code expected, const char *name)
{
    is_string(bearer_outcome(verify(alg, signature, length))->reason,
              bearer_outcome(expected)->reason, "%s: %s", jwa_name(alg), name);
}

/* A signature over DATA; returns its length. */
static size_t sign(enum jwa alg, unsigned char *signature)
{
    return test_key_signature(pairs[alg].made, alg, DATA, strlen(DATA), signature);
}

/* A bit of it flipped, other data than was signed, and none. (Signatures that are nearly right:
 * test_cases.) */
static void altered(enum jwa alg)
{
    unsigned char signature[TEST_SIGNATURE_MAX];
    size_t length = sign(alg, signature);
    verified(alg, signature, length, BEARER_OK, "the right signature");
    size_t refused = 0;
    for (size_t i = 0; i < length; i++) {
        signature[i] ^= (unsigned char)(1u << i % 8);
        refused += verify(alg, signature, length) == BEARER_SIGNATURE;
        signature[i] ^= (unsigned char)(1u << i % 8);
    }
    is_number(refused, length, "%s: case 69: a bit flipped in each octet", jwa_name(alg));
    verified(alg, signature, 0, BEARER_SIGNATURE, "case 8: none");
    is_number(jws_verify(pairs[alg].key, alg, DATA, strlen(DATA) - 1, signature, length),
              BEARER_SIGNATURE, "%s: case 78: other data", jwa_name(alg));
    is_number(jws_verify(pairs[alg].key, alg, "", 0, signature, length), BEARER_SIGNATURE,
              "%s: case 78: no data", jwa_name(alg));
    length = test_key_signature(pairs[alg].made, alg, "", 0, signature);
    is_number(jws_verify(pairs[alg].key, alg, "", 0, signature, length), BEARER_OK,
              "%s: a signature over nothing", jwa_name(alg));
    verified(alg, signature, length, BEARER_SIGNATURE, "case 78: the signature of other data");
}

static void wrong_alg(void)
{
    static unsigned char large[4096];
    unsigned char signature[TEST_SIGNATURE_MAX];
    for (unsigned alg = JWA_UNKNOWN + 1; alg < JWA__MAX; alg++) {
        size_t length = sign((enum jwa)alg, signature);
        for (unsigned other = 0; other <= JWA__MAX; other++) {
            if (other == alg) {
                continue;
            }
            bool of_key = other < JWA__MAX && (jwk_algs(pairs[alg].key) & JWA_BIT(other)) != 0;
            enum bearer_code code =
                jws_verify(pairs[alg].key, (enum jwa)other, DATA, strlen(DATA), signature, length);
            is_number(code, of_key ? BEARER_SIGNATURE : BEARER_KEY_UNFIT,
                      "cases 43, 45, 46: a %s signature as %s", jwa_name((enum jwa)alg),
                      jwa_name((enum jwa)other));
        }
        verified((enum jwa)alg, large, sizeof large, BEARER_SIGNATURE,
                 "case 79: a signature of 4 KiB");
    }
    char *text = test_key_jwk_with(pairs[JWA_RS256].made, "\"alg\":\"RS384\",");
    struct jwk *key = import(text);
    size_t length = sign(JWA_RS256, signature);
    is_number(jws_verify(key, JWA_RS256, DATA, strlen(DATA), signature, length), BEARER_KEY_UNFIT,
              "case 44: not the JWK's alg");
    jwk_free(key);
    free(text);
    length = sign(JWA_RS256, signature);
    is_number(
        jws_verify(pairs[JWA_RS256].key, JWA_RS256, DATA, (size_t)UINT_MAX + 1, signature, length),
        BEARER_DENIED, "what is longer than GnuTLS can be told is not cut and verified");
    /* a P-384 signature over a SHA-256 */
    length = test_key_signature(pairs[JWA_ES384].made, JWA_ES256, DATA, strlen(DATA), signature);
    is_number(jws_verify(pairs[JWA_ES384].key, JWA_ES256, DATA, strlen(DATA), signature, length),
              BEARER_KEY_UNFIT, "case 46: ES256 with P-384");
    verified(JWA_ES384, signature, length, BEARER_SIGNATURE, "case 46: P-384 with SHA-256");
    struct test_key *stranger = test_key_new(JWA_RS256, NULL);
    length = test_key_signature(stranger, JWA_RS256, DATA, strlen(DATA), signature);
    verified(JWA_RS256, signature, length, BEARER_SIGNATURE, "another key of the same kind");
    test_key_free(stranger);
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

/* r that begins with a zero octet (one in 256; for P-521 one in two) is as good as any; without it,
 * it is not. */
static void zero_octets(enum jwa alg)
{
    unsigned char good[TEST_SIGNATURE_MAX], other[TEST_SIGNATURE_MAX];
    bool seen[2] = {false, false};
    for (unsigned i = 0; i < 100000 && !(seen[0] && seen[1]); i++) {
        size_t length = sign(alg, good);
        size_t half = length / 2;
        for (size_t which = 0; which < 2; which++) {
            if (seen[which] || good[which * half] != 0) {
                continue;
            }
            seen[which] = true;
            verified(alg, good, length, BEARER_OK,
                     which == 0 ? "r begins with a zero octet" : "s begins with a zero octet");
            memcpy(other, good, which * half);
            memcpy(other + which * half, good + which * half + 1, length - which * half - 1);
            verified(alg, other, length - 1, BEARER_SIGNATURE, "case 77: and lost it");
        }
    }
    ok(seen[0] && seen[1], "%s: there were such signatures", jwa_name(alg));
}

static void eddsa_numbers(void)
{
    /* the order L (RFC 8032, section 5.1), little-endian */
    static const unsigned char order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
                                            0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
                                            0,    0,    0,    0,    0,    0,    0,    0,
                                            0,    0,    0,    0,    0,    0,    0,    0x10};
    unsigned char signature[TEST_SIGNATURE_MAX];
    unsigned char other[TEST_SIGNATURE_MAX];
    size_t length = sign(JWA_EDDSA, signature);
    is_number(length, 64, "EdDSA: 64 octets");
    memcpy(other, signature, length);
    unsigned carry = 0;
    for (size_t i = 0; i < 32; i++) {
        carry += (unsigned)signature[32 + i] + order[i];
        other[32 + i] = (unsigned char)carry;
        carry >>= 8;
    }
    verified(JWA_EDDSA, other, length, BEARER_SIGNATURE, "case 72: S + L");
    memset(other, 0, sizeof other);
    verified(JWA_EDDSA, other, length, BEARER_SIGNATURE, "case 72: R and S zero");
    other[0] =
        1; /* the neutral element: R = 1, S = 0 is right for any message under a key of small order */
    verified(JWA_EDDSA, other, length, BEARER_SIGNATURE,
             "case 101: the signature for keys of small order");
    memcpy(other + 32, order, 32);
    verified(JWA_EDDSA, other, length, BEARER_SIGNATURE, "case 72: S = L");
    /* y = 2 is on no point: such a key is imported, and verifies nothing */
    struct jwk *none = import(
        "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}");
    ok(none == NULL ||
           jws_verify(none, JWA_EDDSA, DATA, strlen(DATA), signature, length) == BEARER_SIGNATURE,
       "case 101: a key that is no point");
    jwk_free(none);
}

/* A modulus of 2049 bits has seven bits to spare in its 257 octets, and PSS encodes into 256 of
 * them. */
static void spare_bits(enum jwa alg)
{
    struct test_key *odd_made = test_key_new_rsa(2049, NULL);
    struct jwk *odd = import_made(odd_made);
    unsigned char n[1024];
    unsigned char s[1024];
    size_t length = test_key_parameter(odd_made, 'n', n);
    is_number(length, 257, "%s: a modulus of 2049 bits", jwa_name(alg));
    is_number(test_key_signature(odd_made, alg, DATA, strlen(DATA), s), length,
              "%s: its signature is as long", jwa_name(alg));
    is_number(jws_verify(odd, alg, DATA, strlen(DATA), s, length), BEARER_OK, "%s: and right",
              jwa_name(alg));
    ok(add(s, s, n, length), "%s: s + n fits", jwa_name(alg));
    is_number(jws_verify(odd, alg, DATA, strlen(DATA), s, length), BEARER_SIGNATURE,
              "%s: case 72: s + n", jwa_name(alg));
    is_number(jws_verify(odd, alg, DATA, strlen(DATA), s + 1, length - 1), BEARER_SIGNATURE,
              "%s: case 70: the first octet cut", jwa_name(alg));
    jwk_free(odd);
    test_key_free(odd_made);
}

/* Signatures that others made. */
static const struct {
    enum jwa alg;
    const char *name, *jwk, *data, *signature;
} others[] = {
#define JOE \
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    {JWA_RS256, "RFC 7515, appendix A.2",
     "{\"kty\":\"RSA\","
     "\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\",\"e\":\"AQAB\"}",
     "eyJhbGciOiJSUzI1NiJ9." JOE,
     "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
    {JWA_ES256, "RFC 7515, appendix A.3",
     "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
     "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
     "eyJhbGciOiJFUzI1NiJ9." JOE,
     "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
    {JWA_ES512, "RFC 7515, appendix A.4",
     "{\"kty\":\"EC\",\"crv\":\"P-521\","
     "\"x\":\"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk\",\"y\":\"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2\"}",
     "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA",
     "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn"},
    {JWA_PS384, "RFC 7520, section 4.2",
     "{\"kty\":\"RSA\","
     "\"n\":\"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw\",\"e\":\"AQAB\"}",
     "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9.SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIGtub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4",
     "cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8biiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqRHtfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw"},
    {JWA_EDDSA, "RFC 8037, appendix A.4",
     "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
     "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
     "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"},
#undef JOE
};

static void vectors(void)
{
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        unsigned char signature[BASE64URL_DECODED_MAX(400)];
        size_t length = 0;
        struct jwk *key = import(others[i].jwk);
        ok(key != NULL &&
               base64url_decode(others[i].signature, strlen(others[i].signature), signature,
                                &length) &&
               jws_verify(key, others[i].alg, others[i].data, strlen(others[i].data), signature,
                          length) == BEARER_OK,
           "%s", others[i].name);
        jwk_free(key);
    }
}

int main(void)
{
    for (unsigned alg = JWA_UNKNOWN + 1; alg < JWA__MAX; alg++) {
        bool first = alg <= JWA_RS256 || alg > JWA_PS512;
        pairs[alg].made = first ? test_key_new((enum jwa)alg, NULL) : pairs[JWA_RS256].made;
        pairs[alg].key = first ? import_made(pairs[alg].made) : pairs[JWA_RS256].key;
        altered((enum jwa)alg);
    }
    vectors();
    wrong_alg();
    zero_octets(JWA_ES256);
    zero_octets(JWA_ES384);
    zero_octets(JWA_ES512);
    spare_bits(JWA_RS256);
    spare_bits(JWA_PS256);
    eddsa_numbers();
    for (unsigned alg = JWA_UNKNOWN + 1; alg < JWA__MAX; alg++) {
        if (alg <= JWA_RS256 || alg > JWA_PS512) {
            test_key_free(pairs[alg].made);
            jwk_free(pairs[alg].key);
        }
    }
    return tap_done();
}
