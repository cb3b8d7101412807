/* SPDX-License-Identifier: MIT */
/* What the fuzzers of requests share: a service with a key of its own, tokens for it, and the
 * judgement on an answer. */
#ifndef FUZZ_SITE_H
#define FUZZ_SITE_H

#include "fuzz.h"

#include <strings.h>

#include "app/app.h"
#include "json/json.h"

#include "../unit/keys.h"
#include "../unit/tempdir.h"

#define ISSUER "https://issuer.test/"
#define API    "https://api.test"
#define ORIGIN "https://app.test"
#define HEADER "{\"alg\":\"EdDSA\",\"kid\":\"ed-1\"}"

/* What all tokens say, and the one that is good. */
#define SITE_CLAIMS                         \
    "\"iss\":\"" ISSUER "\",\"aud\":\"" API \
    "\",\"sub\":\"a\\r\\nX: \\u00e9\",\"scope\":\"read:messages b\",\"permissions\":[\"p\"]"
#define SITE_PAYLOAD "{" SITE_CLAIMS ",\"exp\":4102444800}"

static struct bearer_app site;
static char *good;    /* a token that is good until 2100 */
static char *expired; /* one that is not any more */
static char *forged;  /* one signed by another key of that name */

/* What was sent, and what was logged, for the last request. */
static struct gathered {
    char bytes[65536];
    size_t length;
} answered, logged;

