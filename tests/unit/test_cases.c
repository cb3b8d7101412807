/* SPDX-License-Identifier: MIT */
/* The hostile cases of tests/cases, each judged in this process: by the credentials, by the
 * verifier, and by the requirement where there is one. hostile-mint sends the same to servers. */
#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "door/credentials.h"
#include "jose/base64url.h"
#include "json/json.h"
#include "keys/boundkeys.h"
#include "policy/requirement.h"
#include "token/claims.h"
#include "token/header.h"

/* The configuration is for the cases' own issuer. */
#define API AUDIENCE
#include "token_test.h"

#define EVERY_ALG "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA"

/* What a family emits waits until its key sets are made: here. */
static struct waiting {
    struct waiting *next;
    int number;
    enum bearer_code code;
    const char *site;
    char *set;
    char *name;
    /* Of `fields`, up to NULL, all is the request's; else the token's, as it is or behind "Bearer
     * ". */
    char *fields[4];
    char *token;
    size_t length;
    bool raw, scoped;
} * first, **last = &first;

static struct named_set {
    struct named_set *next;
    char *name;
    struct keyset *keys;
} * sets;

static struct config *narrow;

/* Every site: the configuration and the good token. */
static struct site {
    const char *name;
    struct config *config;
    char *good;
} all_sites[20];
static size_t site_count;
static struct requirement scope_required;

static const struct site *site_of(const char *name)
{
    size_t i = 0;
    while (i < site_count && strcmp(all_sites[i].name, name) != 0) {
        i++;
    }
    if (i == site_count) {
        cases_bail("no such site");
    }
    return &all_sites[i];
}

/* `good`: NULL for the world's. */
static struct config *add_site(const char *name, struct config *config, char *good)
{
    if (site_count == sizeof all_sites / sizeof all_sites[0]) {
        cases_bail("too many sites");
    }
    all_sites[site_count++] = (struct site){name, config, good};
    return config;
}

static struct waiting *wait_for(int number, enum bearer_code code, const char *format, va_list args)
    __attribute__((format(printf, 3, 0)));
static struct waiting *wait_for(int number, enum bearer_code code, const char *format, va_list args)
{
    struct waiting *row = calloc(1, sizeof *row);
    if (row == NULL) {
        cases_bail("out of memory");
    }
    *last = row;
    last = &row->next;
    row->number = number;
    row->code = code;
    row->site = world.site;
    row->set = text_of("%s", world.set);
    row->name = vtext_of(format, args);
    row->scoped = strcmp(world.path, "/private-scoped") == 0;
    return row;
}

void emit(int number, enum bearer_code code, char *token, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    wait_for(number, code, format, args)->token = token;
    va_end(args);
}

void emit_refused(int number, unsigned status, enum bearer_code code, char *token,
                  const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct waiting *row = wait_for(number, code, format, args);
    va_end(args);
    (void)status;
    row->token = token;
    row->length = strlen(token);
    row->raw = true;
}

void emit_raw(int number, enum bearer_code code, const char *token, size_t length,
              const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct waiting *row = wait_for(number, code, format, args);
    va_end(args);
    row->token = malloc(length);
    if (row->token == NULL) {
        cases_bail("out of memory");
    }
    memcpy(row->token, token, length);
    row->length = length;
    row->raw = true;
}

void emit_fields(int number, enum bearer_code code, char *fields[], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct waiting *row = wait_for(number, code, format, args);
    va_end(args);
    for (size_t i = 0; fields[i] != NULL; i++) {
        row->fields[i] = fields[i];
    }
}

/* Nobody but servers knows of bodies. */
void emit_body(int number, unsigned status, const char *body, const char *format, ...)
{
    (void)number;
    (void)status;
    (void)body;
    (void)format;
}

/* The reasons for which keys are skipped, in their order, one a line. */
static void skipped(void *context, size_t index, const char *kid, size_t kid_length,
                    enum jwk_fit fit)
{
    (void)kid;
    (void)kid_length;
    if (fit != JWK_ELIGIBLE) {
        fprintf(context, "key %zu: %s\n", index + 1, jwk_fit_text(fit));
    }
}

