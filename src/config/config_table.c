/* SPDX-License-Identifier: MIT */
#include "config/config_table.h"

#include <string.h>
#include <strings.h>

#include "base/ascii.h"

#define NEAR_MAX  3  /* edits that may lie between a mistyped name and the one that was meant */
#define NAME_MAX_ 63 /* octets; a longer name is near none of ours */

/* Every name there is, in the order of enum config_name, and then the others. A name that is not
 * here and begins with BEARER_ is refused wherever it is met. */
static const struct {
    const char *name;
    size_t length;
    enum config_kind kind;
    /* Of a setting or alias: which one it is. */
    enum config_name meant;
} names[] = {
#define SETTING(name, field, kind, scope, usual, min, max, help) \
    {#name, sizeof #name - 1, CONFIG_KIND_SETTING, CONFIG_##name},
#define ALIAS(name, setting) {#name, sizeof #name - 1, CONFIG_KIND_SETTING, CONFIG_##setting},
#define NAME(name, kind)     {#name, sizeof #name - 1, CONFIG_KIND_##kind, CONFIG__MAX},
#include "config/settings.def"
};
#define NAMES (sizeof names / sizeof names[0])

static const struct config_row rows[CONFIG__MAX] = {
#define SETTING(name, field, kind, scope, usual, min, max, help) \
    {#name,                                                      \
     offsetof(struct config, field),                             \
     CONFIG_VALUE_##kind,                                        \
     CONFIG_SCOPE_##scope,                                       \
     usual,                                                      \
     min,                                                        \
     max,                                                        \
     help},
#include "config/settings.def"
};

/* Where it stands in the table; NAMES: nowhere. */
static size_t find(const char *name, size_t length)
{
    size_t i = 0;
    while (i < NAMES && !(names[i].length == length && memcmp(names[i].name, name, length) == 0)) {
        i++;
    }
    return i;
}

enum config_kind config_kind(const char *name, size_t length)
{
    static const char claim[] = CONFIG_CLAIM_VARIABLE;
    size_t found = find(name, length);
    if (found < NAMES) {
        return names[found].kind;
    }
    return length >= sizeof claim && memcmp(name, claim, sizeof claim - 1) == 0
               ? CONFIG_KIND_OUTPUT
               : CONFIG_KIND_UNKNOWN;
}

enum config_name config_setting(const char *name, size_t length)
{
    return (enum config_name)find(name, length);
}

const struct config_row *config_row(enum config_name name)
{
    return &rows[config_meant(name)];
}

const char *config_name(enum config_name name)
{
    return (unsigned)name < CONFIG__NAMES ? names[name].name : "";
}

enum config_name config_meant(enum config_name alias)
{
    return (unsigned)alias < CONFIG__NAMES ? names[alias].meant : 0;
}

const char *config_spelling(const struct config *config, enum config_name name)
{
    const char *given = config->values[name].name;
    return given != NULL ? given : config_name(name);
}

bool config_profile_name_is_good(const char *name, size_t length)
{
    static const char first[] = CONFIG_DEFAULT_PROFILE;
    bool good = length > 0 && length <= CONFIG_PROFILE_NAME_MAX &&
                (length != sizeof first - 1 || memcmp(name, first, length) != 0);
    for (size_t i = 0; i < length && good; i++) {
        good = ascii_is_lower(name[i]) || (name[i] >= '0' && name[i] <= '9') || name[i] == '-';
    }
    return good;
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
            unsigned changed = diagonal + (ascii_upper(one[i]) != other[j] ? 1 : 0);
            unsigned shorter = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
            diagonal = row[j + 1];
            row[j + 1] = changed < shorter ? changed : shorter;
        }
    }
    return row[columns];
}

/* The name that ends like this one from its first underscore on: BEARER_TTL for BEARER_JWKS_TTL,
 * BEARER_DOMAIN for AUTH0_DOMAIN. */
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