static void collect(void *context, const char *bytes, size_t length)
{
    struct gathered *text = context;
    must_hold(length < sizeof text->bytes - text->length, "answers and logs are short");
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

static bool site_flush(void *context)
{
    (void)context;
    return true;
}

static void site_cut(void *context)
{
    (void)context;
    must_hold(false, "every answer is whole");
}

static void site_wait(void *context, enum wire_wait wait, unsigned handler, unsigned stream)
{
    (void)context;
    (void)wait;
    must_hold(handler > 0 && stream > 0, "who is waited for has time");
}

__attribute__((unused)) static const struct wire site_wire = {.out = {collect, &answered},
                                                              .err = {collect, &logged},
                                                              .flush = site_flush,
                                                              .cut = site_cut,
                                                              .wait = site_wait};

/* The endpoints of bearer.fcgi. */
static int site_greet(struct bearer_call *call, void *state)
{
    (void)state;
    return bearer_reply(call, 200, "application/json", "{}", 2);
}

static int site_claims(struct bearer_call *call, void *state)
{
    size_t length = 0;
    const char *claims = bearer_claims(call, &length);
    (void)state;
    return bearer_reply(call, 200, "application/json", claims, length);
}

static char site_keys[4200];
static char *site_environment[] = {(char[]){"BEARER_CONFIG="},
                                   (char[]){"AUTH0_ISSUER=" ISSUER},
                                   (char[]){"AUTH0_API_AUDIENCE=" API},
                                   (char[]){"AUTH0_ALGORITHMS=EdDSA"},
                                   (char[]){"BEARER_CACHE_DIR=/nonexistent"},
                                   (char[]){"BEARER_LOG_LEVEL=debug"},
                                   (char[]){"BEARER_FORWARD_CLAIMS=aud permissions"},
                                   (char[]){"BEARER_CORS_ORIGINS=" ORIGIN},
                                   (char[]){"BEARER_DOCS=/ui"},
                                   site_keys,
                                   NULL};

static void site_make(void)
{
    struct test_key *key = test_key_new(JWA_EDDSA, "ed-1");
    struct test_key *stranger = test_key_new(JWA_EDDSA, "ed-1");
    good = test_key_sign(key, JWA_EDDSA, HEADER, SITE_PAYLOAD);
    expired = test_key_sign(key, JWA_EDDSA, HEADER, "{" SITE_CLAIMS ",\"exp\":1000000000}");
    forged = test_key_sign(stranger, JWA_EDDSA, HEADER, SITE_PAYLOAD);
    char *jwks[] = {test_key_jwk(key)};
    char *document = test_jwks(jwks, 1);
    tempdir_make();
    make_directory(at("keys"), 0755);
    snprintf(site_keys, sizeof site_keys, "BEARER_JWKS_URI=file://%s",
             put(at("keys/jwks.json"), document));
    free(document);
    test_key_free(key);
    test_key_free(stranger);
    must_hold(app_begin(&site, NULL), "memory");
    bearer_app_route(&site, "GET", "/public", BEARER_PUBLIC, site_greet, NULL);
    bearer_app_route(&site, "GET", "/private", "valid-token", site_claims, NULL);
    bearer_app_route(&site, "GET", "/private-scoped", "scope=read:messages", site_claims, NULL);
    must_hold(site.error.text[0] == '\0', "routes: %s", site.error.text);
    guard_start(&site.guard, site_environment, true, NULL);
    must_hold(site.guard.live.profiles != NULL, "a site: %s", site.guard.live.config_error.text);
}

/* Whether `value` is `Bearer` and this token. */
__attribute__((unused)) static bool shows(const char *value, const char *token)
{
    return value != NULL && strncasecmp(value, "Bearer ", 7) == 0 &&
           strcmp(value + 7 + strspn(value + 7, " "), token) == 0;
}

/* The text with @T, @X and @F replaced by the good, the expired and the forged token, \n by a line
 * end and \r by a carriage return. The caller's. */
static char *expanded(struct piece text)
{
    size_t longest = strlen(good) + strlen(expired) + strlen(forged);
    size_t tokens = 0;
    for (size_t i = 0; i < text.length; i++) {
        tokens += text.text[i] == '@' ? 1 : 0;
    }
    char *out = have(calloc(text.length + tokens * longest + 1, 1));
    size_t used = 0;
    for (size_t i = 0; i < text.length; i++) {
        char next = i + 1 < text.length ? text.text[i + 1] : '\0';
        const char *token = next == 'T'   ? good
                            : next == 'X' ? expired
                            : next == 'F' ? forged
                                          : NULL;
        if (text.text[i] == '@' && token != NULL) {
            memcpy(out + used, token, strlen(token));
            used += strlen(token);
            i++;
        } else if (text.text[i] == '\\' && (next == 'n' || next == 'r')) {
            out[used++] = next == 'n' ? '\n' : '\r';
            i++;
        } else {
            out[used++] = text.text[i];
        }
    }
    out[used] = '\0';
    return out;
}

/* Every line of the log can be read by a person, and none holds a token. */
__attribute__((unused)) static void check_log(void)
{
    struct piece rest = {logged.bytes, logged.length};
    must_hold(logged.length == 0 || logged.bytes[logged.length - 1] == '\n', "whole lines");
    while (rest.length > 0) {
        char *line = string_copy(take_until(&rest, '\n'));
        must_hold(is_message(line) && strncmp(line, "fcgi-bearer: ", 13) == 0,
                  "a line for a log: %s", line);
        must_hold(strstr(line, strrchr(good, '.')) == NULL &&
                      strstr(line, strrchr(forged, '.')) == NULL &&
                      strstr(line, strrchr(expired, '.')) == NULL,
                  "no token in a log");
        free(line);
    }
}

/* An answer, read. */
struct answer {
    unsigned status;
    /* it says that a page of ORIGIN may read it */
    bool named;
    /* it has a WWW-Authenticate */
    bool challenge;
    /* how many Variable- lines */
    unsigned variables;
    /* one of them names a user */
    bool somebody;
    /* Content-Length */
    size_t announced;
    const char *body;
    size_t body_length;
};

static void read_header(const char *line, struct answer *answer)
{
    static const char *const known[] = {
        "WWW-Authenticate: ",
        "Allow: ",
        "Retry-After: ",
        "Cache-Control: no-store",
        "Variable-",
        "X-Content-Type-Options: nosniff",
        "Content-Type: application/json",
        "Content-Length: ",
        ("Access-Control-Allow-Origin: " ORIGIN),
        "Access-Control-Expose-Headers: WWW-Authenticate, Retry-After",
        "Access-Control-Allow-Methods: GET, HEAD, OPTIONS",
        "Access-Control-Allow-Headers: Authorization, Content-Type",
        "Access-Control-Max-Age: 600",
        "Vary: Origin",
        "Content-Type: text/html; charset=utf-8",
        "Content-Security-Policy: default-src 'none'; script-src 'self' 'sha256-"};
    size_t i = 0;
    while (i < sizeof known / sizeof known[0] && strncmp(line, known[i], strlen(known[i])) != 0) {
        i++;
    }
    must_hold(i < sizeof known / sizeof known[0], "a header that we send: %s", line);
    must_hold(is_message(line), "a printable header");
    answer->challenge = answer->challenge || i == 0;
    answer->variables += i == 4 ? 1 : 0;
    answer->somebody =
        answer->somebody || (strncmp(line, "Variable-BEARER_SUB: ", 21) == 0 && line[21] != '\0');
    answer->named = answer->named || i == 8;
    if (i == 7) {
        answer->announced = strtoul(line + strlen(known[i]), NULL, 10);
    }
}

/* Reads one answer (RFC 3875, section 6), which must be one of "The answers" of doc/design.md. */
static struct answer read_answer(const char *bytes, size_t length)
{
    struct answer answer = {0};
    const char *end = memmem(bytes, length, "\r\n\r\n", 4);
    must_hold(end != NULL && strncmp(bytes, "Status: ", 8) == 0, "a head");
    answer.status = (unsigned)strtoul(bytes + 8, NULL, 10);
    answer.body = end + 4;
    answer.body_length = length - (size_t)(answer.body - bytes);
    const char *line = bytes;
    while (line < end) {
        const char *stop = memmem(line, (size_t)(end + 2 - line), "\r\n", 2);
        char *copy = string_copy((struct piece){line, (size_t)(stop - line)});
        if (line != bytes) {
            read_header(copy, &answer);
        }
        free(copy);
        line = stop + 2;
    }
    static const unsigned statuses[] = {200, 204, 400, 401, 403, 404, 405, 500, 503};
    bool known = false;
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        known = known || statuses[i] == answer.status;
    }
    must_hold(known, "a status of the table: %u", answer.status);
    must_hold(answer.status == 400 ||
                  answer.challenge == (answer.status == 401 || answer.status == 403),
              "a challenge where one belongs");
    must_hold(answer.body_length == 0 || answer.body_length == answer.announced,
              "as long as it says");
    must_hold(answer.variables == 0 ||
                  (answer.status == 200 && answer.variables == 12 && answer.body_length == 0),
              "variables on an authorizer's yes, all of them");
    return answer;
}

/* The claims of the good token, as body or as variables: only who shows it gets them. */
static bool is_private(const struct answer *answer)
{
    bool claims = answer->body_length == strlen(SITE_PAYLOAD) &&
                  memcmp(answer->body, SITE_PAYLOAD, answer->body_length) == 0;
    return claims || answer->somebody;
}

#endif
