/* SPDX-License-Identifier: MIT */
#include "jose/jwa.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *kty, *crv;
} algs[JWA__MAX] = {
    [JWA_UNKNOWN] = {"", "", NULL},
    [JWA_RS256] = {"RS256", "RSA", NULL},
    [JWA_RS384] = {"RS384", "RSA", NULL},
    [JWA_RS512] = {"RS512", "RSA", NULL},
    [JWA_PS256] = {"PS256", "RSA", NULL},
    [JWA_PS384] = {"PS384", "RSA", NULL},
    [JWA_PS512] = {"PS512", "RSA", NULL},
    [JWA_ES256] = {"ES256", "EC", "P-256"},
    [JWA_ES384] = {"ES384", "EC", "P-384"},
    [JWA_ES512] = {"ES512", "EC", "P-521"},
    [JWA_EDDSA] = {"EdDSA", "OKP", "Ed25519"},
};

static bool is(const char *name, size_t length, const char *known)
{
    return strlen(known) == length && memcmp(known, name, length) == 0;
}

enum jwa jwa_parse(const char *name, size_t length)
{
    for (unsigned i = JWA_UNKNOWN + 1; i < JWA__MAX; i++) {
        if (is(name, length, algs[i].name)) {
            return (enum jwa)i;
        }
    }
    return is(name, length, JWA_ED25519_NAME) ? JWA_EDDSA : JWA_UNKNOWN;
}

const char *jwa_name(enum jwa alg)
{
    return algs[(unsigned)alg < JWA__MAX ? alg : JWA_UNKNOWN].name;
}

unsigned jwa_of_key(const char *kty, const char *crv)
{
    unsigned set = 0;
    for (unsigned i = JWA_UNKNOWN + 1; i < JWA__MAX; i++) {
        if (strcmp(algs[i].kty, kty) != 0) {
            continue;
        }
        if (algs[i].crv == NULL || (crv != NULL && strcmp(algs[i].crv, crv) == 0)) {
            set |= JWA_BIT(i);
        }
    }
    return set;
}

const char *jwa_list(char *out, unsigned set)
{
    size_t used = 0;
    out[0] = '\0';
    for (unsigned i = JWA_UNKNOWN + 1; i < JWA__MAX && used < JWA_LIST_MAX; i++) {
        if ((set & JWA_BIT(i)) != 0) {
            int n = snprintf(out + used, JWA_LIST_MAX - used, "%s%s", used > 0 ? "," : "",
                             jwa_name((enum jwa)i));
            used += n > 0 ? (size_t)n : 0;
        }
    }
    return out;
}
