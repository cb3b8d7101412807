/* SPDX-License-Identifier: MIT */
/* Keys and documents for the tests of the cache. */
#ifndef CACHE_TEST_H
#define CACHE_TEST_H

#include <stdint.h>
#include <stdlib.h>

#include "json/json.h"
#include "keys.h"
#include "keys/cachefile.h"
#include "tap.h"
#include "tempdir.h"

#define CACHE_URI "https://issuer.example.test/jwks.json"

/* The JWKS with the public half of this key under each of these kids (NULL at the end); the
 * caller's. */
__attribute__((unused)) static char *jwks_with(const struct test_key *key, const char *const *kids)
{
    char *jwks[16];
    size_t count = 0;
    for (; count < 16 && kids[count] != NULL; count++) {
        struct test_key *named = test_key_again(key, kids[count]);
        jwks[count] = test_key_jwk(named);
        test_key_free(named);
    }
    return test_jwks(jwks, count);
}

/* The text of a cache file for `uri` with these keys, the caller's. */
__attribute__((unused)) static char *document_of(const char *uri, int64_t fetched, const char *jwks)
{
    size_t length = 0;
    const struct cached cached = {.fetched = fetched,
                                  .jwks_uri = uri,
                                  .etag = "\"e\"",
                                  .last_modified = "Thu, 01 Jan 2026 00:00:00 GMT"};
    struct json_object *json = js_parse(jwks, strlen(jwks), NULL);
    char *text = cache_compose(uri, &cached, json, &length);
    js_free(json);
    if (text == NULL) {
        tempdir_bail("cache_compose");
    }
    return text;
}

#endif
