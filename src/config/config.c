#include "config/config.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "config/config_internal.h"

#define NEAR_MAX  3  /* edits that may lie between a mistyped name and the one that was meant */
#define NAME_MAX_ 63 /* octets; a longer name is near none of ours */

/* Every name there is, by kind. A name that is not here and begins with BEARER_ is refused wherever it is met. */
static const struct {
    const char *name;
    enum config_kind kind;
} names[] = {
    [CONFIG_AUTH0_DOMAIN] = {"AUTH0_DOMAIN", CONFIG_KIND_SETTING},
    [CONFIG_AUTH0_API_AUDIENCE] = {"AUTH0_API_AUDIENCE", CONFIG_KIND_SETTING},
    [CONFIG_AUTH0_ISSUER] = {"AUTH0_ISSUER", CONFIG_KIND_SETTING},
    [CONFIG_AUTH0_ALGORITHMS] = {"AUTH0_ALGORITHMS", CONFIG_KIND_SETTING},
    [CONFIG_BEARER_JWKS_URI] = {"BEARER_JWKS_URI", CONFIG_KIND_SETTING},
    [CONFIG_BEARER_CACHE_DIR] = {"BEARER_CACHE_DIR", CONFIG_KIND_SETTING},
    [CONFIG_BEARER_REFRESH] = {"BEARER_REFRESH", CONFIG_KIND_SETTING},
    [CONFIG_BEARER_JWKS_TTL] = {"BEARER_JWKS_TTL", CONFIG_KIND_SETTING},
    [CONFIG_BEARER_JWKS_MAX_STALE] = {"BEARER_JWKS_MAX_STALE", CONFIG_KIND_SETTING},
    [CONFIG_BEARER_JWKS_COOLDOWN] = {"BEARER_JWKS_COOLDOWN", CONFIG_KIND_SETTING},
    [CONFIG_BEARER_LEEWAY] = {"BEARER_LEEWAY", CONFIG_KIND_SETTING},
    [CONFIG_BEARER_CA_FILE] = {"BEARER_CA_FILE", CONFIG_KIND_SETTING},
    [CONFIG_BEARER_PROXY] = {"BEARER_PROXY", CONFIG_KIND_SETTING},
    [CONFIG_BEARER_REALM] = {"BEARER_REALM", CONFIG_KIND_SETTING},
    [CONFIG_BEARER_LOG_LEVEL] = {"BEARER_LOG_LEVEL", CONFIG_KIND_SETTING},
    [CONFIG_BEARER_ROLE] = {"BEARER_ROLE", CONFIG_KIND_SETTING},
    [CONFIG_BEARER_FORWARD_CLAIMS] = {"BEARER_FORWARD_CLAIMS", CONFIG_KIND_SETTING},
    [CONFIG_BEARER_TOKEN_CACHE_BYTES] = {"BEARER_TOKEN_CACHE_BYTES", CONFIG_KIND_SETTING},
    [CONFIG_BEARER_CORS_ORIGINS] = {"BEARER_CORS_ORIGINS", CONFIG_KIND_SETTING},
    [CONFIG_BEARER_DOCS] = {"BEARER_DOCS", CONFIG_KIND_SETTING},
    [CONFIG__MAX] = {"BEARER_CONFIG", CONFIG_KIND_PROCESS},
    [CONFIG__MAX + 1] = {"BEARER_HOME", CONFIG_KIND_PROCESS},
    [CONFIG__MAX + 2] = {"BEARER_REQUIRE", CONFIG_KIND_POLICY},
    [CONFIG__MAX + 3] = {"BEARER_SUB", CONFIG_KIND_OUTPUT},
    [CONFIG__MAX + 4] = {"BEARER_SCOPE", CONFIG_KIND_OUTPUT},
    [CONFIG__MAX + 5] = {"BEARER_PERMISSIONS", CONFIG_KIND_OUTPUT},
    [CONFIG__MAX + 6] = {"BEARER_CLIENT_ID", CONFIG_KIND_OUTPUT},
    [CONFIG__MAX + 7] = {"BEARER_EXP", CONFIG_KIND_OUTPUT},
    [CONFIG__MAX + 8] = {"BEARER_CLAIMS", CONFIG_KIND_OUTPUT},
};
#define NAMES (sizeof names / sizeof names[0])

