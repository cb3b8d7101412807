/* SPDX-License-Identifier: MIT */
/* A configuration while it is made, and what is said of it meanwhile. For the config_*.c files. */
#ifndef FB_CONFIG_CONFIG_BUILD_H
#define FB_CONFIG_CONFIG_BUILD_H

#include "base/diag.h"
#include "config/config_table.h"
#include "config/config_types.h"

struct config_build {
    /* Being filled. */
    struct config *config;
    const struct config_origin *origin;
    /* May be NULL. */
    const struct config_report *report;
    /* May be NULL; gets the first error. */
    struct diag *diag;
    unsigned errors;
    /* Of a profile beside `default`: that one's; else NULL. */
    const struct config_build *defaults;
    /* The setting's value is wrong: already said, so nothing is made of it. */
    bool refused[CONFIG__NAMES];
};

/* One error or warning, whole. `name` may be NULL. */
void config_finding(struct config_build *build, bool error, const char *name, const char *format,
                    ...) __attribute__((format(printf, 4, 5)));

/* An error or warning about a setting; its name and where it was set, or, of one that was not
 * given, where it was looked for, are put around it. */
void config_refuse(struct config_build *build, enum config_name name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void config_warn(struct config_build *build, enum config_name name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* False, and an error, if `allocated` is NULL: memory ran out. */
bool config_have_memory(struct config_build *build, const void *allocated);

/* A copy of the text, which belongs to the configuration at once, into the member *to, and an error
 * if there is no memory for it. */
void config_keep(struct config_build *build, const char *text, char **to);

/* A value as it may be shown: escaped and cut. `out` has CONFIG_SHOWN_MAX octets. */
#define CONFIG_SHOWN_MAX 200
const char *config_shown(char *out, const char *text);

/* Where a setting was given: "FILE:LINE" or "environment". `out` has CONFIG_PLACE_MAX octets. */
#define CONFIG_PLACE_MAX (CONFIG_SHOWN_MAX + 16)
const char *config_place(const struct config_build *build, enum config_name name, char *out);

/* What was given for `name` and not refused, else NULL. Borrowed. */
const char *config_given(const struct config_build *build, enum config_name name);

#endif
