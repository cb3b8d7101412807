/* SPDX-License-Identifier: MIT */
#include "issuer/mint.h"

#include <errno.h>
#include <jwt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/cleanup.h"
#include "jose/base64url.h"

struct mint {
    enum jwa alg;
    jwt_t *jwt;
    size_t claims_length;
};

/* An ECDSA signature is two numbers of 32 octets for P-256 (RFC 7518, section 3.4). libjwt (1.10 to
 * 1.15 at least, with GnuTLS) writes each in the 66 octets of P-521, zeros in front. */
#define RS_OCTETS     32
#define RS_PADDED     66
#define SIGNATURE_MAX 512

void mint_cleanup(struct mint **mint)
{
    if (*mint != NULL) {
        jwt_free((*mint)->jwt);
        free(*mint);
        *mint = NULL;
    }
}

struct mint *mint_new(enum jwa alg, const char *kid, const char *pem)
{
    struct mint *mint CLEANUP(mint_cleanup) = calloc(1, sizeof *mint);
    size_t length =
        strlen(pem) +
        1; /* with the NUL: libjwt takes no empty key, and GnuTLS finds the end by itself */
    if (mint == NULL || length > INT_MAX || jwt_new(&mint->jwt) != 0) {
        return NULL;
    }
    mint->alg = alg;
    jwt_alg_t jwt_alg = alg == JWA_RS256 ? JWT_ALG_RS256 : JWT_ALG_ES256;
    if (jwt_set_alg(mint->jwt, jwt_alg, (const unsigned char *)pem, (int)length) != 0 ||
        jwt_add_header(mint->jwt, "kid", kid) != 0) {
        return NULL;
    }
    return steal(&mint);
}

int mint_claims(struct mint *mint, const char *json, struct diag *diag)
{
    size_t length = strlen(json);
    if (length > MINT_CLAIMS_MAX - mint->claims_length) {
        diag_set(diag, "the claims are longer than %d bytes", MINT_CLAIMS_MAX);
        return EX_DATAERR;
    }
    mint->claims_length += length;
    if (jwt_add_grants_json(mint->jwt, json) != 0) {
        diag_set(diag, "libjwt cannot hold this value: a number in it may be too large");
        return EX_DATAERR;
    }
    return 0;
}

static bool all_zero(const unsigned char *octets, size_t length)
{
    while (length > 0 && octets[length - 1] == 0) {
        length--;
    }
    return length == 0;
}

/* Brings the signature at `text` to the form of RFC 7518, in place; it never gets longer. False: it
 * has neither form. */
static bool mend_es256(char *text)
{
    unsigned char octets[SIGNATURE_MAX];
    size_t length = strlen(text);
    size_t size = 0;
    const size_t spare = RS_PADDED - RS_OCTETS;
    if (BASE64URL_DECODED_MAX(length) > sizeof octets ||
        !base64url_decode(text, length, octets, &size)) {
        return false;
    }
    if (size == (size_t)2 * RS_PADDED && all_zero(octets, spare) &&
        all_zero(octets + RS_PADDED, spare)) {
        memmove(octets, octets + spare, RS_OCTETS);
        memmove(octets + RS_OCTETS, octets + RS_PADDED + spare, RS_OCTETS);
        size = (size_t)2 * RS_OCTETS;
        base64url_encode(octets, size, text);
    }
    return size == (size_t)2 * RS_OCTETS;
}

/* libjwt can return success and an unfinished token when memory runs out: three segments, none
 * empty, must be there. */
static char *signature_of(char *token)
{
    char *first = strchr(token, '.');
    char *second = first == NULL ? NULL : strchr(first + 1, '.');
    bool whole = second != NULL && first != token && second != first + 1 && second[1] != '\0' &&
                 strchr(second + 1, '.') == NULL;
    return whole ? second + 1 : NULL;
}

int mint_token(const struct mint *mint, char **token, struct diag *diag)
{
    errno = 0;
    char *text CLEANUP(cleanup_free) = jwt_encode_str(mint->jwt);
    *token = NULL;
    if (text == NULL) {
        bool unfit = errno == EINVAL;
        diag_set(diag, "libjwt cannot sign with it: %s",
                 unfit ? "not such a key; 'bearer-issuer rotate' makes a new one"
                       : strerror(errno));
        return unfit ? EX_DATAERR : EX_SOFTWARE;
    }
    char *signature = signature_of(text);
    if (signature == NULL || (mint->alg == JWA_ES256 && !mend_es256(signature))) {
        diag_set(diag, "libjwt made something that is not a token");
        return EX_SOFTWARE;
    }
    *token = steal(&text);
    return 0;
}
