/* SPDX-License-Identifier: MIT */
#include "issuer/state.h"

#include <string.h>
#include <sysexits.h>

#include "base/cleanup.h"
#include "json/json.h"

static int out_of_memory(struct diag *diag)
{
    diag_set(diag, "out of memory");
    return EX_SOFTWARE;
}

void state_cleanup(struct state *state)
{
    free(state->issuer);
    js_free(state->keys);
    *state = (struct state){.issuer = NULL};
}

int state_new(struct state *state, const char *issuer, struct diag *diag)
{
    *state = (struct state){.issuer = strdup(issuer), .keys = js_new_array()};
    if (state->issuer == NULL || state->keys == NULL) {
        state_cleanup(state);
        return out_of_memory(diag);
    }
    return 0;
}

enum jwa state_alg(const struct state *state, const char *kid)
{
    for (size_t i = 0; i < js_array_length(state->keys); i++) {
        const struct json_object *jwk = js_array_object(state->keys, i);
        size_t length = 0;
        const char *alg = js_string(jwk, "alg", &length);
        if (alg != NULL && js_string_is(jwk, "kid", kid)) {
            return jwa_parse(alg, length);
        }
    }
    return JWA_UNKNOWN;
}

/* Takes the kid that the member names, if we can sign with such a key. */
static bool take_kid(const struct state *state, const struct json_object *document,
                     const char *name, char *kid)
{
    size_t length = 0;
    const char *text = js_string(document, name, &length);
    if (text == NULL || length != KEYS_KID_LENGTH ||
        strspn(text, KEYS_KID_DIGITS) != KEYS_KID_LENGTH) {
        return false;
    }
    enum jwa alg = state_alg(state, text);
    memcpy(kid, text, KEYS_KID_LENGTH + 1);
    return alg == JWA_RS256 || alg == JWA_ES256;
}

/* NULL, or what is wrong with the document. */
static const char *take(struct state *state, const struct json_object *document)
{
    const char *issuer = js_string(document, "issuer", NULL);
    struct json_object *keys = js_array(document, "keys");
    if (issuer == NULL || keys == NULL) {
        return "no issuer or no keys";
    }
    state->issuer = strdup(issuer);
    if (state->issuer == NULL) {
        return "out of memory";
    }
    state->keys = js_share(keys);
    if (!take_kid(state, document, "current", state->current)) {
        return "no current key";
    }
    if (js_type(document, "next") != JS_ABSENT && !take_kid(state, document, "next", state->next)) {
        return "the next key is missing";
    }
    return NULL;
}

int state_load(struct state *state, const struct store *store, struct diag *diag)
{
    char *text CLEANUP(secret_cleanup) = NULL;
    size_t length = 0;
    *state = (struct state){.issuer = NULL};
    int status = store_read(store, STORE_STATE, &text, &length, diag);
    if (status == EX_NOINPUT) {
        diag_set(diag, "%s holds no issuer: make one with 'bearer-issuer init'", store->dirs.path);
    }
    if (status != 0) {
        return status;
    }
    const char *why = NULL;
    struct json_object *document CLEANUP(js_cleanup) = js_parse(text, length, &why);
    if (document != NULL) {
        why = take(state, document);
    }
    if (why != NULL) {
        state_cleanup(state);
        diag_set(diag,
                 "%s/private/" STORE_STATE
                 " is damaged (%s): restore it, or remove %s and make a new issuer",
                 store->dirs.path, why, store->dirs.path);
        return EX_DATAERR;
    }
    return 0;
}

int state_save(const struct state *state, const struct store *store, struct diag *diag)
{
    struct json_object *document CLEANUP(js_cleanup) = js_new_object();
    size_t length = 0;
    if (document == NULL ||
        !js_set_string(document, "issuer", state->issuer, strlen(state->issuer)) ||
        !js_set_string(document, "current", state->current, KEYS_KID_LENGTH) ||
        (state->next[0] != '\0' &&
         !js_set_string(document, "next", state->next, KEYS_KID_LENGTH)) ||
        !js_set_value(document, "keys", js_share(state->keys))) {
        return out_of_memory(diag);
    }
    char *text CLEANUP(cleanup_free) = js_text(document, &length);
    return text == NULL ? out_of_memory(diag) : store_write(store, STORE_STATE, text, length, diag);
}

int state_publish(const struct state *state, const struct store *store, struct diag *diag)
{
    struct json_object *jwks CLEANUP(js_cleanup) = js_new_object();
    size_t length = 0;
    if (jwks == NULL || !js_set_value(jwks, "keys", js_share(state->keys))) {
        return out_of_memory(diag);
    }
    char *text CLEANUP(cleanup_free) = js_text(jwks, &length);
    return text == NULL ? out_of_memory(diag)
                        : store_publish(store, STORE_JWKS, text, length, diag);
}

int state_add_next(struct state *state, const struct store *store, enum jwa alg, struct diag *diag)
{
    struct key key CLEANUP(key_cleanup) = {.pem = NULL};
    int status = key_make(alg, &key, diag);
    if (status == 0) {
        status = store_write_key(store, key.kid, key.pem, key.pem_length, diag);
    }
    if (status != 0) {
        return status;
    }
    if (!js_append(state->keys, steal(&key.jwk))) {
        return out_of_memory(diag);
    }
    memcpy(state->next, key.kid, sizeof state->next);
    return 0;
}

void state_promote(struct state *state)
{
    memcpy(state->current, state->next, sizeof state->current);
    state->next[0] = '\0';
}

int state_drop_old(struct state *state, struct diag *diag)
{
    struct json_object *kept CLEANUP(js_cleanup) = js_new_array();
    size_t length = js_array_length(state->keys);
    if (kept == NULL) {
        return out_of_memory(diag);
    }
    for (size_t i = 0; i < length; i++) {
        struct json_object *jwk = js_array_object(state->keys, i);
        bool keep = js_string_is(jwk, "kid", state->current) ||
                    (state->next[0] != '\0' && js_string_is(jwk, "kid", state->next));
        if (keep && !js_append(kept, js_share(jwk))) {
            return out_of_memory(diag);
        }
    }
    js_free(state->keys);
    state->keys = steal(&kept);
    return 0;
}
