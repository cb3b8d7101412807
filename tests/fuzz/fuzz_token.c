/* SPDX-License-Identifier: MIT */
/* One token against a fixed set of keys. The input says header, claims and how to sign them, so
 * that what comes behind the signature is reached:
 *
 *     SIGNER \n HEADER \n EDITS \n CLAIMS
 *
 * SIGNER is a letter of the table below, N for no signature, H for an HMAC with a public key, or T:
 * then the rest is the token itself. EDITS change the finished token: `=12x` puts x at its octet
 * 12, `+12x` inserts it there, `-12` removes, `~12` cuts there; `:` is `=` counted from the end.
 *
 * What must hold: only a token that was signed here, octet for octet, by the key that its header
 * asks for is taken, and only if an opinion on its claims made by other means agrees; and such a
 * token is taken. */
#include "fuzz.h"

#include <json-c/json.h>
#include <strings.h>

#include "json/json.h"

#include "../unit/token_test.h"

#define LEEWAY   5
#define EDIT_MAX 64 /* edits that are made */

/* Who can sign. Only the keys that are `known` are in the set. */
static struct signer {
    char letter;
    enum jwa alg;
    const char *kid;
    bool known;
    bool only; /* for its alg: a token need not name it */
    struct test_key *key;
} signers[] = {
    {'E', JWA_EDDSA, "ed-1", true, true, NULL},    {'P', JWA_ES256, "es-1", true, false, NULL},
    {'Q', JWA_ES256, "es-2", true, false, NULL},   {'R', JWA_RS256, "rsa-1", true, true, NULL},
    {'F', JWA_EDDSA, "ed-1", false, false, NULL}, /* a stranger under a known name */
    {'S', JWA_PS256, "rsa-1", false, false, NULL}, /* a known key under an algorithm that is not configured */
};
#define SIGNERS (sizeof signers / sizeof signers[0])

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char *jwks[SIGNERS];
    size_t count = 0;
    (void)argc;
    (void)argv;
    for (size_t i = 0; i < SIGNERS; i++) {
        signers[i].key = signers[i].alg == JWA_PS256
                             ? test_key_again(signers[3].key, signers[i].kid)
                             : test_key_new(signers[i].alg, signers[i].kid);
        if (signers[i].known) {
            jwks[count++] = test_key_jwk(signers[i].key);
        }
    }
    source.set = test_keyset(jwks, count);
    judge_config = test_config("RS256 ES256 EdDSA", "5", NULL);
    good_token = test_key_sign(signers[0].key, JWA_EDDSA, "{\"alg\":\"EdDSA\",\"kid\":\"ed-1\"}",
                               GOOD_CLAIMS);
    return 0;
}

static const struct signer *signer_of(char letter)
{
    for (size_t i = 0; i < SIGNERS; i++) {
        if (signers[i].letter == letter) {
            return &signers[i];
        }
    }
    return NULL;
}

/* ---- The other opinion. UNSURE where json-c or a long double cannot tell. ---- */

enum opinion { NO = 0, UNSURE, YES };

static enum opinion worst(enum opinion one, enum opinion other)
{
    return one < other ? one : other;
}

static struct json_object *opinion_parse(const char *text, size_t length)
{
    struct json_tokener *tokener = json_tokener_new_ex(JS_DEPTH_MAX + 1);
    struct json_object *value = json_tokener_parse_ex(have(tokener), text, (int)length);
    json_tokener_free(tokener);
    return value;
}

static struct json_object *get(struct json_object *object, const char *name, bool *found)
{
    struct json_object *value = NULL;
    *found = json_object_object_get_ex(object, name, &value);
    return value;
}

static bool is_text(struct json_object *value, const char *text)
{
    return json_object_is_type(value, json_type_string) &&
           (size_t)json_object_get_string_len(value) == strlen(text) &&
           strcmp(json_object_get_string(value), text) == 0;
}

static enum opinion opinion_aud(struct json_object *aud)
{
    bool ours = is_text(aud, API) || is_text(aud, "urn:other");
    if (!json_object_is_type(aud, json_type_array)) {
        return ours ? YES : NO;
    }
    for (size_t i = 0; i < json_object_array_length(aud); i++) {
        struct json_object *one = json_object_array_get_idx(aud, i);
        ours = ours || is_text(one, API) || is_text(one, "urn:other");
        if (!json_object_is_type(one, json_type_string)) {
            return NO;
        }
    }
    return ours ? YES : NO;
}

/* Whether `date` lies after `limit`, as far as one can tell. */
static enum opinion is_later(struct json_object *date, long double limit)
{
    if (!json_object_is_type(date, json_type_int) && !json_object_is_type(date, json_type_double)) {
        return NO;
    }
    long double x = strtold(json_object_to_json_string(date), NULL);
    return x > limit + 0.01L ? YES : x < limit - 0.01L ? NO : UNSURE;
}

