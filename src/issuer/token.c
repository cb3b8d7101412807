/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "issuer/commands.h"
#include "issuer/mint.h"
#include "issuer/state.h"
#include "issuer/store.h"
#include "json/json.h"

const char issuer_token_help[] =
    "Usage: bearer-issuer token DIR --aud AUDIENCE ... [--scope SCOPES] [--sub SUBJECT]\n"
    "       [--exp SECONDS] [--claim NAME=JSON ...]\n"
    "\n"
    "Prints one token, signed with the current key of the issuer in DIR.\n"
    "\n"
    "  --aud AUDIENCE      the API it is for, by its AUTH0_API_AUDIENCE; several make a list\n"
    "  --scope SCOPES      what it grants, separated by spaces: \"read:messages write:messages\"\n"
    "  --sub SUBJECT       its subject; without it demo|user\n"
    "  --exp SECONDS       when it expires, from now; without it 3600; negative: it has expired\n"
    "  --claim NAME=JSON   one more claim with any JSON value: 'permissions=[\"read:messages\"]',\n"
    "                      'org=\"acme\"'. It takes the place of the claim of that name, if it\n"
    "                      is one of iss, aud, iat, exp, sub and scope. Numbers other than plain\n"
    "                      integers are rounded to a double.\n";

#define DEFAULT_SUBJECT  "demo|user"
#define DEFAULT_LIFETIME 3600
#define LIFETIME_MAX     INT64_C(10000000000) /* over three hundred years */
#define TRIES            8

struct order {
    const char *path, *scope, *subject, *lifetime;
    int64_t seconds;
    struct cli_list audiences, claims;
};

/* A decimal number, with a sign or without, within LIFETIME_MAX either way. */
static bool parse_seconds(const char *text, int64_t *seconds)
{
    char *end = NULL;
    const char *digits = text + (text[0] == '-' || text[0] == '+' ? 1 : 0);
    if (digits[0] < '0' || digits[0] > '9') {
        return false;
    }
    errno = 0;
    *seconds = strtoll(text, &end, 10);
    return errno == 0 && *end == '\0' && *seconds >= -LIFETIME_MAX && *seconds <= LIFETIME_MAX;
}

/* The length of the claim's name in NAME=JSON. */
static size_t name_length(const char *claim)
{
    return strcspn(claim, "=");
}

static bool names(const char *claim, const char *name, size_t length)
{
    return name_length(claim) == length && strncmp(claim, name, length) == 0;
}

/* -1, or EX_USAGE after a message. */
static int check_claims(const struct cli *cli, const struct order *order)
{
    bool audience = order->audiences.count > 0;
    for (size_t i = 0; i < order->claims.count; i++) {
        const char *claim = order->claims.items[i];
        size_t length = name_length(claim);
        if (length == 0 || claim[length] != '=') {
            return cli_usage(cli, "--claim '%s': write NAME=JSON, for example 'org=\"acme\"'",
                             claim);
        }
        for (size_t j = 0; j < i; j++) {
            if (names(order->claims.items[j], claim, length)) {
                return cli_usage(cli, "--claim names '%.*s' twice", (int)length, claim);
            }
        }
        audience = audience || names(claim, "aud", 3);
    }
    return audience
               ? -1
               : cli_usage(cli,
                           "--aud is missing: the AUTH0_API_AUDIENCE of the API the token is for");
}

static bool set_text(struct json_object *claims, const char *name, const char *text)
{
    return text == NULL || js_set_string(claims, name, text, strlen(text));
}

static bool set_audience(struct json_object *claims, const struct cli_list *audiences)
{
    if (audiences->count <= 1) {
        return set_text(claims, "aud", audiences->count == 1 ? audiences->items[0] : NULL);
    }
    struct json_object *array CLEANUP(js_cleanup) = js_new_array();
    for (size_t i = 0; array != NULL && i < audiences->count; i++) {
        if (!js_append_string(array, audiences->items[i], strlen(audiences->items[i]))) {
            return false;
        }
    }
    return js_set_value(claims, "aud", steal(&array));
}

static int add_usual_claims(struct mint *mint, const struct order *order, const char *issuer,
                            struct diag *diag)
{
    struct json_object *claims CLEANUP(js_cleanup) = js_new_object();
    int64_t now = (int64_t)time(NULL);
    char *text CLEANUP(cleanup_free) = NULL;
    size_t length = 0;
    if (claims != NULL && set_text(claims, "iss", issuer) &&
        set_audience(claims, &order->audiences) && js_set_count(claims, "iat", now) &&
        js_set_count(claims, "exp", now + order->seconds) &&
        set_text(claims, "sub", order->subject) && set_text(claims, "scope", order->scope)) {
        text = js_text(claims, &length);
    }
    if (text == NULL) {
        diag_set(diag, "out of memory");
        return EX_SOFTWARE;
    }
    const char *why = NULL;
    struct json_object *again CLEANUP(js_cleanup) = js_parse(text, length, &why);
    if (again == NULL) {
        diag_set(diag, "--aud, --sub or --scope: %s", why);
        return EX_DATAERR;
    }
    return mint_claims(mint, text, diag);
}

