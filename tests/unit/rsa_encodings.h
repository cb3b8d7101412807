/* SPDX-License-Identifier: MIT */
/* Encoded messages that are nearly right, to be signed raw with an RSA key of 2048 bits: what a
 * verifier that parses the padding, or takes any salt, would let pass. A few are right, to show
 * that the others differ from those in one thing alone. */
#ifndef TEST_RSA_ENCODINGS_H
#define TEST_RSA_ENCODINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "jose/jwa.h"

#define RSA_ENCODING_OCTETS 256

struct rsa_encoding {
    /* of the hostile case: 73 for PKCS#1 v1.5, 74 for PSS */
    int number;
    enum jwa alg;
    bool right;
    const char *name;
    /* a number below the modulus */
    unsigned char message[RSA_ENCODING_OCTETS];
};

/* Makes the encoding number `index` of `data` for a key whose modulus is `n` (RSA_ENCODING_OCTETS
 * octets). False: there are no more. */
bool rsa_encoding(size_t index, const void *data, size_t length, const unsigned char *n,
                  struct rsa_encoding *out);

#endif