void emit_set(const char *name, const struct key_row *rows, size_t count)
{
    char *said = NULL, *expected = NULL, *text = NULL;
    size_t said_length = 0, expected_length = 0, length = 0;
    struct diag diag = {""};
    FILE *document = open_memstream(&text, &length);
    FILE *wanted = open_memstream(&expected, &expected_length);
    FILE *got = open_memstream(&said, &said_length);
    char *rsa = test_key_jwk(world.rsa);
    struct named_set *set = calloc(1, sizeof *set);
    if (document == NULL || wanted == NULL || got == NULL || set == NULL) {
        cases_bail("out of memory");
    }
    fputs("{\"keys\":[", document);
    for (size_t i = 0; i < count; i++) {
        fprintf(document, "%s,", rows[i].jwk);
        skipped(wanted, i, NULL, 0, rows[i].fit);
        free(rows[i].jwk);
    }
    fprintf(document, "%s]}", rsa);
    fclose(document);
    fclose(wanted);
    const struct keyset_visitor visitor = {skipped, got};
    set->keys = keyset_parse(text, length, site_of(world.site)->config->algs, &visitor, &diag);
    if (set->keys != NULL) { /* as a worker does that reads it */
        boundkeys_drop(set->keys, site_of(world.site)->config, &diag);
    }
    fclose(got);
    is_string(said, expected, "set %s: each key is taken or skipped for its reason", name);
    ok(set->keys != NULL, "set %s: there is one %s", name, diag.text);
    set->name = text_of("%s", name);
    set->next = sets;
    sets = set;
    free(rsa);
    free(text);
    free(said);
    free(expected);
}

void emit_document(const char *name, const char *text, const char *why)
{
    struct diag diag = {""};
    struct keyset *keys = keyset_parse(text, strlen(text), narrow->algs, NULL, &diag);
    if (!ok(keys == NULL && (*text == '\0' || strstr(diag.text, why) != NULL), "%s is refused: %s",
            name, why)) {
        printf("# got \"%s\"\n", diag.text);
    }
    keyset_free(keys);
}

/* The credentials of a request with these header fields. */
static enum bearer_code credentials(char *const fields[], const char **text, size_t *length)
{
    static const char name[] = "Authorization";
    struct credentials shown = {0};
    unsigned times = 0;
    for (; *fields != NULL; fields++) {
        const char *value = *fields + sizeof name - 1;
        if (strncmp(*fields, name, sizeof name - 1) == 0 && *value != ';') {
            shown.authorization = value + 1 + strspn(value + 1, " ");
            times++;
        }
    }
    shown.twice = times > 1;
    return credentials_token(&shown, text, length);
}

/* Whether claims_check() says the same of the payload alone, and keys would be fetched for what
 * fits. */
static bool claims_agree(const char *text, size_t length, enum bearer_code expected)
{
    bool fits =
        expected < BEARER_CLAIMS_JSON || expected > BEARER_EXPIRED; /* iss, aud and exp do */
    unsigned char octets[2][BASE64URL_DECODED_MAX(TOKEN_MAX)];
    size_t lengths[2];
    struct header header;
    const char *dots[2] = {memchr(text, '.', length), NULL};
    dots[1] = memchr(dots[0] + 1, '.', length - (size_t)(dots[0] + 1 - text));
    if (!base64url_decode(text, (size_t)(dots[0] - text), octets[0], &lengths[0]) ||
        !base64url_decode(dots[0] + 1, (size_t)(dots[1] - dots[0] - 1), octets[1], &lengths[1]) ||
        header_check(octets[0], lengths[0], judge_config, &header) != BEARER_OK) {
        return false;
    }
    struct json_object *claims = js_parse((const char *)octets[1], lengths[1], NULL);
    enum bearer_code code = claims == NULL
                                ? BEARER_CLAIMS_JSON
                                : claims_check(claims, judge_config, NOW, header.access_token);
    bool worth = claims != NULL && claims_worth_fetching(claims, judge_config, NOW);
    js_free(claims);
    return code == expected && worth == fits;
}

