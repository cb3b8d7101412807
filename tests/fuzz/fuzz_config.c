/* SPDX-License-Identifier: MIT */
/* A configuration file and a process environment:
 *
 *     FILE \n%%\n ENVIRONMENT, one NAME=value a line
 *
 * What must hold: assignments are what the grammar says, and read the same when they are written
 * again; every message is one printable line, without the value of what is none of our settings;
 * what is accepted can be used as it is; and the environment made for `bearerctl refresh` gives it
 * again. */
#include "fuzz.h"

#include "base/cleanup.h"
#include "config/config_load.h"
#include "config/config_environment.h"
#include "config/config_file.h"

#include "../unit/tempdir.h"

#define SECRET "hunter2-Qz7xW9"

static char path[4200];
static int file_there = -1;
static char variable[4300];

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    tempdir_make();
    make_directory(at("etc"), 0755);
    snprintf(path, sizeof path, "%s", at("etc/bearer.env"));
    snprintf(variable, sizeof variable, "BEARER_CONFIG=%s", path);
    put(path, "");
    file_there = open(path, O_WRONLY | O_CLOEXEC);
    return 0;
}

/* ---- The grammar alone ---- */

struct lines {
    /* line of the last thing told */
    unsigned last;
    unsigned faults, assignments;
    /* the assignments again, one a line */
    char *written;
    size_t used, size;
};

static void write_again(struct lines *lines, const struct config_assignment *found)
{
    size_t room = found->name_length + 2 * strlen(found->value) + 8;
    if (lines->size - lines->used < room) {
        lines->size = (lines->size + room) * 2;
        lines->written = have(realloc(lines->written, lines->size));
    }
    char *to = lines->written + lines->used;
    memcpy(to, found->name, found->name_length);
    to += found->name_length;
    *to++ = '=';
    *to++ = '"';
    for (const char *from = found->value; *from != '\0'; from++) {
        if (*from == '"' || *from == '\\') {
            *to++ = '\\';
        }
        *to++ = *from;
    }
    *to++ = '"';
    *to++ = '\n';
    lines->used = (size_t)(to - lines->written);
}

static void assignment(void *context, const struct config_assignment *found)
{
    static const char digits[] = "0123456789";
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    struct lines *lines = context;
    must_hold(found->line > lines->last, "line by line");
    lines->last = found->line;
    lines->assignments++;
    must_hold(found->name_length > 0 && memchr(digits, *found->name, sizeof digits - 1) == NULL,
              "a name");
    for (size_t i = 0; i < found->name_length; i++) {
        must_hold(memchr(letters, found->name[i], sizeof letters - 1) != NULL, "a name");
    }
    must_hold(strpbrk(found->value, "\r\n") == NULL && strlen(found->value) <= CONFIG_LINE_MAX,
              "a value");
    write_again(lines, found);
}

static void fault(void *context, unsigned line, const char *why)
{
    struct lines *lines = context;
    must_hold(line > lines->last && is_message(why), "a fault for each line");
    lines->last = line;
    lines->faults++;
}

static void check_grammar(struct piece file)
{
    struct lines first = {0};
    struct lines again = {0};
    struct config_file_reader reader = {
        .assignment = assignment, .fault = fault, .context = &first};
    unsigned faults = config_file_parse(file.text, file.length, &reader);
    must_hold(faults == first.faults && faults <= CONFIG_FILE_FAULTS, "faults are counted");
    reader.context = &again;
    config_file_parse(first.written != NULL ? first.written : "", first.used, &reader);
    /* A line may have become too long by its escapes. */
    must_hold(again.faults > 0 ||
                  (again.assignments == first.assignments && again.used == first.used &&
                   (first.used == 0 || (first.written != NULL && again.written != NULL &&
                                        memcmp(first.written, again.written, first.used) == 0))),
              "what is written again reads the same");
    free(first.written);
    free(again.written);
}

/* ---- The whole ---- */

struct findings {
    unsigned errors;
    char first[sizeof((struct diag *)NULL)->text];
};

static void finding(void *context, bool error, const char *name, const char *text)
{
    struct findings *findings = context;
    must_hold(is_message(text), "a printable message");
    must_hold(name == NULL || is_message(name), "a printable name");
    must_hold(strstr(text, SECRET) == NULL, "no value of others");
    if (error && findings->errors++ == 0) {
        snprintf(findings->first, sizeof findings->first, "%s", text);
    }
}

static bool is_url(const char *text)
{
    return strncmp(text, "https://", 8) == 0 && is_message(text) &&
           strpbrk(text, " \"<>\\^`{|}") == NULL;
}

