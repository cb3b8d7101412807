/* SPDX-License-Identifier: MIT */
#include "jose/jws.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <limits.h>

#include "jose/datum.h"

/* The ECDSA ones are bound to their curve: plain ECDSA_SHA256 verifies with a P-384 key too.
 * RSA_PSS_RSAE takes only a salt as long as the hash, and MGF1 with the same hash, which is what
 * RFC 7518, section 3.5, wants. */
static const gnutls_sign_algorithm_t algorithms[JWA__MAX] = {
    [JWA_UNKNOWN] = GNUTLS_SIGN_UNKNOWN,
    [JWA_RS256] = GNUTLS_SIGN_RSA_SHA256,
    [JWA_RS384] = GNUTLS_SIGN_RSA_SHA384,
    [JWA_RS512] = GNUTLS_SIGN_RSA_SHA512,
    [JWA_PS256] = GNUTLS_SIGN_RSA_PSS_RSAE_SHA256,
    [JWA_PS384] = GNUTLS_SIGN_RSA_PSS_RSAE_SHA384,
    [JWA_PS512] = GNUTLS_SIGN_RSA_PSS_RSAE_SHA512,
    [JWA_ES256] = GNUTLS_SIGN_ECDSA_SECP256R1_SHA256,
    [JWA_ES384] = GNUTLS_SIGN_ECDSA_SECP384R1_SHA384,
    [JWA_ES512] = GNUTLS_SIGN_ECDSA_SECP521R1_SHA512,
    [JWA_EDDSA] = GNUTLS_SIGN_EDDSA_ED25519,
};

static enum bearer_code verify(const struct jwk_public *key, enum jwa alg,
                               const gnutls_datum_t *data, const gnutls_datum_t *signature)
{
    errno = 0;
    int result = gnutls_pubkey_verify_data2(key->handle, algorithms[alg], 0, data, signature);
    if (result >= 0) {
        return BEARER_OK;
    }
    /* Whatever a stranger sends gets this one (measured); anything else failed inside. So did what
     * GnuTLS had no memory to look at: of that it says the same, and malloc() leaves its mark. */
    return result == GNUTLS_E_PK_SIG_VERIFY_FAILED && errno != ENOMEM ? BEARER_SIGNATURE
                                                                      : BEARER_DENIED;
}

/* The number without leading zero octets; of length 0 if it is zero. */
static gnutls_datum_t number(const unsigned char *octets, size_t length)
{
    for (; length > 0 && *octets == 0; length--) {
        octets++;
    }
    return datum(octets, length);
}

/* RFC 7518, section 3.4: r || s. GnuTLS wants them in DER, and refuses those that are not below the
 * order. */
static enum bearer_code verify_ecdsa(const struct jwk_public *key, enum jwa alg,
                                     const gnutls_datum_t *data, const unsigned char *signature)
{
    size_t half = key->signature_length / 2;
    gnutls_datum_t r = number(signature, half);
    gnutls_datum_t s = number(signature + half, half);
    if (r.size == 0 || s.size == 0) {
        return BEARER_SIGNATURE;
    }
    gnutls_datum_t der = {0};
    if (gnutls_encode_rs_value(&der, &r, &s) < 0) {
        return BEARER_DENIED; /* any two numbers can be encoded: memory ran out */
    }
    enum bearer_code code = verify(key, alg, data, &der);
    gnutls_free(der.data);
    return code;
}

enum bearer_code jws_verify(const struct jwk *key, enum jwa alg, const char *data, size_t length,
                            const unsigned char *signature, size_t signature_length)
{
    const struct jwk_public public = jwk_public(key);
    if ((unsigned)alg >= JWA__MAX || (public.algs & JWA_BIT(alg)) == 0) {
        return BEARER_KEY_UNFIT;
    }
    if (signature_length != public.signature_length) {
        return BEARER_SIGNATURE;
    }
    if (length > UINT_MAX) {
        return BEARER_DENIED;
    }
    gnutls_datum_t signed_data = datum(data, length);
    if (gnutls_sign_get_pk_algorithm(algorithms[alg]) == GNUTLS_PK_ECDSA) {
        return verify_ecdsa(&public, alg, &signed_data, signature);
    }
    gnutls_datum_t given = datum(signature, signature_length);
    return verify(&public, alg, &signed_data, &given);
}