/* One line of the test: it gets exactly what the case says; what is refused yields no claims, the
 * source of keys is asked no more than it has to be, and the good token passes after it (case
 * 130). */
static void judge_waiting(const struct waiting *row)
{
    const char *text = row->token != NULL ? row->token : "";
    size_t length = row->length;
    enum bearer_code code = BEARER_OK;
    struct token token = {0};
    bool rightly = true;
    bool agree = true;
    char *field =
        row->token != NULL && !row->raw ? text_of("Authorization: Bearer %s", row->token) : NULL;
    if (!row->raw) {
        code = credentials(field != NULL ? (char *[]){field, NULL} : row->fields, &text, &length);
    }
    if (code == BEARER_OK) {
        enum bearer_code expected = row->code == BEARER_NOT_GRANTED ? BEARER_OK : row->code;
        code = verify_at(judge_config, text, length, &token);
        rightly = asked_rightly(code);
        agree = (expected != BEARER_OK && expected < BEARER_CLAIMS_JSON) ||
                claims_agree(text, length, expected);
    }
    bool held_back = code == BEARER_OK ||
                     (token.claims == NULL && token.payload == NULL && token.payload_length == 0);
    if (code == BEARER_OK && row->scoped) {
        const struct requirement_facts facts = {.claims = token.claims};
        code = requirement_check(&scope_required, &facts, NULL);
    }
    token_clear(&token);
    bool good_after = good_token_passes();
    if (!ok(code == row->code && held_back && rightly && agree && good_after,
            "case %d: %.200s (%s)", row->number, row->name, row->site)) {
        printf("# got %s, expected %s%s%s%s%s\n", bearer_outcome(code)->reason,
               bearer_outcome(row->code)->reason,
               held_back ? "" : "; what was refused yielded claims",
               rightly ? "" : "; the key source was asked too much or not at all",
               agree ? "" : "; the claims alone are judged otherwise",
               good_after ? "" : "; the good token was refused after it");
    }
    free(field);
}

/* Judges and releases what waits: the rows of a family, whose key sets are there now. */
static void judge_family(const char *name)
{
    (void)name;
    while (first != NULL) {
        struct waiting *row = first;
        const struct named_set *set = sets;
        while (set != NULL && strcmp(set->name, row->set) != 0) {
            set = set->next;
        }
        judge_config = site_of(row->site)->config;
        good_token = site_of(row->site)->good != NULL ? site_of(row->site)->good : world.good;
        if (set != NULL) { /* none: a document that is refused, behind which the old keys stay */
            source.set = set->keys;
            judge_waiting(row);
        }
        first = row->next;
        for (size_t i = 0; i < sizeof row->fields / sizeof row->fields[0]; i++) {
            free(row->fields[i]);
        }
        free(row->token);
        free(row->name);
        free(row->set);
        free(row);
    }
    last = &first;
}

int main(void)
{
    struct diag diag = {""};
    narrow = add_site("narrow", test_config("RS256", "0", NULL), NULL);
    add_site("wide", test_config(EVERY_ALG, "0", NULL), NULL);
    add_site("lenient", test_config("RS256", "5", NULL), NULL);
    requirement_parse("scope=read:messages", &scope_required, &diag);
    world.bait = "https://evil.test/";
    world.witness = "/nonexistent/witness";
    world_make(IN_PROCESS, NOW);
    for (const struct case_site *site = profile_sites; site->name != NULL; site++) {
        size_t length = 0;
        char *claims = expanded(site->claims, NULL, &length);
        add_site(site->name, test_config("RS256", "0", site->settings), sign(GOOD_HEADER, claims));
        free(claims);
    }
    world_run(judge_family);
    judge_family(NULL);
    while (sets != NULL) {
        struct named_set *set = sets;
        sets = set->next;
        keyset_free(set->keys);
        free(set->name);
        free(set);
    }
    for (size_t i = 0; i < site_count; i++) {
        config_free(all_sites[i].config);
        free(all_sites[i].good);
    }
    world_free();
    return tap_done();
}
