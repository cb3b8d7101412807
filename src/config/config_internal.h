/* What the config_*.c files share while a configuration is made. Nobody else includes it. */
#ifndef FB_CONFIG_CONFIG_INTERNAL_H
#define FB_CONFIG_CONFIG_INTERNAL_H

#include "config/config.h"

struct config_build {
    struct config *config; /* being filled */
    const struct config_origin *origin;
    const struct config_report *report; /* may be NULL */
    struct diag *diag;                  /* may be NULL; the first error */
    unsigned errors;
    bool refused[CONFIG__MAX]; /* its value is wrong: already said, so nothing is made of it */
};

/* One error or warning, whole. `name` may be NULL. */
void config_finding(struct config_build *build, bool error, const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* An error or warning about a setting; its name and where it was set are put before it. */
void config_refuse(struct config_build *build, enum config_name name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void config_warn(struct config_build *build, enum config_name name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* False, and an error, if `allocated` is NULL: memory ran out. */
bool config_have_memory(struct config_build *build, const void *allocated);

/* False if a value holds an octet outside ASCII. Control characters were refused when it was read. */
bool config_is_ascii(const char *text);

/* What was given for `name` and not refused, else NULL. Borrowed. */
const char *config_given(const struct config_build *build, enum config_name name);

/* A value as it may be shown: escaped and cut. `out` has CONFIG_SHOWN_MAX octets. */
#define CONFIG_SHOWN_MAX 200
const char *config_shown(char *out, const char *text);

/* The setting of exactly this name, whose kind is CONFIG_KIND_SETTING. */
enum config_name config_setting(const char *name, size_t length);

/* The value of a variable in an environment, borrowed; NULL: not set. */
const char *config_variable(char *const *environment, const char *name);

/* The steps, each in a file of its own. They count errors in `build`. */
/* config_read.c: file and environment into values[]. False: not all that was given is known, so nothing is to be missed. */
bool config_read(struct config_build *build);
void config_check(struct config_build *build);          /* config_check.c: values[] into the rest */
void config_check_identity(struct config_build *build); /* config_uri.c: issuer and where its keys are */
void config_check_proxy(struct config_build *build);    /* config_uri.c */
void config_check_web(struct config_build *build);      /* config_web.c: what browsers need */

/* The items of a setting that was given, separated by spaces or commas, in quotes where they hold those: into *list, which belongs to the configuration at once. There are none, or not
 * all, where an error was said. In config_check.c. */
void config_check_list(struct config_build *build, enum config_name name, const char *text, char ***list);

/* True if it is "host", "host:port" or "[address]:port" (RFC 3986, section 3.2). In config_uri.c. */
bool config_is_authority(const char *text, size_t length);

/* True if an absolute path was given for `name` and the file there is safe to use (safefile.h). */
bool config_check_file(struct config_build *build, enum config_name name, const char *path);

/* The files that may hold the configuration: the first that is there does. One whose name is not an absolute path is left out. */
struct config_places {
    const char *paths[2]; /* borrowed from the origin, and from `beside` */
    unsigned count;
    char *beside;
};

/* In config_origin.c, like config_default_cache_dir(). False: out of memory. */
bool config_places(const struct config_origin *origin, struct config_places *places);
void config_places_clear(struct config_places *places); /* for CLEANUP() */

/* Where the key cache is by default (NULL: nowhere); the caller's. */
char *config_default_cache_dir(const struct config_origin *origin);

/* asprintf(), but NULL when it fails. The caller's. */
char *config_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
