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

static void verified(enum jwa alg, const unsigned char *signature, size_t length, enum bearer_code expected,
                     const char *name)
{
    is_string(bearer_outcome(verify(alg, signature, length))->reason, bearer_outcome(expected)->reason,
              "%s: %s", jwa_name(alg), name);
}

/* A signature over DATA; returns its length. */
static size_t sign(enum jwa alg, unsigned char *signature)
{
    return test_key_signature(pairs[alg].made, alg, DATA, strlen(DATA), signature);
}

static void good_and_near(enum jwa alg)
{
    unsigned char room[TEST_SIGNATURE_MAX + 2] = {0};
    unsigned char *signature = room + 1;
    size_t length = sign(alg, signature);
    verified(alg, signature, length, BEARER_OK, "the right signature");
    size_t refused = 0;
    for (size_t i = 0; i < length; i++) {
        signature[i] ^= (unsigned char)(1u << i % 8);
        refused += verify(alg, signature, length) == BEARER_SIGNATURE;
        signature[i] ^= (unsigned char)(1u << i % 8);
    }
    is_number(refused, length, "%s: case 69: a bit flipped in each octet", jwa_name(alg));
    verified(alg, signature, length - 1, BEARER_SIGNATURE, "case 70: cut");
    verified(alg, signature, length + 1, BEARER_SIGNATURE, "case 70: one octet more");
    verified(alg, signature, 0, BEARER_SIGNATURE, "case 8: none");
    verified(alg, signature, 1, BEARER_SIGNATURE, "case 70: one octet");
    verified(alg, room, length + 1, BEARER_SIGNATURE, "case 71: a leading zero octet more");
    verified(alg, room, length, BEARER_SIGNATURE, "case 71: shifted by a leading zero octet");
    is_number(jws_verify(pairs[alg].key, alg, DATA, strlen(DATA) - 1, signature, length), BEARER_SIGNATURE,
              "%s: case 78: other data", jwa_name(alg));
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
        verified((enum jwa)alg, large, sizeof large, BEARER_SIGNATURE, "case 79: a signature of 4 KiB");
    }
    char *text = test_key_jwk_with(pairs[JWA_RS256].made, "\"alg\":\"RS384\",");
    struct jwk *key = import(text);
    size_t length = sign(JWA_RS256, signature);
    is_number(jws_verify(key, JWA_RS256, DATA, strlen(DATA), signature, length), BEARER_KEY_UNFIT,
              "case 44: not the JWK's alg");
    jwk_free(key);
    free(text);
    length = sign(JWA_RS256, signature);
    is_number(jws_verify(pairs[JWA_RS256].key, JWA_RS256, DATA, (size_t)UINT_MAX + 1, signature, length),
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

/* The order of each curve (SEC 2, section 2). */
static const struct {
    enum jwa alg;
    const char *order;
} curves[] = {
    {JWA_ES256, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"},
    {JWA_ES384,
     "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"},
    {JWA_ES512, "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148"
                "f709a5d03bb5c9b8"
                "899c47aebb6fb71e91386409"},
};

static size_t from_hex(const char *hex, unsigned char *out)
{
    size_t length = strlen(hex) / 2;
    for (size_t i = 0; i < length; i++) {
        char octet[3] = {hex[2 * i], hex[2 * i + 1], '\0'};
        out[i] = (unsigned char)strtoul(octet, NULL, 16);
    }
    return length;
}

static void ecdsa_numbers(enum jwa alg, const char *order)
{
    unsigned char special[5][66] = {{0}}; /* 0, 1, n - 1, n, n + 1 */
    static const char *const names[] = {"0", "1", "n-1", "n", "n+1"};
    size_t half = from_hex(order, special[3]);
    special[1][half - 1] = 1;
    memcpy(special[2], special[3], half);
    special[2][half - 1] ^= 1;
    add(special[4], special[3], special[1], half);
    unsigned char good[TEST_SIGNATURE_MAX];
    unsigned char signature[TEST_SIGNATURE_MAX];
    size_t length = sign(alg, good);
    is_number(length, 2 * half, "%s: r and s are as long as the field", jwa_name(alg));
    for (size_t i = 0; i < 5; i++) {
        for (size_t j = 0; j < 5; j++) {
            memcpy(signature, special[i], half);
            memcpy(signature + half, special[j], half);
            is_number(verify(alg, signature, length), BEARER_SIGNATURE, "%s: case 75: r = %s, s = %s",
                      jwa_name(alg), names[i], names[j]);
        }
        memcpy(signature, special[i], half);
        memcpy(signature + half, good + half, half);
        is_number(verify(alg, signature, length), BEARER_SIGNATURE, "%s: case 75: r = %s", jwa_name(alg),
                  names[i]);
        memcpy(signature, good, half);
        memcpy(signature + half, special[i], half);
        is_number(verify(alg, signature, length), BEARER_SIGNATURE, "%s: case 75: s = %s", jwa_name(alg),
                  names[i]);
    }
    memset(signature, 0xff, length);
    verified(alg, signature, length, BEARER_SIGNATURE, "case 75: r and s all ones");
    memcpy(signature, good + half, half);
    memcpy(signature + half, good, half);
    verified(alg, signature, length, BEARER_SIGNATURE, "case 75: r and s swapped");
    memcpy(signature, good, length);
    if (alg == JWA_ES512) { /* the field has 528 bits of room for 521: r + n and s + n fit */
        ok(add(signature, good, special[3], half), "r + n fits");
        verified(alg, signature, length, BEARER_SIGNATURE, "case 75: r + n");
        memcpy(signature, good, half);
        ok(add(signature + half, good + half, special[3], half), "s + n fits");
        verified(alg, signature, length, BEARER_SIGNATURE, "case 75: s + n");
    }
}

/* DER of SEQUENCE { INTEGER r, INTEGER s }, each as it is with a zero octet before it; returns the length. */
static size_t der_of(const unsigned char *signature, size_t half, unsigned char *der)
{
    size_t n = 0;
    size_t inner = 2 * (half + 3);
    der[n++] = 0x30;
    if (inner > 127) {
        der[n++] = 0x81;
    }
    der[n++] = (unsigned char)inner;
    for (size_t i = 0; i < 2; i++) {
        der[n++] = 0x02;
        der[n++] = (unsigned char)(half + 1);
        der[n++] = 0;
        memcpy(der + n, signature + i * half, half);
        n += half;
    }
    return n;
}

static void ecdsa_forms(enum jwa alg)
{
    unsigned char good[TEST_SIGNATURE_MAX];
    unsigned char other[TEST_SIGNATURE_MAX] = {0};
    size_t length = sign(alg, good);
    size_t half = length / 2;
    size_t der_length = der_of(good, half, other);
    verified(alg, other, der_length, BEARER_SIGNATURE, "case 76: DER");
    verified(alg, other, length, BEARER_SIGNATURE, "case 76: DER, cut to the right length");
    memset(other, 0, sizeof other);
    memcpy(other + 1, good, half);
    memcpy(other + half + 2, good + half, half);
    verified(alg, other, length + 2, BEARER_SIGNATURE, "case 77: a zero octet before r and before s");
    memcpy(other, good, length);
    verified(alg, other, length - 2, BEARER_SIGNATURE, "case 77: two octets less");
    static const size_t lengths[] = {2, 32, 48, 63, 64, 65, 66, 95, 96, 97, 130, 131, 132, 133, 134, 256};
    size_t refused = 0;
    size_t tried = 0;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        if (lengths[i] != length) {
            tried++;
            refused += verify(alg, other, lengths[i]) == BEARER_SIGNATURE;
        }
    }
    is_number(refused, tried, "%s: case 77: other lengths", jwa_name(alg));
    /* r that begins with a zero octet (one in 256; for P-521 one in two) is as good as any; without it, it is not */
    bool seen[2] = {false, false};
    for (unsigned i = 0; i < 100000 && !(seen[0] && seen[1]); i++) {
        sign(alg, good);
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
    static const unsigned char order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                            0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                            0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
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
    other[0] = 1; /* the neutral element: R = 1, S = 0 is right for any message under a key of small order */
    verified(JWA_EDDSA, other, length, BEARER_SIGNATURE, "case 101: the signature for keys of small order");
    memcpy(other + 32, order, 32);
    verified(JWA_EDDSA, other, length, BEARER_SIGNATURE, "case 72: S = L");
    /* y = 2 is on no point: such a key is imported, and verifies nothing */
    struct jwk *none =
        import("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}");
    ok(none == NULL || jws_verify(none, JWA_EDDSA, DATA, strlen(DATA), signature, length) == BEARER_SIGNATURE,
       "case 101: a key that is no point");
    jwk_free(none);
}

/* Signatures that others made. */
static const struct {
    enum jwa alg;
    const char *name, *jwk, *data, *signature;
} others[] = {
#define JOE "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    {JWA_RS256, "RFC 7515, appendix A.2",
     "{\"kty\":\"RSA\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-"
     "4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-"
     "yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-"
     "KXBdQOS-UTo7WTBEMa2R2CapHg665xsm"
     "tdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_"
     "h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\",\"e\":\"AQAB\"}",
     "eyJhbGciOiJSUzI1NiJ9." JOE,
     "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_"
     "O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRF"
     "diuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
     "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6Ie"
     "YI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"},
    {JWA_ES256, "RFC 7515, appendix A.3",
     "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_"
     "FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}",
     "eyJhbGciOiJFUzI1NiJ9." JOE,
     "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"},
    {JWA_ES512, "RFC 7515, appendix A.4",
     "{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":\"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_"
     "NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk\",\"y\":"
     "\"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2\"}",
     "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA",
     "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_"
     "7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vc"
     "nwNrmxYbSW9ERBXukOXolLzeO_Jn"},
    {JWA_PS384, "RFC 7520, section 4.2",
     "{\"kty\":\"RSA\",\"n\":\"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-"
     "XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_"
     "AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-"
     "OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde"
     "3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__"
     "kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw\",\"e\":\"AQAB\"}",
     "eyJhbGciOiJQUzM4NCIsImtpZCI6ImJpbGJvLmJhZ2dpbnNAaG9iYml0b24uZXhhbXBsZSJ9."
     "SXTigJlzIGEgZGFuZ2Vyb3VzIGJ1c2luZXNzLCBGcm9kbywgZ29pbmcgb3V0IHlvdXIgZG9"
     "vci4gWW91IHN0ZXAgb250byB0aGUgcm9hZCwgYW5kIGlmIHlvdSBkb24ndCBrZWVwIHlvdXIgZmVldCwgdGhlcmXigJlzIG5vIG"
     "tub3dpbmcgd2hlcmUgeW91IG1pZ2h0IGJlIHN3ZXB0IG9mZiB0by4",
     "cu22eBqkYDKgIlTpzDXGvaFfz6WGoz7fUDcfT0kkOy42miAh2qyBzk1xEsnk2IpN6-"
     "tPid6VrklHkqsGqDqHCdP6O8TTB5dDDItllVo6_1OLPpcbUrhiUSMxbbXUvdvWXzg-UD8b"
     "iiReQFlfz28zGWVsdiNAUf8ZnyPEgVFn442ZdNqiVJRmBqrYRXe8P_"
     "ijQ7p8Vdz0TTrxUeT3lm8d9shnr2lfJT8ImUjvAA2Xez2Mlp8cBE5awDzT0qI0n6uiP1aCN_2_jLAeQTlqR"
     "Htfa64QQSUmFAAjVKPbByi7xho0uTOcbH510a6GYmJUAfmWjwZ6oD4ifKo8DYM-X72Eaw"},
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
               base64url_decode(others[i].signature, strlen(others[i].signature), signature, &length) &&
               jws_verify(key, others[i].alg, others[i].data, strlen(others[i].data), signature, length) ==
                   BEARER_OK,
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
        good_and_near((enum jwa)alg);
    }
    vectors();
    wrong_alg();
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        ecdsa_numbers(curves[i].alg, curves[i].order);
        ecdsa_forms(curves[i].alg);
    }
    eddsa_numbers();
    for (unsigned alg = JWA_UNKNOWN + 1; alg < JWA__MAX; alg++) {
        if (alg <= JWA_RS256 || alg > JWA_PS512) {
            test_key_free(pairs[alg].made);
            jwk_free(pairs[alg].key);
        }
    }
    return tap_done();
}
