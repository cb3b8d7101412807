/* SPDX-License-Identifier: MIT */
/* hostile-mint profiles DIR KEYS: writes the configuration of a server with profiles into DIR,
 * NAME.env for each: default is issuer ONE, two and twin are issuer TWO (issuers.h), and the others
 * what profile.c has. Their keys are at KEYS, an address that ends with a slash.
 *
 * hostile-mint SERVER DIR NARROW WIDE PROFILES BAIT WITNESS: makes keys, and for the hostile cases
 * everything that is sent, byte by byte.
 *
 * SERVER is lighttpd or apache, NARROW, WIDE and PROFILES are the URLs of the API with only RS256,
 * with every algorithm and with profiles configured, BAIT is a URL that a forged token names, WITNESS
 * a file that one tries to make. Into DIR:
 *
 *   table                    a row for each variant, its columns separated by tabs: id, group, number of the case, name, status, reason
 *                            (`-`: no line of the log), challenge, body (`*`: any)
 *   NNN.FAMILY.SITE.SET.curl the variants of one group, each followed by the good token: a configuration for curl, which prints for each
 *                            body, status, challenge, a header that no answer has, and the id (`ID+` of a good token), separated by
 *                            octet 1 and ended by octet 30
 *   raw/ID                   a request that curl cannot send
 *   sets/SET.json            a key set, SET.skipped what `bearerctl refresh` says about its keys, SET.refused why it does not take it
 *   flood.curl               case 68
 *   good                     the good token, good.claims what was signed with it; goods/PROFILES that of what is good there
 *   one.json, two.json       the keys of both issuers
 *   seconds/N.5, seconds/N   tokens whose exp is half a second after second N, and at N, for the next two
 * minutes */
#include "mint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "issuers.h"

#define SECONDS 120

static const char *directory;

FILE *open_in(const char *name, const char *mode)
{
    char *path = text_of("%s/%s", directory, name);
    FILE *file = fopen(path, mode);
    if (file == NULL) {
        perror(path);
        cases_bail("no file");
    }
    free(path);
    return file;
}

void closed(FILE *file)
{
    if (ferror(file) != 0 || fclose(file) != 0) {
        cases_bail("a file could not be written");
    }
}

void emit_set(const char *name, const struct key_row *rows, size_t count)
{
    char *path = text_of("sets/%s.skipped", name);
    FILE *said = open_in(path, "w");
    free(path);
    path = text_of("sets/%s.json", name);
    FILE *document = open_in(path, "w");
    free(path);
    char *rsa = test_key_jwk(world.rsa);
    fputs("{\"keys\":[\n", document);
    for (size_t i = 0; i < count; i++) {
        fprintf(document, "%s,\n", rows[i].jwk);
        if (rows[i].fit != JWK_ELIGIBLE) {
            fprintf(said, "key %zu, kid \"%s\", is skipped: %s\n", i + 1, rows[i].kid,
                    jwk_fit_text(rows[i].fit));
        }
        free(rows[i].jwk);
    }
    fprintf(document, "%s]}\n", rsa);
    free(rsa);
    closed(document);
    closed(said);
}

void emit_document(const char *name, const char *text, const char *why)
{
    char *path = text_of("sets/%s.json", name);
    FILE *file = open_in(path, "w");
    fputs(text, file);
    closed(file);
    free(path);
    path = text_of("sets/%s.refused", name);
    file = open_in(path, "w");
    fprintf(file, "%s\n", why);
    closed(file);
    free(path);
}

/* The answer tells the cases apart only if no two reasons have the same text. */
static void check_texts(void)
{
    for (unsigned i = 0; i < BEARER_CODE__MAX; i++) {
        for (unsigned j = i + 1; j < BEARER_CODE__MAX; j++) {
            const struct bearer_outcome *one = bearer_outcome((enum bearer_code)i);
            const struct bearer_outcome *other = bearer_outcome((enum bearer_code)j);
            if (strcmp(one->text, other->text) == 0 || strcmp(one->reason, other->reason) == 0) {
                cases_bail("two reasons have one text");
            }
        }
    }
}

static void write_text(char *name, const char *text)
{
    FILE *file = open_in(name, "w");
    fputs(text, file);
    closed(file);
    free(name);
}

/* Cases 105 and 106, to the second. */
static void make_seconds(void)
{
    const int64_t start = time(NULL);
    for (int64_t second = start - 1; second < start + SECONDS; second++) {
        for (int half = 0; half < 2; half++) {
            const char *fraction = half ? ".5" : "";
            char *claims =
                text_of("{\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\",\"exp\":%lld%s}",
                        (long long)second, fraction);
            char *token = sign(GOOD_HEADER, claims);
            write_text(text_of("seconds/%lld%s", (long long)second, fraction), token);
            free(token);
            free(claims);
        }
    }
}

