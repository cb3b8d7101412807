/* SPDX-License-Identifier: MIT */
/* For test_keycache_property.c: an issuer, and the model of what must be held of its documents. It
 * knows nothing of files, locks, pipes and records. */
#ifndef KEYS_MODEL_H
#define KEYS_MODEL_H

#include "keycache_test.h"

#define KIDS_MAX 2 /* and tokens without kid */
#define MADE     4 /* pairs of keys; the last one is a stranger's, who is no issuer here */
#define NONE     (-1)

static int64_t now; /* the wall's clock */

/* --- the issuer */

enum answer { GOOD, MALFORMED, DOWN, ANSWER__MAX };

/* Which pair of keys is published under each kid, and under none; NONE: none is. */
struct published {
    int made[KIDS_MAX + 1];
};

static struct {
    struct published document;
    enum answer answer;
    bool liar;        /* says "not modified" whatever has changed */
    unsigned version; /* of the document, which is its ETag where the issuer is honest */
    const char *odd;  /* what it says instead of keys, or of well-formed JSON */
} issuer;

static struct test_key *made[MADE];
static const char *const names[KIDS_MAX + 1] = {"a", "b", NULL};

static bool publishes_any(const struct published *document)
{
    for (size_t i = 0; i <= KIDS_MAX; i++) {
        if (document->made[i] != NONE) {
            return true;
        }
    }
    return false;
}

/* The text of what it publishes, the caller's. */
static char *text_of(const struct published *document)
{
    static const char *const empty[] = {
        "{\"keys\":[]}", "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"a\",\"k\":\"AA\"}]}"};
    char *jwks[KIDS_MAX + 1];
    size_t count = 0;
    for (size_t i = 0; i <= KIDS_MAX; i++) {
        if (document->made[i] != NONE) {
            struct test_key *named = test_key_again(made[document->made[i]], names[i]);
            jwks[count++] = test_key_jwk(named);
            test_key_free(named);
        }
    }
    return count > 0 ? test_jwks(jwks, count) : strdup(empty[issuer.version % 2]);
}

/* Whether a token with this kid by this pair is good under the document: without kid only if all
 * its keys are the same. */
static bool good_under(const struct published *document, size_t kid, int by)
{
    if (names[kid] != NULL) {
        return document->made[kid] == by;
    }
    bool some = false;
    for (size_t i = 0; i <= KIDS_MAX; i++) {
        if (document->made[i] != NONE && document->made[i] != by) {
            return false;
        }
        some |= document->made[i] == by;
    }
    return some;
}

/* --- the model: one for all workers that share a cache, or for each that is alone */

struct model {
    /* a document has counted */
    bool any;
    /* the last one that did */
    struct published counts;
    /* when that was confirmed last */
    int64_t fetched;
    /* without a key, not believed yet: */
    bool seen;
    int64_t seen_at;
    unsigned seen_version;
    /* when a whole document counted last */
    int64_t whole;
};

/* What the issuer publishes now is seen at `when`; `by_hand`: a person asked for it. */
static void model_takes(struct model *model, bool by_hand, int64_t when)
{
    bool again = model->seen && model->seen_version == issuer.version % 2 && when >= model->seen_at;
    bool at_once = publishes_any(&issuer.document) || by_hand ||
                   (model->any && !publishes_any(&model->counts));
    if (!at_once && !(again && when - model->seen_at >= COOLDOWN)) {
        model->seen_at = again ? model->seen_at : when;
        model->seen_version = issuer.version % 2; /* there are two texts without a key */
        model->seen = true;
        return;
    }
    model->seen = !at_once;
    model->any = true;
    model->counts = issuer.document;
    model->fetched = model->whole = now;
}

#endif
