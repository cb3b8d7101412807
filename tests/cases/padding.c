/* SPDX-License-Identifier: MIT */
/* RSA signatures of encodings that are nearly right: cases 73 and 74. */
#include <stdlib.h>
#include <string.h>

#include "cases.h"
#include "rsa_encodings.h"

void family_padding(void)
{
    static const struct {
        const char *alg, *header;
    } headers[] = {{"RS256", GOOD_HEADER},
                   {"PS256", HEADER_OF("PS256", "rsa-1")},
                   {"PS384", HEADER_OF("PS384", "rsa-1")},
                   {"PS512", HEADER_OF("PS512", "rsa-1")}};
    unsigned char n[1024];
    unsigned char signature[RSA_ENCODING_OCTETS];
    struct rsa_encoding encoding;
    world.site = "wide";
    world.set = "main-wide";
    test_key_parameter(world.rsa, 'n', n);
    for (size_t i = 0; rsa_encoding(i, "", 0, n, &encoding); i++) {
        const char *header = NULL;
        for (size_t j = 0; j < sizeof headers / sizeof headers[0]; j++) {
            header =
                strcmp(headers[j].alg, jwa_name(encoding.alg)) == 0 ? headers[j].header : header;
        }
        char *unsigned_token = test_token(header, world.good_claims, "", 0);
        rsa_encoding(i, unsigned_token, strlen(unsigned_token) - 1, n,
                     &encoding); /* without the last dot */
        test_key_rsa_raw(world.rsa, encoding.message, signature);
        emit(encoding.number, encoding.right ? BEARER_OK : BEARER_SIGNATURE,
             test_token(header, world.good_claims, signature, sizeof signature), "%s, %s",
             jwa_name(encoding.alg), encoding.name);
        free(unsigned_token);
    }
}
