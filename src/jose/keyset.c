/* SPDX-License-Identifier: MIT */
#include "jose/keyset.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "json/json.h"

struct keyset {
    /* the one key for each algorithm, for tokens without kid; NULL: none, or several */
    const struct jwk *only[JWA__MAX];
    size_t count;
    /* in the order of compare_kids(): those without kid first, one kid side by side */
    struct jwk *keys[];
};

/* Any order will do, and the length alone tells most apart. */
static int compare_kids(const char *one, size_t one_length, const char *other, size_t other_length)
{
    if (one_length != other_length) {
        return one_length < other_length ? -1 : 1;
    }
    return one_length == 0 ? 0 : memcmp(one, other, one_length);
}

static int compare_key(const struct jwk *key, const char *kid, size_t kid_length)
{
    size_t length = 0;
    const char *own = jwk_kid(key, &length);
    return compare_kids(own, length, kid, kid_length);
}

static int compare_keys(const void *one, const void *other)
{
    size_t length = 0;
    const char *kid = jwk_kid(*(struct jwk *const *)other, &length);
    return compare_key(*(struct jwk *const *)one, kid, length);
}

/* Whether it makes no difference which of both is used. */
static bool same_key(const struct jwk *one, const struct jwk *other)
{
    return jwk_same_material(one, other) && jwk_same_issuer(one, other);
}

/* True if one of the first `kept` keys, which are in order, makes this one superfluous. */
static bool is_duplicate(struct jwk *const *keys, size_t kept, const struct jwk *key)
{
    size_t length = 0;
    const char *kid = jwk_kid(key, &length);
    for (size_t i = kept; i > 0 && compare_key(keys[i - 1], kid, length) == 0; i--) {
        if (jwk_algs(keys[i - 1]) == jwk_algs(key) && same_key(keys[i - 1], key)) {
            return true;
        }
    }
    return false;
}

/* The one key for each algorithm. */
static void find_only(struct keyset *set)
{
    unsigned several = 0;
    for (unsigned alg = 0; alg < JWA__MAX; alg++) {
        set->only[alg] = NULL;
    }
    for (size_t i = 0; i < set->count; i++) {
        for (unsigned alg = JWA_UNKNOWN + 1; alg < JWA__MAX; alg++) {
            const struct jwk **only = &set->only[alg];
            if ((jwk_algs(set->keys[i]) & ~several & JWA_BIT(alg)) == 0) {
                continue;
            }
            if (*only != NULL && !same_key(*only, set->keys[i])) {
                several |= JWA_BIT(alg);
                *only = NULL;
            } else {
                *only = set->keys[i];
            }
        }
    }
}

/* Sorts the keys, drops duplicates, and finds those that a token need not name. */
static void arrange(struct keyset *set)
{
    qsort(set->keys, set->count, sizeof set->keys[0], compare_keys);
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct jwk *key = set->keys[i];
        if (is_duplicate(set->keys, kept, key)) {
            jwk_free(key);
        } else {
            set->keys[kept++] = key;
        }
    }
    set->count = kept;
    find_only(set);
}

static void tell(const struct keyset_visitor *visitor, size_t index,
                 const struct json_object *members, enum jwk_fit fit)
{
    if (visitor == NULL) {
        return;
    }
    size_t length = 0;
    const char *kid = js_string(members, "kid", &length);
    if (length == 0 || length > JWK_KID_MAX) {
        kid = NULL;
        length = 0;
    }
    visitor->visit(visitor->context, index, kid, length, fit);
}

/* The `keys` array if it can be that of a set, else NULL with a message. */
static struct json_object *keys_of(const struct json_object *document, struct diag *diag)
{
    struct json_object *array = js_array(document, "keys");
    size_t count = js_array_length(array);
    if (array == NULL) {
        diag_set(diag, js_type(document, "keys") == JS_ABSENT
                           ? "the key set has no \"keys\""
                           : "\"keys\" of the key set is not an array");
    } else if (count > KEYSET_KEYS_MAX) {
        diag_set(diag, "the key set has %zu keys; at most %d are taken", count, KEYSET_KEYS_MAX);
    } else {
        return array;
    }
    return NULL;
}

/* No key is for the algorithms asked for. If there are good ones for others, the issuer most likely
 * signs with those: adds what to write. */
static void tell_other_algs(const struct json_object *array, unsigned algs, struct diag *diag)
{
    char list[JWA_LIST_MAX];
    char usual[JWA_LIST_MAX];
    char configured[JWA_LIST_MAX];
    struct diag said;
    unsigned others = 0;
    unsigned first = 0; /* of each kind of key */
    if (diag == NULL) {
        return;
    }
    for (size_t i = 0; i < js_array_length(array); i++) {
        struct jwk *key CLEANUP(jwk_cleanup) = NULL;
        if (jwk_import(js_array_object(array, i), JWA_ALL & ~algs, &key) == JWK_ELIGIBLE) {
            others |= jwk_algs(key);
            first |= jwk_algs(key) & (~jwk_algs(key) + 1);
        }
    }
    if (others == 0) {
        return;
    }
    said = *diag;
    diag_set(
        diag,
        "%s; there are keys for %s, but AUTH0_ALGORITHMS is %s: if the issuer signs its tokens so, "
        "write AUTH0_ALGORITHMS=%s%s",
        said.text, jwa_list(list, others), jwa_list(configured, algs), jwa_list(usual, first),
        others != first ? ", or the one that alg in their header says" : "");
}

