/* SPDX-License-Identifier: MIT */
#include <gnutls/abstract.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

static void must(int result)
{
    if (result < 0) {
        cases_bail(gnutls_strerror(result));
    }
}

char *certificate(const struct test_key *key)
{
    gnutls_x509_privkey_t authority = NULL;
    gnutls_x509_crt_t issuer = NULL, made = NULL;
    gnutls_pubkey_t public = NULL;
    gnutls_datum_t der = {0}, text = {0};
    char *pem = test_key_pem(key);
    const gnutls_datum_t given = {.data = (unsigned char *)pem, .size = (unsigned)strlen(pem)};
    must(gnutls_x509_privkey_init(&authority));
    must(gnutls_x509_privkey_generate(authority, GNUTLS_PK_ECDSA,
                                      GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
    must(gnutls_pubkey_init(&public));
    must(gnutls_pubkey_import(public, &given, GNUTLS_X509_FMT_PEM));
    gnutls_x509_crt_t *each[] = {&issuer, &made};
    for (int i = 0; i < 2; i++) {
        gnutls_x509_crt_t crt = NULL;
        must(gnutls_x509_crt_init(&crt));
        must(gnutls_x509_crt_set_version(crt, 3));
        must(gnutls_x509_crt_set_serial(crt, "\1", 1));
        must(gnutls_x509_crt_set_dn(crt, "CN=evil", NULL));
        must(gnutls_x509_crt_set_activation_time(crt, (time_t)world.now - 60));
        must(gnutls_x509_crt_set_expiration_time(crt, (time_t)world.now + 86400));
        *each[i] = crt;
    }
    must(gnutls_x509_crt_set_key(issuer, authority));
    must(gnutls_x509_crt_set_pubkey(made, public));
    must(gnutls_x509_crt_sign2(made, issuer, authority, GNUTLS_DIG_SHA256, 0));
    must(gnutls_x509_crt_export2(made, GNUTLS_X509_FMT_DER, &der));
    must(gnutls_base64_encode2(&der, &text));
    char *result = text_of("%.*s", (int)text.size, (const char *)text.data);
    gnutls_free(der.data);
    gnutls_free(text.data);
    gnutls_x509_crt_deinit(issuer);
    gnutls_x509_crt_deinit(made);
    gnutls_x509_privkey_deinit(authority);
    gnutls_pubkey_deinit(public);
    free(pem);
    return result;
}
