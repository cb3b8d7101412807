/* SPDX-License-Identifier: MIT */
/* What the families have in common: keys, the good token, and how a table becomes tokens. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases.h"

struct world world;

void cases_bail(const char *what)
{
    printf("Bail out! %s\n", what);
    fprintf(stderr, "hostile cases: %s\n", what);
    exit(99);
}

char *vtext_of(const char *format, va_list args)
{
    char *text = NULL;
    if (vasprintf(&text, format, args) < 0) {
        cases_bail("out of memory");
    }
    return text;
}

char *text_of(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = vtext_of(format, args);
    va_end(args);
    return text;
}

void split(const char *token, char *segments[3])
{
    segments[0] = text_of("%s", token);
    for (int i = 1; i < 3; i++) {
        char *dot = strchr(segments[i - 1], '.');
        if (dot == NULL) {
            cases_bail("no token to split");
        }
        *dot = '\0';
        segments[i] = dot + 1;
    }
}

char *sign(const char *header, const char *claims)
{
    return test_key_sign(world.rsa, JWA_RS256, header, claims);
}

char *nested(const char *before, int depth)
{
    char *text = text_of("{%s%*s}", before, 2 * (depth - 1), "");
    char *at = text + 1 + strlen(before);
    memset(at, '[', (size_t)depth - 1);
    memset(at + depth - 1, ']', (size_t)depth - 1);
    return text;
}

static const char *const kids[] = {"ec-256", "ec-384", "ec-521"};

/* The set "main": what most cases run with. */
static void make_keys(void)
{
    static const enum jwa curves[] = {JWA_ES256, JWA_ES384, JWA_ES512};
    world.rsa = test_key_new(JWA_RS256, "rsa-1");
    world.other = test_key_new(JWA_RS256, "rsa-2");
    world.attacker = test_key_new(JWA_RS256, "evil");
    world.ed = test_key_new(JWA_EDDSA, "ed-1");
    for (int i = 0; i < 3; i++) {
        world.ec[i] = test_key_new(curves[i], kids[i]);
    }
}

static void make_sets(void)
{
    struct test_key *bound = test_key_again(world.other, "rsa-bound");
    for (int wide = 0; wide < 2; wide++) {
        enum jwk_fit fit = wide ? JWK_ELIGIBLE : JWK_NO_ALG;
        set_key(test_key_jwk(world.other), "rsa-2", JWK_ELIGIBLE);
        set_key(test_key_jwk_with(bound, "\"use\":\"sig\",\"alg\":\"RS256\","), "rsa-bound",
                JWK_ELIGIBLE);
        for (int i = 0; i < 3; i++) {
            set_key(test_key_jwk(world.ec[i]), kids[i], fit);
        }
        set_key(test_key_jwk(world.ed), "ed-1", fit);
        world.site = wide ? "wide" : "narrow";
        set_end(wide ? "main-wide" : "main");
    }
    world.site = "narrow";
    set_end("single");
    test_key_free(bound);
}

void world_make(enum server server, int64_t now)
{
    world.server = server;
    world.now = now;
    make_keys();
    make_sets();
    world.claims =
        text_of("\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\",\"sub\":\"auth0|1\",\"exp\":%lld",
                (long long)now + 3600);
    world.good_claims = text_of("{%s}", world.claims);
    world.good = sign(GOOD_HEADER, world.good_claims);
}

void world_free(void)
{
    test_key_free(world.rsa);
    test_key_free(world.other);
    test_key_free(world.attacker);
    test_key_free(world.ed);
    for (int i = 0; i < 3; i++) {
        test_key_free(world.ec[i]);
    }
    free(world.claims);
    free(world.good_claims);
    free(world.good);
}

void world_run(void (*begin)(const char *name))
{
    static const struct {
        const char *name;
        void (*run)(void);
    } families[] = {{"framing", family_framing},
                    {"header", family_header},
                    {"algorithm", family_algorithm},
                    {"extensions", family_extensions},
                    {"kid", family_kid},
                    {"signature", family_signature},
                    {"padding", family_padding},
                    {"jwks", family_jwks},
                    {"many", family_many},
                    {"documents", family_documents},
                    {"claims", family_claims},
                    {"profile", family_profile},
                    {"issuer", family_issuer}};
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        world.site = "narrow";
        world.set = "main";
        world.path = "/private";
        begin(families[i].name);
        families[i].run();
    }
}

/* Writes the text with what EACH and the others stand for. */
static void expand(FILE *out, const char *text, const char *value)
{
    for (; *text != '\0'; text++) {
        char *end = NULL;
        switch (*text) {
        case '\1':
            expand(out, value != NULL ? value : "", NULL);
            break;
        case '\2':
            fprintf(out, "%lld", (long long)world.now + strtoll(text + 1, &end, 10));
            text = end;
            break;
        case '\3':
            fputs(world.claims, out);
            break;
        case '\4':
            fputc('\0', out);
            break;
        default:
            fputc(*text, out);
        }
    }
}

char *expanded(const char *text, const char *value, size_t *length)
{
    char *made = NULL;
    FILE *out = open_memstream(&made, length);
    if (out == NULL) {
        cases_bail("out of memory");
    }
    expand(out, text, value);
    fclose(out);
    return made;
}

static void emit_row(const struct case_row *row, const char *value)
{
    size_t header_length = 0, claims_length = 0, shown_length = 0;
    const char *shown = value != NULL ? value : row->header != NULL ? row->header : row->claims;
    char *header = expanded(row->header != NULL ? row->header : GOOD_HEADER, value, &header_length);
    char *claims =
        expanded(row->claims != NULL ? row->claims : "{" GOOD "}", value, &claims_length);
    char *name = expanded(row->name != NULL ? row->name : shown, NULL, &shown_length);
    emit(row->number, row->code,
         test_key_sign_octets(row->forged ? world.attacker : world.rsa, JWA_RS256, header,
                              header_length, claims, claims_length),
         "%.150s", *name != '\0' ? name : "nothing");
    free(header);
    free(claims);
    free(name);
}

void emit_rows(const struct case_row *rows, size_t count)
{
    static const char *const one[] = {NULL};
    for (size_t i = 0; i < count; i++) {
        if (rows[i].exact && world.server != IN_PROCESS) {
            continue;
        }
        const char *const *values = rows[i].values != NULL ? rows[i].values : one;
        do {
            emit_row(&rows[i], *values);
        } while (*values != NULL && *++values != NULL);
    }
}

#define KEYS_MAX 160

static struct key_row keys[KEYS_MAX];
static size_t key_count;

void set_key(char *jwk, const char *kid, enum jwk_fit fit)
{
    if (key_count == KEYS_MAX) {
        cases_bail("too many keys for one set");
    }
    keys[key_count++] = (struct key_row){.jwk = jwk, .kid = text_of("%s", kid), .fit = fit};
}

void set_end(const char *name)
{
    emit_set(name, keys, key_count);
    for (; key_count > 0; key_count--) {
        free(keys[key_count - 1].kid);
    }
}

void emit_by(int number, enum bearer_code code, const struct test_key *signer, enum jwa alg,
             const char *kid)
{
    char *header = text_of("{\"alg\":\"%s\",\"kid\":\"%s\"}", jwa_name(alg), kid);
    emit(number, code, test_key_sign(signer, alg, header, world.good_claims), "%s, kid %s",
         jwa_name(alg), kid);
    free(header);
}
