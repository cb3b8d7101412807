/* SPDX-License-Identifier: MIT */
/* The algorithm: cases 34 to 47. */
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

#define NOT_ALLOWED BEARER_ALG_NOT_ALLOWED

static void none(void)
{
    static const char *const spellings[] = {"none", "None", "NONE", "nOnE"};
    for (size_t i = 0; i < 4; i++) {
        char *header = text_of("{\"alg\":\"%s\",\"typ\":\"JWT\",\"kid\":\"rsa-1\"}", spellings[i]);
        /* RFC 7519, section 6.1, has this form; nothing without a signature gets as far as its
         * alg. */
        emit(34, BEARER_TOKEN_SEGMENTS, test_token(header, world.good_claims, "", 0), "%s",
             spellings[i]);
        emit(35, NOT_ALLOWED, test_token(header, world.good_claims, "x", 1), "%s, some signature",
             spellings[i]);
        emit(35, NOT_ALLOWED, sign(header, world.good_claims), "%s, a good signature",
             spellings[i]);
        free(header);
    }
}

#define ALG "{\"typ\":\"JWT\",\"kid\":\"rsa-1\",\"alg\":" EACH "}"

static const struct case_row names[] = {
    {36, BEARER_HEADER_ALG, .header = EACH,
     .values =
         OF("{\"kid\":\"rsa-1\",\"typ\":\"JWT\"}", "{\"kid\":\"rsa-1\",\"Alg\":\"RS256\"}", "{}")},
    {37, BEARER_HEADER_ALG, .header = ALG,
     .values = OF("null", "256", "[\"RS256\"]", "[]", "{\"RS256\":1}", "true", "false", "\"\"")},
    {38, NOT_ALLOWED, .header = ALG,
     .values = OF("\"rs256\"", "\"Rs256\"", "\"RS256 \"", "\" RS256\"", "\"RS2567\"", "\"RS25\"",
                  "\"RS256,none\"", "\"RS256\\n\"")},
    {38, BEARER_HEADER_JSON, .header = ALG, .values = OF("\"RS256\\u0000\"")},
    {47, NOT_ALLOWED, .header = ALG,
     .values =
         OF("\"RS1\"", "\"ES256K\"", "\"Ed448\"", "\"ed25519\"", "\"RSA-OAEP\"", "\"dir\"",
            "\"ML-DSA-44\"", "\"HS1\"", "\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"")},
};

/* The public key, which everybody has, or a secret that anybody guesses, as the key of an HMAC. */
static void hmac(int number, const void *secret, size_t length, const char *name)
{
    for (unsigned bits = 256; bits <= 512; bits += 128) {
        char *header = text_of("{\"alg\":\"HS%u\",\"typ\":\"JWT\",\"kid\":\"rsa-1\"}", bits);
        emit(number, NOT_ALLOWED, test_token_hmac(bits, secret, length, header, world.good_claims),
             "HS%u keyed by %s", bits, name);
        free(header);
    }
    emit(number, BEARER_SIGNATURE,
         test_token_hmac(256, secret, length, GOOD_HEADER, world.good_claims),
         "RS256 with an HMAC keyed by %s", name);
    emit(number, NOT_ALLOWED,
         test_token_hmac(256, secret, length, "{\"alg\":\"HS256\"}", world.good_claims),
         "HS256 without kid keyed by %s", name);
}

static void hmacs(void)
{
    unsigned char octets[1024];
    char *pem = test_key_pem(world.rsa);
    size_t length = strlen(pem);
    hmac(39, pem, length, "the PEM");
    char *more = text_of("%s\n", pem);
    hmac(40, more, length + 1, "the PEM and a newline");
    free(more);
    for (; length > 0 && pem[length - 1] == '\n'; length--) {
    }
    hmac(40, pem, length, "the PEM without its newline");
    const gnutls_datum_t text = {.data = (unsigned char *)pem, .size = (unsigned)strlen(pem)};
    gnutls_datum_t der = {0};
    if (gnutls_pem_base64_decode2(NULL, &text, &der) < 0) {
        cases_bail("the PEM cannot be decoded");
    }
    hmac(40, der.data, der.size, "the DER");
    gnutls_free(der.data);
    free(pem);
    length = test_key_parameter(world.rsa, 'n', octets);
    hmac(40, octets, length, "n");
    char *n = test_base64url(octets, length);
    hmac(40, n, strlen(n), "the text of n");
    free(n);
    char *jwk = test_key_jwk(world.rsa);
    hmac(40, jwk, strlen(jwk), "the JWK's text");
    free(jwk);
    hmac(41, "", 0, "nothing");
    hmac(42, "secret", 6, "\"secret\"");
    hmac(42, "password", 8, "\"password\"");
    hmac(42, "rsa-1", 5, "the kid");
    hmac(42, "\0", 1, "a NUL");
}

/* A token that says `alg` and `kid`, really signed by `key` as `as`. */
static void crossed(int number, enum bearer_code code, const char *name, const char *kid,
                    const struct test_key *key, enum jwa as)
{
    char *header = text_of("{\"alg\":\"%s\",\"typ\":\"JWT\",\"kid\":\"%s\"}", name, kid);
    emit(number, code, test_key_sign(key, as, header, world.good_claims),
         "%s, kid %s, signed as %s", name, kid, jwa_name(as));
    free(header);
}

/* What would be good if it were configured; with every algorithm configured it is. */
static void configured(enum bearer_code code)
{
    static const enum jwa rsa[] = {JWA_RS384, JWA_RS512, JWA_PS256, JWA_PS384, JWA_PS512};
    static const enum jwa ec[] = {JWA_ES256, JWA_ES384, JWA_ES512};
    static const char *const kids[] = {"ec-256", "ec-384", "ec-521"};
    for (size_t i = 0; i < sizeof rsa / sizeof rsa[0]; i++) {
        crossed(43, code, jwa_name(rsa[i]), "rsa-1", world.rsa, rsa[i]);
    }
    for (size_t i = 0; i < 3; i++) {
        crossed(43, code, jwa_name(ec[i]), kids[i], world.ec[i], ec[i]);
    }
    crossed(47, code, "EdDSA", "ed-1", world.ed, JWA_EDDSA);
    crossed(47, code, "Ed25519", "ed-1", world.ed, JWA_EDDSA);
}

static void pinned(void)
{
    const enum bearer_code unfit = BEARER_KEY_UNFIT;
    crossed(44, BEARER_OK, "RS256", "rsa-bound", world.other, JWA_RS256);
    crossed(44, unfit, "RS384", "rsa-bound", world.other, JWA_RS384);
    crossed(44, unfit, "RS512", "rsa-bound", world.other, JWA_RS512);
    crossed(44, unfit, "PS256", "rsa-bound", world.other, JWA_PS256);
    crossed(45, unfit, "RS256", "ec-256", world.ec[0], JWA_ES256);
    crossed(45, unfit, "PS256", "ec-256", world.rsa, JWA_PS256);
    crossed(45, unfit, "RS256", "ed-1", world.ed, JWA_EDDSA);
    crossed(45, unfit, "ES256", "rsa-1", world.ec[0], JWA_ES256);
    crossed(45, unfit, "ES256", "rsa-1", world.rsa, JWA_RS256);
    crossed(45, unfit, "EdDSA", "rsa-1", world.rsa, JWA_RS256);
    crossed(45, unfit, "EdDSA", "ec-256", world.ec[0], JWA_ES256);
    crossed(45, unfit, "ES256", "ed-1", world.ed, JWA_EDDSA);
    crossed(45, unfit, "Ed25519", "rsa-1", world.rsa, JWA_RS256);
    crossed(45, unfit, "Ed25519", "ec-256", world.ec[0], JWA_ES256);
    crossed(46, unfit, "ES384", "ec-521", world.ec[2], JWA_ES384);
    crossed(46, unfit, "ES256", "ec-384", world.ec[1], JWA_ES256);
    crossed(46, unfit, "ES256", "ec-521", world.ec[2], JWA_ES256);
    crossed(46, unfit, "ES384", "ec-256", world.ec[0], JWA_ES384);
    crossed(46, unfit, "ES512", "ec-384", world.ec[1], JWA_ES512);
    /* The key is right, but what signed is another scheme of it. */
    crossed(43, BEARER_SIGNATURE, "RS256", "rsa-1", world.rsa, JWA_RS512);
    crossed(43, BEARER_SIGNATURE, "RS256", "rsa-1", world.rsa, JWA_PS256);
    crossed(43, BEARER_SIGNATURE, "PS256", "rsa-1", world.rsa, JWA_RS256);
}

void family_algorithm(void)
{
    none();
    EMIT(names);
    hmacs();
    configured(NOT_ALLOWED);
    world.site = "wide";
    world.set = "main-wide";
    none();
    EMIT(names);
    hmacs();
    configured(BEARER_OK);
    pinned();
}
