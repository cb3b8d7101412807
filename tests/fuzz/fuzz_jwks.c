/* SPDX-License-Identifier: MIT */
/* A JWKS document from an issuer, into a set and into a cache file. What must hold: every key that
 * is taken satisfies the key policy, judged here by other means, also when it has been written to a
 * cache file and read again; and writing what was read gives the same octets. */
#include "fuzz.h"

#include <json-c/json.h>

#include "base/cleanup.h"
#include "jose/base64url.h"
#include "jose/jws.h"
#include "jose/keyset.h"
#include "json/json.h"
#include "keys/cachefile.h"

#define URI        "https://issuer.test/jwks.json"
#define OCTETS_MAX 8192

static const char *member(struct json_object *key, const char *name)
{
    struct json_object *value = NULL;
    return json_object_object_get_ex(key, name, &value) &&
                   json_object_is_type(value, json_type_string)
               ? json_object_get_string(value)
               : "";
}

/* Decoded; returns how many octets. */
static size_t octets_of(struct json_object *key, const char *name, unsigned char octets[OCTETS_MAX])
{
    const char *text = member(key, name);
    size_t length = 0;
    must_hold(BASE64URL_DECODED_MAX(strlen(text)) <= OCTETS_MAX &&
                  base64url_decode(text, strlen(text), octets, &length) && length > 0,
              "%s of a taken key is base64url", name);
    return length;
}

/* What may stand in a cache file: nothing private, nothing that is not ours. */
static void check_members(struct json_object *key)
{
    static const char *const names[] = {"kty", "kid", "use", "alg", "key_ops",
                                        "n",   "e",   "crv", "x",   "y"};
    json_object_object_foreach(key, name, value)
    {
        bool known = false;
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            known = known || strcmp(names[i], name) == 0;
        }
        must_hold(known, "no other member is kept");
        if (strcmp(name, "key_ops") == 0) {
            must_hold(json_object_array_length(value) == 1 &&
                          strcmp(json_object_get_string(json_object_array_get_idx(value, 0)),
                                 "verify") == 0,
                      "key_ops is verify");
        } else {
            must_hold(json_object_is_type(value, json_type_string), "%s is a string", name);
        }
        must_hold(strcmp(name, "use") != 0 || strcmp(member(key, "use"), "sig") == 0, "use is sig");
        size_t kid = strcmp(name, "kid") == 0 ? (size_t)json_object_get_string_len(value) : 1;
        must_hold(kid > 0 && kid <= JWK_KID_MAX, "a kid of 1 to 256 octets");
    }
}

static void check_rsa(struct json_object *key)
{
    unsigned char n[OCTETS_MAX];
    unsigned char e[OCTETS_MAX];
    size_t n_length = octets_of(key, "n", n);
    size_t e_length = octets_of(key, "e", e);
    must_hold(n_length >= 256 && n_length <= 1024 && (n_length > 256 || n[0] >= 0x80),
              "2048 to 8192 bits");
    must_hold(n[0] != 0 && n[n_length - 1] % 2 == 1, "an odd modulus in its shortest form");
    must_hold(e_length <= 4 && e[0] != 0 && e[e_length - 1] % 2 == 1 && (e_length > 1 || e[0] >= 3),
              "an odd exponent from 3, of 32 bits at most, in its shortest form");
}

static void check_ec(struct json_object *key)
{
    unsigned char octets[OCTETS_MAX];
    const char *crv = member(key, "crv");
    size_t field = strcmp(crv, "P-256") == 0 ? 32 : strcmp(crv, "P-384") == 0 ? 48 : 66;
    must_hold(field != 66 || strcmp(crv, "P-521") == 0, "a curve we know");
    must_hold(octets_of(key, "x", octets) == field && octets_of(key, "y", octets) == field,
              "coordinates as long as the field");
}

static void check_okp(struct json_object *key)
{
    unsigned char octets[OCTETS_MAX];
    must_hold(strcmp(member(key, "crv"), "Ed25519") == 0 && octets_of(key, "x", octets) == 32,
              "a key of Ed25519");
}

/* Under a key of small order the signature R = the neutral element, S = 0 is right for one message
 * in eight at least. */
static void check_order(const struct jwk *key)
{
    const unsigned char forged[64] = {1};
    for (char message = 0; (jwk_algs(key) & JWA_BIT(JWA_EDDSA)) != 0 && message < 16; message++) {
        must_hold(jws_verify(key, JWA_EDDSA, &message, 1, forged, sizeof forged) != BEARER_OK,
                  "no signature fits many messages");
    }
}

static void check_document(const char *text, size_t length)
{
    struct json_tokener *tokener = have(json_tokener_new());
    struct json_object *document = have(json_tokener_parse_ex(tokener, text, (int)length));
    struct json_object *keys = NULL;
    json_tokener_free(tokener);
    json_object_object_get_ex(document, "keys", &keys);
    for (size_t i = 0; i < json_object_array_length(keys); i++) {
        struct json_object *key = json_object_array_get_idx(keys, i);
        const char *kty = member(key, "kty");
        check_members(key);
        if (strcmp(kty, "RSA") == 0) {
            check_rsa(key);
        } else if (strcmp(kty, "EC") == 0) {
            check_ec(key);
        } else {
            must_hold(strcmp(kty, "OKP") == 0, "a kty we know");
            check_okp(key);
        }
    }
    json_object_put(document);
}

