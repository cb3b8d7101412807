/* The configuration: read and checked whole, then never changed (design: a changed file gives a new one).
 *
 * Each variable comes from the process environment, else from a `.env` file: $BEARER_CONFIG (set but empty: no file), else bearer.env
 * beside the program, else SYSCONFDIR/fcgi-bearer/bearer.env. Grammar of the file (config_file.c): NAME=value, spaces around `=`,
 * optional `export`, single or double quotes, `#` comments, CRLF, a byte order mark; no `${}`. */
#ifndef FB_CONFIG_CONFIG_H
#define FB_CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/diag.h"
#include "base/log.h"
#include "jose/jwa.h"

/* Every name of ours (the table `names` in config.c gives each its kind). Order is the order doctor prints. */
enum config_name {
    CONFIG_AUTH0_DOMAIN,
    CONFIG_AUTH0_API_AUDIENCE,
    CONFIG_AUTH0_ISSUER,
    CONFIG_AUTH0_ALGORITHMS,
    CONFIG_BEARER_JWKS_URI,
    CONFIG_BEARER_CACHE_DIR,
    CONFIG_BEARER_REFRESH,
    CONFIG_BEARER_JWKS_TTL,
    CONFIG_BEARER_JWKS_MAX_STALE,
    CONFIG_BEARER_JWKS_COOLDOWN,
    CONFIG_BEARER_LEEWAY,
    CONFIG_BEARER_CA_FILE,
    CONFIG_BEARER_PROXY,
    CONFIG_BEARER_REALM,
    CONFIG_BEARER_LOG_LEVEL,
    CONFIG_BEARER_ROLE,
    CONFIG_BEARER_FORWARD_CLAIMS,
    CONFIG_BEARER_TOKEN_CACHE_BYTES,
    CONFIG_BEARER_CORS_ORIGINS,
    CONFIG_BEARER_DOCS,
    CONFIG__MAX
};

enum config_kind {
    CONFIG_KIND_UNKNOWN = 0, /* not a name of ours */
    CONFIG_KIND_SETTING,     /* process environment or file */
    CONFIG_KIND_PROCESS,     /* process environment only: BEARER_CONFIG, BEARER_HOME */
    CONFIG_KIND_POLICY,      /* the web server's params for a location only: BEARER_REQUIRE */
    CONFIG_KIND_OUTPUT, /* what an authorizer says to the guarded program; may come back as a param, and says nothing here */
};

enum config_source { CONFIG_FROM_DEFAULT = 0, CONFIG_FROM_ENVIRONMENT, CONFIG_FROM_FILE };

/* What a process, or a request, is for: the later, the stricter; of several that are said, the strictest counts. */
enum config_role {
    ROLE_RESPONDER = 0, /* `auto`: what the web server says, and it says nothing else */
    ROLE_AUTHORIZER,    /* allows or denies; never acts as responder */
    ROLE_DENY,          /* shows a denial again; never allows */
};

struct config_value {
    char *text; /* as given, NULL if not given */
    enum config_source source;
    unsigned line; /* in the file, from 1 */
};

struct config {
    struct config_value values[CONFIG__MAX];
    char *file; /* absolute path of the file that was read, NULL if none was */

    char *issuer;     /* the exact iss */
    char **audiences; /* accepted aud values, NULL-terminated, at least one */
    unsigned algs;    /* JWA_BIT set, never 0 */
    char *jwks_uri;   /* https://, NULL with keys from a file or by discovery */
    char *jwks_file;  /* absolute path of a file:// URI, else NULL */
    char *
        discovery_uri; /* https://.../.well-known/openid-configuration if only the issuer is known, else NULL */
    char *cache_dir;   /* absolute path; not checked here. NULL if none can be named (no HOME) */
    bool refresh_external;
    int64_t ttl, max_stale, cooldown, leeway; /* seconds */
    char *ca_file;                            /* absolute path or NULL: the system's */
    char *proxy;                              /* NULL: none */
    char *realm;                              /* printable ASCII without '"' and '\' */
    enum log_level log_level;
    enum config_role role;
    size_t token_cache;    /* octets for the verified tokens that a worker remembers; 0: none are */
    char **forward_claims; /* names of claims for the guarded program, NULL-terminated; NULL: none */
    char **cors_origins;   /* as browsers send them, or "*" alone; NULL-terminated; NULL: none */
    char *docs;            /* path of Swagger UI's files, "": nowhere; NULL: no documentation is served */
    char *program_dir;     /* as in the origin; may be NULL */
    uid_t program_owner;   /* as in the origin: may own the files named here */
};

