/* SPDX-License-Identifier: MIT */
/* What an issuer is: its name and its keys, kept in one document (DIR/private/state.json) from
 * which the published ones are made. */
#ifndef FB_ISSUER_STATE_H
#define FB_ISSUER_STATE_H

#include "base/diag.h"
#include "issuer/keys.h"
#include "issuer/store.h"
#include "jose/jwa.h"

struct state {
    char *issuer;
    /* signs */
    char current[KEYS_KID_LENGTH + 1];
    /* is published already and signs from the next rotation on; empty: there is none */
    char next[KEYS_KID_LENGTH + 1];
    /* an array of JWKs: current, next, and old ones that are still published */
    struct json_object *keys;
};

/* A new issuer without keys. EX_SOFTWARE: out of memory. The caller releases it with
 * state_cleanup(). */
int state_new(struct state *state, const char *issuer, struct diag *diag);
void state_cleanup(struct state *state); /* for CLEANUP(); a zeroed struct is fine */

/* Reads it. EX_NOINPUT: there is none; EX_DATAERR: it is damaged; nothing is to be released
 * then. */
int state_load(struct state *state, const struct store *store, struct diag *diag);

/* Replaces state.json, and jwks.json with all keys. The store must be locked. */
int state_save(const struct state *state, const struct store *store, struct diag *diag);
int state_publish(const struct state *state, const struct store *store, struct diag *diag);

/* Makes a key, writes its private half and takes it into `state`, unsaved, as the next one. The
 * store must be locked. */
int state_add_next(struct state *state, const struct store *store, enum jwa alg, struct diag *diag);

/* Makes the next key, which must be there, the current one, unsaved. */
void state_promote(struct state *state);

/* Leaves only the current and the next key in `state`, unsaved. */
int state_drop_old(struct state *state, struct diag *diag);

/* The algorithm of one of the keys; JWA_UNKNOWN if there is no such key. */
enum jwa state_alg(const struct state *state, const char *kid);

#endif
