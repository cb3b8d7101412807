/* SPDX-License-Identifier: MIT */
/* What a configuration is, made of the rows of settings.def. */
#ifndef FB_CONFIG_CONFIG_TYPES_H
#define FB_CONFIG_CONFIG_TYPES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/log.h"
#include "jose/jwa.h"

/* The settings, in the order in which doctor prints them; behind them the second names of some,
 * which only config_read.c meets. */
enum config_name {
#define SETTING(name, field, kind, scope, usual, min, max, help) CONFIG_##name,
#include "config/settings.def"
    CONFIG__MAX,
    CONFIG__LAST = CONFIG__MAX - 1,
#define ALIAS(name, setting) CONFIG_##name,
#include "config/settings.def"
    CONFIG__NAMES
};

/* Where a name belongs. */
enum config_kind {
    /* Not a name of ours. */
    CONFIG_KIND_UNKNOWN = 0,
    /* Process environment or file. */
    CONFIG_KIND_SETTING,
    /* Process environment only. */
    CONFIG_KIND_PROCESS,
    /* The web server's params for a location only. */
    CONFIG_KIND_POLICY,
    /* What an authorizer says to the guarded program; may come back as a param, and says nothing
     * here. */
    CONFIG_KIND_OUTPUT,
};

enum config_source { CONFIG_FROM_DEFAULT = 0, CONFIG_FROM_ENVIRONMENT, CONFIG_FROM_FILE };

/* What a process, or a request, is for: the later, the stricter; of several that are said, the
 * strictest counts. */
enum config_role {
    /* `auto`: what the web server says, and it says nothing else. */
    ROLE_RESPONDER = 0,
    /* Allows or denies; never acts as responder. */
    ROLE_AUTHORIZER,
    /* Shows a denial again; never allows. */
    ROLE_DENY,
};

/* The type of a setting's member, by the kind in its row. */
#define CONFIG_TYPE_ALGORITHMS unsigned
#define CONFIG_TYPE_BYTES      size_t
#define CONFIG_TYPE_CLAIM      char *
#define CONFIG_TYPE_CLAIMS     struct config_claim * /* ends with one without a name */
#define CONFIG_TYPE_DOCS       char *
#define CONFIG_TYPE_FILE       char *
#define CONFIG_TYPE_FORMAT     bool
#define CONFIG_TYPE_HEADER     char *
#define CONFIG_TYPE_HOST       char *
#define CONFIG_TYPE_KEYS       char *
#define CONFIG_TYPE_LEVEL      enum log_level
#define CONFIG_TYPE_LIST       char ** /* NULL-terminated */
#define CONFIG_TYPE_ORIGINS    char ** /* NULL-terminated */
#define CONFIG_TYPE_PATH       char *
#define CONFIG_TYPE_POINTER    char *
#define CONFIG_TYPE_PROXY      char *
#define CONFIG_TYPE_QUOTABLE   char *
#define CONFIG_TYPE_REFRESH    bool
#define CONFIG_TYPE_ROLE       enum config_role
#define CONFIG_TYPE_SECONDS    int64_t
#define CONFIG_TYPE_SWITCH     bool
#define CONFIG_TYPE_TENANTS    char ** /* NULL-terminated */
#define CONFIG_TYPE_TEXT       char *
#define CONFIG_TYPE_TYP        bool

#define CONFIG_PROFILES_MAX     256 /* `default` counted */
#define CONFIG_PROFILE_NAME_MAX 32  /* octets */
#define CONFIG_DEFAULT_PROFILE  "default"
#define CONFIG_CLAIM_MAX        128 /* octets of a claim's name, or of a path to one */

/* A claim for the guarded program. */
struct config_claim {
    /* As a member of BEARER_CLAIMS: what was written, without the pointer behind `=`. NULL: the end
     * of a list. */
    char *name;
    /* Where it is: a name, or a JSON Pointer. */
    char *path;
    /* CONFIG_CLAIM_VARIABLE and the name, folded. */
    char *variable;
    /* Another one of the same list, from elsewhere in the token, has that variable, and neither is
     * told by it. */
    bool clashes;
    /* Or even that name: nor is it in BEARER_CLAIMS. */
    bool twice;
};
#define CONFIG_CLAIM_VARIABLE "BEARER_CLAIM_"

struct config_value {
    /* As given, NULL if not given. */
    char *text;
    /* The name by which it was given, its own or an alias; static. NULL if not given. */
    const char *name;
    enum config_source source;
    /* Which file, borrowed from the configuration; of a profile it may be that of `default`. */
    const char *file;
    /* In the file, from 1. */
    unsigned line;
};

/* One profile: an issuer, and what goes with it. Those of a configuration are one list, which
 * `default` owns as its first; the settings of the process are the same in all of them. */
struct config {
    /* CONFIG_DEFAULT_PROFILE, or NAME of NAME.env. */
    char profile[CONFIG_PROFILE_NAME_MAX + 1];
    /* NULL: the last. */
    struct config *next;
    /* Of the first: how many owners there are beside one. */
    atomic_uint others;
    /* What was given for each setting, and what it is. */
    struct config_value values[CONFIG__NAMES];
#define SETTING(name, field, kind, scope, usual, min, max, help) CONFIG_TYPE_##kind field;
#include "config/settings.def"

    /* Absolute path of the file that was read, NULL if none was. */
    char *file;
    /* Absolute path of a file:// URI in BEARER_JWKS_URI, else NULL. */
    char *jwks_file;
    /* https://.../.well-known/openid-configuration if only the issuer is known, else NULL. */
    char *discovery_uri;
    /* BEARER_REQUIRE of NAME.env, in the grammar of requirement.h; NULL: it has none, as `default`
     * never has. */
    char *require;
    /* In the file. */
    unsigned require_line;
    /* By it nobody may pass. */
    bool require_optional;
    /* A set of JWA_BIT: the algorithms of all profiles whose keys come from the same place. */
    unsigned fetched_algs;
    /* Of `default`: each variable that the claims of any profile have, once; borrowed from them,
     * NULL at the end. NULL: there are none. */
    const char **claim_variables;
    /* Of `default`: the absolute path of the directory of the others, NULL: there is none; and
     * config_folder_look() of it right before they were read. */
    char *folder;
    uint64_t folder_sum;
    /* As in the origin; may be NULL. */
    char *program_dir;
    /* As in the origin: may own the files named here. */
    uid_t program_owner;
};

/* Told each thing worth saying, in order; `error` findings mean there is no configuration. `text`
 * is whole: it says the name, where it was set, what is wrong and what to write. `name` (may be
 * NULL) is for those who sort by it. Both are borrowed for the call. */
struct config_report {
    void (*finding)(void *context, bool error, const char *name, const char *text);
    void *context;
};

#endif