/* Where a configuration comes from. */
struct config_origin {
    char *const *environment; /* of the process, NAME=value, NULL-terminated */
    bool plain_cgi;           /* which is that of a request too: names of kind policy belong there */
    char *program_dir;        /* $BEARER_HOME, else the folder of /proc/self/exe; NULL if unknown */
    uid_t program_owner;      /* (uid_t)-1 if unknown */
    const char *sysconf_file; /* the file read last; NULL: none */
    const char *cache_dir;    /* the key cache's directory if it is there and ours; NULL: none */
    bool
        any_cache_owner; /* root takes `cache_dir` whoever owns it: bearerctl, which then acts as that owner */
};

/* Told each thing worth saying, in order; `error` findings mean there is no configuration. `text` is whole: it says the name, where it was
 * set, what is wrong and what to write. `name` (may be NULL) is for those who sort by it. Both are borrowed for the call. */
struct config_report {
    void (*finding)(void *context, bool error, const char *name, const char *text);
    void *context;
};

/* Fills `origin` from this process and the compiled-in directories: `environment` is borrowed; any_cache_owner is false. Release with
 * config_origin_clear(). */
void config_origin_self(struct config_origin *origin, char *const *environment);
void config_origin_clear(struct config_origin *origin);

/* Reads and checks all of it. All errors and warnings go to `report` (may be NULL), the first error to `diag` too: variable, file
 * and remedy. The configuration is the caller's, to be released with config_free(); NULL: there was an error. No value of a variable whose
 * name is not ours is ever shown. */
struct config *config_load(const struct config_origin *origin, const struct config_report *report,
                           struct diag *diag);
void config_free(struct config *config);
void config_cleanup(struct config **config); /* for CLEANUP() */

/* What a name is, and the name of an index. config_nearest(): the name of ours that a mistyped one is closest to, or NULL. */
enum config_kind config_kind(const char *name, size_t length);
const char *config_name(enum config_name name);
const char *config_nearest(const char *name, size_t length);

/* The settings as an environment for `bearerctl refresh`, which then needs no file: PATH, LANG, BEARER_CONFIG= (empty), BEARER_HOME (so that it sees the owner of the same program), every setting
 * that was given, and BEARER_CACHE_DIR as resolved. NULL-terminated, released with config_environment_free(); NULL: out of memory. */
char **config_environment(const struct config *config);
void config_environment_free(char **environment);

/* True if a name begins with BEARER_ (ASCII case aside): then it is one of ours or it is refused, wherever it is met. */
bool config_name_is_ours(const char *name, size_t length);

/* 0 and *role, or -1 if `name` is none of auto, authorizer, deny. */
int config_role_parse(const char *name, enum config_role *role);

/* The URI that names this issuer's keys: jwks_uri or discovery_uri; NULL with jwks_file. Borrowed. */
const char *config_keys_uri(const struct config *config);

/* Where an issuer's metadata are (OpenID Connect Discovery 1.0, section 4), for an https:// URL without query and fragment. The caller's; NULL: out of memory. */
char *config_discovery_uri(const char *issuer);

/* For lines to copy, into `out` of CONFIG_ITEM_MAX octets. False: it cannot be written, or is too long.
 * config_item(): one item of a list, in quotes where it holds what separates items. config_file_value(): a whole value as it stands in the file. */
#define CONFIG_ITEM_MAX 1024
bool config_item(char *out, const char *text, size_t length);
bool config_file_value(char *out, const char *text);

/* Whether this would do as the URL of an issuer whose metadata are fetched. */
bool config_is_https(const char *text);

/* True if `text` of `length` octets is one of the accepted audiences. */
bool config_has_audience(const struct config *config, const char *text, size_t length);

#endif