struct keyset *keyset_make(const struct json_object *document, unsigned algs,
                           const struct keyset_visitor *visitor, struct diag *diag)
{
    const struct json_object *array = keys_of(document, diag);
    if (array == NULL) {
        return NULL;
    }
    size_t count = js_array_length(array); /* at most KEYSET_KEYS_MAX */
    struct keyset *set CLEANUP(keyset_cleanup) =
        calloc(1, sizeof(struct keyset) + count * sizeof(struct jwk *));
    if (set == NULL) {
        diag_set(diag, "memory ran out");
        return NULL;
    }
    enum jwk_fit first = JWK_FAILED;
    for (size_t i = 0; i < count; i++) {
        const struct json_object *members = js_array_object(array, i);
        struct jwk *key = NULL;
        enum jwk_fit fit = jwk_import(members, algs, &key);
        if (fit == JWK_FAILED) {
            diag_set(diag, "memory ran out");
            return NULL;
        }
        if (fit == JWK_ELIGIBLE) {
            set->keys[set->count++] = key;
        }
        first = i == 0 ? fit : first;
        tell(visitor, i, members, fit);
    }
    if (count == 0) {
        diag_set(diag, "the key set is empty");
    } else if (set->count == 0) {
        diag_set(diag, "the key set has no eligible key among %zu; the first: %s", count,
                 jwk_fit_text(first));
        tell_other_algs(array, algs, diag);
    }
    arrange(set);
    return steal(&set);
}

struct keyset *keyset_parse(const char *text, size_t length, unsigned algs,
                            const struct keyset_visitor *visitor, struct diag *diag)
{
    const char *why = NULL;
    struct json_object *document CLEANUP(js_cleanup) = js_parse_document(text, length, &why);
    if (document == NULL) {
        diag_set(diag, "the key set is not strict JSON: %s", why);
        return NULL;
    }
    return keyset_make(document, algs, visitor, diag);
}

size_t keyset_keep(struct keyset *set, bool (*keep)(const void *context, const struct jwk *key),
                   const void *context)
{
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++) {
        struct jwk *key = set->keys[i];
        if (keep(context, key)) {
            set->keys[kept++] = key;
        } else {
            jwk_free(key);
        }
    }
    const size_t dropped = set->count - kept;
    set->count = kept;
    find_only(set);
    return dropped;
}

void keyset_free(struct keyset *set)
{
    if (set == NULL) {
        return;
    }
    for (size_t i = 0; i < set->count; i++) {
        jwk_free(set->keys[i]);
    }
    free(set);
}

void keyset_cleanup(struct keyset **set)
{
    keyset_free(*set);
}

size_t keyset_count(const struct keyset *set)
{
    return set->count;
}

const struct jwk *keyset_key(const struct keyset *set, size_t index)
{
    return set->keys[index];
}

/* The index of the first key that does not come before this kid. */
static size_t lower_bound(const struct keyset *set, const char *kid, size_t kid_length)
{
    size_t low = 0;
    size_t high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_key(set->keys[middle], kid, kid_length) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

enum bearer_code keyset_find(const struct keyset *set, const char *kid, size_t kid_length,
                             enum jwa alg, const struct jwk **key)
{
    *key = NULL;
    if ((unsigned)alg >= JWA__MAX) {
        return BEARER_KEY_UNFIT;
    }
    if (kid == NULL) {
        *key = set->only[alg];
        return *key != NULL ? BEARER_OK : BEARER_KID_MISSING;
    }
    enum bearer_code code =
        BEARER_KID_UNKNOWN; /* an empty kid is none that a key without kid has */
    for (size_t i = kid_length == 0 ? set->count : lower_bound(set, kid, kid_length);
         i < set->count && compare_key(set->keys[i], kid, kid_length) == 0; i++) {
        const struct jwk *candidate = set->keys[i];
        if ((jwk_algs(candidate) & JWA_BIT(alg)) == 0) {
            code = *key == NULL ? BEARER_KEY_UNFIT : code;
        } else if (*key != NULL && !same_key(*key, candidate)) {
            *key = NULL;
            return BEARER_KEY_AMBIGUOUS;
        } else {
            *key = candidate;
            code = BEARER_OK;
        }
    }
    return code;
}

struct json_object *keyset_public_keys(const struct json_object *document)
{
    const struct json_object *array = js_array(document, "keys");
    struct json_object *made CLEANUP(js_cleanup) = js_new_array();
    if (array == NULL || made == NULL || js_array_length(array) > KEYSET_KEYS_MAX) {
        return NULL;
    }
    for (size_t i = 0; i < js_array_length(array); i++) {
        const struct json_object *members = js_array_object(array, i);
        struct jwk *key CLEANUP(jwk_cleanup) = NULL;
        enum jwk_fit fit = jwk_import(members, JWA_ALL, &key);
        if (fit == JWK_FAILED ||
            (fit == JWK_ELIGIBLE && !js_append(made, jwk_public_members(members, key)))) {
            return NULL;
        }
    }
    return steal(&made);
}