/* A date that may be absent, and else is one and not after now. */
static enum opinion opinion_start(struct json_object *claims, const char *name)
{
    bool found = false;
    struct json_object *date = get(claims, name, &found);
    if (!found) {
        return YES;
    }
    enum opinion late = is_later(date, NOW + LEEWAY);
    return worst(is_later(date, 0.0L), late == YES ? NO : late == NO ? YES : UNSURE);
}

static enum opinion opinion_exp(struct json_object *claims)
{
    bool found = false;
    struct json_object *date = get(claims, "exp", &found);
    enum opinion far = is_later(date, 253402300799.0L);
    return worst(is_later(date, NOW - LEEWAY), far == YES ? NO : far == NO ? YES : UNSURE);
}

/* A nonce without what was granted, or to whom, is an ID token's: at_hash and its like are looked
 * at with the other members. */
static bool is_id_token(struct json_object *claims, struct json_object *header)
{
    static const char *const grants[] = {"scope", "scp", "client_id"};
    bool found = false;
    struct json_object *typ = get(header, "typ", &found);
    const char *text =
        json_object_is_type(typ, json_type_string) ? json_object_get_string(typ) : "";
    bool excused = strcasecmp(text, "at+jwt") == 0 || strcasecmp(text, "application/at+jwt") == 0;
    for (size_t i = 0; i < sizeof grants / sizeof grants[0]; i++) {
        struct json_object *value = get(claims, grants[i], &found);
        excused = excused || json_object_is_type(value, json_type_string) ||
                  (i < 2 && json_object_is_type(value, json_type_array));
    }
    get(claims, "nonce", &found);
    return found && !excused;
}

static enum opinion opinion_claims(struct json_object *claims)
{
    static const char *const none[] = {"cnf", "at_hash", "c_hash", "events"};
    bool found = false;
    if (!json_object_is_type(claims, json_type_object) ||
        !is_text(get(claims, "iss", &found), ISSUER) ||
        opinion_aud(get(claims, "aud", &found)) == NO) {
        return NO;
    }
    struct json_object *sub = get(claims, "sub", &found);
    if (found && !json_object_is_type(sub, json_type_string)) {
        return NO;
    }
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        get(claims, none[i], &found);
        if (found) {
            return NO;
        }
    }
    return worst(opinion_exp(claims),
                 worst(opinion_start(claims, "nbf"), opinion_start(claims, "iat")));
}

/* Whether a token with this header may be accepted if this one signed it. */
static enum opinion opinion_header(struct json_object *header, const struct signer *signer)
{
    static const char *const none[] = {"crit", "b64", "zip", "enc", "cty"};
    bool found = false;
    if (!json_object_is_type(header, json_type_object) || signer == NULL || !signer->known ||
        (!is_text(get(header, "alg", &found), jwa_name(signer->alg)) &&
         !(signer->alg == JWA_EDDSA && is_text(get(header, "alg", &found), "Ed25519")))) {
        return NO;
    }
    struct json_object *kid = get(header, "kid", &found);
    if (found ? !is_text(kid, signer->kid) : !signer->only) {
        return NO;
    }
    struct json_object *typ = get(header, "typ", &found);
    const char *text =
        found && json_object_is_type(typ, json_type_string) ? json_object_get_string(typ) : "";
    if (found && strcasecmp(text, "JWT") != 0 && strcasecmp(text, "at+jwt") != 0 &&
        strcasecmp(text, "application/at+jwt") != 0) {
        return NO;
    }
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        get(header, none[i], &found);
        if (found) {
            return NO;
        }
    }
    return YES;
}

/* ---- Making the token ---- */

struct made {
    char *text;
    size_t length;
    /* as it was signed; NULL: by nobody */
    char *original;
};

static char *sign(char how, const struct signer *signer, struct piece header, struct piece claims)
{
    if (signer != NULL) {
        return test_key_sign_octets(signer->key, signer->alg, header.text, header.length,
                                    claims.text, claims.length);
    }
    char *header_text = string_copy(header);
    char *claims_text = string_copy(claims);
    char *pem = test_key_pem(signers[3].key);
    char *token = how == 'H' ? test_token_hmac(256, pem, strlen(pem), header_text, claims_text)
                             : test_token(header_text, claims_text, "", 0);
    free(header_text);
    free(claims_text);
    free(pem);
    return token;
}

static size_t take_number(struct piece *rest)
{
    size_t number = 0;
    while (rest->length > 0 && *rest->text >= '0' && *rest->text <= '9') {
        number = number < 100000 ? number * 10 + (size_t)(*rest->text - '0') : number;
        rest->text++;
        rest->length--;
    }
    return number;
}

