/* SPDX-License-Identifier: MIT */
/* Documents that are no key set: cases 99 and 103, and one of a thousand keys: case 98; an array
 * without a usable key is one (keys-withdrawn.bats). They never replace the last good one, and a
 * new kid is then one that could not be looked up. */
#include <gnutls/crypto.h>
#include <stdio.h>
#include <stdlib.h>

#include "cases.h"

static unsigned documents;

/* The new key may be in the document; nobody takes it from there. */
static void document(int number, const char *text, const char *why, const char *name)
{
    char *set = text_of("document-%u", ++documents);
    emit_document(set, text, why);
    world.set = set;
    emit(number, BEARER_NO_KEYS,
         test_key_sign(world.attacker, JWA_RS256, HEADER_OF("RS256", "evil"), world.good_claims),
         "%s", name);
    world.set = "main"; /* the name is needed no more */
    free(set);
}

/* The same, with the new key for the %s in the format. */
static void with_key(int number, const char *before, const char *after, const char *why,
                     const char *name)
{
    char *jwk = test_key_jwk(world.attacker);
    char *text = text_of("%s%s%s", before, jwk, after);
    document(number, text, why, name);
    free(text);
    free(jwk);
}

void family_documents(void)
{
    static const char strict[] = "not strict JSON";
    document(99, "{\"keys\":\"rsa-1\"}", "\"keys\" of the key set is not an array",
             "a string for keys");
    document(99, "{\"keys\":null}", "\"keys\" of the key set is not an array", "null for keys");
    document(99, "{\"keys\":{\"0\":{}}}", "\"keys\" of the key set is not an array",
             "an object for keys");
    document(99, "{\"Keys\":[]}", "the key set has no \"keys\"", "Keys");
    document(99, "{}", "the key set has no \"keys\"", "an empty object");
    document(99, "", "the answer is empty", "an empty document");
    with_key(99, "[", "]", "", "an array of keys");
    with_key(99, "", "", "the key set has no \"keys\"", "a key alone");
    with_key(103, "{\"keys\":[],\"keys\":[", "]}", strict, "keys twice, the last one good");
    with_key(103, "{\"keys\":[", "],\"keys\":[]}", strict, "keys twice, the first one good");
    with_key(103, "{\"keys\":[", "],\"k\\u0065ys\":[]}", strict, "keys twice, once escaped");
    with_key(103, "{\"keys\":[", "]}x", strict, "trailing garbage");
    with_key(103, "{\"keys\":[", "]}{}", strict, "a second document");
    with_key(103, "\xef\xbb\xbf\xef\xbb\xbf{\"keys\":[", "]}", strict, "two byte order marks");
    with_key(103, " \xef\xbb\xbf{\"keys\":[", "]}", strict, "a byte order mark after a space");
    with_key(103, "{\"keys\":[", ",]}", strict, "a comma too many");
    with_key(103, "{\"keys\":[", "]", strict, "cut off");
    document(103, "<!DOCTYPE html><html><body>Sign in to the wireless network</body></html>",
             strict, "HTML");
}

/* As many keys as there may be; those between the first and the last are nobody's. */
static void thousand(const struct test_key *key)
{
    char *text = NULL;
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (out == NULL) {
        cases_bail("out of memory");
    }
    char *jwk = test_key_jwk(key);
    fputs(jwk, out);
    for (int i = 0; i < 998; i++) {
        unsigned char n[256];
        if (gnutls_rnd(GNUTLS_RND_NONCE, n, sizeof n) < 0) {
            cases_bail("no random octets");
        }
        n[0] |= 0x80;
        n[255] |= 1;
        char *encoded = test_base64url(n, sizeof n);
        fprintf(out, ",\n{\"kid\":\"98-%d\",\"kty\":\"RSA\",\"n\":\"%s\",\"e\":\"AQAB\"}", i,
                encoded);
        free(encoded);
    }
    fclose(out);
    world.set = "thousand";
    set_key(text_of("%s", text), "", JWK_ELIGIBLE);
    set_end(world.set);
    emit_by(98, BEARER_OK, key, JWA_RS256, "98");
    emit_by(98, BEARER_SIGNATURE, key, JWA_RS256, "98-997");
    emit_by(98, BEARER_KID_UNKNOWN, key, JWA_RS256, "98-998");
    char *more = text_of("{\"keys\":[%s,\n%s,\n%s]}", text, jwk, jwk);
    emit_document("thousand-and-one", more, "the key set has 1001 keys; at most 1000 are taken");
    world.set = "thousand-and-one";
    emit_by(98, BEARER_NO_KEYS, key, JWA_RS256, "98-998");
    free(more);
    free(jwk);
    free(text);
}

void family_many(void)
{
    struct test_key *key = test_key_new(JWA_RS256, "98");
    thousand(key);
    test_key_free(key);
}
