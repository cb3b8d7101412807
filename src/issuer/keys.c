/* SPDX-License-Identifier: MIT */
#include "issuer/keys.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/cleanup.h"
#include "jose/base64url.h"
#include "json/json.h"

#define RSA_BITS 2048

static void pubkey_cleanup(gnutls_pubkey_t *key)
{
    if (*key != NULL) {
        gnutls_pubkey_deinit(*key);
    }
}

static void privkey_cleanup(gnutls_privkey_t *key)
{
    if (*key != NULL) {
        gnutls_privkey_deinit(*key);
    }
}

static void x509_cleanup(gnutls_x509_privkey_t *key)
{
    if (*key != NULL) {
        gnutls_x509_privkey_deinit(*key);
    }
}

static void datum_cleanup(gnutls_datum_t *datum)
{
    if (datum->data != NULL) {
        gnutls_memset(datum->data, 0, datum->size);
    }
    gnutls_free(datum->data);
}

void secret_cleanup(char **text)
{
    if (*text != NULL) {
        explicit_bzero(*text, strlen(*text));
    }
    free(*text);
    *text = NULL;
}

void key_cleanup(struct key *key)
{
    secret_cleanup(&key->pem);
    js_free(key->jwk);
    key->jwk = NULL;
}

static bool set_text(struct json_object *jwk, const char *name, const char *text)
{
    return js_set_string(jwk, name, text, strlen(text));
}

/* Sets the member to the base64url of the number: without leading zero octets (RFC 7518, section
 * 6.3.1), or with `width` octets where that is not 0 (section 6.2.1.2). GnuTLS gives it without. */
static bool set_number(struct json_object *jwk, const char *name, const gnutls_datum_t *number,
                       size_t width)
{
    unsigned char octets[RSA_BITS / 8] = {0};
    char text[BASE64URL_ENCODED(sizeof octets) + 1];
    size_t length = width != 0 ? width : number->size;
    if (length > sizeof octets || number->size > length) {
        return false;
    }
    memcpy(octets + length - number->size, number->data, number->size);
    base64url_encode(octets, length, text);
    return set_text(jwk, name, text);
}

static bool set_rsa(struct json_object *jwk, gnutls_pubkey_t pub)
{
    gnutls_datum_t n CLEANUP(datum_cleanup) = {NULL, 0};
    gnutls_datum_t e CLEANUP(datum_cleanup) = {NULL, 0};
    return gnutls_pubkey_export_rsa_raw2(pub, &n, &e, GNUTLS_EXPORT_FLAG_NO_LZ) == 0 &&
           set_number(jwk, "n", &n, 0) && set_number(jwk, "e", &e, 0);
}

static bool set_p256(struct json_object *jwk, gnutls_pubkey_t pub)
{
    gnutls_datum_t x CLEANUP(datum_cleanup) = {NULL, 0};
    gnutls_datum_t y CLEANUP(datum_cleanup) = {NULL, 0};
    gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
    return gnutls_pubkey_export_ecc_raw2(pub, &curve, &x, &y, GNUTLS_EXPORT_FLAG_NO_LZ) == 0 &&
           curve == GNUTLS_ECC_CURVE_SECP256R1 && set_text(jwk, "crv", "P-256") &&
           set_number(jwk, "x", &x, 32) && set_number(jwk, "y", &y, 32);
}

/* The public members, from the public key only. NULL: something failed. */
static struct json_object *make_jwk(enum jwa alg, const char *kid, gnutls_privkey_t private)
{
    gnutls_pubkey_t pub CLEANUP(pubkey_cleanup) = NULL;
    struct json_object *jwk CLEANUP(js_cleanup) = js_new_object();
    bool rsa = alg == JWA_RS256;
    if (jwk == NULL || gnutls_pubkey_init(&pub) != 0 ||
        gnutls_pubkey_import_privkey(pub, private, 0, 0) != 0) {
        return NULL;
    }
    bool good = set_text(jwk, "kty", rsa ? "RSA" : "EC") && set_text(jwk, "use", "sig") &&
                set_text(jwk, "alg", jwa_name(alg)) && set_text(jwk, "kid", kid) &&
                (rsa ? set_rsa(jwk, pub) : set_p256(jwk, pub));
    return good ? steal(&jwk) : NULL;
}

/* PKCS #8, which libjwt reads for either kind. NULL: something failed. */
static char *make_pem(gnutls_privkey_t private, size_t *length)
{
    gnutls_x509_privkey_t key CLEANUP(x509_cleanup) = NULL;
    gnutls_datum_t pem CLEANUP(datum_cleanup) = {NULL, 0};
    if (gnutls_privkey_export_x509(private, &key) != 0 ||
        gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN,
                                          &pem) != 0) {
        return NULL;
    }
    char *copy = malloc((size_t)pem.size + 1);
    if (copy != NULL) {
        memcpy(copy, pem.data, pem.size);
        copy[pem.size] = '\0';
        *length = pem.size;
    }
    return copy;
}

static int make_kid(char kid[KEYS_KID_LENGTH + 1])
{
    static const char digits[] = KEYS_KID_DIGITS;
    unsigned char octets[KEYS_KID_LENGTH / 2];
    int error = gnutls_rnd(GNUTLS_RND_NONCE, octets, sizeof octets);
    for (size_t i = 0; i < sizeof octets; i++) {
        kid[2 * i] = digits[octets[i] >> 4];
        kid[2 * i + 1] = digits[octets[i] & 15];
    }
    kid[KEYS_KID_LENGTH] = '\0';
    return error;
}

int key_make(enum jwa alg, struct key *key, struct diag *diag)
{
    gnutls_privkey_t private CLEANUP(privkey_cleanup) = NULL;
    struct key made CLEANUP(key_cleanup) = {.pem = NULL};
    gnutls_pk_algorithm_t kind = alg == JWA_RS256 ? GNUTLS_PK_RSA : GNUTLS_PK_EC;
    unsigned bits = alg == JWA_RS256 ? RSA_BITS : GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1);
    *key = (struct key){.pem = NULL};
    int error = gnutls_privkey_init(&private);
    if (error == 0) {
        error = gnutls_privkey_generate(private, kind, bits, 0);
    }
    if (error == 0) {
        error = make_kid(made.kid);
    }
    if (error != 0) {
        diag_set(diag, "cannot make a key for %s: GnuTLS says: %s", jwa_name(alg),
                 gnutls_strerror(error));
        return EX_SOFTWARE;
    }
    made.pem = make_pem(private, &made.pem_length);
    made.jwk = make_jwk(alg, made.kid, private);
    if (made.pem == NULL || made.jwk == NULL) {
        diag_set(diag, "cannot write out the key for %s that was just made", jwa_name(alg));
        return EX_SOFTWARE;
    }
    *key = made;
    made = (struct key){.pem = NULL};
    return 0;
}
