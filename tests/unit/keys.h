/* SPDX-License-Identifier: MIT */
/* Keys made when a test runs, their JWKs, and tokens signed with them: right ones, and whatever an
 * attacker may send. What a function returns is the caller's to release with free(), unless it says
 * otherwise. Nothing here returns a failure: a test that cannot have its keys ends with "Bail
 * out!". */
#ifndef TEST_KEYS_H
#define TEST_KEYS_H

#include <stddef.h>

#include "jose/jwa.h"

#define TEST_SIGNATURE_MAX 1024 /* octets */

struct test_key;

/* A new key that can sign with `alg`: RSA of 2048 bits (it takes about 0.1 s), the alg's curve, or
 * Ed25519. `kid` NULL: none. */
struct test_key *test_key_new(enum jwa alg, const char *kid);
struct test_key *test_key_new_rsa(unsigned bits, const char *kid);
/* The same key material under another kid. */
struct test_key *test_key_again(const struct test_key *key, const char *kid);
void test_key_free(struct test_key *key);

/* The public key as a JWK: kid, then `more` (members, each with a comma after it, e.g.
 * "\"use\":\"sig\","; may be NULL), then kty and what that has. test_key_jwk() has no `more`. `kid`
 * is written as it is. */
char *test_key_jwk(const struct test_key *key);
char *test_key_jwk_with(const struct test_key *key, const char *more);

/* The JWKS document of these `count` JWKs, each of which is freed. */
char *test_jwks(char *jwks[], size_t count);

/* One parameter of the public key by its JWK name, 'n', 'e', 'x' or 'y': as many octets as RFC
 * 7518, section 6, demands. Into `octets` (at least 1024); returns their number, 0 if this key has
 * none of that name. */
size_t test_key_parameter(const struct test_key *key, char name, unsigned char *octets);

/* The public key as PEM text. */
char *test_key_pem(const struct test_key *key);

/* The JWS signature over `data` under `alg`, which must fit the kind of key but not the curve
 * (ES256 with P-384 is that curve's signature over a SHA-256). Into `signature` (TEST_SIGNATURE_MAX
 * octets); returns its length. */
size_t test_key_signature(const struct test_key *key, enum jwa alg, const void *data, size_t length,
                          unsigned char *signature);

/* m^d mod n with the private exponent of an RSA key, whatever m < n is: for signatures no library
 * makes. Both as long as the modulus, which is a multiple of 64 bits. */
void test_key_rsa_raw(const struct test_key *key, const unsigned char *m, unsigned char *signature);

/* A compact JWS of exactly this header and payload (nothing checks them), signed under `alg`,
 * whatever the header says. */
char *test_key_sign(const struct test_key *key, enum jwa alg, const char *header_json,
                    const char *payload_json);
char *test_key_sign_octets(const struct test_key *key, enum jwa alg, const void *header,
                           size_t header_length, const void *payload, size_t payload_length);

/* The same with a given signature, and with an HMAC: SHA-256, -384 or -512 by `bits`. */
char *test_token(const char *header, const char *payload, const void *signature, size_t length);
char *test_token_hmac(unsigned bits, const void *secret, size_t secret_length, const char *header,
                      const char *payload);

/* The canonical base64url text of these octets. */
char *test_base64url(const void *octets, size_t length);

#endif
