/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "issuer/alg.h"
#include "issuer/commands.h"
#include "issuer/state.h"
#include "issuer/store.h"
#include "issuer/url.h"
#include "json/json.h"

const char issuer_init_help[] =
    "Usage: bearer-issuer init DIR --issuer URL [--alg RS256|ES256]\n"
    "\n"
    "Makes an issuer in DIR, which may exist (its parent must): a signing key in DIR/private,\n"
    "that only you can read, and DIR/www with .well-known/jwks.json and\n"
    ".well-known/openid-configuration, which a web server is to serve over HTTPS at URL.\n"
    "An issuer that is there already is left as it is. Prints the kid of the key.\n"
    "\n"
    "  --issuer URL   its name, exactly as tokens carry it (iss): https://...\n"
    "  --alg ALG      RS256 (a 2048-bit RSA key; the default) or ES256 (P-256)\n";

static bool set_list(struct json_object *document, const char *name, const char *const *items)
{
    struct json_object *array CLEANUP(js_cleanup) = js_new_array();
    for (; array != NULL && *items != NULL; items++) {
        if (!js_append_string(array, *items, strlen(*items))) {
            return false;
        }
    }
    return js_set_value(document, name, steal(&array));
}

/* What OpenID Connect Discovery 1.0, section 3, requires, but for authorization_endpoint and
 * token_endpoint: there is nobody to answer, so none is named. It never changes, whatever the keys
 * are. */
static int publish_discovery(const struct store *store, const char *issuer, struct diag *diag)
{
    static const char *const types[] = {"token", NULL};
    static const char *const subjects[] = {"public", NULL};
    static const char *const algs[] = {"RS256", "ES256", NULL};
    char *jwks_uri CLEANUP(cleanup_free) = url_below(issuer, ".well-known/" STORE_JWKS);
    struct json_object *document CLEANUP(js_cleanup) = js_new_object();
    size_t length = 0;
    char *text CLEANUP(cleanup_free) = NULL;
    if (document != NULL && jwks_uri != NULL &&
        js_set_string(document, "issuer", issuer, strlen(issuer)) &&
        js_set_string(document, "jwks_uri", jwks_uri, strlen(jwks_uri)) &&
        set_list(document, "response_types_supported", types) &&
        set_list(document, "subject_types_supported", subjects) &&
        set_list(document, "id_token_signing_alg_values_supported", algs)) {
        text = js_text(document, &length);
    }
    if (text == NULL) {
        diag_set(diag, "out of memory");
        return EX_SOFTWARE;
    }
    return store_publish(store, STORE_DISCOVERY, text, length, diag);
}

/* The state comes last: with it the issuer is there. */
static int make(const char *path, const char *issuer, enum jwa alg, struct diag *diag)
{
    struct store store CLEANUP(store_close) = STORE_CLOSED;
    struct state state CLEANUP(state_cleanup) = {.issuer = NULL};
    int status = store_create(&store, path, diag);
    if (status == 0) {
        status = state_new(&state, issuer, diag);
    }
    if (status == 0) {
        status = state_add_next(&state, &store, alg, diag);
    }
    if (status == 0) {
        state_promote(&state);
        status = publish_discovery(&store, issuer, diag);
    }
    if (status == 0) {
        status = state_publish(&state, &store, diag);
    }
    if (status == 0) {
        status = state_save(&state, &store, diag);
    }
    if (status == 0) {
        puts(state.current);
    }
    return status;
}

int issuer_init_run(const struct cli *cli)
{
    const char *path = NULL;
    const char *issuer = NULL;
    const char *alg_name = NULL;
    enum jwa alg = JWA_RS256;
    struct diag diag = {""};
    const struct cli_option options[] = {{.name = "--issuer", .value = &issuer},
                                         {.name = "--alg", .value = &alg_name},
                                         {.name = NULL}};
    int status = cli_parse(cli, options, "DIR", &path);
    if (status >= 0) {
        return status;
    }
    if (issuer == NULL) {
        return cli_usage(
            cli, "--issuer is missing: the issuer's URL, for example https://localhost:8443/");
    }
    status = issuer_take_alg(cli, alg_name, &alg);
    if (status != 0) {
        return status;
    }
    if (url_check_issuer(issuer, &diag) != 0) {
        return cli_usage(cli, "%s", diag.text);
    }
    status = make(path, issuer, alg, &diag);
    return status == 0 ? 0 : cli_fail(cli, status, "%s", diag.text);
}