static bool count_member(void *context, const char *name, struct json_object *value)
{
    size_t *count = context;
    (void)name;
    (void)value;
    (*count)++;
    return true;
}

/* {"NAME":JSON}, with the very text of the argument; NULL: out of memory. */
static char *claim_object(const char *claim)
{
    size_t name = name_length(claim);
    struct json_object *quoted CLEANUP(js_cleanup) = js_new_array();
    if (quoted == NULL || !js_append_string(quoted, claim, name)) {
        return NULL;
    }
    size_t length = 0;
    /* ["NAME"] */
    char *bracketed CLEANUP(cleanup_free) = js_text(quoted, &length);
    char *object = NULL;
    if (bracketed == NULL ||
        asprintf(&object, "{%.*s:%s}", (int)(length - 2), bracketed + 1, claim + name + 1) < 0) {
        return NULL;
    }
    return object;
}

/* The check must be ours: libjwt's reader knows no depth of ours, and `1,"iss":"x"` would bring a
 * second claim along. */
static int add_claim(struct mint *mint, const char *claim, struct diag *diag)
{
    int length = (int)name_length(claim);
    const char *why = NULL;
    size_t members = 0;
    char *text CLEANUP(cleanup_free) = claim_object(claim);
    if (text == NULL) {
        diag_set(diag, "out of memory");
        return EX_SOFTWARE;
    }
    struct json_object *object CLEANUP(js_cleanup) = js_parse(text, strlen(text), &why);
    if (object == NULL) {
        diag_set(diag, "--claim %.*s: %s; a string needs its quotes: '%.*s=\"...\"'", length, claim,
                 why, length, claim);
        return EX_DATAERR;
    }
    (void)js_each(object, count_member, &members);
    if (members != 1) {
        diag_set(diag, "--claim %.*s: more than one value; use --claim once for each", length,
                 claim);
        return EX_DATAERR;
    }
    int status = mint_claims(mint, text, diag);
    if (status != 0) {
        diag_wrap(diag, "--claim %.*s", length, claim);
    }
    return status;
}

/* A key may be rotated away and dropped between the two reads: then there is a newer one. */
static int load(const char *path, struct state *state, char **pem, struct diag *diag)
{
    struct store store CLEANUP(store_close) = STORE_CLOSED;
    int status = store_open(&store, path, diag);
    if (status != 0) {
        return status;
    }
    for (int i = 0; i < TRIES; i++) {
        state_cleanup(state);
        status = state_load(state, &store, diag);
        if (status != 0) {
            return status;
        }
        status = store_read_key(&store, state->current, pem, diag);
        if (status != EX_NOINPUT) {
            return status;
        }
    }
    diag_wrap(diag, "the private key is gone; 'bearer-issuer rotate %s' makes a new one", path);
    return status;
}

static int mint(const struct order *order, char **token, struct diag *diag)
{
    struct state state CLEANUP(state_cleanup) = {.issuer = NULL};
    char *pem CLEANUP(secret_cleanup) = NULL;
    int status = load(order->path, &state, &pem, diag);
    if (status != 0) {
        return status;
    }
    struct mint *mint CLEANUP(mint_cleanup) =
        mint_new(state_alg(&state, state.current), state.current, pem);
    if (mint == NULL) {
        diag_set(diag, "out of memory");
        return EX_SOFTWARE;
    }
    status = add_usual_claims(mint, order, state.issuer, diag);
    for (size_t i = 0; i < order->claims.count && status == 0; i++) {
        status = add_claim(mint, order->claims.items[i], diag);
    }
    if (status != 0) {
        return status;
    }
    status = mint_token(mint, token, diag);
    if (status != 0) {
        diag_wrap(diag, "%s/private/%s.pem, for %s", order->path, state.current,
                  jwa_name(state_alg(&state, state.current)));
    }
    return status;
}

static void order_cleanup(struct order *order)
{
    cli_list_cleanup(&order->audiences);
    cli_list_cleanup(&order->claims);
}

int issuer_token_run(const struct cli *cli)
{
    struct order order CLEANUP(order_cleanup) = {.path = NULL};
    char *token CLEANUP(cleanup_free) = NULL;
    struct diag diag = {""};
    const struct cli_option options[] = {
        {.name = "--aud", .list = &order.audiences}, {.name = "--scope", .value = &order.scope},
        {.name = "--sub", .value = &order.subject},  {.name = "--exp", .value = &order.lifetime},
        {.name = "--claim", .list = &order.claims},  {.name = NULL}};
    int status = cli_parse(cli, options, "DIR", &order.path);
    if (status < 0) {
        status = check_claims(cli, &order);
    }
    if (status >= 0) {
        return status;
    }
    order.subject = order.subject == NULL ? DEFAULT_SUBJECT : order.subject;
    order.seconds = DEFAULT_LIFETIME;
    if (order.lifetime != NULL && !parse_seconds(order.lifetime, &order.seconds)) {
        return cli_usage(cli,
                         "--exp '%s': not a number of seconds from now; for example 3600 or -60",
                         order.lifetime);
    }
    status = mint(&order, &token, &diag);
    if (status != 0) {
        return cli_fail(cli, status, "%s", diag.text);
    }
    puts(token);
    return 0;
}