static void make_directory(const char *name)
{
    char *path = text_of("%s%s", directory, name);
    if (mkdir(path, 0755) != 0) {
        perror(path);
        cases_bail("no directory");
    }
    free(path);
}

static void write_profile(const char *name, const char *issuer, const char *audience,
                          const char *keys, const char *const *settings)
{
    char *path = text_of("%s.env", name);
    FILE *file = open_in(path, "w");
    free(path);
    fprintf(file, "AUTH0_API_AUDIENCE=\"%s\"\nBEARER_JWKS_URI=%s\n", audience, keys);
    for (; settings != NULL && *settings != NULL; settings++) {
        fprintf(file, "%s\n", *settings);
        issuer = strncmp(*settings, "AUTH0_ISSUER=", 13) == 0 ? NULL : issuer;
    }
    if (issuer != NULL) {
        fprintf(file, "AUTH0_ISSUER=%s\n", issuer);
    }
    closed(file);
}

static void write_profiles(const char *keys)
{
    char *of_one = text_of("%sone.json", keys);
    char *of_two = text_of("%stwo.json", keys);
    char *of_all = text_of("%s.well-known/jwks.json", keys);
    write_profile("default", ONE, "api", of_one, NULL);
    write_profile("two", TWO, "api", of_two, NULL);
    write_profile("twin", TWO, "other", of_two, NULL);
    for (const struct case_site *site = profile_sites; site->name != NULL; site++) {
        if (strcmp(site->name, GUARD_SITE) != 0) {
            write_profile(site->name, ISSUER, AUDIENCE " " SECOND, of_all, site->settings);
        }
    }
    free(of_one);
    free(of_two);
    free(of_all);
}

/* What is good where profiles are, and the keys of both issuers. */
static void make_profiles(void)
{
    static const char *const names[] = {"one.json", "two.json"};
    for (unsigned i = BY_ONE; i <= BY_TWO; i++) {
        struct test_key *key = issuer_key(i);
        char *document = test_jwks((char *[]){test_key_jwk(key)}, 1);
        write_text(text_of("%s", names[i]), document);
        free(document);
        test_key_free(key);
    }
    for (const char *const *site = issuer_sites; *site != NULL; site++) {
        const char *claims = NULL;
        char *token = issuer_good(*site, &claims);
        emit_good(*site, token, claims);
    }
    for (const struct case_site *site = profile_sites; site->name != NULL; site++) {
        size_t length = 0;
        char *claims = expanded(site->claims, NULL, &length);
        emit_good(site->name, sign(GOOD_HEADER, claims), claims);
        free(claims);
    }
}

/* Case 68: as many kids as there are requests. The claims fit, so that each of them is worth a
 * fetch, but for the cooldown. */
static void flood(const char *url)
{
    static const unsigned char signature[256] = {1};
    FILE *file = open_in("flood.curl", "w");
    for (unsigned i = 0; i < 10000; i++) {
        char *header = text_of("{\"alg\":\"RS256\",\"kid\":\"flood-%u\"}", i);
        char *token = test_token(header, world.good_claims, signature, sizeof signature);
        fprintf(
            file,
            "next\nurl = \"%s/private\"\nmax-time = 60\nnoproxy = \"*\"\nheader = \"Authorization: "
            "Bearer %s\"\n"
            "output = \"/dev/null\"\nwrite-out = \"%%{http_code} %%header{www-authenticate}\\n\"\n",
            url, token);
        free(token);
        free(header);
    }
    closed(file);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "profiles") == 0) {
        directory = argv[2];
        write_profiles(argv[3]);
        return 0;
    }
    if (argc != 8) {
        cases_bail(
            "usage: hostile-mint profiles DIR KEYS | lighttpd|apache DIR NARROW WIDE PROFILES "
            "BAIT WITNESS");
    }
    directory = argv[2];
    world.bait = argv[6];
    world.witness = argv[7];
    check_texts();
    make_directory("");
    make_directory("/goods");
    make_directory("/raw");
    make_directory("/sets");
    make_directory("/seconds");
    emit_begin(argv[3], argv[4], argv[5]);
    world_make(strcmp(argv[1], "apache") == 0 ? APACHE : LIGHTTPD, time(NULL));
    write_text(text_of("good"), world.good);
    write_text(text_of("good.claims"), world.good_claims);
    make_profiles();
    world_run(emit_family);
    emit_end();
    flood(argv[3]);
    make_seconds();
    world_free();
    return 0;
}
