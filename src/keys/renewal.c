/* SPDX-License-Identifier: MIT */
#include "keys/renewal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/safefile.h"
#include "json/json.h"
#include "keys/attempt.h"

/* Whether there is a set with these keys, and how many are usable. */
static bool count_keys(const struct renewal *renewal, const struct json_object *jwks,
                       const struct keyset_visitor *visitor, size_t *count, struct diag *diag)
{
    struct keyset *keys CLEANUP(keyset_cleanup) =
        keyset_make(jwks, renewal->config->fetched_algs, visitor, diag);
    *count = keys != NULL ? keyset_count(keys) : 0;
    return keys != NULL;
}

/* Puts the document where workers find it: the cache, else the pipe to the one that asked. */
static enum renewed store(const struct renewal *renewal, const struct cached *fresh,
                          const struct json_object *jwks, struct diag *diag)
{
    size_t length = 0;
    char *text CLEANUP(cleanup_free) = cache_compose(renewal->uri, fresh, jwks, &length);
    if (text == NULL) {
        diag_set(diag, "out of memory, or the keys make a file of more than 1 MiB");
        return RENEWED_FAILED;
    }
    if (renewal->dir < 0) {
        *diag = renewal->dir_flaw;
    } else if (cache_write(renewal->dir, &renewal->names, text, length, diag)) {
        return RENEWED;
    }
    bool sent = renewal->result >= 0 && safe_write_all(renewal->result, text, length);
    /* Under the lock it is for all workers: what only one of them gets is no success. */
    return sent && renewal->record < 0 ? RENEWED : RENEWED_UNSTORED;
}

/* Whether a document without a usable key counts. Where there is no record its reader judges. From
 * attempt to attempt: those are a cooldown apart, however long each takes; the clock may have been
 * set back meanwhile. */
static bool counts(const struct renewal *renewal, const struct cached *old,
                   const struct renewal_document *document, struct attempt *attempt)
{
    size_t held = 0;
    int64_t when = attempt->when < document->fetched ? attempt->when : document->fetched;
    if (renewal->at_once ||
        (old->json != NULL && count_keys(renewal, old->json, NULL, &held, NULL) && held == 0)) {
        attempt->seen = (struct sighting){0};
        return true;
    }
    return renewal->record < 0 ||
           sighting_confirms(&attempt->seen, document->sum, when, renewal->config->cooldown);
}

/* The keys that are held stay, and are due from now on, for all workers. If it cannot be written
 * they become so by their age. */
static void mark_doubted(const struct renewal *renewal, const struct cached *old)
{
    struct cached marked = *old;
    struct diag ignored = {0};
    size_t length = 0;
    marked.doubted = true;
    char *text CLEANUP(cleanup_free) =
        old->json != NULL && !old->doubted && renewal->dir >= 0
            ? cache_compose(renewal->uri, &marked, old->json, &length)
            : NULL;
    if (text != NULL) {
        (void)cache_write(renewal->dir, &renewal->names, text, length, &ignored);
    }
}

/* A whole document: whether it counts, and if so into the cache with it. */
static enum renewed take(const struct renewal *renewal, const struct cached *old,
                         const struct renewal_document *document, struct attempt *attempt,
                         size_t *count, struct diag *diag)
{
    const struct cached fresh = {.fetched = document->fetched,
                                 .whole = document->fetched,
                                 .sum = document->sum,
                                 .jwks_uri = document->jwks_uri,
                                 .etag = document->etag,
                                 .last_modified = document->last_modified};
    bool set = count_keys(renewal, document->jwks, renewal->visitor, count, diag);
    if (!set || *count == 0) {
        diag_wrap(diag, "%s", document->jwks_uri);
    }
    if (!set) {
        return RENEWED_FAILED;
    }
    if (*count > 0) {
        attempt->seen = (struct sighting){0};
    } else if (!counts(renewal, old, document, attempt)) {
        struct diag what = *diag;
        mark_doubted(renewal, old);
        diag_set(diag,
                 "%s; that is believed when it is fetched once more, %" PRId64
                 " s from now or later",
                 what.text, renewal->config->cooldown);
        return RENEWED_FAILED;
    }
    struct diag flaw = {0};
    enum renewed result = store(renewal, &fresh, document->jwks, &flaw);
    if (result != RENEWED) {
        *diag = flaw;
    }
    return result;
}

/* Whether the document that is held may be asked about by its validators. */
static bool may_ask_by_validators(const struct renewal *renewal, const struct cached *old,
                                  const struct attempt *attempt, int64_t now)
{
    int64_t passed = now - old->whole;
    return renewal->if_changed && old->json != NULL && !old->doubted && attempt->seen.when == 0 &&
           passed >= 0 && passed < RENEWAL_304_SECONDS;
}

static enum renewed renew(const struct renewal *renewal, int64_t now, struct attempt *attempt,
                          size_t *count, struct diag *diag)
{
    struct cached old CLEANUP(cached_clear) = {0};
    struct stat identity = {0};
    struct renewal_document document = {0};
    struct diag ignored = {0}; /* a damaged cache is a miss: it is about to be replaced */
    if (renewal->dir >= 0) {
        (void)cache_read(renewal->dir, &renewal->names, renewal->uri, &identity, &old, &ignored);
    }
    bool known = may_ask_by_validators(renewal, &old, attempt, now) &&
                 count_keys(renewal, old.json, NULL, count, diag);
    switch (renewal->fetch(renewal->context, known ? &old : NULL, &document, diag)) {
    case RENEWAL_DOCUMENT:
        return take(renewal, &old, &document, attempt, count, diag);
    case RENEWAL_NOT_MODIFIED:
        old.fetched = document.fetched;
        return store(renewal, &old, old.json, diag);
    case RENEWAL_FAILED:
    default:
        return RENEWED_FAILED;
    }
}

enum renewed renewal_run(const struct renewal *renewal, int64_t now, size_t *count, bool *recorded,
                         struct diag *diag)
{
    static const enum attempt_outcome outcomes[] = {[RENEWED_FAILED] = ATTEMPT_FAILED,
                                                    [RENEWED_UNSTORED] = ATTEMPT_UNSTORED,
                                                    [RENEWED] = ATTEMPT_SUCCEEDED};
    struct attempt attempt = {.when = now};
    *count = 0;
    if (renewal->record >= 0) {
        attempt_read(renewal->record, &attempt);
    }
    enum renewed result = renew(renewal, now, &attempt, count, diag);
    if (result == RENEWED && *count > 0) {
        diag->text[0] = '\0';
    } else if (result == RENEWED) {
        struct diag what = *diag;
        diag_set(diag, "%s: every token is refused", what.text);
    }
    attempt.outcome = outcomes[result];
    attempt.logged = false;
    attempt_reason(&attempt, diag->text);
    *recorded = renewal->record < 0 || attempt_write(renewal->record, &attempt);
    return result;
}

bool renewal_forget(const struct renewal *renewal, struct diag *diag)
{
    const struct cached nothing = {.fetched = 1};
    struct json_object *jwks CLEANUP(js_cleanup) = js_new_object();
    size_t length = 0;
    char *text CLEANUP(cleanup_free) = NULL;
    if (jwks != NULL && js_set_value(jwks, "keys", js_new_array())) {
        text = cache_compose(renewal->uri, &nothing, jwks, &length);
    }
    if (text == NULL) {
        diag_set(diag, "out of memory");
        return false;
    }
    return cache_write(renewal->dir, &renewal->names, text, length, diag);
}