/* Where it stands in the table; NAMES: nowhere. */
static size_t find(const char *name, size_t length)
{
    size_t i = 0;
    while (i < NAMES && !(strlen(names[i].name) == length && memcmp(names[i].name, name, length) == 0)) {
        i++;
    }
    return i;
}

enum config_kind config_kind(const char *name, size_t length)
{
    size_t found = find(name, length);
    return found < NAMES ? names[found].kind : CONFIG_KIND_UNKNOWN;
}

enum config_name config_setting(const char *name, size_t length)
{
    return (enum config_name)find(name, length);
}

const char *config_name(enum config_name name)
{
    return (unsigned)name < CONFIG__MAX ? names[name].name : "";
}

int config_role_parse(const char *name, enum config_role *role)
{
    static const char *const roles[] = {
        [ROLE_RESPONDER] = "auto", [ROLE_AUTHORIZER] = "authorizer", [ROLE_DENY] = "deny"};
    for (unsigned i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (strcmp(name, roles[i]) == 0) {
            *role = (enum config_role)i;
            return 0;
        }
    }
    return -1;
}

bool config_name_is_ours(const char *name, size_t length)
{
    static const char prefix[] = "BEARER_";
    /* The first letter tells most names apart, and this is asked for each param of each request. */
    return length >= sizeof prefix - 1 && (*name == 'B' || *name == 'b') &&
           strncasecmp(name, prefix, sizeof prefix - 1) == 0;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* Levenshtein's distance, ASCII case aside. Both are at most NAME_MAX_ long. */
static unsigned distance(const char *one, size_t length, const char *other)
{
    unsigned row[NAME_MAX_ + 1];
    size_t columns = strlen(other);
    for (unsigned j = 0; j <= columns; j++) {
        row[j] = j;
    }
    for (size_t i = 0; i < length; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i + 1;
        for (size_t j = 0; j < columns; j++) {
            unsigned changed = diagonal + (upper(one[i]) != other[j] ? 1 : 0);
            unsigned shorter = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
            diagonal = row[j + 1];
            row[j + 1] = changed < shorter ? changed : shorter;
        }
    }
    return row[columns];
}

/* The name that ends like this one from its first underscore on: BEARER_TTL for BEARER_JWKS_TTL, BEARER_DOMAIN for AUTH0_DOMAIN. */
static const char *same_end(const char *name, size_t length)
{
    const char *tail = memchr(name, '_', length);
    size_t tail_length = tail != NULL ? length - (size_t)(tail - name) : 0;
    for (size_t i = 0; tail_length > 3 && i < NAMES; i++) {
        size_t whole = strlen(names[i].name);
        if (names[i].kind != CONFIG_KIND_OUTPUT && whole > tail_length &&
            strncasecmp(names[i].name + whole - tail_length, tail, tail_length) == 0) {
            return names[i].name;
        }
    }
    return NULL;
}

/* The name that begins with this one: BEARER_TOKEN_CACHE_BYTES for BEARER_TOKEN_CACHE. */
static const char *same_start(const char *name, size_t length)
{
    for (size_t i = 0; i < NAMES; i++) {
        if (names[i].kind != CONFIG_KIND_OUTPUT && strncasecmp(names[i].name, name, length) == 0 &&
            names[i].name[length] == '_') {
            return names[i].name;
        }
    }
    return NULL;
}

const char *config_nearest(const char *name, size_t length)
{
    if (length == 0 || length > NAME_MAX_) {
        return NULL;
    }
    const char *best = NULL;
    unsigned best_distance = NEAR_MAX + 1;
    for (size_t i = 0; i < NAMES; i++) {
        unsigned d = distance(name, length, names[i].name);
        if (names[i].kind != CONFIG_KIND_OUTPUT && d < best_distance) {
            best = names[i].name;
            best_distance = d;
        }
    }
    const char *part = best_distance < NEAR_MAX ? best : same_end(name, length);
    part = part != NULL ? part : same_start(name, length);
    return part != NULL ? part : best;
}

__attribute__((format(printf, 4, 0))) static void tell(struct config_build *build, bool error,
                                                       const char *name, const char *format, va_list args)
{
    struct diag text;
    diag_vset(&text, format, args);
    if (error && build->errors++ == 0) {
        diag_set(build->diag, "%s", text.text);
    }
    if (build->report != NULL) {
        build->report->finding(build->report->context, error, name, text.text);
    }
}

void config_finding(struct config_build *build, bool error, const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell(build, error, name, format, args);
    va_end(args);
}

/* A setting that was not given: where it was looked for. */
static void tell_missing(struct config_build *build, bool error, const char *name, const char *message)
{
    char file[CONFIG_SHOWN_MAX];
    if (build->config->file != NULL) {
        config_finding(build, error, name, "%s: %s (looked for in the environment and in %s)", name, message,
                       config_shown(file, build->config->file));
    } else {
        config_finding(
            build, error, name,
            "%s: %s (looked for in the environment; there is no bearer.env beside the program%s%s)", name,
            message, build->origin->sysconf_file != NULL ? ", and no " : "",
            build->origin->sysconf_file != NULL ? build->origin->sysconf_file : "");
    }
}

/* Puts the name and where it was set before the message. */
__attribute__((format(printf, 4, 0))) static void
tell_setting(struct config_build *build, bool error, enum config_name name, const char *format, va_list args)
{
    const struct config_value *value = &build->config->values[name];
    struct diag message;
    char file[CONFIG_SHOWN_MAX];
    diag_vset(&message, format, args);
    const char *text = config_name(name);
    if (value->source == CONFIG_FROM_FILE) {
        config_finding(build, error, text, "%s (%s:%u): %s", text, config_shown(file, build->config->file),
                       value->line, message.text);
    } else if (value->source == CONFIG_FROM_ENVIRONMENT) {
        config_finding(build, error, text, "%s (environment): %s", text, message.text);
    } else {
        tell_missing(build, error, text, message.text);
    }
}

void config_refuse(struct config_build *build, enum config_name name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    build->refused[name] = true;
    tell_setting(build, true, name, format, args);
    va_end(args);
}

void config_warn(struct config_build *build, enum config_name name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    tell_setting(build, false, name, format, args);
    va_end(args);
}

bool config_have_memory(struct config_build *build, const void *allocated)
{
    if (allocated == NULL) {
        config_finding(build, true, NULL, "out of memory while the configuration was read");
    }
    return allocated != NULL;
}

const char *config_given(const struct config_build *build, enum config_name name)
{
    return build->refused[name] ? NULL : build->config->values[name].text;
}

const char *config_shown(char *out, const char *text)
{
    return log_escape(out, CONFIG_SHOWN_MAX, text, strlen(text));
}

char *config_format(const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    return n < 0 ? NULL : text;
}

struct config *config_load(const struct config_origin *origin, const struct config_report *report,
                           struct diag *diag)
{
    struct config *config CLEANUP(config_cleanup) = calloc(1, sizeof *config);
    struct config_build build = {.config = config, .origin = origin, .report = report, .diag = diag};
    if (!config_have_memory(&build, config)) {
        return NULL;
    }
    config->program_owner = origin->program_owner;
    if (origin->program_dir != NULL) {
        config->program_dir = strdup(origin->program_dir);
        config_have_memory(&build, config->program_dir);
    }
    if (config_read(&build)) {
        config_check(&build);
    }
    return build.errors == 0 ? steal(&config) : NULL;
}

static void free_list(char **list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        free(list[i]);
    }
    free(list);
}

void config_free(struct config *config)
{
    if (config == NULL) {
        return;
    }
    for (unsigned i = 0; i < CONFIG__MAX; i++) {
        free(config->values[i].text);
    }
    free_list(config->audiences);
    free_list(config->forward_claims);
    free_list(config->cors_origins);
    free(config->docs);
    free(config->file);
    free(config->program_dir);
    free(config->issuer);
    free(config->jwks_uri);
    free(config->jwks_file);
    free(config->discovery_uri);
    free(config->cache_dir);
    free(config->ca_file);
    free(config->proxy);
    free(config->realm);
    free(config);
}

void config_cleanup(struct config **config)
{
    config_free(*config);
}

const char *config_keys_uri(const struct config *config)
{
    return config->jwks_uri != NULL ? config->jwks_uri : config->discovery_uri;
}

bool config_has_audience(const struct config *config, const char *text, size_t length)
{
    for (size_t i = 0; config->audiences[i] != NULL; i++) {
        if (strlen(config->audiences[i]) == length && memcmp(config->audiences[i], text, length) == 0) {
            return true;
        }
    }
    return false;
}