struct seen {
    size_t eligible, others;
};

static void visit(void *context, size_t index, const char *kid, size_t kid_length, enum jwk_fit fit)
{
    struct seen *seen = context;
    must_hold(index == seen->eligible + seen->others, "in order");
    must_hold((kid == NULL) == (kid_length == 0) && kid_length <= JWK_KID_MAX,
              "a kid that can be shown");
    must_hold(is_message(jwk_fit_text(fit)), "a reason");
    seen->eligible += fit == JWK_ELIGIBLE ? 1 : 0;
    seen->others += fit == JWK_ELIGIBLE ? 0 : 1;
}

/* Every answer of keyset_find() for this kid (NULL: none). */
static void check_find(const struct keyset *set, const char *kid, size_t length)
{
    for (unsigned alg = JWA_UNKNOWN; alg <= JWA__MAX; alg++) {
        const struct jwk *key = NULL;
        enum bearer_code code = keyset_find(set, kid, length, (enum jwa)alg, &key);
        must_hold((code == BEARER_OK) == (key != NULL), "a key, or why there is none");
        if (key == NULL) {
            continue;
        }
        size_t own_length = 0;
        const char *own = jwk_kid(key, &own_length);
        must_hold(alg < JWA__MAX && (jwk_algs(key) & JWA_BIT(alg)) != 0,
                  "a key for this algorithm");
        must_hold(kid == NULL || (own_length == length && memcmp(own, kid, length) == 0),
                  "of this kid");
        check_order(key);
    }
}

static void check_set(struct json_object *document, const struct keyset *set)
{
    const struct json_object *keys = js_array(document, "keys");
    for (size_t i = 0; i < js_array_length(keys) && i < 8; i++) {
        size_t length = 0;
        const char *kid = js_string(js_array_object(keys, i), "kid", &length);
        if (kid != NULL) {
            check_find(set, kid, length);
        }
    }
    check_find(set, NULL, 0);
}

/* The set in this document, as a cache file has it; what was told about its keys in *seen. */
static char *through_cache(struct json_object *document, size_t *length, struct seen *seen,
                           size_t *count)
{
    struct diag diag = {""};
    struct cached cached = {0};
    const struct cached now = {.fetched = 1700000000, .etag = "\"1\""};
    const struct keyset_visitor visitor = {.visit = visit, .context = seen};
    char *text = cache_compose(URI, &now, document, length);
    must_hold(text != NULL, "what was taken can be written");
    check_document(text, *length);
    must_hold(cache_parse(text, *length, URI, &cached, &diag), "what was written can be read: %s",
              diag.text);
    must_hold(cached.fetched == now.fetched && strcmp(cached.etag, now.etag) == 0,
              "as it was written");
    struct keyset *set = keyset_make(cached.json, JWA_ALL, &visitor, &diag);
    must_hold(set != NULL, "its keys are taken again: %s", diag.text);
    *count = keyset_count(set);
    check_set(cached.json, set);
    size_t again_length = 0;
    char *again = cache_compose(URI, &now, cached.json, &again_length);
    must_hold(again != NULL && again_length == *length && memcmp(again, text, *length) == 0,
              "writing what was read changes nothing");
    free(again);
    keyset_free(set);
    cached_clear(&cached);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct diag diag = {""};
    struct seen seen = {0};
    struct seen after = {0};
    const struct keyset_visitor visitor = {.visit = visit, .context = &seen};
    const char *text = (const char *)data;
    struct json_object *document CLEANUP(js_cleanup) = js_parse_document(text, size, NULL);
    struct keyset *set CLEANUP(keyset_cleanup) = keyset_parse(text, size, JWA_ALL, &visitor, &diag);
    struct keyset *some CLEANUP(keyset_cleanup) =
        keyset_parse(text, size, JWA_BIT(JWA_RS256) | JWA_BIT(JWA_ES256), NULL, NULL);
    must_hold(set != NULL || is_message(diag.text), "a reason");
    must_hold(set != NULL || some == NULL, "fewer algorithms take no more keys");
    if (set == NULL) {
        must_hold(seen.eligible == 0, "an eligible key makes a set");
        return 0;
    }
    size_t length = 0;
    size_t count = 0;
    must_hold(document != NULL && keyset_count(set) <= seen.eligible &&
                  (keyset_count(set) > 0) == (seen.eligible > 0),
              "as many keys as are eligible, but for duplicates");
    if (some != NULL) {
        must_hold(keyset_count(some) <= keyset_count(set), "fewer algorithms take no more keys");
    }
    free(through_cache(document, &length, &after, &count));
    must_hold(after.eligible == seen.eligible && after.others == 0 && count == keyset_count(set),
              "the same keys from the cache file");
    return 0;
}
