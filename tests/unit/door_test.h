/* SPDX-License-Identifier: MIT */
/* What the tests of libbearer share: a configuration, keys, tokens, and a question. */
#ifndef DOOR_TEST_H
#define DOOR_TEST_H

#include <bearer.h>
#include <stdlib.h>

#include "keys.h"
#include "tap.h"
#include "tempdir.h"

#define CLAIMS_AT(exp, more) \
    "{\"iss\":\"https://issuer.test/\",\"aud\":\"api\",\"sub\":\"somebody\",\"exp\":" exp more "}"
#define CLAIMS(more) CLAIMS_AT("4102444800", more)

/* Puts a file in place by rename, so that nobody reads half of it. */
__attribute__((unused)) static void replace(const char *name, const char *text)
{
    char next[8300];
    snprintf(next, sizeof next, "%s", at("%s.new", name));
    put(next, text);
    if (rename(next, at("%s", name)) != 0) {
        tempdir_bail(name);
    }
}

/* bearer.env with a realm, and more lines. */
__attribute__((unused)) static void configure(const char *realm, const char *more)
{
    static char text[9000];
    snprintf(text, sizeof text,
             "AUTH0_ISSUER=https://issuer.test/\nAUTH0_API_AUDIENCE=api\nAUTH0_ALGORITHMS=EdDSA\n"
             "BEARER_REALM=%s\n%s\n",
             realm, more);
    replace("bearer.env", text);
}

/* A line for keys in tempdir/jwks.json. */
__attribute__((unused)) static const char *file_keys(void)
{
    static char line[8300];
    snprintf(line, sizeof line, "BEARER_JWKS_URI=file://%s", at("jwks.json"));
    return line;
}

/* Puts the public half of this key into tempdir/jwks.json. */
__attribute__((unused)) static void publish(const struct test_key *key)
{
    char *jwks[] = {test_key_jwk(key)};
    char *document = test_jwks(jwks, 1);
    replace("jwks.json", document);
    free(document);
}

/* "Bearer " and a token with these claims. The caller's. */
__attribute__((unused)) static char *bearer(const struct test_key *key, const char *kid,
                                            const char *claims)
{
    char header[100];
    char *value = NULL;
    snprintf(header, sizeof header, "{\"alg\":\"EdDSA\",\"kid\":\"%s\"}", kid);
    char *token = test_key_sign(key, JWA_EDDSA, header, claims);
    if (asprintf(&value, "Bearer %s", token) < 0) {
        tempdir_bail("memory");
    }
    free(token);
    return value;
}

/* Asks for GET with these; each may be NULL. */
__attribute__((unused)) static struct bearer_verdict *
question(struct bearer_guard *guard, const char *authorization, const char *require, unsigned flags)
{
    const struct bearer_fact facts[] = {{"REQUEST_METHOD", "GET"},
                                        {"HTTP_AUTHORIZATION", authorization},
                                        {"BEARER_REQUIRE", require}};
    return bearer_guard_check(guard, facts, 3, flags);
}

/* The value of a header field; NULL: there is none. */
__attribute__((unused)) static const char *field(const struct bearer_verdict *verdict,
                                                 const char *wanted)
{
    const char *name = NULL;
    const char *value = NULL;
    for (size_t i = 0; bearer_verdict_header(verdict, i, &name, &value); i++) {
        if (strcmp(name, wanted) == 0) {
            return value;
        }
    }
    return NULL;
}

#endif
