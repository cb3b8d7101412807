/* RSA signatures that no library makes: numbers out of range, paddings that are nearly right. */
#include "jose/jws.h"

#include <stdlib.h>

#include "json/json.h"
#include "keys.h"
#include "rsa_encodings.h"
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

/* The encodings that are nearly right, signed raw. */
static void encodings(void)
{
    unsigned char n[1024];
    unsigned char signature[RSA_ENCODING_OCTETS];
    struct rsa_encoding encoding;
    is_number(test_key_parameter(made, 'n', n), RSA_ENCODING_OCTETS, "a modulus of 2048 bits");
    for (size_t i = 0; rsa_encoding(i, DATA, strlen(DATA), n, &encoding); i++) {
        char name[80];
        snprintf(name, sizeof name, "case %d: %s", encoding.number, encoding.name);
        test_key_rsa_raw(made, encoding.message, signature);
        verified(encoding.alg, signature, sizeof signature, encoding.right ? BEARER_OK : BEARER_SIGNATURE,
                 name);
    }
}

int main(void)
{
    made = test_key_new(JWA_RS256, NULL);
    key = import(made);
    rsa_numbers(JWA_RS256);
    rsa_numbers(JWA_PS256);
    spare_bits(JWA_RS256);
    spare_bits(JWA_PS256);
    encodings();
    jwk_free(key);
    test_key_free(made);
    return tap_done();
}
