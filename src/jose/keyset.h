/* SPDX-License-Identifier: MIT */
/* A set of verification keys (RFC 7517, section 5), immutable once made. */
#ifndef FB_JOSE_KEYSET_H
#define FB_JOSE_KEYSET_H

#include <stddef.h>

#include "base/diag.h"
#include "base/error.h"
#include "jose/jwk.h"

#define KEYSET_KEYS_MAX 1000

struct keyset;

/* Told about each element of `keys`, in order; `members` may be no object. `kid` (NULL: none or
 * unusable) is raw: escape it. */
struct keyset_visitor {
    void (*visit)(void *context, size_t index, const char *kid, size_t kid_length,
                  enum jwk_fit fit);
    void *context;
};

/* Makes the set of all eligible keys in a JWKS document (already strict JSON), for the algorithms
 * in `algs`. Ineligible keys are skipped, and told to `visitor` (may be NULL). A later key with the
 * kid, algorithms, issuer and material of an earlier one is dropped. Where none is eligible the set
 * is empty, and `diag` says why: that too is a word of the issuer's. NULL with a message in `diag`
 * if `keys` is not an array of at most KEYSET_KEYS_MAX elements, or memory ran out. */
struct keyset *keyset_make(const struct json_object *document, unsigned algs,
                           const struct keyset_visitor *visitor, struct diag *diag);

/* The same from a document (js_parse_document()): not strict JSON is refused whole. */
struct keyset *keyset_parse(const char *text, size_t length, unsigned algs,
                            const struct keyset_visitor *visitor, struct diag *diag);

/* Drops the keys that keep() says no to, as if they were not in the document; how many. */
size_t keyset_keep(struct keyset *set, bool (*keep)(const void *context, const struct jwk *key),
                   const void *context);

void keyset_free(struct keyset *set);
void keyset_cleanup(struct keyset **set); /* for CLEANUP() */
/* How many keys it holds; 0: there is none that a token could be good under. */
size_t keyset_count(const struct keyset *set);
/* One of them, borrowed, to tell which there are; `index` is below keyset_count(). Their order says
 * nothing. */
const struct jwk *keyset_key(const struct keyset *set, size_t index);

/* Finds the key for a token: `kid` exactly (NULL: the token has none, then the one eligible key for
 * `alg`; one key in the set twice is one). BEARER_OK: *key is borrowed from the set. Else *key is
 * NULL: BEARER_KID_UNKNOWN, BEARER_KID_MISSING (no kid and not exactly one key), BEARER_KEY_UNFIT
 * (the kid is there, but not for this alg), BEARER_KEY_AMBIGUOUS (different keys for this kid and
 * alg). */
enum bearer_code keyset_find(const struct keyset *set, const char *kid, size_t kid_length,
                             enum jwa alg, const struct jwk **key);

/* A new JSON array with the public members of those keys of `document` that are eligible for any
 * algorithm we know: what goes into a cache file. The caller's to release; NULL when memory runs
 * out or `keys` is not an array of at most KEYSET_KEYS_MAX elements. */
struct json_object *keyset_public_keys(const struct json_object *document);

#endif