static void check_good(const struct config *config)
{
    unsigned sources = (config->jwks_uri != NULL ? 1u : 0u) +
                       (config->jwks_file != NULL ? 1u : 0u) +
                       (config->discovery_uri != NULL ? 1u : 0u);
    must_hold(is_message(config->issuer) && strchr(config->issuer, ' ') == NULL, "an issuer");
    must_hold(config->audiences[0] != NULL, "an audience");
    for (size_t i = 0; config->audiences[i] != NULL; i++) {
        must_hold(is_message(config->audiences[i]) && strpbrk(config->audiences[i], " ,") == NULL,
                  "audiences");
    }
    must_hold(config->algs != 0 && (config->algs & ~JWA_ALL) == 0, "algorithms");
    must_hold(sources == 1, "one source of keys");
    must_hold(config->jwks_uri == NULL ||
                  (is_url(config->jwks_uri) && strchr(config->jwks_uri, '#') == NULL),
              "a URL to fetch");
    must_hold(config->discovery_uri == NULL || is_url(config->discovery_uri), "a URL to fetch");
    must_hold(config->jwks_file == NULL || config->jwks_file[0] == '/', "an absolute path");
    must_hold(config->cache_dir == NULL || config->cache_dir[0] == '/', "an absolute path");
    must_hold(config->ttl >= 1 && config->ttl <= config->max_stale && config->cooldown >= 0,
              "times");
    must_hold(config->leeway >= 0 && config->leeway <= 300, "a leeway");
    must_hold(is_message(config->realm) && strpbrk(config->realm, "\"\\") == NULL, "a realm");
    must_hold((unsigned)config->log_level < LOG_LEVEL__MAX && config->role <= ROLE_DENY, "words");
}

static bool same(const char *one, const char *other)
{
    return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

static void check_same(const struct config *one, const struct config *other)
{
    must_hold(same(one->issuer, other->issuer) && same(one->jwks_uri, other->jwks_uri) &&
                  same(one->jwks_file, other->jwks_file) &&
                  same(one->discovery_uri, other->discovery_uri) &&
                  same(one->cache_dir, other->cache_dir) && same(one->ca_file, other->ca_file) &&
                  same(one->proxy, other->proxy) && same(one->realm, other->realm) &&
                  one->algs == other->algs && one->ttl == other->ttl &&
                  one->max_stale == other->max_stale && one->cooldown == other->cooldown &&
                  one->leeway == other->leeway && one->role == other->role &&
                  one->log_level == other->log_level &&
                  one->refresh_external == other->refresh_external,
              "the child's configuration is ours");
    for (size_t i = 0; one->audiences[i] != NULL; i++) {
        must_hold(same(one->audiences[i], other->audiences[i]), "the child's audiences are ours");
    }
}

static struct config *load(char *const *environment, struct findings *findings)
{
    const struct config_origin origin = {.environment = environment, .program_owner = (uid_t)-1};
    const struct config_report report = {.finding = finding, .context = findings};
    struct diag diag = {""};
    struct config *config = config_load(&origin, &report, &diag);
    must_hold((config != NULL) == (findings->errors == 0), "a configuration, or errors");
    must_hold(strcmp(diag.text, findings->first) == 0, "the first error");
    return config;
}

/* These lines, then BEARER_CONFIG and a HOME. The caller's, and each entry before BEARER_CONFIG. */
static char **environment_of(struct piece lines)
{
    static char home[] = "HOME=/nonexistent";
    size_t count = 0;
    char **environment = have(calloc(lines.length / 2 + 4, sizeof *environment));
    while (lines.length > 0) {
        char *line = string_copy(take_until(&lines, '\n'));
        if (*line == '\0' || strncmp(line, "BEARER_CONFIG", 13) == 0) {
            free(line);
        } else {
            environment[count++] = line;
        }
    }
    environment[count++] = variable;
    environment[count] = home;
    return environment;
}

static void check_whole(struct piece file, struct piece lines)
{
    static const char tail[] = "\nDB_PASSWORD=" SECRET "\n";
    struct findings findings = {0};
    struct findings none = {0};
    char **environment = environment_of(lines);
    const size_t length = file.length + sizeof tail - 1;
    must_hold(pwrite(file_there, file.text, file.length, 0) == (ssize_t)file.length &&
                  pwrite(file_there, tail, sizeof tail - 1, (off_t)file.length) ==
                      sizeof tail - 1 &&
                  ftruncate(file_there, (off_t)length) == 0,
              "a file to read");
    struct config *config = load(environment, &findings);
    if (config != NULL) {
        check_good(config);
        char **child = have(config_environment(config));
        struct config *again = load(child, &none);
        must_hold(again != NULL, "the child takes it: %s", none.first);
        check_good(again);
        check_same(config, again);
        config_free(again);
        config_environment_free(child);
    }
    config_free(config);
    for (size_t i = 0; environment[i] != variable; i++) {
        free(environment[i]);
    }
    free(environment);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char mark[] = "\n%%\n";
    struct piece file = {(const char *)data, size};
    struct piece lines = {"", 0};
    const char *found = memmem(data, size, mark, sizeof mark - 1);
    if (found != NULL) {
        file.length = (size_t)(found - file.text);
        lines.text = found + sizeof mark - 1;
        lines.length = size - file.length - (sizeof mark - 1);
    }
    if (size > 0 && memmem(data, size, SECRET, sizeof SECRET - 1) == NULL) {
        check_grammar(file);
        check_whole(file, lines);
    }
    return 0;
}
