/* SPDX-License-Identifier: MIT */
/* One refresh of the shared keys, as `bearerctl refresh` makes it: what of that which is fetched
 * counts, and where it is put. The fetch itself is the caller's.
 *
 * A document with a usable key counts at once. One whose `keys` is an array without any is the
 * issuer's word too, and withdraws all keys; but lest one bad minute of a starting issuer, or a
 * captive proxy, end every session, it counts when it is seen a second time at least a cooldown
 * later, or at once if a person asked. Anything else never counts. */
#ifndef FB_KEYS_RENEWAL_H
#define FB_KEYS_RENEWAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/diag.h"
#include "config/config.h"
#include "jose/keyset.h"
#include "keys/cachefile.h"

struct json_object;

/* For so long "not modified" is believed one time after another; then the document is asked for
 * whole. A server's validator may be no more than size and time. */
#define RENEWAL_304_SECONDS 3600

enum renewal_result { RENEWAL_FAILED = 0, RENEWAL_DOCUMENT, RENEWAL_NOT_MODIFIED };

/* What was fetched. Everything in it is the fetching side's, and lives until renewal_run()
 * returns. */
struct renewal_document {
    /* seconds since 1970 */
    int64_t fetched;
    /* where it came from */
    const char *jwks_uri;
    /* strict JSON, with RENEWAL_DOCUMENT; what else it is has not been looked at */
    const struct json_object *jwks;
    /* cache_crc() of its octets */
    uint32_t sum;
    /* NULL: none */
    const char *etag;
    /* likewise */
    const char *last_modified;
};

struct renewal {
    const struct config *config;
    /* that names the cache file */
    const char *uri;
    struct cache_names names;
    /* -1: no usable one */
    int dir;
    /* why */
    struct diag dir_flaw;
    /* locked, and stamped with this attempt; -1: none */
    int record;
    /* pipe for a document that the cache cannot take; -1: none */
    int result;
    /* one sighting is enough */
    bool at_once;
    /* "not modified" will do as an answer */
    bool if_changed;
    /* told about each key of a document; may be NULL */
    const struct keyset_visitor *visitor;

    /* Fetches. `old`: what the cache holds, whose validators may be used if it came from the same
     * place; NULL: the whole document is wanted. With RENEWAL_FAILED a message in `diag`. */
    enum renewal_result (*fetch)(void *context, const struct cached *old,
                                 struct renewal_document *document, struct diag *diag);
    void *context;
};

enum renewed { RENEWED_FAILED = 0, RENEWED_UNSTORED /* the cache could not take it */, RENEWED };

/* Makes it at `now` (seconds since 1970), and writes into the record how it ended. *count is how
 * many usable keys there are then. `diag` says what went wrong; of RENEWED, what is to be said of
 * it, or nothing. *recorded: false if the record could not be written; errno says why. */
enum renewed renewal_run(const struct renewal *renewal, int64_t now, size_t *count, bool *recorded,
                         struct diag *diag);

/* Leaves workers without keys: a document without any, as old as can be, takes the place of what is
 * in the cache. If there were none, they would go on with those that they hold. The caller holds
 * the lock, and renewal->dir is open. False, with a message in `diag`: the old document is still
 * there. */
bool renewal_forget(const struct renewal *renewal, struct diag *diag);

#endif
