/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "issuer/alg.h"
#include "issuer/commands.h"
#include "issuer/state.h"
#include "issuer/store.h"

const char issuer_rotate_help[] =
    "Usage: bearer-issuer rotate DIR [--alg RS256|ES256] [--publish]\n"
    "       bearer-issuer rotate DIR --drop\n"
    "\n"
    "Signs with a new key from now on: with the one that --publish published, else with one made\n"
    "now. The old key stays published, so its tokens stay good. Prints the kid of the key that is\n"
    "new (with --drop nothing).\n"
    "\n"
    "  --publish   only publish the next key; the following plain rotate signs with it. Done "
    "twice, it\n"
    "              is the same key\n"
    "  --drop      make no key, but remove all keys that no longer sign: their tokens are refused\n"
    "  --alg ALG   what the new key is for; else the same as the current one\n";

struct rotation {
    const char *path;
    bool publish, drop;
    /* JWA_UNKNOWN: that of the current key */
    enum jwa alg;
};

static bool still_used(const void *context, const char *kid)
{
    const struct state *state = context;
    return state_alg(state, kid) != JWA_UNKNOWN;
}

/* State first: what is interrupted is finished by doing it again. */
static int drop(struct state *state, const struct store *store, struct diag *diag)
{
    int status = state_drop_old(state, diag);
    if (status == 0) {
        status = state_save(state, store, diag);
    }
    if (status == 0) {
        status = state_publish(state, store, diag);
    }
    return status == 0 ? store_sweep(store, still_used, state, diag) : status;
}

static int add_next(struct state *state, const struct store *store, const struct rotation *rotation,
                    struct diag *diag)
{
    enum jwa alg = rotation->alg != JWA_UNKNOWN ? rotation->alg : state_alg(state, state->current);
    int status = state_add_next(state, store, alg, diag);
    return status == 0 ? state_save(state, store, diag) : status;
}

/* No token is signed with a key that is not published yet: it is saved as the next one, published,
 * and only then the current one. */
static int new_key(struct state *state, const struct store *store, const struct rotation *rotation,
                   struct diag *diag)
{
    if (state->next[0] != '\0' && rotation->alg != JWA_UNKNOWN &&
        rotation->alg != state_alg(state, state->next)) {
        diag_set(diag,
                 "the next key %s is published already, for %s: rotate to it without --alg first",
                 state->next, jwa_name(state_alg(state, state->next)));
        return EX_CANTCREAT;
    }
    int status = state->next[0] != '\0' ? 0 : add_next(state, store, rotation, diag);
    if (status == 0) {
        status = state_publish(state, store, diag);
    }
    if (status != 0 || rotation->publish) {
        return status;
    }
    state_promote(state);
    return state_save(state, store, diag);
}

static int rotate(const struct rotation *rotation, struct diag *diag)
{
    struct store store CLEANUP(store_close) = STORE_CLOSED;
    struct state state CLEANUP(state_cleanup) = {.issuer = NULL};
    int status = store_open(&store, rotation->path, diag);
    if (status == 0) {
        status = store_lock(&store, diag);
    }
    if (status == 0) {
        status = state_load(&state, &store, diag);
    }
    if (status != 0) {
        return status;
    }
    if (rotation->drop) {
        return drop(&state, &store, diag);
    }
    status = new_key(&state, &store, rotation, diag);
    if (status == 0) {
        puts(rotation->publish ? state.next : state.current);
    }
    return status;
}

int issuer_rotate_run(const struct cli *cli)
{
    const char *alg = NULL;
    struct rotation rotation = {.alg = JWA_UNKNOWN};
    struct diag diag = {""};
    const struct cli_option options[] = {{.name = "--alg", .value = &alg},
                                         {.name = "--publish", .flag = &rotation.publish},
                                         {.name = "--drop", .flag = &rotation.drop},
                                         {.name = NULL}};
    int status = cli_parse(cli, options, "DIR", &rotation.path);
    if (status >= 0) {
        return status;
    }
    if (rotation.drop && (rotation.publish || alg != NULL)) {
        return cli_usage(cli, "--drop makes no key: give it without --publish and --alg");
    }
    status = issuer_take_alg(cli, alg, &rotation.alg);
    if (status != 0) {
        return status;
    }
    status = rotate(&rotation, &diag);
    return status == 0 ? 0 : cli_fail(cli, status, "%s", diag.text);
}
