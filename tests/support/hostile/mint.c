/* hostile-mint SERVER DIR NARROW WIDE BAIT WITNESS: makes keys, and for the list of hostile cases everything that is sent, byte by byte.
 *
 * SERVER is lighttpd or apache, NARROW and WIDE are the URLs of the API with only RS256 and with every algorithm configured, BAIT is a URL
 * that a forged token names, WITNESS a file that one tries to make. Into DIR:
 *
 *   table                    a row for each variant, its columns separated by tabs: id, group, number of the case, name, status, reason
 *                            (`-`: no line of the log), challenge, body (`*`: any)
 *   NNN.FAMILY.SITE.SET.curl the variants of one group, each followed by the good token: a configuration for curl, which prints for each
 *                            body, status, challenge, a header that no answer has, and the id (`ID+` of a good token), separated by
 *                            octet 1 and ended by octet 30
 *   raw/ID                   a request that curl cannot send
 *   sets/SET.json            a key set, SET.skipped what `bearerctl refresh` says about its keys, SET.refused why it does not take it
 *   flood.curl               case 68
 *   good                     the good token, good.claims what was signed with it
 *   seconds/N.5, seconds/N   tokens whose exp is half a second after second N, and at N, for the next two minutes */
#include "mint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define SECONDS 120

struct mint mint = {.site = "narrow", .set = "main", .path = "/private"};

static const char *directory;

void mint_bail(const char *what)
{
    fprintf(stderr, "hostile-mint: %s\n", what);
    exit(1);
}

char *vtext_of(const char *format, va_list args)
{
    char *text = NULL;
    if (vasprintf(&text, format, args) < 0) {
        mint_bail("out of memory");
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

FILE *open_in(const char *name, const char *mode)
{
    char *path = text_of("%s/%s", directory, name);
    FILE *file = fopen(path, mode);
    if (file == NULL) {
        perror(path);
        mint_bail("no file");
    }
    free(path);
    return file;
}

void closed(FILE *file)
{
    if (ferror(file) != 0 || fclose(file) != 0) {
        mint_bail("a file could not be written");
    }
}

void split(const char *token, char *segments[3])
{
    segments[0] = text_of("%s", token);
    for (int i = 1; i < 3; i++) {
        char *dot = strchr(segments[i - 1], '.');
        if (dot == NULL) {
            mint_bail("no token to split");
        }
        *dot = '\0';
        segments[i] = dot + 1;
    }
}

char *sign(const char *header, const char *claims)
{
    return test_key_sign(mint.rsa, JWA_RS256, header, claims);
}

void emit_set(const char *name, const struct key_row *rows, size_t count)
{
    char *path = text_of("sets/%s.skipped", name);
    FILE *said = open_in(path, "w");
    free(path);
    path = text_of("sets/%s.json", name);
    FILE *document = open_in(path, "w");
    free(path);
    char *rsa = test_key_jwk(mint.rsa);
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
                mint_bail("two reasons have one text");
            }
        }
    }
}

/* The set "main": what most cases run with. */
static void make_keys(void)
{
    static const enum jwa curves[] = {JWA_ES256, JWA_ES384, JWA_ES512};
    static const char *const kids[] = {"ec-256", "ec-384", "ec-521"};
    mint.rsa = test_key_new(JWA_RS256, "rsa-1");
    mint.other = test_key_new(JWA_RS256, "rsa-2");
    mint.attacker = test_key_new(JWA_RS256, "evil");
    mint.ed = test_key_new(JWA_EDDSA, "ed-1");
    for (int i = 0; i < 3; i++) {
        mint.ec[i] = test_key_new(curves[i], kids[i]);
    }
    struct test_key *bound = test_key_again(mint.other, "rsa-bound");
    for (int wide_site = 0; wide_site < 2; wide_site++) {
        enum jwk_fit fit = wide_site ? JWK_ELIGIBLE : JWK_NO_ALG;
        const struct key_row rows[] = {
            {test_key_jwk(mint.other), "rsa-2", JWK_ELIGIBLE},
            {test_key_jwk_with(bound, "\"use\":\"sig\",\"alg\":\"RS256\","), "rsa-bound", JWK_ELIGIBLE},
            {test_key_jwk(mint.ec[0]), "ec-256", fit},
            {test_key_jwk(mint.ec[1]), "ec-384", fit},
            {test_key_jwk(mint.ec[2]), "ec-521", fit},
            {test_key_jwk(mint.ed), "ed-1", fit},
        };
        emit_set(wide_site ? "main-wide" : "main", rows, sizeof rows / sizeof rows[0]);
    }
    emit_set("single", NULL, 0);
    test_key_free(bound);
}

static void write_text(char *name, const char *text)
{
    FILE *file = open_in(name, "w");
    fputs(text, file);
    closed(file);
    free(name);
}

static void make_good(void)
{
    mint.now = time(NULL);
    mint.claims = text_of("\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\",\"sub\":\"auth0|1\",\"exp\":%lld",
                          (long long)mint.now + 3600);
    mint.good_claims = text_of("{%s}", mint.claims);
    mint.good = sign(GOOD_HEADER, mint.good_claims);
    write_text(text_of("good"), mint.good);
    write_text(text_of("good.claims"), mint.good_claims);
}

/* Cases 105 and 106, to the second. */
static void make_seconds(void)
{
    const int64_t start = time(NULL);
    for (int64_t second = start - 1; second < start + SECONDS; second++) {
        for (int half = 0; half < 2; half++) {
            const char *fraction = half ? ".5" : "";
            char *claims = text_of("{\"iss\":\"" ISSUER "\",\"aud\":\"" AUDIENCE "\",\"exp\":%lld%s}",
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
        mint_bail("no directory");
    }
    free(path);
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        mint_bail("usage: hostile-mint lighttpd|apache DIR NARROW WIDE BAIT WITNESS");
    }
    mint.server = strcmp(argv[1], "apache") == 0 ? APACHE : LIGHTTPD;
    directory = argv[2];
    mint.bait = argv[5];
    mint.witness = argv[6];
    check_texts();
    make_directory("");
    make_directory("/raw");
    make_directory("/sets");
    make_directory("/seconds");
    emit_begin(argv[3], argv[4]);
    make_keys();
    make_good();
    emit_family("framing");
    family_framing();
    emit_family("header");
    family_header();
    emit_family("algorithm");
    family_algorithm();
    emit_family("extensions");
    family_extensions();
    emit_family("kid");
    family_kid();
    emit_family("signature");
    family_signature();
    emit_family("padding");
    family_padding();
    emit_family("jwks");
    family_jwks();
    emit_family("many");
    family_many();
    emit_family("documents");
    family_documents();
    emit_family("claims");
    family_claims();
    emit_end();
    flood(argv[3]);
    make_seconds();
    return 0;
}