/* made->text has room for EDIT_MAX octets more. */
static void edit(struct made *made, struct piece edits)
{
    for (unsigned i = 0; i < EDIT_MAX && edits.length > 0 && made->length > 0; i++) {
        char what = *edits.text++;
        edits.length--;
        size_t at = take_number(&edits) % made->length;
        char octet = 'A';
        if (strchr("=+:", what) != NULL && edits.length > 0) {
            octet = *edits.text++;
            edits.length--;
        }
        char *here = made->text + at;
        if (what == '=') {
            *here = octet;
        } else if (what == ':') {
            made->text[made->length - 1 - at] = octet;
        } else if (what == '+') {
            memmove(here + 1, here, made->length - at);
            *here = octet;
            made->length++;
        } else if (what == '-') {
            memmove(here, here + 1, made->length - at - 1);
            made->length--;
        } else if (what == '~') {
            made->length = at;
        }
    }
}

static void make(struct made *made, char how, const struct signer *signer, struct piece header,
                 struct piece edits, struct piece claims)
{
    char *token = sign(how, signer, header, claims);
    made->length = strlen(token);
    made->text = have(malloc(made->length + EDIT_MAX + 1));
    memcpy(made->text, token, made->length);
    made->original = signer != NULL ? token : NULL;
    if (signer == NULL) {
        free(token);
    }
    edit(made, edits);
}

/* ---- The judgement ---- */

static enum bearer_code find_at(void *context, const struct key_query *query,
                                const struct jwk **key)
{
    (void)context;
    return keyset_find(source.set, query->kid, query->kid_length, query->alg, key);
}

static bool passes_at(const struct made *made, int64_t now)
{
    static const struct key_source keys = {
        .find = find_at, .outlook = source_outlook, .renew = source_renew};
    struct header_memo memo = {.length = 0};
    struct token token;
    enum bearer_code code =
        token_verify(judge_config, &keys, &memo, made->text, made->length, now, &token);
    token_clear(&token);
    return code == BEARER_OK;
}

/* The token is good from `from` on until `until`: what is remembered of it. */
static void check_times(const struct made *made, const struct token *token)
{
    must_hold(token->from <= NOW && NOW < token->until, "good now");
    must_hold(passes_at(made, token->from) && passes_at(made, token->until - 1),
              "good at both ends");
    must_hold(!passes_at(made, token->until), "not good when it is said to end");
    must_hold(token->from <= 0 || !passes_at(made, token->from - 1),
              "not good before it is said to begin");
}

static void judge_made(const struct made *made, const struct signer *signer, struct piece header,
                       struct piece claims)
{
    struct token token;
    enum bearer_code code = verify_at(judge_config, made->text, made->length, &token);
    const char *reason = bearer_outcome(code)->reason;
    bool untouched = made->original != NULL && strlen(made->original) == made->length &&
                     memcmp(made->original, made->text, made->length) == 0;
    struct json_object *header_json = opinion_parse(header.text, header.length);
    struct json_object *claims_json = opinion_parse(claims.text, claims.length);
    enum opinion opinion =
        untouched ? worst(opinion_header(header_json, signer), opinion_claims(claims_json)) : NO;
    opinion = is_id_token(claims_json, header_json) ? NO : opinion;
    must_hold(code != BEARER_OK || untouched, "what was not signed is not accepted");
    must_hold(code != BEARER_OK || opinion != NO, "accepted against the other opinion");
    must_hold(code != BEARER_OK || (token.payload_length == claims.length && token.claims != NULL &&
                                    memcmp(token.payload, claims.text, claims.length) == 0),
              "the payload is what was signed");
    if (code == BEARER_OK) {
        check_times(made, &token);
    }
    must_hold(code == BEARER_OK || (token.claims == NULL && token.payload == NULL),
              "denied: no claims");
    must_hold(asked_rightly(code), "the key source is asked as it must be (%s)", reason);
    must_hold(source.fetches == 0 || opinion_claims(claims_json) != NO || made->original == NULL ||
                  !untouched || opinion_exp(claims_json) != NO,
              "a fetch is for claims that fit");
    if (opinion == YES && code != BEARER_OK && made->length <= TOKEN_MAX) {
        struct json_object *one = js_parse(header.text, header.length, NULL);
        struct json_object *other = js_parse(claims.text, claims.length, NULL);
        must_hold(one == NULL || other == NULL, "a good token is accepted (%s)", reason);
        js_free(one);
        js_free(other);
    }
    json_object_put(header_json);
    json_object_put(claims_json);
    token_clear(&token);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned count;
    struct piece rest = {(const char *)data, size};
    struct piece how = take_until(&rest, '\n');
    struct made made = {0};
    if (how.length != 1) {
        return 0;
    }
    if (*how.text == 'T') {
        made.text = exact_copy(rest);
        made.length = rest.length;
        judge_made(&made, NULL, (struct piece){"", 0}, (struct piece){"", 0});
        free(made.text);
    } else {
        const struct signer *signer = signer_of(*how.text);
        struct piece header = take_until(&rest, '\n');
        struct piece edits = take_until(&rest, '\n');
        make(&made, *how.text, signer, header, edits, rest);
        judge_made(&made, signer, header, rest);
        free(made.text);
        free(made.original);
    }
    must_hold(++count % 64 != 0 || good_token_passes(), "the good token still passes");
    return 0;
}
