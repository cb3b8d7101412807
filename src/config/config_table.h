/* SPDX-License-Identifier: MIT */
/* The table of names and of settings (settings.def). */
#ifndef FB_CONFIG_CONFIG_TABLE_H
#define FB_CONFIG_CONFIG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config_types.h"

/* How text becomes a value, CONFIG_VALUE_ and the kind in the row. */
enum config_value_kind {
    CONFIG_VALUE_ALGORITHMS,
    CONFIG_VALUE_BYTES,
    CONFIG_VALUE_CLAIM,
    CONFIG_VALUE_CLAIMS,
    CONFIG_VALUE_DOCS,
    CONFIG_VALUE_FILE,
    CONFIG_VALUE_FORMAT,
    CONFIG_VALUE_HEADER,
    CONFIG_VALUE_HOST,
    CONFIG_VALUE_KEYS,
    CONFIG_VALUE_LEVEL,
    CONFIG_VALUE_LIST,
    CONFIG_VALUE_ORIGINS,
    CONFIG_VALUE_PATH,
    CONFIG_VALUE_POINTER,
    CONFIG_VALUE_PROXY,
    CONFIG_VALUE_QUOTABLE,
    CONFIG_VALUE_REFRESH,
    CONFIG_VALUE_ROLE,
    CONFIG_VALUE_SECONDS,
    CONFIG_VALUE_SWITCH,
    CONFIG_VALUE_TENANTS,
    CONFIG_VALUE_TEXT,
    CONFIG_VALUE_TYP,
    CONFIG_VALUE__MAX
};

/* What has a value of its own for a setting. A process has as many profiles (issuers, and what goes
 * with each) as somebody configures; the first, `default`, is that of bearer.env. */
enum config_scope {
    /* The process: all of its profiles have the same. */
    CONFIG_SCOPE_PROCESS,
    /* Each profile; the others have the default's where they do not say otherwise. */
    CONFIG_SCOPE_PROFILE,
    /* Each profile, and it never comes from another one: whose tokens are taken, and for what. */
    CONFIG_SCOPE_IDENTITY,
};

/* The row of a setting, as settings.def explains it. */
struct config_row {
    const char *name;
    /* Of the member in struct config. */
    size_t offset;
    enum config_value_kind kind;
    enum config_scope scope;
    const char *usual;
    int64_t min, max;
    const char *help;
};

/* The row of a setting, an alias's too; never NULL. */
const struct config_row *config_row(enum config_name name);

/* Its name. */
const char *config_name(enum config_name name);

/* The name by which it was given, or its own. */
const char *config_spelling(const struct config *config, enum config_name name);

/* The setting or alias of exactly this name, whose kind is CONFIG_KIND_SETTING. */
enum config_name config_setting(const char *name, size_t length);

/* The setting that an alias is a name of. */
enum config_name config_meant(enum config_name alias);

/* What a name is; whatever begins with CONFIG_CLAIM_VARIABLE is an output. */
enum config_kind config_kind(const char *name, size_t length);

/* The name of ours that a mistyped one is closest to, or NULL. */
const char *config_nearest(const char *name, size_t length);

/* True if a name begins with BEARER_ (ASCII case aside): then it is one of ours or it is refused,
 * wherever it is met. */
bool config_name_is_ours(const char *name, size_t length);

/* Whether NAME.env is a profile beside `default`: [a-z0-9-], CONFIG_PROFILE_NAME_MAX octets at
 * most, and another name than that. */
bool config_profile_name_is_good(const char *name, size_t length);

/* 0 and *role, or -1 if `name` is none of auto, authorizer, deny. */
int config_role_parse(const char *name, enum config_role *role);

#endif
